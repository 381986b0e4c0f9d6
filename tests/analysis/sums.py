"""What `why` says, held to itself: sums come to what they say, links lead to what was written."""

from __future__ import annotations

import re

from netspec.analysis.why import Argument, Sum, Why
from netspec.graph.shape import Shape
from netspec.graph.size import Size
from netspec.reports import why_json, why_text


def evaluated(text: str, sizes: dict[str, int]) -> float:
    """Arithmetic as it is printed: `x` multiplies, symbols and floors are what they are there."""
    plain = text.replace(",", "").replace(" x ", " * ")
    plain = re.sub(r"(\d)([A-Z])", r"\1*\2", plain)
    assert re.fullmatch(r"[-+*/()0-9A-Z. a-z]*", plain), text
    return float(eval(plain, {"floor": lambda v: v // 1, "__builtins__": {}}, dict(sizes)))


def check_sum(one: Sum, sizes: dict[str, int]) -> None:
    """The left side comes to the right, and that, rounded as it says, to the value."""
    left, _, right = one.text.partition(" = ")
    value = one.value.evaluate(sizes) if isinstance(one.value, Size) else one.value
    if not right:
        assert evaluated(left, sizes) == value, one
        return
    exact, arrow, rounded = right.partition(" -> ")
    assert evaluated(rounded or exact, sizes) == value, one
    found = evaluated(left, sizes)
    if arrow:
        assert abs(found - evaluated(exact, sizes)) < 0.0051, one
        assert abs(found - value) < 1, one
        assert found != value, one
    else:
        assert found == value, one


def check(found: Why, shape: Shape | None, sizes: dict[str, int]) -> None:
    assert found.output == shape
    said = [axis for one in found.axes for axis in one.what.split(", ")]
    if shape is not None and found.axes:
        assert sorted(said) == sorted(shape.axes)
        of = {axis: one.value for one in found.axes for axis in one.what.split(", ")}
        assert tuple(of[axis] for axis in shape.axes) == shape.dims
    for one in (*found.axes, *found.tensors, found.params, found.macs):
        if one is not None:
            check_sum(one, sizes)
    for argument in found.arguments:
        check_argument(argument)
    assert found.way
    # A scope's way ends at its label, or at the repeat whose iterations it spans.
    ends = {"layer", "call", "inline", "label", "branch", "residual", "share", "output", "repeat"}
    assert found.way[-1].kind in {*ends, "net"}
    # Both forms can be written, whatever it is.
    assert why_text.render(found)
    assert "\x1b" not in why_text.render(found)
    assert why_json.render(found)


def check_argument(argument: Argument) -> None:
    """Every link shows a place of the text, and ends with what the next one begins with."""
    assert argument.links or argument.how or argument.value
    for link in argument.links:
        assert link.span.text
        assert link.how
