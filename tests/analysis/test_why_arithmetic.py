"""Why: the arithmetic of kinds of layers one by one, each worked out by hand."""

from __future__ import annotations

import pytest

from netspec.analysis.why.arithmetic import MOST
from netspec.reports import why_text
from tests.analysis.sums import check
from tests.analysis.test_why_by_hand import axes, remarks, why


@pytest.mark.parametrize(
    ("layer", "text", "remark"),
    [
        # 7 = 2 * 3 + 1: windows end at 7 of 8 positions, and the one over is padding.
        ("maxpool 3 stride=3 padding=1 rounding=floor", "(8 + 1 + 1 - 3) / 3 + 1 = 3.33 -> 3",
         "only padding is left over"),
        # 6 = 4 + 2: two are over, of which one is padding.
        ("maxpool 4 stride=4 padding=1 rounding=floor", "(8 + 1 + 1 - 4) / 4 + 1 = 2.5 -> 2",
         "rounding=floor leaves the last one unread"),
        # 4 = 4 * 1: none is over.
        ("maxpool 4 stride=4", "(8 - 4) / 4 + 1 = 2", ""),
        # 5 = 3 + 2: two are over, and no padding.
        ("maxpool 3 stride=3 rounding=floor", "(8 - 3) / 3 + 1 = 2.67 -> 2",
         "rounding=floor leaves the last 2 unread"),
        ("conv_transpose 1 4 stride=2 padding=[[1, 2]]", "(8 - 1) * 2 - 1 - 2 + 4 = 15", ""),
        # Four taps, two apart, reach over 7.
        ("conv_transpose 1 4 stride=2 dilation=2", "(8 - 1) * 2 + (2*(4 - 1) + 1) = 21", ""),
    ],
)  # fmt: skip
def test_what_windows_leave(layer: str, text: str, remark: str) -> None:
    found = why(f"net A {{ input 1x8; x: {layer} }}", "x")
    assert (axes(found)["length"], remarks(found)["length"]) == (text, remark)
    check(found, found.output, {})


@pytest.mark.parametrize(
    ("layer", "text", "remark"),
    [
        ("maxpool 3 stride=2 rounding=ceil", "(L - 3) / 2 + 1", "rounding=ceil"),
        ("maxpool 3 rounding=ceil stride=1", "(L - 3) / 1 + 1", ""),
        ("maxpool 3 stride=2 rounding=floor", "(L - 3) // 2 + 1", "rounded down"),
        ("conv 1 3 stride=2 padding=same", "(L + 2 - 1) // 2", "padding=same: rounded up"),
        # A sum stands in parentheses: two positions are gone before.
        ("conv 1 3; x: pad [[1, 2]]", "(L - 2) + 1 + 2", "the `amount` on both sides"),
        ("conv 1 3; x: upsample 2", "(L - 2) * 2", "x `scale`"),
    ],
)
def test_windows_over_open_sizes(layer: str, text: str, remark: str) -> None:
    """Each is what it comes to at 9 and at 13, where windows of 3, 2 apart, end at the end."""
    label = "" if "x:" in layer else "x: "
    found = why(f"net A {{ input 1xL; {label}{layer} }}", "x")
    (one,) = [axis for axis in found.axes if axis.what == "length"]
    assert (one.text.partition(" = ")[0], one.remark) == (text, remark)
    for size in (9, 13):
        check(found, found.output, {"L": size})


@pytest.mark.parametrize(
    ("layer", "input_", "expected"),
    [
        # Each of 4 channels has 2 filters.
        ("dwconv 3x3 multiplier=2 padding=1", "4x8x8",
         {"channels": ("4 x 2 = 8", "channels x `multiplier`")}),
        ("select [0, 2]", "4x8x8", {"channels": ("2", "so many `indices`")}),
        ("pixel_shuffle 2", "8x3x5",
         {"channels": ("8 / (2 * 2) = 2", "channels become positions"),
          "height": ("3 * 2 = 6", "x `factor`"), "width": ("5 * 2 = 10", "x `factor`")}),
        ("space_to_depth 2", "2x4x6",
         {"channels": ("2 * 2 * 2 = 8", "positions become channels"),
          "height": ("4 / 2 = 2", "/ `factor`"), "width": ("6 / 2 = 3", "/ `factor`")}),
        # Taps two apart reach over 5 positions of the width, and over 3 of the height.
        ("conv 1 3x3 dilation=1x2", "1x9x9",
         {"channels": ("1", "one for each of the `filters`"), "height": ("(9 - 3) / 1 + 1 = 7", ""),
          "width": ("(9 - (2*(3 - 1) + 1)) / 1 + 1 = 5", "")}),
        ("add { identity; { conv 1 1x1 }; { global_avgpool } }", "3x4x5",
         {"channels": ("3", "branch 2 repeated, of size 1"),
          "height": ("4", "branch 3 repeated, of size 1"),
          "width": ("5", "branch 3 repeated, of size 1")}),
    ],
)  # fmt: skip
def test_each_axis(layer: str, input_: str, expected: dict[str, tuple[str, str]]) -> None:
    found = why(f"net A {{ input {input_}; x: {layer} }}", "x")
    said = {axis: (one.text, one.remark) for one in found.axes for axis in one.what.split(", ")}
    assert {axis: said[axis] for axis in expected} == expected
    check(found, found.output, {})


