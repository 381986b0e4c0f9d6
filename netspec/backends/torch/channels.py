"""Numbers of channels as expressions: sums, products, and what layers make of them.

Which expression holds for every use of a block is left to `resolve`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.backends.torch.code import (
    Binary,
    Expr,
    Lit,
)
from netspec.backends.torch.rewrite import folded
from netspec.graph.shape import Shape
from netspec.graph.size import Dim

#: Layers that leave the number of channels as it is.
_KEEPING = """
    identity maxpool avgpool blurpool global_avgpool global_maxpool adaptive_avgpool
    adaptive_maxpool batchnorm layernorm groupnorm instancenorm grn lrn scale relu relu6 leaky_relu
    prelu elu selu gelu silu mish softplus sigmoid tanh hardsigmoid hardswish multiply softmax
    log_softmax dropout spatial_dropout stochastic_depth gaussian_noise gaussian_dropout crop
    upsample resize channel_shuffle permute
"""
SAME_CHANNELS = frozenset(_KEEPING.split())
#: Layers that take some axes together.
REDUCING = frozenset({"mean", "maximum", "sum"})


def channel_axis(shape: Shape) -> int | None:
    """Where the channels stand, the batch left out; None where `mean channels` removed them."""
    return shape.axis("channels")


def channels_of(shape: Shape) -> Dim | None:
    """The number of channels, if the value has any."""
    axis = channel_axis(shape)
    return None if axis is None else shape.dims[axis]


def reduced(attributes: Mapping[str, object], shape: Shape, coming: Expr | None) -> Expr | None:
    """The channels after a reduction: one, if they are reduced."""
    axes = attributes["axes"]
    assert isinstance(axes, tuple)
    return Lit(1) if channel_axis(shape) in axes else coming


def sliced(
    attributes: Mapping[str, object],
    shape: Shape,
    symbols: Mapping[str, Expr],
    coming: Expr | None,
) -> Expr | None:
    """The channels of a slice; None where its text says too little."""
    if attributes["axis"] != channel_axis(shape):
        return coming
    stop = symbols.get("stop", literal(attributes["stop"]))
    start = symbols.get("start", literal(attributes["start"]))
    if stop == Lit(None):
        stop = coming
    return None if start is None or stop is None else folded("-", stop, start)


def fixes_channels(
    op: str, attributes: Mapping[str, object], shape: Shape, symbols: Mapping[str, Expr]
) -> bool:
    """Whether a layer is for this number of channels alone, without saying so in its arguments."""
    if op == "slice":
        return attributes["axis"] == channel_axis(shape) and "stop" not in symbols
    if op == "reshape":
        return "dims" not in symbols
    return op == "select"


def literal(value: object) -> Expr | None:
    return Lit(value) if isinstance(value, int) else None


def positions(shape: Shape) -> Dim:
    """The number of positions of a value, its channels left out."""
    total: Dim = 1
    for axis in shape.spatial:
        total = total * shape.dims[axis]
    return total


def product(a: Expr | None, b: Expr | None) -> Expr | None:
    if a is None or b is None:
        return None
    if isinstance(a, Lit) and isinstance(b, Lit):
        assert isinstance(a.value, int) and isinstance(b.value, int)
        return Lit(a.value * b.value)
    return a if b == Lit(1) else Binary("*", a, b)


def summed(a: Expr | None, b: Expr | None) -> Expr | None:
    """A sum, its numbers gathered at the end and equal terms counted."""
    if a is None or b is None:
        return None
    terms: dict[Expr, int] = {}
    number = 0
    for expr in (*_terms(a), *_terms(b)):
        factor, term = _factored(expr)
        if term is None:
            number += factor
        else:
            terms[term] = terms.get(term, 0) + factor
    total: Expr | None = None
    for term, times in terms.items():
        part = term if times == 1 else Binary("*", Lit(times), term)
        total = part if total is None else Binary("+", total, part)
    if total is None:
        return Lit(number)
    return total if number == 0 else Binary("+", total, Lit(number))


def _terms(expr: Expr) -> list[Expr]:
    if isinstance(expr, Binary) and expr.op == "+":
        return [*_terms(expr.left), *_terms(expr.right)]
    return [expr]


def _factored(expr: Expr) -> tuple[int, Expr | None]:
    if isinstance(expr, Lit) and isinstance(expr.value, int):
        return expr.value, None
    if (
        isinstance(expr, Binary)
        and expr.op == "*"
        and isinstance(expr.left, Lit)
        and isinstance(expr.left.value, int)
    ):
        return expr.left.value, expr.right
    return 1, expr
