"""Chromium without a screen, and pages of networks open in it.

`NETSPEC_CHROMIUM` says where it is; else it is looked for on the path.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import netspec

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class Opened:
    """A page, and all that went wrong in it or that it asked for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.set_default_timeout(15_000)
        page.goto(path.as_uri())
        self.url = path.as_uri()

    def rows(self) -> list[str]:
        """The names in the table, from top to bottom."""
        return self.page.locator("#rows th .label").all_inner_texts()

    def column(self, place: int) -> list[str]:
        """The cells of a column, the name's being 1."""
        return self.page.locator(f"#rows tr > :nth-child({place})").all_inner_texts()

    def until(self, true: str) -> None:
        """Wait until an expression is true in the page.

        Asked again from here: what waits in the page (`wait_for_function`) evaluates a string
        there, which the page's policy of scripts refuses.
        """
        ends = time.monotonic() + 15
        while not self.page.evaluate(true):
            assert time.monotonic() < ends, f"never true: {true}"
            self.page.wait_for_timeout(20)

    def boxes(self) -> list[str]:
        """What the boxes of the graph say they are, in no order."""
        return [
            str(item.get_attribute("aria-label"))
            for item in self.page.locator("#canvas [role=treeitem]").all()
        ]


Opener = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("NETSPEC_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium: neither NETSPEC_CHROMIUM nor the path names one")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The page of a spec, written once."""
    folder = tmp_path_factory.mktemp("pages")
    made: dict[str, Path] = {}

    def write(spec: str) -> Path:
        if spec not in made:
            made[spec] = folder / f"{len(made)}.html"
            made[spec].write_text(str(netspec.draw(spec, format="html")), encoding="utf-8")
        return made[spec]

    return write


@pytest.fixture
def opened(browser: Browser, written: Callable[[str], Path]) -> Iterator[Opener]:
    """Open the page of a spec, or of a file; what is wrong with it is told at the end."""
    pages: list[Opened] = []

    def go(spec: str | Path, width: int = 1600, scheme: str = "light") -> Opened:
        page = browser.new_page(
            viewport={"width": width, "height": 1000},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        pages.append(Opened(page, spec if isinstance(spec, Path) else written(spec)))
        return pages[-1]

    yield go
    for found in pages:
        found.page.close()
        assert found.said == []
        assert set(found.asked) <= {found.url}
