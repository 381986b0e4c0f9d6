"""What each output position reads, of random nets, is what torch's gradients and responses say.

All weights are positive and there are no biases, so that nothing cancels: an input position is read
where the gradient of an output position is not 0. Of a maximum, the gradient shows one position
alone; there an input of zeros with a single 1 is tried at each position, and the outputs that are
not 0 have read it.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import netspec
from netspec.analysis.coverage import Followed
from netspec.analysis.fields import receptive_fields
from netspec.analysis.positions import Positions, union
from netspec.analysis.trails import TRAILS
from netspec.diagnostics import Severity
from netspec.graph.graph import Network
from netspec.graph.walk import flatten
from tests.helpers import elaborated

Draw = st.DrawFn


def built(dims: str, statements: Iterable[str]) -> Network | None:
    """The net, None where it cannot be."""
    text = "net Toy {\n  default conv bias=false\n  default conv_transpose bias=false\n"
    text += f"  input {dims}\n" + "".join(f"  {s}\n" for s in statements) + "}\n"
    result, diagnostics = elaborated(text)
    if any(d.severity is Severity.ERROR for d in diagnostics):
        return None
    return result.networks["Toy"]


def positive(network: Network) -> nn.Module:
    module = netspec.to_torch(network).double().eval()
    with torch.no_grad():
        for tensor in module.parameters():
            tensor.copy_(torch.rand_like(tensor) + 0.5)
    return module


def by_responses(module: nn.Module, channels: int, sizes: tuple[int, ...], axis: int) -> Tensor:
    """[input position, output position] along an axis: whether the one reads the other."""
    size = sizes[axis]
    x = torch.zeros(size, channels, *sizes, dtype=torch.float64)
    for i in range(size):
        x[i].select(axis + 1, i).fill_(1)
    with torch.no_grad():
        out: Tensor = module(x)
    others = [d for d in range(1, out.dim()) if d != axis + 2]
    summed = out.sum(others) if others else out
    # Weights of 0 are about 1e-16 where they are interpolated, and a few layers of sums make some
    # thousand times that; the least product of weights is far above.
    return summed > 1e-11


def by_gradients(module: nn.Module, channels: int, size: int) -> Tensor:
    """The same of a net of one axis."""
    x = torch.rand(1, channels, size, dtype=torch.float64) + 0.5
    x.requires_grad_()
    out = module(x).sum((0, 1))
    rows = []
    for each in out:
        (gradient,) = torch.autograd.grad(each, x, retain_graph=True, allow_unused=True)
        rows.append(torch.zeros(size) if gradient is None else gradient.sum((0, 1)))
    return torch.stack(rows, 1).abs() > 1e-11


def predicted(network: Network, axis: str, size: int) -> Tensor:
    followed, tables = Followed(network), None
    for flat in flatten(network).nodes:
        tables = followed.next(flat)
    assert tables is not None
    table = tables[0, axis]
    return torch.tensor([[bool(bits >> i & 1) for bits in table] for i in range(size)])


# --- nets -----------------------------------------------------------------------------------------


def numbers(draw: Draw, most: int) -> int:
    return draw(st.integers(0, most))


def window(draw: Draw, *, pool: bool, padded: bool = True) -> str:
    kernel, stride = numbers(draw, 4) + 1, draw(st.sampled_from((1, 1, 1, 2, 3)))
    most = kernel // 2 if pool else 3
    padding = [numbers(draw, most), numbers(draw, most)] if padded else [0, 0]
    return f"{kernel} stride={stride} padding=[{padding}] rounding=floor"


def statement(draw: Draw, depth: int = 0) -> str:
    """One layer of a map of one axis, likely one that can be."""
    kind = draw(
        st.sampled_from(
            ("conv", "conv", "dilated", "maxpool", "avgpool", "transposed", "upsample", "resize",
             "pad", "crop", "slice", "blur", "adaptive", "gate", "branches", "residual", "repeat",
             "behind", "sum")
        )
    )  # fmt: skip
    if kind == "conv":
        return f"conv 2 {window(draw, pool=False)}"
    if kind == "dilated":
        return f"conv 2 {window(draw, pool=False)} dilation={numbers(draw, 3) + 1}"
    if kind == "maxpool":
        return f"maxpool {window(draw, pool=True)} dilation={numbers(draw, 1) + 1}"
    if kind == "avgpool":
        return f"avgpool {window(draw, pool=True)}"
    if kind == "blur":
        mode = draw(st.sampled_from(("zeros", "reflect", "replicate")))
        return f"blurpool {window(draw, pool=True)} mode={mode}"
    if kind == "transposed":
        kernel, stride, dilation = (numbers(draw, most) + 1 for most in (4, 2, 2))
        return (
            f"conv_transpose 2 {kernel} stride={stride} padding={numbers(draw, 2)} "
            f"output_padding={numbers(draw, stride - 1)} dilation={dilation}"
        )
    if kind == "upsample":
        return f"upsample {numbers(draw, 2) + 1} mode={mode_of(draw)}"
    if kind == "resize":
        return f"resize [{numbers(draw, 28) + 2}] mode={mode_of(draw)}"
    if kind == "pad":
        mode = draw(st.sampled_from(("zeros", "reflect", "replicate")))
        return f"pad [[{numbers(draw, 3)}, {numbers(draw, 3)}]] mode={mode}"
    if kind == "crop":
        return f"crop [{numbers(draw, 12) + 2}]"
    if kind == "slice":
        start = numbers(draw, 5)
        return f"slice {start} {start + numbers(draw, 8) + 1} axis=length"
    if kind == "adaptive":
        return f"adaptive_avgpool {numbers(draw, 8) + 1}"
    if kind == "gate":
        return "add { identity; { global_avgpool; conv 2 1 } }"
    if kind == "sum":
        return "add { identity; { sum length keep=true } }"
    if depth > 1:
        return "identity"
    if kind == "branches":
        op = draw(st.sampled_from(("add", "max", "concat")))
        return f"{op} {{ {branch(draw)}; {branch(draw)} }}; conv 2 1"
    if kind == "residual":
        return f"residual {{ {branch(draw)}; {branch(draw)} }}"
    if kind == "repeat":
        return f"repeat {numbers(draw, 4)} {{ {branch(draw)} }}"
    return f"concat axis=length {{ {branch(draw)}; {statement(draw, depth + 1)} }}"


def mode_of(draw: Draw) -> str:
    return draw(st.sampled_from(("nearest", "bilinear")))


def branch(draw: Draw) -> str:
    """A layer that keeps the size, its window somewhere beside the position."""
    kernel, dilation = numbers(draw, 3) + 1, numbers(draw, 2) + 1
    total = dilation * (kernel - 1)
    before = numbers(draw, total)
    return f"conv 2 {kernel} padding=[[{before}, {total - before}]] dilation={dilation}"


@st.composite
def nets(draw: Draw) -> tuple[int, tuple[str, ...]]:
    size = draw(st.integers(4, 40))
    found: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        tried = statement(draw)
        made = built(f"2x{size}", [*found, tried])
        if made is not None and made.root.shape.rank == 2 and _small(made):
            found.append(tried)
    return size, tuple(found)


def _small(network: Network) -> bool:
    length = network.root.shape.dims[1]
    return isinstance(length, int) and length <= 150


@pytest.mark.parametrize("part", range(2))
def test_every_position(part: int) -> None:
    """The sets of all output positions, the ends of all maps heeded, are those of torch."""

    @settings(max_examples=60, deadline=None)
    @given(nets())
    def holds(drawn: tuple[int, tuple[str, ...]]) -> None:
        size, statements = drawn
        network = built(f"2x{size}", statements or ("identity",))
        assert network is not None
        module = positive(network)
        expected = by_responses(module, 2, (size,), 0)
        if not any(word in " ".join(statements) for word in ("maxpool", "max {")):
            assert torch.equal(by_gradients(module, 2, size), expected)
        found = predicted(network, "length", size)
        found = found.expand(size, expected.shape[1]) if found.shape[1] == 1 else found
        assert torch.equal(found, expected), statements

    holds()


# --- far from the ends ----------------------------------------------------------------------------


def unpadded(draw: Draw) -> str:
    """A layer that reads nothing beyond the ends of its map."""
    kind = draw(st.sampled_from(("conv", "dilated", "maxpool", "uneven", "upsample", "space")))
    if kind == "conv":
        return f"conv 2 {window(draw, pool=False, padded=False)}"
    if kind == "dilated":
        return f"conv 2 {numbers(draw, 2) + 2} dilation={numbers(draw, 3) + 1}"
    if kind == "maxpool":
        return f"maxpool {window(draw, pool=True, padded=False)} dilation={numbers(draw, 1) + 1}"
    if kind == "upsample":
        return f"upsample {numbers(draw, 2) + 1}"
    if kind == "space":
        return f"slice {numbers(draw, 3)} axis=length"
    # Two windows of different kinds over the same positions, where both fit.
    kernel, dilation = numbers(draw, 2) + 2, numbers(draw, 3) + 1
    longest = dilation * (kernel - 1)
    before = numbers(draw, longest)
    return (
        f"add {{ conv 2 {kernel} dilation={dilation}; "
        f"{{ slice {before} axis=length; conv 2 {longest - before + 1} }} }}"
    )


@st.composite
def unpadded_nets(draw: Draw) -> tuple[int, tuple[str, ...]]:
    size = draw(st.integers(30, 70))
    found: list[str] = []
    for _ in range(draw(st.integers(1, 5))):
        tried = unpadded(draw)
        made = built(f"2x{size}", [*found, tried])
        if made is not None and _small(made):
            found.append(tried)
    return size, tuple(found)


@settings(max_examples=50, deadline=None)
@given(unpadded_nets())
def test_in_closed_form(drawn: tuple[int, tuple[str, ...]]) -> None:
    """Where nothing lies beyond the ends, the sets composed in closed form are torch's, too."""
    size, statements = drawn
    network = built(f"2x{size}", statements or ("identity",))
    assert network is not None
    expected = by_responses(positive(network), 2, (size,), 0)
    trails = TRAILS.to(network.root, network.root.result)[0]["length"]
    for output in range(expected.shape[1]):
        read = expected[:, output].nonzero()[:, 0].tolist()
        found = union([trail.part(output) for trail in trails])
        assert positions(found) == read, (statements, output)
    # And so is what is said of them: the first output's set begins at `start`, the longest is
    # `size` long, and what is not read of it are the `holes`.
    (axis,) = receptive_fields(network).output["input"]
    each = [expected[:, o].nonzero()[:, 0].tolist() for o in range(expected.shape[1])]
    lengths = [read[-1] - read[0] + 1 for read in each]
    assert axis.start == each[0][0]
    if len(trails) == 1 and trails[0].period <= len(each):
        assert axis.size == max(lengths)
        longest = lengths.index(max(lengths))
        assert axis.holes == lengths[longest] - len(each[longest])
        # Neighbouring fields lie `stride` apart, over a whole period.
        period = trails[0].period
        for one, other in zip(each, each[period:], strict=False):
            assert [i + axis.stride * period for i in one] == other


