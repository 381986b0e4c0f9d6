"""Trained weights into a model: which tensor is which, and files that are not what they seem."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper
from safetensors import torch as library

import netspec
from netspec import FileProblem
from netspec.backends.onnx import WeightsDiffer, as_checkpoint, read_checkpoint, write_model
from netspec.backends.onnx.safetensors import LONGEST_HEADER, read_safetensors
from netspec.files import BinaryFile
from tests.helpers import network

TOY = """net Toy {
  input 3x8x8
  in: { conv 4 3x3 bias=false; batchnorm; relu }
  class: conv 6 3x3
  aux: output when=training { flatten; dense 2 }
  flatten
  fc: dense 5
}"""
State = dict[str, torch.Tensor]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def state() -> State:
    torch.manual_seed(0)
    found: State = netspec.to_torch(network(TOY)).state_dict()
    assert "in_.0.weight" in found and "class_.bias" in found and "aux.1.bias" in found
    return {key: torch.randn(t.shape) if t.is_floating_point() else t for key, t in found.items()}


def written(weights: Any, text: str = TOY, **options: Any) -> dict[str, np.ndarray]:
    model = write_model(network(text), weights=weights, **options).model
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def is_that(found: dict[str, np.ndarray], state: State) -> None:
    """The initializers are the tensors, to the bit, under the spec's own names."""
    labels = {"in": "in_", "class": "class_"}
    assert list(found) == [
        *("in.0.weight", "in.1.weight", "in.1.bias", "in.1.running_mean", "in.1.running_var"),
        *("class.weight", "class.bias", "fc.weight", "fc.bias"),
    ]
    for name, array in found.items():
        key = ".".join(labels.get(part, part) for part in name.split("."))
        assert array.tobytes() == state[key].contiguous().numpy().tobytes()


# --- formats ------------------------------------------------------------------------------------


def test_safetensors(state: State) -> None:
    library.save_file(state, "w.safetensors")
    is_that(written(read_checkpoint("w.safetensors")), state)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3, "optimizer": {"lr": 0.1}},
        lambda state: {"model": state, "args": [1, 2]},
        lambda state: {"model_state_dict": state},
        lambda state: {f"module.{key}": tensor for key, tensor in state.items()},
        lambda state: {f"_orig_mod.module.{key}": tensor for key, tensor in state.items()},
    ],
)
def test_what_training_scripts_save(state: State, wrap: Any) -> None:
    torch.save(wrap(state), "w.pt")
    is_that(written(read_checkpoint("w.pt")), state)


def test_files_of_older_versions(state: State) -> None:
    torch.save(state, "w.pth", _use_new_zipfile_serialization=False)
    is_that(written(read_checkpoint("w.pth")), state)


def test_a_state_dict_in_memory(state: State) -> None:
    is_that(written(as_checkpoint(state)), state)
    is_that(written(as_checkpoint({key: t.numpy() for key, t in state.items()})), state)
    with pytest.raises(TypeError, match="weights are tensors or arrays, not dict"):
        as_checkpoint({"fc.weight": {}})


def test_through_the_api(state: State) -> None:
    library.save_file(state, "w.safetensors")
    Path("toy.net").write_text(TOY)
    from_file = netspec.to_onnx("toy.net", weights=Path("w.safetensors")).to_bytes()
    assert netspec.to_onnx("toy.net", weights=state).to_bytes() == from_file
    # Made by one function, the model outlives all that its weights come from.
    Path("w.safetensors").unlink()


