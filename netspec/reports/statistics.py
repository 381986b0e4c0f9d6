"""How often each diagnostic was found, the most frequent first.

What is found is left to the stages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from netspec.diagnostics import Diagnostic
from netspec.reports.text import styled


def statistics(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """A line for each name: how many, whether fixes are among them, severity."""
    found = list(diagnostics)
    counts = Counter((d.name, d.severity) for d in found)
    fixable = Counter(d.name for d in found if d.fixes)
    if not counts:
        return "nothing found"
    width = max(len(f"{count:,}") for count in counts.values())
    names = max(len(name) for name, _ in counts)
    lines = []
    for (name, severity), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        fixes = f"{fixable[name]} with a fix" if fixable[name] else ""
        shown = styled(str(severity), str(severity), color)
        pad = " " * (len("warning") - len(str(severity)))
        lines.append(f"{count:>{width},}  {shown}{pad}  {name:<{names}}  {fixes}".rstrip())
    return "\n".join(lines)
