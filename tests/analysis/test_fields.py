"""The receptive field at every layer, against published tables and arithmetic."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import netspec
from netspec.analysis.fields import AxisField, FieldsOnTree, receptive_fields
from netspec.analysis.receptive_field import fields
from netspec.analysis.summary import TooManyLayers
from netspec.graph.graph import Network
from tests.helpers import elaborated, network


def along(net: Network, path: str | None = None, axis: int = 0) -> AxisField:
    """Of the only input: at a layer, or at the output."""
    found = receptive_fields(net)
    if path is None:
        return found.output["input"][axis]
    layer = found.at(path)
    assert layer is not None
    return layer.fields["input"][axis]


def figures(field: AxisField) -> tuple[object, ...]:
    return field.size, field.stride, field.padding


# The table "receptive field, effective stride, effective padding" of Araujo, Norris and Sim's
# library (google-research/receptive_field, README.md), of the feature extractors before global
# pooling, as TF-Slim has them.


@pytest.mark.parametrize(
    ("spec", "layer", "published"),
    [
        # Their vgg_16 ends with pool5, ours with features.30.
        ("zoo:vgg16", "features.30", (212, 32, 90)),
        # Their alexnet_v2 ends with its third pool, and has no padding in its first layer.
        ("zoo:alexnetpaper", "maxpool3", (195, 32, 64)),
        # Their inception_v3 ends with Mixed_7c.
        ("zoo:inception_v3", "Mixed_7c", (1311, 32, 618)),
    ],
)
def test_published(spec: str, layer: str, published: tuple[int, int, int]) -> None:
    found = netspec.receptive_fields(spec).at(layer)
    assert found is not None
    for axis in found.fields["input"]:
        assert figures(axis) == published
        # Their formula for the centre of the first field.
        size, _, padding = published
        assert axis.offset == -padding + Fraction(size - 1, 2)


@pytest.mark.parametrize(
    ("net", "published"),
    [
        ("ResNet50Paper", (483, 32, 239)),
        ("ResNet101Paper", (1027, 32, 511)),
        ("ResNet152Paper", (1507, 32, 751)),
    ],
)
def test_published_resnets(specs: Path, net: str, published: tuple[int, int, int]) -> None:
    """TensorFlow's pool pads 112 rows after the last alone: 2 (one row at a stride of 2) less.

    With the pool of the paper's own code, which pads both sides, size and stride are the same.
    """
    text = (specs / "resnet.net").read_text()
    ours = along(netspec.load(f"{specs / 'resnet.net'}::{net}"), "layer4")
    assert figures(ours) == (published[0], 32, published[2] + 2)
    theirs = text.replace("maxpool 3x3 stride=2 padding=1", "maxpool 3x3 stride=2 padding=same")
    assert theirs != text
    result, _ = elaborated(theirs)
    assert figures(along(result.networks[net], "layer4")) == published


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        # torchvision has the stride in the 3x3: three of them read positions half as far apart,
        # 2 * (8 - 4) + 2 * (16 - 8) + 2 * (32 - 16) = 56 fewer than the 483, 1027 and 1507.
        ("zoo:resnet50", 427),
        ("zoo:resnet101", 971),
        ("zoo:resnet152", 1451),
    ],
)
def test_resnets_of_torchvision(spec: str, size: int) -> None:
    assert figures(along(netspec.load(spec), "layer4")) == (size, 32, (size - 1) // 2)


def test_published_mobilenet() -> None:
    """mobilenet_v1: TensorFlow's `same` has nothing before the first row where strides are 2."""
    pairs = "".join(
        f"dwconv 3x3 stride={s} padding=same; conv 8 1x1\n"
        for s in (1, 2, 1, 2, 1, 2, *[1] * 5, 2, 1)
    )
    net = network(f"net A {{\n input 3x224x224\n conv 8 3x3 stride=2 padding=same\n {pairs} }}")
    assert figures(along(net)) == (315, 32, 126)


# --- holes ----------------------------------------------------------------------------------------


def test_gridding() -> None:
    """Three 3x3 of dilation 2 read sums of -2, 0 and 2: every second position of 13."""
    net = network("net A { input 1x40x40; repeat 3 { conv 1 3x3 dilation=2 padding=2 }; relu }")
    field = along(net)
    assert (field.size, field.holes, field.pattern) == (13, 6, "x.x.x.x.x.x.x")
    assert field.density == pytest.approx(7 / 13)
    assert field.coverage is not None
    assert field.coverage.complete


def test_dilations_without_common_divisor_leave_no_hole() -> None:
    """Dilations 1, 2, 5, the remedy of Wang et al., "Understanding Convolution for Semantic
    Segmentation" (2018): {-1, 0, 1} + {-2, 0, 2} + {-5, 0, 5} is all of -8 … 8."""
    body = "; ".join(f"conv 1 3x3 dilation={d} padding={d}" for d in (1, 2, 5))
    field = along(network(f"net A {{ input 1x40x40; {body} }}"))
    assert (field.size, field.holes, field.pattern) == (17, 0, None)


