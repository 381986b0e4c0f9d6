"""Amounts of memory in words: `16G` is 16 * 10^9 bytes, `16GiB` 16 * 2^30.

What fits into them is left to `fit`.
"""

from __future__ import annotations

import re
from decimal import Decimal

_AMOUNT = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*(?:([KMGT])(i?))?B?", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def amount_of(text: str) -> int:
    """The bytes that a text asks for: a number, with K, M, G or T for powers of 1000, with Ki, Mi,
    Gi or Ti for powers of 1024, and with a B or without. Raises ValueError for anything else."""
    parts = _AMOUNT.fullmatch(text.strip())
    if parts is None:
        raise ValueError(text)
    base = 1024 if parts[3] else 1000
    power: int = base ** _POWERS[(parts[2] or "").upper()]
    return int(Decimal(parts[1]) * power)


def shown(amount: int) -> str:
    """An amount for people, in powers of 1000: `102.2 MB`."""
    for unit, size in _UNITS:
        if amount >= size:
            return f"{amount / size:.1f} {unit}"
    return f"{amount} B"
