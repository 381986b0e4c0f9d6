"""Values as a notebook shows them: a fragment of HTML that needs nothing else, and no script.

Which file knows which value is said here; what the values hold is found by `analysis`.
"""

from __future__ import annotations

from netspec.analysis.compare import Comparison
from netspec.analysis.counting.tally import Count, Explanation
from netspec.analysis.fields import ReceptiveFields
from netspec.analysis.memory.question import Memory
from netspec.analysis.sizes import Sizes
from netspec.analysis.summary import Summary
from netspec.analysis.sweep.result import Sweep
from netspec.analysis.why import Why
from netspec.diagnostics import Diagnostic
from netspec.graph.graph import Network
from netspec.reports.notebook import (
    comparison,
    counting,
    diagnostic,
    field,
    memory,
    network,
    sizes,
    summary,
    sweep,
    why,
)
from netspec.reports.notebook.style import fragment


def html(value: object) -> str:
    """The fragment for a network, an answer to a question about one, a diagnostic or a list of
    them."""
    if isinstance(value, Network):
        return fragment(network.body(value))
    if isinstance(value, Summary):
        return fragment(summary.body(value))
    if isinstance(value, Comparison):
        return fragment(comparison.body(value))
    if isinstance(value, Count):
        return fragment(counting.body(value))
    if isinstance(value, Explanation):
        return fragment(counting.explanation(value))
    if isinstance(value, Why):
        return fragment(why.body(value))
    if isinstance(value, Memory):
        return fragment(memory.body(value))
    if isinstance(value, Sizes):
        return fragment(sizes.body(value))
    if isinstance(value, Sweep):
        return fragment(sweep.body(value))
    if isinstance(value, ReceptiveFields):
        return fragment(field.body(value))
    if isinstance(value, Diagnostic):
        return fragment(diagnostic.body(value))
    if isinstance(value, list):
        return fragment(diagnostic.bodies(value))
    raise TypeError(f"a notebook has no report for {type(value).__name__}")
