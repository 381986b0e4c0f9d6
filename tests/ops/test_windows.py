"""The language page's table of six cases, and what is said of windows that do not fit.

Expected texts are those of the page on messages; the arithmetic stands in each test.
"""

from __future__ import annotations

import re

import pytest

from netspec.graph.shape import Shape
from netspec.ops.window import Window, same_padding, slide, unread
from tests.ops.layers import apply, refused, shape


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "out"),
    [
        ("7x7", "3x3", 1, 0, "4x5x5"),
        ("7x7", "3x3", 2, 0, "4x3x3"),
        ("224x224", "7x7", 2, 3, "4x112x112"),
        ("56x56", "1x1", 2, 0, "4x28x28"),
    ],
)
@pytest.mark.parametrize("layer", ["conv", "maxpool", "avgpool"])
def test_the_table_of_six_accepted(
    layer: str, size: str, kernel: str, stride: int, padding: int, out: str
) -> None:
    more = {"filters": 4} if layer == "conv" else {}
    value = shape(f"4x{size}")
    found = apply(layer, value, kernel=kernel, stride=stride, padding=padding, **more)
    assert str(found.shape) == out


def test_the_table_of_six_seven_by_seven() -> None:
    error = refused("conv", shape("4x7x7"), filters=4, kernel="3x3", stride=3)
    assert error.name == "stride-drops-input"
    assert error.argument == "stride"
    assert error.message == "stride 3 leaves the last row and column of a 7x7 input unread"
    assert error.label == "windows of 3, every 3, end at 6 of 7"
    assert error.notes == ("(7 - 3) / 3 + 1 = 2.33 in height and width",)
    assert error.helps == (
        "stride=2 gives 4x3x3",
        "padding=1 gives 4x3x3",
        "a kernel of 4x4 gives 4x2x2",
        "an input of 6x6 (to this layer) gives 4x2x2",
        "rounding=floor accepts the loss and gives 4x2x2",
    )


def test_the_table_of_six_alexnet() -> None:
    arguments = {"filters": 96, "kernel": "11x11", "stride": 4}
    error = refused("conv", shape("3x224x224"), **arguments)
    # (224 + 4 - 11) mod 4 = 1, which is padding; (227 - 11) / 4 + 1 = 55.
    assert "padding=2 gives 96x55x55" in error.helps
    assert str(apply("conv", shape("3x227x227"), **arguments).shape) == "96x55x55"
    assert str(apply("conv", shape("3x224x224"), **arguments, padding=2).shape) == "96x55x55"


# --- words for what is left -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("4x7x9", "the last row of a 7x9 input"),
        ("4x9x7", "the last column of a 9x7 input"),
        ("4x8x8", "the last 2 rows and columns of an 8x8 input"),
        ("4x8x7", "the last 2 rows and the last column of an 8x7 input"),
        ("4x7", "the last position of an input of length 7"),
        ("4x8", "the last 2 positions of an input of length 8"),
        ("4x7x9x9", "the last slice of a 7x9x9 input"),
        ("4x7x9x7", "the last slice and column of a 7x9x7 input"),
        ("4x11x9", "the last 2 rows of an 11x9 input"),
    ],
)
def test_only_the_failing_axes_are_named(value: str, words: str) -> None:
    error = refused("conv", shape(value), filters=4, kernel=3, stride=3)
    assert error.message == f"stride 3 leaves {words} unread"


def test_arithmetic_shows_padding_and_dilation() -> None:
    # k' = 2(3 - 1) + 1 = 5; (12 + 1 + 0 - 5) mod 5 = 3.
    error = refused(
        "conv", shape("4x12"), filters=4, kernel=3, stride=5, dilation=2, padding=[[1, 0]]
    )
    assert error.notes == (
        "(12 + 1 + 0 - 5) / 5 + 1 = 2.60 in length",
        "with dilation 2, a kernel of 3 spans 5",
    )


def test_a_pool_without_a_stride_points_at_its_kernel() -> None:
    assert refused("maxpool", shape("4x7x7"), kernel=2).argument == "kernel"


