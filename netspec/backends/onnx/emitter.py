"""Builds an ONNX graph node by node: unique names, the shape of every tensor, constants, weights.

What a layer becomes is left to the family files, nodes that many of them need to `helpers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.defs import onnx_opset_version

from netspec.backends.onnx.floats import FLOAT32, Float, TooLarge, nonzero, rounded
from netspec.backends.onnx.types import refusal
from netspec.graph.graph import Weight
from netspec.graph.shape import Shape
from netspec.graph.size import Dim, Size
from netspec.record import field, record
from netspec.source import Span

#: The batch axis, whose size a model leaves open. The language keeps the letter for it.
BATCH: Dim = Size.symbol("N")
FLOAT: int = int(TensorProto.FLOAT)
INT64: int = int(TensorProto.INT64)
LARGEST_INT = 2**63 - 1


class Unsupported(Exception):
    """What cannot be written as ONNX.

    The message is complete, in the language's words; `span` is the layer that it is about.
    """

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.span = span


@record
class Value:
    """A tensor of the graph: its name, its dims (the batch's first), its element type."""

    name: str
    dims: tuple[Dim, ...]
    type: int = FLOAT

    @property
    def batch(self) -> Dim:
        """`BATCH`, or 1 for what depends on learned tensors alone."""
        return self.dims[0]


@record(frozen=False)
class Layer:
    """One layer to be written: resolved attributes, inputs, weights by PyTorch's names.

    `shapes` are those of the inputs; like `shape`, the output's, they leave the batch out.
    """

    op: str
    path: str
    attributes: dict[str, object]
    inputs: tuple[Value, ...]
    shapes: tuple[Shape, ...]
    shape: Shape
    weights: dict[str, Value] = field(default_factory=dict)

    @property
    def input(self) -> Value:
        return self.inputs[0]

    @property
    def dims(self) -> tuple[Dim, ...]:
        """The output's dims where its batch is that of the first input."""
        return (self.input.batch, *self.shape.dims)

    @property
    def rank(self) -> int:
        """Number of spatial axes of the first input."""
        return self.shapes[0].rank - 1

    def integer(self, name: str) -> int:
        value = self.attributes[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> float:
        value = self.attributes[name]
        assert isinstance(value, int | float)
        return float(value)

    def flag(self, name: str) -> bool:
        return bool(self.attributes[name])

    def word(self, name: str) -> str:
        return str(self.attributes[name])

    def dims_of(self, name: str) -> tuple[Dim, ...]:
        value = self.attributes[name]
        assert isinstance(value, tuple)
        return value

    def integers(self, name: str) -> tuple[int, ...]:
        value = self.attributes[name]
        assert isinstance(value, tuple)
        if not all(isinstance(item, int) for item in value):
            raise Unsupported(f"`{self.op}` needs known sizes here: its {name} is symbolic")
        return value

    def pairs(self, name: str) -> tuple[tuple[int, int], ...] | None:
        value = self.attributes[name]
        assert value is None or isinstance(value, tuple)
        return value


class Emitter:
    """One graph under construction.

    Every method that adds a node gives back its output, whose dims the caller states: ONNX's own
    inference knows neither symbolic arithmetic nor, for some operators, the true size.
    """

    def __init__(self, opset: int, float: Float = FLOAT32) -> None:
        self.opset = opset
        #: What all numbers are held in, but the factors of a resize.
        self.float = float
        self.nodes: list[onnx.NodeProto] = []
        self.values: dict[str, Value] = {}
        self.parameters: dict[str, Weight] = {}
        #: Where sizes of this letter can be read at run time: an input and the axis of it.
        self.symbols: dict[str, tuple[Value, int]] = {}
        #: An input with a batch, for what must be repeated as often.
        self.batched: Value | None = None
        #: The path of the block whose function this is, for messages.
        self.within = ""
        self._sizes: dict[Size, Value] = {}
        self._names: set[str] = set()
        self._ordinals: dict[str, int] = {}
        self._scope = ""

    # --- names ---------------------------------------------------------------------------------

    def reserve(self, name: str) -> bool:
        """Keeps a name for one tensor; False where another has it."""
        if name in self._names:
            return False
        self._names.add(name)
        return True

    def enter(self, scope: str) -> None:
        """Nodes from here on belong to the layer or scope of that path."""
        self._scope = scope

    def unique(self, name: str) -> str:
        """`name`, or `name_2`, `name_3` … where it is taken."""
        ordinal = self._ordinals.get(name, 1)
        free = name if ordinal == 1 else f"{name}_{ordinal}"
        while not self.reserve(free):
            ordinal += 1
            free = f"{name}_{ordinal}"
        self._ordinals[name] = ordinal
        return free

    def rename(self, value: Value, tensor: str, node: str) -> Value:
        """Names a value that nothing reads yet, and the node that makes it, the last one.

        `tensor` is reserved already.
        """
        maker = self.nodes[-1]
        assert maker.output[0] == value.name
        maker.name, maker.output[0] = node, tensor
        del self.values[value.name]
        self.values[tensor] = Value(tensor, value.dims, value.type)
        return self.values[tensor]

    # --- nodes ---------------------------------------------------------------------------------

    def node(
        self,
        op: str,
        inputs: Sequence[Value | None],
        dims: Sequence[Dim],
        *,
        type: int | None = None,
        **attributes: Any,
    ) -> Value:
        """Adds a node with one output of these dims; None leaves an optional input out.

        Without `type`, the output holds the model's floats.
        """
        type = self.float.code if type is None else type
        for dim in dims:
            if isinstance(dim, int) and not 0 <= dim <= LARGEST_INT:
                raise Unsupported(f"a size of {dim} is more than ONNX can hold")
        name = self.unique(f"{self._scope}/{op}")
        value = Value(name, tuple(dims), type)
        if self.float is not FLOAT32 and "domain" not in attributes:
            kinds = [None if i is None else i.type for i in inputs]
            reason = refusal(op, self.opset, self.float, kinds, type)
            if reason:
                raise Unsupported(reason)
        names = ["" if i is None else i.name for i in inputs]
        while names and not names[-1]:
            names.pop()
        self.nodes.append(helper.make_node(op, names, [name], name, **attributes))
        self.values[name] = value
        return value

    def further_output(self, dims: Sequence[Dim]) -> Value:
        """One more output of the last node, which calls a function."""
        value = Value(self.unique(self.nodes[-1].name), tuple(dims), self.float.code)
        self.nodes[-1].output.append(value.name)
        self.values[value.name] = value
        return value

    def integers(self, numbers: Sequence[int]) -> Value:
        """A constant vector of int64, for sizes, axes and indices."""
        array = np.array(numbers, dtype=np.int64).reshape(len(numbers))
        return self._constant(array, INT64)

    def integer(self, number: int) -> Value:
        """A constant int64 without axes."""
        return self._constant(np.array(number, dtype=np.int64), INT64)

    def factors(self, numbers: Sequence[float]) -> Value:
        """A constant vector of float32, as `Resize` takes factors, whatever it resizes."""
        return self._constant(np.array(numbers, dtype=np.float32).reshape(len(numbers)), FLOAT)

    def number(self, number: float) -> Value:
        """A constant without axes."""
        return self.array([number], ())

    def epsilon(self, number: float) -> Value:
        """A constant that keeps a divisor from 0, and so never rounds to 0 itself."""
        return self.number(nonzero(number, self.float))

    def array(self, numbers: Sequence[float], dims: Sequence[int]) -> Value:
        """A constant tensor of these dims, its numbers with the last axis the fastest."""
        value = self.floats(numbers, dims)
        return self.node("Constant", [], tuple(dims), value=value)

    def filled(self, number: float, size: Dim) -> Value:
        """A vector of `size` times the same number, which the file holds once."""
        value = self.floats([number], (1,))
        return self.node("ConstantOfShape", [self.size(size)], (size,), value=value)

    def floats(self, numbers: Sequence[float], dims: Sequence[int]) -> TensorProto:
        """Numbers in the model's float type, as the value of a node."""
        try:
            bits = rounded(np.array(numbers, dtype=np.float64), self.float)
        except TooLarge as refusal:
            raise Unsupported(str(refusal)) from None
        return TensorProto(data_type=self.float.code, dims=dims, raw_data=bits.tobytes())

    def _constant(self, array: np.ndarray, kind: int) -> Value:
        tensor = numpy_helper.from_array(array)
        return self.node("Constant", [], array.shape, type=kind, value=tensor)

    # --- weights -------------------------------------------------------------------------------

    def parameter(self, name: str, weight: Weight) -> Value:
        """The tensor of a layer, under the name that it has in every backend."""
        value = Value(name, weight.shape, self.float.code)
        if name not in self.parameters:
            self.parameters[name] = weight
            self.values[name] = value
        return value

    # --- sizes at run time ---------------------------------------------------------------------

    def size(self, dim: Dim) -> Value:
        """A size as a vector of one int64: a constant, or computed from the inputs' shapes."""
        if isinstance(dim, int):
            return self.integers([dim])
        if dim not in self._sizes:
            scope, self._scope = self._scope, "sizes"
            self._sizes[dim] = self._computed(dim)
            self._scope = scope
        return self._sizes[dim]

    def sizes(self, dims: Sequence[Dim]) -> Value:
        """Sizes as a vector of int64."""
        known = [dim for dim in dims if isinstance(dim, int)]
        if len(known) == len(dims):
            return self.integers(known)
        parts = [self.size(dim) for dim in dims]
        if len(parts) == 1:
            return parts[0]
        return self.node("Concat", parts, (len(dims),), type=INT64, axis=0)

    def _computed(self, size: Size) -> Value:
        """The polynomial's value: products of atoms, summed, then divided by the denominator."""
        scale = lcm(*(coefficient.denominator for _, coefficient in size.terms))
        total: Value | None = None
        for monomial, coefficient in size.terms:
            product = self.integers([int(coefficient * scale)])
            for atom in monomial:
                if isinstance(atom, str):
                    factor = self.letter(atom)
                else:
                    inner = self.size(atom.of)
                    factor = self._integral("Div", inner, self.integers([atom.by]))
                product = self._integral("Mul", product, factor)
            total = product if total is None else self._integral("Add", total, product)
        assert total is not None  # a Size has a symbol, so a term
        return total if scale == 1 else self._integral("Div", total, self.integers([scale]))

    def letter(self, name: str) -> Value:
        """The size that one letter stands for, as a vector of one int64."""
        size = Size.symbol(name)
        if size not in self._sizes:
            self._sizes[size] = self._read(name)
        return self._sizes[size]

    def _read(self, name: str) -> Value:
        if name not in self.symbols:
            raise Unsupported(f"the size {name} stands alone in no input's dims")
        source, axis = self.symbols[name]
        shape = self.node("Shape", [source], (len(source.dims),), type=INT64)
        index = self.integers([axis])
        return self.node("Gather", [shape, index], (1,), type=INT64, axis=0)

    def _integral(self, op: str, a: Value, b: Value) -> Value:
        return self.node(op, [a, b], (1,), type=INT64)


def info(value: Value) -> onnx.ValueInfoProto:
    """A tensor's name, element type and dims, as ONNX states them."""
    return helper.make_tensor_value_info(
        value.name, value.type, [dim_text(dim) for dim in value.dims]
    )


def dim_text(dim: Dim) -> int | str:
    """A dim as ONNX states it: a number, or a name such as `N`, `floor((H+1)/2)`."""
    return dim if isinstance(dim, int) else str(dim).replace(" ", "")


def newest_opset() -> int:
    """The newest opset that the installed onnx knows."""
    return int(onnx_opset_version())
