"""The sizes that nets take, against papers, arithmetic, PyTorch, and trying each size."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import netspec
from netspec.analysis.sizes import Asking, Failed, sizes_of
from netspec.source import SourceFile, Unreadable
from tests.property import strategies
from tests.property.nets import Annotated, Net, render
from tests.property.running import checked, quick, small_tensors

UNET = """inline block double(width) { conv width 3x3; relu; conv width 3x3; relu }
inline block up(width, copy) {
  conv_transpose width 2x2 stride=2
  let grown = @
  concat { { @copy; crop grown }; @grown }
  double width
}
net UNet() {
  input 1x572x572
  double 64; let c1 = @
  maxpool 2x2; double 128; let c2 = @
  maxpool 2x2; double 256; let c3 = @
  maxpool 2x2; double 512; let c4 = @
  maxpool 2x2; double 1024
  up 512 c4; up 256 c3; up 128 c2; up 64 c1
  conv 2 1x1 -> 2x388x388
}
"""


def asked(text: str, asking: Asking | None = None, **inputs: str) -> netspec.Sizes:
    source = SourceFile("toy.net", text)
    found = sizes_of(source, _no_file, None, {}, inputs, asking or Asking())
    assert not isinstance(found, Failed), found.diagnostics
    return found


def _no_file(entry: SourceFile, path: str) -> Unreadable:
    return Unreadable("no such file")


def texts(found: netspec.Sizes) -> list[str]:
    return [axis.fits.text(*axis.symbols) for axis in found.axes if axis.fits is not None]


# --- worked examples ------------------------------------------------------------------------------


def test_alexnet() -> None:
    """(H - 11) / 4, then windows of 3 every 2, three times: H - 11 = 4 (2 (2 (2 a + 2) + 2) + 2),
    so H = 32 a + 67 for a from 0. The paper says 224; its own 55x55 needs 227 (papers.json)."""
    found = netspec.sizes("zoo:alexnetpaper", near=224)
    assert texts(found) == ["H = 32k + 3, H >= 67", "W = 32k + 3, W >= 67"]
    height = found.axes[0]
    assert (height.own, height.fit, height.below, height.above) == (227, False, 195, 227)
    at = {one.at: one for one in height.ruled_out}
    assert at[224].place.path == "conv1"
    assert at[224].why == "(224 - 11) / 4 + 1 = 54.25, 1 of 224 unread"
    # All 31 sizes from 196 to 226, three of four by the first layer.
    assert [one.count for one in height.ruled_out] == [24, 4, 2, 1]
    # fc6 reads 256 maps of 6x6; 6 = (H - 35) / 32 for H = 227 alone.
    assert [(made.place.path, made.channels) for made in found.made_for] == [("fc6", 256 * 36)]
    assert found.same_weights[("H", "W")].text("H") == "H = 227"
    strict = netspec.sizes("zoo:alexnetpaper", near=224, same_weights=True)
    assert texts(strict) == ["H = W = 227"]


def test_unet() -> None:
    """Each step down takes 4 and halves: h = (H - 4)/2, … four times, then 4 more. With s at the
    bottom, H = 16 s + 60; the bottom loses 4, and each step up doubles and loses 4. The last map,
    16 (s - 4) - 60, is above 0 from s = 8 on: 188, as published (572 -> 388, s = 32)."""
    found = asked(UNET, Asking(near=(512,)))
    assert texts(found) == ["H = 16k + 12, H >= 188", "W = 16k + 12, W >= 188"]
    assert (found.axes[0].below, found.axes[0].above) == (508, 524)
    # 512 -> 508 -> 254 -> 250 -> 125 -> 121, which is odd.
    (third,) = [one for one in found.axes[0].ruled_out if one.at == 512]
    assert third.why == "(121 - 2) / 2 + 1 = 60.50, 1 of 121 unread"
    assert third.place.what == "maxpool"


def test_inception() -> None:
    """299 is published. Down to the auxiliary head, (H - 43) / 16 + 1 is whole: 17 at 299. Its
    windows of 5 every 3 ask that (H - 107) / 16 divides by 3, and the stride after it that H - 75
    divides by 32: H - 107 by 96. Its kernel of 5 needs (H - 107) / 48 + 1 >= 5: 299."""
    found = netspec.sizes("zoo:inception_v3")
    assert texts(found)[0] == "H = 96k + 11, H >= 299"
    height = found.axes[0]
    assert height.fit and height.inference is not None
    assert height.inference.text("H") == "H = 32k + 11, H >= 75"
    assert [one.place.path for one in height.ruled_out if one.training] == ["AuxLogits.avgpool1"]
    without = netspec.sizes("zoo:inception_v3", inference=True)
    assert texts(without)[0] == "H = 32k + 11, H >= 75"


def test_fcn() -> None:
    """torchvision's pads by half its kernels throughout, and resizes to the input."""
    assert texts(netspec.sizes("zoo:fcn_resnet50")) == ["any H", "any W"]


