"""What a box says: what a layer is, in the language's words, with what people ask for first.

Where the words stand is left to the writers, and so is escaping for their formats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.reports.escape import escape
from netspec.reports.rows import TIMES

if TYPE_CHECKING:
    from netspec.reports.drawing.model import Box

#: Attributes that stand without their names, in this order.
_PLAIN = ("filters", "units", "kernel", "factor", "size", "dims", "p")
#: Attributes that stand with their names where they are not 1.
_NAMED = ("stride", "dilation", "groups")


def described(node: OpNode) -> str:
    """`conv 64 7x7 stride=2`: the layer with its kernel, stride and the like."""
    found = [node.op]
    depthwise = node.op == "dwconv"
    for name in _PLAIN:
        if name in node.attributes and not (depthwise and name == "filters"):
            text = _number(node.attributes[name], spread=name == "kernel")
            found += [text] if text else []
    for name in _NAMED:
        text = _number(node.attributes.get(name))
        if text and text != "1" and not (depthwise and name == "groups"):
            found.append(f"{name}={text}")
    return " ".join(found)


def _number(value: object, *, spread: bool = False) -> str:
    """A number, or one for each axis; the same for all axes is one number, unless `spread`."""
    if isinstance(value, Shape):
        return str(value)
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, tuple):
        parts = [_number(part) for part in value]
        if not all(parts) or any("," in part for part in parts):
            return ""
        return parts[0] if parts and not spread and len(set(parts)) == 1 else "x".join(parts)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if isinstance(value, str) else str(value)


# --- what stands in a box ------------------------------------------------------------------------

#: Letters of a box's two lines.
NAME_LETTERS, DETAIL_LETTERS = 23, 26


def heading(box: Box) -> str:
    """The first line of a box: its name, or what it is where it has none."""
    return cut(box.name or box.detail, NAME_LETTERS - len(mark(box)))


def beneath(box: Box) -> str:
    """The second line: what it is, and what is special about it."""
    words = [box.detail] if box.name and box.kind not in ("merge", "port") else []
    words += ["(shared)"] if box.shared else []
    words += ["(training)"] if box.training else []
    return cut(" ".join(words), DETAIL_LETTERS)


def mark(box: Box) -> str:
    """How often it runs, for a box that stands for several runs."""
    return f"{TIMES}{box.times:,}" if box.times != 1 else ""


def cut(text: str, letters: int) -> str:
    """Text as it may be shown, cut where it is longer."""
    text = escape(text)
    return text if len(text) <= letters else f"{text[: max(letters - 1, 0)]}…"


def told(box: Box) -> str:
    """A box in one line, for those who do not see it, and for who points at it."""
    parts = [box.path or box.name or box.word]
    parts += [box.detail] if box.detail and box.detail != parts[0] else []
    parts += [mark(box)] if mark(box) else []
    parts.append(f"gives {cut(str(box.shape), 100)}")
    parts += [f"{box.totals.params:,} parameters"] if box.totals.params else []
    parts += [f"{cut(amount(box.totals.macs), 100)} MACs"] if box.totals.macs != 0 else []
    parts += ["shared weights"] if box.shared else []
    parts += ["in training only"] if box.training else []
    return escape(", ".join(parts))


def amount(number: Dim) -> str:
    """A number with its thousands apart, or an expression over symbolic sizes."""
    return f"{number:,}" if isinstance(number, int) else str(number)


def share_of_widest(box: Box, most: int) -> float | None:
    """How wide the bar of a box's channels is beside the widest: the root of their ratio, up to 1.

    None where channels are not known.
    """
    channels = _channels(box)
    return None if channels is None or most < 1 else math.sqrt(min(channels / most, 1))


def widest(boxes: Iterable[Box]) -> int:
    """The most channels of any feature map, or of any vector where there are no maps; 0 for none.

    A vector that a map is flattened to would leave nothing to be seen of the others.
    """
    known = [(box.shape.rank > 1, _channels(box) or 0) for box in boxes]
    return max(known, default=(False, 0))[1]


def _channels(box: Box) -> int | None:
    if "channels" not in box.shape.axes:
        return None
    channels = box.shape.channels
    return channels if isinstance(channels, int) else None


def title(box: Box) -> str:
    """Over an open box, in formats that lay boxes out themselves."""
    return cut(" ".join(filter(None, (box.name, box.detail, mark(box)))), 60)
