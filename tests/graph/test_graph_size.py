"""Symbolic sizes against plain integer arithmetic, for many values of the symbols."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph.size import Conditions, Dim, Size, is_known

H, W = Size.symbol("H"), Size.symbol("W")
SIZES = st.fixed_dictionaries({"H": st.integers(1, 300), "W": st.integers(1, 300)})


def value(dim: Dim, sizes: dict[str, int]) -> Fraction:
    return Fraction(dim) if isinstance(dim, int) else dim.evaluate(sizes)


# A chain of steps as windows make them: (x + a) // b, then * c.
STEPS = st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 9), st.integers(1, 5)), max_size=6)


@settings(deadline=None)
@given(STEPS, SIZES)
def test_floors_nest_as_integers_do(
    steps: list[tuple[int, int, int]], sizes: dict[str, int]
) -> None:
    symbolic: Dim = H
    plain = sizes["H"]
    for add, by, times in steps:
        symbolic = (symbolic + add) // by * times
        plain = (plain + add) // by * times
    assert value(symbolic, sizes) == plain


@settings(deadline=None)
@given(SIZES, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 7))
def test_polynomials_are_exact(sizes: dict[str, int], a: int, b: int, by: int) -> None:
    symbolic = (a * H + W * b - 3) * (H - W) + 7 * (W // by)
    h, w = sizes["H"], sizes["W"]
    assert value(symbolic, sizes) == (a * h + w * b - 3) * (h - w) + 7 * (w // by)


@settings(deadline=None)
@given(SIZES, st.integers(-50, 50), st.integers(1, 8))
def test_mixed_coefficients_are_floored_as_a_whole(
    sizes: dict[str, int], add: int, by: int
) -> None:
    symbolic = (5 * H + 3 * W + add) // by
    assert value(symbolic, sizes) == (5 * sizes["H"] + 3 * sizes["W"] + add) // by


def test_equal_sizes_are_equal_however_they_came_about() -> None:
    # The third is arithmetic: floor((floor((H + 1)/2) + 1)/2) = floor((H + 3)/4).
    assert H + W == W + H
    assert (H + 1) - 1 == H
    assert ((H + 1) // 2 + 1) // 2 == (H + 3) // 4
    assert 2 * H - H == H
    assert H - H == 0
    assert (2 * H + 6) // 2 == H + 3
    assert hash(H * W) == hash(W * H)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (H, "H"),
        (H * 2, "2*H"),
        (Size.of(H).divided(32), "H/32"),
        ((H + 1) // 2, "floor((H + 1)/2)"),
        (H // 2, "floor(H/2)"),
        ((H - 1) // 2 + 1, "floor((H + 1)/2)"),
        (H * W, "H*W"),
        (5 - H, "-H + 5"),
    ],
)
def test_sizes_read_as_people_write_them(size: Dim, text: str) -> None:
    assert str(size) == text


def test_symbols_are_found_inside_floors() -> None:
    size = (H * 2 + 1) // 3 + W
    assert isinstance(size, Size)
    assert size.symbols() == {"H", "W"}
    assert is_known(3)
    assert not is_known(size)


def conditions(*names: str) -> Conditions:
    made = Conditions()
    for name in names:
        made.declare(name)
    return made


def test_conditions_keep_what_must_hold() -> None:
    made = conditions("H")
    assert made.divisible(H, 32)
    assert made.at_least(H, 65)
    assert list(made.stated) == ["H % 32 == 0", "H >= 65"]
    # The nearest to 224 that 32 divides is 224 itself.
    assert made.example() == {"H": 224}
    assert not made.divisible(H + 1, 2)  # even and odd at once


def test_conditions_that_others_imply_are_not_stated() -> None:
    made = conditions("H", "W")
    assert made.at_least(H, 2)
    assert made.divisible(H, 2)
    assert list(made.stated) == ["H % 2 == 0"]
    # Halved and halved again: what is whole already is counted in the symbol itself.
    assert made.divisible(Size.of(H).divided(2), 2)
    assert made.at_least(Size.of(H - 4).divided(2), 0)
    assert list(made.stated) == ["H % 4 == 0"]
    # Of the other symbol nothing is known yet, though all tried pairs would do.
    assert made.divisible(W, 4)
    assert list(made.stated) == ["H % 4 == 0", "W % 4 == 0"]


@pytest.mark.parametrize(
    ("a", "b", "text"),
    [
        (H // 2 * 2, H, "H % 2 == 0"),
        (H, (H + 1) // 2 * 2, "H % 2 == 0"),
        ((H + 2) // 3 * 3, H + 1, "H % 3 == 2"),
        (2 * H, H + 7, "H == 7"),
        (H, W, "H == W"),
    ],
)
def test_equal_sizes_in_words(a: Dim, b: Dim, text: str) -> None:
    made = conditions("H", "W")
    assert made.equal(a, b)
    assert list(made.stated) == [text]


@pytest.mark.parametrize(
    ("size", "bound", "text"),
    [
        (H - 7, 0, "H >= 7"),
        # floor((H + 1)/4) >= 2 exactly where H + 1 >= 8.
        ((H + 1) // 4 - 2, 0, "H >= 7"),
        (3 * H, 10, "H >= 4"),
        (W - H - 1, 0, "-H + W >= 1"),
        (5 - H, 0, "H <= 5"),
    ],
)
def test_bounds_are_solved_for_the_symbol(size: Dim, bound: int, text: str) -> None:
    made = conditions("H", "W")
    assert made.at_least(size, bound)
    assert list(made.stated) == [text]


def test_conditions_on_numbers_just_hold_or_not() -> None:
    made = conditions()
    assert made.equal(3, 3)
    assert not made.equal(3, 4)
    assert made.divisible(6, 3)
    assert not made.divisible(7, 3)
    assert made.remainder_at_most(7, 3, 1)
    assert not made.at_least(0, 1)
    assert not made.stated


def test_two_symbols_may_be_tied() -> None:
    made = conditions("H", "W")
    assert made.equal(H, W)
    assert made.divisible(H, 16)
    assert made.divisible(W, 16)
    example = made.example()
    assert example["H"] == example["W"] == 224


def test_many_symbols_may_be_tied() -> None:
    names = "ABCDEFGHIJKLM"
    made = conditions(*names)
    for name in names[1:]:
        assert made.equal(Size.symbol(name), Size.symbol("A"))
        assert made.divisible(Size.symbol(name), 32)
    assert set(made.example().values()) == {224}
    assert len(made.stated) == 2 * 12


@given(st.integers(0, 60), st.integers(1, 6), st.integers(2, 7))
def test_what_a_condition_makes_whole_is_floored(n: int, by: int, then: int) -> None:
    """(H + 1)/2 of H = 2n + 1 is n + 1, and floored by any number as that is."""
    half = Size.of(Size.of(H + 1).divided(2)) * by
    found = Size.of(half) // then
    assert value(found, {"H": 2 * n + 1}) == (n + 1) * by // then
