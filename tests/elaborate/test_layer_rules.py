"""What a layer's rule found for some arguments is given to no layer with others.

The rules themselves are judged in `tests/ops`.
"""

from __future__ import annotations

from math import copysign

import pytest

from tests.helpers import network


@pytest.mark.parametrize("factors", [("0.0", "-0.0"), ("-0.0", "0.0")])
def test_zeros_of_both_signs_are_told_apart(factors: tuple[str, str]) -> None:
    signs = []
    for factor in factors:
        made = network(f"net A {{ input 5x6x7; multiply {factor} }}")
        signs.append(copysign(1.0, made.root.nodes[-1].attributes["factor"]))  # type: ignore[attr-defined]
    # IEEE 754: the sign of a zero is part of it, and of what is multiplied by it.
    assert signs == [copysign(1.0, float(factor)) for factor in factors]
