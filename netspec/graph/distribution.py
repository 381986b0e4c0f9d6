"""What a tensor's numbers are drawn from before training, resolved to plain numbers.

Which distribution a tensor has is found by elaboration and analysis; drawing from it is left to the
backends.
"""

from __future__ import annotations

from typing import Literal

from netspec.record import record

Kind = Literal["constant", "uniform", "normal", "truncated_normal", "orthogonal", "dirac"]


@record
class Distribution:
    """A distribution with every number known.

    `scale` is the value of `constant`; the bound of `uniform`, which is even over (-scale, scale)
    about `mean`; the standard deviation of `normal` and `truncated_normal` (before it is cut); the
    gain of `orthogonal`; and unused by `dirac`. `truncated_normal` is cut to [low, high]. `groups`
    counts those of a convolution, each of which `dirac` makes an identity of its own.
    """

    kind: Kind
    scale: float = 1.0
    mean: float = 0.0
    low: float = -2.0
    high: float = 2.0
    groups: int = 1
