"""Blocks as functions: the same numbers to the bit as without, and what the model holds."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from netspec.backends.onnx import Unsupported, newest_opset, write_model
from netspec.graph.graph import Network
from tests.helpers import network

OPSETS = (13, 17, 21, newest_opset())
NETS = {
    # Calls in calls, and in repeats of both kinds; one block with two sets of arguments.
    "nested": """
block unit(width, act) { conv1: conv width 3x3 padding=1; bn: batchnorm; act }
block pair(width) { a: unit width relu; residual { b: unit width gelu } }
net Toy {
  input 3x8x8
  stem: unit 4 relu
  layer1: { repeat 3 { pair 4 } }
  layer2: { pair 6; repeat 2 { pair 6; silu } }
  global_avgpool; flatten; fc: dense 5
}
""",
    # Values read from inside: of a call, of a call in a call, of a repeat in a call.
    "taps": """
block inner(width) { conv1: conv width 1x1; relu1: relu; conv2: conv width 1x1 }
block outer(width) { first: inner width; steps: { repeat 3 { inner width } }; last: relu }
net Toy {
  input 3x6x6
  one: outer 4
  two: outer 4
  add { @one.first.relu1; @two.first.conv1; @two.steps.1.relu1; @two.steps.0; identity }
  concat { identity; @one.first; @two.last; @one }
  side: output { @one.steps.2.conv1; relu }
}
""",
    # Sizes that are known at run time only, computed by the caller of a caller.
    "symbolic": """
block fit(width) { upsample 2 mode=bilinear; resize 5x7; adaptive_avgpool 3x3; conv width 1x1 }
block half(width) { conv width 3x3 stride=2 padding=same; maxpool 3x3 stride=2 rounding=ceil }
block both(width) { half width; groupnorm 2; lrn 3; fit width }
net Toy { input 2xHxW; both 4; relu; half 4 }
""",
    # Learned tensors have no batch, alone in a function and given to one; values as parameters.
    "learned": """
block token { concat { identity; gamma: parameter [4, 1, 1] init=0.5 } }
block scaled { mul { identity; gamma: parameter [4, 1, 1] init=1e-6 } }
block only { kept: parameter [4, 6, 6] init=0.25 }
block gated(gate) { mul { identity; @gate } }
net Toy {
  input 4x1x1
  t: token
  select [0, 1, 2, 3]
  let same = @
  scaled
  gated same
  add { identity; k: only }
}
""",
    # Weights that are shared, dropout alone in a block, a block of nothing, a head in training.
    "odd": """
block layer { conv1: conv 4 1x1; share conv1; relu }
block nothing { dropout 0.5 }
block empty { }
block head(classes) { global_avgpool; flatten; fc: dense classes }
net Toy {
  input 4x6x6
  a: layer
  share a
  d: nothing
  e: empty
  aux: output when=training { head 3 }
  repeat 2 { nothing; empty }
  main: head 2
}
""",
}


def models(net: Network, opset: int) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Without and with functions; both pass the full check."""
    pair = [write_model(net, opset=opset, functions=on).model for on in (False, True)]
    for model in pair:
        # By itself, onnx's inference does not know what GroupNormalization gives in a function.
        onnx.checker.check_model(model, full_check=True)
    return pair[0], pair[1]


