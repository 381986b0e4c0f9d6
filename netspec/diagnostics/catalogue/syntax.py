"""What is wrong with the form of statements, explained.

Leaves items to `items.py`, and what names mean to `names.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "syntax-error",
        "something else was expected here",
        "A statement is a layer with its arguments, separated by blanks: positional ones first, "
        "then `key=value`. `let x = …` names a number, `{ … }` holds a sequence. Where a text "
        "departs from that in no way that has a name of its own, the message says what could have "
        "stood there. The rest of the file is read on from the next statement.",
        "net Example {\n  input 3x8x8\n  conv 8 2x2 stride:2\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 2x2 stride=2\n}\n",
    ),
    Explanation(
        "comma-between-arguments",
        "a comma stands between arguments",
        "A layer is applied as a table of a paper prints it: `conv 64 3x3 stride=2`, blanks "
        "between the arguments, no parentheses around them. Commas stand in lists, in the "
        "parameters of a block, and in functions such as `min(a, b)`.",
        "net Example {\n  input 3x8x8\n  conv 8, 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "missing-blank",
        "two arguments, or a layer and its argument, run into one another",
        "Arguments are separated by blanks. `conv(8)` would look like a function, and functions "
        "are `min`, `max`, `round` and their like, which yield numbers.",
        "net Example {\n  input 3x8x8\n  conv(8) 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "ambiguous-sign",
        "a sign could join two arguments or begin one",
        "Blanks separate arguments, and may also stand around an operator. `unit 8 -4` could "
        "therefore mean one argument, `8 - 4`, or two, `8` and `(-4)`. netspec does not guess: "
        "write blanks on both sides of the sign, or parentheses.",
        "block unit(width) { conv width 1x1 }\n\nnet Example {\n  input 3x8x8\n  unit 8 -4\n}\n",
        "block unit(width) { conv width 1x1 }\n\nnet Example {\n  input 3x8x8\n  unit 8 - 4\n}\n",
    ),
    Explanation(
        "positional-after-keyword",
        "a positional argument stands after one with a name",
        "Positional arguments are told apart by their place, and places are easy to count only "
        "while no named argument stands between them: first the positional ones, then `key=value`.",
        "net Example {\n  input 3x8x8\n  conv padding=1 8 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 padding=1\n}\n",
    ),
    Explanation(
        "chained-comparison",
        "a comparison is compared again",
        "`1 < n < 4` means different things in different languages. Comparisons are therefore not "
        "chained: join two by `and`.",
        "block unit(n) { if 1 < n < 4 { relu } }\n\nnet Example {\n  input 3x8x8\n  unit 2\n}\n",
        "block unit(n) { if 1 < n and n < 4 { relu } }\n\n"
        "net Example {\n  input 3x8x8\n  unit 2\n}\n",
    ),
    Explanation(
        "capitalised-word",
        "`true`, `false` or `none` has a capital",
        "The words for truth and nothing are written small. Single capitals are symbolic sizes, "
        "and Python's `True` comes in by habit; the fix writes it small.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 bias=False\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 bias=false\n}\n",
    ),
    Explanation(
        "misplaced-continuation",
        "what continues a statement begins a line, or continues nothing",
        "A newline ends a statement, unless it stands in parentheses or brackets. Arguments, "
        "`else`, `shortcut`, `->` and the `{` of a `repeat` or `if` go on with one, and so stand "
        "on the line of what they continue: `} else {`.",
        "block unit(wide) {\n  if wide { conv 8 1x1 }\n  else { conv 4 1x1 }\n}\n\n"
        "net Example {\n  input 3x8x8\n  unit true\n}\n",
        "block unit(wide) {\n  if wide { conv 8 1x1 } else { conv 4 1x1 }\n}\n\n"
        "net Example {\n  input 3x8x8\n  unit true\n}\n",
    ),
    Explanation(
        "unclosed-brace",
        "a `{` is never closed",
        "Braces hold what belongs together: the statements of a net, of a branch, of a loop. "
        "netspec takes an item at the margin (`net`, `block`, `from`), or the end of the file, "
        "for a sign that a brace before it should have been closed.",
        "net Example {\n  input 3x8x8\n  relu\n",
        "net Example {\n  input 3x8x8\n  relu\n}\n",
    ),
    Explanation(
        "unclosed-bracket",
        "a `(` or `[` is never closed",
        "Inside parentheses and brackets newlines do not count, so that long lists may be broken. "
        "One that is never closed would take in the rest of the file; netspec stops where a "
        "statement begins that cannot belong to it.",
        "net Example {\n  input 3x8x8\n  conv 8 [3, 3\n  relu\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 [3, 3]\n  relu\n}\n",
    ),
    Explanation(
        "stray-bracket",
        "a closing bracket closes nothing",
        "Either what it should close was closed before, or never opened. Where braces end too "
        "early, what follows is read as standing outside of the net.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3)\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "invalid-label",
        "a label is not written as a name",
        "A label becomes part of the names of weights, which PyTorch's `state_dict` and ONNX "
        "share: letters, digits and `_`. In quotes it may also hold `-`, begin with a digit, or "
        'hold dots, each of which enters a scope: `"convs.0":`. An expression in a label stands '
        "in braces.",
        "net Example {\n  input 3x8x8\n  stem.conv: conv 8 3x3\n}\n",
        'net Example {\n  input 3x8x8\n  "stem.conv": conv 8 3x3\n}\n',
    ),
    Explanation(
        "misplaced-label",
        "a statement that yields nothing has a label",
        "A label names a value and the weights that make it. `let`, `default` and `assert` make "
        "neither, so there is nothing that a label could name.",
        "net Example {\n  input 3x8x8\n  width: let w = 8\n  conv w 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  let w = 8\n  conv w 3x3\n}\n",
    ),
    Explanation(
        "reserved-word",
        "a word of the language is used as a name, or one kept for later as a layer",
        "Words that begin a statement, such as `repeat`, cannot name a block that is called like "
        "a layer, and words of expressions, such as `in`, cannot name a value. A few more are kept "
        "for later versions, such as `attention`, as the first word of a statement.",
        "block repeat(n) { conv n 3x3 }\n\nnet Example {\n  input 3x8x8\n  relu\n}\n",
        "block again(n) { conv n 3x3 }\n\nnet Example {\n  input 3x8x8\n  again 8\n}\n",
    ),
)
