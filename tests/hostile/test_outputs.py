"""Targets that cannot be written: exit code 2, one plain line, and nothing half-written."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.tools import ROOT, TOY, environment, run, spec

FORMATS = ("torch", "onnx")


@pytest.fixture(params=FORMATS)
def command(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, and what the files hold."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
    }


def refused(folder: Path, command: str, target: str | Path) -> None:
    spec(folder, TOY)
    before = tree(folder)
    ran = run(command, "toy.net", "-o", target, code=2, cwd=folder)
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert tree(folder) == before


def test_folder(tmp_path: Path, command: str) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "kept.txt").write_text("kept")
    refused(tmp_path, command, "inner")
    refused(tmp_path, command, "inner/")
    refused(tmp_path, command, ".")
    refused(tmp_path, command, "/")


def test_no_such_folder(tmp_path: Path, command: str) -> None:
    refused(tmp_path, command, "no/such/model.out")
    refused(tmp_path, command, "")
    refused(tmp_path, command, "a" * 300)


def test_below_a_file(tmp_path: Path, command: str) -> None:
    refused(tmp_path, command, "toy.net/model.out")


def test_full_target(tmp_path: Path, command: str) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    refused(tmp_path, command, "/dev/full")
    assert os.path.exists("/dev/full")


def test_link_to_a_full_target(tmp_path: Path, command: str) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    (tmp_path / "model.out").symlink_to("/dev/full")
    spec(tmp_path, TOY)
    run(command, "toy.net", "-o", "model.out", code=(0, 2), cwd=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.out", "toy.net"]
    assert not Path("/dev/full").is_file()


def test_target_that_must_not_be_written(tmp_path: Path, command: str) -> None:
    """Root writes everywhere but in /proc."""
    refused(tmp_path, command, "/proc/model.out")
    refused(tmp_path, command, "/proc/version")
    if os.getuid():
        folder = tmp_path / "closed"
        folder.mkdir()
        (folder / "model.out").write_text("kept")
        folder.chmod(0o555)
        refused(tmp_path, command, "closed/model.out")
        folder.chmod(0o755)


def test_disk_that_is_full(tmp_path: Path, command: str) -> None:
    """A limit on the size of files stands in for it: writing fails half-way, as on a full disk."""
    limit = _limited(tmp_path, command, b"kept")
    assert limit.returncode == 2, limit.stderr
    assert limit.stderr.startswith("netspec: ") and limit.stderr.count("\n") == 1
    assert tree(tmp_path) == {"model.out": b"kept", "toy.net": TOY.encode()}


def _limited(folder: Path, command: str, kept: bytes) -> subprocess.CompletedProcess[str]:
    def few_bytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (128, 128))
        # Writing on is then an error and no signal.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    spec(folder, TOY)
    (folder / "model.out").write_bytes(kept)
    return subprocess.run(
        [sys.executable, "-m", "netspec", command, "toy.net", "-o", "model.out"],
        cwd=folder,
        env={**environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=few_bytes,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_standard_output_that_is_full(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    spec(tmp_path, TOY)
    for arguments in (["check", "toy.net"], ["summary", "toy.net"], ["torch", "toy.net"]):
        with open("/dev/full", "w") as full:
            done = _piped(tmp_path, arguments, full.fileno())
        assert done.returncode == 2, (arguments, done)
        assert b"Traceback" not in done.stderr and done.stderr.startswith(b"netspec: "), done


def test_standard_output_that_is_closed(tmp_path: Path) -> None:
    """A pipe whose reader has gone, as after `| head -1`: quietly."""
    spec(tmp_path, TOY)
    for arguments in (["check", "toy.net"], ["summary", "toy.net"], ["torch", "toy.net"]):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = _piped(tmp_path, arguments, writer)
        finally:
            os.close(writer)
        assert done.stderr == b"", (arguments, done)


def _piped(folder: Path, arguments: list[str], out: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "netspec", *arguments],
        cwd=folder,
        env=environment(),
        stdout=out,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )


def test_nothing_is_written_for_a_spec_with_errors(tmp_path: Path, command: str) -> None:
    spec(tmp_path, TOY.replace("conv 4 3x3", "conv 4 3x3 stride=2"))
    run(command, "toy.net", "-o", "model.out", code=1, cwd=tmp_path)
    assert sorted(tree(tmp_path)) == ["toy.net"]
    (tmp_path / "model.out").write_bytes(b"kept")
    run(command, "toy.net", "-o", "model.out", code=1, cwd=tmp_path)
    assert (tmp_path / "model.out").read_bytes() == b"kept"


def test_an_older_file_is_replaced_whole(tmp_path: Path, command: str) -> None:
    spec(tmp_path, TOY)
    run(command, "toy.net", "-o", "model.out", code=0, cwd=tmp_path)
    first = tree(tmp_path)
    (tmp_path / "model.out").write_bytes(b"older, and longer" * 100_000)
    run(command, "toy.net", "-o", "model.out", code=0, cwd=tmp_path)
    assert tree(tmp_path) == first


def test_the_spec_itself_as_target(tmp_path: Path, command: str) -> None:
    """Overwriting the only copy of what was read is not what anybody means."""
    spec(tmp_path, TOY)
    run(command, "toy.net", "-o", "toy.net", code=(0, 2), cwd=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["toy.net"]


def test_without_onnx(tmp_path: Path) -> None:
    """What is not installed is asked for in a line."""
    fake = tmp_path / "fake"
    fake.mkdir()
    for name in ("onnx", "numpy"):
        (fake / f"{name}.py").write_text(f"raise ModuleNotFoundError('no {name}', name='{name}')")
    spec(tmp_path, TOY)
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "onnx", "toy.net", "-o", "model.out"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=f"{fake}{os.pathsep}{ROOT}"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "netspec[onnx]" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "model.out").exists()


@pytest.fixture(autouse=True)
def _no_leftovers(tmp_path: Path) -> Iterator[None]:
    """No temporary file stays behind, wherever it was made."""
    yield
    left = [p.name for p in tmp_path.rglob("*") if "tmp" in p.name or p.name.startswith(".")]
    assert not left
    shutil.rmtree(tmp_path, ignore_errors=True)