def test_tensors_that_lie_otherwise_in_memory(state: State) -> None:
    strided = {k: t.contiguous().transpose(0, -1) for k, t in state.items() if t.ndim == 2}
    strided = {k: t.contiguous().transpose(0, -1) for k, t in strided.items()}
    assert not strided["fc.weight"].is_contiguous()
    torch.save(state | strided, "w.pt")
    is_that(written(read_checkpoint("w.pt")), state)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_are_rounded_once(state: State, kind: torch.dtype) -> None:
    cast = {key: t.to(kind) if t.is_floating_point() else t for key, t in state.items()}
    if kind is torch.float64:
        cast["fc.bias"] = torch.tensor(
            [1 + 2.0**-24 + 2.0**-50, 2.0**-160, -0.0, 0.1, 3.0]
        ).double()
    library.save_file(cast, "w.safetensors")
    torch.save(cast, "w.pt")
    expected = {key: t.float() if t.is_floating_point() else t for key, t in cast.items()}
    for path in ("w.safetensors", "w.pt"):
        is_that(written(read_checkpoint(path)), expected)


def test_what_is_not_finite_stays_so(state: State) -> None:
    state["fc.bias"] = torch.tensor([float("inf"), float("-inf"), float("nan"), -0.0, 1e-45])
    library.save_file(state, "w.safetensors")
    is_that(written(read_checkpoint("w.safetensors")), state)


# --- keys ---------------------------------------------------------------------------------------


def test_both_spellings_and_what_inference_has_no_use_for(state: State) -> None:
    spelled = {k.replace("in_.", "in.").replace("class_.", "class."): t for k, t in state.items()}
    assert written(as_checkpoint(spelled)).keys() == written(as_checkpoint(state)).keys()
    needed = {k: t for k, t in state.items() if "num_batches" not in k and "aux" not in k}
    is_that(written(as_checkpoint(needed)), state)


def refusal(state: State, text: str = TOY) -> WeightsDiffer:
    with pytest.raises(WeightsDiffer) as caught:
        written(as_checkpoint(state), text)
    return caught.value


def test_all_that_does_not_fit_in_one_message(state: State) -> None:
    state["fc.wieght"] = state.pop("fc.weight")
    state["class_.bias"] = torch.zeros(7)
    state["in_.1.bias"] = torch.zeros(4, dtype=torch.int32)
    state["optimizer"] = torch.zeros(2, 2)
    found = refusal(state)
    assert str(found).splitlines() == [
        "the state_dict does not fit Toy: 1 key missing, 2 keys unexpected, "
        "2 keys of another shape or type",
        "  missing     fc.weight (5x96), perhaps fc.wieght",
        "  unexpected  fc.wieght (5x96), perhaps fc.weight",
        "  unexpected  optimizer (2x2)",
        "  differs     in_.1.bias holds int32, not float16, bfloat16, float32 or float64",
        "  differs     class_.bias is 7, not 6",
    ]
    assert found.missing == ("fc.weight",)
    assert found.unexpected == ("fc.wieght", "optimizer")
    assert found.misshapen == ("in_.1.bias", "class_.bias")


@pytest.mark.parametrize(
    ("tensor", "kind"),
    [
        (torch.zeros(5).to(torch.float8_e4m3fn), "float8_e4m3fn"),
        (torch.zeros(5, dtype=torch.complex64), "complex64"),
        (torch.zeros(5).to_sparse(), "sparse_coo"),
        (torch.zeros(5, device="meta"), "no data"),
        (np.zeros(5, np.int8), "int8"),
    ],
)
def test_tensors_that_are_no_weights(state: State, tensor: Any, kind: str) -> None:
    assert refusal(state | {"fc.bias": tensor}).lines == (
        f"differs     fc.bias holds {kind}, not float16, bfloat16, float32 or float64",
    )


def test_arrays_of_the_other_byte_order(state: State) -> None:
    swapped = {key: t.numpy().astype(t.numpy().dtype.newbyteorder()) for key, t in state.items()}
    assert swapped["fc.bias"].dtype.byteorder != "="
    is_that(written(as_checkpoint(swapped)), state)
    wide = {k: t.astype(">f8") if t.dtype.kind == "f" else t for k, t in swapped.items()}
    is_that(written(as_checkpoint(wide)), state)


