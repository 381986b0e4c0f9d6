"""What a counting convention is: for each layer, the terms that it counts there.

The tables themselves are left to the file of each source, adding up to `tally`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.record import record

#: What one layer comes to, for inputs of these shapes.
Amount = Callable[[OpNode, tuple[Shape, ...]], Dim]


@record
class Term:
    """One thing that is counted of a layer: `rule` in words, after the number of the thing.

    `part` tells several terms of a layer apart, such as its `bias`; "" for the layer itself.
    """

    rule: str
    amount: Amount
    part: str = ""


@record
class Convention:
    """A way to count, by the name under which it is asked for.

    `counts` says in a line what its figure is, `unit` in a word (`MACs`, `FLOPs`). `source` is
    where it is from, with the version whose figures it gives; `limits` are the cases in which a
    network written in another way gives another figure. A layer that `terms` lacks counts nothing.
    """

    name: str
    unit: str
    counts: str
    source: str
    terms: Mapping[str, tuple[Term, ...]]
    limits: tuple[str, ...] = ()


def each(layers: tuple[str, ...], *terms: Term) -> dict[str, tuple[Term, ...]]:
    """The same terms for several layers."""
    return dict.fromkeys(layers, terms)
