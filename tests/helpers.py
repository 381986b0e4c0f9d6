"""What tests of several rooms share: a text to its networks, without touching files."""

from __future__ import annotations

from netspec.analysis.assertions import check_assertions
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Elaboration, Request, elaborate
from netspec.graph.graph import Network
from netspec.graph.walk import FlatNode, flatten
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse


def elaborated(
    text: str,
    *,
    imports: dict[str, str] | None = None,
    requests: list[Request] | None = None,
    name: str = "test.net",
) -> tuple[Elaboration, list[Diagnostic]]:
    """The elaboration of a text, and all diagnostics: of syntax, elaboration and assertions."""
    sources = {path: SourceFile(path, body) for path, body in (imports or {}).items()}
    source = SourceFile(name, text)
    sources[name] = source
    file, syntax = parse(source)
    result = elaborate(
        file,
        lambda _, path: sources.get(path, Unreadable("there is no such file")),
        requests=requests,
    )
    return result, [*syntax, *result.diagnostics, *check_assertions(result)]


def network(text: str, net: str | None = None, **parameters: str) -> Network:
    """The one net of a text (or the one of that name), which must be free of errors."""
    requests = [Request(net, parameters)] if net is not None and parameters else None
    result, diagnostics = elaborated(text, requests=requests)
    errors = [(d.name, d.message, d.span) for d in diagnostics if d.severity is Severity.ERROR]
    assert not errors
    return result.networks[net] if net is not None else next(iter(result.networks.values()))


def errors(text: str, **options: object) -> list[str]:
    """The names of all diagnostics of a text, in the order of their places."""
    _, diagnostics = elaborated(text, **options)  # type: ignore[arg-type]
    return [d.name for d in diagnostics]


def layers(net: Network) -> list[FlatNode]:
    return [flat for flat in flatten(net).nodes if flat.node.op != "input"]


def paths(net: Network) -> list[str]:
    """The names of all layers, in execution order; merges have none."""
    return [flat.path for flat in layers(net) if flat.path]


def shapes(net: Network) -> list[str]:
    return [str(flat.node.shape) for flat in layers(net)]


def keys(net: Network) -> list[str]:
    """The names of all tensors, in execution order."""
    found = []
    for flat in layers(net):
        if flat.shares is None:
            for weight in flat.node.weights:
                found.append(f"{flat.path}.{weight.name}" if weight.name else flat.path)
    return found
