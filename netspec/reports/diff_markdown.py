"""A comparison of two networks as a comment on a pull request, in GitHub's Markdown.

What changed is found by `analysis.compare`, the lines of the details are those of `diff_text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netspec.analysis.compare import Comparison
from netspec.analysis.loading import Verdict
from netspec.graph.notation import amount_text
from netspec.reports.diff_text import (
    VERDICTS,
    change,
    figures,
    layer_lines,
    port_lines,
    weight_lines,
)
from netspec.reports.escape import escape
from netspec.reports.zoo import markdown_row

#: Hidden in the comment, for those who look for the one to replace.
MARK = "<!-- netspec diff -->"
_SIGNS = {
    Verdict.STRICT: ":white_check_mark:",
    Verdict.LOOSE: ":warning:",
    Verdict.FAILS: ":x:",
}


def render(
    comparisons: Sequence[Comparison], added: Sequence[str] = (), removed: Sequence[str] = ()
) -> str:
    """A section for each net in which something differs, then the others by name."""
    blocks = [MARK]
    for comparison in comparisons:
        if not comparison.same:
            blocks += _section(comparison)
    same = [comparison.new.net for comparison in comparisons if comparison.same]
    for word, nets in (("Added", added), ("Removed", removed), ("The same", same)):
        if nets:
            blocks.append(f"{word}: {', '.join(map(code, nets))}.")
    return "\n\n".join(blocks)


def _section(comparison: Comparison) -> Iterator[str]:
    old, new = comparison.old.net, comparison.new.net
    yield f"### {code(old)}" if old == new else f"### {code(old)} \N{RIGHTWARDS ARROW} {code(new)}"
    rows = [("", "old", "new", "change"), ("---", "--:", "--:", "--:")]
    rows += [
        (word, _cell(amount_text(before)), _cell(amount_text(after)), change(before, after))
        for word, before, after in figures(comparison)
    ]
    yield "\n".join(map(markdown_row, rows))
    verdict = comparison.weights.verdict
    points = [f"{_SIGNS[verdict]} Old weights {VERDICTS[verdict]}."]
    points += [code(line) for line in port_lines(comparison)]
    yield "\n".join(f"- {point}" for point in points)
    for lines in (list(layer_lines(comparison)), list(weight_lines(comparison))):
        if len(lines) > 1:
            # The first line is the heading.
            heading = lines[0][0].upper() + lines[0][1:]
            yield f"<details>\n<summary>{_html(heading)}</summary>"
            yield _block(lines[1:])
            yield "</details>"


def code(text: str) -> str:
    """A text as it is, in a line."""
    plain = escape(text)
    fence = "`" * (_longest_run(plain) + 1)
    blank = " " if "`" in plain else ""
    return f"{fence}{blank}{plain}{blank}{fence}"


def _block(lines: Sequence[str]) -> str:
    """Lines as they are, in a fence longer than any in them."""
    plain = [escape(line) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, plain)))
    return "\n".join([f"{fence}text", *plain, fence])


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _html(text: str) -> str:
    escaped = escape(text)
    for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
        escaped = escaped.replace(character, entity)
    return escaped


def _cell(text: str) -> str:
    """In a table, where an expression may hold what Markdown takes for emphasis."""
    return text if re.fullmatch(r"[\d,]+", text) else code(text).replace("|", "\\|")
