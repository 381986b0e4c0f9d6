"""Measures the export of a network to ONNX as whole processes side by side, in time and memory.

netspec with weights and without; `torch.onnx.export` in both its ways, from the module that netspec
writes, torch's import included; the network's graph and random weights by onnx.helper and NumPy, as
a script would make them; and `import onnx`, below which none of them can be. What the figures
should be is left to the reader.

    pip install ".[onnx]" torch && python benchmarks/export.py [--rounds 7] [--net zoo:resnet50]

An editable installation computes the parser's automaton each time, 0.15 s that the wheel saves.

`torch.onnx.export(dynamo=True)` needs the package onnxscript; without it, it is left out.
The other way takes twice as long where that is installed, and so is kept from it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from timing import ROOT, paired, table

BASE = "import onnx"
OPSET = 18

#: What each process runs that is no command of netspec's: sys.argv[1] is the folder.
TORCH = f"""
import sys; sys.path.insert(0, sys.argv[1])
if sys.argv[3] == "legacy": sys.modules["onnxscript"] = None
import torch, written
example = torch.zeros((1, *map(int, sys.argv[2].split("x"))))
torch.onnx.export(written.Net().eval(), (example,), sys.argv[1] + "/torch.onnx", verbose=False,
                  opset_version={OPSET}, dynamo=sys.argv[3] == "dynamo")
"""
HELPER = """
import sys
import numpy as np, onnx
from onnx import helper, numpy_helper
graph = onnx.load(sys.argv[1] + "/graph.onnx").graph
nodes = [
    helper.make_node(n.op_type, list(n.input), list(n.output), n.name,
                     **{a.name: helper.get_attribute_value(a) for a in n.attribute})
    for n in graph.node
]
random = np.random.default_rng(0)
tensors, inputs = [], []
for info in graph.input:
    dims = [d.dim_value or d.dim_param for d in info.type.tensor_type.shape.dim]
    if isinstance(dims[0], str):
        inputs.append(helper.make_tensor_value_info(info.name, 1, dims))
    else:
        numbers = random.random(dims, dtype=np.float32) - np.float32(0.5)
        tensors.append(numpy_helper.from_array(numbers, info.name))
made = helper.make_graph(nodes, graph.name, inputs, list(graph.output), tensors)
onnx.save(helper.make_model(made), sys.argv[1] + "/helper.onnx")
"""


def commands(net: str, folder: str) -> dict[str, list[str]]:
    """What is timed, by name. Everything is written into that folder.

    It is prepared by other processes: what this one holds would count as held by its children.
    """
    python = sys.executable
    # The command as it is installed: `-m` would take the package of this checkout, which computes
    # the parser's automaton anew.
    netspec = [str(Path(python).with_name("netspec"))]
    onnx = [*netspec, "onnx", net, "-o"]
    graph = [*onnx, f"{folder}/graph.onnx", "--no-weights", "--opset", str(OPSET)]
    subprocess.run(graph, cwd=ROOT, check=True)
    timed = {
        BASE: [python, "-c", "import onnx"],
        f"netspec onnx {net}": [*onnx, f"{folder}/netspec.onnx"],
        f"netspec onnx {net} --no-weights": [*onnx, f"{folder}/alone.onnx", "--no-weights"],
        "onnx.helper by hand": [python, "-c", HELPER, folder],
    }
    if importlib.util.find_spec("torch") is not None:
        torch = [*netspec, "torch", net, "--class-name", "Net", "-o", f"{folder}/written.py"]
        subprocess.run(torch, cwd=ROOT, check=True)
        summary = subprocess.check_output([*netspec, "summary", net, "--json"], cwd=ROOT)
        (dims,) = json.loads(summary)["inputs"].values()
        ways = ["legacy"]
        if importlib.util.find_spec("onnxscript") is not None:
            ways.append("dynamo")
        for way in ways:
            name = f"torch.onnx.export(dynamo={way == 'dynamo'})"
            timed[name] = [
                python,
                "-W",
                "ignore",
                "-c",
                TORCH,
                folder,
                "x".join(map(str, dims)),
                way,
            ]
    return timed


def main() -> None:
    """Print the table of `timing`, and the releases that it holds for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="times each command is run")
    parser.add_argument("--net", default="zoo:resnet50", help="what is exported; of one input")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(table(paired(commands(arguments.net, folder), arguments.rounds), BASE))
    found = []
    for package in ("numpy", "onnx", "torch", "onnxscript"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    print(f"\n{', '.join(found)}")


if __name__ == "__main__":
    main()
