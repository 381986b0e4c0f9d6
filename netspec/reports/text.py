"""Diagnostics as text for people: the headline, the source line with the place underlined, remarks.

Which streams it goes to, and whether in colour, is left to `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netspec.diagnostics import Diagnostic, Severity
from netspec.reports.escape import cells
from netspec.reports.escape import escape as escaped
from netspec.source import Span

#: Columns of a source line that are shown; a longer line is cut around the place.
LINE_WIDTH = 120
#: Columns before the place that remain of a line that is cut.
LEAD = 40
CUT = "…"

_RESET = "\x1b[0m"
_STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "help": "\x1b[1;32m",
    "gutter": "\x1b[1;34m",
    "bold": "\x1b[1m",
}


#: Characters of one message; a name may be as long as a line of a spec.
MESSAGE_LENGTH = 400


def escape(text: str) -> str:
    """Fit for a terminal, its middle left out where it is very long."""
    shown = escaped(text)
    if len(shown) <= MESSAGE_LENGTH:
        return shown
    half = MESSAGE_LENGTH // 2
    return f"{shown[:half]} … {shown[-half:]}"


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """A diagnostic as lines of text, without a line end after the last.

    Remarks that point at another place come first, each with its own source line.
    """
    return "\n".join(_Renderer(diagnostic, color).lines())


def closing(diagnostics: Iterable[Diagnostic], files: int, nets: int, color: bool = False) -> str:
    """The line that sums a run up: `2 errors, 1 warning in 3 files`."""
    where = f"in {_count(files, 'file')}"
    parts = _counted(diagnostics, color)
    if not parts:
        return f"{styled('ok', 'help', color)}: {_count(nets, 'net')} {where}"
    return f"{', '.join(parts)} {where}"


def closing_counts(diagnostics: Iterable[Diagnostic]) -> str:
    """How many of each severity: `2 errors, 1 warning`."""
    return ", ".join(_counted(diagnostics, False))


def _counted(diagnostics: Iterable[Diagnostic], color: bool) -> list[str]:
    counts = {severity: 0 for severity in Severity}
    for d in diagnostics:
        counts[d.severity] += 1
    return [
        styled(_count(number, str(severity)), str(severity), color)
        for severity, number in counts.items()
        if number
    ]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def styled(text: str, style: str, color: bool) -> str:
    return f"{_STYLES[style]}{text}{_RESET}" if color else text


class _Renderer:
    def __init__(self, diagnostic: Diagnostic, color: bool) -> None:
        self.diagnostic = diagnostic
        self.color = color
        spans = [diagnostic.span, *(r.span for r in diagnostic.remarks if r.span is not None)]
        # Line numbers of all places stand in one column.
        self.gutter = max(2, *(len(str(span.line)) for span in spans))

    def lines(self) -> Iterator[str]:
        d = self.diagnostic
        severity = str(d.severity)
        head = self.styled(f"{severity}[{escape(d.name)}]", severity)
        yield f"{head}{self.styled(f': {escape(d.message)}', 'bold')}"
        yield from self.snippet(d.span, d.label, severity)
        if d.remarks:
            yield self.bar()
        for remark in d.remarks:
            if remark.span is not None:
                yield f"{self.styled(remark.kind, remark.kind)}: {escape(remark.message)}"
                yield from self.snippet(remark.span, remark.label, remark.kind)
        for remark in d.remarks:
            if remark.span is None:
                sign = self.styled(f"{' ' * self.gutter} =", "gutter")
                kind = self.styled(remark.kind, "bold")
                yield f"{sign} {kind}: {escape(remark.message)}"

    def styled(self, text: str, style: str) -> str:
        return styled(text, style, self.color)

    def bar(self) -> str:
        """Blanks for a line's number, and the bar that sets it apart."""
        return self.styled(f"{' ' * self.gutter} |", "gutter")

    def snippet(self, span: Span, label: str, style: str) -> Iterator[str]:
        return frame(span, label, self.gutter, self.color, style)


