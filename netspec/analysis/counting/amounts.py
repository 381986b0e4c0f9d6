"""Amounts that terms of several conventions come to, for one example.

Which convention counts which is left to its table.
"""

from __future__ import annotations

from math import prod

from netspec.analysis.counting.convention import Amount
from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops import OPS

CONVOLUTIONS = ("conv", "dwconv", "conv_transpose")
#: Layers of which multiply-accumulates are counted.
PRODUCTS = (*CONVOLUTIONS, "dense")
UPSAMPLING = ("upsample", "resize")


def macs(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """Multiply-accumulates, biases left out, as grammar/REFERENCE.md's "Measures" counts them."""
    return OPS[node.op].cost(node.attributes, inputs, node.shape).macs


def biased(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """Outputs to which a bias is added."""
    return node.shape.elements if node.attributes["bias"] else 0


def outputs(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """Elements of the output."""
    return node.shape.elements


def taken(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """Elements of the input."""
    return inputs[0].elements


def windows(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """A kernel for each output, as a convolution of each channel by itself would need."""
    kernel = node.attributes["kernel"]
    assert isinstance(kernel, tuple)
    return node.shape.elements * prod(kernel)


def weights(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """Trainable elements, however often they are used."""
    return sum(weight.elements for weight in node.weights if weight.trainable)


def positions(shape: Shape) -> Dim:
    """Elements of one channel."""
    total: Dim = 1
    for axis in shape.spatial:
        total = total * shape.dims[axis]
    return total


def times(factor: int, amount: Amount) -> Amount:
    """So many for each."""
    return lambda node, inputs: factor * amount(node, inputs)


def by_affine(plain: int, affine: int) -> Amount:
    """So many for each element, and more where the norm has weights."""

    def amount(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
        return node.shape.elements * (affine if node.attributes.get("affine", True) else plain)

    return amount


def in_2d(amount: Amount) -> Amount:
    """Of feature maps alone: nothing of sequences and volumes."""
    return lambda node, inputs: amount(node, inputs) if len(inputs[0].spatial) == 2 else 0


def by_mode(nearest: Amount, bilinear: Amount) -> Amount:
    """By how an upsampling interpolates; `bilinear` is the language's word in any dimension."""
    return lambda node, inputs: (
        nearest(node, inputs) if node.attributes["mode"] == "nearest" else bilinear(node, inputs)
    )


def unless_following(amount: Amount) -> Amount:
    """Nothing of a `resize` to another value's size, which is a call and no module in PyTorch."""
    return lambda node, inputs: 0 if node.attributes.get("follows") else amount(node, inputs)
