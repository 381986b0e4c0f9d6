"""Results with numbers that nobody measured."""

from __future__ import annotations

from typing import Any

MACHINE = {
    "processor": "Abacus",
    "cores": 3,
    "memory": 5,
    "system": "None",
    "python": "CPython 3.99.0",
}


def row(name: str, **changed: Any) -> dict[str, Any]:
    plain = {
        "name": name,
        "tells": "shapes",
        "package": "netspec",
        "version": "1",
        "failed": "",
        "seconds": 0.25,
        "ratio": 1.0,
        "memory": 20.4,
    }
    return {**plain, **changed}


def point(kind: str, size: int, **changed: Any) -> dict[str, Any]:
    plain = {
        "kind": kind,
        "size": size,
        "layers": size,
        "lines": 50,
        "cold": 0.5,
        "parse": 0.01,
        "elaborate": 0.02,
        "check": 0.04,
        "memory": 30.0,
        "failed": "",
        "runs": (),
    }
    return {**plain, **changed}


def results() -> dict[str, Any]:
    rows = [
        row("netspec check x.net"),
        row("torchinfo", package="torchinfo", version="9", seconds=2.5, ratio=10.0, memory=400.0),
        row("counter on meta", package="torch", version="8", seconds=0.0005, ratio=0.002),
        row("thop", package="thop", version="", failed="no wheel | <for it>"),
    ]
    look = {"title": "Look", "rounds": 7, "machine": MACHINE, "reference": rows[0]["name"]}
    growth = {"title": "Growth", "rounds": 1, "machine": MACHINE}
    points = [
        point("distinct", 10),
        point("distinct", 1_000, layers=1_000, elaborate=2.0),
        point("doubling", 60, layers=2**60),
        point("branches", 10, failed="took more than 600 s"),
    ]
    return {"groups": {"look": {**look, "rows": rows}, "scale": {**growth, "points": points}}}
