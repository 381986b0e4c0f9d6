"""How layers begin and what stands straight behind them, for rules on how large weights are.

Which statement holds for a layer is found in `analysis/initialisation.py`, what is an opinion is
left to the rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec import limits
from netspec.analysis.initialisation import Choice, choices
from netspec.graph.graph import Network
from netspec.graph.initial import DRAWN
from netspec.graph.walk import Flat, flatten
from netspec.lint.subject import DROPOUTS, Subject
from netspec.record import record
from netspec.syntax import tree

#: What changes the size of a signal little.
PASSING = DROPOUTS | {"maxpool", "avgpool", "flatten", "identity"}


@record
class Beginning:
    """A layer of a network whose weights an `init` draws; `behind` are the layers it feeds."""

    network: Network
    path: str
    choice: Choice
    behind: frozenset[str]

    @property
    def statement(self) -> tree.Init:
        return self.choice.of.statement


def beginnings(subject: Subject) -> Iterator[Beginning]:
    """The layers that the `init` statements of this file hold for, in the order of execution.

    Networks that are too large to be looked through layer by layer are left out.
    """
    if not any(True for _ in subject.nodes(tree.Init)):
        return
    for network in subject.networks:
        if network.root.size > limits.INITIALISED_LAYERS:
            continue
        chosen = choices(network)
        if not chosen:
            continue
        flat = flatten(network)
        behind = _behind(flat)
        for layer in flat.nodes:
            choice = chosen.get(layer.path)
            if choice is None or layer.node.op not in DRAWN:
                continue
            if subject.own(choice.of.statement.span):
                yield Beginning(network, layer.path, choice, behind[layer.index])


def _behind(flat: Flat) -> dict[int, frozenset[str]]:
    """For each value the kinds of layers that take it, those that only pass it on looked through.

    "" stands for an output of the network.
    """
    found: dict[int, set[str]] = {layer.index: set() for layer in flat.nodes}
    for _, index, _ in flat.outputs:
        found[index].add("")
    for layer in reversed(flat.nodes):
        through = layer.node.op in PASSING
        for taken in layer.inputs:
            found[taken] |= found[layer.index] if through else {layer.node.op}
    return {index: frozenset(ops) for index, ops in found.items()}
