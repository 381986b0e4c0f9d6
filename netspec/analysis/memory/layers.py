"""What each layer does to memory: views, work space, what autograd keeps of it, its gradients.

As PyTorch's kernels and the modules that netspec writes do it; when values die is left to
`forward`. What is kept is read off the formulas of `tools/autograd/derivatives.yaml` in PyTorch's
sources (https://github.com/pytorch/pytorch): a tensor that a backward formula names is saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, cast

from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.ops import OPS
from netspec.record import record

#: Bytes of an element. Counters (`num_batches_tracked`) and indices are int64 in any dtype.
DTYPES: Mapping[str, int] = {
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float64": 8,
    "int8": 1,
}
INDEX = 8
#: Gradients and what optimisers keep need a floating-point type.
TRAINED = tuple(name for name in DTYPES if name != "int8")

#: Where the network runs: kernels differ in what they keep (dropout's mask).
DEVICES = ("cuda", "cpu")

#: Values that lie in the storage of their input.
_ALWAYS_VIEWS = frozenset({"identity", "flatten", "reshape", "permute", "slice", "crop"})
_NOISE = frozenset(name for name, op in OPS.items() if op.family == "noise")

#: Elementwise functions whose PyTorch module takes `inplace=True`.
IN_PLACE = frozenset(
    {"relu", "relu6", "leaky_relu", "elu", "selu", "silu", "mish", "hardsigmoid", "hardswish"}
)

#: Backward formulas that name the result, and those that name the input.
_KEEP_OUTPUT = frozenset({"relu", "sigmoid", "tanh", "softmax", "log_softmax"})
_KEEP_INPUT = frozenset(
    {
        *("relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus"),
        *("hardsigmoid", "hardswish"),
    }
)
#: Layers with weights whose gradient is a product with the input.
_WEIGHTED = frozenset({"conv", "dwconv", "conv_transpose", "dense", "scale", "prelu"})

#: Layers whose gradient is the one that comes in, or a part of it: nothing new is made.
_GRADIENT_PASSES = frozenset(
    {"identity", "flatten", "reshape", "permute", "concat", "gaussian_noise", "sum"}
)


@record
class Machine:
    """How many bytes things have: of an element, for so many examples, on such a device."""

    width: int
    batch: int
    device: str = "cuda"

    @property
    def wide(self) -> int:
        """Statistics of norms are at least float32."""
        return max(self.width, 4)

    def value(self, node: OpNode) -> int:
        """The bytes that a layer's output has for itself; 0 for a learned tensor, a weight."""
        return 0 if node.op == "parameter" else self.bytes(node.shape)

    def bytes(self, shape: Shape) -> int:
        return self.batch * self.width * elements(shape)


def elements(shape: Shape) -> int:
    """The elements of one example, whose sizes are known."""
    return cast("int", shape.elements)


@record
class Kept:
    """What autograd keeps of a layer: inputs, the output, and `extra` bytes of tensors besides.

    `inputs` are places among the layer's inputs. Weights and buffers are there anyway.
    """

    inputs: tuple[int, ...] = ()
    output: bool = False
    extra: int = 0


NOTHING = Kept()


def is_view(node: OpNode, training: bool) -> bool:
    """Whether the output lies in the storage of the first input."""
    if node.op in _ALWAYS_VIEWS:
        return True
    if node.op in _NOISE:
        return not training or not _acts(node)
    if node.op == "channel_shuffle":
        return node.attributes["groups"] in (1, node.shape.channels)
    # A merge of one branch is that branch; torch.cat copies it all the same.
    return OPS[node.op].family == "merge" and node.op != "concat" and len(node.inputs) == 1


def _acts(node: OpNode) -> bool:
    """Whether a layer of noise does anything in training."""
    return node.op.startswith("gaussian") or node.attributes["p"] != 0


