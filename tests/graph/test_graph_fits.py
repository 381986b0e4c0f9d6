"""Conditions in words: congruences and ranges by arithmetic, and never another set of sizes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph.size import Conditions, Size
from tests.zoo.forms import function_of

H, W = Size.symbol("H"), Size.symbol("W")


def conditions(*names: str) -> Conditions:
    made = Conditions()
    for name in names or ("H",):
        made.declare(name)
    return made


def floor(add: int, by: int) -> Size:
    return Size.of((H + add) // by)


@pytest.mark.parametrize(
    ("left", "by", "most", "text"),
    [
        (H, 32, 0, "H % 32 == 0"),
        (Size.of(H - 3), 8, 0, "H % 8 == 3"),
        # 3 H + 1 divides by 8 where H is 5: 3 * 5 + 1 = 16.
        (Size.of(3 * H + 1), 8, 0, "H % 8 == 5"),
        # 8 divides floor(x/4) where x is 0 to 3 above a multiple of 32.
        (floor(3, 4), 8, 0, "(H + 3) % 32 <= 3"),
        (floor(-1, 4), 8, 0, "(H - 1) % 32 <= 3"),
        (floor(0, 4), 8, 0, "H % 32 <= 3"),
        # All remainders but one: H - 7 leaves 3 where H leaves 2.
        (Size.of(H - 7), 4, 2, "H % 4 != 2"),
        # floor(H/2) + H is 3 H / 2, or (3 H - 1) / 2: even for H = 0, 3 (4), 4 (6) … by 4.
        (Size.of(H // 2 + H), 2, 0, "(H + 1) % 4 <= 1"),
        # 5 H % 12 <= 3: 5 H = 0, 1, 2, 3 for H = 0, 5, 10, 3.
        (Size.of(5 * H), 12, 3, "H % 12 in {0, 3, 5, 10}"),
    ],
)
def test_remainders_of_the_symbol_itself(left: Size, by: int, most: int, text: str) -> None:
    made = conditions()
    assert made.remainder_at_most(left, by, most)
    assert list(made.stated) == [text]


def test_congruences_are_joined_where_one_says_it() -> None:
    made = conditions()
    assert made.divisible(Size.of(H - 11), 48)
    assert made.divisible(Size.of(H - 11), 32)
    # The least common multiple of 48 and 32 is 96.
    (stated,) = made.stated.values()
    assert stated.text == "H % 96 == 11"
    assert [one.text for one in stated.origins] == ["H % 48 == 11", "H % 32 == 11"]
    # By the Chinese remainder theorem: 1 by 3 and 2 by 5 is 7 by 15.
    made = conditions()
    assert made.divisible(Size.of(H - 1), 3)
    assert made.divisible(Size.of(H - 2), 5)
    assert list(made.stated) == ["H % 15 == 7"]


def test_congruences_stay_apart_where_one_would_be_a_list() -> None:
    made = conditions()
    assert made.divisible(Size.of(H - 1), 3)
    assert made.remainder_at_most(H, 4, 1)
    # By 12 they leave 1 and 4: not two that follow each other.
    assert list(made.stated) == ["H % 3 == 1", "H % 4 <= 1"]


def test_of_ranges_the_narrowest_is_stated() -> None:
    made = conditions()
    for bound in (7, 63, 20):
        assert made.at_least(H, bound)
    assert made.at_least(100 - H, 0)
    assert list(made.stated) == ["H >= 63", "H <= 100"]
    assert list(made.asked) == ["H >= 7", "H >= 63", "H >= 20", "H <= 100"]
    assert made.equal(floor(0, 32), Size.of(2) * 1)
    # floor(H/32) is 2 from 64 to 95.
    assert list(made.stated) == ["H >= 64", "H <= 95"]
    assert made.equal(H, 70)
    assert list(made.stated) == ["H == 70"]


def test_what_ties_symbols_is_stated_unless_it_follows() -> None:
    made = conditions("H", "W")
    assert made.equal(2 * H, 2 * W)
    assert made.equal((H + 1) // 2, (W + 1) // 2)
    assert list(made.stated) == ["H == W"]
    made = conditions("H", "W")
    assert made.equal((H + 1) // 2, (W + 1) // 2)
    assert made.equal(H, W)
    assert list(made.stated) == ["H == W"]


def test_bounds_of_products_that_always_hold_are_not_stated() -> None:
    """H floor((W + 13)/2) is 7 at least; H floor((W - 5)/2) below 0 where W is 1."""
    made = conditions("H", "W")
    assert made.at_least(Size.of(H * ((W + 13) // 2)), 7)
    assert not made.stated
    assert made.at_least(Size.of(H * ((W + 13) // 2)), 8)
    assert list(made.stated) == ["H*floor((W + 13)/2) >= 8"]
    # From H = 2 on it is 14.
    assert made.divisible(H, 2)
    assert list(made.stated) == ["H % 2 == 0"]
    made = conditions("H", "W")
    assert made.at_least(Size.of(H * ((W - 5) // 2)), -2)
    assert list(made.stated) == ["H*floor((W - 5)/2) >= -2"]


def test_a_batch_of_conditions_is_found_once() -> None:
    made = conditions()
    assert made.divisible(H, 2)
    assert made.stated is made.stated
    assert made.divisible(H, 3)
    assert list(made.stated) == ["H % 6 == 0"]


ASKED = st.lists(
    st.tuples(
        st.sampled_from(["remainder", "at-least"]),
        st.integers(-40, 40),
        st.integers(1, 6),
        st.integers(-9, 9),
        st.integers(1, 9),
        st.integers(0, 3),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(ASKED)
def test_stated_says_what_was_asked(asked: list[tuple[str, int, int, int, int, int]]) -> None:
    made, plain = conditions(), set(range(1, 601))
    for test, add, by, more, times, most in asked:
        size = (H + add) // by + more
        fits = {n for n in plain if _holds(test, (n + add) // by + more, times, most)}
        before = list(made.asked)
        if test == "remainder":
            held = made.remainder_at_most(size, times, most)
        else:
            held = made.at_least(size, most)
        if held:
            plain = fits
        else:
            assert not fits
            assert list(made.asked) == before
    texts = list(made.stated)
    function = function_of(texts, ("H",))
    for n in range(1, 601):
        sizes = {"H": n}
        assert all(one.holds(sizes) for one in made.asked.values()) == (n in plain)
        assert all(one.holds(sizes) for one in made.stated.values()) == (n in plain)
        assert all(function(n)) == (n in plain)


FAR = st.lists(
    st.tuples(
        st.sampled_from(["remainder", "at-least", "equal"]),
        st.integers(-6000, 100),
        st.sampled_from([1, 2, 4]),
        st.integers(-9, 9),
        st.sampled_from([2, 3, 4, 8]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=5,
)


@settings(deadline=None, max_examples=30)
@given(FAR)
def test_sizes_however_large(asked: list[tuple[str, int, int, int, int, int]]) -> None:
    """Patterns repeat by 96 at most, and begin before 6,050: of 6,400 sizes some are of each."""
    made, plain = conditions(), set(range(1, 6401))
    for test, add, by, more, times, most in asked:
        size, value = (H + add) // by + more, {n: (n + add) // by + more for n in plain}
        if test == "equal":
            held, fits = made.equal(size, most), {n for n in plain if value[n] == most}
        else:
            fits = {n for n in plain if _holds(test, value[n], times, most)}
            if test == "remainder":
                held = made.remainder_at_most(size, times, most)
            else:
                held = made.at_least(size, most)
        assert held == bool(fits)
        plain = fits or plain
    assert made.example().get("H", 224) == min(plain, key=lambda n: (abs(n - 224), n))
    for one in (made.asked, made.stated):
        met = (n for n in range(1, 6401) if all(c.holds({"H": n}) for c in one.values()))
        assert set(met) == plain


def test_patterns_and_bounds_that_are_too_long_to_be_listed() -> None:
    """They keep the words of the layer; sizes up to 4,096 are looked through."""
    made = conditions()
    assert made.at_least(Size.of(100_000 - H), 0)
    assert made.remainder_at_most(Size.of((H + 1) // 2), 70_001, 3)
    assert list(made.stated) == ["H <= 100000", "floor((H + 1)/2) % 70001 <= 3"]
    # floor((H + 1)/2) is 0 to 3 up to 6; and then from 140,001 on, which is more than 100,000.
    assert made.example() == {"H": 6}
    assert not made.at_least(H, 7)


def test_patterns_longer_than_all_sizes() -> None:
    """ceil(H / 8^15) is 1 for each H up to 8^15, which is above 2^40: 5 divides no such one."""
    size = H
    for _ in range(15):
        size = Size.of((size + 7) // 8)
    made = conditions()
    assert not made.divisible(size, 5)
    assert made.remainder_at_most(size, 5, 1)
    assert made.example() == {"H": 224}


def _holds(test: str, value: int, by: int, most: int) -> bool:
    return value % by <= most if test == "remainder" else value >= most


def test_a_congruence_of_two_symbols_in_words() -> None:
    """2 H W + 6 divides by 8 where H W + 3 divides by 4, and 1 + 3 does: H W leaves 1."""
    made = conditions("H", "W")
    assert made.divisible(2 * (H * W) + 6, 8)
    assert list(made.asked) == ["H*W % 4 == 1"]
