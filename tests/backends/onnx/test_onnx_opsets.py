"""At each opset: an operator where it exists by then, and otherwise what it is made of.

When an operator came is read from onnx's own schemas.
"""

from __future__ import annotations

import onnx
import pytest
from onnx import defs

from netspec.backends.onnx import OLDEST_OPSET, newest_opset, write_model
from tests.helpers import network

OPSETS = range(OLDEST_OPSET, newest_opset() + 1)
#: A layer, ONNX's operator for it, and the opset from which on that means the same. Swish (24) is
#: left out: ONNX Runtime 1.32 reads the opset, and has no such operator.
NATIVE = {
    "gelu": ("Gelu", 20),
    "gelu approximate=tanh": ("Gelu", 20),
    "hardswish": ("HardSwish", 14),
    "mish": ("Mish", 18),
    "layernorm": ("LayerNormalization", 17),
    # In 18 its scale and bias were one a group; since 21 they are one a channel.
    "groupnorm 2": ("GroupNormalization", 21),
    "relu6": ("Clip", 13),
    "prelu": ("PRelu", 13),
    "elu": ("Elu", 13),
    "selu": ("Selu", 13),
    "softplus": ("Softplus", 13),
    "hardsigmoid": ("HardSigmoid", 13),
    "leaky_relu": ("LeakyRelu", 13),
    "batchnorm": ("BatchNormalization", 13),
    "instancenorm": ("InstanceNormalization", 13),
    "lrn 3": ("LRN", 13),
    "pixel_shuffle 2": ("DepthToSpace", 13),
    "upsample 2 mode=bilinear": ("Resize", 13),
    "softmax": ("Softmax", 13),
}


@pytest.mark.parametrize("layer", NATIVE)
def test_operators_are_written_as_soon_as_they_exist(layer: str) -> None:
    operator, since = NATIVE[layer]
    versions = {s.since_version for s in defs.get_all_schemas_with_history() if s.name == operator}
    assert since in versions or since == OLDEST_OPSET >= min(versions)
    net = network(f"net Toy {{ input 4x8x8; {layer} }}")
    for opset in OPSETS:
        model = write_model(net, opset=opset).model
        onnx.checker.check_model(model, full_check=True)
        written = {node.op_type for node in model.graph.node}
        assert (operator in written) == (opset >= since), opset


EVERYTHING = """
block cell(width) { conv width 3x3 padding=same; groupnorm 2; silu; blurpool rounding=floor }
net Toy {
  input 4xHxW
  maxpool 3x3 stride=2 rounding=ceil
  avgpool 3x3 padding=1 include_padding=false; layernorm
  cell 6; grn; lrn 4; pad 2 mode=reflect; crop 8x8; mish
  mean channels keep=true; resize 9x7; adaptive_maxpool 4x3
  concat { identity; maximum width keep=true; sum height keep=true }
  flatten; dense 3; gelu; hardswish; log_softmax
}
""".replace("concat { identity; maximum width keep=true; sum height keep=true }",
            "add { identity; maximum width keep=true; sum height keep=true }")  # fmt: skip


@pytest.mark.parametrize("functions", [False, True])
def test_nothing_is_deprecated_or_ahead_of_its_opset(functions: bool) -> None:
    net = network(EVERYTHING)
    for opset in OPSETS:
        model = write_model(net, opset=opset, functions=functions).model
        onnx.checker.check_model(model, full_check=True)
        imported = {entry.domain: entry.version for entry in model.opset_import}
        assert imported[""] == opset
        # The oldest format that may hold the opset, or functions, so that old runtimes read it.
        least = onnx.helper.find_min_ir_version_for(model.opset_import[:1])
        assert model.ir_version == (max(8, least) if functions else least)
        nodes = [*model.graph.node, *(node for f in model.functions for node in f.node)]
        for node in nodes:
            if not node.domain:
                schema = defs.get_schema(node.op_type, opset)
                assert not schema.deprecated
                assert {a.name for a in node.attribute} <= set(schema.attributes)
        for value in (*model.graph.value_info, *model.graph.output):
            dims = value.type.tensor_type.shape.dim
            assert all(dim.dim_param or dim.dim_value >= 1 for dim in dims)