def work_space(node: OpNode, inputs: Sequence[Shape], machine: Machine) -> int:
    """Bytes that a layer needs while it runs, beside its inputs and its output.

    Indices of maximum pools, written though nobody reads them; statistics of norms; copies with
    padding that PyTorch's own layers lack; what the steps of a layer of several hand on.
    """
    op = node.op
    if op in ("maxpool", "adaptive_maxpool", "global_maxpool"):
        # Kernels of int8 do without.
        indices = machine.batch * INDEX * elements(node.shape) if machine.width > 1 else 0
        return indices + _padded(node, inputs, machine)
    if op == "scale":
        return machine.bytes(node.shape) if node.attributes["bias"] else 0
    if op in ("layernorm", "groupnorm"):
        return _statistics(node, machine)
    if op == "instancenorm":
        # Statistics, and weight and bias repeated for each example.
        repeated = 2 * machine.width if node.attributes["affine"] else 0
        channels = cast("int", node.shape.channels)
        return machine.batch * channels * (2 * machine.wide + repeated)
    if op == "grn":
        return machine.bytes(node.shape)
    if op == "lrn":
        return max(2 * machine.bytes(node.shape), _squares(node, machine))
    if node.attributes.get("standardize") is not None:
        return machine.width * node.weights[0].elements + _padded(node, inputs, machine)
    return _padded(node, inputs, machine)


def kept(node: OpNode, inputs: Sequence[Shape], needs: Sequence[bool], machine: Machine) -> Kept:
    """What autograd keeps; `needs` says which inputs need a gradient. At least one does, or
    weights of the layer's own."""
    op = node.op
    if op in _WEIGHTED:
        copy = _padded(node, inputs, machine)
        extra = copy
        if node.attributes.get("standardize") is not None:
            extra += machine.width * node.weights[0].elements
            extra += 2 * machine.wide * node.weights[0].shape[0]
        return Kept(() if copy else (0,), extra=extra)
    if op in _KEEP_OUTPUT:
        return Kept(output=True)
    if op in _KEEP_INPUT:
        return Kept((0,))
    family = OPS[op].family
    if family == "norm":
        return _kept_by_norm(node, inputs, needs[0], machine)
    if family == "pool":
        return _kept_by_pool(node, inputs, machine)
    if op in ("mul", "max"):
        return _kept_by_product(node, inputs, needs, machine)
    if family == "noise":
        return _kept_by_noise(node, machine)
    if op == "pad" and node.attributes["mode"] != "zeros":
        # Around the spatial axes a layer of PyTorch's, which keeps its input; else indices.
        amount = cast("tuple[tuple[int, int], ...]", node.attributes["amount"])
        channel = node.shape.axis("channels")
        if channel == 0 and not any(amount[0]) and node.shape.spatial:
            return Kept((0,))
        sizes = zip(node.shape.dims, amount, strict=True)
        return Kept(extra=INDEX * sum(cast("int", size) for size, pair in sizes if any(pair)))
    return NOTHING


def _kept_by_norm(node: OpNode, inputs: Sequence[Shape], needed: bool, machine: Machine) -> Kept:
    shape, op = inputs[0], node.op
    channels = cast("int", shape.channels)
    whole = machine.bytes(shape)
    if op == "batchnorm":
        return Kept((0,), extra=2 * machine.wide * channels)
    if op in ("layernorm", "groupnorm"):
        return Kept((0,), extra=_statistics(node, machine))
    if op == "instancenorm":
        # The weight is repeated for each example.
        repeated = machine.width if node.attributes["affine"] else 0
        return Kept((0,), extra=machine.batch * channels * (2 * machine.wide + repeated))
    if op == "grn":
        # The product with the shares, for the weights; lengths and shares, and the mean length.
        if not needed:
            return Kept(extra=whole)
        return Kept((0,), extra=whole + machine.batch * machine.width * (2 * channels + 1))
    # lrn: the squares, padded along the channels, and its denominator before and after the power.
    return Kept((0,), extra=_squares(node, machine) + 2 * whole)


def _squares(node: OpNode, machine: Machine) -> int:
    """Of `lrn`: the squares, padded along the channels."""
    channels = cast("int", node.shape.channels)
    size = cast("int", node.attributes["size"])
    return machine.bytes(node.shape) // channels * (channels + size - 1)


def _statistics(node: OpNode, machine: Machine) -> int:
    """A mean and a deviation for each position (layernorm) or group of an example."""
    if node.op == "layernorm":
        each = elements(node.shape) // cast("int", node.shape.channels)
    else:
        each = cast("int", node.attributes["groups"])
    return 2 * machine.wide * machine.batch * each


