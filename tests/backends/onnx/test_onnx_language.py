"""Nets written in the language: every shape that the file states is the one that comes about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from netspec.backends.onnx import newest_opset, write_model
from netspec.backends.onnx.table import LOWERINGS
from netspec.elaborate import elaborate
from netspec.graph.graph import Network
from netspec.graph.verify import problems
from netspec.ops import OPS
from netspec.source import SourceFile
from netspec.syntax import parse

NETS = """
net UNet {
  input 1xHxW
  enc1: { conv 8 3x3 padding=half; relu }
  maxpool 2x2
  enc2: { conv 16 3x3 padding=half; relu }
  maxpool 2x2
  conv 32 3x3 padding=half
  conv_transpose 16 2x2 stride=2
  concat { @enc2; identity }
  conv 16 3x3 padding=half; relu
  upsample 2 mode=bilinear
  concat { @enc1; identity }
  conv 2 1x1; softmax
}
net Same {
  input 3xHxW
  conv 8 3x3 stride=2 padding=same
  maxpool 3x3 stride=2 padding=same
  dwconv 3x3 padding=same dilation=2
  avgpool 3x3 stride=2 padding=same include_padding=false
  batchnorm affine=false; layernorm; groupnorm 4; instancenorm; lrn 4
  adaptive_avgpool 3x3
  flatten; dense 10
}
net Ceil {
  input 3xHxW
  conv 8 7x7 stride=2 padding=3 rounding=floor
  maxpool 3x3 stride=2 rounding=ceil
  avgpool 3x3 stride=2 padding=1 rounding=ceil
  resize in
}
net Sequence {
  input 4xL
  conv 8 5 padding=half
  residual { conv 8 3 padding=1; gelu }
  let kept = @
  permute length channels
  dense 16; layernorm; relu
  permute channels length
  mul { identity; gamma: parameter [16, 1] init=1e-6 }
  global_avgpool; flatten
  side: output { @kept; global_maxpool; flatten; dense 3 }
  aux: output when=training { @kept; global_maxpool; flatten; dense 3 }
  dropout
  dense 5
}
net Moves {
  input 12x20x24
  select [0, 3, 5, 7, 9, 11, 1, 2]
  channel_shuffle 4; pixel_shuffle 2; space_to_depth 2
  pad 2 mode=reflect; crop 20x22; slice 1 7; prelu per_channel=true
  concat axis=width { identity; mish }
  mean height width
  reshape 2x3
  flatten
  stochastic_depth 0.1; gaussian_noise 0.1; scale
  max { dense 4; dense 4; { dense 4; hardsigmoid } }
}
net Volume {
  input 2x9x10x11
  conv 4 3 padding=1; maxpool 2 rounding=ceil
  conv_transpose 3 3 stride=2 output_padding=1
  adaptive_maxpool 2x3x4; upsample 2; instancenorm affine=true; lrn 3; global_avgpool
}
net Field {
  input 3xHxW
  conv 8 3x3 padding=half standardize=1e-6; blurpool rounding=floor
  dwconv 3x3 padding=same stride=2 standardize=1e-6; gelu approximate=tanh; grn
  mul { identity; { concat { mean channels keep=true; maximum channels keep=true }; conv 1 1x1 } }
  blurpool 4 padding=same mode=replicate; multiply 0.5
  sum height width
}
block cell(n) { default conv padding=half; repeat n { conv 4 3x3; relu }; let a = @; add { @a; @ } }
net Repeats {
  input 4x8x8
  one: cell 3
  share one
  repeat 5 { residual { conv 4 1x1; batchnorm }; relu }
  head: { global_avgpool; flatten; dense 2 }
}
"""


def networks() -> dict[str, Network]:
    source = SourceFile("nets.net", NETS)
    tree, syntax = parse(source)
    result = elaborate(tree, lambda _, path: f"no file {path}")
    assert not syntax
    assert not [d for d in result.diagnostics if d.severity == "error"]
    return result.networks


def size(dim: Any, sizes: Mapping[str, int]) -> int:
    """What a dim's name (`floor((H+1)/2)`) says, in plain Python."""
    if not dim.dim_param:
        return int(dim.dim_value)
    assert re.fullmatch(r"([A-Z0-9+*/() -]|floor)+", dim.dim_param)
    return int(eval(dim.dim_param, {"floor": lambda x: int(x // 1), "N": 2, **sizes}))


def test_every_op_of_the_language_can_be_written() -> None:
    assert set(OPS) == set(LOWERINGS) | {"input"}


@pytest.mark.parametrize("name", list(networks()))
@pytest.mark.parametrize("opset", [13, 18, newest_opset()])
def test_stated_shapes_come_about(name: str, opset: int, check: Any) -> None:
    network = networks()[name]
    assert problems(network) == []
    model = write_model(network, opset=opset).model
    check(model)
    stated = {info.name: info for info in (*model.graph.value_info, *model.graph.output)}
    outputs = {info.name for info in model.graph.output}
    # Every tensor becomes an output, so that its true shape can be seen.
    model.graph.output.extend(i for n, i in stated.items() if n not in outputs)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    symbols = network.conditions.symbols
    tried: list[dict[str, int]] = [{}]
    if symbols:
        tried = [dict.fromkeys(symbols, n) for n in (16, 32, 68)] + [
            {s: n for s, n in zip(symbols, (48, 20), strict=False)}
        ]
    for sizes in tried:
        feeds = {
            info.name: np.ones(
                [size(d, sizes) for d in info.type.tensor_type.shape.dim], np.float32
            )
            for info in model.graph.input
        }
        names = [info.name for info in model.graph.output]
        for tensor, value in zip(names, session.run(names, feeds), strict=True):
            dims = stated[tensor].type.tensor_type.shape.dim
            assert value.shape == tuple(size(d, sizes) for d in dims), tensor


def test_training_only_outputs_are_left_out() -> None:
    model = write_model(networks()["Sequence"]).model
    assert [o.name for o in model.graph.output] == ["out", "side"]
    assert not [t.name for t in model.graph.initializer if t.name.startswith("aux")]
    assert "gamma" in {t.name for t in model.graph.initializer}


def test_the_bytes_are_those_that_onnx_would_write() -> None:
    """The streamed file holds what the model holds, tensor by tensor."""
    written = write_model(networks()["Repeats"])
    model = onnx.ModelProto.FromString(written.to_bytes())
    alone = onnx.ModelProto()
    alone.CopyFrom(model)
    del alone.graph.initializer[:]
    assert alone == written.graph_alone
    assert [t.name for t in model.graph.initializer] == [t.name for t in written.tensors]
    assert all(len(t.raw_data) == 4 * np.prod(t.dims) for t in model.graph.initializer)
    assert onnx.ModelProto.FromString(model.SerializeToString()) == model