# --- repairs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["conv", "maxpool", "avgpool"])
@pytest.mark.parametrize("size", [7, 8, 10, 23, 32, 57])
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (3, 3), (5, 4), (4, 6), (7, 3)])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_every_repair_works(layer: str, size: int, kernel: int, stride: int, padding: int) -> None:
    """A help is applied as it is worded, and must give what it says."""
    value = Shape.of(4, size, size)
    arguments = {"kernel": kernel, "stride": stride, "padding": padding}
    if layer == "conv":
        arguments["filters"] = 4
    out_of_order = (size + 2 * padding - kernel) % stride - padding > max(0, stride - kernel)
    if size + 2 * padding < kernel or (layer != "conv" and padding > kernel // 2):
        error = refused(layer, value, **arguments)
    elif out_of_order:
        error = refused(layer, value, **arguments)
        assert error.name == "stride-drops-input"
        assert len(error.helps) >= 3
    else:
        apply(layer, value, **arguments)
        return
    for text in error.helps:
        changed, on = dict(arguments), value
        if match := re.match(r"(stride|padding)=(\d+) gives (\S+)$", text):
            changed[match[1]] = int(match[2])
        elif match := re.match(r"a kernel of ((\d+)x\2) gives (\S+)$", text):
            changed["kernel"] = int(match[2])
        elif match := re.match(r"an input of ((\d+)x\2) \(to this layer\) gives (\S+)$", text):
            on = Shape.of(4, int(match[2]), int(match[2]))
        else:
            match = re.match(r"(rounding)=(floor) accepts the loss and gives (\S+)$", text)
            assert match, text
            changed["rounding"] = "floor"  # type: ignore[assignment]
        done = apply(layer, on, **changed)
        assert str(done.shape) == match[3]
        assert not done.warnings


def test_no_nearer_stride_fits() -> None:
    """Of the strides nearer than the one offered none passes: 1 … 8 around 5, for 23 and 4."""
    error = refused("conv", shape("4x23"), filters=4, kernel=4, stride=5)
    # 19 mod 5 = 4 > 5 - 4; 19 mod 4 = 3; 19 mod 6 = 1 <= 6 - 4, so 6 is nearest.
    assert error.helps[0] == "stride=6 gives 4x4"


def test_a_kernel_too_large() -> None:
    error = refused("conv", shape("3x5x5"), filters=8, kernel=7)
    assert error.name == "kernel-larger-than-input"
    assert error.notes == ("5 - 7 = -2 in height and width",)
    assert error.helps == (
        "a kernel of 5x5 gives 8x1x1",
        "padding=1 gives 8x1x1",
        "an input of 7x7 (to this layer) gives 8x1x1",
    )


def test_a_large_error_is_fast_to_explain() -> None:
    error = refused("conv", shape("3x5x5"), filters=8, kernel=10**9, stride=10**9)
    assert "a kernel of 5x5 gives 8x1x1" in error.helps


# --- other rules --------------------------------------------------------------------------------


def test_same_gives_the_ceiling_and_pads_the_odd_element_after() -> None:
    # TensorFlow: total = max((ceil(224 / 2) - 1) * 2 + 3 - 224, 0) = 1, after.
    assert same_padding(224, 3, 2, 1) == (0, 1)
    found = apply("conv", shape("3x224x224"), filters=8, kernel=3, stride=2, padding="same")
    assert str(found.shape) == "8x112x112"
    assert found.attributes["padding"] == ((0, 1), (0, 1))
    assert found.attributes["padding_word"] == "same"


@pytest.mark.parametrize("size", range(1, 30))
@pytest.mark.parametrize("stride", [1, 2, 3, 7])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_same_never_drops_input(size: int, stride: int, kernel: int) -> None:
    found = apply(
        "conv", Shape.of(1, size), filters=1, kernel=kernel, stride=stride, padding="same"
    )
    assert found.shape.dims == (1, -(-size // stride))
    ((before, after),) = found.attributes["padding"]  # type: ignore[misc]
    window = Window(kernel, stride, before, after)
    assert slide(size, window, "floor") == -(-size // stride)
    assert unread(size, window) <= max(0, stride - kernel)


def test_half_is_what_papers_write_for_odd_kernels() -> None:
    found = apply("conv", shape("3x56x56"), filters=8, kernel="3x5", padding="half", dilation=2)
    # d(k - 1) // 2: 2 and 4.
    assert found.attributes["padding"] == ((2, 2), (4, 4))
    assert str(found.shape) == "8x56x56"


def test_rounding_up_is_for_pools_and_not_with_same() -> None:
    assert (
        refused("conv", shape("3x7x7"), filters=8, kernel=3, rounding="ceil").name == "unknown-word"
    )
    error = refused("maxpool", shape("3x7x7"), kernel=3, padding="same", rounding="ceil")
    assert error.name == "rounding-with-same"
    # ceil_mode: ceil((7 - 2) / 2) + 1 = 4.
    assert str(apply("maxpool", shape("3x7x7"), kernel=2, rounding="ceil").shape) == "3x4x4"


def test_rounding_up_admits_a_window_wider_than_the_input() -> None:
    assert (
        str(apply("maxpool", shape("3x4x4"), kernel=5, stride=2, rounding="ceil").shape) == "3x1x1"
    )


def test_a_convolution_that_reads_padding_alone_is_warned_of() -> None:
    found = apply("conv", shape("3x7x7"), filters=8, kernel=3, padding=3)
    assert found.warnings == ["window-reads-only-padding"]
    assert found.call.warnings[0].helps == ("with padding=2, every window reads input",)
    assert not apply("conv", shape("3x7x7"), filters=8, kernel=3, padding=2).warnings


def test_a_dilated_window_may_step_over_a_short_input() -> None:
    # Elements at 0 and 2 of one position padded on both sides: both are padding.
    found = apply("conv", shape("3x1"), filters=8, kernel=2, dilation=2, padding=1)
    assert found.warnings == ["window-reads-only-padding"]


def test_a_pools_padding_is_at_most_half_its_kernel() -> None:
    error = refused("maxpool", shape("4x7x7"), kernel=3, stride=1, padding=2)
    assert error.name == "padding-too-large"
    assert error.helps == ("padding=1 gives 4x7x7", "a kernel of 4x4 gives 4x8x8")


def test_windows_follow_the_axes_of_a_permuted_value() -> None:
    value = apply("permute", shape("3x8x6"), axis=("height", "width", "channels")).shape
    found = apply("conv", value, filters=5, kernel="3x1")
    assert found.shape == Shape((6, 6, 5), ("height", "width", "channels"))


def test_a_transposed_convolution_must_leave_something() -> None:
    error = refused("conv_transpose", shape("3x1"), filters=8, kernel=2, padding=2)
    # (1 - 1) * 1 - 4 + 2 = -2; without padding 2.
    assert error.name == "size-vanishes"
    assert error.helps == ("padding=0 gives 8x2",)


def test_output_padding_is_below_the_stride_or_the_dilation() -> None:
    error = refused(
        "conv_transpose", shape("3x7x7"), filters=8, kernel=3, stride=2, padding=1, output_padding=2
    )
    assert error.name == "output-padding-too-large"
    # (7 - 1) * 2 - 2 + 3 + 1 = 14.
    assert error.helps == ("output_padding=1 gives 8x14x14",)


def test_groups_divide_channels_and_filters() -> None:
    error = refused("conv", shape("12x5x5"), filters=18, kernel=3, groups=5)
    assert error.name == "groups-do-not-divide"
    assert error.message == "12 channels do not divide into 5 groups"
    # 4 does not divide 18; 6 divides both.
    assert error.helps == ("groups=6 gives 18x3x3",)


def test_three_dimensional_averages_need_an_input_of_the_kernels_size() -> None:
    """PyTorch refuses it whatever the padding: `input image … smaller than kernel size`."""
    error = refused("avgpool", shape("3x2x5x5"), kernel=3, stride=1, padding=1)
    assert error.name == "kernel-larger-than-input"
    assert str(apply("maxpool", shape("3x2x5x5"), kernel=3, stride=1, padding=1).shape) == "3x2x5x5"
