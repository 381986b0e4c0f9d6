"""What was found for some arguments of a layer or block is given to none with others.

The rules of layers are judged in `tests/ops`.
"""

from __future__ import annotations

from math import copysign

import pytest

from tests.helpers import layers, network


@pytest.mark.parametrize("factors", [("0.0", "-0.0"), ("-0.0", "0.0")])
def test_zeros_of_both_signs_are_told_apart(factors: tuple[str, str]) -> None:
    signs = []
    for factor in factors:
        (made,) = layers(network(f"net A {{ input 5x6x7; multiply {factor} }}"))
        signs.append(copysign(1.0, made.node.attributes["factor"]))
    # IEEE 754: the sign of a zero is part of it, and of what is multiplied by it.
    assert signs == [copysign(1.0, float(factor)) for factor in factors]


def test_blocks_tell_zeros_of_both_signs_apart() -> None:
    text = "block by(n) { multiply n }\nnet A { input 5x6x7; by 0.0; by -0.0; by 0.0 }"
    factors = [flat.node.attributes["factor"] for flat in layers(network(text))]
    assert [str(factor) for factor in factors] == ["0.0", "-0.0", "0.0"]