def test_a_key_in_both_spellings(state: State) -> None:
    state["class.bias"] = state["class_.bias"]
    assert refusal(state).unexpected == ("class.bias",)


def test_hundreds_of_keys_are_counted() -> None:
    state = netspec.to_torch("zoo:resnet18").state_dict()
    shallow = {key: t for key, t in state.items() if not key.startswith(("layer3", "layer4"))}
    net = netspec.load("zoo:resnet18")
    with pytest.raises(WeightsDiffer) as caught:
        write_model(net, weights=as_checkpoint(shallow))
    lines = caught.value.lines
    # Two stages of two blocks: (2 convolutions + 2 norms of 4) x 2, and once 5 of the shortcut.
    assert len(caught.value.missing) == 2 * (2 * (2 + 8) + 5)
    assert len(lines) == 11 and lines[-1].strip() == "… and 40 more"
    assert lines[0] == "missing     layer3.0.conv1.weight (256x128x3x3)"


def test_something_before_every_key(state: State) -> None:
    found = refusal({f"net.backbone.{key}": tensor for key, tensor in state.items()})
    assert found.lines[-1] == "the missing keys are there with net.backbone. before them"
    assert len(found.lines) == 2 * (3 + 1) + 1


def test_keys_without_measure(state: State) -> None:
    found = refusal({"module." * 100_000: torch.zeros(2), "a." * 100_000 + "b": torch.zeros(3)})
    assert len(found.unexpected) == 2 and len(str(found)) < 2_000


def test_nothing_at_all() -> None:
    assert len(refusal({}).missing) == 9


def test_shared_weights_have_one_key() -> None:
    text = "net A { input 4x8x8; c: conv 4 3x3 padding=1; relu; share c }"
    state = netspec.to_torch(network(text)).state_dict()
    found = written(as_checkpoint(state), text)
    assert list(found) == ["c.weight", "c.bias"]


# --- files that are not what they seem ----------------------------------------------------------


def problem(path: str) -> str:
    with pytest.raises(FileProblem) as caught:
        read_checkpoint(path)
    text = str(caught.value)
    assert path in text and "\n" not in text
    return text


def test_files_that_cannot_be_read(folder: Path, state: State) -> None:
    assert "there is no such file" in problem("none.safetensors")
    (folder / "dir.safetensors").mkdir()
    assert "it is a folder" in problem("dir.safetensors")
    (folder / "loop.pt").symlink_to("loop.pt")
    assert "cannot read loop.pt" in problem("loop.pt")
    assert "ends in neither .safetensors nor .pt" in problem("weights.h5")
    Path("empty.safetensors").touch()
    assert "too short" in problem("empty.safetensors")
    Path("empty.pt").touch()
    assert "damaged, or no file of torch.save" in problem("empty.pt")
    torch.save(state, "torch.safetensors")
    assert "it is a file of torch.save" in problem("torch.safetensors")


def test_a_link_to_a_file_is_that_file(folder: Path, state: State) -> None:
    library.save_file(state, "w.safetensors")
    (folder / "link.safetensors").symlink_to("w.safetensors")
    is_that(written(read_checkpoint("link.safetensors")), state)


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("ran"),))


def test_pickles_that_hold_more_than_tensors(state: State) -> None:
    torch.save(Evil(), "evil.pt")
    torch.save({"fc.weight": Evil()}, "inside.pt")
    torch.save(torch.nn.Linear(2, 2), "module.pt")
    torch.save(torch.zeros(3), "tensor.pt")
    torch.save({"epoch": 1, "loss": torch.zeros(3)}, "other.pt")
    torch.save([state], "list.pt")
    for path in ("evil.pt", "inside.pt", "module.pt", "tensor.pt", "other.pt", "list.pt"):
        said = problem(path)
        assert "it is no plain state_dict" in said and "torch.save(model.state_dict()" in said
    assert not Path("ran").exists()


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_pickles_cut_short(state: State, share: float) -> None:
    for zipped in (True, False):
        torch.save(state, "w.pt", _use_new_zipfile_serialization=zipped)
        data = Path("w.pt").read_bytes()
        Path("w.pt").write_bytes(data[: int(share * len(data))])
        assert "damaged, or no file of torch.save" in problem("w.pt")


