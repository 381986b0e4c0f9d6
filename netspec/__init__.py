"""netspec: a language for convolutional networks, checked before it runs.

The public API: `load`, `check`, `summarize`, `compare`, `to_torch`, `torch_source`,
`torch_names`, `to_onnx`, and the types that they take and return. What they do is left to the
modules that they are imported from, when they are first used.
"""

from __future__ import annotations

#: As `typing` has it, whose import takes longer than giving a kept answer.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from netspec.analysis.compare import Comparison
    from netspec.analysis.cost import Totals
    from netspec.analysis.sizes import Sizes
    from netspec.analysis.summary import LayerSummary, Summary
    from netspec.api.networks import SpecError, check, compare, load, summarize
    from netspec.api.questions import sizes
    from netspec.api.written import to_onnx, to_torch, torch_names, torch_source
    from netspec.diagnostics import Diagnostic, Severity
    from netspec.files import FileProblem
    from netspec.graph.graph import Network
    from netspec.graph.shape import Shape
    from netspec.session.draft import Draft

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Diagnostic",
    "Draft",
    "FileProblem",
    "LayerSummary",
    "Network",
    "Severity",
    "Shape",
    "Sizes",
    "SpecError",
    "Summary",
    "Totals",
    "__version__",
    "check",
    "compare",
    "load",
    "sizes",
    "summarize",
    "to_onnx",
    "to_torch",
    "torch_names",
    "torch_source",
]

_HOMES = {
    "Comparison": "netspec.analysis.compare",
    "Diagnostic": "netspec.diagnostics",
    "Draft": "netspec.session.draft",
    "FileProblem": "netspec.files",
    "LayerSummary": "netspec.analysis.summary",
    "Network": "netspec.graph.graph",
    "Severity": "netspec.diagnostics",
    "Shape": "netspec.graph.shape",
    "Sizes": "netspec.analysis.sizes",
    "SpecError": "netspec.api.networks",
    "Summary": "netspec.analysis.summary",
    "Totals": "netspec.analysis.cost",
    "check": "netspec.api.networks",
    "compare": "netspec.api.networks",
    "load": "netspec.api.networks",
    "sizes": "netspec.api.questions",
    "summarize": "netspec.api.networks",
    "to_onnx": "netspec.api.written",
    "to_torch": "netspec.api.written",
    "torch_names": "netspec.api.written",
    "torch_source": "netspec.api.written",
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
