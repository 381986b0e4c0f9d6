"""Shapes, expansion into a flat list, and the invariants that every network must hold."""

from __future__ import annotations

import time
from typing import Any

import pytest

from netspec.graph.graph import (
    CallNode,
    Instance,
    Network,
    Node,
    Numbered,
    OpNode,
    Output,
    RepeatNode,
    TapNode,
    Weight,
)
from netspec.graph.shape import Shape
from netspec.graph.size import Conditions, Size
from netspec.graph.verify import problems
from netspec.graph.walk import flatten, instances
from netspec.source import SourceFile, Span

SPAN = Span(SourceFile("hand.net", "net"), 0, 3)
MAP = Shape.of(4, 5, 6)


def op(name: str, *inputs: int, path: Any = (), **more: Any) -> OpNode:
    path = (path,) if isinstance(path, (str, Numbered)) else path
    return OpNode(
        inputs=inputs,
        shape=more.pop("shape", MAP),
        span=SPAN,
        op=name,
        attributes={},
        path=path,
        **more,
    )


def call(instance: Instance, *inputs: int, path: str = "block", **more: Any) -> CallNode:
    return CallNode(
        inputs=inputs, shape=instance.shape, span=SPAN, instance=instance, path=(path,), **more
    )


def repeat(body: Instance, count: int, *inputs: int) -> RepeatNode:
    return RepeatNode(inputs=inputs, shape=body.shape, span=SPAN, body=body, count=count)


def tap(value: int, *steps: tuple[int, int]) -> TapNode:
    return TapNode(inputs=(), shape=MAP, span=SPAN, steps=steps, value=value)


def instance(*nodes: Node, inputs: int = 1, result: int | None = None) -> Instance:
    size = 0
    for node in nodes:
        if isinstance(node, CallNode):
            size += node.instance.size
        elif isinstance(node, RepeatNode):
            size += node.count * node.body.size
        elif isinstance(node, OpNode) and node.op != "input":
            size += 1
    last = len(nodes) - 1 if result is None else result
    return Instance("part", None, {}, inputs, list(nodes), last, size=size)


def network(*nodes: Node) -> Network:
    root = instance(*nodes, inputs=0)
    root.outputs = (Output("out", root.result, SPAN),)
    inputs = tuple(
        (f"x{i}", i)
        for i, node in enumerate(nodes)
        if isinstance(node, OpNode) and node.op == "input"
    )
    return Network("Hand", root, inputs, {}, Conditions(), SPAN)


def conv(*inputs: int, path: Any, **more: Any) -> OpNode:
    return op("conv", *inputs, path=path, weights=(Weight("weight", (4, 4, 1, 1)),), **more)


def listed(net: Network) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(f.node.op, f.path, f.inputs) for f in flatten(net).nodes]


# --- shapes -----------------------------------------------------------------------------------


def test_axes_keep_their_names() -> None:
    shape = Shape((5, 6, 4), ("height", "width", "channels"))
    assert (shape.channels, shape.channel_axis, shape.spatial) == (4, 2, (0, 1))
    assert (shape.rank, shape.elements, str(shape)) == (3, 120, "5x6x4")
    assert shape.axis("width") == 1
    assert shape.axis("depth") is None
    assert str(shape.replaced(0, 9)) == "9x6x4"


def test_symbolic_shapes_are_spaced() -> None:
    assert str(Shape.of(3, Size.symbol("H"), 7)) == "3 x H x 7"


# --- expansion --------------------------------------------------------------------------------


def test_calls_repeats_and_numbers() -> None:
    body = instance(
        op("input"),
        conv(0, path=Numbered("", 0, (2,))),
        op("relu", 1, path=Numbered("", 1, (2,))),
    )
    block = instance(op("input"), repeat(body, 2, 0), op("add", 1, 0))
    net = network(op("input"), call(block, 0, path="a"), call(block, 1, path="b"))
    assert problems(net) == []
    assert listed(net) == [
        ("input", "", ()),
        ("conv", "a.0", (0,)),
        ("relu", "a.1", (1,)),
        ("conv", "a.2", (2,)),
        ("relu", "a.3", (3,)),
        ("add", "", (4, 0)),
        ("conv", "b.0", (5,)),
        ("relu", "b.1", (6,)),
        ("conv", "b.2", (7,)),
        ("relu", "b.3", (8,)),
        ("add", "", (9, 5)),
    ]
    flat = flatten(net)
    assert flat.outputs == [("out", 10, False)]
    assert [f.scope for f in flat.nodes] == ["", *["a"] * 5, *["b"] * 5]
    assert list(instances(net.root)) == [body, block, net.root]


def test_nested_repeats_count_together() -> None:
    # Names 0 … 5 for two rounds of three: 3 for each outer iteration, 1 for each inner.
    inner = instance(op("input"), conv(0, path=Numbered("", 0, (3, 1))))
    outer = instance(op("input"), repeat(inner, 3, 0))
    net = network(op("input"), repeat(outer, 2, 0))
    assert problems(net) == []
    assert [f.path for f in flatten(net).nodes] == ["", "0", "1", "2", "3", "4", "5"]


def test_captured_values_reach_every_iteration() -> None:
    body = instance(op("input"), op("input"), op("add", 0, 1), inputs=2)
    net = network(op("input"), op("relu", 0, path="r"), repeat(body, 2, 1, 0))
    assert problems(net) == []
    assert [inputs for _, _, inputs in listed(net)] == [(), (0,), (1, 0), (2, 0)]


