"""pytest's plugin: collects `.net` files as tests, where it is asked to with `--netspec`.

One test a file, since mistakes are a file's: nets share blocks, and a template has no net of its
own. What is checked is left to `api`, which is imported when the first test runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from netspec.diagnostics import Diagnostic


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options, and `netspec = true` for a project's own configuration."""
    group = parser.getgroup("netspec", "netspec")
    group.addoption(
        "--netspec", action="store_true", help="collect .net files as tests that they check"
    )
    group.addoption(
        "--netspec-error-on-warning",
        action="store_true",
        help="let a .net file fail that has warnings alone",
    )
    parser.addini("netspec", "collect .net files as tests, as --netspec does", "bool", False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """Collects nothing unless asked: an installed plugin changes nobody's tests by itself."""
    config = parent.config
    if file_path.suffix != ".net" or not (config.getoption("netspec") or config.getini("netspec")):
        return None
    return SpecFile.from_parent(parent, path=file_path)


class Wrong(Exception):
    """A spec that fails; the message shows all that is wrong with it."""


class SpecFile(pytest.File):
    """A `.net` file."""

    def collect(self) -> Iterator[SpecItem]:
        yield SpecItem.from_parent(self, name="check")


class SpecItem(pytest.Item):
    """The check of a file. Warnings alone let it pass, and are shown with `-rP`."""

    def runtest(self) -> None:
        """Raises Wrong."""
        from netspec.api.networks import check
        from netspec.diagnostics import Severity
        from netspec.files import FileProblem

        try:
            found = check(self._shown())
        except FileProblem as problem:
            raise Wrong(str(problem)) from None
        if not found:
            return
        text = self._rendered(found)
        strict = bool(self.config.getoption("netspec_error_on_warning"))
        if strict or any(d.severity is Severity.ERROR for d in found):
            raise Wrong(text)
        self.add_report_section("call", "netspec", f"{text}\n")

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: str | None = None,
    ) -> str | TerminalRepr:
        """What is wrong with the spec, and no traceback; that is for faults of netspec's own."""
        if isinstance(excinfo.value, Wrong):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The headline of a failure."""
        return self.path, 0, f"netspec check {self._shown()}"

    def _shown(self) -> str:
        """The path as the user would type it, which diagnostics then show."""
        where = self.config.invocation_params.dir
        shown = self.path.relative_to(where) if self.path.is_relative_to(where) else self.path
        # A path that begins with `zoo:` would name what ships.
        return str(self.path if shown.parts[0].startswith("zoo:") else shown)

    def _rendered(self, diagnostics: Iterable[Diagnostic]) -> str:
        from netspec.reports.text import render

        color = self.config.get_terminal_writer().hasmarkup
        return "\n\n".join(render(d, color) for d in diagnostics)
