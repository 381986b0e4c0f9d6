"""netspec's modules give what torchvision's give with the same weights, to the bit.

No difference is allowed for: every network comes down to the same operations in the same order.
"""

from __future__ import annotations

import pytest
import torch

from tests.parity.originals import ORIGINALS, original, outputs, weights
from tests.zoo.facts import SMALLEST, Entry, heavy_apart
from tests.zoo.tools import build

#: Spatial sizes that a family needs: its last pool has a fixed window, or its maps would vanish.
SIZES = {"inception_v3": (96, 96), "s3d": (16, 224, 224)}


def reduced(entry: Entry) -> tuple[int, ...]:
    """A smaller input: 64x64, in 3-D 8x32x32."""
    spatial = (64, 64) if len(entry.input) == 3 else (8, 32, 32)
    return entry.input[0], *SIZES.get(entry.file, spatial)


def compare(entry: Entry, size: tuple[int, ...]) -> None:
    theirs, module = original(entry), build(entry, "meta")
    theirs.load_state_dict(weights(theirs), strict=True, assign=True)
    module.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    x = torch.randn(1, *size, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        expected, found = outputs(theirs(x)), outputs(module(x))
    assert list(found) == list(expected) == list(entry.outputs)
    for name, value in expected.items():
        largest = value.abs().max()
        # Neither vanished nor overflown, and not the same everywhere: a difference would show.
        assert torch.isfinite(largest) and value.std() > 1e-3 * largest > 0, name
        assert torch.equal(found[name], value), (name, (found[name] - value).abs().max() / largest)


@pytest.mark.parametrize("entry", ORIGINALS, ids=str)
def test_outputs_at_a_reduced_size(entry: Entry) -> None:
    compare(entry, reduced(entry))


@pytest.mark.parametrize("entry", heavy_apart(e for e in SMALLEST if e.torchvision), ids=str)
def test_outputs_at_full_size(entry: Entry) -> None:
    compare(entry, entry.input)
