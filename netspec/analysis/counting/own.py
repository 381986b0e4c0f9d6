"""The language's own measures, and what papers print.

What a layer costs is said by its family in `ops`; here are only the words for it. Source:
grammar/REFERENCE.md, "Measures".
"""

from __future__ import annotations

from netspec.analysis.counting.amounts import PRODUCTS, biased, macs, times
from netspec.analysis.counting.convention import Convention, Term, each
from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops import OPS

_MACS = Term("1 for each multiply-accumulate", macs)

MACS = Convention(
    "macs",
    "MACs",
    "multiply-accumulates of convolutions and dense layers, biases left out",
    'grammar/REFERENCE.md, "Measures"',
    each(PRODUCTS, _MACS),
)

#: What papers and model cards call FLOPs, multiply-adds or "ops".
PAPER = Convention(
    "paper",
    "MACs",
    "as papers print it: MACs of convolutions and dense layers, three digits",
    "He et al. (2015), arXiv:1512.03385, table 1; Szegedy et al. (2014), arXiv:1409.4842, table 1",
    each(PRODUCTS, _MACS),
    (
        "some papers cut digits off instead of rounding: 3.6 and 3.8 x 10^9 stand in that table 1 "
        "for ResNet-34 and ResNet-50, 3.66 and 3.86 here",
        "torchvision's ResNets have the stride in the 3x3 convolution, the paper in the first 1x1: "
        "the paper's figures are those of zoo:resnet50paper, zoo:resnet101paper, "
        "zoo:resnet152paper",
    ),
)


def _flops(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    return OPS[node.op].cost(node.attributes, inputs, node.shape).flops


def _rule(op: str) -> str:
    """In the words of the page."""
    if op in ("upsample", "resize"):
        return "7 for each output of bilinear resizing"
    if op == "scale":
        return "1 for each element, and 1 with a bias"
    if op == "batchnorm":
        return "2 for each element"
    if op in ("softmax", "log_softmax"):
        return "3 for each element"
    family = OPS[op].family
    if family == "norm":
        return "7 for each element"
    if family == "activation":
        return "1 for each element"
    if family == "merge":
        return "1 for each element and further branch"
    if op in ("maxpool", "avgpool", "blurpool"):
        return "its window for each output"
    return "1 for each element that it reads"


#: Families of layers that move values, or pass them on at inference.
_FREE = ("reshape", "noise")
_COSTLESS = frozenset({*PRODUCTS, "parameter", "pad", "crop", "concat"})

FLOPS = Convention(
    "flops",
    "FLOPs",
    "floating-point operations of every layer, 2 for each multiply-accumulate",
    'grammar/REFERENCE.md, "Measures"',
    {
        **each(
            PRODUCTS,
            Term("2 for each multiply-accumulate", times(2, macs)),
            Term("1 for each biased output", biased, "bias"),
        ),
        **{
            name: (Term(_rule(name), _flops),)
            for name, op in OPS.items()
            if name not in _COSTLESS and op.family not in _FREE
        },
    },
)