def frame(span: Span, label: str, gutter: int, color: bool, style: str = "note") -> Iterator[str]:
    """A place with its source line, underlined, and what the label says of it.

    Line numbers take `gutter` columns.
    """
    line, column = span.file.position(span.start)
    bar = styled(f"{' ' * gutter} |", "gutter", color)
    number = styled(f"{line:>{gutter}} |", "gutter", color)
    arrow = styled(f"{' ' * gutter}-->", "gutter", color)
    yield f"{arrow} {escape(span.file.name)}:{line}:{column}"
    yield bar
    text, before, marks = _excerpt(span, line, column)
    yield f"{number} {text}".rstrip()
    carets = f"{'^' * marks} {escape(label)}".rstrip()
    yield f"{bar} {' ' * before}{styled(carets, style, color)}"


def shortened(text: str) -> str:
    """As it is, its middle left out where it is very long; escaping is left to the caller."""
    if len(text) <= MESSAGE_LENGTH:
        return text
    half = MESSAGE_LENGTH // 2
    return f"{text[:half]} … {text[-half:]}"


def excerpt(span: Span) -> tuple[str, str, str]:
    """The line as shown: what stands before the place, the place itself, and what is after it."""
    line, column = span.file.position(span.start)
    shown, start, end, cut_left, cut_right = _cells_of(span, line, column)
    parts = (shown[:start], shown[start:end], shown[end:])
    before, marked, after = ("".join(character for character, _ in part) for part in parts)
    return f"{CUT * cut_left}{before}", marked, f"{after}{CUT * cut_right}"


def _excerpt(span: Span, line: int, column: int) -> tuple[str, int, int]:
    """The line as shown, the columns before the place, and how many the place takes.

    An empty one takes a column.
    """
    shown, start, end, cut_left, cut_right = _cells_of(span, line, column)
    before = sum(wide for _, wide in shown[:start]) + cut_left
    marks = max(1, sum(wide for _, wide in shown[start:end]))
    body = "".join(character for character, _ in shown)
    return f"{CUT * cut_left}{body}{CUT * cut_right}", before, marks


def _cells_of(
    span: Span, line: int, column: int
) -> tuple[list[tuple[str, int]], int, int, bool, bool]:
    """The characters of the line that are shown, from where to where the place goes among them, and
    whether the line is cut before and behind.

    A place of several lines is underlined to the end of its first one.
    """
    text = span.file.line(line)
    start = min(column - 1, len(text))
    end = min(column - 1 + (span.end - span.start), len(text))
    if span.end - span.start > len(text) - start:
        end = max(start, len(text.rstrip()))
    # Only the part of the line that can be shown is looked at.
    first = max(0, start - 4 * LINE_WIDTH)
    last = min(len(text), start + 4 * LINE_WIDTH)
    shown = cells(text[first:last])
    start, end = start - first, min(end, last) - first
    total = sum(wide for _, wide in shown)
    cut_left, cut_right = first > 0, last < len(text)
    if total > LINE_WIDTH or cut_left or cut_right:
        low, high = _window([wide for _, wide in shown], start, end)
        cut_left, cut_right = cut_left or low > 0, cut_right or high < len(shown)
        shown = shown[low:high]
        start, end = start - low, min(end, high) - low
    return shown, start, end, cut_left, cut_right


def _window(widths: list[int], start: int, end: int) -> tuple[int, int]:
    """The part of a line that is shown, as indices: some of what stands before, then the place."""
    total = sum(widths)
    if total <= LINE_WIDTH:
        return 0, len(widths)
    low, room = start, LEAD
    if sum(widths[:end]) <= LINE_WIDTH:
        low, room = 0, 0
    while low > 0 and room >= widths[low - 1]:
        low -= 1
        room -= widths[low]
    high, room = low, LINE_WIDTH
    while high < len(widths) and room >= widths[high]:
        room -= widths[high]
        high += 1
    return low, high