def positions(found: Positions) -> list[int]:
    assert isinstance(found.start, int)
    mask = found.mask
    assert mask is not None
    return [found.start + i for i in range(mask.bit_length()) if mask >> i & 1]


@st.composite
def plane_nets(draw: Draw) -> tuple[int, int, tuple[str, ...]]:
    """Of two axes, whose windows differ."""
    height, width = draw(st.integers(8, 14)), draw(st.integers(8, 14))
    found: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kernel = f"{numbers(draw, 2) + 1}x{numbers(draw, 2) + 1}"
        stride = f"{numbers(draw, 1) + 1}x{numbers(draw, 1) + 1}"
        pads = [[numbers(draw, 1), numbers(draw, 1)] for _ in range(2)]
        tried = draw(
            st.sampled_from(
                (
                    f"conv 4 {kernel} stride={stride} padding={pads} rounding=floor",
                    f"conv 4 {kernel} dilation={numbers(draw, 1) + 1} padding={pads}",
                    f"maxpool {kernel} stride={stride} rounding=ceil",
                    f"conv_transpose 4 {kernel} stride={stride}",
                    f"upsample {stride} mode={mode_of(draw)}",
                    "conv 4 1; pixel_shuffle 2; conv 4 1",
                    "space_to_depth 2; conv 4 1",
                    "add { conv 4 3x1 padding=[1, 0]; conv 4 1x3 padding=[0, 1] }",
                    "add { identity; { mean height keep=true } }",
                    "concat axis=width { identity; conv 4 3 padding=1 }",
                    "slice 1 axis=height",
                )
            )
        )
        if built(f"4x{height}x{width}", [*found, tried]) is not None:
            found.append(tried)
    return height, width, tuple(found)


@settings(max_examples=40, deadline=None)
@given(plane_nets())
def test_each_axis_of_a_plane(drawn: tuple[int, int, tuple[str, ...]]) -> None:
    height, width, statements = drawn
    network = built(f"4x{height}x{width}", statements or ("identity",))
    assert network is not None
    module = positive(network)
    for axis, (name, size) in enumerate((("height", height), ("width", width))):
        expected = by_responses(module, 4, (height, width), axis)
        found = predicted(network, name, size)
        assert torch.equal(found, expected), (name, statements)
