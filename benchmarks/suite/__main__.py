"""The command line of the benchmarks: which groups, how often, and where results are written.

Measuring is left to `timing`, showing to `tables` and `plot`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.suite import growth, machine, plot, tables
from benchmarks.suite.environments import ROOT, CannotInstall, Environment, made
from benchmarks.suite.figures import Point, row
from benchmarks.suite.groups import GROUPS, package_missing
from benchmarks.suite.timing import Taken, paired

RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"
FORMAT = 1

#: The groups in the order of the page; `look` is what README shows.
NAMES = (*GROUPS, "warm", "scale")


def main() -> int:
    """Measure what is asked for, and write it beside what was measured before."""
    arguments = _parser().parse_args()
    code = 0
    results = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
    groups = dict(results.get("groups", {}))
    environments: dict[str, Environment] = {}
    chosen = [] if arguments.render else arguments.only or NAMES
    for name in NAMES:
        if name in chosen:
            try:
                groups[name] = measured_group(name, arguments.rounds, environments)
            except (CannotInstall, subprocess.CalledProcessError) as problem:
                # A peer that fails has its row; here it is netspec itself, or Python.
                print(f"{name}: cannot be measured: {problem}", file=sys.stderr)
                code = 1
                continue
            results = {"format": FORMAT, "groups": {n: groups[n] for n in NAMES if n in groups}}
            arguments.json.write_text(f"{json.dumps(results, indent=1)}\n")
    if not groups:
        return code
    page = tables.page(results)
    arguments.markdown.write_text(page, encoding="utf-8")
    if "scale" in groups:
        points = groups["scale"]["points"]
        arguments.markdown.with_name("scale.svg").write_text(drawn(points), encoding="utf-8")
    if arguments.readme:
        readme = README.read_text(encoding="utf-8")
        README.write_text(tables.with_section(readme, page), encoding="utf-8")
    print(page)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py",
        description="Installs netspec and its peers into environments of their own, measures them, "
        "and writes tables. The first time takes minutes, and 3 GB of disk.",
    )
    parser.add_argument("--rounds", type=int, default=7, help="times each process is run (7)")
    parser.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        help="measure this group, and keep what the results say of the others; may be repeated",
    )
    parser.add_argument("--json", type=Path, default=RESULTS / "results.json", metavar="FILE")
    parser.add_argument("--markdown", type=Path, default=RESULTS / "table.md", metavar="FILE")
    parser.add_argument("--readme", action="store_true", help="write README's table, too")
    parser.add_argument(
        "--render", action="store_true", help="measure nothing, and write the tables anew"
    )
    return parser


def measured_group(
    name: str, rounds: int, environments: dict[str, Environment]
) -> Mapping[str, Any]:
    """A group of the results; environments are made when first needed."""

    def tell(said: str) -> None:
        print(f"{name}: {said}", file=sys.stderr, flush=True)

    needed = GROUPS[name].environments if name in GROUPS else ("netspec",)
    for each in needed:
        if each not in environments:
            environments[each] = made(each, tell)
    own = {each: environments[each] for each in needed}
    result: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine.described(),
        "versions": {each: environment.versions() for each, environment in own.items()},
    }
    with tempfile.TemporaryDirectory(prefix="netspec-benchmarks-") as place:
        folder = Path(place)
        # No configuration is looked for above it.
        (folder / "netspec.toml").touch()
        if name == "scale":
            # A process of it repeats what it measures.
            rounds = min(rounds, 3)
            points = growth.scale(own["netspec"], rounds, folder, tell)
            result |= {
                "title": "Nets of growing size: inside one process",
                "points": [asdict(point) for point in points],
            }
        elif name == "warm":
            rows = growth.warm(own["netspec"], rounds, folder, tell)
            result |= {
                "title": "ResNet-152 from what is read already: inside one process",
                "reference": growth.NETSPEC,
                "rows": [asdict(each) for each in rows],
            }
        else:
            result |= processes(name, own, rounds, folder, tell, result["versions"])
    return {**result, "rounds": rounds}


def processes(
    name: str,
    environments: Mapping[str, Environment],
    rounds: int,
    folder: Path,
    tell: Callable[[str], None],
    versions: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """A group of whole processes; a package that is missing has its reason."""
    group = GROUPS[name]
    measurements = group.rows(environments, folder)
    missing: Taken = {}
    for each in measurements:
        why = package_missing(each, environments)
        if why is not None:
            missing[each.name] = why
    commands = {each.name: each.command for each in measurements if each.name not in missing}
    taken = {**paired(commands, rounds, folder, tell), **missing}
    reference = next(each.name for each in measurements if each.package == "netspec")
    rows = [
        row(
            each.name,
            each.tells,
            each.package,
            versions.get(each.environment, {}).get(each.package, ""),
            taken,
            reference,
        )
        for each in measurements
    ]
    return {
        "title": group.title,
        "reference": reference,
        "rows": [asdict(each) for each in rows],
    }


def drawn(points: list[dict[str, Any]]) -> str:
    """The plot of the group `scale`."""
    kinds = dict.fromkeys(point["kind"] for point in points)
    good = [Point(**point) for point in points if not point["failed"]]
    seconds = {k: [(p.layers, p.elaborate) for p in good if p.kind == k] for k in kinds}
    memory = {k: [(p.layers, p.memory) for p in good if p.kind == k] for k in kinds}
    return plot.drawn(
        [
            plot.Panel("Seconds to elaborate and check", "layers of the net", seconds),
            plot.Panel("Peak memory in MiB", "layers of the net", memory),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
