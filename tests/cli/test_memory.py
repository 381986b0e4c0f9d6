"""`netspec memory` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import netspec
from netspec.cli import main

TEXT = """
block unit(width) { residual { conv width 3x3 padding=1; batchnorm; relu; conv 8 1x1 } }
net Small(classes=10) {
  input 3x16x16
  stem: conv 8 3x3 padding=1
  body: { unit 4; repeat 40 { unit 16 } }
  aux: output when=training { global_avgpool; flatten; dense 3 }
  flatten; dense classes
}
net Open { input 3xHxW; conv 4 3x3 padding=1; global_avgpool; flatten; dense 2 }
block two() { a: conv 6 1x1; b: conv 5 1x1 }
net Tapped { input 3x8x8; u: two; conv 4 1x1; concat { identity; @u.a } }
net Huge { input 3x8x8; repeat 2000000 { conv 3 1x1; relu } }
"""


@pytest.fixture(autouse=True)
def _spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nets.net").write_text(TEXT)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["memory", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "nets.net::Small", "--batch", "2", "--depth", "2")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Small: 3x16x16 -> 10, batch 2, float32"
    (stem,) = (line for line in lines if line.startswith("stem"))
    # 216 weights and 8 biases; the input and the map of two examples are moved.
    moved = 4 * (2 * 3 * 256 + 224 + 2 * 8 * 256)
    assert stem.split()[:5] == ["stem", "conv", "8x16x16", str(4 * 224), "-"]
    assert f"{moved:,}" in stem
    # A long repeat is one row: 39 further units of 16 channels, a convolution of 3x3 and one of
    # 1x1 with biases, a norm with its running statistics and its counter.
    (many,) = (line for line in lines if line.startswith("  2…40"))
    each = 4 * (8 * 16 * 9 + 16 + 4 * 16 + 16 * 8 + 8) + 8
    assert f"{39 * each:,}" in many
    assert "fits" not in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "nets.net::Small", "--json", "--memory", "1GiB", "--dtype", "float16"
    )
    found = json.loads(out)
    assert code == 0
    assert found["format_version"] == 1
    assert found["dtype"] == "float16"
    answer = netspec.memory("nets.net::Small", dtype="float16", memory="1GiB", layers=True)
    assert found["inference"]["total"] == answer.inference.total
    assert found["inference"]["activations"] == answer.inference.peak.bytes
    alive = found["inference"]["peak"]
    assert sum(v["bytes"] for v in alive["alive"]) + alive["work"] == answer.inference.peak.bytes
    assert answer.training is not None and answer.fit is not None
    assert found["training"]["kept"] == answer.training.kept
    assert found["fit"] == {
        "memory": 2**30,
        "inference": answer.fit.inference,
        "training": answer.fit.training,
    }
    assert sum(layer["moved"] for layer in found["layers"]) == found["movement"]["moved"]
    # The same, to the byte.
    assert (
        run(capsys, "nets.net::Small", "--json", "--memory", "1GiB", "--dtype", "float16")[1] == out
    )


def test_what_fits(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "nets.net::Small", "--memory", "100M", "--optimizer", "adam")
    fit = netspec.memory("nets.net::Small", memory=10**8, optimizer="adam").fit
    assert code == 0 and fit is not None
    assert f"  inference a batch of {fit.inference:,} (" in out
    assert f"  training  a batch of {fit.training:,} (" in out
    assert "+ adam " in out
    assert "not counted: work space of kernels" in out


def test_what_does_not_fit(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "nets.net::Small", "--memory", "1K")
    assert code == 0
    assert "  inference not one example (" in out
    assert "  training  not one example (" in out


def test_int8_is_not_trained(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "nets.net::Small", "--dtype", "int8", "--memory", "1M")
    assert code == 0
    assert "training    int8 is not trained" in out
    assert "kept" not in out


def test_layers_that_wait_for_memory(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "nets.net::Small", "--machine-balance", "0.6")
    assert code == 0
    found = out[out.index("\nbound") :].splitlines()[1:]
    # For one example, a dense layer does 2 FLOPs for the 4 bytes of a weight; norms do 2 for the
    # 8 of an element, rectifiers 1, sums 1 for 12; convolutions far more.
    assert len(found) == 1 + 10 + 1
    assert found[1].endswith("dense1 (dense)")
    assert all("(batchnorm)" in line for line in found[2:-1])


def test_a_value_read_from_inside_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "nets.net::Tapped", "--depth", "all")
    assert (code, err) == (0, "")
    assert any(line.startswith("u ") for line in out.splitlines())
    assert any(line.startswith("  a ") for line in out.splitlines())


def test_a_network_of_millions(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "nets.net::Huge", "--memory", "1G")
    assert code == 0
    assert "2,000,000 rectifiers write over their inputs" in out
    code, _, err = run(capsys, "nets.net::Huge", "--json")
    assert code == 2
    assert "at most 1,000,000 are listed" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nets.net::Open"],
            "the memory of Open is known once H and W are, as with --input 3x224x224",
        ),
        (["nets.net"], "Small"),
        (["nets.net::Small", "--batch", "0"], "--batch takes a number from 1"),
        (["nets.net::Small", "--batch", "x"], "--batch takes a number from 1, not x"),
        (["nets.net::Small", "--batch", "9999999999"], "--batch takes a number from 1 to"),
        (["nets.net::Small", "--memory", "much"], "such as 16G (16 * 10^9) or 16GiB"),
        (["nets.net::Small", "--machine-balance", "0"], "takes FLOPs a byte"),
        (["nets.net::Small", "--machine-balance", "nan"], "takes FLOPs a byte"),
        (["nets.net::Small", "--dtype", "float8"], "invalid choice: 'float8'"),
        (["nets.net::Small", "--depth", "0"], "--depth takes a number"),
        (["nets.net::Smal"], "Small"),
    ],
)
def test_wrong_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_open_sizes_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "nets.net::Open", "--input", "3x32x32")
    assert code == 0 and out.startswith("Open: 3x32x32 -> 2")


def test_open_sizes_of_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    Path("netspec.toml").write_text('[inputs]\n"nets.net::Open" = "3x32x32"\n')
    code, out, err = run(capsys, "nets.net::Open")
    assert (code, err) == (0, "")
    assert out.startswith("Open: 3x32x32 -> 2")


def test_errors_in_the_spec(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.net").write_text("net A { input 3x8x8; conv 4 9x9 }")
    code, out, err = run(capsys, "bad.net")
    assert (code, out) == (1, "")
    assert "error[" in err


@pytest.mark.parametrize(
    "body",
    [
        "input 3; identity",
        "input 3x5; conv 4 1",
        "input 2x4x4x4; conv 4 1; maxpool 2",
        "a: input 3x4x4; b: input 3x4x4; add { @a; @b }",
        "input 3x4x4; repeat 0 { conv 3 1 }",
        "input 3x4x4; c: conv 3 1; share c; x: output { relu }; y: output when=training { tanh }",
        "input 3x4x4; mul { identity; p: parameter 3x4x4 }",
    ],
)
def test_networks_of_all_kinds(capsys: pytest.CaptureFixture[str], body: str) -> None:
    Path("one.net").write_text(f"net A {{ {body} }}")
    for dtype in ("float32", "int8"):
        for form in (["--depth", "all", "--machine-balance", "9"], ["--json"]):
            code, out, err = run(
                capsys, "one.net", "--dtype", dtype, "--memory", "1M", "--batch", "3", *form
            )
            assert (code, err) == (0, ""), err
            assert out
