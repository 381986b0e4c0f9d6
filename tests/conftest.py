"""What tests share: where the shipped specs and the recorded facts lie.

Oracles and helpers of one area are left to that area's folder.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# How long one example takes says something about the machine, which other work may share.
settings.register_profile("netspec", deadline=None)
settings.load_profile("netspec")

# One process of the tests for each core: threads of PyTorch's own would wait for each other, which
# makes its small networks take four times as long. Set before torch is imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A frozen record then refuses what the type checker would; set before netspec is imported.
os.environ.setdefault("NETSPEC_GUARD_RECORDS", "1")

# No test reads what the user's own netspec keeps, or adds to it; nor does a process of a test.
_KEPT = tempfile.TemporaryDirectory(prefix="netspec-kept-")
os.environ["NETSPEC_CACHE_DIR"] = _KEPT.name

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def specs() -> Path:
    """The folder of shipped networks."""
    return ROOT / "specs"


@pytest.fixture(scope="session")
def truth() -> Path:
    """The folder of recorded facts."""
    return ROOT / "tests" / "truth"
