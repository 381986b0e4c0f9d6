"""The page of a network as a text: what its policy allows, and the data that it holds."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from netspec.reports.drawing import draw
from tests.helpers import network


def page(text: str) -> str:
    return str(draw(network(text, "A"), "html", None))


def data(text: str) -> dict[str, Any]:
    found = json.loads(page(text).partition('id="data">')[2].partition("</script>")[0])
    assert isinstance(found, dict)
    return found


def test_the_policy_allows_what_the_page_holds_and_nothing_else() -> None:
    text = page("net A { input 3x8x8; relu }")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    allowed = {}
    for tag, name in (("script", "script-src"), ("style", "style-src")):
        (held,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
        allowed[name] = f"'sha256-{digest}'"
    assert rules == {
        **allowed,
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_stages_and_totals() -> None:
    """4 * 27 + 4 parameters at 64 positions, 4 * 4 + 4, and 4 * 64 * 10 + 10; of weights that are
    used again, products alone."""
    found = data(
        """net A { input 3x8x8
        a: conv 4 3 padding=1; c: conv 4 1; share c; flatten; d: dense 10 }"""
    )
    assert found["totals"] == [112 + 20 + 2_570, 64 * 108 + 2 * 64 * 16 + 2_560]
    stages = [found["boxes"][number]["costs"] for number in found["stages"]]
    assert stages == [[112, 6_912], [20, 1_024], [0, 1_024], [2_570, 2_560]]


def test_edges_and_fields() -> None:
    """From inside a block, an edge is dashed; each field says which input it is of."""
    found = data(
        """block u { c: conv 4 1; relu }
        net A { l: input 4x8x8; r: input 4x8x8; a: u; d: conv 4 3 padding=1
          add { @l; @a.c; @d } }"""
    )
    edges = found["graphs"]["-1"]["edges"]
    taps = {found["boxes"][edge[0]].get("name") for edge in edges if edge[4]}
    assert taps == {"a"}
    assert [i["name"] for i in found["inputs"]] == ["l", "r"]
    by_name = {box.get("name"): box for box in found["boxes"] if box["parent"] < 0}
    fields = [(f["input"], f["size"]) for f in by_name["d"]["fields"]]
    assert fields == [(1, "3x3")]
    assert by_name["d"]["extent"] == 9
