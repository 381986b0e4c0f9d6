"""What a network costs as each tool counts it, for Python programs.

What is counted is left to `analysis.counting`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis.counting import tally
from netspec.api.arguments import Path, text
from netspec.api.networks import network_of
from netspec.graph.graph import Network


def count(
    spec: Path | Network,
    convention: str = "macs",
    *,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> tally.Count:
    """A network counted as a convention does, for one example at inference: its terms and total.

    Conventions are `macs` and `flops`, the language's own measures; `flopcounter` (torch's
    FlopCounterMode), `fvcore`, `ptflops`, `ptflops-pytorch` (its default backend), `thop` and
    `torchinfo`, which give the figures of those tools; and `paper`. `one.beside(other)` says what
    sets two counts apart, term by term. Parameters are as those of `summarize`.

    Raises what `load` raises, and NoSuchConvention (see `analysis.counting.tally`).
    """
    known = tally.convention_named(text("convention", convention, '"thop"'))
    return tally.count(network_of(spec, parameters, named), known)
