"""`resize` and `crop` to another value follow it when the module runs at another size."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from tests.backends.torch.written import made, noise

UP = """
block up(filters, skip) { conv_transpose filters 2x2 stride=2; concat { @skip; crop skip } }
net T {
  input 1x32x32
  conv 4 3x3 padding=1
  let skip = @
  maxpool 2x2 rounding=floor
  up 3 skip
  conv 2 3x3 stride=2 padding=1
  resize in
}
"""


@pytest.mark.parametrize("size", [32, 48])
def test_the_size_of_another_value_is_looked_up(size: int) -> None:
    # 4 channels of the skip and 3 upsampled go into 2, at half the size, and back to the input's.
    assert made(UP)(noise(1, 1, size, size)).shape == (1, 2, size, size)


def test_a_size_that_is_written_stays() -> None:
    module = made("net T { input 3x8x8; resize 5x7 }")
    x = noise(1, 3, 12, 12)
    expected = functional.interpolate(x, (5, 7), mode="bilinear", align_corners=False)
    assert torch.equal(module(x), expected)


def test_a_value_that_is_out_of_sight_leaves_its_size_of_now() -> None:
    """Inside of a repeat that stays a loop, the values around it are not at hand."""
    module = made(
        """
        block narrow(n) { maxpool 2x2; repeat n { conv 8 3x3; resize in; maxpool 2x2 } }
        net T { input 8x16x16; narrow 3 }
        """
    )
    # Each turn goes from 8x8 through 6x6 to the block's 16x16, and halves it.
    assert module(noise(1, 8, 16, 16)).shape == (1, 8, 8, 8)
