"""The layers of a network as a comparison looks at them: names, arguments, sizes, tensors.

Which layers of two networks belong together is left to `align`, what became of them to `compare`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis.cost import Totals, layer_totals
from netspec.analysis.initialisation import choices
from netspec.analysis.summary import LISTED_LAYERS, TooManyLayers
from netspec.graph.graph import Network, OpNode, Weight
from netspec.graph.initial import Initialisation
from netspec.graph.shape import Shape
from netspec.graph.walk import flatten
from netspec.ops.initialisation import METHODS
from netspec.ops.values import shown
from netspec.record import record

#: Arguments that follow from the input, or are said by another one.
_FOLLOWS = {"dwconv": ("filters", "groups")}
_SAID_ELSEWHERE = frozenset({"padding_word"})


@record(eq=False)
class Layer:
    """One layer or merge of a network, in execution order.

    `path` is its full name, "" for a merge without a label; a use of shared weights has the name of
    the layer whose weights it uses, and `shared` set. `scope` is the block that it stands in.
    `inputs` are the places of earlier layers of the same list. `arguments` are written as the
    language writes them.
    """

    index: int
    path: str
    scope: str
    op: str
    arguments: Mapping[str, str]
    inputs: tuple[int, ...]
    output: Shape
    weights: tuple[Weight, ...]
    totals: Totals
    training: bool
    shared: bool
    line: int

    @property
    def name(self) -> str:
        """What to call it: its path, or its kind and where it stands."""
        if self.path:
            return self.path
        return f"{self.scope}.({self.op})" if self.scope else f"({self.op})"

    @property
    def numbered(self) -> bool:
        """Whether its name is no more than its kind and an ordinal, and nothing hangs on it."""
        last = self.path.rpartition(".")[2]
        return not self.weights and last.rstrip("0123456789") == self.op

    @property
    def shapes(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Its tensors, by name and shape."""
        return tuple((weight.name, weight.shape) for weight in self.weights)


def layers_of(network: Network) -> list[Layer]:
    """Every layer and input, calls and repeats expanded. Raises TooManyLayers."""
    if network.root.size > LISTED_LAYERS:
        raise TooManyLayers(
            f"{network.name} expands to {network.root.size:,} layers; "
            f"at most {LISTED_LAYERS:,} are compared one by one"
        )
    found: list[Layer] = []
    chosen = choices(network)
    written: dict[OpNode, Mapping[str, str]] = {}
    for flat in flatten(network).nodes:
        node, shared = flat.node, flat.shares is not None
        # Layers of a repeat are one node, which is written out once.
        if node not in written:
            written[node] = written_arguments(node)
        arguments = written[node]
        choice = chosen.get(flat.path)
        if choice is not None:
            arguments = {**arguments, "init": _beginning(choice.of)}
        own = layer_totals(node, tuple(found[i].output for i in flat.inputs))
        found.append(
            Layer(
                index=flat.index,
                path=flat.path or flat.shares or "",
                scope=flat.scope,
                op=node.op,
                arguments=arguments,
                inputs=flat.inputs,
                output=node.shape,
                weights=node.weights,
                totals=own.seen(training=flat.training, shared=shared),
                training=flat.training,
                shared=shared,
                line=node.span.line,
            )
        )
    return found


def written_arguments(node: OpNode) -> dict[str, str]:
    """The arguments of a layer, resolved, as the language writes them."""
    attributes = node.attributes
    left = _FOLLOWS.get(node.op, ())
    found = {
        name: _written(name, value)
        for name, value in attributes.items()
        if name not in _SAID_ELSEWHERE and name not in left
    }
    word = attributes.get("padding_word")
    if word is not None:
        found["padding"] = str(word)
    return found


def _beginning(of: Initialisation) -> str:
    """A method with what differs from its defaults: `he mode=fan_out`."""
    words = [of.method]
    given = {**dict(of.settings), "bias": of.bias}
    for parameter in METHODS[of.method].parameters:
        value = given[parameter.name]
        if value != parameter.default:
            words.append(f"{parameter.name}={_written('', value)}")
    return " ".join(words)


def _written(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-")
    if isinstance(value, Shape):
        return str(value)
    if not isinstance(value, tuple) or not value:
        return shown(value)
    if name == "padding":
        return _padding(value)
    if name in ("stride", "dilation") and len(set(value)) == 1:
        return _written("", value[0])
    if name in ("kernel", "stride", "dilation", "dims", "size", "to"):
        return "x".join(_written("", item) for item in value)
    return f"[{', '.join(_written('', item) for item in value)}]"


def _padding(value: tuple[object, ...]) -> str:
    """One number for all sides where it is one, else a list for each axis."""
    sides = [pair if isinstance(pair, tuple) else (pair,) for pair in value]
    if len({side for pair in sides for side in pair}) == 1:
        return _written("", sides[0][0])
    axes = [_written("", pair[0] if len(set(pair)) == 1 else pair) for pair in sides]
    return f"[{', '.join(axes)}]"
