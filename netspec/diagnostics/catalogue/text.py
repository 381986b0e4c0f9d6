"""What is wrong with a file's characters, explained.

Leaves numbers to `numbers.py`, and words to `syntax.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "not-utf-8",
        "a file holds bytes that are no UTF-8",
        "A spec is UTF-8 text, so that it reads the same on every machine. Bytes that are no UTF-8 "
        "come from another encoding, such as UTF-16 or Latin-1, or from a file that is no text at "
        "all, such as a model's weights. Save the file as UTF-8; a byte-order mark does no harm.",
    ),
    Explanation(
        "control-character",
        "a file holds a control character",
        "Tabs, line feeds and carriage returns before them are blanks; other control characters "
        "cannot be seen, and could make a terminal show another text than the one that is checked. "
        "They come in with text copied from elsewhere, or with a binary file. Remove them.",
    ),
    Explanation(
        "unexpected-character",
        "a character begins nothing in the language",
        "Operators are words or plain ASCII: `and`, `or`, `not`, `**`. Strings stand in double "
        "quotes. Text copied from a paper or a web page often brings look-alikes, such as the sign "
        "of multiplication for the `x` of dims; the help names what was meant.",
        "net Example {\n  input 3x8x8\n  conv 8 3\u00d73\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "foreign-comment",
        "a comment is written as in another language",
        "A comment begins with `#` and goes on to the end of its line. `//` divides and rounds "
        "down, so it cannot begin one.",
        "// a small net\nnet Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
        "# a small net\nnet Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "unterminated-string",
        "a string has no closing quote in its line",
        "A string ends in the line in which it begins, so that one lost quote does not swallow the "
        "rest of the file. A line break inside of one is written `\\n`.",
        'from "zoo:resnet import bottleneck\n\nnet Example {\n  input 64x8x8\n  bottleneck 16\n}\n',
        'from "zoo:resnet" import bottleneck\n\n'
        "net Example {\n  input 64x8x8\n  bottleneck 16\n}\n",
    ),
    Explanation(
        "unknown-escape",
        "a string holds a backslash that means nothing",
        'A string knows four escapes: `\\"`, `\\\\`, `\\n` and `\\t`. In a path a backslash is '
        "rarely meant: paths are written with `/` on every system.",
        'from "blocks\\residual.net" import unit\n\nnet Example {\n  input 64x8x8\n  unit 16\n}\n',
        'from "zoo:resnet" import bottleneck\n\n'
        "net Example {\n  input 64x8x8\n  bottleneck 16\n}\n",
    ),
)
