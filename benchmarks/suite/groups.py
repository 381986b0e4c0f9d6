"""What is measured as whole processes: which command, in which environment, for what.

How it is timed is left to `timing`; what runs inside one process, to `inside`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import texts
from benchmarks.suite.environments import ROOT, Environment
from benchmarks.suite.specs import many
from benchmarks.suite.timing import surroundings

BENCHMARKS = ROOT / "benchmarks"
PEERS = BENCHMARKS / "peers"
#: The opset that torch and netspec both write for `export`.
OPSET = "18"

Environments = Mapping[str, Environment]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A row: what it is called, what it tells, its command, and the package that it measures."""

    name: str
    tells: str
    command: tuple[str, ...]
    environment: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are measured together, relative to the one called `reference`."""

    name: str
    title: str
    environments: tuple[str, ...]
    #: Given the environments and the folder that it may write into.
    rows: Callable[[Environments, Path], list[Measurement]]


def look(environments: Environments, folder: Path) -> list[Measurement]:
    """ResNet-50 checked, summed up or counted, by netspec and by its peers."""
    for spec in ("resnet50.net", "resnet152.net"):
        shutil.copy(BENCHMARKS / "specs" / spec, folder)
    netspec = environments["netspec"].program("netspec")
    python = environments["netspec"].program("python")
    graph = ("onnx", "resnet50.net", "--no-weights", "-o", "graph.onnx")
    prepared((netspec, *graph), folder)
    (folder / "resnet50.nnef").write_text(texts.nnef())
    (folder / "for_torchshapeflow.py").write_text(texts.torchshapeflow())
    (folder / "for_torchtyc.py").write_text(texts.torchtyc())
    return [
        Measurement("python -c pass", "nothing", (python, "-c", "pass")),
        *_checks(environments, "resnet50.net"),
        _netspec(environments, "summary of ResNet-50", "summary", "resnet50.net"),
        *_checks(environments, "resnet152.net"),
        _netspec(environments, "summary of ResNet-152", "summary", "resnet152.net"),
        _netspec(environments, "every network that ships", *_fresh(environments), "zoo:"),
        *_light_peers(environments),
        *_torch_peers(environments),
        _script(environments, "keras", "keras", "keras", "summary"),
    ]


def _checks(environments: Environments, spec: str) -> list[Measurement]:
    """A check; and, where netspec keeps verdicts, the same of a file that it knows."""
    net = {"resnet50.net": "ResNet-50", "resnet152.net": "ResNet-152"}[spec]
    fresh = _fresh(environments)
    rows = [_netspec(environments, f"shapes, costs and rules of {net}", *fresh, spec)]
    if len(fresh) > 1:
        rows.append(_netspec(environments, "the same, of an unchanged file", "check", spec))
    return rows


def _fresh(environments: Environments) -> tuple[str, ...]:
    """The command that checks, and takes no verdict from before."""
    asked = [environments["netspec"].program("netspec"), "check", "--help"]
    usage = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return ("check", "--no-cache") if "--no-cache" in usage else ("check",)


def _netspec(environments: Environments, tells: str, *command: str) -> Measurement:
    environment = environments["netspec"]
    program = environment.program("netspec")
    name = f"netspec {' '.join(command)}"
    return Measurement(name, tells, (program, *command), "netspec", "netspec")


def _script(
    environments: Environments,
    environment: str,
    package: str,
    script: str,
    tells: str,
    *arguments: str,
    name: str = "",
) -> Measurement:
    """A row of `peers/with_<script>.py`."""
    python = environments[environment].program("python")
    command = (python, str(PEERS / f"with_{script}.py"), *arguments)
    return Measurement(name or package, tells, command, environment, package)


def _light_peers(environments: Environments) -> list[Measurement]:
    light, graph = environments["light"], "graph.onnx"
    shapes = "shapes of the ONNX graph without weights"
    counts = "shapes and MACs of the same graph"
    validate = (light.program("python"), "-m", "nnef.validate", "--shapes", "resnet50.nnef")
    tsf = (light.program("tsf"), "check", "for_torchshapeflow.py")
    inference = "onnx.shape_inference"
    flat = "shapes of annotated PyTorch, read, not run"
    return [
        Measurement("torchshapeflow", flat, tsf, "light", "torchshapeflow"),
        Measurement("nnef.validate", "shapes of ResNet-50 in NNEF", validate, "light", "nnef"),
        _script(environments, "netspec", "onnx", "onnx", shapes, graph, name=inference),
        _script(environments, "light", "onnx-tool", "onnx_tool", counts, graph),
    ]


def _torch_peers(environments: Environments) -> list[Measurement]:
    torch = environments["torch"]
    python = torch.program("python")
    tyc = (torch.program("torchtyc"), "check", "--python", python, "for_torchtyc.py")
    counter = "FlopCounterMode on meta"
    imported = (python, "-c", "import torch")
    annotated = "shapes of annotated PyTorch, run on meta"
    return [
        Measurement("python -c 'import torch'", "nothing", imported, "torch", "torch"),
        Measurement("torchtyc", annotated, tyc, "torch", "torchtyc"),
        _script(environments, "torch", "torch", "flop_counter", "FLOPs", name=counter),
        _script(environments, "torch", "torchinfo", "torchinfo", "summary"),
        _script(environments, "torch", "fvcore", "fvcore", "MACs"),
        _script(environments, "torch", "ptflops", "ptflops", "MACs"),
        _script(environments, "torch", "calflops", "calflops", "FLOPs"),
        _script(environments, "torch", "thop", "thop", "MACs"),
    ]


def export(environments: Environments, folder: Path) -> list[Measurement]:
    """ResNet-50 to ONNX, by netspec, by torch in both its ways, by hand."""
    shutil.copy(BENCHMARKS / "specs" / "resnet50.net", folder)
    netspec = environments["netspec"].program("netspec")
    opset = ("--opset", OPSET)
    graph = ("--no-weights", "-o", "graph.onnx")
    prepared((netspec, "onnx", "resnet50.net", *opset, *graph), folder)
    prepared((netspec, "torch", "resnet50.net", "-o", "written.py"), folder)
    written = ("onnx", "resnet50.net", *opset, "-o", "written.onnx")
    alone = ("onnx", "resnet50.net", *opset, "--no-weights", "-o", "alone.onnx")
    imported = (environments["netspec"].program("python"), "-c", "import onnx")
    by_hand = "the same graph and weights, by hand"
    module = "the module that netspec wrote, with weights"
    return [
        _netspec(environments, "with weights", *written),
        _netspec(environments, "the graph alone", *alone),
        Measurement("python -c 'import onnx'", "nothing", imported, "netspec", "onnx"),
        _script(
            environments,
            "netspec",
            "onnx",
            "helper",
            by_hand,
            "graph.onnx",
            "helper.onnx",
            name="onnx.helper",
        ),
        *(
            _script(
                environments,
                "torch",
                "torch",
                "torch_export",
                module,
                way,
                OPSET,
                name=f"torch.onnx.export(dynamo={way == 'dynamo'})",
            )
            for way in ("legacy", "dynamo")
        ),
    ]


def folder_of_specs(environments: Environments, folder: Path) -> list[Measurement]:
    """A thousand different specs; the memory is that of the largest process."""
    for name, text in many(1_000).items():
        path = folder / "specs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    fresh = _fresh(environments)
    rows = [_netspec(environments, "1,000 different specs", *fresh, "specs")]
    if len(fresh) > 1:
        rows.append(_netspec(environments, "the same, unchanged", "check", "specs"))
    return rows


def prepared(command: tuple[str, ...], folder: Path) -> None:
    """Run what a measurement needs before it; raises if that fails."""
    subprocess.run(
        command,
        cwd=folder,
        env=surroundings(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )


GROUPS = {
    group.name: group
    for group in (
        Group(
            "look",
            "To look at ResNet-50: whole processes",
            ("netspec", "light", "torch", "keras"),
            look,
        ),
        Group("export", "ResNet-50 to ONNX: whole processes", ("netspec", "torch"), export),
        Group("many", "A folder of specs: whole processes", ("netspec",), folder_of_specs),
    )
}


def package_missing(measurement: Measurement, environments: Environments) -> str | None:
    """Why the package of a row could not be installed, if that is so."""
    if not measurement.environment:
        return None
    for requirement, why in environments[measurement.environment].missing.items():
        if requirement.partition("==")[0] == measurement.package:
            return f"cannot be installed: {why}"
    return None
