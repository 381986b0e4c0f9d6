"""What is wrong with the arguments of layers and blocks, explained.

Leaves windows to `windows.py`, and the sizes that come out to `shapes.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "unknown-parameter",
        "a layer or block has no such parameter",
        "A name before `=` is a parameter of the layer; the note shows all of them. A misspelt one "
        "that went unnoticed would leave its default in force, which is how a stride gets lost.",
        "net Example {\n  input 3x8x8\n  conv 8 2x2 strid=2\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 2x2 stride=2\n}\n",
    ),
    Explanation(
        "missing-argument",
        "an argument without a default is not given",
        "A parameter without `=` in the signature has no default: netspec does not guess the "
        "number of filters or the size of a kernel. It may also come from a `default` statement.",
        "net Example {\n  input 3x8x8\n  conv 8\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "too-many-arguments",
        "more positional arguments than parameters",
        "Positional arguments fill the parameters in the order of the signature, which the note "
        "shows. Often two pieces were meant as one: a sum without blanks around its sign, or a "
        "list without its brackets.",
        "net Example {\n  input 3x8x8\n  relu 8\n}\n",
        "net Example {\n  input 3x8x8\n  relu\n}\n",
    ),
    Explanation(
        "argument-given-twice",
        "a parameter gets two arguments",
        "A positional argument fills the next parameter in order, so a `key=value` for the same "
        "one contradicts it, even where both are equal.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 kernel=1\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "unknown-word",
        "a parameter does not know this word",
        "Some parameters take a word of their own: `padding=same`, `rounding=ceil`, "
        "`mode=nearest`. The message lists those that this one knows.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 padding=valid\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "out-of-range",
        "a number is below or above what its parameter allows",
        "Kernels, strides and filters are at least 1, rates lie between 0 and 1, paddings are not "
        "negative. What lies outside has no meaning that two frameworks would agree on.",
        "net Example {\n  input 3x8x8\n  dropout 1.5\n}\n",
        "net Example {\n  input 3x8x8\n  dropout 0.5\n}\n",
    ),
    Explanation(
        "axis-given-twice",
        "an axis is named twice",
        "A reduction removes each axis it names, so the second mention would find it gone; a "
        "permutation puts each axis in one place.",
        "net Example {\n  input 3x8x8\n  mean height height\n}\n",
        "net Example {\n  input 3x8x8\n  mean height width\n}\n",
    ),
    Explanation(
        "axis-missing",
        "a permutation leaves out an axis",
        "`permute` says where each axis goes; an axis that it does not name would have no place.",
        "net Example {\n  input 3x8x8\n  permute height width\n}\n",
        "net Example {\n  input 3x8x8\n  permute height width channels\n}\n",
    ),
    Explanation(
        "parameter-without-label",
        "a `parameter` has no label",
        "`parameter` is a learned tensor of its own, without a layer around it, so its label is "
        "its whole name in the `state_dict`. There is no ordinal that a reader could expect.",
        "net Example {\n  input 3x8x8\n  mul { identity; parameter [3, 1, 1] init=1 }\n}\n",
        "net Example {\n  input 3x8x8\n  mul { identity; gain: parameter [3, 1, 1] init=1 }\n}\n",
    ),
    Explanation(
        "groups-do-not-divide",
        "channels do not divide into this many groups",
        "A grouped convolution splits the channels that come in, and its filters, into equal "
        "parts (Krizhevsky et al., 2012; Xie et al., arXiv:1611.05431); `groupnorm` and "
        "`channel_shuffle` do so too. A remainder would belong to no group.",
        "net Example {\n  input 6x8x8\n  conv 8 3x3 groups=4\n}\n",
        "net Example {\n  input 6x8x8\n  conv 8 3x3 groups=2\n}\n",
    ),
    Explanation(
        "sizes-do-not-divide",
        "a size does not divide as the layer needs",
        "`pixel_shuffle` turns factor^2 channels into one of a larger map (Shi et al., "
        "arXiv:1609.05158), and `space_to_depth` cuts the map into squares; both need sizes that "
        "divide without a remainder.",
        "net Example {\n  input 6x8x8\n  pixel_shuffle 2\n}\n",
        "net Example {\n  input 8x8x8\n  pixel_shuffle 2\n}\n",
    ),
)
