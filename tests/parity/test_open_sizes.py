"""A net whose condition comes after the layers that it is about: its forms, PyTorch and ONNX.

Of the shapes of strided convolutions floors are all that is known, until the sum at the end asks
that 4 divide the size.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

import netspec
from netspec.analysis.cost import totals
from netspec.graph.size import Size

TEXT = """
block down(filters) { conv filters 3x3 stride=2 padding=1; relu }
block inner() { crop [in.height - 2, in.width]; pad [[1, 1], 0] }
net Refine {
  input 3xHxW
  add {
    {
      down 8
      down 8
      inner
      conv_transpose 8 2x2 stride=2
      conv_transpose 3 2x2 stride=2
    }
    identity
  }
}
"""


@pytest.fixture
def net(tmp_path: Path) -> netspec.Network:
    path = tmp_path / "refine.net"
    path.write_text(TEXT)
    return netspec.load(path)


def test_what_a_later_condition_makes_exact_has_no_floors(net: netspec.Network) -> None:
    found = netspec.summarize(net)
    assert [str(layer.output) for layer in found.layers] == [
        "8 x H/2 x W/2",
        "8 x H/2 x W/2",
        "8 x H/4 x W/4",
        "8 x H/4 x W/4",
        "8 x (H/4 - 2) x W/4",
        "8 x H/4 x W/4",
        "8 x H/2 x W/2",
        "3 x H x W",
        "3 x H x W",
    ]
    # The middle is floor((H + 3)/4) - 2 rows, one at least.
    assert found.conditions == ("H % 4 == 0", "H >= 9", "W % 4 == 0")
    # 3*8*9 on a quarter, 8*8*9 on a sixteenth, 8*8 on a quarter (each output of a transposed
    # convolution of stride 2 and kernel 2 reads one position), 8*3 on the whole: 54 + 36 + 16 + 24.
    assert str(Size.of(totals(net).macs)) == "130*H*W"


def test_torch_and_onnx_run_at_sizes_that_fit(net: netspec.Network, tmp_path: Path) -> None:
    assert "x.shape[2] - 2" in netspec.torch_source(net)
    model = netspec.to_torch(net).eval()
    netspec.to_onnx(net, weights=model.state_dict()).save_to(tmp_path / "refine.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "refine.onnx")
    (given,), (taken,) = session.get_inputs(), session.get_outputs()
    assert taken.shape == given.shape == ["N", 3, "H", "W"]
    for height, width in ((12, 4), (16, 20), (28, 12)):
        x = torch.randn(2, 3, height, width)
        expected = model(x).detach().numpy()
        assert expected.shape == (2, 3, height, width)
        (found,) = session.run(None, {given.name: x.numpy()})
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(RuntimeError):
        model(torch.randn(1, 3, 14, 16))  # 14 comes back as 16
