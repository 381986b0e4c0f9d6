"""The nets of one file as a catalogue lists them: ports and totals, no layers.

Which files there are is left to `zoo.names`, how the list is shown to `reports.zoo`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from netspec.analysis.cost import Totals, totals
from netspec.analysis.summary import ports
from netspec.diagnostics import Diagnostic
from netspec.elaborate import Reader, elaborate
from netspec.graph.shape import Shape
from netspec.record import record
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.zoo.papers import papers_of


@record
class Listed:
    """A net that ships. `family` is the name of its file, `outputs` are those at inference."""

    family: str
    net: str
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    totals: Totals
    papers: tuple[str, ...]

    @property
    def name(self) -> str:
        """As it stands after `zoo:`."""
        return self.net.lower()

    @property
    def spec(self) -> str:
        """Its file and itself, as the command line takes them."""
        return f"zoo:{self.family}::{self.net}"


def catalogue(
    family: str, source: SourceFile, reader: Reader, nets: Collection[str]
) -> tuple[list[Listed], list[Diagnostic]]:
    """Those of a file's nets that are asked for, without templates, and what is wrong with it.

    Asserts are not looked at: they need more than totals, and `check` does.
    """
    file, syntax = parse(source)
    elaboration = elaborate(file, reader)
    papers = papers_of(source.text)
    found = [
        Listed(family, name, *ports(network), totals(network), papers)
        for name, network in elaboration.networks.items()
        if name in nets
    ]
    return found, [*syntax, *elaboration.diagnostics]
