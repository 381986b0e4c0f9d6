"""The public API: what programs get, and which errors they can catch."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
import torch

import netspec

RESNET18 = 11_689_512  # torchvision's model card


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.net"
    path.write_text("net Bad { input 3x8x8; conv 4 3x3 strid=2; conv 4 3x3 paddin=1 }\n")
    return path


def test_every_name_is_there() -> None:
    for name in netspec.__all__:
        assert getattr(netspec, name) is not None
        assert name in dir(netspec)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = netspec.nothing  # type: ignore[attr-defined]


def test_importing_is_light() -> None:
    script = "import netspec, sys; print(sorted(m for m in sys.modules if 'netspec' in m))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(netspec.__file__).parent.parent,
    )
    assert done.stdout.strip() == "['netspec']"


def test_check(specs: Path, bad: Path) -> None:
    assert netspec.check(specs) == []
    found = netspec.check(bad, str(bad), bad.parent)
    assert [d.name for d in found] == ["unknown-parameter"] * 2
    assert all(d.severity is netspec.Severity.ERROR for d in found)
    with pytest.raises(netspec.FileProblem, match="missing"):
        netspec.check("missing.net")


def test_load_and_summarize(specs: Path) -> None:
    network = netspec.load(f"{specs / 'resnet.net'}::ResNet18")
    assert isinstance(network, netspec.Network)
    summary = netspec.summarize(network)
    assert summary.totals.params == RESNET18
    assert summary.outputs["out"] == netspec.Shape.of(1000)
    assert summary.layers[0].path == "conv1"


def test_what_ships_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert netspec.summarize("zoo:resnet18").totals.params == RESNET18
    assert netspec.summarize(Path("zoo:resnet18"), classes=7).outputs["out"].dims == (7,)
    assert netspec.load("zoo:resnet::ResNet18").name == "ResNet18"
    assert netspec.load("zoo:RESNET18", inputs="3x64x64").name == "ResNet18"
    assert netspec.check("zoo:resnet50", "zoo:lenet") == []
    source = netspec.torch_source("zoo:lenet5")
    assert "class LeNet5" in source and str(Path(netspec.__file__).parent) not in source
    assert netspec.to_torch("zoo:lenet5")(torch.zeros(1, 1, 32, 32)).shape == (1, 84)
    assert netspec.to_onnx("zoo:lenet5", weights=False).model.graph.name == "LeNet5"
    with pytest.raises(netspec.SpecError, match="several") as caught:
        netspec.load("zoo:resnet")
    assert "zoo:resnet.net::ResNet18" in str(caught.value)
    with pytest.raises(netspec.FileProblem, match="did you mean zoo:resnet18"):
        netspec.load("zoo:resnt18")
    with pytest.raises(netspec.FileProblem, match="no path"):
        netspec.check("zoo:../resnet.net")


def test_parameters_and_inputs(tmp_path: Path) -> None:
    path = tmp_path / "toy.net"
    path.write_text(
        """net Toy(widths, norm=false, classes=2) {
          input 3x32x32
          repeat widths as width { conv width 3x3 padding=1; if norm { batchnorm } }
          global_avgpool; flatten
          dense classes
        }"""
    )
    network = netspec.load(path, {"widths": [4, 8], "norm": True, "classes": "2 * 3"}, "3x16x16")
    ops = [layer.op for layer in netspec.summarize(network).layers]
    assert ops[:4] == ["conv", "batchnorm", "conv", "batchnorm"]
    assert netspec.summarize(network).inputs == {"input": netspec.Shape.of(3, 16, 16)}
    assert netspec.summarize(path, widths=[4]).totals.macs == 4 * 27 * 32 * 32 + 4 * 2
    again = netspec.load(path, {"widths": (4,)}, {"input": [3, 5, 5]})
    assert netspec.summarize(again).inputs["input"].dims == (3, 5, 5)
    with pytest.raises(TypeError, match="a parameter is"):
        netspec.load(path, {"widths": object()})
    with pytest.raises(TypeError, match="loaded already"):
        netspec.summarize(network, classes=3)


def test_mistakes_are_an_error_with_diagnostics(bad: Path) -> None:
    with pytest.raises(netspec.SpecError) as caught:
        netspec.load(bad)
    assert [d.name for d in caught.value.diagnostics] == ["unknown-parameter"] * 2
    assert "did you mean `stride`?" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_net_that_is_missing(specs: Path) -> None:
    with pytest.raises(netspec.SpecError, match="several") as caught:
        netspec.load(specs / "resnet.net")
    assert caught.value.diagnostics == () and "::ResNet18" in str(caught.value)
    with pytest.raises(netspec.SpecError, match="did you mean `ResNet18`"):
        netspec.load(f"{specs / 'resnet.net'}::ResNet8")


def test_to_torch(specs: Path) -> None:
    spec = f"{specs / 'resnet.net'}::ResNet18"
    module = netspec.to_torch(spec, classes=7).eval()
    counted = sum(p.numel() for p in module.parameters())
    assert counted == RESNET18 - 993 * 513  # 512 weights and a bias for each class
    assert module(torch.zeros(1, 3, 64, 64)).shape == (1, 7)
    assert "class ResNet18" in netspec.torch_source(spec)


def test_to_onnx(specs: Path) -> None:
    model = netspec.to_onnx(f"{specs / 'lenet.net'}::LeNet5", seed=3)
    sink = BytesIO()
    model.save(sink)
    assert sink.getvalue() == model.to_bytes()
    assert [value.name for value in model.model.graph.input] == ["input"]


def test_to_onnx_with_its_weights_beside_it(tmp_path: Path) -> None:
    model = netspec.to_onnx("zoo:resnet18", functions=True, classes=10)
    assert {function.name for function in model.graph_alone.functions} >= {"basic"}
    model.save_to(tmp_path / "model.onnx", external=True)
    assert sorted(os.listdir(tmp_path)) == ["model.onnx", "model.onnx.data"]
    # Less the 990 rows of 513 numbers that a thousand classes need more.
    assert (tmp_path / "model.onnx.data").stat().st_size > 4 * (RESNET18 - 990 * 513)
