"""`netspec count` and `netspec summary --count`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec.analysis.counting.tally import CONVENTIONS
from netspec.cli import main
from netspec.cli.common_arguments import CONVENTIONS as NAMES

Captured = pytest.CaptureFixture[str]

#: 6x9x9 -> 8x7x7: 7*7 * 8*6*9 = 21,168 multiply-accumulates, 392 biased outputs.
TOY = "net Toy {\n  input 6x9x9\n  conv 8 3x3; batchnorm; relu\n}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("toy.net").write_text(TOY, encoding="utf-8")
    return tmp_path


def test_the_names_are_those_that_there_are() -> None:
    assert tuple(CONVENTIONS) == NAMES


def test_table(capsys: Captured) -> None:
    assert main(["count", "toy.net"]) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1] for line in out.splitlines()[4:]}
    # In three digits, as its line says.
    assert "\npaper            21.2 x 10^3  MACs " in out
    elements = 8 * 7 * 7
    assert rows == {
        "macs": "21,168",
        # 2 a multiply-accumulate, 1 a bias, 2 an element of the norm, 1 of relu.
        "flops": f"{2 * 21_168 + 4 * elements:,}",
        "flopcounter": "42,336",
        "fvcore": f"{21_168 + 2 * elements:,}",
        "ptflops": f"{21_168 + elements:,}",
        # A bias, 2 of the norm, 2 of relu.
        "ptflops-pytorch": f"{21_168 + 5 * elements:,}",
        "thop": f"{21_168 + 4 * elements:,}",
        # Biases with the positions, and the 8 + 8 weights of the norm.
        "torchinfo": f"{21_168 + elements + 16:,}",
        "paper": "21.2",
    }


def test_explanation(capsys: Captured) -> None:
    assert main(["count", "toy.net", "--explain", "ptflops", "thop"]) == 0
    assert capsys.readouterr().out == (
        "Toy: 6x9x9 -> 8x7x7\n"
        "\n"
        "term       ptflops    thop  thop - ptflops\n"
        "---------  -------  ------  --------------\n"
        "conv        21,168  21,168               -\n"
        "conv bias      392       -            -392\n"
        "batchnorm        -   1,568          +1,568\n"
        "---------  -------  ------  --------------\n"
        "total       21,560  22,736          +1,176\n"
        "\n"
        "of each layer\n"
        "  conv bias  ptflops  1 for each biased output\n"
        "             thop     nothing\n"
        "  batchnorm  ptflops  nothing\n"
        "             thop     4 for each element, 2 without weights\n"
        "\n"
        "counted by neither: relu\n"
        + "".join(
            f"note: {name}: {limit}\n"
            for name in ("ptflops", "thop")
            for limit in CONVENTIONS[name].limits
        )
    )


def test_json(capsys: Captured) -> None:
    assert main(["count", "toy.net", "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert (whole["net"], whole["format_version"]) == ("Toy", 1)
    for found in whole["conventions"]:
        assert found["total"] == sum(term["amount"] for term in found["terms"])
        assert set(found["uncounted"]) | {t["layer"] for t in found["terms"]} == {
            "conv",
            "batchnorm",
            "relu",
        }
    assert [found["name"] for found in whole["conventions"]] == list(NAMES)


def test_symbolic_json(capsys: Captured) -> None:
    assert main(["count", "toy.net", "--input", "6xHxW", "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    # (H - 2)(W - 2) positions of 6*9 for each of 8 filters.
    assert whole["conventions"][0]["total"] == "432*(H - 2)*(W - 2)"
    assert whole["conditions"] == ["H >= 3", "W >= 3"]


def test_summary(capsys: Captured) -> None:
    assert main(["summary", "toy.net", "--count", "thop"]) == 0
    out = capsys.readouterr().out
    assert "parameters    thop\n" in out
    words = [line.split() for line in out.splitlines()]
    # 4 for each of 392 elements of the norm; 8 + 8 weights.
    assert ["1", "batchnorm", "8x7x7", "16", "1,568"] in words
    assert ["thop", "22,736"] in words and "MACs" not in out and "FLOPs" not in out


@pytest.mark.parametrize(("name", "label"), [("macs", "MACs"), ("flops", "FLOPs")])
def test_summary_by_the_own_measures(name: str, label: str, capsys: Captured) -> None:
    assert main(["summary", "toy.net"]) == 0
    plain = capsys.readouterr().out
    assert main(["summary", "toy.net", "--count", name]) == 0
    out = capsys.readouterr().out
    (total,) = (line for line in plain.splitlines() if line.startswith(label))
    assert total in out.splitlines()


def test_rows_add_up(capsys: Captured) -> None:
    """Of shared, repeated and nested layers, to any depth: what stands alone is the total."""
    Path("deep.net").write_text(
        "block unit(c) { conv c 3x3 padding=1; batchnorm; relu }\n"
        "net Deep {\n"
        "  input 4x8x8\n"
        "  repeat 40 { unit 4; relu }\n"
        "  a: { conv 4 1x1; batchnorm }\n"
        "  share a\n"
        "  aux: output when=training { conv 2 1x1; batchnorm }\n"
        "}\n",
        encoding="utf-8",
    )
    for name in NAMES:
        assert main(["summary", "deep.net", "--count", name, "--depth", "1"]) == 0
        lines = capsys.readouterr().out.split("\n\n")
        cells = [line.split()[-1] for line in lines[1].splitlines()[2:]]
        total = sum(int(c.replace(",", "")) for c in cells if c != "-")
        (wanted,) = (
            found["total"] for found in _conventions("deep.net", capsys) if found["name"] == name
        )
        assert total == wanted


def _conventions(spec: str, capsys: Captured) -> list[dict[str, object]]:
    assert main(["count", spec, "--json"]) == 0
    return list(json.loads(capsys.readouterr().out)["conventions"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["count", "toy.net", "--explain", "fvcore", "thip"], 2, "invalid choice: 'thip'"),
        (["count", "toy.net", "--explain", "fvcore"], 2, "expected 2 arguments"),
        (["count", "toy.net", "--json", "--explain", "fvcore", "thop"], 2, "--json goes without"),
        (["count", "nothing.net"], 2, "nothing.net"),
        (["count", "toy.net::Other"], 2, "there is no net `Other`"),
        (["count", "zoo:vgg", "--json"], 2, "--json"),
        (["summary", "toy.net", "--count", "thip"], 2, "invalid choice: 'thip'"),
        (["summary", "toy.net", "--count", "thop", "--json"], 2, "--count goes without --json"),
        (["count", "toy.net", "--input", "6x2x2"], 1, "kernel"),
    ],
)
def test_wrong(arguments: list[str], code: int, said: str, capsys: Captured) -> None:
    assert main(arguments) == code
    assert said in capsys.readouterr().err


def test_several_nets(capsys: Captured) -> None:
    assert main(["count", "zoo:vgg", "--explain", "macs", "flops"]) == 0
    out = capsys.readouterr().out
    assert "VGG11: 3x224x224" in out and "VGG19_BN: 3x224x224" in out
    assert out.endswith("templates, with parameters to be set: VGG\n")


def test_help_says_what_goes_without_what(capsys: Captured) -> None:
    assert main(["count", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "term by term; goes without --json:" in words
    assert "every term in it; goes without --explain" in words


#: 3x3 convolutions of 3 -> 8 and 8 -> 16 channels: 27 * 8 = 216 and 72 * 16 = 1,152 to a position,
#: of floor((H + 1)/2) rows, then floor((H + 3)/4).
OPEN = """net Open {
  input 3xHxW
  conv 8 3x3 stride=2 padding=1 bias=false
  conv 16 3x3 stride=2 padding=1 bias=false
}
"""
MACS = (
    "1,152*floor((H + 3)/4)*floor((W + 3)/4) + 216*floor((H + 1)/2)*floor((W + 1)/2)",
    "2,304*floor((H + 3)/4)*floor((W + 3)/4) + 432*floor((H + 1)/2)*floor((W + 1)/2)",
)


def test_long_forms_stand_below_the_table(capsys: Captured) -> None:
    """In full, as `summary` has them, each once: without biases, all tools count one or two."""
    Path("open.net").write_text(OPEN, encoding="utf-8")
    assert main(["count", "open.net"]) == 0
    out = capsys.readouterr().out
    cells = {line.split()[0]: line.split()[1] for line in out.splitlines()[4:13]}
    assert cells["macs"] == cells["thop"] == cells["paper"] == "[1]"
    assert cells["flops"] == cells["flopcounter"] == "[2]"
    assert out.endswith(f"\n\n[1]  {MACS[0]}\n[2]  {MACS[1]}\n")
    assert "…" not in out
    assert main(["count", "open.net", "--explain", "macs", "flopcounter"]) == 0
    lines = capsys.readouterr().out.splitlines()
    # The difference is once more as much.
    assert lines[4].split() == ["conv", "[1]", "[2]", "[1]"]
    assert f"[1]  {MACS[0]}" in lines and f"[2]  {MACS[1]}" in lines
    for command in (["summary", "open.net"], ["summary", "open.net", "--count", "thop"]):
        assert main(command) == 0
        assert f"  {MACS[0]}\n" in capsys.readouterr().out
