"""Why a size does not fit, as arithmetic: `(224 - 11) / 4 + 1 = 54.25`.

Which layer says so is left to `judge`, the layout to `reports`.
"""

from __future__ import annotations

from fractions import Fraction

from netspec.graph.solve import Variable
from netspec.ops import window as arithmetic
from netspec.ops.survey import Asked, Slid
from netspec.ops.window import Window


def why(asked: Asked, variable: Variable, n: int) -> str:
    """What is asked, in the numbers of a size that does not meet it."""
    left, right = variable.value(asked.left, n), variable.value(asked.right, n)
    if asked.weights:
        return f"{number(left)} channels come in, and its weights are made for {number(right)}"
    if asked.slid is not None:
        return _window(asked, asked.slid, variable, n)
    if asked.test == "equal":
        return f"{number(left)} is not {number(right)}"
    if asked.test == "at-least":
        return f"{number(left)} is less than {number(right)}"
    rest = f"{number(left)} % {asked.by} = {number(left % asked.by)}"
    return rest if right == 0 else f"{rest}, more than {number(right)}"


def _window(asked: Asked, slid: Slid, variable: Variable, n: int) -> str:
    w = slid.window
    size = slid.size if isinstance(slid.size, int) else int(variable.value(slid.size, n))
    free = size + w.before + w.after - w.extent
    if asked.test == "at-least":
        if free < 0:
            return f"{size}{padding(w)} - {w.extent} = {free}, the kernel is larger than its input"
        return f"the last window would begin behind an input of {size}"
    formula = f"({size}{padding(w)} - {w.extent}) / {w.stride} + 1"
    return f"{formula} = {free / w.stride + 1:.2f}, {arithmetic.unread(size, w)} of {size} unread"


def padding(window: Window) -> str:
    """What the padding adds to a size: ` + 2*3`, ` + 0 + 1`, or nothing."""
    if window.before == window.after:
        return f" + 2*{window.before}" if window.before else ""
    return f" + {window.before} + {window.after}"


def number(value: Fraction | int) -> str:
    value = Fraction(value)
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.2f}"


def relation(asked: Asked) -> str:
    """What is asked, in symbols."""
    if asked.test == "equal":
        return f"{asked.left} == {asked.right}"
    if asked.test == "at-least":
        return f"{asked.left} >= {asked.right}"
    sign = "== 0" if not asked.right.terms else f"<= {asked.right}"
    left = str(asked.left)
    return f"{f'({left})' if len(asked.left.terms) > 1 else left} % {asked.by} {sign}"
