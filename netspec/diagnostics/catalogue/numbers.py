"""What is wrong with numbers and dims as they are written, explained.

Leaves what their values may be to `expressions.py` and `arguments.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "malformed-number",
        "a number is not written as one",
        "A number begins with a digit (`0.5`), and ends before a blank or an operator. The "
        "suffixes are capitals: `K`, `M` and `G` multiply by 10^3, 10^6 and 10^9. A product is "
        "written out, `4*width`, and dims stand without blanks, `3x224x224`.",
        "block unit(width) { conv 4width 1x1 }\n\nnet Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(width) { conv 4*width 1x1 }\n\nnet Example {\n  input 3x8x8\n  unit 8\n}\n",
    ),
    Explanation(
        "number-out-of-range",
        "a number has more digits, or is larger, than netspec reads",
        "Numbers are read with at most 30 digits, and floats are those of binary64, which end at "
        "about 1.8e308. No size, rate or count of a network comes near; such a number is a slip of "
        "the keyboard more often than a wish.",
        "net Example {\n  input 3x8x8\n  dropout 1e400\n}\n",
        "net Example {\n  input 3x8x8\n  dropout 0.4\n}\n",
    ),
    Explanation(
        "dims-with-name",
        "dims are mixed with a name",
        "Dims hold numbers, `_` and single capitals, which are symbolic sizes: `3x224x224`, "
        "`3xHxW`. `1xk` would leave open whether `xk` is a name, so a computed size stands in a "
        "list, which does the same: `[1, k]`.",
        "block row(k) { conv 8 1xk }\n\nnet Example {\n  input 3x8x8\n  row 3\n}\n",
        "block row(k) { conv 8 [1, k] }\n\nnet Example {\n  input 3x8x8\n  row 3\n}\n",
    ),
    Explanation(
        "batch-in-dims",
        "dims name the batch",
        "A shape is that of one example: channels first, then the spatial sizes. The batch is "
        "implicit, since a network is the same for all of them, and `N` is kept for it, so that "
        "nobody reads `NxHxW` as a symbolic number of channels.",
        "net Example {\n  input Nx3x8x8\n  conv 8 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "too-many-dims",
        "dims have too many sizes",
        "A value has channels and up to three spatial axes, so dims have up to four sizes; netspec "
        "reads up to 16, and says more of the others where they are used.",
        "net Example {\n  input 3x8x8\n  reshape 3x2x2x2x2x2x2x1x1x1x1x1x1x1x1x1x1\n}\n",
        "net Example {\n  input 3x8x8\n  reshape 3x64\n}\n",
    ),
)
