"""Says where most of a cost lies, in the words of a message.

Costs are counted in `cost`; what is too much is judged in `assertions` and `budget`.
"""

from __future__ import annotations

from netspec.analysis.cost import named_totals
from netspec.diagnostics import Remark, note
from netspec.graph.graph import Instance
from netspec.graph.size import Size


def largest_parts(instance: Instance, measure: str) -> list[Remark]:
    """A note that names the three largest parts; none where there is but one part."""
    parts = named_totals(instance, measure)
    if len(parts) < 2:
        return []
    largest = sorted(parts.items(), key=lambda item: -item[1])[:3]
    return [note(f"largest: {', '.join(f'{part} {figure(value)}' for part, value in largest)}")]


def figure(value: object) -> str:
    """A number as messages show it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, Size):
        from netspec.graph.notation import amount_text  # most checks have no open sizes

        return amount_text(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
