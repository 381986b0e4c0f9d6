"""`netspec onnx --weights`, `--dtype`, `--fold-batchnorm`, and `netspec weights`."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file

import netspec
from netspec.cli import main

Captured = pytest.CaptureFixture[str]
TOY = """net Toy {
  input 3x8x8
  conv1: conv 4 3x3 bias=false
  bn1: batchnorm
  relu
  flatten
  fc: dense 5
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("toy.net").write_text(TOY)
    state = netspec.to_torch("toy.net").state_dict()
    save_file(state, "w.safetensors")
    torch.save(state, "w.pt")
    return tmp_path


def test_there_and_back(capsys: Captured) -> None:
    for trained in ("w.safetensors", "w.pt"):
        assert main(["onnx", "toy.net", "--weights", trained, "-o", "m.onnx"]) == 0
        assert main(["weights", "m.onnx", "-o", "back.safetensors"]) == 0
        assert capsys.readouterr() == ("", "")
        before, after = load_file("w.safetensors"), load_file("back.safetensors")
        assert before.keys() == after.keys()
        assert all(before[key].equal(tensor) for key, tensor in after.items())


def test_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["onnx", "toy.net", "-o", "m.onnx"])
    main(["weights", "m.onnx", "-o", "back.safetensors"])
    assert main(["weights", "m.onnx", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out == Path("back.safetensors").read_bytes()


def test_weights_of_another_net(capsys: Captured) -> None:
    Path("m.onnx").write_text("as before")
    save_file({"fc.wieght": torch.zeros(5, 144)}, "bad.safetensors")
    assert main(["onnx", "toy.net", "--weights", "bad.safetensors", "-o", "m.onnx"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == (
        "netspec: bad.safetensors does not fit Toy: 7 keys missing, 1 key unexpected"
    )
    assert "  missing     fc.weight (5x144), perhaps fc.wieght" in said
    assert "  unexpected  fc.wieght (5x144), perhaps fc.weight" in said
    assert Path("m.onnx").read_text() == "as before"


def test_names_in_a_file_reach_the_terminal_as_text(capsys: Captured) -> None:
    save_file({"\x1b[2Jfc\n": torch.zeros(5, 144)}, "bad.safetensors")
    assert main(["onnx", "toy.net", "--weights", "bad.safetensors", "-o", "m.onnx"]) == 1
    said = capsys.readouterr().err
    assert "\x1b" not in said and "unexpected  \\x1b[2Jfc\\n" in said


def test_half_the_size(capsys: Captured) -> None:
    for dtype, type_ in (("float16", "FLOAT16"), ("bfloat16", "BFLOAT16")):
        assert main(["onnx", "toy.net", "--dtype", dtype, "-o", "m.onnx"]) == 0
        model = onnx.load("m.onnx")
        kinds = {tensor.data_type for tensor in model.graph.initializer}
        assert kinds == {onnx.TensorProto.DataType.Value(type_)}
    assert main(["onnx", "toy.net", "--dtype", "bfloat16", "--opset", "17", "-o", "m.onnx"]) == 1
    said = capsys.readouterr().err
    assert "conv1: ONNX's Conv has no bfloat16 before opset 22" in said
    assert "toy.net:3:10" in said


def test_a_number_too_large_leaves_the_old_file(capsys: Captured) -> None:
    state = load_file("w.safetensors") | {"bn1.running_var": torch.full((4,), 7e4)}
    save_file(state, "w.safetensors")
    Path("m.onnx").write_text("as before")
    arguments = ["onnx", "toy.net", "--weights", "w.safetensors", "--dtype", "float16"]
    assert main([*arguments, "-o", "m.onnx"]) == 1
    assert capsys.readouterr().err == (
        "netspec: bn1.running_var: 70000 is more than float16 can hold, up to 65504\n"
    )
    assert Path("m.onnx").read_text() == "as before"
    assert not list(Path().glob(".netspec-*"))


def test_folded(capsys: Captured) -> None:
    assert main(["onnx", "toy.net", "--fold-batchnorm", "-o", "m.onnx"]) == 0
    assert [node.op_type for node in onnx.load("m.onnx").graph.node] == [
        *("Conv", "Relu", "Flatten", "Gemm")
    ]
    assert main(["weights", "m.onnx", "-o", "back.safetensors"]) == 1
    assert "m.onnx was written with --fold-batchnorm" in capsys.readouterr().err
    assert not Path("back.safetensors").exists()


def test_what_is_in_training_only_is_told(capsys: Captured) -> None:
    text = TOY.replace("  relu\n", "  relu\n  aux: output when=training { flatten; dense 2 }\n")
    Path("toy.net").write_text(text)
    assert main(["onnx", "toy.net", "-o", "m.onnx"]) == 0
    assert main(["weights", "m.onnx", "-o", "back.safetensors"]) == 0
    said = capsys.readouterr().err
    assert "lacks what exists in training only (aux)" in said and "strict=False" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--weights", "none.safetensors"], "cannot read none.safetensors: there is no such file"),
        (["--weights", "toy.net"], "its name ends in neither .safetensors nor .pt"),
        (["--weights", "w.pt", "--no-weights"], "not allowed with argument --weights"),
        (["--weights", "w.pt", "--seed", "1"], "--weights reads them"),
        (["--fold-batchnorm", "--no-weights"], "with --no-weights there are none"),
        (["--dtype", "float8"], "invalid choice: 'float8'"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: Captured) -> None:
    assert main(["onnx", "toy.net", "-o", "m.onnx", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not Path("m.onnx").exists()


def test_files_are_not_written_over(capsys: Captured) -> None:
    before = Path("w.safetensors").read_bytes()
    arguments = ["onnx", "toy.net", "--weights", "w.safetensors", "-o", "./w.safetensors"]
    assert main(arguments) == 2
    assert "is the file of weights" in capsys.readouterr().err
    assert Path("w.safetensors").read_bytes() == before
    main(["onnx", "toy.net", "-o", "m.safetensors"])
    assert main(["weights", "m.safetensors", "-o", "m.safetensors"]) == 2
    assert "is the model" in capsys.readouterr().err
    assert main(["weights", "m.safetensors", "-o", "back.npz"]) == 2
    assert "-o takes a name that ends in .safetensors, not back.npz" in capsys.readouterr().err
    assert main(["weights", "none.onnx", "-o", "m.safetensors"]) == 2
    assert "cannot read none.onnx: there is no such file" in capsys.readouterr().err
