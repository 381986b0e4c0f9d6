"""The comments of a spec as comments of the module: which belong to a statement, and their lines.

What speaks to tools, rules off a part or heads a table's columns is left out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from netspec.source import SourceFile, Span
from netspec.syntax.scan import scan

#: ruff's default, and `# `.
WIDTH = 88
#: Comments that tools obey: ours, Python's, linters' and formatters'.
_TOOLS = re.compile(
    r"\b(netspec|type|mypy|pyright|pyre|fmt|isort|ruff|yapf|flake8|pylint|black|pragma|coding)"
    r"\s*[:=]|noqa|nosec|-\*-",
    re.IGNORECASE,
)
#: Columns' names over a table of arguments: far from the `#`, or far apart.
_COLUMNS = re.compile(r" {4}|.*\S {3,}\S")
#: What stands before the first statement of a line.
_BEFORE = re.compile(r"\s*((output\b.*)?[^\s#;{}]*\s*:\s*)?")


class Remarks:
    """The comments of files, by the line that they are about."""

    def __init__(self) -> None:
        self._files: dict[SourceFile, dict[int, tuple[str, bool]]] = {}

    def of_item(self, span: Span) -> tuple[str, ...]:
        """The paragraphs above a block or net."""
        return self._paragraphs(self._above(span.file, span.line))

    def of_statement(self, span: Span) -> tuple[str, ...]:
        """The paragraphs above a statement and behind its line; those of the first of its line."""
        line, column = span.file.position(span.start)
        if _BEFORE.fullmatch(span.file.line(line)[: column - 1]) is None:
            return ()
        text, alone = self._comments(span.file).get(line, ("", True))
        behind = [] if alone else [text]
        return (*self._paragraphs(self._above(span.file, line)), *self._paragraphs(behind))

    def of_file(self, file: SourceFile) -> tuple[str, ...]:
        """The paragraphs that a file begins with, if they are about the whole of it."""
        comments = self._comments(file)
        line = 1
        while comments.get(line, ("", False))[1]:
            line += 1
        # What stands right above an item is about that.
        if line == 1 or file.line(line).strip():
            return ()
        return self._paragraphs([comments[n][0] for n in range(1, line)])

    def _comments(self, file: SourceFile) -> dict[int, tuple[str, bool]]:
        """For each line its comment, and whether there is nothing else."""
        if file not in self._files:
            found: dict[int, tuple[str, bool]] = {}
            for span in scan(file).comments:
                line, column = file.position(span.start)
                alone = not file.line(line)[: column - 1].strip("\ufeff \t")
                found[line] = (span.text.rstrip().lstrip("#!"), alone)
            self._files[file] = found
        return self._files[file]

    def _above(self, file: SourceFile, line: int) -> list[str]:
        comments = self._comments(file)
        first = line
        while comments.get(first - 1, ("", False))[1]:
            first -= 1
        return [comments[number][0] for number in range(first, line)]

    def _paragraphs(self, lines: list[str]) -> tuple[str, ...]:
        found: list[list[str]] = [[]]
        for line in lines:
            text = line.strip()
            if _TOOLS.search(text) or _COLUMNS.match(line):
                continue
            if text.startswith(("--", "==", "**")) or not any(map(str.isalnum, text)):
                found.append([])
            else:
                found[-1].append(text)
        return tuple(" ".join(paragraph) for paragraph in found if paragraph)


def comment_lines(paragraphs: tuple[str, ...], indent: int) -> Iterator[str]:
    """The paragraphs as comments, less the indent."""
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield "#"
        for line in _wrapped(paragraph, WIDTH - indent - 2):
            yield f"# {line}"


def docstring_lines(paragraphs: tuple[str, ...], indent: int) -> Iterator[str]:
    """The paragraphs as lines of a docstring, less the indent."""
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ""
        text = paragraph.replace("\\", "\\\\").replace('"""', "'''")
        yield from _wrapped(text, WIDTH - indent)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)
