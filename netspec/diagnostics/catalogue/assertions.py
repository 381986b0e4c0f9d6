"""What a net claims of itself and does not hold, explained.

Leaves shape annotations to `shapes.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation
from netspec.diagnostics.diagnostic import Severity

EXPLANATIONS = (
    Explanation(
        "assert-failed",
        "an `assert` does not hold",
        "An `assert` states a fact of the net or block, such as the parameters that a paper "
        "prints, or a budget, and is checked each time: `params`, `macs`, `flops`, `activations`, "
        "`depth`, `receptive_field`, `out`. The message gives the number, and for costs where "
        "most of it lies.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n  assert params <= 100\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n  assert params <= 250\n}\n",
    ),
    Explanation(
        "assert-undecided",
        "an `assert` depends on a size that is open",
        "With symbolic sizes, costs are expressions, and a comparison may hold for some sizes and "
        "not for others. Give a size to judge it, or assert what does not depend on it.",
        "net Example {\n  input 3xHxW\n  conv 8 3x3\n  assert macs <= 1M\n}\n",
        "net Example {\n  input 3xHxW\n  conv 8 3x3\n  assert params <= 250\n}\n",
        Severity.WARNING,
    ),
)
