"""What is wrong with nets, their inputs and outputs, explained.

Leaves blocks to `items.py`, and what a net claims of itself to `assertions.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation
from netspec.diagnostics.diagnostic import Severity

EXPLANATIONS = (
    Explanation(
        "missing-input",
        "a net does not begin with an `input`",
        "Every shape, parameter and cost follows from the size of what comes in, so a net says it "
        "first: channels, then the spatial sizes, without the batch. Sizes may be left open as "
        "symbols: `input 3xHxW`.",
        "net Example {\n  conv 8 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "misplaced-input",
        "an `input` stands in a block",
        "A block takes the value at its call, as a layer does: `in` is that value, and `@in` "
        "yields it. Further values are parameters: `block up(width, skip)`.",
        "block unit(n) { input 3x8x8; conv n 3x3 }\n\nnet Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(n) { conv n 3x3 }\n\nnet Example {\n  input 3x8x8\n  unit 8\n}\n",
    ),
    Explanation(
        "input-without-label",
        "a net has several inputs, and one has no label",
        "A single input is called `input`. Several are told apart by their labels, which are the "
        "names of the arguments in PyTorch and of the inputs in ONNX.",
        "net Example {\n  left: input 3x8x8\n  input 3x8x8\n  concat { @left; identity }\n}\n",
        "net Example {\n  left: input 3x8x8\n  right: input 3x8x8\n"
        "  concat { @left; identity }\n}\n",
    ),
    Explanation(
        "wrong-input",
        "an input's size is no whole number from 1 on, and no symbol",
        "An input is written as dims, `3x224x224`, or as a list of computed sizes. `_` stands in "
        "annotations only; a size that is to stay open is a symbol, `3xHxW`.",
        "net Example {\n  input 3x0x8\n  relu\n}\n",
        "net Example {\n  input 3x8x8\n  relu\n}\n",
    ),
    Explanation(
        "unused-input",
        "an input reaches no output",
        "Whoever uses the network has to give it, and it changes nothing. Most often the flow "
        "goes on from the last input, and the first was to be merged with it.",
        "net Example {\n  left: input 3x8x8\n  right: input 3x8x8\n  relu\n}\n",
        "net Example {\n  left: input 3x8x8\n  right: input 3x8x8\n"
        "  concat { @left; @right }\n  relu\n}\n",
        Severity.WARNING,
    ),
    Explanation(
        "unknown-input",
        "a size is given for an input that the net does not have",
        "`--input name=3x320x320` sets the size of the input of that name; where a net has one, "
        "the name may be left out, and where it has several, each is named. It is said of what "
        "the command line or a program asks for, never of a file by itself.",
    ),
    Explanation(
        "misplaced-output",
        "an `output` stands in a block",
        "A block has one value, as a layer has, so that it may stand wherever a layer may. More "
        "outputs belong to the net; an inline block, which is spliced where it is called, may "
        "hold one on its behalf.",
        "block head(n) { conv n 1x1; aux: output relu }\n\n"
        "net Example {\n  input 3x8x8\n  head 8\n}\n",
        "inline block head(n) { conv n 1x1; aux: output relu }\n\n"
        "net Example {\n  input 3x8x8\n  head 8\n}\n",
    ),
    Explanation(
        "output-without-name",
        "an `output` has no name",
        "A net's last value is the output `out`; each further one needs a name of its own, which "
        "programs ask for. Its label gives it, or `name=`.",
        "net Example {\n  input 3x8x8\n  output relu\n  conv 8 1x1\n}\n",
        "net Example {\n  input 3x8x8\n  aux: output relu\n  conv 8 1x1\n}\n",
    ),
    Explanation(
        "duplicate-output",
        "two outputs have the same name",
        "Programs ask for an output by its name. `out` is that of the net's last value.",
        "net Example {\n  input 3x8x8\n  out: output relu\n  conv 8 1x1\n}\n",
        "net Example {\n  input 3x8x8\n  aux: output relu\n  conv 8 1x1\n}\n",
    ),
    Explanation(
        "unreachable-output",
        "no input reaches an output",
        "It would be the same whatever comes in, since it rests on learned parameters alone.",
        "net Example {\n  input 3x8x8\n  aux: output { gain: parameter 3x8x8 }\n  relu\n}\n",
        "net Example {\n  input 3x8x8\n"
        "  aux: output { add { identity; gain: parameter 3x8x8 } }\n  relu\n}\n",
    ),
    Explanation(
        "unknown-net",
        "a net is made from one that does not exist",
        "`net Name = Other …` sets parameters of a net of this file, or of an imported one. A "
        "block is no net: it has no input.",
        "net Example(n=8) {\n  input 3x8x8\n  conv n 3x3\n}\n\nnet Wide = Exemple 16\n",
        "net Example(n=8) {\n  input 3x8x8\n  conv n 3x3\n}\n\nnet Wide = Example 16\n",
    ),
    Explanation(
        "recursive-net",
        "a net is defined by itself",
        "`net A = B` and `net B = A` say nothing of what either is. One of them must be written "
        "out in braces.",
        "net Wide = Wider 16\nnet Wider = Wide 16\n",
        "net Wide(n) {\n  input 3x8x8\n  conv n 3x3\n}\n\nnet Wider = Wide 16\n",
    ),
    Explanation(
        "written-for-other-values",
        "annotations or asserts speak of other values than those given",
        "`-p classes=10` or `--input 3x320x320` makes another network of a spec than the one its "
        "annotations and published numbers describe. What no longer holds is counted here, once, "
        "instead of being an error. It is never said of a file by itself.",
        severity=Severity.WARNING,
    ),
    Explanation(
        "unsupported-by-onnx",
        "the ONNX format has no way to say this",
        "netspec writes standard operators alone, so that every runtime reads its models. A few "
        "layers, or combinations of their arguments, have none at the opset asked for; the "
        "message says which, and a newer `--opset` may have one. `check` accepts such a net, "
        "since it is right, and `netspec torch` writes it.",
    ),
)
