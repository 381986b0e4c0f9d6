"""torch's `FlopCounterMode` (torch.utils.flop_counter), torch 2.13.0.

It counts calls of aten's convolutions and matrix products, two for each multiply-accumulate, and
leaves biases and all else out. So it gives 2 x `macs`, but where another layer is written as a
convolution.
"""

from __future__ import annotations

from netspec.analysis.counting.amounts import PRODUCTS, macs, times, windows
from netspec.analysis.counting.convention import Convention, Term, each

FLOPCOUNTER = Convention(
    "flopcounter",
    "FLOPs",
    "torch's FlopCounterMode: 2 for each multiply-accumulate, biases left out",
    "torch 2.13.0, torch.utils.flop_counter.FlopCounterMode",
    {
        **each(PRODUCTS, Term("2 for each multiply-accumulate", times(2, macs))),
        "blurpool": (Term("2 for each output and window position", times(2, windows)),),
    },
)
