"""`netspec check --watch`: checks again whenever a file changes.

What a check does is left to `cli.check`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from netspec.cli.console import Console
from netspec.files import watched

#: Seconds between looks at the files.
PAUSE = 0.3


def watch(
    options: argparse.Namespace,
    console: Console,
    once: Callable[[argparse.Namespace, Console], int],
) -> int:
    """Check, and check again after each change, until interrupted."""
    while True:
        before = watched(options.paths)
        once(options, console)
        console.flush()
        what = "1 file" if len(before) == 1 else f"{len(before):,} files"
        console.remark(f"watching {what}; Ctrl-C ends it")
        while watched(options.paths) == before:
            time.sleep(PAUSE)
