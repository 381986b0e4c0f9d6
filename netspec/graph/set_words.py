"""Sets of sizes in words: `H = 32k + 3, H >= 67`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netspec.graph.sets import SizeSet

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
