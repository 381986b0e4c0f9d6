"""The surroundings of processes that tests start."""

from __future__ import annotations

import os
import sys


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a process that is on no CI, and imports what the tests can import."""
    plain = {name: value for name, value in os.environ.items() if name not in _CI}
    path = os.pathsep.join(place for place in sys.path if place)
    return {**plain, "PYTHONPATH": path, **more}


_CI = ("CI", "GITHUB_ACTIONS")
