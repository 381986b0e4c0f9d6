"""Finds layers whose units begin alike and would stay alike: constant weights where it matters.

Units with equal weights compute the same and get the same gradient, so that a layer of many does
the work of one (Goodfellow et al., Deep Learning, section 8.4). Which layer begins as what is found
in `initialisation`.
"""

from __future__ import annotations

from collections.abc import Iterable

from netspec import limits
from netspec.analysis.initialisation import Choice, choices, distribution
from netspec.diagnostics import Diagnostic, Remark, help_, note
from netspec.graph.graph import Network, OpNode
from netspec.graph.initial import DRAWN, Initialisation, groups_of, weight_of
from netspec.graph.walk import Flat, FlatNode, flatten, instances
from netspec.record import field, record
from netspec.syntax import tree

#: What makes of equal channels channels that differ: learned tensors, which each are themselves.
_OWN = frozenset({"parameter", "input", "gaussian_noise"})
#: What treats equal channels differently at random, where they are not 0.
_MASKS = frozenset({"dropout", "spatial_dropout", "gaussian_dropout"})


@record(frozen=False)
class _Constant:
    """A layer whose weights begin as one number; `units` see the same inputs."""

    path: str
    choice: Choice
    value: float
    units: int
    hidden: bool
    #: The next layer with weights whose weights are constant too, if only equal channels reach it.
    then: str = ""

    @property
    def wrong(self) -> bool:
        alike = self.units > 1 and self.hidden
        return alike and (bool(self.then) or not self.choice.named)


@record(frozen=False)
class _Fault:
    """A statement that leaves units alike, and the layers that it does so to."""

    layers: list[_Constant] = field(default_factory=list)


def check_symmetry(networks: Iterable[Network]) -> list[Diagnostic]:
    """An error for each `init` that makes the units of some hidden layer alike for good.

    In its place is a constant for the scale of a norm, for the output layer, and for one layer that
    is named: with it a residual branch begins as nothing (Goyal et al. 2017, Zhang et al. 2019).
    Networks that are too large to be looked through layer by layer are not judged.
    """
    faults: dict[tree.Init, _Fault] = {}
    for network in networks:
        if not any(_constant(one) for i in instances(network.root) for one in i.inits):
            continue
        if network.root.size > limits.INITIALISED_LAYERS:
            continue
        seen: dict[tree.Init, None] = {}
        for layer in _layers(flatten(network), choices(network)):
            statement = layer.choice.of.statement
            if layer.wrong and (statement not in faults or statement in seen):
                seen[statement] = None
                faults.setdefault(statement, _Fault()).layers.append(layer)
    return [_diagnostic(statement, fault.layers) for statement, fault in faults.items()]


def _constant(one: Initialisation) -> bool:
    """Whether a statement may give a tensor one number: drawn about 0 by 0, it is one too."""
    if one.method in ("constant", "zeros", "ones"):
        return True
    return any(value == 0 for name, value in one.settings if name != "mean")


def _layers(flat: Flat, chosen: dict[str, Choice]) -> list[_Constant]:
    """The layers with constant weights, in the order of execution."""
    feeding = _feeding(flat)
    constants: dict[str, _Constant] = {}
    #: For each value whose channels are all equal, the constant layers that made them so.
    equal: dict[int, frozenset[str]] = {}
    for layer in flat.nodes:
        node = layer.node
        inputs = [equal.get(i, frozenset()) for i in layer.inputs]
        came = frozenset[str]().union(*inputs) if inputs and all(inputs) else frozenset()
        path = layer.path or layer.shares or ""
        choice = chosen.get(path)
        drawn = _number(choice)
        if node.op in DRAWN:
            if drawn is None:
                continue  # random: what comes out differs from channel to channel
            for before in came:
                constants[before].then = constants[before].then or path
            if layer.path and choice is not None:
                constants[path] = _as_constant(layer, choice, drawn, layer.index in feeding)
            whole = groups_of(node) == 1 or bool(came)
            equal[layer.index] = came | {path} if whole and path in constants else came
        elif node.op in _MASKS and any(constants[name].value for name in came):
            continue
        elif node.op not in _OWN and (choice is None or drawn is not None):
            equal[layer.index] = came
    return list(constants.values())


def _number(choice: Choice | None) -> float | None:
    """The number that a layer's weights all begin as, None where they differ."""
    weight = None if choice is None else weight_of(choice.node)
    if choice is None or weight is None:
        return None
    drawn = distribution(choice.of, choice.node, weight)
    return drawn.scale if drawn.kind == "constant" else None


def _as_constant(layer: FlatNode, choice: Choice, value: float, hidden: bool) -> _Constant:
    return _Constant(layer.path, choice, value, _units(layer.node), hidden)


def _units(node: OpNode) -> int:
    """Units that see the same inputs: those of one group."""
    filters = node.attributes.get("filters", node.attributes.get("units", 1))
    assert isinstance(filters, int)
    return filters // groups_of(node)


def _feeding(flat: Flat) -> set[int]:
    """The values that some layer with weights reads, at once or through others."""
    found: set[int] = set()
    for layer in reversed(flat.nodes):
        if layer.node.op in DRAWN or layer.index in found:
            found.update(layer.inputs)
    return found


def _diagnostic(statement: tree.Init, layers: list[_Constant]) -> Diagnostic:
    first = layers[0]
    value = f"{first.value:g}"
    more = len(layers) - 1
    others = f", and so are those of {more:,} more" if more else ""
    name = first.path
    target = f"{statement.target.span.text} " if statement.target is not None else ""
    source = "(Goodfellow et al., Deep Learning, 8.4)"
    remarks: list[Remark] = [note(f"the layer `{name}` is here", first.choice.node.span)]
    if first.then:
        remarks += [
            note(
                "units that begin alike compute the same and get the same gradients, so they stay "
                f"alike: the layer does the work of one {source}"
            ),
            note(f"nothing is drawn at random between `{name}` and `{first.then}`"),
        ]
    else:
        remarks.append(
            note(
                "units that begin alike compute the same, and only what stands behind them could "
                f"tell them apart {source}"
            )
        )
    remarks.append(help_(f"`init {target}he` draws them at random"))
    if not first.choice.named and not first.then:
        remarks.append(
            help_(
                "where one layer is meant, such as the last of a residual branch, name it: "
                f"`init label {statement.method.id}`"
            )
        )
    return Diagnostic(
        "constant-weights",
        f"all weights of the layer `{name}` begin as {value}{others}",
        statement.span,
        f"makes the {first.units:,} units of `{name}` alike",
        tuple(remarks),
    )