def test_stride_beyond_the_kernel() -> None:
    """A 1x1 with a stride of 2 leaves every second position unread, and a 2 after it a hole."""
    net = network("net A { input 1x9; conv 1 1 stride=2; conv 1 2 }")
    field = along(net)
    assert (field.size, field.pattern) == (3, "x.x")
    assert field.coverage is not None
    assert field.coverage.unread == ((1, 1), (3, 3), (5, 5), (7, 7))


def test_rows_lost_between_layers() -> None:
    """Windows of 3 at 0, 2 read 0 … 4 of 6; what a later padding stands for is not the sixth."""
    text = "net A { input 1x6; conv 1 3 stride=2 rounding=floor; conv 1 3 padding=1 }"
    field = along(network(text))
    assert (field.size, field.start) == (7, -2)
    assert field.coverage is not None
    assert field.coverage.first == (0, 4)
    assert field.coverage.unread == ((5, 5),)
    assert field.coverage.whole is False


# --- branches -------------------------------------------------------------------------------------


def test_aligned() -> None:
    for spec in ("zoo:resnet50", "zoo:inception_v3", "zoo:densenet121"):
        assert netspec.receptive_fields(spec).misaligned == ()


def test_even_kernel_in_a_residual() -> None:
    """Behind a stride of 2, an even kernel padded at one side stands half a step, 1, apart."""
    net = network(
        """net A {
          input 1x16
          conv 1 3 stride=2 padding=1
          block1: residual { conv 1 2 padding=[[0, 1]] }
        }"""
    )
    (found,) = receptive_fields(net).misaligned
    # The body is the first branch.
    assert (found.op, found.axis, found.branches) == ("add", "length", (0, 1))
    assert (found.strides, found.offsets, found.apart) == ((2, 2), (1, 0), 1)


def test_other_strides() -> None:
    """15 -> 8 -> 15 by interpolation: 2 * 8 / 15 of a position for each."""
    net = network(
        """net A {
          input 1x15
          concat { identity; { conv 1 3 stride=2 padding=1; resize [15] } }
        }"""
    )
    (found,) = receptive_fields(net).misaligned
    assert found.strides == (1, Fraction(16, 15))
    assert found.apart is None


def test_global_gate() -> None:
    """A gate reads everything, and is no branch that could be misaligned."""
    net = network(
        """net A {
          input 4x20
          conv 4 3 padding=1
          mul { identity; { global_avgpool; conv 4 1; sigmoid } }
        }"""
    )
    field = along(net)
    assert (field.whole, field.local, field.stride, field.start) == (True, 3, 1, -1)
    assert field.coverage is not None
    assert field.coverage.whole
    assert receptive_fields(net).misaligned == ()


def test_skip_that_a_block_takes() -> None:
    """A U-Net's: the pool's windows lie between positions, and its inverse puts them back."""
    net = network(
        """block up(skip) {
          conv_transpose 4 2 stride=2
          concat { @skip; identity }
          conv 4 3 padding=1
        }
        net A { input 4x16; conv 4 3 padding=1; let s = @; maxpool 2; conv 4 3 padding=1; up @s }"""
    )
    assert receptive_fields(net).misaligned == ()
    # 3 + 1 (pool) + 2 * 2 (conv): 8; transposed, then a 3 over both halves: 2 more positions.
    assert along(net).size == 10


# --- sizes left open, several inputs, sizes of networks -------------------------------------------


def test_symbolic() -> None:
    text = """net A {
      input 3xHxW
      conv 8 3x3 stride=2 padding=1 rounding=floor
      conv 8 3x3 dilation=2 padding=2
      %s
    }"""
    field = along(network(text % "relu"))
    # {-1, 0, 1} + {-4, 0, 4}: of -5 … 5, all but -2 and 2.
    assert (*figures(field), field.offset, field.holes) == (11, 2, 5, 0, 2)
    assert field.coverage is None
    cut = along(network(text % "crop [4, 4]"))
    assert (cut.size, cut.stride) == (11, 2)
    assert "H" in str(cut.start)
    whole = along(network(text % "global_avgpool"))
    assert whole.whole
    assert "H" in str(whole.size)


def test_padding_that_the_size_decides() -> None:
    """`same` with a stride: how much is before the first row depends on the size."""
    field = along(network("net A { input 3xHxW; conv 8 3x3 stride=2 padding=same }"))
    assert (field.size, field.stride) == (3, 2)
    assert (field.start, field.offset, field.padding) == (None, None, None)


def test_several_inputs() -> None:
    net = network(
        """net A {
          left: input 1x16x16
          right: input 1x8x8
          vector: input [16]
          @right; upsample 2; let grown = @
          @left; conv 1 5x5 padding=2; let seen = @
          add { @seen; @grown; { @vector; reshape 1x4x4; upsample 4 } }
        }"""
    )
    found = receptive_fields(net).output
    assert set(found) == {"left", "right"} or found["vector"] == ()
    assert [(f.size, f.stride) for f in found["left"]] == [(5, 1)] * 2
    assert [(f.size, f.stride, f.start) for f in found["right"]] == [(1, Fraction(1, 2), 0)] * 2


