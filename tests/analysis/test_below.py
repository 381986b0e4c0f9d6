"""Names one level under a path: all of them, level by level, and no more where there is no end."""

from __future__ import annotations

import pytest

import netspec
from netspec.analysis.below import LOOKED_THROUGH, MOST, below
from netspec.graph.graph import Network
from tests.helpers import network


def names(found: Network, path: str = "", start: str = "") -> list[str]:
    """Names as they are, with a dot where others stand under them."""
    parts = tuple(path.split(".")) if path else ()
    return [f"{n.text}." if n.more else n.text for n in below(found, parts, start)]


def reached(found: Network) -> set[str]:
    """All paths that are there to be found, one level after the other."""
    paths: set[str] = set()
    ahead: list[tuple[str, ...]] = [()]
    while ahead:
        path = ahead.pop()
        for name in below(found, path):
            inner = (*path, name.text)
            paths.add(".".join(inner))
            if name.more:
                ahead.append(inner)
    return paths


NUMBERED = """block unit { c: conv 3 1x1; relu }
net A {
  input 3x8x8
  body: { conv 3 1x1; repeat 30 { unit; relu } }
  join: add { identity; conv 3 1x1 }
  repeat 20 as i { part{i}: { unit; repeat 3 { relu } } }
}"""


@pytest.mark.parametrize(
    "spec",
    ["zoo:resnet18", "zoo:densenet121", "zoo:inception_v3", "zoo:mobilenet_v3_small", NUMBERED],
)
def test_every_layer_is_reached(spec: str) -> None:
    """The flat list of layers, which calls and repeats are expanded for, has the same paths."""
    found = netspec.load(spec) if spec.startswith("zoo:") else network(spec)
    layers = [layer.path.split(".") for layer in netspec.summarize(found).layers if layer.path]
    layers = [path for path in layers if path != ["input"]]
    paths = {".".join(path[:end]) for path in layers for end in range(1, len(path) + 1)}
    assert reached(found) == paths


def test_levels() -> None:
    found = network(NUMBERED)
    assert names(found, start="b") == ["body."]
    assert names(found, start="jo") == ["join."]
    assert names(found, "body", "1") == ["1.", *(f"{n}{'.' * (n % 2)}" for n in range(10, 20))]
    assert names(found, "body.59") == ["c", "relu1"]
    assert names(found, "body.60") == names(found, "body.c") == names(found, "none") == []
    assert names(found, "part19") == ["0.", "1", "2", "3"]


def test_what_has_no_end_ends() -> None:
    found = network(
        "block unit { c: conv 3 1x1; relu }\n"
        "net A { input 3x8x8; many: { repeat 1000000000 { repeat 1000000000 { unit } } } }"
    )
    assert len(below(found, ("many",))) == MOST
    # As far as it is looked, 99, 990 to 999 and 9900 to 9999, both as they are and as the turns of
    # the outer repeat: each of them begins 1,000,000,000 further on.
    assert LOOKED_THROUGH == 10_000
    assert len(below(found, ("many",), "99")) == 2 * (1 + 10 + 100)
    assert names(found, "many.123456789012") == ["c", "relu1"]
