"""Weights in a second file: what onnx and ONNX Runtime make of it, and when it is written."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from netspec import limits
from netspec.backends.onnx import Unsupported, write_model
from netspec.graph.graph import Network, Weight
from netspec.graph.shape import Shape
from tests.helpers import network

TOY = """
net Toy {
  input 3x16x16
  conv1: conv 8 3x3 padding=half
  bn1: batchnorm
  relu
  global_avgpool
  flatten
  hidden: dense 40000
  fc: dense 10
}
"""


def test_onnx_and_its_runtime_read_the_pair(tmp_path: Path) -> None:
    model = write_model(network(TOY))
    path = tmp_path / "toy.onnx"
    model.save_to(path, external=True)
    assert sorted(os.listdir(tmp_path)) == ["toy.onnx", "toy.onnx.data"]
    assert path.stat().st_size < 10_000
    onnx.checker.check_model(str(path), full_check=True)

    alone = onnx.load(str(path), load_external_data=False)
    for tensor in alone.graph.initializer:
        placed = {entry.key: entry.value for entry in tensor.external_data}
        assert placed["location"] == "toy.onnx.data"
        # A page of memory; above 1 MiB, what Windows maps (onnx's docs/ExternalData.md).
        large = int(placed["length"]) >= 2**20
        assert int(placed["offset"]) % (65536 if large else 4096) == 0
    loaded = onnx.load(str(path))
    whole = {t.name: numpy_helper.to_array(t) for t in model.model.graph.initializer}
    assert [t.name for t in loaded.graph.initializer] == list(whole)
    for tensor in loaded.graph.initializer:
        np.testing.assert_array_equal(numpy_helper.to_array(tensor), whole[tensor.name])

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    x = np.random.default_rng(1).normal(size=(2, 3, 16, 16)).astype(np.float32)
    outputs = [
        onnxruntime.InferenceSession(given, options).run(None, {"input": x})[0]
        for given in (str(path), model.to_bytes())
    ]
    np.testing.assert_array_equal(*outputs)


def test_the_same_bytes_each_time_and_one_file_where_it_is_asked_for(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_model(network(TOY)).save_to(tmp_path / name / "toy.onnx", external=True)
    for file in ("toy.onnx", "toy.onnx.data"):
        both = [(tmp_path / name / file).read_bytes() for name in ("first", "second")]
        assert both[0] == both[1]
    model = write_model(network(TOY))
    model.save_to(tmp_path / "one.onnx")
    assert (tmp_path / "one.onnx").read_bytes() == model.to_bytes()
    assert not (tmp_path / "one.onnx.data").exists()


def test_a_net_without_weights_has_no_second_file(tmp_path: Path) -> None:
    model = write_model(network("net Toy { input 3x8x8; relu }"))
    model.save_to(tmp_path / "toy.onnx", external=True)
    assert os.listdir(tmp_path) == ["toy.onnx"]


@pytest.mark.parametrize("name", ["v1..2.onnx", "..x", "a\\b.onnx", "\udcff.onnx"])
def test_a_name_that_onnx_would_not_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unsupported, match=r"name of a file of weights|UTF-8"):
        write_model(network(TOY)).save_to(tmp_path / name, external=True)
    assert not os.listdir(tmp_path)


def dense(builder: Any, units: int) -> Network:
    """A network with 4 * units**2 bytes of weights."""
    net = builder()
    x = net.input(Shape.of(units))
    weight = Weight("weight", (units, units), fan_in=units, fan_out=units)
    net.op("dense", [x], Shape.of(units), {"units": units, "bias": False}, [weight], path="fc")
    made: Network = net.network()
    return made


def test_the_size_decides_before_anything_is_drawn(builder: Any, tmp_path: Path) -> None:
    # 4 * 15,800^2 = 998,560,000 bytes, 4 * 15,900^2 = 1,011,240,000.
    assert not write_model(dense(builder, 15_800)).external
    assert write_model(dense(builder, 15_900)).external
    # 4 * 30,000^2 = 3.6 GB.
    model = write_model(dense(builder, 30_000))
    sink = BytesIO()
    with pytest.raises(Unsupported, match=r"3\.6 GB, and one ONNX file holds 2 GB: `save_to`"):
        model.save(sink)
    assert not sink.getvalue()
    # 4 * 10^12 bytes are more than anybody wants on a disk.
    with pytest.raises(Unsupported, match=r"4,000\.0 GB, and at most 100 GB are written"):
        write_model(dense(builder, 1_000_000))
    assert write_model(dense(builder, 1_000_000), weights=False).size == 0


def test_above_two_gigabytes(builder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for 2.6 GB, with limits that spare the disk: nothing else depends on the size."""
    monkeypatch.setattr(limits, "ONNX_INLINE_BYTES", 30_000)
    monkeypatch.setattr(limits, "ONNX_FILE_BYTES", 39_999)
    write_model(dense(builder, 100)).save_to(tmp_path / "fc.onnx")
    assert (tmp_path / "fc.onnx.data").stat().st_size == 40_000
    with pytest.raises(Unsupported, match="one ONNX file"):
        write_model(dense(builder, 100)).save_to(tmp_path / "one.onnx", external=False)
    assert sorted(os.listdir(tmp_path)) == ["fc.onnx", "fc.onnx.data"]
