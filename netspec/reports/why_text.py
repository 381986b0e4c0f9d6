"""Why a value is what it is, for people at a terminal: sums, arguments with their places, the way.

What is said is found by `analysis.why`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netspec.analysis.why import Argument, Neighbour, Sum, Turn, Why
from netspec.reports.escape import escape
from netspec.reports.text import frame, styled
from netspec.source import Span

#: Neighbours that are listed.
MOST_NEIGHBOURS = 16
#: The widest arithmetic that remarks are lined up behind.
WIDTH = 60


def render(why: Why, color: bool = False) -> str:
    """The answer as lines of text, without a line end after the last."""
    return "\n".join(_lines(why, color))


def _lines(why: Why, color: bool) -> Iterator[str]:
    yield styled(escape(heading(why)), "bold", color)
    for note in why.notes:
        yield escape(note)
    whole = not why.rest
    sections = [
        ("shape", _sums(why.axes) if whole else []),
        ("tensors", _sums(why.tensors)),
        ("cost", _sums([s for s in (why.params, why.macs) if s is not None])),
        ("asked of sizes", [f"  {escape(text)}" for text in why.conditions] if whole else []),
        ("comes from", _neighbours(why.inputs) if whole else []),
        ("goes to", _neighbours(why.readers) if whole else []),
        ("way", list(_way(why.way))),
        ("arguments", list(_arguments(why.arguments, color))),
    ]
    if why.inside and whole:
        sections[0] = (f"shape, that of {why.inside}", sections[0][1])
    for title, lines in sections:
        if lines:
            yield ""
            yield styled(escape(title), "bold", color)
            yield from lines


def heading(why: Why) -> str:
    """What was asked for, and what it is."""
    output = "" if why.output is None else str(why.output)
    if why.rest and why.tensors:
        (tensor,) = why.tensors
        size = "1 element" if tensor.value == 1 else f"{tensor.value:,} elements"
        return f"{why.path} of {why.net}: a tensor of `{why.what}`, {size}"
    if why.rest:
        known = {argument.name: argument.value for argument in why.arguments}
        value = known.get(why.rest, "")
        return f"{why.path} of {why.net}: {value}, an argument of `{why.what}`"
    taken = ", ".join(str(neighbour.shape) for neighbour in why.inputs[:4])
    taken += ", …" if len(why.inputs) > 4 else ""
    flow = f"{taken} -> {output}" if taken and output else output
    return f"{why.path} of {why.net}: {why.what}" + (f", {flow}" if flow else "")


def _sums(sums: Iterable[Sum]) -> list[str]:
    rows = [(s.what, s.text, s.remark) for s in sums]
    first = max((len(what) for what, _, _ in rows), default=0)
    second = max((len(text) for _, text, remark in rows if remark), default=0)
    second = min(second, WIDTH)
    return [
        escape(f"  {what:<{first}}  {text:<{second}}  {remark}".rstrip())
        for what, text, remark in rows
    ]


def _neighbours(neighbours: Sequence[Neighbour]) -> list[str]:
    shown = neighbours[:MOST_NEIGHBOURS]
    rows = [(n.path, f"{n.what}, {n.use}" if n.use else n.what, n.shape) for n in shown]
    first = max((len(path) for path, _, _ in rows), default=0)
    second = max((len(what) for _, what, _ in rows), default=0)
    lines = [
        escape(f"  {path:<{first}}  {what:<{second}}  {shape}".rstrip())
        for path, what, shape in rows
    ]
    left = len(neighbours) - len(shown)
    return [*lines, f"  … and {left:,} more"] if left else lines


def _way(turns: Sequence[Turn]) -> Iterator[str]:
    """A tree: each turn is set in further than the one that it stands in."""
    texts = [f"{'  ' * (depth + 1)}{_turn(turn)}" for depth, turn in enumerate(turns)]
    width = min(max(map(len, texts), default=0), 2 * WIDTH)
    for text, turn in zip(texts, turns, strict=True):
        yield escape(f"{text:<{width}}  {place(turn.span)}")


def _turn(turn: Turn) -> str:
    text = turn.text
    if turn.path and not text.startswith(f"{turn.path}:"):
        text = f"{text}, as {turn.path}"
    return f"{text}, with {turn.shape}" if turn.shape is not None else text


def place(span: Span) -> str:
    """`resnet.net:28:17`."""
    line, column = span.file.position(span.start)
    return f"{span.file.name}:{line}:{column}"


def _arguments(arguments: Sequence[Argument], color: bool) -> Iterator[str]:
    """Each that was written, link by link; the layer's own defaults in a line of their own."""
    numbers = [link.span.line for argument in arguments for link in argument.links]
    gutter = max(2, *(len(str(number)) for number in numbers)) if numbers else 2
    seen: set[tuple[Span, str]] = set()
    own: list[Argument] = []
    first = True
    for argument in arguments:
        if not argument.links:
            own.append(argument)
            continue
        if not first:
            yield ""
        first = False
        yield escape(f"  {argument.name} = {argument.value}")
        for link in argument.links:
            if (link.span, link.how) in seen:
                yield escape(f"  {' ' * gutter} = {link.text}: {link.how}, as above")
                continue
            seen.add((link.span, link.how))
            yield f"  {escape(link.how)}"
            for line in frame(link.span, link.text, gutter, color):
                yield f"  {line}"
    for how in dict.fromkeys(argument.how for argument in own):
        each = ", ".join(f"{a.name} = {a.value}" for a in own if a.how == how)
        if not first:
            yield ""
        first = False
        yield escape(f"  {each}" + (f": {how}" if how else ""))