def outputs(model: onnx.ModelProto, feed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    names = [output.name for output in model.graph.output]
    return dict(zip(names, session.run(names, feed), strict=True))


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", NETS)
def test_the_numbers_are_those_without_functions(name: str, opset: int) -> None:
    flat, blocks = models(network(NETS[name]), opset)
    assert blocks.functions and not flat.functions
    assert blocks.graph.initializer == flat.graph.initializer
    assert blocks.graph.input == flat.graph.input
    assert blocks.graph.output == flat.graph.output
    sizes = {"N": 2, "H": 25, "W": 34}
    feed = {
        info.name: np.random.default_rng(3)
        .normal(size=[sizes.get(d.dim_param, d.dim_value) for d in info.type.tensor_type.shape.dim])
        .astype(np.float32)
        for info in flat.graph.input
    }
    expected, found = outputs(flat, feed), outputs(blocks, feed)
    assert list(found) == list(expected)
    for output, value in expected.items():
        np.testing.assert_array_equal(found[output], value)


def functions(model: onnx.ModelProto) -> dict[str, onnx.FunctionProto]:
    return {function.name: function for function in model.functions}


def test_a_block_is_a_function_for_each_set_of_arguments() -> None:
    _, model = models(network(NETS["nested"]), 21)
    found = functions(model)
    # `unit` is called with 4 and 6 filters, on 3, 4 and 6 channels, before relu and gelu.
    assert list(found) == ["unit", "unit_2", "unit_3", "pair", "unit_4", "unit_5", "pair_2",
                           "unit_6", "pair_3"]  # fmt: skip
    assert all(f.domain == "netspec" and not f.attribute for f in model.functions)
    calls = {n.name: (n.op_type, n.domain) for n in model.graph.node if n.domain}
    assert calls == {
        "stem": ("unit", "netspec"),
        **{f"layer1.{i}": ("pair", "netspec") for i in range(3)},
        "layer2.0": ("pair_2", "netspec"),
        **{f"layer2.{i}": ("pair_3", "netspec") for i in (1, 3)},
    }
    pair = found["pair"]
    assert [node.name for node in pair.node] == ["a", "b", "/Add"]
    weights = [f"{a}.{layer}" for a in "ab" for layer in (
        "conv1.weight", "conv1.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var",
    )]  # fmt: skip
    assert list(pair.input) == ["in", *weights]
    assert pair.doc_string == "pair(width=4) of 4x8x8"
    versions = {opset.domain: opset.version for opset in model.opset_import}
    assert versions == {"": 21, "netspec": 1}


@pytest.mark.parametrize(("opset", "version", "stated"), [(13, 8, False), (21, 10, True)])
def test_shapes_stand_in_functions_where_the_format_has_them(
    opset: int, version: int, stated: bool
) -> None:
    _, model = models(network(NETS["symbolic"]), opset)
    assert model.ir_version == version
    for function in model.functions:
        values = {name for node in function.node for name in node.output} | set(function.input)
        assert {info.name for info in function.value_info} == (values if stated else set())
    if stated:
        both = functions(model)["both"]
        sizes = {i.name: [d.dim_param or d.dim_value for d in i.type.tensor_type.shape.dim]
                 for i in both.value_info}  # fmt: skip
        assert sizes["in"] == ["N", 2, "H", "W"]
        assert {"size.H", "size.W"} <= set(both.input)


def test_what_is_read_from_outside_is_an_output() -> None:
    _, model = models(network(NETS["taps"]), 21)
    found = functions(model)
    # Of `one`: the result, first.relu1, first and steps.2.conv1; of `two`, on as many channels as
    # it gives: the result, which `last` is, first.conv1, steps.1.relu1 and steps.0.
    assert [len(found[name].output) for name in ("outer", "outer_2")] == [4, 4]
    side = [node for node in model.graph.node if node.output[0] == "side"]
    assert len(side) == 1


def test_what_exists_in_training_only_is_no_function() -> None:
    _, model = models(network(NETS["odd"]), 21)
    assert [f.name for f in model.functions] == ["layer", "nothing", "head"]
    # Each use of the shared layer is a call, with the same weights.
    calls = [n for n in model.graph.node if n.op_type == "layer"]
    assert [n.input[1:] for n in calls] == [["a.conv1.weight", "a.conv1.bias"]] * 2


def test_a_name_that_a_number_would_take() -> None:
    text = """
block unit(width) { conv width 1x1 }
block unit_2 { relu }
net Toy { input 3x4x4; unit 4; unit_2; unit 4; unit 5 }
"""
    _, model = models(network(text), 21)
    assert [f.name for f in model.functions] == ["unit", "unit_2", "unit_3", "unit_4"]


def test_many_calls_inside_one_another() -> None:
    """As many as onnx and ONNX Runtime take, and one more."""

    def chain(count: int) -> Network:
        blocks = [f"block b{i} {{ c: b{i - 1} }}" for i in range(1, count)]
        last = f"net Toy {{ input 3x4x4; x: b{count - 1} }}"
        return network("\n".join(["block b0 { conv 3 1x1 }", *blocks, last]))

    _, model = models(chain(100), 21)
    assert len(model.functions) == 100
    assert [node.name for node in model.graph.node] == ["x"]
    outputs(model, {"input": np.zeros((1, 3, 4, 4), np.float32)})
    with pytest.raises(Unsupported, match="x: blocks call each other more than 100 deep") as caught:
        write_model(chain(101), functions=True)
    assert caught.value.span is not None and caught.value.span.text == "b99"


def test_a_refusal_names_the_whole_path(builder: Any) -> None:
    text = """
block inner { act: relu; r: adaptive_avgpool 5000x1 }
block outer { inner }
net Toy { input 3x7001x4; x: outer }
"""
    for on in (False, True):
        with pytest.raises(Unsupported, match=re.escape("x.0.r: `adaptive_avgpool` to 5000")) as at:
            write_model(network(text), functions=on)
        assert at.value.span is not None and at.value.span.text.startswith("adaptive_avgpool")


@pytest.mark.parametrize("name", NETS)
def test_the_graph_alone(name: str) -> None:
    """Its weights are inputs, in the order in which the file would hold them."""
    net = network(NETS[name])
    alone = write_model(net, weights=False, functions=True).model
    onnx.checker.check_model(alone, full_check=True)
    whole = write_model(net, functions=True).model
    weights = [tensor.name for tensor in whole.graph.initializer]
    assert [i.name for i in alone.graph.input] == ["input", *weights]


def test_a_long_argument_is_cut_off() -> None:
    sizes = ", ".join(["4"] * 1000)
    text = f"block b(many) {{ conv 4 1x1 }}\nnet Toy {{ input 3x4x4; b [{sizes}] }}"
    (function,) = write_model(network(text), functions=True).model.functions
    assert function.doc_string.startswith("b(many=[4, 4, ") and len(function.doc_string) == 1001
