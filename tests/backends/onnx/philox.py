"""Initial weights once more, from their definition alone: whole numbers and one rounding.

Philox 4x64 with ten rounds as its paper gives it (Salmon et al., "Parallel Random Numbers: As Easy
as 1, 2, 3", 2011, section 4.3), keyed by the hash of seed and name. Nothing of netspec or NumPy.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256

MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
WORD = 2**64 - 1


def block(counter: int, key: int) -> list[int]:
    """Four words of the stream."""
    a, b, c, d = (counter >> 64 * i & WORD for i in range(4))
    k, m = key & WORD, key >> 64
    for _ in range(10):
        x, y = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = y >> 64 ^ b ^ k, y & WORD, x >> 64 ^ d ^ m, x & WORD
        k, m = k + WEYL[0] & WORD, m + WEYL[1] & WORD
    return [a, b, c, d]


def fractions(seed: int, name: str) -> Iterator[Fraction]:
    """Odd multiples of 2**-24 over (-1, 1), from each half of a word its upper 24 bits."""
    key = int.from_bytes(sha256(f"{seed} {name}".encode()).digest()[:16], "little")
    counter = 0
    while True:
        counter += 1
        for word in block(counter, key):
            for half in (word & 0xFFFFFFFF, word >> 32):
                yield Fraction(2 * (half >> 8) + 1, 2**24) - 1


def single(number: Fraction | float) -> float:
    """The nearest float32. (The product of two of 24 bits fits into a float64 as it is.)"""
    exact = float(number)
    assert Fraction(exact) == number
    return float(struct.unpack("<f", struct.pack("<f", exact))[0])


def uniform(seed: int, name: str, count: int, bound: float) -> bytes:
    """A tensor drawn evenly from (-bound, bound), as the file holds it."""
    scale = Fraction(single(bound))
    stream = fractions(seed, name)
    return b"".join(struct.pack("<f", single(next(stream) * scale)) for _ in range(count))
