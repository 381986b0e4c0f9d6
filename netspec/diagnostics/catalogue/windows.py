"""What is wrong with windows, of convolutions and pools, explained.

Leaves the arithmetic to `ops/window.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation
from netspec.diagnostics.diagnostic import Severity

EXPLANATIONS = (
    Explanation(
        "stride-drops-input",
        "the stride leaves rows or columns at the end unread",
        "With input L, kernel k, stride s and padding p on each side, the output has "
        "floor((L + 2p - k) / s) + 1 windows. Frameworks round that down in silence, and what is "
        "left over never reaches the network; the AlexNet paper's 224x224 is the famous case "
        "(227x227 fits). Padding that is left over does not matter, nor a remainder no wider than "
        "the gap between windows. `rounding=floor` accepts the loss by name.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 stride=2\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 stride=2 padding=1\n}\n",
    ),
    Explanation(
        "kernel-larger-than-input",
        "a kernel is larger than its padded input",
        "No window fits, so there is no output. In a deep net the map has often shrunk further "
        "than expected: look at the shape in the label, then at the strides before.",
        "net Example {\n  input 3x4x4\n  conv 8 5x5\n}\n",
        "net Example {\n  input 3x4x4\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "padding-too-large",
        "a padding is larger than the layer can take",
        "A pool's padding is at most half its kernel, as in PyTorch, so that no window lies in "
        "padding alone. A reflection shows each position once, so it is narrower than the map.",
        "net Example {\n  input 3x8x8\n  maxpool 2x2 padding=2\n}\n",
        "net Example {\n  input 3x8x8\n  maxpool 2x2 padding=1\n}\n",
    ),
    Explanation(
        "window-reads-only-padding",
        "a window lies outside of the input",
        "Such a window sees zeros alone, and its output is the bias, whatever comes in. PyTorch "
        "and ONNX compute it without a word. A convolution's padding is rarely meant to be as "
        "wide as its kernel.",
        "net Example {\n  input 3x8x8\n  conv 8 1x1 padding=1\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 1x1\n}\n",
        Severity.WARNING,
    ),
    Explanation(
        "rounding-with-same",
        "`rounding=ceil` stands beside `padding=same`",
        "`same` pads until the output is ceil(L / s), so nothing is left over that could be "
        "rounded. The two come from different frameworks: `same` from TensorFlow, `ceil` from "
        "PyTorch's `ceil_mode`.",
        "net Example {\n  input 3x8x8\n  maxpool 3x3 stride=2 padding=same rounding=ceil\n}\n",
        "net Example {\n  input 3x8x8\n  maxpool 3x3 stride=2 padding=same\n}\n",
    ),
    Explanation(
        "output-padding-too-large",
        "a transposed convolution's output padding is too large",
        "Several input sizes of a strided convolution give the same output size; `output_padding` "
        "picks one of them when the transposed convolution goes back. There are only as many as "
        "the stride, or the dilation, so it stays below the larger of the two, as in PyTorch.",
        "net Example {\n  input 3x8x8\n  conv_transpose 8 4x4 stride=2 output_padding=2\n}\n",
        "net Example {\n  input 3x8x8\n  conv_transpose 8 4x4 stride=2 output_padding=1\n}\n",
    ),
)
