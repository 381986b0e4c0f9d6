"""Blocks as local functions of ONNX: one for each block, arguments and input shapes that are met.

A function holds no weights: they are inputs of it, after its values, and so are the sizes that its
nodes compute with. What stands in which function is found by `scopes.py`; how layers are written is
left to `model.py` and the families.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import onnx
from onnx import helper

from netspec import limits
from netspec.backends.onnx.emitter import (
    BATCH,
    INT64,
    Emitter,
    Layer,
    Unsupported,
    Value,
    info,
)
from netspec.backends.onnx.floats import Float
from netspec.backends.onnx.helpers import Lowering, expand_batch
from netspec.backends.onnx.scopes import CALL, RESULT, Scope
from netspec.graph.graph import Instance
from netspec.graph.walk import Flat
from netspec.ops.values import has_text, shown
from netspec.record import record

#: The domain of the functions, whose names are those of the blocks.
DOMAIN = "netspec"
#: Characters of a description: long arguments would stand in each of many functions.
LONGEST = 1_000

#: Writes every layer of a scope by a table, given its inputs: the tensor of each flat value.
Layers = Callable[[Emitter, Flat, Mapping[str, Lowering], Sequence[Value]], dict[int, Value]]


@record
class Function:
    """What a call needs to know: the sizes that it hands over, and what it gets back."""

    name: str
    sizes: tuple[str, ...]
    outputs: tuple[Value, ...]
    #: Calls inside one another, its own included.
    depth: int


class Body(Emitter):
    """The nodes of one function. A size that they need is an input of the function."""

    def __init__(self, opset: int, float: Float) -> None:
        super().__init__(opset, float)
        self.sizes_taken: dict[str, Value] = {}

    def _read(self, name: str) -> Value:
        value = Value(self.unique(f"size.{name}"), (1,), INT64)
        self.values[value.name] = self.sizes_taken[name] = value
        return value


class Functions:
    """Writes functions one after the other, callees first; `lowerings` are those of calls, too."""

    def __init__(
        self, opset: int, float: Float, table: Mapping[str, Lowering], write: Layers
    ) -> None:
        self.protos: list[onnx.FunctionProto] = []
        self.lowerings: Mapping[str, Lowering] = {**table, CALL: self._call, RESULT: _result}
        self._opset = opset
        self._float = float
        self._write = write
        self._functions: dict[Instance, Function] = {}
        self._names: set[str] = set()

    def add(self, scope: Scope) -> None:
        """Write the function of a block whose own calls have been written.

        Raises Unsupported for calls deeper than ONNX allows, and for what layers cannot be written.
        """
        depth = self._depth(scope)
        e = Body(self._opset, self._float)
        e.within = scope.path
        for weight in scope.weights:
            e.reserve(weight.name)
        inputs = [
            Value(e.unique("in"), (BATCH, *layer.node.shape.dims), e.float.code)
            for layer in scope.flat.nodes
            if layer.node.op == "input"
        ]
        e.values.update((value.name, value) for value in inputs)
        weights = [e.parameter(weight.name, weight) for weight in scope.weights]
        values = self._write(e, scope.flat, self.lowerings, inputs)
        outputs = _outputs(e, scope.flat, values, [*inputs, *weights])
        taken = [*inputs, *weights, *e.sizes_taken.values()]
        name = self._name(scope.instance.name)
        opsets = [helper.make_opsetid("", self._opset), helper.make_opsetid(DOMAIN, 1)]
        # Functions of IR 9 and older know nothing of shapes.
        known = helper.find_min_ir_version_for(opsets[:1]) >= 10
        self.protos.append(
            helper.make_function(
                DOMAIN,
                name,
                [value.name for value in taken],
                [value.name for value in outputs],
                e.nodes,
                opsets,
                doc_string=_described(scope.instance),
                value_info=[info(value) for value in e.values.values()] if known else None,
            )
        )
        self._functions[scope.instance] = Function(
            name, tuple(e.sizes_taken), tuple(outputs), depth
        )

    def _depth(self, scope: Scope) -> int:
        depth = 1
        for layer in scope.flat.nodes:
            if layer.node.op == CALL and not layer.training:
                depth = max(depth, self._called(layer.node.attributes).depth + 1)
                if depth > limits.ONNX_FUNCTION_DEPTH:
                    raise Unsupported(
                        f"{scope.path}: blocks call each other more than "
                        f"{limits.ONNX_FUNCTION_DEPTH} deep, as functions of ONNX may not; "
                        f"the net can be written without functions",
                        layer.node.span,
                    )
        return depth

    def _called(self, attributes: Mapping[str, object]) -> Function:
        instance = attributes["instance"]
        assert isinstance(instance, Instance)
        return self._functions[instance]

    def _name(self, block: str) -> str:
        name, number = block, 1
        while name in self._names:
            number += 1
            name = f"{block}_{number}"
        self._names.add(name)
        return name

    def _call(self, e: Emitter, layer: Layer) -> Value:
        function = self._called(layer.attributes)
        assert e.batched is not None
        # A function is written for a batch, and a learned tensor has none.
        values = [expand_batch(e, x, e.batched) if x.batch == 1 else x for x in layer.inputs]
        sizes = [e.letter(name) for name in function.sizes]
        first, *others = function.outputs
        result = e.node(
            function.name,
            [*values, *layer.weights.values(), *sizes],
            first.dims,
            domain=DOMAIN,
        )
        for other in others:
            e.further_output(other.dims)
        return result


def _result(e: Emitter, layer: Layer) -> Value:
    """A further output of the call right before it."""
    call = e.nodes[-1]
    assert call.output[0] == layer.input.name
    return e.values[call.output[layer.integer("place")]]


def _outputs(
    e: Emitter, flat: Flat, values: Mapping[int, Value], inputs: Sequence[Value]
) -> list[Value]:
    """What the function gives back: names that no input has, and each once."""
    taken = {value.name for value in inputs}
    outputs: list[Value] = []
    e.enter("outputs")
    for _, index, _ in flat.outputs:
        value = values[index]
        if value.name in taken:
            value = e.node("Identity", [value], value.dims)
        taken.add(value.name)
        outputs.append(value)
    return outputs


def _described(instance: Instance) -> str:
    """The block with its arguments, and the shapes that it is given."""
    arguments = [
        f"{name}={shown(value)}" for name, value in instance.bindings.items() if has_text(value)
    ]
    shapes = [str(node.shape) for node in instance.nodes[: instance.inputs]]
    text = f"{instance.name}({', '.join(arguments)}) of {', '.join(shapes)}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
