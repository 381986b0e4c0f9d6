"""What tests share: where the shipped specs and the recorded facts lie.

Oracles and helpers of one area are left to that area's folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def specs() -> Path:
    """The folder of shipped networks."""
    return ROOT / "specs"


@pytest.fixture(scope="session")
def truth() -> Path:
    """The folder of recorded facts."""
    return ROOT / "tests" / "truth"
