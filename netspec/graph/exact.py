"""Floors that conditions on a symbolic size make exact: `floor((H + 3)/4)` is H/4 where H % 4 == 0.

Which sizes meet a condition is left to `fits`, the arithmetic to `size`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor

from netspec.graph.fits import remainder_of
from netspec.graph.size import Condition, Dim, Size
from netspec.record import field, record


@record(frozen=False)
class Exact:
    """Sizes rewritten as they are wherever conditions hold.

    `known` has, by symbol, the (period, remainder) that all its sizes share.
    """

    known: dict[str, tuple[int, int]]
    _found: dict[Size, Dim] = field(default_factory=dict)

    @classmethod
    def under(cls, conditions: Iterable[Condition]) -> Exact:
        """What congruences of one symbol each, of one remainder, say together."""
        known: dict[str, tuple[int, int]] = {}
        for condition in conditions:
            symbols = condition.symbols
            if len(symbols) != 1:
                continue
            (name,) = symbols
            found = remainder_of(condition, name)
            if found is not None and found[0] > known.get(name, (1, 0))[0]:
                known[name] = found
        return cls(known)

    def dim(self, dim: Dim) -> Dim:
        """The same size wherever the conditions hold, with the floors that are left."""
        if isinstance(dim, int):
            return dim
        found = self._found.get(dim)
        if found is None:
            found = self._found[dim] = dim.rebuilt(Size.symbol, self._floor)
        return found

    def _floor(self, inside: Dim, by: int) -> Dim:
        """floor((a H + b)/n) is a (H - r)/n + floor((a r + b)/n) where n divides a times a period.

        H is then r plus a multiple of its period.
        """
        if isinstance(inside, int):
            return inside // by
        constant, moved = Fraction(0), Size(())
        for monomial, c in inside.terms:
            if not monomial:
                constant += c
                continue
            name = monomial[0]
            if len(monomial) > 1 or not isinstance(name, str) or name not in self.known:
                return inside // by
            period, remainder = self.known[name]
            if (c * period / by).denominator > 1:
                return inside // by
            constant += c * remainder
            moved = Size.of(moved + Size.of((Size.symbol(name) - remainder) * Size.of(c / by)))
        return moved + floor(constant / by)
