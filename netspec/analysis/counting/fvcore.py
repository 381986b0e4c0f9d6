"""fvcore's `FlopCountAnalysis`, fvcore 0.1.5.post20221221 (fvcore/nn/flop_count.py).

It traces the network and counts operators of aten: "one fused multiply-add as one flop". Its
handles are for matrix products, four norms, two-dimensional upsampling and adaptive average pools;
activations, other pools and merges count nothing.
"""

from __future__ import annotations

from netspec.analysis.counting.amounts import (
    PRODUCTS,
    by_affine,
    by_mode,
    in_2d,
    macs,
    outputs,
    taken,
    times,
    windows,
)
from netspec.analysis.counting.convention import Convention, Term, each

FVCORE = Convention(
    "fvcore",
    "MACs",
    "fvcore's FlopCountAnalysis: MACs, norms, adaptive average pools, upsampling",
    "fvcore 0.1.5.post20221221, fvcore.nn.FlopCountAnalysis",
    {
        **each(PRODUCTS, Term("1 for each multiply-accumulate", macs)),
        "batchnorm": (Term("2 for each element, 1 without weights", by_affine(1, 2)),),
        **each(
            ("layernorm", "groupnorm", "instancenorm"),
            Term("5 for each element, 4 without weights", by_affine(4, 5)),
        ),
        **each(
            ("global_avgpool", "adaptive_avgpool"),
            Term("1 for each element that it reads, of feature maps alone", in_2d(taken)),
        ),
        **each(
            ("upsample", "resize"),
            Term(
                "1 for each output, 4 if bilinear, of feature maps alone",
                in_2d(by_mode(outputs, times(4, outputs))),
            ),
        ),
        "blurpool": (Term("1 for each output and window position", windows),),
    },
    (
        "a pool that is written as a mean, x.mean([2, 3]), is `mean` here, and counts nothing",
        "standardize= makes filters by one more batch norm, which it counts",
    ),
)
