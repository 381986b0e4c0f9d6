"""Which statement asks for the conditions on symbolic sizes that come next.

What is asked is left to the rules of layers, and kept by `graph.size`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.elaborate.frame import Context
from netspec.elaborate.report import CALLED
from netspec.graph.size import Imposed
from netspec.source import Span

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def impose(
    expander: Expander, context: Context, span: Span, what: str = "", label: str | None = None
) -> None:
    """Say that it is this statement; `what` is its layer's or merge's word."""
    calls = tuple([site.span for site in expander.reporter.calls if site.words == CALLED])
    context.frame.conditions.imposing = Imposed(
        span, what, context.path(label or ""), calls, context.frame.prefix
    )
