"""How forms are written: by arithmetic, and read back with the value that they had."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph.notation import amount_text, is_sum, term_texts
from netspec.graph.size import Dim, Size, overlap
from tests.zoo.forms import function_of

D, H, N, W = (Size.symbol(name) for name in "DHNW")
NAMES = ("D", "H", "N", "W")


def half(size: Size) -> Size:
    return Size.of(size.divided(2))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        # a b - 7 a - 7 b + 49 = (a - 7)(b - 7)
        (3 * (H - 7) * (W - 7), "3*(H - 7)*(W - 7)"),
        (3 * (H - 7) * (W - 7) + 5, "3*(H - 7)*(W - 7) + 5"),
        # Two products of the same symbols are one sum: H W + (H - 1)(W - 1).
        (H * W + (H - 1) * (W - 1), "2*H*W - H - W + 1"),
        # floor(x/16) - 1 = floor((x - 16)/16)
        ((H + 11) // 16 - 1, "floor((H - 5)/16)"),
        (2 * ((H + 1) // 2 - 1) * ((W + 1) // 2 - 1), "2*floor((H - 1)/2)*floor((W - 1)/2)"),
        # 5/2 H W + 3: the number stays small; (H - 19)/8 has one fraction.
        (half(Size.of(5 * H * W + 6)), "5*H*W/2 + 3"),
        (Size.of(H - 19).divided(8), "(H - 19)/8"),
        (half(Size.of(H * W * N + 4 * N)), "N*(H*W/2 + 2)"),
        (N * 12 * (H - 1) * (W - 1), "12*N*(H - 1)*(W - 1)"),
        (N * H * W * 7, "7*N*H*W"),
        # c x y z beside c' (x - 1)(y - 2)(z - 3)
        (5 * D * H * W + 2 * (D - 1) * (H - 2) * (W - 3), "5*D*H*W + 2*(D - 1)*(H - 2)*(W - 3)"),
        # A quarter of the positions, sixteen times as much at each: 16/4 > 3.
        (
            3 * H * W + 16 * (H // 2) * (W // 2),
            "16*floor(H/2)*floor(W/2) + 3*H*W",
        ),
        (overlap(half(H), 7), "(H/2 + 7 - gcd(H/2, 7))"),
    ],
)
def test_forms_as_people_write_them(size: Dim, text: str) -> None:
    assert str(size) == text


def test_thousands_are_separated_where_people_read() -> None:
    assert amount_text(1234567 * H * W + 1000) == "1,234,567*H*W + 1,000"
    assert term_texts(1234567 * H * W - 1000) == ["1,234,567*H*W", "- 1,000"]
    assert term_texts(N * (2000 * H * W - 1000)) == ["N*(2,000*H*W", "- 1,000)"]
    assert term_texts(Size.of(H - 19).divided(8)) == ["(H - 19)/8"]
    assert term_texts(1000) == ["1,000"]


def test_sums_need_brackets_in_a_shape() -> None:
    assert is_sum(H + 1)
    assert is_sum(half(Size.of(H + 2)))  # H/2 + 1
    assert not is_sum(half(Size.of(H + 1)))  # (H + 1)/2
    assert not is_sum((H + 11) // 16 - 1)
    assert not is_sum(7)


@pytest.mark.parametrize("length", range(1, 40))
def test_adaptive_windows_add_up(length: int) -> None:
    # PyTorch's: output i reads from floor(i L / n) to ceil((i + 1) L / n).
    for count in range(1, 12):
        reads = [-(-(i + 1) * length // count) - i * length // count for i in range(count)]
        assert overlap(length, count) == sum(reads)
        form = overlap(H, count)
        assert isinstance(form, Size)
        assert form.evaluate({"H": length}) == sum(reads)


# Costs of layers: a number for each position of a map, whose axes are windows over windows.
AXIS = st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 5)), max_size=3)
MAP = st.tuples(st.integers(-50, 50), st.sampled_from(["HW", "DHW", "NHW", "H", ""]), AXIS, AXIS)


@settings(deadline=None)
@given(st.lists(MAP, max_size=4), st.tuples(*[st.integers(1, 400)] * 4))
def test_a_form_read_back_has_its_value(
    maps: list[tuple[int, str, list[tuple[int, int]], list[tuple[int, int]]]],
    values: tuple[int, ...],
) -> None:
    sizes = dict(zip(NAMES, values, strict=True))
    form: Dim = 0
    plain = 0
    for times, axes, *windows in maps:
        cost: Dim = times
        number = times
        for place, name in enumerate(axes):
            size: Dim = Size.symbol(name)
            known = sizes[name]
            for add, by in windows[place % 2] if name != "N" else ():
                size, known = (size + add) // by, (known + add) // by
            cost, number = cost * size, number * known
        form, plain = form + cost, plain + number
    assert function_of([str(form)], NAMES)(*values) == (plain,)
    joined = " ".join(term_texts(form)).replace(",", "")
    assert function_of([joined], NAMES)(*values) == (plain,)