@pytest.mark.parametrize(
    ("layer", "weight", "meaning", "macs"),
    [
        # Each of 6 filters reads 2 of 4 channels, at 3 * 3 places.
        ("conv 6 3x3 groups=2", "6 x 2 x 3 x 3 = 108", "filters x channels / 2 groups x kernel",
         "6 x 3 x 3 x 2 x 3 x 3 = 972"),
        # Each of 4 * 5 * 5 inputs goes to 3 of 6 filters.
        ("conv_transpose 6 3x3 groups=2", "4 x 3 x 3 x 3 = 108",
         "channels x filters / 2 groups x kernel", "4 x 5 x 5 x 3 x 3 x 3 = 2,700"),
        ("conv_transpose 6 3x3", "4 x 6 x 3 x 3 = 216",
         "channels x filters x kernel", "4 x 5 x 5 x 6 x 3 x 3 = 5,400"),
    ],
)  # fmt: skip
def test_groups(layer: str, weight: str, meaning: str, macs: str) -> None:
    found = why(f"net A {{ input 4x5x5; x: {layer} }}", "x")
    assert (found.tensors[0].text, found.tensors[0].remark) == (weight, meaning)
    assert found.macs is not None
    assert found.macs.text == macs
    check(found, found.output, {})


def test_what_tensors_hold() -> None:
    """One slope for all channels says no more; a counter and buffers are no parameters."""
    shared = why("net A { input 4x5x5; x: prelu }", "x").tensors
    own = why("net A { input 4x5x5; x: prelu per_channel=true }", "x").tensors
    assert [(t.text, t.remark) for t in (*shared, *own)] == [
        ("1", ""),
        ("4", "one for each channel"),
    ]
    norm = why("net A { input 4x5x5; x: batchnorm }", "x")
    assert norm.params is not None
    assert norm.params.text == "4 + 4 = 8"
    assert [t.remark for t in norm.tensors[2:]] == [
        *["one for each channel, a buffer, which is not trained"] * 2,
        "a counter, of no parameters",
    ]


def test_a_sum_of_many() -> None:
    """20 of 3 channels and 3 filters, 12 weights each, and one of 3 to 4 channels, 16: 256.

    What is alike is counted; of the names, the first eleven stand, and the last one.
    """
    layers = "; ".join(f"c{i}: conv 3 1x1" for i in range(20))
    found = why(f"net A {{ input 3x2x2; b: {{ {layers}; last: conv 4 1x1 }} }}", "b")
    assert found.params is not None
    assert found.params.text == "20 * 12 + 16 = 256"
    names = found.params.remark.split(" + ")
    assert names == [*(f"c{i}" for i in range(11)), "…", "last"]
    assert len(names) == MOST + 1
    check(found, found.output, {})


@pytest.mark.parametrize(
    ("layer", "name", "value"),
    [
        ("upsample 2", "scale", "2"),
        ("upsample [2, 3]", "scale", "2x3"),
        ("conv_transpose 1 3 stride=2 output_padding=1", "output_padding", "1"),
        ("pad 1", "amount", "1"),
        ("pad [[4, 0], 3]", "amount", "[[4, 0], 3]"),
        ("pad [0, 2] axis=channels", "amount", "[0, 2]"),
        ("pad 2 axis=width", "amount", "2"),
    ],
)
def test_arguments_as_they_are_written(layer: str, name: str, value: str) -> None:
    """What is said can be written in its place, and gives the same shape."""
    text = "net A { input 2x6x6; x: %s }"
    found = why(text % layer, "x")
    assert {a.name: a.value for a in found.arguments}[name] == value
    word, *rest = layer.split()
    others = {key: v for key, v in (x.split("=") for x in rest if "=" in x) if key != name}
    first = [] if word in ("upsample", "pad") else rest[:2]
    again = " ".join([word, *first, f"{name}={value}", *(f"{k}={v}" for k, v in others.items())])
    assert why(text % again, "x").output == found.output


@pytest.mark.parametrize(
    ("amount", "text", "remark"),
    [
        ("[[4, 0]]", "8 + 4 = 12", "the `amount` at the beginning"),
        ("[[0, 3]]", "8 + 3 = 11", "the `amount` at the end"),
        ("[[4, 3]]", "8 + 4 + 3 = 15", "the `amount` on both sides"),
    ],
)
def test_one_sided_padding(amount: str, text: str, remark: str) -> None:
    found = why(f"net A {{ input 2x8; x: pad {amount} }}", "x")
    assert (axes(found)["length"], remarks(found)["length"]) == (text, remark)


def test_thousands_and_one_element() -> None:
    """64 filters of 64 channels and 3 * 3, at H * W places: 36,864 * H * W; 13 of 1,600 weights."""
    text = "net A { input 64xHxW; b: { conv 64 3 padding=1; conv 64 3 padding=1 } }"
    assert (one := why(text, "b.0").macs) is not None
    assert one.text == "64 x H x W x 64 x 3 x 3 = 36,864*H*W"
    assert (both := why(text, "b").macs) is not None
    assert both.text == "36,864*H*W + 36,864*H*W = 73,728*H*W"
    # 40 * 40 weights each, none of them alike to the last one's 40 * 41.
    layers = "; ".join([f"c{i}: conv 40 1 bias=false" for i in range(13)])
    many = why(f"net A {{ input 40x2x2; b: {{ {layers}; e: conv 41 1 bias=false }} }}", "b")
    assert many.params is not None
    assert many.params.text == "13 * 1,600 + 1,640 = 22,440"
    slope = why_text.render(why("net A { input 4x5x5; x: prelu }", "x.weight"))
    assert slope.startswith("x.weight of A: a tensor of `prelu`, 1 element\n")
