"""Statements of `init_weights` that fill the tensors of one layer, by `torch.nn.init`.

Which layers a statement of the spec reaches, and how they are gone through, is left to `initial`.
`nn.init` counts fans otherwise in two cases (see `analysis.initialisation.distribution`), which are
written so that the distribution is the one of the spec.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isclose, sqrt

from netspec.analysis.initialisation import ends
from netspec.backends.torch.code import (
    Assign,
    Binary,
    Call,
    Do,
    Expr,
    Items,
    Lit,
    Name,
    Slice,
    Statement,
    Subscript,
    Unary,
    When,
    call,
    member,
    text_of,
)
from netspec.backends.torch.layer import Layer, Refused
from netspec.backends.torch.table import LOWERINGS
from netspec.graph.graph import Instance, OpNode
from netspec.graph.initial import Initialisation, bias_of, groups_of
from netspec.record import record

#: The class behind a helper that adds to a convolution of `torch.nn` what it lacks.
_CONVOLUTION = re.compile(r"(?:Same|Padded|Cropped|Standardized)*(Conv(?:Transpose)?[123]d)")


@record
class Kind:
    """Layers of one class among those that a statement reaches.

    `grouped` where some have several groups, `bias` where some, and `always` where all have one.
    """

    cls: str
    grouped: bool
    bias: bool
    always: bool

    @property
    def transposed(self) -> bool:
        return "ConvTranspose" in self.cls

    @property
    def typed(self) -> bool:
        """Whether type checkers know its bias for a tensor: some classes may have None for one."""
        return self.always and "Conv" not in self.cls and self.cls != "Scale"


def kinds_of(layers: Sequence[tuple[Instance, OpNode]]) -> list[Kind]:
    """The classes of the layers, each once, in the order of their names."""
    found: dict[str, list[OpNode]] = {}
    for owner, node in layers:
        cls = _class(owner, node)
        if cls is not None:
            found.setdefault(cls, []).append(node)
    return [
        Kind(
            cls,
            any(groups_of(node) > 1 for node in nodes),
            any(bias_of(node) is not None for node in nodes),
            all(bias_of(node) is not None for node in nodes),
        )
        for cls, nodes in sorted(found.items())
    ]


def _class(owner: Instance, node: OpNode) -> str | None:
    """The class that a layer is written as; of `torch.nn` where a helper only adds to one."""
    shapes = tuple(owner.nodes[i].shape for i in node.inputs)
    try:
        made = LOWERINGS[node.op](Layer(node.op, node.attributes, shapes, node.shape)).expr
    except Refused:
        return None
    assert isinstance(made, Call)
    name = text_of(made.func)
    found = _CONVOLUTION.fullmatch(name)
    return f"nn.{found[1]}" if found is not None else name


def filled(module: str, one: Initialisation, kind: Kind, *, typed: bool) -> list[Statement]:
    """Statements that fill the tensors of the layer that `module` names.

    `typed` where its bias is known to be there.
    """
    found = _weight(module, one, kind)
    if kind.bias:
        bias = Name(f"{module}.bias")
        zero = call("nn.init.zeros_", bias)
        made = Do(zero if one.bias == 0 else call("nn.init.constant_", bias, Lit(one.bias)))
        present = Binary("is not", bias, Lit(None))
        found.append(made if typed else When(present, (made,)))
    return found


def _weight(module: str, one: Initialisation, kind: Kind) -> list[Statement]:
    weight = Name(f"{module}.weight")
    if _single(one):
        mean = one.number("mean") if "mean" in dict(one.settings) else 0.0
        return [Do(call("nn.init.constant_", weight, Lit(mean)))]
    match one.method:
        case "he":
            gain, mode = one.number("gain"), one.word("mode")
            return _counted(module, kind, one.word("distribution"), mode, gain)
        case "lecun":
            return _counted(module, kind, one.word("distribution"), "fan_in", 1.0)
        case "xavier" | "glorot":
            gain, drawn = one.number("gain"), one.word("distribution")
            if kind.grouped:
                return _explicit(module, kind, drawn, ("fan_in", "fan_out"), 2 * gain**2)
            return [Do(call(f"nn.init.xavier_{drawn}_", weight, gain=_unless(gain, 1.0)))]
        case "orthogonal":
            gain = one.number("gain")
            return [Do(call("nn.init.orthogonal_", weight, gain=_unless(gain, 1.0)))]
        case "normal":
            mean, std = one.number("mean"), one.number("std")
            return [Do(call("nn.init.normal_", weight, mean=_unless(mean, 0.0), std=Lit(std)))]
        case "uniform":
            bound = one.number("bound")
            return [Do(call("nn.init.uniform_", weight, _negative(bound), Lit(bound)))]
        case "truncated_normal":
            mean, std = one.number("mean"), one.number("std")
            low, high = map(Lit, ends(one))
            keywords = {"mean": _unless(mean, 0.0), "std": Lit(std), "a": low, "b": high}
            return [Do(call("nn.init.trunc_normal_", weight, **keywords))]
        case "constant":
            return [Do(call("nn.init.constant_", weight, Lit(one.number("value"))))]
        case "dirac":
            groups = Name(f"{module}.groups") if kind.grouped else None
            return [Do(call("nn.init.dirac_", weight, groups=groups))]
        case _:
            return [Do(call(f"nn.init.{one.method}_", weight))]


def exchanges(one: Initialisation, kind: Kind) -> bool:
    """Whether `nn.init` must be told of the other fan, as it has those of the layer exchanged."""
    if not kind.transposed or one.method not in ("he", "lecun") or _single(one):
        return False
    gain = one.number("gain") if one.method == "he" else 1.0
    mode = one.word("mode") if one.method == "he" else "fan_in"
    return _known(kind, mode, gain) is not None


def _known(kind: Kind, mode: str, gain: float) -> str | None:
    """The activation for which `nn.init` has that gain, None where it does not count as we do."""
    # The fan of the weight's first axis goes over all groups there.
    first = "fan_in" if kind.transposed else "fan_out"
    if kind.grouped and mode == first:
        return None
    return next((n for n, g in (("relu", sqrt(2)), ("linear", 1.0)) if isclose(gain, g)), None)


def _counted(module: str, kind: Kind, drawn: str, mode: str, gain: float) -> list[Statement]:
    """He's method for some gain: as `nn.init` has it where its fans are those of the layer."""
    known = _known(kind, mode, gain)
    if known is None:
        return _explicit(module, kind, drawn, (mode,), gain**2)
    told = mode
    if kind.transposed:
        told = "fan_out" if mode == "fan_in" else "fan_in"
    made = call(
        f"nn.init.kaiming_{drawn}_",
        Name(f"{module}.weight"),
        mode=None if told == "fan_in" else Lit(told),
        nonlinearity=Lit(known),
    )
    return [Do(made)]


