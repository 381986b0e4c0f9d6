"""What is too large, too deep or too long, explained.

Leaves the numbers to `netspec.limits`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "file-too-large",
        "a file has more characters than are read",
        "A spec of a real network has a few thousand characters; a file of more than 4,194,304 "
        "is no spec, or one that a program wrote without `repeat` and blocks. The limit keeps a "
        "hostile file from taking the machine's memory.",
    ),
    Explanation(
        "line-too-long",
        "a line has more characters than are read",
        "A line of more than 20,000 characters cannot be shown in a message, nor read by anyone. "
        "Inside parentheses and brackets newlines do not count, so long lists may be broken.",
    ),
    Explanation(
        "too-many-syntax-errors",
        "reading was given up after many syntax errors",
        "After 25 syntax errors the file is most likely something else than a spec, and the rest "
        "would say so many times over. Mend the first ones: others may go with them.",
    ),
    Explanation(
        "nesting-too-deep",
        "brackets are nested too deep",
        "More than 100 brackets inside one another are beyond what anyone can match by eye, and "
        "would exhaust the stack of programs that read the file. Give the inner part a name: a "
        "`block`, or a `let`.",
    ),
    Explanation(
        "expression-too-deep",
        "an expression is nested too deep",
        "More than 100 levels of parentheses, signs, powers or conditionals would exhaust the "
        "stack of programs that compute them. Name parts of the expression with `let`.",
    ),
    Explanation(
        "path-too-long",
        "a label or reference has too many names",
        "A path names a scope within a scope; more than 100 of them are beyond any network.",
    ),
    Explanation(
        "calls-too-deep",
        "blocks call each other too deep",
        "Each block calls the next, 400 deep. Networks repeat side by side, not inside one "
        "another: `repeat` applies a block as many times as it takes.",
    ),
    Explanation(
        "too-many-layers",
        "a network has more layers than netspec counts",
        "A `repeat` whose body stays the same costs nothing to count, up to 2^63 - 1 layers; "
        "layers that must be built one by one, since each differs, are limited to 300,000. Beyond "
        "that a slip in a count is likelier than a wish.",
        "net Example {\n  input 3x8x8\n  repeat 10G { repeat 10G { relu } }\n}\n",
        "net Example {\n  input 3x8x8\n  repeat 10 { relu }\n}\n",
    ),
    Explanation(
        "too-large",
        "a size is beyond what netspec computes with",
        "No axis has more than 2^40 elements, and a symbolic size no more than 200 terms: no "
        "machine holds such a value, and the numbers stay exact below.",
        "net Example {\n  input 3x8x8\n  conv 10000G 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 10 3x3\n}\n",
    ),
    Explanation(
        "number-too-large",
        "a computed number has more digits than netspec computes with",
        "Whole numbers are exact, so each step of `2 ** (2 ** n)` doubles the digits. The limit "
        "keeps a short expression from taking all memory; no count or size of a network comes "
        "near.",
        "net Example {\n  input 3x8x8\n  conv 2 ** 100K 3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 2 ** 4 3x3\n}\n",
    ),
)
