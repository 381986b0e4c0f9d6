"""What a box says: what a layer is, in the language's words, with what people ask for first.

Where the words stand is left to the writers, and so is escaping for their formats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from netspec.graph.graph import OpNode
from netspec.graph.notation import amount_text
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.ops import OPS
from netspec.ops.wording import cube, written
from netspec.reports.escape import escape
from netspec.reports.rows import TIMES

if TYPE_CHECKING:
    from netspec.reports.drawing.model import Box

#: Optional arguments that stand in their place, and those that stand by name, but for a usual
#: value that is the default. What else may be left out is: a box has little room.
_PLACED = ("kernel", "p", "size", "stop")
_USUAL = ("1", "channels", "spatial")
_NAMED = ("stride", "dilation", "groups", "multiplier", "axis")
#: Attributes that layers keep under other names than their parameters have.
_KEPT_AS = {"to": "size"}


def described(node: OpNode, inputs: Sequence[Shape] = ()) -> str:
    """`conv 64 7x7 stride=2`: the layer as the language writes it, but for what may be left out.

    `inputs` are the shapes that it takes, of which some layers name axes.
    """
    found = [node.op]
    for parameter in OPS[node.op].parameters:
        name = parameter.name
        if name in _NAMED and not parameter.required:
            text = _argument(node, name, inputs)
            if text and not (text == str(parameter.default) in _USUAL):
                found.append(f"{name}={text}")
        elif parameter.required or name in _PLACED:
            text = _argument(node, name, inputs)
            found += [text] if text else []
    return " ".join(found)


def _argument(node: OpNode, name: str, inputs: Sequence[Shape]) -> str:
    """One argument of a layer; "" where it cannot be told."""
    if name == "axis":
        return _axes(node, inputs)
    if name == "amount":
        return _amount(node)
    value = node.attributes.get(_KEPT_AS.get(name, name))
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if not isinstance(value, tuple):
        return str(value)
    if name == "indices":
        return written(value)
    if name in ("scale", "stride", "dilation"):
        return cube(value)
    whole = all(isinstance(size, int) for size in value)
    if name == "to" and node.attributes["follows"] and not whole:
        return ""  # another value's sizes, which no one wrote
    return "x".join(map(str, value)) if whole else f"[{', '.join(map(str, value))}]"


def _axes(node: OpNode, inputs: Sequence[Shape]) -> str:
    """The axes that a layer is told: those of `mean` are gone from what it gives."""
    if "order" in node.attributes:
        return " ".join(node.shape.axes)
    places = node.attributes.get("axes", node.attributes.get("axis"))
    if isinstance(places, int):
        return node.shape.axes[places]
    if isinstance(places, tuple) and inputs:
        return " ".join(inputs[0].axes[place] for place in places)
    amounts = node.attributes.get("amount")
    if isinstance(amounts, tuple):
        # Several axes at once are spatial ones, and so is each that has an amount in a list of all.
        spatial = all(amounts[i] == (0, 0) for i in _others(node.shape))
        return "spatial" if spatial and node.shape.spatial else "channels"
    return ""


def _others(shape: Shape) -> list[int]:
    """The places of axes that are not spatial: the channels, where it has any."""
    return [i for i in range(shape.rank) if i not in shape.spatial]


def _amount(node: OpNode) -> str:
    """What a `pad` adds to its axes: a number, or one or two for each."""
    amounts = node.attributes["amount"]
    assert isinstance(amounts, tuple)
    pairs = [amounts[i] for i in node.shape.spatial]
    if _axes(node, ()) == "channels":
        pairs = [amounts[i] for i in _others(node.shape)]
    if len({side for pair in pairs for side in pair}) == 1:
        return str(pairs[0][0])
    sides = [str(a) if a == b else f"[{a}, {b}]" for a, b in pairs]
    return f"[{', '.join(sides)}]"


# --- what stands in a box ------------------------------------------------------------------------

#: Letters of a box's two lines.
NAME_LETTERS, DETAIL_LETTERS = 23, 26


def heading(box: Box) -> str:
    """The first line of a box: its name, or what it is where it has none."""
    return cut(box.name or box.detail, NAME_LETTERS - len(mark(box)))


def beneath(box: Box) -> str:
    """The second line: what it is, and what is special about it."""
    words = [box.detail] if box.name and box.kind not in ("merge", "port") else []
    return cut(" ".join([*words, *_special(box)]), DETAIL_LETTERS)


def _special(box: Box) -> list[str]:
    return ["(shared)"] * box.shared + ["(training)"] * box.training


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
    return amount_text(number)


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


def title(box: Box, letters: int = 60) -> str:
    """Over an open box."""
    words = [box.name, box.detail, mark(box), *_special(box)]
    return cut(" ".join(filter(None, words)), letters)
