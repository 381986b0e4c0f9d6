"""Merges: functions of their values in `forward`, no modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from netspec.backends.torch.code import Binary, Expr, Items, Lit, Name, call

#: What a merge of these values is.
Merging = Callable[[Mapping[str, object], Sequence[Expr]], Expr]


def concat(attributes: Mapping[str, object], values: Sequence[Expr]) -> Expr:
    axis = attributes["axis"]
    assert isinstance(axis, int)
    return call("torch.cat", Items("[", tuple(values)), dim=Lit(axis + 1))


#: Merges of more values than this are folds over a list: expressions nest only so deep.
LONGEST = 12


def _chained(op: str) -> Merging:
    def merged(attributes: Mapping[str, object], values: Sequence[Expr]) -> Expr:
        if len(values) > LONGEST:
            return _folded(_OPERATORS[op], values)
        total = values[0]
        for value in values[1:]:
            total = Binary(op, total, value)
        return total

    return merged


def maximum(attributes: Mapping[str, object], values: Sequence[Expr]) -> Expr:
    if len(values) > 3:
        return _folded("torch.maximum", values)
    total = values[0]
    for value in values[1:]:
        total = call("torch.maximum", total, value)
    return total


_OPERATORS = {"+": "operator.add", "*": "operator.mul", "-": "operator.sub"}


def _folded(function: str, values: Sequence[Expr]) -> Expr:
    return call("functools.reduce", Name(function), Items("[", tuple(values)))


MERGES: dict[str, Merging] = {
    "concat": concat,
    "add": _chained("+"),
    "mul": _chained("*"),
    "sub": _chained("-"),
    "max": maximum,
}
