"""What is wrong with names, labels and references, explained.

Leaves the form of labels to `syntax.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "unknown-layer",
        "no layer or block is called so",
        "The first word of a statement is a built-in layer, a block of this file, an imported one, "
        "or a parameter that holds a layer. Layers have the names of the field: `conv`, `dense`, "
        "`batchnorm`, `maxpool`.",
        "net Example {\n  input 3x8x8\n  cnov 8 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "not-a-layer",
        "a name that holds something else is called as a layer",
        "A parameter may hold a layer, `act=relu`, and is then applied as one. A number is no "
        "layer: it stands behind one as an argument. To yield a value that a name holds, write "
        "`@name`.",
        "block unit(width) { conv width 3x3; width }\n\n"
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(width, act=relu) { conv width 3x3; act }\n\n"
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
    ),
    Explanation(
        "unknown-name",
        "no number or parameter is called so",
        "A name in an expression is a parameter of the block, a `let` before it, or the index of a "
        "`repeat` around it. A block does not see the names of its caller. Sizes of values are "
        "written `in.channels` and `@.height`.",
        "net Example {\n  input 3x8x8\n  conv widht 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  let width = 8\n  conv width 3x3\n}\n",
    ),
    Explanation(
        "shadowed-name",
        "a name that is taken is given again",
        "Within a block each `let`, parameter and index has one meaning; a second of the same "
        "name would make the reader ask which one is meant. A parameter's new value gets a name of "
        "its own.",
        "block unit(width) {\n  let width = 2 * width\n  conv width 3x3\n}\n\n"
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(width) {\n  let wide = 2 * width\n  conv wide 3x3\n}\n\n"
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
    ),
    Explanation(
        "duplicate-label",
        "two statements of a scope have the same label",
        "Labels are the names of weights, in PyTorch's `state_dict` and in ONNX, and two weights "
        "cannot share one. In a `repeat` the index makes them differ: `conv{i}:`. To apply the "
        "same weights again, write `share`.",
        "net Example {\n  input 3x8x8\n  a: conv 8 3x3\n  a: conv 8 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  a: conv 8 3x3\n  b: conv 8 3x3\n}\n",
    ),
    Explanation(
        "wrong-label",
        "a computed label, or an output's name, is no name",
        "Names of weights and outputs hold letters, digits and `_`, in labels also `-`. What an "
        "expression in a label yields must be such a piece: a whole number, or a string.",
        'net Example {\n  input 3x8x8\n  output name="aux head" relu\n  conv 8 1x1\n}\n',
        "net Example {\n  input 3x8x8\n  output name=aux_head relu\n  conv 8 1x1\n}\n",
    ),
    Explanation(
        "unknown-label",
        "no statement before has this label",
        "`@label` yields the value of a labelled statement that stands before it, inside the same "
        "block or net. A block's caller is out of sight, so that a block means the same wherever "
        "it is called; hand the value over as an argument.",
        "net Example {\n  input 3x8x8\n  stem: conv 8 1x1\n  concat { @sten; relu }\n}\n",
        "net Example {\n  input 3x8x8\n  stem: conv 8 1x1\n  concat { @stem; relu }\n}\n",
    ),
    Explanation(
        "not-a-value",
        "`@name` names something that is no value of the network",
        "`@` yields a value that flows: a labelled statement's, or a `let` or parameter that holds "
        "one. Numbers are written without it.",
        "net Example {\n  input 3x8x8\n  let n = 8\n  concat { @n; relu }\n}\n",
        "net Example {\n  input 3x8x8\n  let n = @\n  concat { @n; relu }\n}\n",
    ),
    Explanation(
        "reference-to-itself",
        "a statement refers to its own value",
        "A value is there once its statement is done. A network is an acyclic graph: what a layer "
        "makes cannot enter it. Refer to a part that is complete, or name the value before with "
        "`let`.",
        "net Example {\n  input 3x8x8\n  body: { conv 3 1x1; add { @body; relu } }\n}\n",
        "net Example {\n  input 3x8x8\n  let before = @\n"
        "  body: { conv 3 1x1; add { @before; relu } }\n}\n",
    ),
    Explanation(
        "nothing-to-share",
        "`share` names a statement without layers",
        "`share` applies a labelled statement once more, with the same weights. A label on a "
        "reference or an input names a value, which is there to be read with `@label`.",
        "net Example {\n  image: input 3x8x8\n  conv 3 1x1\n  share image\n}\n",
        "net Example {\n  image: input 3x8x8\n  point: conv 3 1x1\n  share point\n}\n",
    ),
    Explanation(
        "share-differs",
        "shared weights do not fit the value that comes in",
        "Weights have the shapes that their first use gave them: a convolution's depend on the "
        "channels that came in. A second use needs an input for which they would be the same.",
        "net Example {\n  input 3x8x8\n  a: conv 8 1x1\n  share a\n}\n",
        "net Example {\n  input 8x8x8\n  a: conv 8 1x1\n  share a\n}\n",
    ),
)
