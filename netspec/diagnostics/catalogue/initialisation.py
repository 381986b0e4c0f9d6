"""What is wrong with an `init`, what it speaks of and what training would make of it, explained.

Lint rules on how large weights begin explain themselves.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "misplaced-init",
        "an `init` stands in nested braces, or in an inline block",
        "An `init` speaks for all layers of a net or block, so it stands at the top of its braces "
        "and not in those of a `repeat`, an `if` or a branch, which end before the layers are "
        "complete. An inline block is spliced where it is called and owns no layers. A label names "
        "a part, and `init label he` speaks of its layers alone.",
        "net Example {\n  input 3x8x8\n  repeat 2 { init he; conv 8 3x3; relu }\n}\n",
        "net Example {\n  init he\n  input 3x8x8\n  repeat 2 { conv 8 3x3; relu }\n}\n",
    ),
    Explanation(
        "unknown-initialisation",
        "there is no initialisation of that name",
        "The methods have the names of the papers and of the distributions: `he`, `xavier` (or "
        "`glorot`), `lecun`, `orthogonal`, `normal`, `uniform`, `truncated_normal`, `constant`, "
        "`zeros`, `ones`, `dirac`. What is told apart by name elsewhere is an argument here: "
        "`he distribution=normal`. The layers that are meant stand before the method.",
        "net Example {\n  init kaiming_normal\n  input 3x8x8\n  conv 8 3x3; relu\n}\n",
        "net Example {\n  init he distribution=normal\n  input 3x8x8\n  conv 8 3x3; relu\n}\n",
    ),
    Explanation(
        "unknown-target",
        "an `init` speaks of what does not exist",
        "Before the method stands a layer's name (`conv`), a block's, or a label, through dots "
        "into blocks: `layer4.0.conv3`. A label is one of the block or net around the `init`. "
        "`@conv` is the label where a layer has that name too.",
        "net Example {\n  init haed zeros\n  input 3x8x8\n  conv 8 3x3; relu\n"
        "  head: conv 4 1x1\n}\n",
        "net Example {\n  init head zeros\n  input 3x8x8\n  conv 8 3x3; relu\n"
        "  head: conv 4 1x1\n}\n",
    ),
    Explanation(
        "nothing-to-initialise",
        "an `init` reaches no layer with weights",
        "It would change nothing, and its reader believes otherwise. Activations, pools and merges "
        "have no weights; a `parameter` says itself where it begins (`init=`).",
        "net Example {\n  init dense he\n  input 3x8x8\n  conv 8 3x3; relu\n}\n",
        "net Example {\n  init conv he\n  input 3x8x8\n  conv 8 3x3; relu\n}\n",
    ),
    Explanation(
        "wrong-initialisation",
        "a method needs more of a tensor than it has",
        "He's, Xavier's and LeCun's methods count the inputs and outputs of a unit, and an "
        "orthogonal matrix has rows and columns; the scale of a norm is one number for each "
        "channel. `dirac` puts a 1 in the middle of a window, which a `dense` does not have.",
        "net Example {\n  init batchnorm he\n  input 3x8x8\n"
        "  conv 8 3x3 bias=false; batchnorm; relu\n}\n",
        "net Example {\n  init batchnorm ones\n  input 3x8x8\n"
        "  conv 8 3x3 bias=false; batchnorm; relu\n}\n",
    ),
    Explanation(
        "constant-weights",
        "the units of a hidden layer begin alike, and would stay alike",
        "Units with the same weights compute the same, and what comes back to them is the same: "
        "every step of training changes them alike, and a layer of 64 units does the work of one. "
        "Something must break the symmetry between them, which is why weights are drawn at random "
        "(Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.4). A constant is right "
        "for the scale of a norm, for the output layer, and for a single layer that is named, such "
        "as the last of a residual branch, which then begins as the identity (Goyal et al., "
        "arXiv:1706.02677; Zhang et al., Fixup, arXiv:1901.09321).",
        "net Example {\n  init zeros\n  input 784\n  dense 64; tanh\n  dense 10\n}\n",
        "net Example {\n  init xavier\n  init out zeros\n  input 784\n  dense 64; tanh\n"
        "  out: dense 10\n}\n",
    ),
)
