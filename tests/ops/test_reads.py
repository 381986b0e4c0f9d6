"""Which positions layers read: arithmetic by hand, and beside the extents that `reach` gives.

Random nets are held to torch in tests/property/test_receptive_field.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.analysis.positions import of_reads
from netspec.graph.graph import OpNode
from netspec.graph.walk import flatten
from netspec.ops import OPS
from netspec.ops.reads import Reads, reads


@pytest.mark.parametrize(
    ("kind", "numbers", "output", "read"),
    [
        # Kernel 3, stride 2, one of padding before, dilation 2: from 2 * 4 - 1.
        ("window", (3, 2, 1, 2), 4, [7, 9, 11]),
        # (o + 1/2) 4 / 6 - 1/2 for o = 0, 1, 2: -1/6, 1/2, 7/6.
        ("bilinear", (4, 6), 0, [-1, 0]),
        ("bilinear", (4, 6), 1, [0, 1]),
        ("bilinear", (4, 6), 2, [1, 2]),
        # Three times as large: the middle one of three is the position itself.
        ("bilinear", (1, 3), 4, [1]),
        ("nearest", (4, 6), 4, [2]),
        # floor(7 i / 3) up to ceil(7 (i + 1) / 3).
        ("bins", (7, 3), 1, [2, 3, 4]),
        ("parts", (2,), 5, [2]),
    ],
)
def test_by_hand(kind: str, numbers: tuple[int, ...], output: int, read: list[int]) -> None:
    assert list(Reads(kind, numbers).at(output)) == read


@pytest.mark.parametrize("stride", range(1, 6))
@pytest.mark.parametrize("dilation", range(1, 6))
@pytest.mark.parametrize("kernel", range(1, 6))
def test_transposed(kernel: int, stride: int, dilation: int) -> None:
    """Its definition: input i adds to output i * stride + t * dilation - before for each t."""
    before = 2
    one = Reads("transposed", (kernel, stride, before, dilation))
    for output in range(20):
        met = [
            i
            for i in range(-60, 60)
            for t in range(kernel)
            if i * stride + t * dilation - before == output
        ]
        assert list(one.at(output)) == sorted(met)


@pytest.mark.parametrize(
    "spec",
    ["zoo:resnet50", "zoo:inception_v3", "zoo:s3d", "zoo:lraspp_mobilenet_v3_large", "zoo:vgg11"],
)
def test_beside_reach(spec: str) -> None:
    """The extents and jumps of layers are those that the receptive field of asserts goes by."""
    shapes = {}
    compared = 0
    for flat in flatten(netspec.load(spec)).nodes:
        node = flat.node
        shapes[flat.index] = node.shape
        if len(flat.inputs) != 1:
            continue
        inputs = (shapes[flat.inputs[0]],)
        reach = OPS[node.op].reach(node.attributes, inputs, node.shape).axes
        found = reads(node.op, node.attributes, inputs, node.shape)
        for axis, one in found.items():
            trail = of_reads(one)
            extent, jump = reach.get(axis, (1, 1))
            assert (trail.size, trail.jump) == (extent, jump), (flat.path, axis)
            compared += 1
        assert set(reach) <= set(found)
    assert compared > 10


@pytest.mark.parametrize(
    ("layer", "output", "read"),
    [
        # From 2 o - 1: the padding before counts, not the 2 after.
        ("conv 1 3 stride=2 padding=[[1, 2]]", 1, [1, 2, 3]),
        # i * 2 + t - 1 == 1 for i = 0, t = 2 and i = 1, t = 0.
        ("conv_transpose 1 3 stride=2 padding=[[1, 0]]", 1, [0, 1]),
    ],
)
def test_uneven_padding(tmp_path: Path, layer: str, output: int, read: list[int]) -> None:
    spec = tmp_path / "uneven.net"
    spec.write_text(f"net A {{ input 1x9; {layer} }}\n")
    net = netspec.load(spec)
    node = net.root.nodes[net.root.result]
    assert isinstance(node, OpNode)
    inputs = (net.root.nodes[0].shape,)
    found = reads(node.op, node.attributes, inputs, node.shape)
    assert list(found["length"].at(output)) == read
