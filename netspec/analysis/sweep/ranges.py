"""The values that a parameter goes through, as they are written: `32,64,96`, `2..5`, `16..256:*2`.

What a value means to a net is left to elaboration; how values are combined to `points`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from netspec import limits
from netspec.analysis.sweep.refused import Refused
from netspec.ops.values import shown
from netspec.record import record

_OPENING, _CLOSING = "([{", ")]}"

#: What an expression of the language is worth.
Evaluate = Callable[[str], object]


@record
class Steps:
    """Evenly spaced numbers: `start`, `start + step`, …; `count` of them, never listed."""

    start: Fraction
    step: Fraction
    count: int
    #: Whether the numbers are floats, as one of those written is.
    floats: bool

    def __getitem__(self, place: int) -> int | float:
        return _number(self.start + place * self.step, self.floats)


@record
class Axis:
    """One parameter, or input, and its values in order; `values` has them, or their rule.

    `ordered` where they are numbers that grow, so that between two of them lie others.
    """

    name: str
    is_input: bool
    values: Steps | tuple[object, ...]
    ordered: bool

    @property
    def count(self) -> int:
        return self.values.count if isinstance(self.values, Steps) else len(self.values)

    def value(self, place: int) -> object:
        """A number, bool or None; anything else is an `Expression`."""
        return self.values[place]

    def text(self, place: int) -> str:
        """The value as the language writes it."""
        return text_of(self.values[place])


@record
class Expression:
    """A value by the text that it is written as: a layer, a list, a word, dims."""

    text: str


def text_of(value: object) -> str:
    """A value as the language writes it."""
    return value.text if isinstance(value, Expression) else shown(value)


def plain(value: object) -> object:
    """A value for Python: the text of what is no number, bool or None."""
    return value.text if isinstance(value, Expression) else value


def parameter_axis(name: str, texts: Sequence[str], evaluate: Evaluate) -> Axis:
    """The values of a parameter, each once, in the order of the text. Raises Refused.

    `texts` are the parts between commas: expressions and ranges. `evaluate` raises what is to be
    said of an expression that is none.
    """
    if not texts:
        raise Refused(f"-p {name} has no values")
    parts = [_values(name, text, evaluate) for text in texts]
    if len(parts) == 1 and isinstance(parts[0], Steps):
        return Axis(name, False, parts[0], True)
    if sum(p.count if isinstance(p, Steps) else len(p) for p in parts) > limits.SWEEP_VARIANTS:
        raise Refused(
            f"-p {name} lists more than {limits.SWEEP_VARIANTS:,} values; a single range with "
            "--random N takes some of them"
        )
    found: dict[tuple[type, object], object] = {}
    for part in parts:
        listed = map(part.__getitem__, range(part.count)) if isinstance(part, Steps) else part
        for value in listed:
            found.setdefault((type(value), value), value)
    values = tuple(found.values())
    return Axis(name, False, values, _grows(values))


def input_axis(name: str, texts: Sequence[str]) -> Axis:
    """The sizes of an input, each once; "" is the only one."""
    values = dict.fromkeys(Expression(text) for text in texts)
    return Axis(name, True, tuple(values), False)


def parts_of(text: str) -> list[str]:
    """The parts of a text between commas that stand in no bracket and no string, without blanks
    around them."""
    cuts = [-1, *(at for at in _outside(text) if text[at] == ","), len(text)]
    return [text[a + 1 : b].strip() for a, b in pairwise(cuts)]


# --- ranges ---------------------------------------------------------------------------------------


def _values(name: str, text: str, evaluate: Evaluate) -> Steps | tuple[object, ...]:
    if not text:
        raise Refused(f"-p {name} has an empty place between its commas")
    bare = set(_outside(text))
    dots = [at for at in sorted(bare) if text.startswith("..", at) and at + 1 in bare]
    colons = [at for at in sorted(bare) if text[at] == ":"]
    if not dots:
        if colons:
            first, _, second = text.partition(":")
            raise Refused(
                f"-p {name}={text}: a range is written {first.strip()}..{second.strip()}, "
                "its step behind a colon: 32..128:32"
            )
        value = evaluate(text)
        kind = type(value)
        return (value if value is None or kind in (int, float, bool) else Expression(text),)
    first, last = text[: dots[0]], text[dots[0] + 2 :]
    if len(dots) > 1:
        raise Refused(
            f"-p {name}={text}: a range has two ends, its step stands behind a colon: 32..128:32"
        )
    step = "1"
    if colons:
        if len(colons) > 1 or colons[0] < dots[0]:
            raise Refused(
                f"-p {name}={text}: the step stands behind the range, once, as in 32..128:32"
            )
        last, step = text[dots[0] + 2 : colons[0]], text[colons[0] + 1 :]
    times = step.lstrip().startswith("*")
    written = (first, last, step.lstrip()[1:] if times else step)
    numbers: list[Fraction] = []
    floats = False
    for part in written:
        if not part.strip():
            raise Refused(
                f"-p {name}={text}: a range is written 2..5, with a step 32..128:32, or with a "
                "factor 16..256:*2"
            )
        number = evaluate(part.strip())
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise Refused(f"-p {name}={text}: the ends and steps of a range are numbers")
        floats = floats or isinstance(number, float)
        # The decimals as they are written: 0.1 .. 0.3 by 0.1 has three values.
        numbers.append(Fraction(shown(number)))
    start, end, by = numbers
    if start > end:
        raise Refused(f"-p {name}={text}: a range counts up, and {_show(start)} is above its end")
    if times:
        return _factors(name, text, start, end, by, floats)
    if by <= 0:
        raise Refused(f"-p {name}={text}: a step is above 0")
    return Steps(start, by, int((end - start) // by) + 1, floats)


def _factors(
    name: str, text: str, start: Fraction, end: Fraction, by: Fraction, floats: bool
) -> tuple[object, ...]:
    if by <= 1 or start <= 0:
        raise Refused(f"-p {name}={text}: a factor is above 1, and what it multiplies above 0")
    found: list[object] = []
    while start <= end:
        found.append(_number(start, floats))
        if len(found) > limits.SWEEP_VARIANTS:
            raise Refused(f"-p {name}={text} has more than {limits.SWEEP_VARIANTS:,} values")
        start *= by
        if start.denominator.bit_length() > 1024:
            raise Refused(f"-p {name}={text} has values finer than numbers are")
    return tuple(dict.fromkeys(found))


def _number(value: Fraction, floats: bool) -> int | float:
    """A whole number as one where none that is written is a float."""
    return int(value) if value.denominator == 1 and not floats else float(value)


def _show(value: Fraction) -> str:
    return shown(_number(value, False))


def _grows(values: Sequence[object]) -> bool:
    numbers = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return len(numbers) == len(values) and all(a < b for a, b in pairwise(numbers))


def _outside(text: str) -> Iterator[int]:
    """The places of characters that stand in no bracket and no string."""
    depth, string, at = 0, False, 0
    while at < len(text):
        character = text[at]
        if string:
            if character == "\\":
                at += 1
            string = character != '"'
        elif character == '"':
            string = True
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif not depth:
            yield at
        at += 1
