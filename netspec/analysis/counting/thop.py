"""thop's `profile`, thop 0.1.1.post2209072238 (thop/profile.py, thop/vision/calc_func.py).

It counts modules by their class: what is called as a function, and classes derived from torch's
own, count nothing. Of a transposed convolution it multiplies outputs with the kernel, which counts
positions that no input reaches.
"""

from __future__ import annotations

from math import prod

from netspec.analysis.counting.amounts import (
    by_affine,
    by_mode,
    macs,
    outputs,
    taken,
    times,
    unless_following,
)
from netspec.analysis.counting.convention import Convention, Term, each
from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim

_MACS = Term("1 for each multiply-accumulate", macs)


def _transposed(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    attributes = node.attributes
    kernel, groups = attributes["kernel"], attributes["groups"]
    assert isinstance(kernel, tuple) and isinstance(groups, int)
    return node.shape.elements * (inputs[0].channels // groups) * prod(kernel)


def _softmax(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """An exponential and a division for each element, and the additions of each sum."""
    sums: Dim = 1
    for axis, dim in enumerate(node.shape.dims):
        if axis != node.attributes["axis"]:
            sums = sums * dim
    return 3 * node.shape.elements - sums


def _pooled(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    return taken(node, inputs) + node.shape.elements


def _linear(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """Its rule for `linear` and for `bilinear`; it has none for `trilinear`."""
    each_output = {1: 5, 2: 11}.get(len(inputs[0].spatial), 0)
    return each_output * node.shape.elements


THOP = Convention(
    "thop",
    "MACs",
    "thop's profile: MACs, norms (4 an element), average pools, upsampling",
    "thop 0.1.1.post2209072238, thop.profile",
    {
        **each(("conv", "dwconv", "dense"), _MACS),
        "conv_transpose": (
            Term("1 for each output, channel of its group and kernel position", _transposed),
        ),
        **each(
            ("batchnorm", "instancenorm"),
            Term("4 for each element, 2 without weights", by_affine(2, 4)),
        ),
        "layernorm": (Term("4 for each element", times(4, outputs)),),
        "prelu": (Term("1 for each element", outputs),),
        "softmax": (Term("3 for each element, less 1 for each sum", _softmax),),
        "avgpool": (Term("1 for each output", outputs),),
        **each(
            ("global_avgpool", "adaptive_avgpool"),
            Term("1 for each element that it reads, and 1 for each output", _pooled),
        ),
        **each(
            ("upsample", "resize"),
            Term(
                "1 for each output, 5 if linear, 11 if bilinear",
                unless_following(by_mode(outputs, _linear)),
            ),
        ),
    },
    (
        "what is called as a function counts nothing: the last pool of torchvision's densenets and "
        "mobilenet_v2, pools of its inception_v3",
        "classes derived from torch's own modules count nothing: the convolutions of torchvision's "
        "r3d_18 and mc3_18, and norms of its ConvNeXt",
    ),
)
