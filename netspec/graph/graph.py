"""A network: a tree of shared instances, as plain data.

An `Instance` is one block (or net) elaborated for given arguments and input shapes; wherever it is
called with the same ones, the same object is used. Its nodes stand in execution order, and a value
is the index of the node that makes it. Flattening is left to `walk.py`, costs to `analysis`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from netspec.graph.shape import Shape
from netspec.graph.size import Conditions
from netspec.record import field, record
from netspec.showing import Shown
from netspec.source import SourceFile, Span
from netspec.syntax.tree import Apply, Block, Net, Repeat, Statement

if TYPE_CHECKING:
    from netspec.graph.initial import Initialisation


@record
class Weight:
    """A tensor that a layer owns.

    `name` is appended to the layer's path (`weight`, `bias`, `running_mean`); "" where the path is
    the whole name (`parameter`). `fill` is the constant that it starts from, None for one drawn at
    random, with `fan_in` and `fan_out` as He et al. (2015) and Glorot and Bengio (2010) count them.
    `trainable` is False for buffers; a counter (`num_batches_tracked`) is a buffer of integers,
    which totals leave out.
    """

    name: str
    shape: tuple[int, ...]
    fill: float | None = None
    trainable: bool = True
    counter: bool = False
    fan_in: int = 0
    fan_out: int = 0

    @property
    def elements(self) -> int:
        total = 1
        for dim in self.shape:
            total *= dim
        return total


@record
class Numbered:
    """A name inside a repeat that was not unrolled: `prefix` + (base + sum of step * iteration).

    `steps` has one entry for each enclosing `RepeatNode` of the instance, outermost first.
    """

    prefix: str
    base: int
    steps: tuple[int, ...]

    def at(self, iterations: tuple[int, ...]) -> str:
        number = self.base + sum(s * i for s, i in zip(self.steps, iterations, strict=True))
        return f"{self.prefix}{number}"


Segment = str | Numbered


@record(eq=False, frozen=False, kw_only=True)
class Node:
    """What all nodes have.

    `inputs` are indices of earlier nodes of the same instance. `path` is the name relative to the
    instance (through labelled scopes: `("features", "0")`), empty for what takes no name (inputs,
    merges, taps). `training` marks what exists in training only. `shares` is the index of the node
    whose weights, and whose path, this one has. `via` are the calls of inline blocks, outermost
    first, that it comes from, as far as a name that holds the block stands in them.
    """

    inputs: tuple[int, ...]
    shape: Shape
    span: Span
    statement: Statement | None = None
    path: tuple[Segment, ...] = ()
    training: bool = False
    shares: int | None = None
    via: tuple[Apply, ...] = ()


@record(eq=False, frozen=False, kw_only=True)
class OpNode(Node):
    """One layer or merge. `attributes` are resolved, see the op's family in `ops/`."""

    op: str
    attributes: Mapping[str, object]
    weights: tuple[Weight, ...] = ()


@record(eq=False, frozen=False, kw_only=True)
class CallNode(Node):
    """A call of a block: inputs[0] is the current value, the others are its value parameters."""

    instance: Instance


@record(eq=False, frozen=False, kw_only=True)
class RepeatNode(Node):
    """`count` applications in a row of `body`, which gives back the shape that it takes.

    inputs[0] is the value that the first iteration takes; the others are values of the enclosing
    instance that every iteration reads. Paths in `body` are relative to the enclosing instance.
    """

    body: Instance
    count: int


@record(eq=False, frozen=False, kw_only=True)
class TapNode(Node):
    """A value from inside an earlier call or repeat (`@layer2.1.conv3`).

    `steps` leads inwards: (index of a CallNode or RepeatNode, iteration), the first in this
    instance, each further one in the one before; `value` is an index in the last.
    """

    steps: tuple[tuple[int, int], ...]
    value: int


@record
class Scope:
    """A labelled scope of an instance: what stands behind the label, and where."""

    kind: str  # "sequence", the inline block's name, "concat", "residual", "repeat", "if", …
    span: Span
    result: int | None = None


@record
class Unrolled:
    """A repeat of which some iterations, or all, were elaborated one by one.

    Iteration i made the nodes from `starts[i]` on, up to the next one's start; the last up to
    `end`. Where the last is a `RepeatNode`, it stands for all that are left. `counts` marks the
    repeat of a number, whose one name is the iteration's; others go through a list. `reads` says
    whether the body reads a name of the repeat.
    """

    statement: Repeat
    starts: tuple[int, ...]
    end: int
    counts: bool
    reads: bool

    @property
    def span(self) -> Span:
        return self.statement.span


@record
class Output:
    """An output of a network; `training` where it exists in training only."""

    name: str
    value: int
    span: Span
    training: bool = False


@record(eq=False, frozen=False, weakref_slot=True)
class Instance:
    """A block, net or repeat body elaborated once.

    nodes[: inputs] are the inputs (`op == "input"`): the current value, then value parameters or
    captured values; for a net, its inputs, which may stand anywhere among the nodes and are listed
    by `Network.inputs`. `result` is the index of its last value. `bindings` are its parameters as
    language values, for readers such as the PyTorch backend, which walks `definition`.
    """

    name: str
    definition: Block | Net | None
    bindings: Mapping[str, object]
    inputs: int
    nodes: list[Node] = field(default_factory=list)
    result: int = 0
    scopes: dict[tuple[str, ...], Scope] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    unrolled: list[Unrolled] = field(default_factory=list)
    #: The last node of each `share`, with its statement: nodes have the place of the first ones.
    shared: dict[Node, Span] = field(default_factory=dict, repr=False)
    #: Layers and merges that it expands to, calls and repeats multiplied out.
    size: int = 0
    file: SourceFile | None = None
    #: What its `init` statements ask for, in the order of the text.
    inits: tuple[Initialisation, ...] = ()
    #: What `walk.callees` found, which all that goes through a network asks for.
    known_callees: list[Instance] | None = field(default=None, repr=False)

    @property
    def shape(self) -> Shape:
        return self.nodes[self.result].shape

    def __repr__(self) -> str:
        """Short: written out as a tree, what is shared may be without end."""
        return f"<Instance {self.name}: {len(self.nodes)} nodes>"


@record(eq=False, frozen=False)
class Network(Shown):
    """A net with every parameter bound.

    `inputs` are the (name, index of its input node in `root`); the first of `root.outputs` is
    `out`, the net's last value. `parameters` are the net's own (unset by an alias), with the value
    of each here. `conditions` say which sizes fit where sizes are symbolic. `blocks` are those
    that each file of the spec knows, by the names that they have there.
    """

    name: str
    root: Instance
    inputs: tuple[tuple[str, int], ...]
    parameters: Mapping[str, object]
    conditions: Conditions
    span: Span
    blocks: Mapping[SourceFile, Mapping[str, Block]] = field(default_factory=dict)

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self.root.outputs

    def __repr__(self) -> str:
        nodes = self.root.nodes
        took = ", ".join(str(nodes[index].shape) for _, index in self.inputs)
        gave = ", ".join(str(nodes[o.value].shape) for o in self.outputs if not o.training)
        return f"<Network {self.name}: {took} -> {gave}>"
