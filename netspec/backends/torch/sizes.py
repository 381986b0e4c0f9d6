"""Symbolic sizes as expressions over the shapes of values that are at hand when the module runs.

Known sizes are literals, and no concern of this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from netspec.backends.torch.code import Binary, Expr, Items, Lit, Slice, Subscript, member
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Floor, Size
from netspec.record import record


@record
class _Axis:
    """Axis `axis` of a tensor, the batch being axis 0, of the value at that place of `values`."""

    value: int
    axis: int


#: A size: a number, the size of an axis, or an operation on two.
_Term = int | _Axis | tuple[str, "_Term", "_Term"]


@record
class SizeSource:
    """Sizes told by the shapes of `values`; `whole` if they are all axes but two of the first."""

    values: tuple[int, ...]
    terms: tuple[_Term, ...]
    whole: bool = False

    @staticmethod
    def find(
        dims: Sequence[Dim], sources: Sequence[int], shapes: Mapping[int, Shape]
    ) -> SizeSource | None:
        """How to tell these sizes from the values at hand; None where nothing does."""
        for value in sources:
            shape = shapes[value]
            if shape.axis("channels") == 0 and shape.dims[1:] == tuple(dims):
                return SizeSource((value,), (), True)
        used: list[int] = []
        terms = [_told(dim, sources, shapes, used) for dim in dims]
        if any(term is None for term in terms):
            return None
        return SizeSource(tuple(used), tuple(term for term in terms if term is not None))

    def expr(self, values: Sequence[Expr]) -> Expr:
        """The tuple of sizes, given the expressions of `values`."""
        if self.whole:
            return Subscript(member(values[0], "shape"), Slice(Lit(2), None))
        return Items("(", tuple(_expr(term, values) for term in self.terms))


def _expr(term: _Term, values: Sequence[Expr]) -> Expr:
    if isinstance(term, int):
        return Lit(term)
    if isinstance(term, _Axis):
        return Subscript(member(values[term.value], "shape"), Lit(term.axis))
    op, left, right = term
    return Binary(op, _expr(left, values), _expr(right, values))


def _place(value: int, used: list[int]) -> int:
    if value not in used:
        used.append(value)
    return used.index(value)


def _told(
    dim: Dim, sources: Sequence[int], shapes: Mapping[int, Shape], used: list[int]
) -> _Term | None:
    if isinstance(dim, int):
        return dim
    for value in sources:
        if dim in shapes[value].dims:
            return _Axis(_place(value, used), shapes[value].dims.index(dim) + 1)
    beside = _beside(dim, sources, shapes, used)
    if beside is not None:
        return beside
    scale = lcm(*(c.denominator for _, c in dim.terms))
    total: _Term | None = None
    for monomial, coefficient in dim.terms:
        amount = int(coefficient * scale)
        if total is not None and amount < 0 and not monomial:
            total = ("-", total, -amount)
            continue
        product: _Term = amount
        for atom in monomial:
            if isinstance(atom, str):
                factor = _symbol(atom, sources, shapes, used)
            elif isinstance(atom, Floor):
                factor = _divided(_told(atom.of, sources, shapes, used), atom.by)
            else:
                factor = None  # costs alone have other atoms
            if factor is None:
                return None
            product = factor if product == 1 else ("*", product, factor)
        total = product if total is None else ("+", total, product)
    return _divided(total, scale)


def _beside(
    dim: Size, sources: Sequence[int], shapes: Mapping[int, Shape], used: list[int]
) -> _Term | None:
    """A size that is an axis's, or a multiple of it, and a number: `x.shape[2] - 2`."""
    for value in sources:
        for axis, of in enumerate(shapes[value].dims):
            if not isinstance(of, Size):
                continue
            ratio = dict(dim.terms).get(of.terms[0][0], Fraction(0)) / of.terms[0][1]
            added = dim - of * int(ratio)
            if ratio < 1 or ratio.denominator > 1 or not isinstance(added, int):
                continue
            place = _Axis(_place(value, used), axis + 1)
            term: _Term = place if ratio == 1 else ("*", place, int(ratio))
            if not added:
                return term
            return ("+", term, added) if added > 0 else ("-", term, -added)
    return None


def _divided(term: _Term | None, by: int) -> _Term | None:
    return term if term is None or by == 1 else ("//", term, by)


def _symbol(
    name: str, sources: Sequence[int], shapes: Mapping[int, Shape], used: list[int]
) -> _Term | None:
    """A symbol, from an axis whose size is it, or a multiple of it and a constant."""
    for value in sources:
        for axis, dim in enumerate(shapes[value].dims):
            if not isinstance(dim, Size):
                continue
            terms = dict(dim.terms)
            slope, offset = terms.pop((name,), None), terms.pop((), None)
            if slope is None or terms:
                continue
            place = _Axis(_place(value, used), axis + 1)
            scale = lcm(slope.denominator, offset.denominator if offset is not None else 1)
            term: _Term = place if scale == 1 else ("*", place, scale)
            if offset is not None:
                term = ("-", term, int(offset * scale))
            return _divided(term, int(slope * scale))
    return None
