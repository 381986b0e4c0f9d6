"""Puts the parser's automaton into the wheel, so that an installed netspec need not compute it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AutomatonHook(BuildHookInterface):  # type: ignore[misc]  # hatchling has no types here
    """Computes it from the grammar of the tree that the wheel is built from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            # The grammar may change under an editable installation, which computes its own.
            return
        sys.path.insert(0, self.root)
        try:
            from netspec.resources import grammar_text
            from netspec.syntax import tables
            from netspec.syntax.parser import computed

            text = tables.dump(computed(), grammar_text())
        finally:
            sys.path.remove(self.root)
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name, "automaton.py")
        path.write_text(text, encoding="utf-8")
        build_data["force_include"][str(path)] = "netspec/syntax/automaton.py"

    def finalize(self, version: str, build_data: dict[str, Any], artifact: str) -> None:
        if version != "editable":
            self._folder.cleanup()
