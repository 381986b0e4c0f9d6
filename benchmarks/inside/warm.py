"""Measures netspec beside ONNX's shape inference in one process: prints seconds of each, as JSON.

    python warm.py SPEC GRAPH [TIMES]

Both begin with what they have read: the parsed tree, and the model without weights as protobuf.
They take turns; each figure is the median. `netspec` finds out of each layer what ONNX does;
`again`, as in an editor, most of it is known from before.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import onnx
from onnx.shape_inference import infer_shapes

from netspec.analysis.examine import examine_tree
from netspec.elaborate import rules
from netspec.source import SourceFile
from netspec.syntax import parse


def main(spec: str, graph: str, times: str = "31") -> None:
    """Measure, and print."""
    source = SourceFile(spec, Path(spec).read_text())
    tree, found = parse(source)
    model = onnx.load(graph)

    def examined() -> None:
        rules.KNOWN.clear()
        again()

    def again() -> None:
        assert not examine_tree(tree, found, reader=_nothing).failed

    def inferred() -> None:
        assert infer_shapes(model, check_type=True, strict_mode=True).graph.value_info

    stages: dict[str, Callable[[], None]] = {"netspec": examined, "again": again, "onnx": inferred}
    taken: dict[str, list[float]] = {name: [] for name in stages}
    for number in range(int(times) + 1):
        for name, run in stages.items():
            began = time.perf_counter()
            run()
            if number:
                taken[name].append(time.perf_counter() - began)
    print(json.dumps({name: statistics.median(each) for name, each in taken.items()}))


def _nothing(source: SourceFile, path: str) -> SourceFile:
    raise AssertionError("the files that are measured import none")


if __name__ == "__main__":
    main(*sys.argv[1:])