def test_lenet() -> None:
    """(((H - 4) / 2) - 4) / 2 maps of which C5 reads 5: H = 4k from 32 on, and F6's 120 come of
    32x32 alone, as LeCun et al. have it."""
    found = netspec.sizes("zoo:lenet::LeNet5")
    assert texts(found) == ["H = 4k, H >= 32", "W = 4k, W >= 32"]
    assert found.same_weights[("H", "W")].text("H") == "H = 32"


# --- what is open, tied, decided ------------------------------------------------------------------


def test_the_spec_s_own_size_need_not_fit() -> None:
    text = "net A { input 3x224x224; conv 96 11x11 stride=4 }"
    assert texts(asked(text)) == ["H = 4k + 3, H >= 11", "W = 4k + 3, W >= 11"]


def test_numbers_beside_letters_stay() -> None:
    text = "net A { input 3x8x8; maxpool 2x2 }"
    (only,) = asked(text, None, input="3x8xW").axes
    assert only.symbols == ("W",)
    # 9 is not even, whatever W is.
    source = SourceFile("toy.net", text)
    assert isinstance(sizes_of(source, _no_file, None, {}, {"": "3x9xW"}, Asking()), Failed)


def test_several_inputs() -> None:
    text = """net A {
  left: input 3x32x32; conv 4 2x2 stride=2; let l = @
  right: input 3x32x32; conv 4 2x2 stride=2
  add { @l; identity }
}"""
    assert texts(asked(text)) == ["H = 2k", "W = 2k"]
    # Beside 32x32, the other is 32, or 2: its map of 1x1 is repeated.
    assert texts(asked(text, None, left="3xHxW")) == ["H in {2, 32}", "W in {2, 32}"]


def test_tied_axes_are_judged_at_one_size() -> None:
    text = """net A {
  input 3x32x32
  a: conv 4 2x2 stride=2
  add { @a; { permute channels width height; reshape [4, @.width, @.height] } }
}"""
    found = asked(text)
    assert texts(found) == ["H = W = 2k"]
    assert [tie.text for tie in found.ties] == ["H/2 == W/2"]


def test_a_size_that_decides_is_tried() -> None:
    # Up to 10, windows of 2; above, windows of 3.
    text = "net A { input 3xHxW; if in.height > 10 { maxpool 3x1 } else { maxpool 2x1 } }"
    text = text.replace("3xHxW", "3x12x12")
    found = asked(text)
    height = found.axes[0]
    assert height.searched == 512 and height.fits is not None
    expected = [n for n in range(1, 513) if n % (3 if n > 10 else 2) == 0]
    assert [n for n in range(1, 513) if n in height.fits] == expected
    assert found.settled is not None and found.settled[0].span.text == "in.height > 10"


def test_a_size_that_decides_and_weights() -> None:
    """Weights of 4 x 32 x 32 inputs are of no other size; a layer is there from 41 on alone."""
    text = """net A { input 3x32x32
      conv 4 3x3 padding=1
      if in.height > 40 { %s } else { silu }
      %s; dense 4 }"""
    own = text % ("relu", "flatten")
    found = asked(own)
    assert texts(found) == ["H = W, H in 1..512"]
    assert {s: f.text(*s) for s, f in found.same_weights.items()} == {("H", "W"): "H = W = 32"}
    kept = asked(own, Asking(near=(33,), same_weights=True)).axes[0]
    assert kept.fits is not None and kept.fits.below == (32,) and not kept.fit
    (refused,) = kept.ruled_out
    assert (refused.place.what, refused.place.path) == ("dense", "3")
    # 4 x 33 x 33 inputs.
    assert refused.why == "its weight is 4x4356, and 4x4096 at 3x32x32"
    other = text % ("conv 4 3x3 padding=1", "global_avgpool; flatten")
    kept = asked(other, Asking(span=(39, 42), same_weights=True)).axes[0]
    assert kept.fits is not None and kept.fits.below == tuple(range(1, 41))
    (refused,) = kept.ruled_out
    assert refused.sizes == ((41, 42),)
    assert (refused.place.path, refused.why) == ("1", "it has weights, and none at 3x32x32")
    less = asked(other.replace("32x32", "50x50"), Asking(near=(40,), same_weights=True)).axes[0]
    (refused,) = less.ruled_out
    assert (refused.at, refused.why) == (40, "it has weights at 3x50x50, and none here")
    # With weights that are everywhere the same, there is nothing to say.
    assert not asked(text % ("relu", "global_avgpool; flatten")).same_weights