def _explicit(
    module: str, kind: Kind, drawn: str, fans: Sequence[str], variance: float
) -> list[Statement]:
    """A distribution of `variance` over a fan, or the sum of both, of one group."""
    weight = Name(f"{module}.weight")
    found: list[Statement] = []
    parts: list[Expr] = []
    for fan in fans:
        # A weight is [outputs, inputs of a group, …], the two exchanged in a transposed layer.
        whole = (fan == "fan_out") != kind.transposed
        index: Expr = Items("(", (Slice(None, None), Lit(0))) if whole else Lit(0)
        counted: Expr = Call(member(Subscript(weight, index), "numel"))
        if whole and kind.grouped:
            counted = Binary("//", counted, Name(f"{module}.groups"))
        found.append(Assign(fan, counted))
        parts.append(Name(fan))
    over = parts[0] if len(parts) == 1 else Binary("+", parts[0], parts[1])
    top = variance if drawn == "normal" else 3 * variance
    # sqrt(2) squared is 2 but for its last digit.
    whole_number = 1 <= top < 1000 and isclose(top, round(top))
    number = Lit(round(top) if whole_number else top)
    root = call("math.sqrt", Binary("/", number, over))
    if drawn == "normal":
        return [*found, Do(call("nn.init.normal_", weight, std=root))]
    bound = Name("bound")
    return [
        *found,
        Assign("bound", root),
        Do(call("nn.init.uniform_", weight, Unary("-", bound), bound)),
    ]


def _single(one: Initialisation) -> bool:
    """Whether a spread of 0 leaves one number."""
    return any(value == 0 for name, value in one.settings if name not in ("mean", "value"))


def _unless(value: float, default: float) -> Expr | None:
    return None if value == default else Lit(value)


def _negative(value: float) -> Expr:
    return Lit(-value)
