"""The strategies: single layers, windows of all kinds, and whole networks.

About a third of what they draw cannot be. How a net is put together is left to `builder.py`.
"""

from __future__ import annotations

import torch
from hypothesis import strategies as st

from tests.property.arguments import Choices
from tests.property.builder import Builder, Place
from tests.property.nets import Apply, Net
from tests.property.oracle import Frame, Scope
from tests.property.values import Value


def _input(choices: Choices) -> tuple[int, ...]:
    """Channels and sizes of a map, now and then a vector; three axes are kept shorter."""
    rank = 0 if choices.chance(5) else choices.pick((2, 1, 3))
    sizes = tuple(choices.number(1, 12 if rank < 3 else 7) for _ in range(rank))
    return (choices.number(1, 12 if rank < 3 else 6), *sizes)


def _started(choices: Choices, dims: tuple[int, ...]) -> tuple[Builder, Frame, Value]:
    builder = Builder(choices)
    value = Value.plain(torch.zeros(1, *dims))
    return builder, Frame(value, Scope()), value


@st.composite
def single_layers(draw: st.DrawFn, word: str) -> Net:
    """One layer alone, half of the time with arguments drawn freely."""
    choices = Choices(draw)
    # A dense layer takes a vector, and a map only to be refused.
    vector = word == "dense" and choices.number(0, 2) < 2
    dims = (choices.number(1, 12),) if vector else _input(choices)
    builder, frame, value = _started(choices, dims)
    statement = builder.dressed(word, frame, value, Place(), choices.chance(50))
    return Net(dims, (), (statement,))


@st.composite
def windows(draw: st.DrawFn) -> Net:
    """One layer that slides a window, of any arguments."""
    choices = Choices(draw)
    dims = _input(choices)
    builder, frame, value = _started(choices, dims)
    word = choices.pick(("conv", "maxpool", "avgpool", "dwconv", "conv_transpose"))
    return Net(dims, (), (builder.dressed(word, frame, value, Place(), choices.chance(60)),))


@st.composite
def nets(draw: st.DrawFn, slips: int = 80) -> Net:
    """A whole network; `slips` of a hundred are drawn with slips, of which most cannot be."""
    choices = Choices(draw)
    dims = _input(choices)
    builder, frame, value = _started(choices, dims)
    place = Place(wild=choices.chance(slips))
    with torch.no_grad():
        statements, last = builder.sequence(frame, value, choices.number(1, 7), place)
        if last is not None and "channels" in last.axes and choices.chance(30):
            statements += (Apply("flatten"), Apply("dense", (choices.number(1, 10),)))
    return Net(dims, builder.used(statements), statements)