def test_a_size_that_decides_names_layers() -> None:
    text = """net A { input 3x32x32
      if in.height > 40 { relu } else { silu }
      concat { identity; { conv 4 1; maxpool 2x2 stride=2; upsample 2 } } }"""
    (axis,) = asked(text, Asking(near=(65,))).axes
    (refused,) = axis.ruled_out
    assert refused.place.what == "maxpool" and refused.place.span.text == "stride=2"
    assert (axis.below, axis.above) == (64, 66)


# --- every size tried -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    ["zoo:alexnetpaper", "zoo:alexnet", "zoo:lenet::LeNet5", "zoo:vgg11", "zoo:squeezenet1_1"],
)
def test_shipped_nets_at_every_size(spec: str) -> None:
    axes = netspec.sizes(spec).axes
    channels = 1 if "lenet" in spec and "alex" not in spec else 3
    for n in range(1, 301):
        try:
            netspec.load(spec, inputs=f"{channels}x{n}x{n}")
            fits = True
        except netspec.SpecError:
            fits = False
        assert all((n in axis.fits) is fits for axis in axes if axis.fits is not None), n


def bare(of: Any) -> Any:
    """Without annotations."""
    if isinstance(of, Annotated):
        return bare(of.statement)
    if isinstance(of, tuple):
        return tuple(map(bare, of))
    if is_dataclass(of) and not isinstance(of, type):
        return replace(of, **{field.name: bare(getattr(of, field.name)) for field in fields(of)})
    return of


def test_random_nets_at_every_size() -> None:
    """As the text with another input elaborates; annotations, which speak of one, are left out."""
    met = {"fits": 0, "does not": 0, "failed": 0}

    def fits(net: Net, sizes: tuple[int, ...]) -> bool:
        _, errors = checked(replace(net, input=(net.input[0], *sizes)))
        return not errors

    @quick(100)
    @given(strategies.nets(slips=50))
    def run(drawn: Net) -> None:
        net = bare(drawn)
        rank = len(net.input) - 1
        # What is in the text and never runs has a fault at every size, which `check` tells.
        if not rank or "repeat 0" in render(net):
            return
        found = sizes_of(SourceFile("toy.net", render(net)), _no_file, None, {}, {}, Asking())
        if isinstance(found, Failed):
            met["failed"] += 1
            assert not any(fits(net, (n,) * rank) for n in range(1, 13))
            return
        symbols = [str(dim) for dim in found.inputs["input"].dims[1:]]
        for axis in found.axes:
            if axis.fits is None:
                continue
            # The other axes where they fit.
            others = dict(axis.fixed)
            for other in found.axes:
                if other is not axis and other.fits is not None:
                    least = other.fits.least_above(0)
                    keeps = other.own is not None and other.own in other.fits
                    fitting = other.own if keeps else least
                    for symbol in other.symbols:
                        if symbol not in axis.fixed:
                            others[symbol] = fitting or 0
                        elif others[symbol] not in other.fits:
                            others[symbol] = 0
            if 0 in others.values():
                continue
            for n in range(1, 19):
                sizes = tuple(n if s in axis.symbols else others[s] for s in symbols)
                fit = fits(net, sizes)
                assert (n in axis.fits) is fit, (axis.symbols, sizes)
                met["fits" if fit else "does not"] += 1

    with small_tensors():
        run()
    assert min(met.values()) > 2, met


