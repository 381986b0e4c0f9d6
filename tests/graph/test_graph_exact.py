"""Floors that a congruence makes exact, by arithmetic, and never another size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.graph.exact import Exact
from netspec.graph.size import Condition, Conditions, Dim, Size, overlap

H, W = Size.symbol("H"), Size.symbol("W")


def exact(*divisible: tuple[Dim, int]) -> Exact:
    made = Conditions()
    for name in "HW":
        made.declare(name)
    for size, by in divisible:
        assert made.divisible(Size.of(size), by)
    return Exact.under(made.stated.values())


def floor(size: Dim, by: int) -> Size:
    return Size.of(Size.of(size) // by)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        # Of a multiple of 4, three more bring no next multiple.
        (floor(H + 3, 4), "H/4"),
        (Size.of(4 * floor(H + 3, 4)), "H"),
        # H + 5 is 1 above a multiple of 4, which is H + 4.
        (floor(H + 5, 4), "H/4 + 1"),
        # H - 1 is 3 above H - 4.
        (floor(H - 1, 4), "H/4 - 1"),
        # 3 H / 4 is whole.
        (floor(3 * H + 2, 4), "3*H/4"),
        # H % 8 is 0 or 4.
        (floor(H + 3, 8), "floor((H + 3)/8)"),
        # Nothing is known of W.
        (floor(W + 3, 4), "floor((W + 3)/4)"),
        (floor(H + W, 4), "floor((H + W)/4)"),
        # The inner floor is H/2, so that H/2 + 1 is one above an even number.
        (floor(floor(H + 1, 2) + 1, 2), "H/4"),
        (Size.of(floor(H + 3, 4) * floor(W + 1, 2)), "H*floor((W + 1)/2)/4"),
    ],
)
def test_floors_of_a_multiple_of_four(size: Size, text: str) -> None:
    assert str(exact((H, 4)).dim(size)) == text


def test_of_other_remainders() -> None:
    # H = 32 k + 11: (H + 5)/16 is 2 k + 1, and (H - 3)/4 is 8 k + 2.
    known = exact((H - 11, 32))
    assert known.known == {"H": (32, 11)}
    assert str(known.dim(floor(H + 5, 16))) == "(H + 5)/16"
    assert str(known.dim(floor(H, 4))) == "(H - 3)/4"


def test_windows_that_share_a_position_are_counted_over_the_exact_size() -> None:
    shared = Size.of(exact((H, 4)).dim(overlap(floor(H + 3, 4), 6)))
    assert str(shared) == "(H/4 + 6 - gcd(H/4, 6))"
    # Of 12/4 = 3 positions: 3 + 6 - 3.
    assert shared.evaluate({"H": 12}) == 6


@pytest.mark.parametrize(
    ("test", "left", "right", "by"),
    [
        # Two remainders, a range, one size, and a tie of two symbols.
        ("remainder", H, Size.of(1), 4),
        ("at-least", H, Size.of(32), 1),
        ("equal", H, Size.of(224), 1),
        ("equal", H, W, 1),
        ("remainder", Size.of(H * W), Size.of(0), 4),
    ],
)
def test_what_is_no_congruence_of_one_remainder(
    test: str, left: Size, right: Size, by: int
) -> None:
    assert not Exact.under([Condition("", left, test, right, by)]).known


SIZES = st.recursive(
    st.sampled_from([H, W]),
    lambda inner: st.one_of(
        st.builds(
            lambda size, times, added, by: floor(times * size + added, by),
            inner,
            st.integers(1, 3),
            st.integers(-9, 9),
            st.sampled_from([2, 3, 4, 8]),
        ),
        st.builds(lambda a, b: Size.of(a + b), inner, inner),
        st.builds(lambda a, b: Size.of(a * b), inner, inner),
    ),
    max_leaves=5,
)
CONGRUENCES = st.tuples(st.sampled_from([1, 2, 3, 4, 6, 8, 12, 32]), st.integers(0, 40))


@given(SIZES, CONGRUENCES, CONGRUENCES)
def test_it_is_the_same_size(size: Size, of_h: tuple[int, int], of_w: tuple[int, int]) -> None:
    known = exact((H - of_h[1], of_h[0]), (W - of_w[1], of_w[0]))
    written = Size.of(known.dim(size))
    for h in range(of_h[1] % of_h[0] or of_h[0], 200, 3 * of_h[0]):
        for w in range(of_w[1] % of_w[0] or of_w[0], 200, 5 * of_w[0]):
            at = {"H": h, "W": w}
            assert written.evaluate(at) == size.evaluate(at)
