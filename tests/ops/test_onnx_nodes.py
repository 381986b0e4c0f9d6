"""Windows against the sizes of ONNX's conformance suite: the rows that concern layers of ours.

Left out, by what they are: MaxUnpool, RoiAlign, DeformConv and CausalConvWithState, which the
language does not have, and transposed convolutions that name their output's size or ask for
`auto_pad`, which it cannot say. Three pools are padded by more than half their kernel: an error
here, as in PyTorch. LpPool, and average pools with a dilation, have windows of ours, and are held
against their arithmetic; the odd element of SAME_LOWER stands elsewhere, its sizes are those of
SAME_UPPER.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netspec.graph.shape import Shape
from tests.ops.layers import apply, refused

PATH = Path(__file__).parent.parent / "truth" / "onnx_node_cases.json"
CASES: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))

ABSENT = {"MaxUnpool", "RoiAlign", "DeformConv", "CausalConvWithState"}
UNSAYABLE = {
    "test_convtranspose_autopad_same",
    "test_convtranspose_kernel_shape",
    "test_convtranspose_output_shape",
}
PADDED_BY_MORE_THAN_HALF = {
    "test_averagepool_2d_pads",
    "test_averagepool_2d_pads_count_include_pad",
    "test_maxpool_2d_pads",
    "test_lppool_2d_pads",
}
TAKEN = [c for c in CASES if c["op"] not in ABSENT and c["name"] not in UNSAYABLE]


def test_what_is_left_out_is_counted() -> None:
    # 2 MaxUnpool, 3 RoiAlign, 4 DeformConv, 13 CausalConvWithState, 3 transposed convolutions.
    assert len(CASES) - len(TAKEN) == 25


@pytest.mark.parametrize("case", TAKEN, ids=lambda case: case["name"])
def test_sizes(case: dict[str, Any]) -> None:
    layer, value, arguments = _ours(case)
    if case["name"] in PADDED_BY_MORE_THAN_HALF:
        assert refused(layer, value, **arguments).name == "padding-too-large"
        return
    assert apply(layer, value, **arguments).shape.dims == tuple(case["outputs"][0][1:])


def _ours(case: dict[str, Any]) -> tuple[str, Shape, dict[str, Any]]:
    attributes, op = case["attrs"], case["op"]
    value = Shape.of(*case["inputs"][0][1:])
    rank = value.rank - 1
    if op.startswith("Global"):
        return (
            {"GlobalAveragePool": "global_avgpool", "GlobalMaxPool": "global_maxpool"}[op],
            value,
            {},
        )
    weight = case["inputs"][3 if op == "QLinearConv" else 1] if "Conv" in op else None
    # ONNX floors, and its strides are 1 where they are left out.
    arguments: dict[str, Any] = {"stride": attributes.get("strides", 1)}
    if "pads" in attributes:
        pads = attributes["pads"]
        arguments["padding"] = [[pads[i], pads[i + rank]] for i in range(rank)]
    if attributes.get("auto_pad", "").startswith("SAME"):
        arguments["padding"] = "same"
    if op == "ConvTranspose":
        arguments |= {
            "filters": weight[1] * attributes.get("group", 1),
            "kernel": weight[2:],
            "dilation": attributes.get("dilations", 1),
            "output_padding": attributes.get("output_padding", 0),
            "groups": attributes.get("group", 1),
        }
        return "conv_transpose", value, arguments
    if weight is not None:
        arguments |= {"filters": weight[0], "kernel": weight[2:], "rounding": "floor"}
        return "conv", value, arguments
    arguments |= {
        "kernel": attributes["kernel_shape"],
        "rounding": "ceil" if attributes.get("ceil_mode") else "floor",
    }
    if "dilations" in attributes:
        # `avgpool` has no dilation: the same windows as those of `maxpool`.
        return "maxpool", value, arguments | {"dilation": attributes["dilations"]}
    return "maxpool" if op == "MaxPool" else "avgpool", value, arguments
