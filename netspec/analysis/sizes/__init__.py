"""Which sizes of its input a net takes, and which layer rules out each other."""

from netspec.analysis.sizes.answer import AxisSizes, Loss, MadeFor, Place, RuledOut, Sizes, Tie
from netspec.analysis.sizes.question import Asking, CannotAsk, Failed, sizes_of
from netspec.graph.sets import SizeSet

__all__ = [
    "Asking",
    "AxisSizes",
    "CannotAsk",
    "Failed",
    "Loss",
    "MadeFor",
    "Place",
    "RuledOut",
    "SizeSet",
    "Sizes",
    "Tie",
    "sizes_of",
]
