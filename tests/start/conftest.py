"""A folder with a spec, and what runs in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.start.tools import WARNING, Runs


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    folder = tmp_path / "above" / "project"
    folder.mkdir(parents=True)
    (folder / "a.net").write_text(WARNING)
    return Runs(folder, tmp_path / "cache", tmp_path / "told")
