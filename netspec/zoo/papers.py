"""The papers that a shipped spec is written after, as the comment at its head cites them.

Which specs there are is left to `names`.
"""

from __future__ import annotations

import re

_TITLE = re.compile(r'"([^"]+)"')
_ARXIV = re.compile(r"\barXiv:\d{4}\.\d{4,5}\b")
_TO_THE_YEAR = re.compile(r"\A[^;]*?\b(?:19|20)\d\d\b")


def papers_of(text: str) -> tuple[str, ...]:
    """Each paper of the first paragraph of comment: its quoted title, and where it appeared.

    `# ResNet. He et al., "Deep Residual Learning", arXiv:1512.03385, table 1` gives
    `"Deep Residual Learning", arXiv:1512.03385`; without a number of arXiv's, what follows the
    title up to the year stands in its place. A title followed by neither is no paper.
    """
    head = _first_paragraph(text)
    titles = list(_TITLE.finditer(head))
    ends = [*(title.start() for title in titles), len(head)][1:]
    found = []
    for title, end in zip(titles, ends, strict=True):
        after = head[title.end() : end]
        arxiv, dated = _ARXIV.search(after), _TO_THE_YEAR.search(after)
        where = arxiv or dated
        if where is not None:
            found.append(f"{title[0]}, {where[0].lstrip(', ')}")
    return tuple(found)


def _first_paragraph(text: str) -> str:
    """The comment that a text begins with, its lines joined, up to a line without one."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#") or line.strip("# \t") == "":
            break
        lines.append(line.lstrip("#").strip())
    return " ".join(lines)
