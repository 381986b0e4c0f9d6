"""A process that writes weights holds a small part of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Runs a command and prints the most memory its process held, in KiB.
MEASURED = """
import sys
from netspec.cli import main
code = main(sys.argv[1:])
status = open("/proc/self/status").read()
print(status.partition("VmHWM:")[2].split()[0])
sys.exit(code)
"""

pytestmark = pytest.mark.skipif(
    not os.path.exists("/proc/self/status"), reason="the system does not tell what a process held"
)


def held(folder: Path, *arguments: str) -> int:
    """The peak of `netspec onnx` with these arguments, in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "onnx", *arguments],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return 1024 * int(done.stdout)


@pytest.mark.parametrize("more", [(), ("--external-data",)])
def test_weights_stream_into_the_file(tmp_path: Path, more: tuple[str, ...]) -> None:
    (tmp_path / "toy.net").write_text("net Toy { input [6000]; dense 6000; relu }\n")
    peak = held(tmp_path, "toy.net", "-o", "toy.onnx", *more)
    # 4 * 6000 * 6000 bytes, of which far less than one copy is held beside netspec and onnx.
    written = sum(path.stat().st_size for path in tmp_path.glob("toy.onnx*"))
    assert written > 144_000_000
    assert peak < 100_000_000


@pytest.mark.skipif(not os.environ.get("NETSPEC_LARGE"), reason="it takes 2.6 GB of the disk")
def test_the_largest_network_of_the_zoo(tmp_path: Path) -> None:
    peak = held(tmp_path, "zoo:regnet_y_128gf", "-o", "model.onnx")
    # 644,812,894 parameters (torchvision's model card), and the statistics of batch norms.
    assert (tmp_path / "model.onnx.data").stat().st_size > 4 * 644_812_894
    assert (tmp_path / "model.onnx").stat().st_size < 1_000_000
    assert peak < 1_000_000_000
