"""Hand-built networks, and a way to run what is written for them in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, numpy_helper

from netspec.backends.onnx import write_model
from netspec.graph.graph import Instance, Network, Node, OpNode, Output, Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Conditions
from netspec.source import SourceFile, Span

SPAN = Span(SourceFile("hand.net", "net"), 0, 3)


class Builder:
    """A net of one flat instance, node by node."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.inputs: list[tuple[str, int]] = []
        self.extra: list[Output] = []

    def input(self, shape: Shape, name: str = "input") -> int:
        self.inputs.append((name, len(self.nodes)))
        return self.op("input", (), shape, {"name": name})

    def op(
        self,
        op: str,
        inputs: Sequence[int],
        shape: Shape,
        attributes: Mapping[str, Any] | None = None,
        weights: Sequence[Weight] = (),
        path: str = "",
        **more: Any,
    ) -> int:
        node = OpNode(
            inputs=tuple(inputs),
            shape=shape,
            span=SPAN,
            path=tuple(path.split(".")) if path else (),
            op=op,
            attributes=attributes or {},
            weights=tuple(weights),
            **more,
        )
        self.nodes.append(node)
        return len(self.nodes) - 1

    def output(self, name: str, value: int, training: bool = False) -> None:
        self.extra.append(Output(name, value, SPAN, training))

    def network(self, parameters: Mapping[str, object] | None = None) -> Network:
        result = len(self.nodes) - 1
        outputs = (Output("out", result, SPAN), *self.extra)
        root = Instance(
            name="Hand",
            definition=None,
            bindings={},
            inputs=0,
            nodes=self.nodes,
            result=result,
            outputs=outputs,
            size=len(self.nodes),
        )
        return Network("Hand", root, tuple(self.inputs), parameters or {}, Conditions(), SPAN)


@dataclass
class Ran:
    """A model that was checked in full and run: its proto, what went in, what came out."""

    model: onnx.ModelProto
    weights: dict[str, np.ndarray]
    feeds: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


def checked(model: onnx.ModelProto) -> None:
    """The full check, and every tensor's shape stated and agreed with by strict inference."""
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    graph = inferred.graph
    infos = {i.name: i for i in (*graph.value_info, *graph.input, *graph.output)}
    made = {name for node in model.graph.node for name in node.output}
    stated = {i.name for i in (*model.graph.value_info, *model.graph.output)}
    assert made == stated
    for info in infos.values():
        for dim in info.type.tensor_type.shape.dim:
            assert dim.dim_param or dim.dim_value >= 1, info


@pytest.fixture
def builder() -> type[Builder]:
    return Builder


@pytest.fixture
def check() -> Callable[[onnx.ModelProto], None]:
    return checked


@pytest.fixture
def run() -> Callable[..., Ran]:
    """Writes a network, checks it, fills it with random weights and inputs, and runs it."""

    def runner(
        network: Network,
        opset: int | None = None,
        sizes: Mapping[str, int] | None = None,
        batch: int = 3,
        seed: int = 1,
    ) -> Ran:
        model = write_model(network, opset=opset).model
        checked(model)
        random = np.random.default_rng(seed)
        weights = {}
        for tensor in model.graph.initializer:
            shape = tuple(tensor.dims)
            array = random.normal(size=shape).astype(np.float32)
            if tensor.name.endswith("running_var"):
                array = np.abs(array) + np.float32(0.5)
            weights[tensor.name] = array
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
        known = {"N": batch, **(sizes or {})}
        feeds = {}
        for info in model.graph.input:
            assert info.type.tensor_type.elem_type == TensorProto.FLOAT
            dims = info.type.tensor_type.shape.dim
            shape = tuple(known[d.dim_param] if d.dim_param else d.dim_value for d in dims)
            feeds[info.name] = random.normal(size=shape).astype(np.float32)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        names = [output.name for output in model.graph.output]
        return Ran(model, weights, feeds, dict(zip(names, session.run(names, feeds), strict=True)))

    return runner