def test_torch_is_missing(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(state, "w.pt")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(ImportError, match=r'pip install "netspec\[torch\]", or give a \.safet'):
        read_checkpoint("w.pt")


def made(header: object, data: bytes = b"", length: int | None = None) -> str:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = len(text) if length is None else length
    Path("made.safetensors").write_bytes(struct.pack("<Q", size) + text + data)
    return "made.safetensors"


def entry(**changes: object) -> dict[str, object]:
    return {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


def test_a_file_made_by_hand() -> None:
    tensors = read_checkpoint(made(entry(), struct.pack("<2f", 1.5, -2.0))).tensors
    (piece,) = tensors["w"].pieces()
    assert piece.tolist() == [1.5, -2.0] and tensors["w"].shape == (2,)


@pytest.mark.parametrize(
    ("header", "data", "length", "said"),
    [
        (entry(), bytes(7), None, "cut short: 77 bytes are announced, 76 are there"),
        (entry(), bytes(9), None, "bytes at its end belong to no tensor"),
        (entry(), b"", 10_000, "cut short within its header"),
        (b"{}", b"", 2**63, "no safetensors file"),
        (b"{}", b"", LONGEST_HEADER + 1, "no safetensors file"),
        (b"[]", b"", None, "no safetensors file"),
        (b"{]", b"", None, "its header is no JSON"),
        (b'{"\xff": 1}', b"", None, "its header is no JSON"),
        (b'{"a":' * 100_000, b"", None, "its header is no JSON"),
        (b'{"w": 1, "w": 2}', b"", None, "a name stands twice"),
        ({"w": 3}, b"", None, "says of w what cannot be"),
        ({"w": {"dtype": "F32"}}, b"", None, "says of w what cannot be"),
        (entry(dtype="F31"), bytes(8), None, "element type that is not known: F31"),
        (entry(dtype=["F32"]), bytes(8), None, "element type that is not known"),
        (entry(shape=[-2]), bytes(8), None, "says of w what cannot be"),
        (entry(shape=[2.0]), bytes(8), None, "says of w what cannot be"),
        (entry(shape=[True, 2]), bytes(8), None, "says of w what cannot be"),
        (entry(shape=[3]), bytes(8), None, "says of w what cannot be"),
        (entry(shape=[10**4000]), bytes(8), None, "says of w what cannot be"),
        (entry(data_offsets=[8, 0]), bytes(8), None, "says of w what cannot be"),
        (entry(data_offsets=[0]), bytes(8), None, "says of w what cannot be"),
        (entry(data_offsets=[4, 12]), bytes(12), None, "do not follow on"),
        (entry() | {"v": entry()["w"]}, bytes(8), None, "do not follow on"),
    ],
)
def test_hostile_safetensors(header: Any, data: bytes, length: int | None, said: str) -> None:
    assert said in problem(made(header, data, length))


def test_a_file_that_shrinks_while_it_is_read() -> None:
    tensors = read_checkpoint(made(entry(), bytes(8))).tensors
    Path("made.safetensors").write_bytes(b"")
    with pytest.raises(FileProblem, match=r"made\.safetensors: it is cut short"):
        list(tensors["w"].pieces())


@settings(deadline=None)
@given(data=st.binary(max_size=200), length=st.integers(0, 200))
def test_any_bytes_are_a_file_or_refused(data: bytes, length: int) -> None:
    Path("any.safetensors").write_bytes(struct.pack("<Q", length) + b"{" + data)
    try:
        read_safetensors(BinaryFile("any.safetensors"))
    except FileProblem as refusal:
        assert "any.safetensors" in str(refusal)
