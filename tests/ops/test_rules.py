"""Rules of layers without windows: their axes, their ranges, and what helps where they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.graph.shape import Shape
from netspec.ops import OPS
from netspec.ops.arguments import convert
from netspec.ops.spec import OpCall, OpError
from netspec.ops.values import Word
from tests.ops.layers import apply, refused, shape


@pytest.mark.parametrize(
    ("layer", "value", "arguments", "out"),
    [
        ("crop", "4x7x8", {"to": "4x5"}, "4x4x5"),
        ("crop", "4x7x8", {"to": 4}, "4x4x4"),
        ("resize", "4x7x8", {"to": [14, 3]}, "4x14x3"),
        ("slice", "8x4x4", {"start": 2}, "6x4x4"),
        ("slice", "8x4x4", {"start": 1, "stop": 3, "axis": "width"}, "8x4x2"),
        ("select", "8x4x4", {"indices": [7, 0, 0]}, "3x4x4"),
        ("reshape", "8x4x4", {"dims": [16, 8]}, "16x8"),
        ("permute", "8x4x3", {"axis": ("width", "channels", "height")}, "3x8x4"),
        ("mean", "8x4x3", {"axis": ("height", "width")}, "8"),
        ("mean", "8x4x3", {"axis": ("channels",)}, "4x3"),
        ("maximum", "8x4x3", {"axis": ("channels",), "keep": True}, "1x4x3"),
        ("sum", "8x4x3", {"axis": ("height", "channels"), "keep": True}, "1x1x3"),
        ("mean", "8", {"axis": ("channels",), "keep": True}, "1"),
        # (8 + 2 - 3) // 2 + 1 = 4, and of a kernel of 4 padded by 2, (8 + 4 - 4) / 2 + 1 = 5.
        ("blurpool", "8x8x8", {}, "8x4x4"),
        ("blurpool", "8x8x8", {"kernel": 4, "padding": 2}, "8x5x5"),
        ("blurpool", "8x9", {"padding": "same"}, "8x5"),
        ("blurpool", "8x3x3x3", {"kernel": 3, "stride": 1, "padding": 0}, "8x1x1x1"),
        ("blurpool", "8x1x1", {"mode": "replicate"}, "8x1x1"),
        ("grn", "8x4x3", {}, "8x4x3"),
        ("multiply", "8", {"factor": -2}, "8"),
        ("gelu", "8", {"approximate": "tanh"}, "8"),
        ("pad", "8x4x3", {"amount": [2, 3], "axis": "channels"}, "13x4x3"),
        ("pad", "8", {"amount": 1, "axis": "channels"}, "10"),
        ("global_maxpool", "8x4x3", {}, "8x1x1"),
    ],
)
def test_shapes(layer: str, value: str, arguments: dict[str, Any], out: str) -> None:
    assert str(apply(layer, shape(value), **arguments).shape) == out


def test_a_crop_is_centred_with_the_odd_position_after() -> None:
    # 7 - 4 = 3 go: one before, two after.
    assert apply("crop", shape("4x7x8"), to="4x5").attributes["start"] == (1, 1)


def test_crop_and_resize_take_the_size_of_another_value() -> None:
    class Value:
        shape = Shape.of(99, 3, 2)

    for layer in ("crop", "resize"):
        op = OPS[layer]
        arguments = {p.name: p.default for p in op.parameters if not p.required}
        parameter = op.parameter("to")
        assert parameter is not None
        arguments["to"] = convert(parameter, Value(), op)
        assert str(op.infer(OpCall(op, (shape("4x7x8"),), arguments)).shape) == "4x3x2"


@pytest.mark.parametrize(
    ("layer", "value", "arguments", "name", "message"),
    [
        (
            "crop",
            "4x7x8",
            {"to": 8},
            "crop-too-large",
            "a crop to 8x8 is larger than the 7x8 input",
        ),
        (
            "slice",
            "8x4x4",
            {"start": 2, "stop": 9},
            "out-of-range",
            "`slice` ends at 9, and channels ends at 8",
        ),
        (
            "slice",
            "8x4x4",
            {"start": 8},
            "out-of-range",
            "`slice` from 8 to 8 holds nothing; channels goes from 0 to 8",
        ),
        (
            "select",
            "8x4x4",
            {"indices": [0, 8]},
            "out-of-range",
            "there is no channel 8: they are counted from 0 to 7",
        ),
        (
            "select",
            "8x4x4",
            {"indices": [-1]},
            "out-of-range",
            "there is no channel -1: they are counted from 0 to 7",
        ),
        (
            "reshape",
            "8x4x4",
            {"dims": "8x15"},
            "elements-differ",
            "8x4x4 has 128 elements, 8x15 has 120",
        ),
        (
            "reshape",
            "8x4x4",
            {"dims": [2, 2, 2, 2, 8]},
            "wrong-rank",
            "a value has channels and up to three spatial axes, not 5 axes",
        ),
        (
            "permute",
            "8x4x4",
            {"axis": ("height", "width")},
            "axis-missing",
            "`permute` needs every axis, and channels is missing",
        ),
        (
            "permute",
            "8",
            {"axis": ("channels", "channels")},
            "axis-given-twice",
            "`permute` names channels twice",
        ),
        ("mean", "8", {"axis": ("height",)}, "no-such-axis", "a vector of 8 has no height"),
        ("mean", "8", {"axis": ("channels",)}, "wrong-rank", "a mean over channels leaves no axis"),
        (
            "maximum",
            "8x4",
            {"axis": ("length", "length")},
            "axis-given-twice",
            "the maximum over length is taken twice",
        ),
        (
            "blurpool",
            "8x1x4",
            {},
            "padding-too-large",
            "a height of 1 can be reflected by 0 at most, not 1",
        ),
        (
            "blurpool",
            "8x7x7",
            {"padding": 0, "kernel": 4},
            "stride-drops-input",
            "stride 2 leaves the last row and column of a 7x7 input unread",
        ),
        (
            "blurpool",
            "8x99x99",
            {"kernel": 40},
            "out-of-range",
            "`blurpool` has kernels of up to 31, not 40",
        ),
        (
            "blurpool",
            "8",
            {},
            "wrong-rank",
            "`blurpool` needs spatial axes, and a vector of 8 has none",
        ),
        ("grn", "8", {}, "wrong-rank", "`grn` needs spatial axes, and a vector of 8 has none"),
        ("grn", "8x4", {"eps": 0}, "out-of-range", "`eps` is above 0, not 0"),
        (
            "dwconv",
            "8x4x4",
            {"kernel": 1, "standardize": 1e-6},
            "single-element",
            "`dwconv` would standardise filters of a single weight",
        ),
        (
            "conv",
            "8x4x4",
            {"filters": 4, "kernel": 3, "standardize": 0},
            "out-of-range",
            "`standardize` is above 0, not 0",
        ),
        ("softmax", "8x4", {"axis": "height"}, "no-such-axis", "a value of 8x4 has no height"),
        (
            "global_avgpool",
            "8",
            {},
            "wrong-rank",
            "`global_avgpool` needs spatial axes, and a vector of 8 has none",
        ),
        (
            "conv",
            "8",
            {"filters": 4, "kernel": 1},
            "wrong-rank",
            "`conv` needs spatial axes, and a vector of 8 has none",
        ),
        (
            "conv",
            "8x5",
            {"filters": 4, "kernel": "3x3"},
            "wrong-rank",
            "kernel 3x3 has 2 axes, the input 8x5 has 1",
        ),
        ("batchnorm", "8", {"eps": 0}, "out-of-range", "`eps` is above 0, not 0"),
        (
            "groupnorm",
            "30x4x4",
            {"groups": 32},
            "groups-do-not-divide",
            "30 channels do not divide into 32 groups",
        ),
        (
            "pixel_shuffle",
            "8x4",
            {"factor": 2},
            "wrong-rank",
            "`pixel_shuffle` is for two spatial axes, and 8x4 has 1",
        ),
        (
            "upsample",
            "8x4x4",
            {"scale": 2**39},
            "too-large",
            "the output's height would be 2199023255552, more than 2^40",
        ),
    ],
)
def test_refusals(
    layer: str, value: str, arguments: dict[str, Any], name: str, message: str
) -> None:
    error = refused(layer, shape(value), **arguments)
    assert (error.name, error.message) == (name, message)


def test_what_is_too_small_to_reflect_or_crop_is_helped() -> None:
    error = refused("pad", shape("99x5x4"), amount=4, mode="reflect")
    assert (error.name, error.helps) == ("padding-too-large", ("an amount of 3 gives 99x11x10",))
    assert refused("crop", shape("4x7x8"), to=8).helps == ("`resize 8x8` gives 4x8x8",)


def test_dense_on_a_feature_map_offers_ways_to_a_vector() -> None:
    error = refused("dense", shape("512x7x7"), units=10)
    assert error.name == "dense-on-feature-map"
    # 512 x 7 x 7 = 25088.
    assert error.helps == (
        "`flatten` gives a vector of 25088",
        "`global_avgpool; flatten` gives a vector of 512",
    )


def test_dense_works_along_channels_that_stand_last() -> None:
    last = apply("permute", shape("512x7x6"), axis=("height", "width", "channels")).shape
    found = apply("dense", last, units=10)
    assert found.shape == Shape((7, 6, 10), ("height", "width", "channels"))
    assert found.weights[0].shape == (10, 512)


def test_groups_are_repaired_to_the_nearest_that_divide() -> None:
    # 30's divisors about 32: 30 itself is nearer than 15.
    assert refused("groupnorm", shape("30x4x4"), groups=32).helps == ("groupnorm 30 gives 30x4x4",)
    assert refused("channel_shuffle", shape("8x4x4"), groups=5).helps == (
        "channel_shuffle 4 gives 8x4x4",
    )


# --- merges -------------------------------------------------------------------------------------


def test_a_vector_beside_a_map_is_offered_a_reshape() -> None:
    error = refused("add", shape("64x56x56"), shape("64"))
    assert error.name == "branches-differ"
    assert error.label == "branch 1 gives 64x56x56, branch 2 gives 64"
    assert error.helps == ("`reshape 64x1x1` of the vector gives 64x56x56",)


def test_concat_of_other_sizes_is_offered_a_crop() -> None:
    error = refused("concat", shape("64x56x56"), shape("32x54x54"), shape("8x54x54"))
    assert error.helps == ("`crop 54x54` at the end of branch 1 gives 104x54x54",)
    assert refused("concat", shape("64x5x6"), shape("32x6x5")).helps == (
        "`crop 5x5` at the end of branches 1 and 2 gives 96x5x5",
    )


def test_only_sizes_of_one_are_repeated() -> None:
    error = refused("add", shape("64x56x56"), shape("64x28x28"))
    assert error.message == "`add` cannot merge 64x56x56 and 64x28x28"
    assert error.notes == ("height is 56 and 28; only a size of 1 is repeated",)


def test_axes_must_stand_in_the_same_order() -> None:
    turned = apply("permute", shape("4x4x4"), axis=("height", "width", "channels")).shape
    error = refused("add", shape("4x4x4"), turned)
    assert error.message == "`add` cannot merge values of 4x4x4 whose axes differ"


def test_concat_along_a_named_axis() -> None:
    assert str(apply("concat", shape("4x5x6"), shape("4x2x6"), axis="height").shape) == "4x7x6"
    assert refused("concat", shape("4"), shape("5"), axis="height").name == "no-such-axis"


def test_what_helps_with_layers_of_the_field() -> None:
    """Each was tried."""
    assert refused("mean", shape("8"), axis=("channels",)).helps == ("keep=true gives 1",)
    assert refused("blurpool", shape("8x1x4")).helps[-1] == "mode=replicate gives 8x1x2"
    # Of 8 channels in groups of one, a filter of 1x1 is one weight.
    error = refused("conv", shape("8x4x4"), filters=8, kernel=1, groups=8, standardize=1e-6)
    assert error.helps == ("standardize=none gives 8x4x4",)
    error = refused("dwconv", shape("8x4x4"), kernel=1, standardize=1e-6)
    assert error.helps == ("standardize=none gives 8x4x4",)


def test_a_blur_warns_of_zeros_alone() -> None:
    """Of a padding as wide as the kernel, a corner's window reads nothing else."""
    assert apply("blurpool", shape("2x9"), padding=3, mode="zeros").warnings == [
        "window-reads-only-padding"
    ]
    assert apply("blurpool", shape("2x9"), padding=3).warnings == []


