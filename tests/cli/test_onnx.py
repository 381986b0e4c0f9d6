"""`netspec onnx`: its options, and what it refuses. The models are left to tests/backends/onnx."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import onnx
import pytest

from netspec import limits
from netspec.cli import main

TOY = "net Toy { input 3x8x8; conv 4 3x3; relu }\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.net").write_text(TOY)
    return tmp_path


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    """The one line of a command that ends with this code; nothing is written."""
    before = sorted(os.listdir())
    assert main(["onnx", *arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert sorted(os.listdir()) == before
    return captured.err


def test_external_data(folder: Path) -> None:
    assert main(["onnx", "toy.net", "-o", "toy.onnx", "--external-data"]) == 0
    assert sorted(os.listdir()) == ["toy.net", "toy.onnx", "toy.onnx.data"]
    onnx.checker.check_model("toy.onnx", full_check=True)
    # conv 4 3x3 on 3 channels: 4*3*3*3 numbers, then the 4 of the bias on the next page.
    assert (folder / "toy.onnx.data").stat().st_size == 4096 + 4 * 4


def test_external_data_needs_a_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = complaint(capsys, "toy.net", "-o", "-", "--external-data")
    assert "--external-data writes the weights into a file beside the model" in out
    both = complaint(capsys, "toy.net", "-o", "x.onnx", "--external-data", "--no-weights")
    assert "--no-weights leaves them out" in both
    name = complaint(capsys, "toy.net", "-o", "a..b", "--external-data")
    assert "cannot write a..b: ONNX allows no `..`" in name
    # Its second file would take the place of the spec.
    (folder / "x.onnx.data").write_text(TOY)
    spec = complaint(capsys, "x.onnx.data", "-o", "x.onnx", "--external-data")
    assert "x.onnx.data is the spec" in spec
    assert (folder / "x.onnx.data").read_text() == TOY


def test_many_weights_do_not_fit_standard_output(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ONNX_INLINE_BYTES", 400)
    assert "0.0 GB of weights go into a file beside" in complaint(capsys, "toy.net", "-o", "-")
    assert main(["onnx", "toy.net", "-o", "toy.onnx"]) == 0
    assert (folder / "toy.onnx.data").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes among its files")
def test_a_device_has_no_room_for_two_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["onnx", "toy.net", "-o", "/dev/null"]) == 0
    assert "pipe or device" in complaint(capsys, "toy.net", "-o", "/dev/null", "--external-data")
