"""Numbers of channels as expressions: sums, products, and what layers make of them.

Which expression holds for every use of a block is left to `resolve`.
"""

from __future__ import annotations

from netspec.backends.torch.code import (
    Binary,
    Expr,
    Lit,
)
from netspec.graph.shape import Shape
from netspec.graph.size import Dim

#: Layers that leave the number of channels as it is.
_KEEPING = """
    identity maxpool avgpool global_avgpool global_maxpool adaptive_avgpool adaptive_maxpool
    batchnorm layernorm groupnorm instancenorm lrn scale relu relu6 leaky_relu prelu elu selu gelu
    silu mish softplus sigmoid tanh hardsigmoid hardswish softmax log_softmax dropout
    spatial_dropout stochastic_depth gaussian_noise gaussian_dropout crop upsample resize
    channel_shuffle
"""
SAME_CHANNELS = frozenset(_KEEPING.split())
#: Layers that fix the number of channels that goes in without saying so in their arguments.
FIXES_CHANNELS = frozenset({"slice", "reshape", "select"})


def channel_axis(shape: Shape) -> int | None:
    """Where the channels stand, the batch left out; None where `mean channels` removed them."""
    return shape.axis("channels")


def channels_of(shape: Shape) -> Dim | None:
    """The number of channels, if the value has any."""
    axis = channel_axis(shape)
    return None if axis is None else shape.dims[axis]


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
