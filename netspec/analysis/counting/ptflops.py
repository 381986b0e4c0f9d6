"""ptflops' `get_model_complexity_info`, ptflops 0.7.5: both of its backends.

`aten` counts calls of aten's convolutions and matrix products, with their biases. `pytorch`, which
is its default, counts modules by their class, and patched functions beside: what a module does by
such a function (`nn.ReLU` by `functional.relu`) counts twice.
"""

from __future__ import annotations

from netspec.analysis.counting.amounts import (
    CONVOLUTIONS,
    PRODUCTS,
    biased,
    by_affine,
    macs,
    outputs,
    positions,
    taken,
    times,
    windows,
)
from netspec.analysis.counting.convention import Convention, Term, each
from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim

_MACS = Term("1 for each multiply-accumulate", macs)
_BIAS = Term("1 for each biased output", biased, "bias")

PTFLOPS = Convention(
    "ptflops",
    "MACs",
    "ptflops with backend='aten': MACs, and 1 for each biased output",
    "ptflops 0.7.5, get_model_complexity_info(…, backend='aten')",
    {
        **each(PRODUCTS, _MACS, _BIAS),
        "blurpool": (Term("1 for each output and window position", windows),),
    },
    (
        "its default backend, 'pytorch', counts otherwise: `ptflops-pytorch`",
        "a dense layer on a map that does not lie in memory as it is read, such as right behind a "
        "permute, adds its bias by itself, which it does not count",
    ),
)


def _local(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """Two products and a sum for each element, and a pool over channels that are padded."""
    size = node.attributes["size"]
    assert isinstance(size, int)
    return 4 * node.shape.elements + (size - 1) * positions(node.shape)


def _interpolated(node: OpNode, inputs: tuple[Shape, ...]) -> Dim:
    """As a module and by `functional.interpolate`; by the latter alone to another value's size."""
    return node.shape.elements * (1 if node.attributes.get("follows") else 2)


_TWICE = "2 for each element: the module, and the function that it calls"
_ONCE = "1 for each element"

PTFLOPS_PYTORCH = Convention(
    "ptflops-pytorch",
    "MACs",
    "ptflops with its default backend: MACs, biases, norms, pools, activations",
    "ptflops 0.7.5, get_model_complexity_info(…, backend='pytorch')",
    {
        **each((*CONVOLUTIONS, "dense"), _MACS, _BIAS),
        **each(
            ("batchnorm", "instancenorm"),
            Term("2 for each element, 1 without weights", by_affine(1, 2)),
        ),
        "groupnorm": (Term("2 for each element", times(2, outputs)),),
        "layernorm": (Term(_ONCE, outputs),),
        "lrn": (Term("4 for each element, and a window less one for each position", _local),),
        **each(("relu", "prelu", "elu", "gelu"), Term(_TWICE, times(2, outputs))),
        **each(("relu6", "leaky_relu", "silu", "softmax"), Term(_ONCE, outputs)),
        **each(
            (
                "maxpool",
                "avgpool",
                "global_avgpool",
                "global_maxpool",
                "adaptive_avgpool",
                "adaptive_maxpool",
            ),
            Term(
                "2 for each element that it reads: the module, and the function that it calls",
                times(2, taken),
            ),
        ),
        **each(
            ("upsample", "resize"),
            Term("2 for each output, 1 if to another value's size", _interpolated),
        ),
    },
    (
        "classes derived from torch's own modules count nothing: the convolutions of torchvision's "
        "r3d_18 and mc3_18, and norms of its ConvNeXt",
        "what is called as a function, functional.relu(x), counts once: torchvision's densenets, "
        "inception_v3 and mobilenet_v2",
    ),
)
