"""From an ONNX file back to the tensors of the generated module, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, numpy_helper
from safetensors.torch import load_file, save_file

import netspec
from netspec import FileProblem
from netspec.backends.onnx import NotRestorable, read_weights, write_model
from netspec.writing import write_atomic
from tests.helpers import network

TOY = """net Toy {
  input 3x8x8
  in: { conv 4 3x3 bias=false; batchnorm; relu }
  class: conv 6 3x3
  flatten
  fc: dense 5
}"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def model(text: str = TOY, **options: Any) -> onnx.ModelProto:
    return write_model(network(text), **options).model


def restored(proto: onnx.ModelProto | None = None, path: str = "m.onnx") -> dict[str, Any]:
    if proto is not None:
        Path(path).write_bytes(proto.SerializeToString())
    write_atomic("back.safetensors", read_weights(path).save)
    found: dict[str, Any] = load_file("back.safetensors")
    return found


@pytest.mark.parametrize("spec", ["zoo:resnet18", "zoo:mobilenet_v3_small", "zoo:convnext_tiny"])
def test_the_round_trip_of_the_zoo_to_the_bit(spec: str) -> None:
    net = netspec.load(spec)
    module = netspec.to_torch(net)
    state = module.state_dict()
    save_file(state, "w.safetensors")
    write_atomic("m.onnx", netspec.to_onnx(net, weights="w.safetensors").save)
    back = restored()
    assert back.keys() == state.keys()
    assert all(back[key].equal(tensor) for key, tensor in state.items())
    # Strict, with every key: what is not in the model, the counters, starts again.
    netspec.to_torch(net).load_state_dict(back)


def test_bits_and_names(folder: Path) -> None:
    net = network(TOY)
    state = {
        key: torch.randint(-(2**31), 2**31, t.shape, dtype=torch.int64).to(torch.int32)
        for key, t in netspec.to_torch(net).state_dict().items()
        if t.is_floating_point()
    }
    # Any bits at all, those of signalling NaN included.
    floats = {key: tensor.view(torch.float32) for key, tensor in state.items()}
    proto = model(weights=netspec.backends.onnx.as_checkpoint(floats))
    back = restored(proto)
    assert set(back) == {*state, "in_.1.num_batches_tracked"}
    assert all(back[key].view(torch.int32).equal(tensor) for key, tensor in state.items())
    counter = back["in_.1.num_batches_tracked"]
    assert counter.dtype == torch.int64 and counter.shape == () and counter == 0


@pytest.mark.parametrize(("dtype", "kind"), [("float16", "float16"), ("bfloat16", "bfloat16")])
def test_half_types(dtype: str, kind: str) -> None:
    proto = model(dtype=dtype)
    back = restored(proto)
    for tensor in proto.graph.initializer:
        key = tensor.name.replace("in.", "in_.").replace("class.", "class_.")
        assert back[key].dtype == getattr(torch, kind)
        assert back[key].view(torch.int16).numpy().tobytes() == tensor.raw_data
    module = netspec.to_torch(network(TOY))
    module.load_state_dict(back)


def test_renaming_passes_over_a_name_that_is_taken() -> None:
    text = "net A { input 4x5x6; in_: relu; in: conv 4 3x3 }"
    back = restored(model(text))
    assert set(back) == {"in__.weight", "in__.bias"}
    netspec.to_torch(network(text)).load_state_dict(back)


def test_what_exists_in_training_only_is_named() -> None:
    text = """net A {
      input 4x5x6
      conv1: conv 4 3x3
      aux1: output when=training { flatten; dense 2 }
      flatten
      fc: dense 2
    }"""
    Path("m.onnx").write_bytes(model(text).SerializeToString())
    assert read_weights("m.onnx").training == ("aux1",)
    missing = netspec.to_torch(network(text)).load_state_dict(restored(), strict=False)
    assert all(key.startswith("aux1.") for key in missing.missing_keys)
    assert not missing.unexpected_keys


# --- external data ------------------------------------------------------------------------------


def saved_apart(location: str = "m.data") -> onnx.ModelProto:
    onnx.save(model(), "m.onnx", save_as_external_data=True, location=location, size_threshold=100)
    return onnx.load("m.onnx", load_external_data=False)


def test_external_data() -> None:
    proto = saved_apart()
    apart = [t.data_location == TensorProto.EXTERNAL for t in proto.graph.initializer]
    assert any(apart) and not all(apart)
    found, expected = restored(), restored(model(), "one.onnx")
    assert found.keys() == expected.keys()
    assert all(found[key].equal(tensor) for key, tensor in expected.items())