def test_none_is_taken_where_it_means_something() -> None:
    for layer, name in (("conv", "standardize"), ("gelu", "approximate")):
        op = OPS[layer]
        parameter = op.parameter(name)
        assert parameter is not None
        assert convert(parameter, None, op) is None
    eps = OPS["grn"].parameter("eps")
    assert eps is not None
    with pytest.raises(OpError):
        convert(eps, None, OPS["grn"])


# --- the whole table ----------------------------------------------------------------------------

#: Arguments with which each layer that needs some can be tried on any value.
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "conv": {"filters": 4, "kernel": 2},
    "dwconv": {"kernel": 2},
    "conv_transpose": {"filters": 4, "kernel": 2},
    "dense": {"units": 3},
    "parameter": {"dims": [3]},
    "input": {"dims": [3]},
    "maxpool": {"kernel": 2},
    "avgpool": {"kernel": 2},
    "adaptive_avgpool": {"size": 2},
    "adaptive_maxpool": {"size": 2},
    "mean": {"axis": ("height",)},
    "maximum": {"axis": ("height",)},
    "sum": {"axis": ("height",), "keep": True},
    "multiply": {"factor": 0.5},
    "groupnorm": {"groups": 2},
    "stochastic_depth": {"p": 0.1},
    "gaussian_noise": {"std": 0.1},
    "gaussian_dropout": {"std": 0.1},
    "pad": {"amount": 1},
    "crop": {"to": 2},
    "upsample": {"scale": 2},
    "resize": {"to": 3},
    "pixel_shuffle": {"factor": 2},
    "space_to_depth": {"factor": 2},
    "channel_shuffle": {"groups": 2},
    "select": {"indices": [0]},
    "slice": {"start": 0},
    "reshape": {"dims": [4]},
    "permute": {"axis": ("channels",)},
}


