"""What the property tests share: a description checked by netspec, and how Hypothesis is to draw.

What is expected of it is left to the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from hypothesis import HealthCheck, Phase, settings

from netspec.diagnostics import Diagnostic
from netspec.elaborate import Elaboration, elaborate
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse
from tests.property.nets import Net, render

#: A failing net is printed as it was drawn. `Phase.shrink` finds a smaller one, in minutes.
PHASES = (Phase.generate,)


def quick(examples: int) -> settings:
    """The same nets in every run; to look for new ones, raise the number."""
    return settings(
        max_examples=examples,
        phases=PHASES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def checked(
    net: Net, letters: tuple[str, ...] | None = None
) -> tuple[Elaboration, list[Diagnostic]]:
    """The elaboration of the net's text, and the errors; with letters for its spatial sizes."""
    file, syntax = parse(SourceFile("toy.net", render(net, letters)))
    result = elaborate(file, lambda _, path: Unreadable("no such file"), requests=None)
    return result, [d for d in (*syntax, *result.diagnostics) if d.severity == "error"]


@contextmanager
def small_tensors() -> Iterator[None]:
    """One thread, and no oneDNN: it prepares each new shape for longer than it computes here."""
    threads, enabled = torch.get_num_threads(), bool(torch.backends.mkldnn.enabled)
    torch.set_num_threads(1)
    torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
    try:
        with torch.no_grad():
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.mkldnn.enabled = enabled  # type: ignore[assignment]