@pytest.mark.parametrize("location", ["../m.data", "/etc/hostname", "a/../../m.data", "..\\m.data"])
def test_external_data_elsewhere_is_refused(folder: Path, location: str) -> None:
    proto = saved_apart()
    inner = folder / "inner"
    inner.mkdir()
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    (inner / "m.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(FileProblem, match="outside of its folder"):
        read_weights("inner/m.onnx")


def test_external_data_behind_a_link_is_refused(folder: Path) -> None:
    saved_apart()
    (folder / "inner").mkdir()
    Path("m.onnx").rename("inner/m.onnx")
    (folder / "inner" / "m.data").symlink_to("../m.data")
    with pytest.raises(FileProblem, match="outside of its folder"):
        read_weights("inner/m.onnx")


def test_external_data_that_is_missing_or_short() -> None:
    saved_apart()
    data = Path("m.data").read_bytes()
    Path("m.data").write_bytes(data[:-1])
    with pytest.raises(FileProblem, match=r"m\.data: it is cut short"):
        read_weights("m.onnx")
    Path("m.data").unlink()
    with pytest.raises(FileProblem, match=r"m\.data: there is no such file"):
        read_weights("m.onnx")


@pytest.mark.parametrize(
    ("key", "value"), [("offset", "-4"), ("offset", "x"), ("length", "3"), ("location", "")]
)
def test_external_data_that_cannot_be(key: str, value: str) -> None:
    proto = saved_apart()
    entries = [e for t in proto.graph.initializer for e in t.external_data if e.key == key]
    entries[0].value = value
    with pytest.raises(FileProblem, match="no ONNX model, or damaged"):
        restored(proto)


# --- what is refused ----------------------------------------------------------------------------


def test_models_that_netspec_did_not_write() -> None:
    proto = model()
    proto.producer_name = "pytorch"
    with pytest.raises(NotRestorable, match=r"m\.onnx was written by 'pytorch', not by netspec"):
        restored(proto)
    proto.ClearField("producer_name")
    with pytest.raises(NotRestorable, match="a program that gives no name"):
        restored(proto)


def test_models_without_such_tensors() -> None:
    with pytest.raises(NotRestorable, match=r"holds no weights: .*--no-weights"):
        restored(model(weights=False))
    with pytest.raises(NotRestorable, match=r"--fold-batchnorm: its norms are part"):
        restored(model(fold_batchnorm=True))
    # Where no norm could be folded, nothing is lost.
    kept = restored(model("net A { input 4x8x8; relu; bn: batchnorm }", fold_batchnorm=True))
    assert "bn.running_var" in kept


def test_models_that_another_program_has_changed() -> None:
    proto = model()
    quantized = numpy_helper.from_array(np.zeros(3, np.uint8), "class.weight_quantized")
    proto.graph.initializer.append(quantized)
    with pytest.raises(NotRestorable, match=r"class\.weight_quantized of the type uint8"):
        restored(proto)
    proto.graph.initializer[-1].data_type = 99
    with pytest.raises(NotRestorable, match="of the type unknown"):
        restored(proto)
    proto = model()
    bias = proto.graph.initializer[-1]
    bias.float_data.extend(numpy_helper.to_array(bias))
    bias.ClearField("raw_data")
    with pytest.raises(NotRestorable, match=r"numbers of fc\.bias in another way"):
        restored(proto)


def test_files_that_are_no_models(folder: Path) -> None:
    for path, data in {
        "empty.onnx": b"",
        "text.onnx": b"ir_version: 10\n",
        "zip.onnx": b"PK\x03\x04" + bytes(100),
        "long.onnx": b"\x3a" + b"\xff" * 9 + b"\x01",
        "endless.onnx": b"\xff" * 40,
        "group.onnx": b"\x3b\x3c",
    }.items():
        Path(path).write_bytes(data)
        with pytest.raises(FileProblem, match=f"cannot read {path}: it is no ONNX model"):
            read_weights(path)
    with pytest.raises(FileProblem, match="it is a folder"):
        read_weights(str(folder))


def test_a_model_cut_short_anywhere() -> None:
    data = model().SerializeToString()
    for length in range(0, len(data), 97):
        Path("cut.onnx").write_bytes(data[:length])
        with pytest.raises(FileProblem, match="no ONNX model, or damaged"):
            read_weights("cut.onnx")


_SMALL = write_model(network("net A { input 2; fc: dense 2 }")).to_bytes()


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(_SMALL) - 1), byte=st.integers(0, 255), more=st.binary(max_size=8))
def test_damage_is_told_and_never_more(at: int, byte: int, more: bytes) -> None:
    Path("any.onnx").write_bytes(_SMALL[:at] + bytes([byte]) + more + _SMALL[at + 1 :])
    try:
        write_atomic("any.safetensors", read_weights("any.onnx").save)
    except (FileProblem, NotRestorable) as refusal:
        assert "any.onnx" in str(refusal)
    else:
        load_file("any.safetensors")
