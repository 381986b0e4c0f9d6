"""Sets of sizes in words, and why a size does not fit as arithmetic.

`H = 32k + 3, H >= 67`, and `(224 - 11) / 4 + 1 = 54.25`. Which layer says so is left to `judge`,
the layout to `reports`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from netspec.analysis.sizes.sets import SizeSet
from netspec.analysis.sizes.solve import Variable
from netspec.ops import window as arithmetic
from netspec.ops.survey import Asked, Slid
from netspec.ops.window import Window


def why(asked: Asked, variable: Variable, n: int) -> str:
    """What is asked, in the numbers of a size that does not meet it."""
    left, right = variable.value(asked.left, n), variable.value(asked.right, n)
    if asked.weights:
        return f"{number(left)} channels come in, and its weights are made for {number(right)}"
    if asked.slid is not None:
        return _window(asked, asked.slid, variable, n)
    if asked.test == "equal":
        return f"{number(left)} is not {number(right)}"
    if asked.test == "at-least":
        return f"{number(left)} is less than {number(right)}"
    rest = f"{number(left)} % {asked.by} = {number(left % asked.by)}"
    return rest if right == 0 else f"{rest}, more than {number(right)}"


def _window(asked: Asked, slid: Slid, variable: Variable, n: int) -> str:
    w = slid.window
    size = slid.size if isinstance(slid.size, int) else int(variable.value(slid.size, n))
    free = size + w.before + w.after - w.extent
    if asked.test == "at-least":
        if free < 0:
            return f"{size}{padding(w)} - {w.extent} = {free}, the kernel is larger than its input"
        return f"the last window would begin behind an input of {size}"
    formula = f"({size}{padding(w)} - {w.extent}) / {w.stride} + 1"
    return f"{formula} = {free / w.stride + 1:.2f}, {arithmetic.unread(size, w)} of {size} unread"


def padding(window: Window) -> str:
    """What the padding adds to a size: ` + 2*3`, ` + 0 + 1`, or nothing."""
    if window.before == window.after:
        return f" + 2*{window.before}" if window.before else ""
    return f" + {window.before} + {window.after}"


def number(value: Fraction | int) -> str:
    value = Fraction(value)
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.2f}"


def relation(asked: Asked) -> str:
    """What is asked, in symbols."""
    if asked.test == "equal":
        return f"{asked.left} == {asked.right}"
    if asked.test == "at-least":
        return f"{asked.left} >= {asked.right}"
    sign = "== 0" if not asked.right.terms else f"<= {asked.right}"
    left = str(asked.left)
    return f"{f'({left})' if len(asked.left.terms) > 1 else left} % {asked.by} {sign}"


# --- sets -------------------------------------------------------------------------------------

#: Runs of neighbours that a text lists.
RUNS = 8
#: Periods of which it is looked for whether the residues that are missing are told faster.
WHOLE = 4096


def set_words(fits: SizeSet, symbols: Sequence[str]) -> str:
    """The sizes that these symbols take, all of them the same one."""
    name, equal = symbols[0], " = ".join(symbols)
    if fits.empty:
        return f"no {equal} fits"
    singles = _listed(fits.below, name, equal) if fits.below else ""
    if fits.finite:
        return singles
    repeated = _repeated(fits, name, equal)
    return f"{singles}; or {repeated}" if singles else repeated


def _listed(sizes: Sequence[int], name: str, equal: str) -> str:
    """`H = 28`, `H in 223..238`, `H in {24, 28}`."""
    if len(sizes) == 1:
        return f"{equal} = {sizes[0]}"
    named = name if name == equal else f"{equal}, {name}"
    found = runs(sizes)
    if len(found) == 1:
        return f"{named} in {found[0][0]}..{found[0][1]}"
    count = f" ({len(sizes):,} sizes)" if len(found) > RUNS else ""
    return f"{named} in {{{runs_words(found, '..')}}}{count}"


def _repeated(fits: SizeSet, name: str, equal: str) -> str:
    first, period = fits.first, fits.period
    assert first is not None
    # Where the pattern begins as early as it can, that need not be said.
    earlier = next((rest for rest in fits.residues if rest), period)
    bound = f"{name} >= {first}" if first > earlier or fits.below else ""
    tied = [] if name == equal else [equal]
    if period == 1:
        return ", ".join([*tied, bound]) if bound else f"any {equal}"
    if len(fits.residues) == 1:
        (rest,) = fits.residues
        pattern = f"{equal} = {period}k" + (f" + {rest}" if rest else "")
        return f"{pattern}, {bound}" if bound else pattern
    kept = runs(fits.residues)
    out, words = kept, "in"
    if period <= WHOLE:
        known = set(fits.residues)
        left = runs([n for n in range(period) if n not in known])
        fewer = len(left) < len(kept) and 2 * len(known) > period
        out, words = (left, "not in") if fewer else (kept, "in")
    named = runs_words(out, "..")
    many = f" ({len(fits.residues):,} of them)" if len(out) > RUNS else ""
    pattern = f"{name} % {period} {words} {{{named}}}{many}"
    return ", ".join([*tied, pattern, *([bound] if bound else [])])


def runs(sizes: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Sizes in order as (first, last) of each run of neighbours."""
    found: list[tuple[int, int]] = []
    for n in sizes:
        if found and n == found[-1][1] + 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return tuple(found)


def runs_words(found: Sequence[tuple[int, int]], to: str, most: int = RUNS) -> str:
    """`196-198, 200, …`"""
    texts = [f"{a}{to}{b}" if b > a else str(a) for a, b in found[:most]]
    return ", ".join([*texts, *(["…"] if len(found) > most else [])])
