"""netspec: a language for convolutional networks, checked before it runs.

The public API: `load`, `check`, `summarize`, `compare` and `Draft`; `to_torch`, `torch_source`,
`torch_names` and `to_onnx`, which write; `sizes`, `receptive_fields`, `memory`, `count`, `why`,
`what_if`, `sweep` and `draw`, which ask; and the types that they take and return. What they do is
left to the modules that they are imported from, when they are first used.
"""

from __future__ import annotations

#: As `typing` has it, whose import takes longer than giving a kept answer.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from netspec.analysis.compare import Comparison
    from netspec.analysis.cost import Totals
    from netspec.analysis.counting.tally import Count, NoSuchConvention
    from netspec.analysis.fields import AxisField, LayerField, ReceptiveFields
    from netspec.analysis.memory.question import Memory, OpenSizes
    from netspec.analysis.sizes import Sizes
    from netspec.analysis.summary import LayerSummary, Summary
    from netspec.analysis.sweep.result import Sweep, Variant
    from netspec.analysis.why import Why
    from netspec.api.count import count
    from netspec.api.draw import draw
    from netspec.api.field import receptive_fields
    from netspec.api.memory import memory
    from netspec.api.networks import SpecError, check, compare, load, summarize
    from netspec.api.sizes import sizes
    from netspec.api.sweep import SweepStopped, sweep
    from netspec.api.why import what_if, why
    from netspec.api.written import to_onnx, to_torch, torch_names, torch_source
    from netspec.diagnostics import Diagnostic, Severity
    from netspec.files import FileProblem
    from netspec.graph.graph import Network
    from netspec.graph.shape import Shape
    from netspec.graph.size import Condition, Conditions, Size
    from netspec.session.draft import Draft

__version__ = "0.1.0"

__all__ = [
    "AxisField",
    "Comparison",
    "Condition",
    "Conditions",
    "Count",
    "Diagnostic",
    "Draft",
    "FileProblem",
    "LayerField",
    "LayerSummary",
    "Memory",
    "Network",
    "NoSuchConvention",
    "OpenSizes",
    "ReceptiveFields",
    "Severity",
    "Shape",
    "Size",
    "Sizes",
    "SpecError",
    "Summary",
    "Sweep",
    "SweepStopped",
    "Totals",
    "Variant",
    "Why",
    "__version__",
    "check",
    "compare",
    "count",
    "draw",
    "load",
    "memory",
    "receptive_fields",
    "sizes",
    "summarize",
    "sweep",
    "to_onnx",
    "to_torch",
    "torch_names",
    "torch_source",
    "what_if",
    "why",
]

_HOMES = {
    "AxisField": "netspec.analysis.fields",
    "Comparison": "netspec.analysis.compare",
    "Condition": "netspec.graph.size",
    "Conditions": "netspec.graph.size",
    "Count": "netspec.analysis.counting.tally",
    "Diagnostic": "netspec.diagnostics",
    "Draft": "netspec.session.draft",
    "FileProblem": "netspec.files",
    "LayerField": "netspec.analysis.fields",
    "LayerSummary": "netspec.analysis.summary",
    "Memory": "netspec.analysis.memory.question",
    "Network": "netspec.graph.graph",
    "NoSuchConvention": "netspec.analysis.counting.tally",
    "OpenSizes": "netspec.analysis.memory.question",
    "ReceptiveFields": "netspec.analysis.fields",
    "Severity": "netspec.diagnostics",
    "Shape": "netspec.graph.shape",
    "Size": "netspec.graph.size",
    "Sizes": "netspec.analysis.sizes",
    "SpecError": "netspec.api.networks",
    "Summary": "netspec.analysis.summary",
    "Sweep": "netspec.analysis.sweep.result",
    "SweepStopped": "netspec.api.sweep",
    "Totals": "netspec.analysis.cost",
    "Variant": "netspec.analysis.sweep.result",
    "Why": "netspec.analysis.why",
    "check": "netspec.api.networks",
    "compare": "netspec.api.networks",
    "count": "netspec.api.count",
    "draw": "netspec.api.draw",
    "load": "netspec.api.networks",
    "memory": "netspec.api.memory",
    "receptive_fields": "netspec.api.field",
    "sizes": "netspec.api.sizes",
    "summarize": "netspec.api.networks",
    "sweep": "netspec.api.sweep",
    "to_onnx": "netspec.api.written",
    "to_torch": "netspec.api.written",
    "torch_names": "netspec.api.written",
    "torch_source": "netspec.api.written",
    "what_if": "netspec.api.why",
    "why": "netspec.api.why",
}


def __getattr__(name: str) -> object:
    """Import what is asked for: starting the command line needs none of it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'netspec' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