@pytest.mark.parametrize("layer", OPS)
@pytest.mark.parametrize(
    "value",
    [
        Shape.of(4),
        Shape.of(4, 6),
        Shape.of(4, 6, 6),
        Shape.of(4, 6, 6, 6),
        Shape.of(1, 1, 1),
        Shape((6, 6), ("height", "width")),
        Shape((6, 6, 4), ("height", "width", "channels")),
    ],
    ids=str,
)
def test_every_layer_answers_for_every_value(layer: str, value: Shape) -> None:
    """A shape or an OpError with a name, never anything else; sizes are positive numbers."""
    op = OPS[layer]
    inputs = {0: (), 1: (value,)}.get(1 if op.inputs is None else op.inputs, ())
    inputs = (value, value) if op.inputs is None else inputs
    try:
        found = apply(layer, *inputs, **_ARGUMENTS.get(layer, {}))
    except OpError as error:
        assert error.name and error.message and error.label
        return
    assert all(isinstance(dim, int) and dim >= 1 for dim in found.shape.dims)
    assert len(found.shape.dims) == len(found.shape.axes)


def test_signatures_are_those_of_the_page() -> None:
    assert OPS["conv"].signature == (
        "conv filters kernel stride=1 padding=0 dilation=1 groups=1 bias=true rounding=exact "
        "standardize=none"
    )
    assert OPS["maxpool"].signature == (
        "maxpool kernel stride=kernel padding=0 dilation=1 rounding=exact"
    )
    assert OPS["lrn"].signature == "lrn size=5 alpha=1e-4 beta=0.75 k=1"
    assert OPS["mean"].signature == "mean axis … keep=false"
    assert OPS["gelu"].signature == "gelu approximate=none"
    assert OPS["slice"].signature == "slice start stop=end axis=channels"
    assert OPS["batchnorm"].signature == "batchnorm eps=1e-5 momentum=0.1 affine=true"


def test_a_word_stays_free_as_a_name() -> None:
    """Words are matched where a parameter expects them, as words and as strings alike."""
    op = OPS["maxpool"]
    parameter = op.parameter("rounding")
    assert parameter is not None
    assert convert(parameter, Word("ceil"), op) == convert(parameter, "ceil", op) == "ceil"
