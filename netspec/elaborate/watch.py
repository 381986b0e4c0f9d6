"""Notes how each value of a network came about while it is elaborated, for whoever asks why.

Of nearly no elaboration is anything noted. What becomes of the notes is left to `analysis.why`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.elaborate.bind import Bound
from netspec.elaborate.frame import Context, Preset
from netspec.elaborate.repeat import Plan
from netspec.elaborate.scope import Environment
from netspec.elaborate.values import Flow, Handle, Layer
from netspec.graph.graph import Instance, Node
from netspec.record import record
from netspec.syntax import tree


@record(eq=False)
class Made:
    """The statement that made a node, where it stood, and the value that was current there.

    `bound` are the arguments of a built-in layer or merge, `presets` what `default` statements set
    for a block.
    """

    statement: tree.Statement
    context: Context
    flow: Flow
    bound: Bound | None = None
    presets: Mapping[str, Preset] | None = None


@record(eq=False)
class Spliced:
    """The call of an inline block, whose parameters an environment holds."""

    call: tree.Apply
    layer: Layer
    block: tree.Block
    context: Context
    flow: Flow
    presets: Mapping[str, Preset]


@record(eq=False)
class Iterated:
    """One iteration of a repeat, whose names an environment holds; `flow` came into it."""

    statement: tree.Repeat
    plan: Plan
    index: int
    context: Context
    flow: Flow


@record(eq=False)
class Shared:
    """A use of what is labelled `path` after the first: its value, and the nodes that it made."""

    statement: tree.Share
    path: tuple[str, ...]
    context: Context
    flow: Flow
    value: int
    nodes: range


class Watch:
    """What was noted of one net.

    `made` has the nodes that statements make, `opened` the environments of inline blocks and of
    iterations, `roots` those of blocks and of the net. `aliases` of the net stand outermost first,
    each with the context of its file; `given` are the parameters that were set from outside.
    `contexts` and `inlined` are those in which bodies begin. `uses` are those of shared weights
    that come after the first, for each instance.
    """

    def __init__(self) -> None:
        self.nodes: dict[Node, Made] = {}
        self.opened: dict[Environment, Spliced | Iterated] = {}
        self.roots: dict[Environment, Instance] = {}
        self.contexts: dict[Instance, Context] = {}
        self.inlined: dict[Environment, Context] = {}
        self.aliases: list[tuple[tree.NetAlias, Context]] = []
        self.given: dict[str, tree.Expr] = {}
        self.uses: dict[Instance, list[Shared]] = {}

    def made(
        self,
        value: Flow,
        statement: tree.Statement,
        context: Context,
        flow: Flow,
        bound: Bound | None = None,
    ) -> None:
        """A statement made a value."""
        if isinstance(value, Handle):
            node = context.frame.nodes[value.index]
            self.nodes[node] = Made(statement, context, flow, bound)

    def called(
        self,
        value: Handle,
        layer: Layer,
        call: tree.Apply,
        context: Context,
        flow: Flow,
    ) -> None:
        """A call of a block made a value."""
        presets = dict(context.defaults.get(layer, {}))
        node = context.frame.nodes[value.index]
        self.nodes[node] = Made(call, context, flow, None, presets)

    def spliced(
        self,
        inside: Context,
        layer: Layer,
        block: tree.Block,
        call: tree.Apply,
        context: Context,
        flow: Flow,
    ) -> None:
        """An inline block is about to be spliced in."""
        presets = dict(context.defaults.get(layer, {}))
        self.inlined[inside.environment] = inside
        self.opened[inside.environment] = Spliced(call, layer, block, context, flow, presets)

    def iterated(
        self,
        inside: Context,
        statement: tree.Repeat,
        plan: Plan,
        index: int,
        context: Context,
        flow: Flow,
    ) -> None:
        """An iteration is about to begin."""
        self.opened[inside.environment] = Iterated(statement, plan, index, context, flow)

    def again(
        self,
        value: Handle,
        statement: tree.Share,
        path: tuple[str, ...],
        context: Context,
        flow: Flow,
        start: int,
    ) -> None:
        """Something was used again, with the same weights; its nodes begin at `start`."""
        frame = context.frame
        nodes = range(start, len(frame.nodes))
        use = Shared(statement, path, context, flow, value.index, nodes)
        self.uses.setdefault(frame.instance, []).append(use)

    def entered(self, inside: Context, instance: Instance) -> None:
        """A block or the net is about to be elaborated."""
        self.roots[inside.environment] = instance
        self.contexts[instance] = inside
