"""README's table of the zoo: netspec's numbers beside those that others publish.

`python -m tests.docs.zoo_table` writes it anew. netspec's numbers are those that `netspec zoo`
lists; published ones come from tests/truth.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

from netspec.cli import main
from netspec.reports.zoo import linked, markdown_row
from tests.zoo.facts import papers, torchvision

README = Path(__file__).resolve().parent.parent.parent / "README.md"
SECTION = re.compile(r"(?<=<!-- zoo:begin -->\n).*?(?=<!-- zoo:end -->)", re.DOTALL)
COLUMNS = ("name", "input", "parameters", "published", "MACs", "published", "paper")
#: What nobody publishes.
NOTHING = "-"


def listed() -> list[dict[str, Any]]:
    """The nets of `netspec zoo --json`."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["zoo", "--json"]) == 0
    return list(json.loads(out.getvalue())["nets"])


def published(name: str) -> tuple[str, str]:
    """Parameters and multiply-accumulates of torchvision's model card, else of the paper.

    A paper's are as it prints them, in millions and 10^9.
    """
    fact = torchvision().get(name, {}).get("published")
    if fact is not None:
        return f"{fact['params']:,}", f"{fact['gmacs']:.3f} G"
    return _printed().get(name, (NOTHING, NOTHING))


def _printed() -> dict[str, tuple[str, str]]:
    lenet, alexnet, allcnn = papers()["lenet5"], papers()["alexnet"], papers()["allcnn"]
    found = {
        "lenet5": (f"{lenet['total_params']:,}", NOTHING),
        "alexnetpaper": (f"{alexnet['params_claim'] / 1e6:g} M", NOTHING),
    }
    rows = {
        "modelc": "Model C",
        "stridedcnn_c": "Strided-CNN-C",
        "convpoolcnn_c": "ConvPool-CNN-C",
        "allcnn_c": "ALL-CNN-C",
    }
    for name, row in rows.items():
        found[name] = (f"{allcnn['table3_params_m'][row]} M", NOTHING)
    for depth in ("20", "56"):
        found[f"resnet{depth}"] = (f"{papers()['resnet_cifar']['params_m'][depth]} M", NOTHING)
    for depth in ("50", "101", "152"):
        macs = papers()["resnet_imagenet"]["flops_1e9"][depth]
        found[f"resnet{depth}paper"] = (NOTHING, f"{macs} G")
    return found


def table() -> str:
    """The rows in Markdown; the paper stands at the first net of each file."""
    lines = [COLUMNS, ("---", "---", *("--:",) * 4, "---")]
    family = ""
    for net in listed():
        (shape,) = net["inputs"].values()
        params, macs = published(net["name"])
        file = net["spec"].split("::")[0]
        paper = "" if file == family else linked(net["paper"])
        family = file
        lines.append(
            (
                f"`{net['name']}`",
                "x".join(map(str, shape)),
                f"{net['params']:,}",
                params,
                f"{net['macs']:,}",
                macs,
                paper,
            )
        )
    return "".join(f"{markdown_row(line)}\n" for line in lines)


def rewritten(readme: str) -> str:
    """README with the table as it is now."""
    text, count = SECTION.subn(lambda _: f"\n{table()}\n", readme)
    assert count == 1
    return text


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
