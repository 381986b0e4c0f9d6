"""Whether any sizes of several symbols meet all that is asked of them, by trying all of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph.size import Conditions, Size

H, W, D = Size.symbol("H"), Size.symbol("W"), Size.symbol("D")


def conditions(*names: str) -> Conditions:
    made = Conditions()
    for name in names:
        made.declare(name)
    return made


def test_what_is_asked_of_one_symbol_leaves_the_others_alone() -> None:
    made = conditions("H", "W", "D")
    assert made.divisible(H, 4)
    assert made.divisible(Size.of(W - 3), 32)
    assert made.divisible(Size.of(D - 1), 2)
    assert list(made.stated) == ["H % 4 == 0", "W % 32 == 3", "D % 2 == 1"]
    # 7 * 32 + 3; the odd number beside 224.
    found = made.example()
    assert (found["H"], found["W"], found["D"] in (223, 225)) == (224, 227, True)
    # A trial under a few of them asks what no tie forbids.
    assert made.copy(32).divisible(Size.of(W - 3), 64)
    # An odd size is not divisible by 4.
    assert not made.divisible(D, 4)
    assert made.divisible(H, 8)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (H, W + 1000),
        (Size.of(3 * H), W),
        (Size.of(H // 2), Size.of((W + 1) // 5)),
        (Size.of(H * W), Size.of(2021)),  # 43 * 47, and 1 * 2021
    ],
)
def test_a_tie_of_sizes_that_are_not_alike(left: Size, right: Size) -> None:
    made = conditions("H", "W")
    assert made.equal(left, right)
    found = made.example()
    assert left.evaluate(found) == right.evaluate(found)
    assert made.at_least(W, 2)
    # Known before the other is asked for, too.
    made = conditions("H", "W")
    assert made.at_least(W, 40)
    assert made.equal(left, right)


def test_a_product_of_three_symbols() -> None:
    made = conditions("H", "W", "D")
    assert made.equal(Size.of(Size.of(H * W) * D), 12)
    found = made.example()
    assert found["H"] * found["W"] * found["D"] == 12


def test_a_symbol_that_a_size_of_another_frees() -> None:
    made = conditions("H", "W")
    assert made.equal(Size.of((H - 1999) * W), 0)
    assert made.example()["H"] == 1999
    assert made.at_least(W, 2000)


def test_ties_of_large_sizes() -> None:
    made = conditions("H", "W")
    assert made.at_least(H, 5000)
    assert made.equal(W, Size.of(2 * H))
    assert made.divisible(W, 4096)
    # Twice 6,144 is three times 4,096; twice 4,096 were of an H below 5,000.
    found = made.example()
    assert found["W"] == 2 * found["H"] and found["W"] % 4096 == 0 and found["H"] >= 6144
    assert not made.at_least(Size.of(8191 - W), 0)


def test_ties_of_three_symbols() -> None:
    made = conditions("H", "W", "D")
    assert made.equal(H, W + 700)
    assert made.equal(W, Size.of(D + 700))
    found = made.example()
    assert found["H"] == found["W"] + 700 == found["D"] + 1400
    # H is 1401 at least.
    assert not made.at_least(Size.of(1400 - H), 0)
    assert made.at_least(Size.of(1401 - H), 0)
    assert made.example() == {"H": 1401, "W": 701, "D": 1}


def test_a_symbol_that_comes_later_is_free() -> None:
    made = conditions("H", "W")
    assert made.divisible(H, 2)
    assert made.equal(H, W + 1)
    made.declare("D")
    assert made.equal(D, Size.of(H + W))
    found = made.example()
    assert found["D"] == found["H"] + found["W"] == 2 * found["W"] + 1


#: What is asked, of a sum of multiples of both symbols.
ASKED = st.lists(
    st.tuples(
        st.sampled_from(["remainder", "at-least", "equal"]),
        st.tuples(st.integers(-2, 3), st.integers(-2, 3), st.integers(-20, 20)),
        st.integers(1, 3),
        st.integers(2, 9),
    ),
    max_size=5,
)
MOST = 40


@settings(max_examples=60)
@given(ASKED, st.sampled_from([(0, 0), (3000, 0), (2500, 7000)]))
def test_what_fits_no_sizes_is_refused(
    asked: list[tuple[str, tuple[int, int, int], int, int]], beyond: tuple[int, int]
) -> None:
    """H and W are of 40 sizes each, however large these are."""
    made = conditions("H", "W")
    first, second = beyond
    for symbol, low in ((H, first), (W, second)):
        assert made.at_least(symbol, low + 1) and made.at_least(Size.of(low + MOST - symbol), 0)
    left = {(first + h, second + w) for h in range(1, MOST + 1) for w in range(1, MOST + 1)}
    for test, (a, b, c), floored, by in asked:
        c -= a * first + b * second
        size = (a * H + b * W + c) // floored
        values = {(h, w): (a * h + b * w + c) // floored for h, w in left}
        if test == "remainder":
            held = made.remainder_at_most(size, by, 1)
            fits = {pair for pair in left if values[pair] % by <= 1}
        elif test == "at-least":
            held = made.at_least(size, by)
            fits = {pair for pair in left if values[pair] >= by}
        else:
            held = made.equal(size, by)
            fits = {pair for pair in left if values[pair] == by}
        assert held == bool(fits)
        left = fits or left
        found = made.example()
        assert (found["H"], found["W"]) in left
