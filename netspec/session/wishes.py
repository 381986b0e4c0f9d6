"""What a command line or program asks for, above what the configuration says.

What comes of it is left to `run` and `projects`.
"""

from __future__ import annotations

from netspec.config import Settings
from netspec.config.model import matches_name
from netspec.diagnostics import Severity
from netspec.lint.runner import ALL, Choice
from netspec.record import record


@record
class Wishes:
    """What a command line or program asks for, above what the configuration says.

    `select` replaces the configured selection, `extend_select` adds to it, `ignore` takes from it;
    `config` is a configuration file for all files, `isolated` leaves every one out. `baseline` is
    a file of findings to be let be.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    config: str | None = None
    isolated: bool = False
    baseline: str | None = None

    def choice(self, settings: Settings, path: str) -> Choice:
        """Which rules run in a file, and how severe they are. What is named here wins.

        Where `select` is given, no severity that is configured turns on what it leaves out.
        """
        selected = settings.select if self.select is None else self.select
        named = {*(self.select or ()), *self.extend_select}
        here = settings.ignored_in(path)
        configured = (*settings.ignore, *here)
        # What is ignored in this file is so whatever its severity elsewhere.
        levels = {
            name: level if isinstance(level, Severity) else None
            for name, level in settings.severity.items()
            if not any(matches_name(pattern, name) for pattern in here)
        }
        return Choice(
            (*selected, *settings.extend_select, *self.extend_select),
            (*(name for name in configured if name not in named), *self.ignore),
            {
                name: level
                for name, level in levels.items()
                if not any(p == ALL or matches_name(p, name) for p in self.ignore)
                and not (level is None and name in named)
            },
            self.select is None,
        )
