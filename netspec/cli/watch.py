"""`netspec check --watch`: checks again whenever a file changes.

What a check does is left to `cli.check`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.cli.console import Console
from netspec.files import FileProblem, watched

if TYPE_CHECKING:
    import argparse

#: Seconds between looks at the files.
PAUSE = 0.3


def watch(
    options: argparse.Namespace,
    console: Console,
    once: Callable[[argparse.Namespace, Console], int],
) -> int:
    """Check, and check again after each change, until interrupted."""
    others = [path for path in (options.config, options.baseline) if path is not None]
    while True:
        before = watched(options.paths, others)
        try:
            once(options, console)
        except FileProblem as problem:  # a file that is being edited, such as a baseline
            console.complain(str(problem))
        console.flush()
        what = "1 file" if len(before) == 1 else f"{len(before):,} files"
        console.remark(f"watching {what}; Ctrl-C ends it")
        while watched(options.paths, others) == before:
            time.sleep(PAUSE)
