"""What is wrong with expressions, explained.

Leaves what a layer takes to `arguments.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "wrong-type",
        "a value is of another kind than is needed here",
        "Numbers, bools, dims, lists, strings, layers and values of the network are told apart, "
        "and none stands for another: `if` and `not` take `true` or `false`, not a number, so "
        "that `if width` cannot mean two things.",
        "block unit(wide) { if wide { conv 8 1x1 } }\n\n"
        "net Example {\n  input 3x8x8\n  unit 1\n}\n",
        "block unit(wide) { if wide { conv 8 1x1 } }\n\n"
        "net Example {\n  input 3x8x8\n  unit true\n}\n",
    ),
    Explanation(
        "wrong-value",
        "an operation has no result for this number",
        "A `repeat` goes on for 0 times or more, and a negative number has no fractional power "
        "among the reals.",
        "block units(n) { repeat n - 2 { conv 8 1x1 } }\n\n"
        "net Example {\n  input 3x8x8\n  units 1\n}\n",
        "block units(n) { repeat max(n - 2, 0) { conv 8 1x1 } }\n\n"
        "net Example {\n  input 3x8x8\n  units 1\n}\n",
    ),
    Explanation(
        "inexact-division",
        "a division of whole numbers leaves a remainder",
        "Sizes are whole. `7 / 2` is neither 3 nor 3.5 by itself: papers round down, up, or to a "
        "multiple of 8, and the difference is a different network. Say which: `//` rounds down, "
        "`floor`, `ceil` and `round` around the division say how, and `/ 2.0` divides as floats "
        "do.",
        "net Example {\n  input 3x8x8\n  conv in.channels / 2 1x1\n}\n",
        "net Example {\n  input 3x8x8\n  conv in.channels // 2 1x1\n}\n",
    ),
    Explanation(
        "division-by-zero",
        "a division by zero",
        "It has no result, in `/`, `//` and `%` alike, and neither has zero to a negative power. "
        "Where the divisor is computed, look at the values that the calls in the notes give it.",
        "block unit(n) { conv 8 // n 1x1 }\n\nnet Example {\n  input 3x8x8\n  unit 0\n}\n",
        "block unit(n) { conv 8 // n 1x1 }\n\nnet Example {\n  input 3x8x8\n  unit 2\n}\n",
    ),
    Explanation(
        "unknown-function",
        "no function is called so",
        "Functions compute numbers: `min`, `max`, `ceil`, `floor`, `round`, `abs`, `sum`, `len`, "
        "and `make_divisible(v, 8)` of the MobileNet papers. A layer or block is no function: it "
        "is applied by a statement, without parentheses.",
        "net Example {\n  input 3x8x8\n  conv maxi(4, 8) 1x1\n}\n",
        "net Example {\n  input 3x8x8\n  conv max(4, 8) 1x1\n}\n",
    ),
    Explanation(
        "unknown-size",
        "a value has no size of this name",
        "A value's sizes are `channels`, then `height` and `width`, or `length` in one dimension, "
        "and `depth` before both in three; `rank` is the number of spatial axes. Which there are "
        "follows from its shape: a vector has channels alone.",
        "net Example {\n  input 3x8x8\n  conv in.chanels 1x1\n}\n",
        "net Example {\n  input 3x8x8\n  conv in.channels 1x1\n}\n",
    ),
    Explanation(
        "bound-symbol",
        "a capital in dims is the name of a number",
        "In dims a single capital is a symbolic size, open until an input is given. Where the same "
        "capital is a parameter or a `let`, the reader would take it for that number, so netspec "
        "asks for a list, in which names are numbers.",
        "block unit(K) { conv 8 KxK }\n\nnet Example {\n  input 3x8x8\n  unit 3\n}\n",
        "block unit(K) { conv 8 [K, K] }\n\nnet Example {\n  input 3x8x8\n  unit 3\n}\n",
    ),
    Explanation(
        "misplaced-wildcard",
        "`_` stands outside of an annotation",
        "`_` matches any size, in the annotation behind `->`. Elsewhere a size is needed to "
        "compute with; one that is to stay open is a symbol, such as `H`.",
        "net Example {\n  input 3x8x8\n  conv 8 [3, _]\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 [3, 3]\n}\n",
    ),
    Explanation(
        "symbol-decides",
        "a symbolic size decides what the network is",
        "One network stands for all sizes that a symbol may have, so its layers, their number and "
        "their weights cannot depend on it. Give a number for the size, in the `input` or on the "
        "command line with `--input`.",
        "net Example {\n  input 3xHxW\n  if in.height > 64 { maxpool 2x2 }\n}\n",
        "net Example {\n  input 3x128x128\n  if in.height > 64 { maxpool 2x2 }\n}\n",
    ),
    Explanation(
        "symbol-needs-number",
        "an operation on a symbolic size needs a whole number",
        "Sizes stay whole while their symbols are open: they are added, multiplied, and divided "
        "by positive whole numbers. What depends on a fraction of a size, or divides by one, has "
        "no such form.",
        "net Example {\n  input 3xHxW\n  resize [in.height * 1.5, in.width]\n}\n",
        "net Example {\n  input 3xHxW\n  resize [in.height * 3 // 2, in.width]\n}\n",
    ),
    Explanation(
        "no-size-fits",
        "no size of the symbols meets the conditions",
        "A net with symbolic sizes is checked under conditions, such as `H % 32 == 0`, that its "
        "layers need; it passes if some size fits. Here the conditions exclude each other.",
        "net Example {\n  input 3xHxW\n  resize [(2*in.height + 1) / 2, in.width]\n}\n",
        "net Example {\n  input 3xHxW\n  resize [(2*in.height + 1) // 2, in.width]\n}\n",
    ),
    Explanation(
        "unknown-symbol",
        "a symbolic size stands here that no input has",
        "Symbols come from inputs: `input 3xHxW` makes `H` and `W` known. One that no input gives "
        "would have no value, whatever comes in.",
        "net Example {\n  input 3xHxW\n  resize DxW\n}\n",
        "net Example {\n  input 3xHxW\n  resize HxW\n}\n",
    ),
)
