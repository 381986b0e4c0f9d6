"""A batch of examples: shapes with its axis first, costs of all of them.

What one example costs is left to `cost`.
"""

from __future__ import annotations

from netspec.analysis.cost import Totals
from netspec.graph.notation import BATCH
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size

#: The name of the batch's axis, and the letter of a batch whose size is open.
BATCH_AXIS, BATCH_SYMBOL = "batch", BATCH


class NoBatch(ValueError):
    """What was given as a batch is none; the message says so."""


def batch_of(value: object) -> Dim:
    """The size of a batch: a whole number from 1, or the symbol `N`, as itself or as a text.

    Raises NoBatch for anything else.
    """
    text = str(value)
    if text == BATCH_SYMBOL:
        return Size.symbol(BATCH_SYMBOL)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise NoBatch(f"a batch is a whole number from 1, or {BATCH_SYMBOL}, not {text[:40]}")
    if int(text) < 1:
        raise NoBatch(f"a batch is a whole number from 1, or {BATCH_SYMBOL}, not 0")
    return int(text)


def batched(shape: Shape, batch: Dim | None) -> Shape:
    """The shape of a batch of such values: `(channels, …)` becomes `(batch, channels, …)`."""
    if batch is None:
        return shape
    return Shape((batch, *shape.dims), (BATCH_AXIS, *shape.axes))


def for_batch(totals: Totals, batch: Dim | None) -> Totals:
    """The costs of a batch: parameters and buffers are there once, the rest for each example."""
    if batch is None:
        return totals
    return Totals(
        totals.params,
        totals.buffers,
        totals.macs * batch,
        totals.flops * batch,
        totals.activations * batch,
    )
