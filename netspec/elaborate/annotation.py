"""Shape annotations: `statement -> dims`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import note
from netspec.elaborate.frame import Context
from netspec.elaborate.imposing import impose
from netspec.elaborate.report import Problem
from netspec.elaborate.values import Flow, Unknown, as_size, describe, items_of
from netspec.graph.size import Size
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def check(expander: Expander, annotated: tree.Annotated, context: Context, value: Flow) -> None:
    wanted = _stated(expander, annotated.shape, context, value)
    if wanted is None or isinstance(value, Unknown):
        return
    conditions = context.frame.conditions
    if expander.lenient and any(isinstance(d, Size) for d in value.shape.dims):
        return  # a symbolic size from outside: what was written of numbers makes no condition
    dims = value.shape.dims
    if conditions.recording:
        impose(expander, context, annotated.shape.span)
    agrees = len(wanted) == len(dims) and all(
        w is None or conditions.equal(d, w) for w, d in zip(wanted, dims, strict=True)
    )
    if not agrees and expander.lenient:
        expander.differing.append(annotated.shape.span)
    elif not agrees:
        stated = "x".join("_" if w is None else str(w) for w in wanted)
        differing = [
            f"{axis} {d} instead of {w}"
            for axis, d, w in zip(value.shape.axes, dims, wanted, strict=False)
            if w is not None and d != w
        ]
        why = (
            "it has " + " and ".join(differing)
            if len(wanted) == len(dims)
            else f"it has {len(dims)} axes, the annotation {len(wanted)}"
        )
        expander.reporter.report(
            "annotation-differs",
            f"the annotation says {stated}, the value is {value.shape}",
            annotated.shape.span,
            f"the value here is {value.shape}",
            [note(why)],
        )


def _stated(
    expander: Expander, expr: tree.Expr, context: Context, flow: Flow
) -> tuple[int | Size | None, ...] | None:
    if isinstance(expr, tree.Wildcard):
        return (None,)
    items: list[object]
    if isinstance(expr, tree.List):
        items = [
            None if isinstance(item, tree.Wildcard) else expander.attempt(item, context, flow)
            for item in expr.items
        ]
    else:
        items = list(items_of(expander.attempt(expr, context, flow)))
    if any(isinstance(item, Unknown) for item in items):
        return None
    dims: list[int | Size | None] = []
    for item in items:
        size = item if item is None else as_size(item)
        if item is not None and size is None:
            raise Problem(
                "wrong-type",
                f"an annotation holds sizes, not {describe(item)}",
                expr.span,
                f"holds {describe(item)}",
            )
        dims.append(size)
    return tuple(dims)