def test_a_million() -> None:
    """2 + 2 for each of a million, without listing them; holes beyond the bound are not known."""
    net = network("net A { input 1x64; repeat 1_000_000 { conv 1 3 padding=1; relu } }")
    (field,) = FieldsOnTree(net).at((), net.root.result, net.root.shape)["input"]
    assert (field.size, field.start, field.holes) == (2_000_001, -1_000_000, 0)
    with pytest.raises(TooManyLayers):
        receptive_fields(net)


def test_repeat_that_reads_a_value_each_time() -> None:
    """After three turns of a window that reads i and i + 4, the skip is 0, 4 and 8 further on."""
    text = """net A {
      input 1x60
      let skip = @
      conv 1 1
      %s
    }"""
    turn = "add { conv 1 2 dilation=4 padding=[[0, 4]]; { @skip; conv 1 2 padding=[[0, 1]] } }"
    repeated = along(network(text % f"repeat 3 {{ {turn} }}"))
    written = along(network(text % "; ".join([turn] * 3)))
    assert repeated == written
    assert repeated.pattern == "xx..xx..xx..x"


def test_on_the_tree_as_on_the_list() -> None:
    for spec in ("zoo:resnet50", "zoo:googlenet", "zoo:lraspp_mobilenet_v3_large", "zoo:s3d"):
        net = netspec.load(spec)
        listed = receptive_fields(net).output
        tree = FieldsOnTree(net).at((), net.root.result, net.root.shape)
        for name, axes in listed.items():
            for one, other in zip(axes, tree[name], strict=True):
                assert one.coverage is not None
                assert (one.size, one.stride, one.start, one.offset, one.holes) == (
                    (other.size, other.stride, other.start, other.offset, other.holes)
                )
        # And the size that asserts measure, where branches are aligned.
        if spec != "zoo:lraspp_mobilenet_v3_large":
            assert {f.axis: f.size for f in listed["input"]} == fields(net)


def test_all_alike_is_not_from_end_to_end() -> None:
    """A crop to 1 that is repeated: every output reads the same 3 positions of 16."""
    net = network(
        """net A {
          input 2x16
          conv 2 3 padding=1
          add { identity; crop [1] }
          slice 12 axis=length
        }"""
    )
    field = along(net)
    assert (field.whole, field.local, field.stride) == (False, 3, 1)
    only = along(network("net A { input 2x16; conv 2 3; crop [1]; add { crop [1]; crop [1] } }"))
    assert not only.whole


def test_resize_of_a_size_left_open() -> None:
    field = along(network("net A { input 3xHxW; resize [32, 32] }"))
    assert (field.whole, field.start, field.holes) == (False, None, None)
    # To one position all the same, it is the whole.
    assert along(network("net A { input 3xHxW; adaptive_avgpool 1 }")).whole


def test_squeezenet_loses_a_row() -> None:
    """(224 - 3) / 2 leaves a remainder of 1 in its first layer, and no layer makes up for it."""
    for axis in netspec.receptive_fields("zoo:squeezenet1_1").output["input"]:
        assert axis.coverage is not None
        assert axis.coverage.unread == ((223, 223),)


def test_mirrored_ends() -> None:
    """Two positions before 0 mirror 2 and 1; two behind 4, which are 5 and 6, mirror 3 and 2."""
    net = network("net A { input 1x5; pad 2 mode=reflect; conv 1 1 }")
    axis = along(net)
    assert axis.coverage is not None
    assert (axis.coverage.first, axis.coverage.last) == ((2, 2), (2, 2))
    wide = network("net A { input 1x5; pad 2 mode=reflect; conv 1 3 }")
    axis = along(wide)
    # Of the first output -2, -1, 0, which are 2, 1, 0; of the last 4, 5, 6: 4, 3, 2.
    assert axis.coverage is not None
    assert (axis.coverage.first, axis.coverage.last) == ((0, 2), (2, 4))


def test_paths_that_drift_apart() -> None:
    """Output i reads i and 2 i: in the middle of four, 2 and 4, with 3 between them."""
    net = network("net A { input 1x8; add { conv 1 1 stride=2; slice 0 4 axis=length } }")
    axis = along(net)
    assert (axis.size, axis.holes, axis.pattern) == (3, 1, "x.x")


def test_a_window_wider_than_the_input_is_no_global_pool() -> None:
    field = along(network("net A { input 1x5; conv 1 11 padding=5 }"))
    assert (field.size, field.stride, field.whole) == (11, 1, False)
    assert along(network("net A { input 1x5; global_avgpool }")).whole


def test_very_many_strides_are_told_by_the_largest() -> None:
    """Output i reads i, 2 i, …, 5 i: one more than are kept apart."""
    branches = "; ".join(
        f"{{ conv 1 1 stride={s} rounding=floor; slice 0 2 axis=length }}" for s in range(1, 6)
    )
    field = along(network(f"net A {{ input 1x100; add {{ {branches} }} }}"))
    assert field.stride == 5