def test_taps_reach_into_calls_and_iterations() -> None:
    body = instance(op("input"), op("relu", 0, path=Numbered("", 0, (1,))))
    block = instance(op("input"), repeat(body, 3, 0))
    net = network(op("input"), call(block, 0, path="a"), tap(1, (1, 0), (1, 1)), op("add", 1, 2))
    assert problems(net) == []
    # relu a.0, a.1, a.2 are values 1, 2, 3; iteration 1 is a.1.
    assert listed(net)[-1] == ("add", "", (3, 2))


def test_shared_weights_keep_the_first_path() -> None:
    block = instance(op("input"), conv(0, path="conv1"))
    net = network(
        op("input"), call(block, 0, path="a"), call(block, 1, path="a", shares=1), op("relu", 2)
    )
    assert problems(net) == []
    assert [(f.path, f.shares) for f in flatten(net).nodes] == [
        ("", None),
        ("a.conv1", None),
        ("", "a.conv1"),
        ("", None),
    ]


def test_training_reaches_inwards() -> None:
    block = instance(op("input"), conv(0, path="conv1"))
    net = network(op("input"), call(block, 0, path="aux", training=True), op("relu", 0))
    assert [f.training for f in flatten(net).nodes] == [False, True, False]


def test_what_holds_no_layer_costs_nothing() -> None:
    """2**200 calls of an empty block, repeated 10**18 times."""
    empty = instance(op("input"))
    for _ in range(200):
        empty = instance(op("input"), call(empty, 0), call(empty, 1), inputs=1)
    body = instance(op("input"), op("input"), call(empty, 1), inputs=2)
    net = network(
        op("input"),
        op("relu", 0, path="r"),
        repeat(empty, 10**18, 1),
        repeat(body, 10**18, 2, 0),
        op("add", 2, 3),
        tap(0, (3, 0)),
        tap(0, (3, 5)),
        op("add", 5, 6),
    )
    assert problems(net) == []
    start = time.perf_counter()
    # The second repeat gives its captured input: that is what all but its first iteration take.
    assert [inputs for _, _, inputs in listed(net)] == [(), (0,), (1, 0), (1, 0)]
    assert time.perf_counter() - start < 1


def test_calls_may_nest_deeper_than_pythons_stack() -> None:
    block = instance(op("input"), op("relu", 0, path="r"))
    for _ in range(3000):
        block = instance(op("input"), call(block, 0, path="b"))
    net = network(op("input"), call(block, 0, path="b"))
    assert problems(net) == []
    assert flatten(net).nodes[1].path == "b." * 3001 + "r"


# --- invariants -------------------------------------------------------------------------------

SMALL = Shape.of(2, 5, 6)


def body_that_changes_shape() -> Instance:
    return instance(op("input"), op("conv", 0, shape=SMALL, path="c"))


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ([op("input"), op("relu", 1)], "not all of them earlier"),
        ([op("input"), op("relu", 7)], "not all of them earlier"),
        ([op("input"), op("relu", -1)], "not all of them earlier"),
        ([op("input"), op("relu", 0, shape=Shape.of(4, 0, 6))], "a size below 1"),
        ([op("input"), op("relu", 0, shape=Shape((4, 5), ("channels",)))], "1 names for the 2"),
        ([op("input"), conv(0, path=())], "weights and no path"),
        (
            [op("input", shape=SMALL), call(instance(op("input"), op("relu", 0)), 0)],
            "gives 2x5x6 to part as input 0, which takes 4x5x6",
        ),
        ([op("input"), call(instance(op("input")), 0, 0)], "gives 2 values to part"),
        ([op("input"), repeat(body_that_changes_shape(), 2, 0)], "takes 4x5x6 and gives 2x5x6"),
        ([op("input"), tap(0, (0, 0))], "no earlier call or repeat"),
        ([op("input"), call(instance(op("input")), 0), tap(0, (1, 1))], "iteration 1 of 1"),
        ([op("input"), call(instance(op("input")), 0), tap(9, (1, 0))], "taps value 9"),
        ([op("input"), conv(0, path="a", shares=3)], "not earlier"),
        ([op("input"), conv(0, path="a"), conv(0, path="b", shares=1)], "another layer"),
        (
            [op("input"), conv(0, path="a"), op("conv", 1, path="a", shares=1)],
            "would need others",
        ),
        ([op("input"), conv(0, path="a"), conv(1, path="a")], "two layers named a"),
        (
            [op("input"), conv(0, path=Numbered("", 0, (1,)))],
            "counts 1 repeats, and 0 are around it",
        ),
    ],
)
def test_a_broken_network_is_told(nodes: list[Node], told: str) -> None:
    assert any(told in line for line in problems(network(*nodes)))


def test_broken_frames_are_told() -> None:
    net = network(op("input"), op("relu", 0))
    net.root.size = 5
    assert problems(net) == ["part: states 5 layers and has 1"]
    net = network(op("input"), op("relu", 0))
    net.root.result = 9
    assert any("result 9" in line for line in problems(net))
    net = network(op("input"), op("relu", 0))
    net.root.outputs = (*net.root.outputs, Output("out", 0, SPAN), Output("b", 4, SPAN))
    assert any("two outputs of one name" in line for line in problems(net))
    assert any("value 4, which is none" in line for line in problems(net))
    net = network(op("input"), op("relu", 0))
    net.inputs = (("x", 1),)
    assert any("which is no input" in line for line in problems(net))
    looped = instance(op("input"))
    looped.nodes.append(call(looped, 0))
    assert problems(network(op("input"), call(looped, 0))) == ["Hand: an instance calls itself"]
