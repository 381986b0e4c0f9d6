"""torchinfo's "Total mult-adds", torchinfo 1.8.0 (torchinfo/layer_info.py, `calculate_macs`).

It counts parameters, not operations: those of a module whose class has `Conv` in its name, biases
included, once for each position of the output; those of all others once. A dense layer on a map
therefore counts as one on a vector.
"""

from __future__ import annotations

from netspec.analysis.counting.amounts import CONVOLUTIONS, positions, weights
from netspec.analysis.counting.convention import Convention, Term, each
from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim


def _biases(node: OpNode) -> int:
    return sum(weight.elements for weight in node.weights if weight.name == "bias")


def _spread(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    kernels = sum(weight.elements for weight in node.weights if weight.name == "weight")
    return kernels * positions(node.shape)


def _spread_biases(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    return _biases(node) * positions(node.shape)


def _kernel(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    return sum(weight.elements for weight in node.weights if weight.name == "weight")


def _bias(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    return _biases(node)


TORCHINFO = Convention(
    "torchinfo",
    "MACs",
    "torchinfo's mult-adds: parameters, those of convolutions at each position",
    "torchinfo 1.8.0, torchinfo.summary(…).total_mult_adds",
    {
        **each(
            CONVOLUTIONS,
            Term("1 for each weight and output position", _spread),
            Term("1 for each bias and output position", _spread_biases, "bias"),
        ),
        "dense": (
            Term("1 for each weight, whatever the positions", _kernel),
            Term("1 for each bias, whatever the positions", _bias, "bias"),
        ),
        **each(
            ("batchnorm", "layernorm", "groupnorm", "instancenorm", "grn", "prelu", "scale"),
            Term("1 for each parameter", weights),
        ),
    },
    (
        "it counts a whole batch, and here an example: with a batch of n, its figure is n times "
        "as large",
    ),
)
