"""The model around the layers: names, inputs and outputs, weights, bytes, limits."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch.nn import functional as fn

from netspec.backends.onnx import Unsupported, newest_opset, write_model
from netspec.graph.graph import CallNode, Instance, Numbered, OpNode, RepeatNode, Weight
from netspec.graph.shape import Shape

CONV = {
    "filters": 4,
    "kernel": (3, 3),
    "stride": (1, 1),
    "padding": ((1, 1), (1, 1)),
    "dilation": (1, 1),
    "groups": 1,
    "bias": True,
    "rounding": "exact",
    "padding_word": None,
}
MAP = Shape.of(4, 5, 6)


def conv_weights(filters: int = 4, channels: int = 4) -> list[Weight]:
    window = 9
    return [
        Weight(
            "weight",
            (filters, channels, 3, 3),
            fan_in=channels * window,
            fan_out=filters * window,
        ),
        Weight("bias", (filters,), fill=0.0),
    ]


def add_conv(net: Any, x: int, path: str, **more: Any) -> int:
    return int(net.op("conv", [x], MAP, CONV, conv_weights(), path=path, **more))


def initializers(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def test_names_are_those_of_the_language(builder: Any, run: Any) -> None:
    net = builder()
    x = net.input(MAP, "image")
    y = add_conv(net, x, "layer1.0.conv1")
    y = net.op("relu", [y], MAP, path="layer1.0.relu1")
    y = net.op("add", [y, x], MAP)
    net.op("dropout", [y], MAP, {"p": 0.5}, path="layer1.1")
    model = run(net.network()).model
    nodes = [(node.op_type, node.name) for node in model.graph.node]
    assert nodes == [("Conv", "layer1.0.conv1"), ("Relu", "layer1.0.relu1"), ("Add", "/Add")]
    assert list(initializers(model)) == ["layer1.0.conv1.weight", "layer1.0.conv1.bias"]
    assert [i.name for i in model.graph.input] == ["image"]
    # The dropout at the end is left out, and the value before it is the output.
    assert [i.name for i in model.graph.output] == ["out"]
    assert model.graph.node[-1].output[0] == "out"
    (output,) = model.graph.output
    dims = output.type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in dims] == ["N", 4, 5, 6]


def test_a_label_may_be_a_name_that_the_graph_needs(builder: Any, run: Any) -> None:
    net = builder()
    x = net.input(MAP, "input")
    y = net.op("relu", [x], MAP, path="out")
    y = net.op("relu", [y], MAP, path="Add")
    net.op("add", [y, y], MAP)
    assert [n.name for n in run(net.network()).model.graph.node] == ["out", "Add", "/Add"]


def test_an_input_named_like_an_output_is_refused(builder: Any) -> None:
    net = builder()
    net.op("relu", [net.input(MAP, "out")], MAP, path="0")
    with pytest.raises(Unsupported, match="both named out"):
        write_model(net.network())


def test_several_inputs_and_outputs(builder: Any, run: Any) -> None:
    net = builder()
    a, b = net.input(MAP, "a"), net.input(MAP, "b")
    y = net.op("add", [a, b], MAP)
    same = net.op("identity", [y], MAP, path="same")
    late = net.op("sigmoid", [y], MAP, path="head")
    net.op("relu", [y], MAP, path="relu1")
    net.output("first", same)
    net.output("second", y)
    net.output("given", a)
    net.output("aux", late, training=True)
    ran = run(net.network())
    total = ran.feeds["a"] + ran.feeds["b"]
    assert list(ran.outputs) == ["out", "first", "second", "given"]
    np.testing.assert_array_equal(ran.outputs["first"], total)
    np.testing.assert_array_equal(ran.outputs["second"], total)
    np.testing.assert_array_equal(ran.outputs["given"], ran.feeds["a"])
    np.testing.assert_array_equal(ran.outputs["out"], np.maximum(total, 0))


def test_what_exists_in_training_only_is_left_out(builder: Any, run: Any) -> None:
    net = builder()
    x = add_conv(net, net.input(MAP), "body")
    head = add_conv(net, x, "aux", training=True)
    net.output("aux", head, training=True)
    net.op("relu", [x], MAP, path="relu1")
    model = run(net.network()).model
    assert set(initializers(model)) == {"body.weight", "body.bias"}
    assert [n.name for n in model.graph.node] == ["body", "relu1"]
    assert [o.name for o in model.graph.output] == ["out"]


def test_shared_weights_are_written_once(builder: Any, run: Any) -> None:
    net = builder()
    x = net.input(MAP)
    first = add_conv(net, x, "conv1")
    add_conv(net, first, "conv1", shares=first)
    ran = run(net.network())
    assert list(ran.weights) == ["conv1.weight", "conv1.bias"]
    w, b = (torch.tensor(ran.weights[f"conv1.{n}"]) for n in ("weight", "bias"))
    x_ = torch.tensor(ran.feeds["input"])
    expected = fn.conv2d(fn.conv2d(x_, w, b, padding=1), w, b, padding=1)
    np.testing.assert_allclose(ran.outputs["out"], expected.numpy(), rtol=1e-4, atol=1e-4)


def test_a_learned_tensor_broadcasts_and_joins(builder: Any, run: Any) -> None:
    net = builder()
    x = net.input(MAP)
    gamma = net.op(
        "parameter",
        [],
        Shape.of(4, 1, 1),
        {"dims": (4, 1, 1), "init": 0.5},
        [Weight("", (4, 1, 1), fill=0.5)],
        path="layer_scale",
    )
    whole = net.op(
        "parameter",
        [],
        MAP,
        {"dims": (4, 5, 6), "init": 0.0},
        [Weight("", (4, 5, 6), fill=0.0)],
        path="token",
    )
    net.output("tokens", whole)
    y = net.op("mul", [x, gamma], MAP)
    net.op("concat", [whole, y], Shape.of(8, 5, 6), {"axis": 0})
    ran = run(net.network())
    assert set(ran.weights) == {"layer_scale", "token"}
    token = np.repeat(ran.weights["token"][None], 3, axis=0)
    expected = np.concatenate([token, ran.feeds["input"] * ran.weights["layer_scale"]], axis=1)
    np.testing.assert_allclose(ran.outputs["out"], expected, rtol=1e-6)
    np.testing.assert_array_equal(ran.outputs["tokens"], token)
    start = initializers(write_model(net.network()).model)
    assert (start["layer_scale"] == 0.5).all()


def test_a_parameter_named_like_an_output_is_refused(builder: Any) -> None:
    net = builder()
    x = net.input(MAP)
    weight = Weight("", (4, 5, 6), fill=0.0)
    attributes = {"dims": (4, 5, 6), "init": 0.0}
    y = net.op("parameter", [], MAP, attributes, [weight], path="out")
    net.op("add", [x, y], MAP)
    with pytest.raises(Unsupported, match="parameter out"):
        write_model(net.network())


def repeated(count: int) -> Instance:
    """A block of `count` convolutions, then a call of it, in a net."""

    def op(name: str, *inputs: int, **more: Any) -> OpNode:
        more.setdefault("attributes", {})
        return OpNode(inputs=inputs, shape=MAP, span=SPAN_OF_TESTS, op=name, **more)

    body = Instance("body", None, {}, 1, [op("input")], result=2, size=2)
    body.nodes.append(
        op(
            "conv",
            0,
            attributes=CONV,
            weights=tuple(conv_weights()),
            path=(Numbered("", 0, (2,)),),
        )
    )
    body.nodes.append(op("relu", 1, path=(Numbered("", 1, (2,)),)))
    block = Instance("block", None, {}, 1, [op("input")], result=1, size=2 * count)
    block.nodes.append(
        RepeatNode(inputs=(0,), shape=MAP, span=SPAN_OF_TESTS, body=body, count=count)
    )
    root = Instance("net", None, {}, 0, [op("input")], result=2, size=4 * count)
    for place in (0, 1):
        root.nodes.append(
            CallNode(
                inputs=(place,),
                shape=MAP,
                span=SPAN_OF_TESTS,
                instance=block,
                path=(f"layer{place + 1}",),
            )
        )
    return root


SPAN_OF_TESTS: Any = None


@pytest.fixture(autouse=True)
def span(builder: Any) -> None:
    global SPAN_OF_TESTS
    net = builder()
    net.input(MAP)
    SPAN_OF_TESTS = net.network().span


def with_root(builder: Any, root: Instance) -> Any:
    net = builder()
    net.input(MAP)
    network = net.network()
    root.outputs = (type(network.outputs[0])("out", root.result, SPAN_OF_TESTS),)
    network.root = root
    return network


def test_calls_and_repeats_are_written_out(builder: Any, run: Any) -> None:
    model = run(with_root(builder, repeated(2))).model
    names = [node.name for node in model.graph.node]
    assert names == [f"layer{i}.{j}" for i in (1, 2) for j in range(4)]
    weights = [f"layer{i}.{j}.{n}" for i in (1, 2) for j in (0, 2) for n in ("weight", "bias")]
    assert list(initializers(model)) == weights


def test_a_network_too_long_to_list_is_refused(builder: Any) -> None:
    with pytest.raises(Unsupported, match="4,000,000,000 layers"):
        write_model(with_root(builder, repeated(10**9)))


def test_the_graph_of_many_weights_is_written_without_them(builder: Any) -> None:
    net = builder()
    x = net.input(Shape.of(30_000))
    weight = Weight("weight", (30_000, 30_000), fan_in=30_000, fan_out=30_000)
    attributes = {"units": 30_000, "bias": False}
    net.op("dense", [x], Shape.of(30_000), attributes, [weight], path="fc")
    model = write_model(net.network(), weights=False).model
    assert [i.name for i in model.graph.input] == ["input", "fc.weight"]


def test_numbers_that_onnx_cannot_hold_are_refused(builder: Any) -> None:
    net = builder()
    x = net.input(MAP)
    net.op("slice", [x], MAP, {"start": 0, "stop": 2**70, "axis": 0}, path="0")
    with pytest.raises(Unsupported, match="cannot hold"):
        write_model(net.network())
    net = builder()
    net.op("relu", [net.input(Shape.of(2**70))], Shape.of(2**70), path="0")
    with pytest.raises(Unsupported, match="more than ONNX can hold"):
        write_model(net.network())


def test_an_unknown_op_is_an_error_and_never_left_out(builder: Any) -> None:
    net = builder()
    net.op("attention", [net.input(MAP)], MAP, path="mixer")
    with pytest.raises(Unsupported, match="mixer: `attention`") as caught:
        write_model(net.network())
    assert caught.value.span is not None


def test_values_of_different_rank_are_not_merged(builder: Any) -> None:
    net = builder()
    x, v = net.input(MAP, "x"), net.input(Shape.of(6), "v")
    net.op("add", [x, v], MAP)
    with pytest.raises(Unsupported, match="different numbers of axes: 4x5x6, 6"):
        write_model(net.network())


@pytest.mark.parametrize("opset", [12, newest_opset() + 1, -1])
def test_opsets_outside_the_range_are_refused(builder: Any, opset: int) -> None:
    net = builder()
    net.op("relu", [net.input(MAP)], MAP, path="0")
    with pytest.raises(Unsupported, match=f"opset {opset} .*13 to {newest_opset()}"):
        write_model(net.network(), opset=opset)


def test_the_graph_alone_takes_its_parameters_as_inputs(builder: Any, check: Any) -> None:
    net = builder()
    add_conv(net, net.input(MAP), "conv1")
    model = write_model(net.network(), weights=False).model
    check(model)
    assert not model.graph.initializer
    shapes = {
        i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in model.graph.input
    }
    assert shapes["conv1.weight"] == [4, 4, 3, 3]


def two_layers(net: Any, second: str = "sigmoid") -> Any:
    x = add_conv(net, net.input(MAP), "conv1")
    x = net.op("relu", [x], MAP, path="relu1")
    x = add_conv(net, x, "conv2")
    net.op(second, [x], MAP, path=f"{second}1")
    return net.network({"width": 4, "stages": (2, "a"), "norm": True})


def test_the_same_bytes_each_time(builder: Any) -> None:
    sink = io.BytesIO()
    first = write_model(two_layers(builder()))
    first.save(sink)
    assert sink.getvalue() == write_model(two_layers(builder())).to_bytes()
    assert sink.getvalue() != write_model(two_layers(builder()), seed=1).to_bytes()
    model = first.model
    assert model.producer_name == "netspec"
    properties = {p.key: p.value for p in model.metadata_props}
    assert properties == {
        "net": "Hand",
        "parameter.width": "4",
        "parameter.stages": '[2, "a"]',
        "parameter.norm": "true",
    }


def test_he_before_rectifiers_and_xavier_elsewhere(builder: Any) -> None:
    weights = initializers(write_model(two_layers(builder())).model)
    # Uniform within b has a largest magnitude just below b: 144 draws come within 10 % of it.
    he, xavier = (6 / 36) ** 0.5, (6 / 72) ** 0.5
    assert 0.9 * he < np.abs(weights["conv1.weight"]).max() <= he
    assert 0.9 * xavier < np.abs(weights["conv2.weight"]).max() <= xavier
    assert not weights["conv1.bias"].any()


def test_a_further_layer_changes_no_other_weights(builder: Any) -> None:
    before = initializers(write_model(two_layers(builder())).model)
    net = builder()
    x = add_conv(net, net.input(MAP), "conv0")
    x = add_conv(net, x, "conv1")
    net.op("relu", [x], MAP, path="relu1")
    after = initializers(write_model(net.network()).model)
    np.testing.assert_array_equal(after["conv1.weight"], before["conv1.weight"])
    assert (after["conv0.weight"] != after["conv1.weight"]).any()


def test_initial_weights_are_the_same_on_every_machine(builder: Any) -> None:
    # The hash was recorded once; the numbers behind it are checked against the definition here:
    # the low and high halves of Philox's words, their upper 24 bits, spread over (-1, 1).
    weights = initializers(write_model(two_layers(builder())).model)["conv1.weight"]
    key = int.from_bytes(hashlib.sha256(b"0 conv1.weight").digest()[:16], "little")
    words = [int(word) for word in np.random.Philox(key=key).random_raw(72)]
    halves = [half for word in words for half in (word & 0xFFFFFFFF, word >> 32)]
    bound = np.float32((6 / 36) ** 0.5)
    unit = np.array([(2 * (half >> 8) + 1 - 2**24) / 2**24 for half in halves], np.float32)
    np.testing.assert_array_equal(weights.ravel(), unit * bound)
    assert abs(float(unit.mean())) < 0.15
    digest = hashlib.sha256(weights.astype("<f4").tobytes()).hexdigest()
    assert digest == "b48902702e0b22f3e2ae6124f336d7a26333cdf043afc7c173403da077dd5d35"