# --- what is lost, as PyTorch loses it ------------------------------------------------------------


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 5), st.integers(1, 4), st.integers(0, 2)),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from((0, 1, 2, None)),
)
def test_losses_as_in_pytorch(
    layers: list[tuple[bool, int, int, int]], max_drop: int | None
) -> None:
    """What a layer reads has a gradient; what it leaves unread at the end has none."""
    text, modules = ["net A { input 1x40"], list[nn.Module]()
    for conv, k, s, p in layers:
        p = min(p, k - 1 if conv else k // 2)
        word = f"conv 1 {k}" if conv else f"avgpool {k}"
        text.append(f"{word} stride={s} padding={p}")
        made: nn.Module = nn.Conv1d(1, 1, k, s, p) if conv else nn.AvgPool1d(k, s, p)
        for parameter in made.parameters():
            nn.init.ones_(parameter)
        modules.append(made)
    found = asked("; ".join(text) + " }", Asking(span=(1, 30), max_drop=max_drop))
    (axis,) = found.axes
    assert axis.fits is not None
    for n in range(1, 31):
        x, lost, runs = torch.ones(1, 1, n), list[tuple[int, int]](), True
        allowed = True
        for module, (_, k, s, _) in zip(modules, layers, strict=True):
            x = x.detach().requires_grad_()
            try:
                y = module(x)
            except RuntimeError:
                runs = False
                break
            y.sum().backward()
            assert x.grad is not None
            read = [i for i, g in enumerate(x.grad.flatten().tolist()) if g]
            unread = x.shape[-1] - 1 - read[-1] if read else x.shape[-1]
            gap = max(0, s - k)
            allowed = allowed and (max_drop is None or unread <= max(gap, max_drop))
            if unread > gap:
                lost.append((unread, x.shape[-1]))
            x = y
        assert (n in axis.fits) is (runs and allowed), n
        if max_drop != 0 and n in axis.losses:
            assert [(loss.lost, loss.size) for loss in axis.losses[n]] == lost


def test_losses_by_consent() -> None:
    """(224 - 7) % 2 is 1: SqueezeNet's first layer, one of the 53 of `papers` that drop input."""
    found = netspec.sizes("zoo:squeezenet1_0", max_drop=None)
    (loss,) = found.axes[0].losses[224]
    assert (loss.lost, loss.size, loss.apart, loss.consent) == (1, 224, 1, True)
    assert netspec.sizes("zoo:squeezenet1_0").axes[0].losses == {}


def test_losses_in_positions_of_the_input() -> None:
    found = netspec.sizes("zoo:alexnetpaper", near=224, max_drop=None)
    # Positions of the first pool's input lie 4 apart, of the next two 8 and 16.
    lost = [(x.lost, x.size, x.apart, x.consent) for x in found.axes[0].losses[224]]
    assert lost == [(1, 224, 1, False), (1, 54, 4, False), (1, 26, 8, False), (1, 12, 16, False)]


def test_api_refuses(tmp_path: Path) -> None:
    spec = tmp_path / "v.net"
    spec.write_text("net V { input 7; dense 3 }")
    with pytest.raises(ValueError, match="no input of V has an axis beside its channels"):
        netspec.sizes(spec)
    spec.write_text("net V { input 3x8x8; convv 3 }")
    with pytest.raises(netspec.SpecError, match="convv"):
        netspec.sizes(spec)
    with pytest.raises(netspec.SpecError, match="several"):
        netspec.sizes("zoo:resnet")


def test_what_is_lost_of_padding_is_no_loss() -> None:
    """Windows of 5 every 4, one of padding on each side: of the (n - 3) % 4 that are left over, one
    is padding. So with --max-drop 1 two may be left, and n % 4 is not 2."""
    found = asked("net A { input 1xL; conv 1 5 stride=4 padding=1 }", Asking(max_drop=1))
    (axis,) = found.axes
    assert [n for n in range(1, 20) if n in axis.fits] == [n for n in range(3, 20) if n % 4 != 2]


def test_the_gap_of_a_stride_is_no_loss() -> None:
    """Windows of 1 every 4 leave up to 3 positions unread between them and behind the last."""
    found = asked("net A { input 1xL; conv 1 1 stride=4 }", Asking((6,), (1, 12), max_drop=None))
    (axis,) = found.axes
    assert not any(axis.losses.values())


def test_the_nearest_of_a_pattern_that_is_too_long() -> None:
    """Pairs of windows of 99,991: from 2 * 99,991 = 199,982 on there is one."""
    layers = "maxpool 99_991 rounding=floor; conv 1 2 stride=2"
    found = asked(f"net A {{ input 1xL; {layers} }}", Asking((199_981,), (199_980, 199_984)))
    (axis,) = found.axes
    assert (axis.fit, axis.above) == (False, 199_982)


@pytest.mark.parametrize(
    ("asking", "why"),
    [
        ({"near": -1}, "from 1 to"),
        ({"near": 2**41}, "from 1 to 1,099,511,627,776, not"),
        ({"span": (5, 1)}, "not 5..1"),
        ({"span": (0, 5)}, "not 0..5"),
        ({"span": (1, 10**9)}, "sizes at most, not 1,000,000,000"),
        ({"max_drop": -1}, "max_drop takes a number from 0, not -1"),
    ],
)
def test_what_is_no_size(asking: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        netspec.sizes("zoo:lenet", **asking)
