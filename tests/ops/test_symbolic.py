"""Symbolic sizes: what a rule says for all sizes must hold for each, as the rule says of numbers.

Each layer is applied to a symbolic size once, and to every number up to 64: where the stated
conditions hold, the shapes agree; where they do not, the numbers are refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from netspec.graph.shape import Shape
from netspec.graph.size import Conditions, Size
from netspec.ops.spec import OpError
from tests.ops.layers import apply, refused

HEIGHT = Size.symbol("H")


def symbolic() -> Conditions:
    conditions = Conditions()
    conditions.declare("H")
    return conditions


def fitting(conditions: Conditions) -> set[int]:
    """The sizes up to 64 that meet what was asked."""
    asked = conditions.asked.values()
    return {n for n in range(1, 65) if all(one.holds({"H": n}) for one in asked)}


@pytest.mark.parametrize(
    ("layer", "arguments"),
    [
        *[
            ("conv", {"filters": 4, "kernel": k, "stride": s, "padding": p, "rounding": r})
            for k in (1, 2, 3, 5)
            for s in (1, 2, 3, 4)
            for p in (0, 1, "half", "same")
            for r in ("exact", "floor")
        ],
        *[
            ("maxpool", {"kernel": k, "stride": s, "padding": p, "rounding": r})
            for k in (1, 2, 3, 4)
            for s in (1, 2, 3, 6)
            for p in (0, "half")
            for r in ("exact", "floor", "ceil")
        ],
        ("conv_transpose", {"filters": 4, "kernel": 4, "stride": 2, "padding": 1}),
        ("conv_transpose", {"filters": 4, "kernel": 2, "stride": 1, "padding": 3}),
        ("upsample", {"scale": 3}),
        ("crop", {"to": 5}),
        ("resize", {"to": 5}),
        ("adaptive_avgpool", {"size": 3}),
        ("pad", {"amount": 3, "mode": "reflect"}),
        ("pad", {"amount": [[1, 2]]}),
        ("slice", {"start": 2, "axis": "length"}),
        ("slice", {"start": 2, "stop": 9, "axis": "length"}),
        ("reshape", {"dims": [4, 12]}),
        ("flatten", {}),
        ("global_avgpool", {}),
        ("instancenorm", {}),
    ],
)
def test_symbols_agree_with_numbers(layer: str, arguments: dict[str, Any]) -> None:
    conditions = symbolic()
    try:
        general = apply(layer, Shape.of(4, HEIGHT), conditions=conditions, **arguments).shape
        sizes = fitting(conditions)
    except OpError:
        general, sizes = None, set()
    for number in range(1, 65):
        try:
            found = apply(layer, Shape.of(4, number), **arguments).shape
        except OpError:
            assert number not in sizes
            continue
        assert general is not None
        assert number in sizes
        dims = [Size.of(dim).evaluate({"H": number}) for dim in general.dims]
        assert dims == list(found.dims)


def test_pixel_unshuffling_divides() -> None:
    conditions = symbolic()
    found = apply("space_to_depth", Shape.of(3, HEIGHT, 8), factor=2, conditions=conditions)
    assert str(found.shape) == "12 x H/2 x 4"
    assert list(conditions.stated) == ["H % 2 == 0"]


def test_exact_halving_reads_as_people_write_it() -> None:
    conditions = symbolic()
    value = Shape.of(3, HEIGHT, HEIGHT)
    for _ in range(5):
        value = apply("maxpool", value, kernel=2, conditions=conditions).shape
    assert str(value) == "3 x H/32 x H/32"
    assert fitting(conditions) == {32, 64}


def test_no_size_fits() -> None:
    conditions = symbolic()
    # 2H + 1 is odd: halving it always leaves one position.
    value = apply("upsample", Shape.of(3, HEIGHT), scale=2, conditions=conditions).shape
    value = apply("pad", value, amount=[[0, 1]], conditions=conditions).shape
    error = refused_with(conditions, "maxpool", value, kernel=2)
    assert error.name == "stride-drops-input"
    assert error.message == "stride 2 leaves input unread, whatever H is"
    assert error.helps[-1].startswith("rounding=floor accepts the loss and gives 3 x ")


def test_a_known_axis_is_repaired_beside_a_symbol() -> None:
    value = Shape.of(3, HEIGHT, 7)
    error = refused_with(symbolic(), "conv", value, filters=4, kernel=3, stride=3, padding=[1, 0])
    assert error.message == "stride 3 leaves the last column of an H x 7 input unread"
    assert "an input of H x 6 (to this layer) gives 4 x floor((H + 2)/3) x 2" in error.helps


def refused_with(conditions: Conditions, layer: str, value: Shape, **arguments: object) -> OpError:
    with pytest.raises(OpError) as caught:
        apply(layer, value, conditions=conditions, **arguments)
    return caught.value


def test_weights_do_not_depend_on_a_symbol() -> None:
    error = refused("conv", Shape.of(HEIGHT, 5, 5), filters=4, kernel=1)
    assert error.name == "symbol-decides"
    assert refused("parameter", dims=[HEIGHT]).name == "symbol-decides"


def test_open_padding_is_left_open() -> None:
    found = apply(
        "conv",
        Shape.of(3, HEIGHT),
        filters=4,
        kernel=3,
        stride=2,
        padding="same",
        conditions=symbolic(),
    )
    assert found.attributes["padding"] is None
    assert str(found.shape) == "4 x floor((H + 1)/2)"


def test_sizes_of_one_are_repeated_over_a_symbol() -> None:
    found = apply("mul", Shape.of(3, HEIGHT), Shape.of(3, 1), conditions=symbolic())
    assert found.shape == Shape.of(3, HEIGHT)


def test_no_size_of_either_symbol_fits() -> None:
    conditions = symbolic()
    conditions.declare("W")
    width = 2 * Size.symbol("W") + 1
    error = refused("maxpool", Shape.of(3, HEIGHT, width), kernel=2, conditions=conditions)
    assert error.message == "stride 2 leaves input unread, whatever H and W are"
