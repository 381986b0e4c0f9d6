"""How a value shows itself in a notebook: by a report that is looked up when it is shown.

What it shows is left to `reports.notebook`, which the values themselves know nothing of.
"""

from __future__ import annotations


class Shown:
    """Something that notebooks show as HTML.

    Jupyter, VS Code, Colab and others ask a value for `_repr_html_`. Networks and diagnostics stand
    far below the reports, and no module of theirs may import one: the report's name is looked up
    here, as `netspec` looks up what is asked of it, and loaded when something is first shown.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        from importlib import import_module

        found: str = import_module("netspec.reports.notebook").html(self)
        return found
