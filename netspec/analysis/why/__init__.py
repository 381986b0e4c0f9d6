"""Why a value of a network is what it is: its arithmetic, its arguments, the way there.

The net is elaborated with someone watching, as no network keeps where its arguments were written.
"""

from netspec.analysis.why.answer import Argument, Link, Neighbour, Sum, Turn, Why
from netspec.analysis.why.ask import ALONE, Asked, ask

__all__ = ["ALONE", "Argument", "Asked", "Link", "Neighbour", "Sum", "Turn", "Why", "ask"]
