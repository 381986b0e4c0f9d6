"""What is wrong with the items of a file, its blocks and imports, explained.

Leaves what a net needs to `nets.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation
from netspec.diagnostics.diagnostic import Severity

EXPLANATIONS = (
    Explanation(
        "empty-file",
        "a file defines nothing",
        "A file holds items: nets, blocks, imports. One without any is most likely not saved, cut "
        "off, or a comment through and through; that it has no mistakes would say nothing.",
        "# to be written\n",
        "net Example {\n  input 3x8x8\n  relu\n}\n",
    ),
    Explanation(
        "statement-outside",
        "a statement stands outside of any net and block",
        "A file holds items, and statements stand in the braces of one. Often a `}` before it "
        "ends an item too early.",
        "net Example {\n  input 3x8x8\n}\nconv 8 3x3\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "item-inside",
        "a `net`, `block` or `from` stands inside of braces",
        "Items are those of the whole file, whatever their order, so that a reader finds them at "
        "the margin. A block may be called from anywhere; it need not stand before its use.",
        "net Example {\n  input 3x8x8\n  block unit(n) { conv n 3x3 }\n  relu\n}\n",
        "block unit(n) { conv n 3x3 }\n\nnet Example {\n  input 3x8x8\n  unit 8\n}\n",
    ),
    Explanation(
        "duplicate-definition",
        "two blocks or nets of a file have the same name",
        "Blocks, nets and imported names share one space, so that a name means one thing in the "
        "whole file. Rename one of the two; an import that repeats a name of the file counts too.",
        "block unit(n) { conv n 3x3 }\nblock unit(n) { conv n 1x1 }\n\n"
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(n) { conv n 3x3 }\nblock thin(n) { conv n 1x1 }\n\n"
        "net Example {\n  input 3x8x8\n  unit 8; relu; thin 8\n}\n",
    ),
    Explanation(
        "duplicate-parameter",
        "a block or net has two parameters of one name",
        "An argument is given by its parameter's name, so each parameter needs one of its own.",
        "block unit(n, n) { conv n n }\n\nnet Example {\n  input 3x8x8\n  unit 8 3\n}\n",
        "block unit(n, k) { conv n k }\n\nnet Example {\n  input 3x8x8\n  unit 8 3\n}\n",
    ),
    Explanation(
        "unused-parameter",
        "a parameter is never read",
        "A caller who sets it would change nothing, and believe otherwise. It is most often left "
        "over, or the body was meant to read it.",
        "block unit(width, stride=1) { conv width 3x3 }\n\n"
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(width, stride=1) { conv width 3x3 stride=stride }\n\n"
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
        Severity.WARNING,
    ),
    Explanation(
        "recursive-block",
        "a block calls itself, directly or through others",
        "A block is expanded where it is called; one that calls itself would never end, since "
        "nothing of a network is decided while it runs. `repeat` applies a block many times.",
        "block unit(n) { conv n 3x3; unit n }\n\nnet Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(n) { conv n 3x3 }\n\nnet Example {\n  input 3x8x8\n  repeat 3 { unit 8 }\n}\n",
    ),
    Explanation(
        "cannot-import",
        "a file to import from cannot be read",
        "A path is relative to the file that imports, and never leaves the project: the nearest "
        "folder above with a `pyproject.toml`, `netspec.toml` or `.git`. So a spec that was "
        "downloaded cannot read other files. `zoo:resnet` is a file that ships with netspec.",
        'from "zoo:resnett" import bottleneck\n\n'
        "net Example {\n  input 64x8x8\n  bottleneck 16\n}\n",
        'from "zoo:resnet" import bottleneck\n\n'
        "net Example {\n  input 64x8x8\n  bottleneck 16\n}\n",
    ),
    Explanation(
        "unknown-import",
        "the imported file defines no such block or net",
        "`from … import` brings in blocks and nets that the other file defines, and what it "
        "imports itself is not passed on. The message lists what there is.",
        'from "zoo:resnet" import bottlenek\n\nnet Example {\n  input 64x8x8\n  bottlenek 16\n}\n',
        'from "zoo:resnet" import bottleneck\n\n'
        "net Example {\n  input 64x8x8\n  bottleneck 16\n}\n",
    ),
    Explanation(
        "import-cycle",
        "files import each other in a circle",
        "A file is read before the one that imports from it, so a circle has no beginning. Move "
        "what both need into a third file. (The example is called `example.net`, and imports from "
        "itself.)",
        'from "example.net" import unit\n\nblock unit(n) { conv n 3x3 }\n\n'
        "net Example {\n  input 3x8x8\n  unit 8\n}\n",
        "block unit(n) { conv n 3x3 }\n\nnet Example {\n  input 3x8x8\n  unit 8\n}\n",
    ),
)
