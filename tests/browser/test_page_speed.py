"""How long pages of large networks take to open, against those of small ones."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener

pytestmark = pytest.mark.slow


def test_large_networks_take_no_longer_than_they_are_larger(opened: Opener) -> None:
    """Against VGG-16, box by box: no absolute time, which says more of the machine."""

    def drawn(spec: str) -> tuple[float, float, int]:
        """Opening the page, and every box, the better of two; and how many boxes there are."""
        best = [1e9, 1e9]
        for _ in range(2):
            shown = opened(spec)
            first = shown.page.evaluate("performance.getEntriesByName('drawn')[0].duration")
            full = shown.page.evaluate(
                """() => {
                  const began = performance.now();
                  document.getElementById("open-all").click();
                  document.body.getBoundingClientRect();
                  return performance.now() - began;
                }"""
            )
            best = [min(best[0], first), min(best[1], full)]
        return best[0], best[1], len(shown.rows())

    small_first, small_full, small = drawn("zoo:vgg16")
    for spec in ("zoo:resnet152", "zoo:densenet201"):
        first, full, boxes = drawn(spec)
        # A page opens folded: what is within costs little until it is opened.
        assert first < 8 * max(small_first, 5)
        assert full < 8 * max(small_full, 5) * boxes / small
