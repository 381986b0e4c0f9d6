"""Measures the stages of netspec on one file, in this process: prints the seconds of each, as JSON.

    python point.py FILE

`cold` is the first parse of the process, the parser's tables included; `parse` a later one;
`elaborate` makes the networks of the parsed tree and checks them, each time as if for the first;
`check` is what `netspec check` does with the file, its opinions included. `memory` is what it took
to come to the networks, in MiB.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import netspec
from netspec.analysis.cost import totals
from netspec.analysis.examine import Examined, examine_tree, has_errors
from netspec.elaborate import rules
from netspec.source import SourceFile
from netspec.syntax import parse

#: Seconds that a stage is repeated for, and how often at most.
PATIENCE, TIMES = 0.3, 9


def main(path: str) -> None:
    """Measure, and print."""
    source = SourceFile(path, Path(path).read_text())
    began = time.perf_counter()
    tree, found = parse(source)
    cold = time.perf_counter() - began

    def examined() -> Examined:
        # What layers were found to be is known to a process from then on.
        rules.KNOWN.clear()
        return examine_tree(tree, found, reader=_nothing)

    outcome = examined()
    assert not has_errors(outcome.diagnostics), outcome.diagnostics[0].message
    (network,) = outcome.elaboration.networks.values()
    parameters = totals(network).params
    memory = _held()
    del outcome, network
    print(
        json.dumps(
            {
                "cold": cold,
                "parse": _median(lambda: parse(source)),
                "elaborate": _median(examined),
                "check": _median(lambda: netspec.check(path)),
                "memory": memory,
                "lines": source.text.count("\n"),
                "parameters": parameters,
            }
        )
    )


def _nothing(source: SourceFile, path: str) -> SourceFile:
    raise AssertionError("the files that are measured import none")


def _held() -> float:
    """The most that this process held until now, in MiB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _median(run: Callable[[], object]) -> float:
    """Of a few runs; of one, where that takes long."""
    taken: list[float] = []
    while not taken or (sum(taken) < PATIENCE and len(taken) < TIMES):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main(*sys.argv[1:])
