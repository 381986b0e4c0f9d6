"""What is wrong with parallel branches and what is made of them, explained.

Leaves the layers inside of a branch to `shapes.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation
from netspec.diagnostics.diagnostic import Severity

EXPLANATIONS = (
    Explanation(
        "branches-differ",
        "the branches of a merge have shapes that do not go together",
        "`add`, `mul`, `max` and `sub` work element by element, and `concat` joins along one axis, "
        "so all other sizes are equal; only a size of 1 stands for any (`Cx1x1` over `CxHxW`). In "
        "a residual whose width or stride changes, the shortcut needs a projection, as in He et "
        "al., arXiv:1512.03385, section 3.3.",
        "net Example {\n  input 3x8x8\n  residual { conv 8 3x3 padding=1 }\n}\n",
        "net Example {\n  input 3x8x8\n"
        "  residual { conv 8 3x3 padding=1 } shortcut { conv 8 1x1 }\n}\n",
    ),
    Explanation(
        "empty-merge",
        "a merge has no branch",
        "Each statement inside the braces of a merge is a branch. With one, the merge is that "
        "branch; with none, there is no value to go on with. It comes about where an `if` or "
        "`repeat` inside yields nothing.",
        "net Example {\n  input 3x8x8\n  concat { }\n}\n",
        "net Example {\n  input 3x8x8\n  concat { identity; relu }\n}\n",
    ),
    Explanation(
        "unused-value",
        "a value is computed, and no output needs it",
        "Its layers cost weights and time, and change nothing. Often a flow goes on from an "
        "earlier value, `@label`, and a merge with this one was forgotten.",
        "net Example {\n  input 3x8x8\n  stem: relu\n  conv 8 3x3\n  @stem\n}\n",
        "net Example {\n  input 3x8x8\n  stem: relu\n  concat { conv 8 1x1; @stem }\n}\n",
        Severity.WARNING,
    ),
    Explanation(
        "training-only-value",
        "inference needs a value that exists in training only",
        "What an `output when=training` makes is left out at inference, such as GoogLeNet's "
        "auxiliary heads (Szegedy et al., arXiv:1409.4842). What the other outputs rest on must be "
        "there without it.",
        "net Example {\n  input 3x8x8\n  aux: output when=training { head: relu }\n"
        "  add { identity; @aux.head }\n}\n",
        "net Example {\n  input 3x8x8\n  head: relu\n"
        "  aux: output when=training { @head }\n  add { identity; @head }\n}\n",
    ),
)