def _kept_by_pool(node: OpNode, inputs: Sequence[Shape], machine: Machine) -> Kept:
    op = node.op
    copy = _padded(node, inputs, machine)
    inside: tuple[int, ...] = () if copy else (0,)
    if op in ("maxpool", "adaptive_maxpool", "global_maxpool"):
        return Kept(inside, extra=copy + machine.batch * INDEX * elements(node.shape))
    if op == "avgpool":
        return Kept(inside, extra=copy)
    if op == "blurpool":
        # Mirrored padding keeps what it pads.
        padded = copy or machine.bytes(inputs[0])
        return Kept(() if node.attributes["mode"] == "zeros" else (0,), extra=padded)
    if op == "maximum":
        return Kept((0,), output=True)
    if op == "adaptive_avgpool":
        # To a single position it is a mean, whose gradient needs sizes alone.
        sizes = cast("tuple[int, ...]", node.attributes["size"])
        return Kept((0,)) if prod(sizes) != 1 else NOTHING
    return NOTHING


def _kept_by_product(
    node: OpNode, inputs: Sequence[Shape], needs: Sequence[bool], machine: Machine
) -> Kept:
    """A chain of products or maxima: each step keeps its two factors, as far as they are asked.

    The first factor of step i is what the steps before it gave, the second is input i.
    """
    found: set[int] = set()
    extra, so_far = 0, inputs[0].dims
    for i in range(1, len(inputs)):
        # Both factors of a maximum are kept, whichever is asked for.
        second = node.op == "max" or any(needs[:i])
        first = node.op == "max" or needs[i]
        if second:
            found.add(i)
        if first and i == 1:
            found.add(0)
        elif first:
            extra += machine.batch * machine.width * prod(cast("tuple[int, ...]", so_far))
        # A size of 1 is repeated.
        so_far = tuple(b if a == 1 else a for a, b in zip(so_far, inputs[i].dims, strict=True))
    return Kept(tuple(sorted(found)), extra=extra)


def _kept_by_noise(node: OpNode, machine: Machine) -> Kept:
    op, shape = node.op, node.shape
    if not _acts(node) or op == "gaussian_noise":
        return NOTHING
    if op == "stochastic_depth":
        rows = machine.batch if node.attributes["mode"] == "row" else 1
        return Kept(extra=rows * machine.width)
    if op == "gaussian_dropout":
        return Kept(extra=machine.bytes(shape))
    if node.attributes["p"] == 1:
        # The product with a single 0.
        return Kept(extra=machine.width)
    if op == "spatial_dropout" and shape.spatial:
        return Kept(extra=machine.batch * machine.width * cast("int", shape.channels))
    # CUDA has a mask of bools, the CPU a tensor of factors.
    each = 1 if machine.device == "cuda" else machine.width
    return Kept(extra=machine.batch * each * elements(shape))


def _padded(node: OpNode, inputs: Sequence[Shape], machine: Machine) -> int:
    """The bytes of a copy with padding, where the layer of PyTorch's takes no such padding."""
    padding: Any = node.attributes.get("padding")
    if not padding or node.op == "conv_transpose":
        return 0
    pairs = cast("tuple[tuple[int, int], ...]", padding)
    if node.op == "blurpool":
        copies = True
    else:
        copies = any(before != after for before, after in pairs)
        if OPS[node.op].family == "pool":
            kernel = cast("tuple[int, ...]", node.attributes["kernel"])
            copies = copies or any(2 * b > k for (b, _), k in zip(pairs, kernel, strict=True))
    if not copies:
        return 0
    shape = inputs[0]
    dims = list(cast("tuple[int, ...]", shape.dims))
    for axis, (before, after) in zip(shape.spatial, pairs, strict=True):
        dims[axis] += before + after
    return machine.batch * machine.width * prod(dims)


def work_on_way_back(node: OpNode, inputs: Sequence[Shape], machine: Machine) -> int:
    """Bytes that the backward formula needs besides gradients: products before they are summed."""
    out = machine.bytes(node.shape)
    if node.op == "mul":
        return out if any(shape.dims != node.shape.dims for shape in inputs) else 0
    if node.op == "select":
        return machine.bytes(inputs[0])
    if node.op == "max":
        return 3 * out // 2
    return {"prelu": out, "scale": out, "grn": out, "lrn": 3 * out}.get(node.op, 0)


def passes_gradient(node: OpNode, place: int, inputs: Sequence[Shape]) -> bool:
    """Whether the gradient of that input is the one that comes in, and no new tensor."""
    if node.op in _GRADIENT_PASSES:
        return True
    if node.op in ("add", "sub"):
        # A broadcast input has a sum, and what is subtracted a negated copy.
        return inputs[place].dims == node.shape.dims and (node.op == "add" or place == 0)
    return is_view(node, training=True) and node.op not in ("slice", "crop")
