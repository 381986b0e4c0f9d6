"""The words of the language, from where they are defined, and texts that lexers are tried on."""

from __future__ import annotations

import re
from pathlib import Path

from netspec.elaborate.functions import FUNCTIONS
from netspec.ops import OPS

ROOT = Path(__file__).resolve().parent.parent.parent
GRAMMAR = (ROOT / "grammar" / "netspec.lark").read_text(encoding="utf-8")

KEYWORDS = frozenset(re.findall(r'^_?[A-Z]+(?:\.\d+)?: "([a-z]+)"$', GRAMMAR, re.MULTILINE))
LAYERS = frozenset(OPS) - KEYWORDS
BUILTINS = frozenset(FUNCTIONS)


def texts() -> dict[str, str]:
    """Every shipped spec, and every example of the reference."""
    found = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "specs").glob("*.net"))
    }
    page = (ROOT / "grammar" / "REFERENCE.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```net\n(.*?)^```\n", page, re.MULTILINE | re.DOTALL)
    found |= {f"REFERENCE.md:{number}": text for number, text in enumerate(examples)}
    return found
