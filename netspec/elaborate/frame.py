"""The instance under construction, and the context in which a statement is elaborated."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.elaborate.program import Module
from netspec.elaborate.report import CallSite
from netspec.elaborate.scope import Environment, NameScope
from netspec.elaborate.values import Flow, Handle, Layer
from netspec.graph.graph import Instance, Node, OpNode, Output
from netspec.graph.shape import Shape
from netspec.graph.size import Conditions
from netspec.record import field, record
from netspec.source import Span
from netspec.syntax import tree


@record
class Preset:
    """An argument set by a `default` statement."""

    value: object
    keyword: tree.Keyword


#: For each layer, the arguments that `default` statements set. Those of a layer are never changed,
#: but replaced, so that copies may share them.
Defaults = dict[Layer, Mapping[str, Preset]]


@record
class Assertion:
    """An `assert`, kept until costs are known: it speaks of `instance`.

    `lenient` where parameters or sizes were given from outside: it was written for others.
    """

    statement: tree.Assert
    instance: Instance
    context: Context
    calls: tuple[CallSite, ...]
    #: The value that is current where it stands.
    flow: Flow
    lenient: bool = False


@record
class Waiting:
    """An `init` with its arguments by name, and where it stands."""

    statement: tree.Init
    values: Mapping[str, object]
    context: Context


@record(eq=False, frozen=False)
class Frame:
    """One instance under construction.

    `entry` is the value that came in (in a net: the first input, unknown before it). `prefix` is
    where the instance stands, for messages: of its first call, as others share it.
    """

    instance: Instance
    prefix: tuple[str, ...]
    conditions: Conditions
    net: bool = False
    entry: Flow | None = None
    inputs: list[tuple[str, int, Span]] = field(default_factory=list)
    unlabelled_input: Span | None = None
    outputs: list[Output] = field(default_factory=list)
    training: int = 0
    #: Labels made so far, so that a repeat knows whether its body made any.
    labels: int = 0
    #: Asserts met so far, for the same reason.
    asserts: int = 0
    #: `init` statements, which wait until all labels are known.
    inits: list[Waiting] = field(default_factory=list)

    @property
    def nodes(self) -> list[Node]:
        return self.instance.nodes

    def append(self, node: Node) -> Handle:
        if self.training:
            node.training = True
        nodes = self.instance.nodes
        nodes.append(node)
        return Handle(len(nodes) - 1, node.shape)

    def add_input(self, name: str, shape: Shape, span: Span) -> Handle:
        return self.append(
            OpNode(op="input", inputs=(), shape=shape, span=span, attributes={"name": name})
        )


@record
class Context:
    """Where a statement stands: its instance, its names, its naming scope, its defaults.

    `entry` is `in`: the frame's, or the value at the call of the inline block being spliced.
    """

    frame: Frame
    module: Module
    environment: Environment
    scope: NameScope
    defaults: Defaults
    entry: Flow | None = None
    #: Text seen by the static pass only: references and labels cannot be judged.
    guessing: bool = False

    def inner(self) -> Context:
        """Inside braces: lets and defaults made there end there."""
        return Context(
            self.frame,
            self.module,
            Environment(self.environment),
            self.scope,
            dict(self.defaults),
            self.entry,
            self.guessing,
        )

    def inlined(self, module: Module, entry: Flow) -> Context:
        """In the text of an inline block, which sees the names of its own file alone."""
        return Context(self.frame, module, Environment(), self.scope, {}, entry, self.guessing)

    def within(self, scope: NameScope) -> Context:
        # Written out here and above: `replace` takes five times as long, and every label comes by.
        return Context(
            self.frame,
            self.module,
            self.environment,
            scope,
            self.defaults,
            self.entry,
            self.guessing,
        )

    @property
    def incoming(self) -> Flow | None:
        return self.frame.entry if self.entry is None else self.entry

    def path(self, name: str = "") -> str:
        """The full path of a name of the current scope, for messages."""
        return ".".join((*self.frame.prefix, *self.scope.path, *([name] if name else [])))
