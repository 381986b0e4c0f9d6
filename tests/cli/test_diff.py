"""`netspec diff`: two specs, or a spec and a revision of it in git, end to end."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import netspec
from netspec.cli import main
from netspec.reports.diff_groups import TIMES

Captured = pytest.CaptureFixture[str]

OLD = """net A {
  input 3x8x8
  c1: conv 4 3x3 padding=1; b1: batchnorm; relu
  flatten
  fc: dense 10
}
"""
EPS = OLD.replace("batchnorm", "batchnorm eps=1e-3")
WIDER = OLD.replace("conv 4", "conv 8")
OUTPUT = OLD.replace("dense 10", "dense 20")
TWO = "net A { input 3x4x4; c: conv 4 1x1 }\nnet B { input 3x4x4; c: conv 4 1x1 }\n"
OTHER_TWO = "net A { input 3x4x4; c: conv 8 1x1 }\nnet C { input 3x4x4; c: conv 4 1x1 }\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETSPEC_TRACEBACK", raising=False)
    texts = {"old": OLD, "eps": EPS, "wider": WIDER, "output": OUTPUT}
    for name, text in {**texts, "two": TWO, "others": OTHER_TWO}.items():
        (tmp_path / f"{name}.net").write_text(text)
    return tmp_path


def test_what_it_says(capsys: Captured) -> None:
    """The old figures by hand, on 8x8; the new ones are those of twice the channels.

    Parameters 4 x 28 + 8 + 10 x 257; MACs 27 x 256 + 2,560; FLOPs twice that, 256 + 10 for the
    biases, 512 for the batchnorm, 256 for the rectifier; activations 4 x 256 + 10. Flattening reads
    8 windows of 3.
    """
    assert main(["diff", "old.net", "wider.net"]) == 0
    assert (
        capsys.readouterr().out
        == """\
A

parameters        2,690   5,370   +99.6%
buffers               8      16  +100.0%
MACs              9,472  18,944  +100.0%
FLOPs            19,978  39,946   +99.9%
activations       1,034   2,058   +99.0%
depth                 2       2
receptive field      10      10

layers 5: 1 changed, 4 resized
  ~ c1 (conv): filters 4 -> 8
  = 1 batchnorm resized: b1
  = 1 relu resized: relu1
  = 1 flatten resized: flatten1
  = 1 dense resized: fc

old weights do not load: tensors have other shapes
  10 of 5,386 values have key and shape in common (0.2%)
  another shape: 7 keys
    ~ c1.weight: 4x3x3x3 -> 8x3x3x3
    ~ c1.bias, b1.{weight,bias,running_mean,running_var} (5): 4 -> 8
    ~ fc.weight: 10x256 -> 10x512
"""
    )


def test_behaviour_alone(capsys: Captured) -> None:
    assert main(["diff", "old.net", "eps.net"]) == 0
    assert (
        capsys.readouterr().out
        == """\
A

no figure differs: 2,690 parameters, 9,472 MACs

layers 5: 1 changed, 4 unchanged
  ~ b1 (batchnorm): eps 1e-5 -> 0.001

old weights load strictly
  the same weights compute something else in b1
"""
    )


def test_what_repeats_is_told_once(capsys: Captured) -> None:
    assert main(["diff", "zoo:resnet50", "zoo:resnet101"]) == 0
    out = capsys.readouterr().out
    assert (
        f"  + layer3.{{6..22}}: 17 {TIMES} (3 conv, 3 batchnorm, 3 relu, add); 18,992,128 param"
        in out
    )
    assert "    + layer3.{6..22}.* (255)\n" in out
    assert len(out.splitlines()) < 20
    assert main(["diff", "zoo:resnet50", "zoo:wide_resnet50_2"]) == 0
    out = capsys.readouterr().out
    assert "  ~ layer3.{0..5}.conv{1,2} (12 conv): filters 256 -> 512\n" in out
    assert len(out.splitlines()) < 30
    assert main(["diff", "zoo:vgg16", "zoo:vgg16_bn"]) == 0
    out = capsys.readouterr().out
    assert f"  + features.{{1,4,…,41}}: 13 {TIMES} batchnorm; 8,448 parameters\n" in out
    assert "  > features.1 … features.30 -> features.2 … features.43 (30 layers)\n" in out


@pytest.mark.parametrize(
    ("old", "new", "on", "code", "says"),
    [
        ("old", "old", "weights,shape,budget", 0, ""),
        ("old", "eps", "weights,shape,budget", 0, ""),
        ("old", "wider", "weights", 1, "old weights no longer load strictly into A"),
        ("old", "wider", "shape", 0, ""),
        ("old", "wider", "budget", 1, "A has more params, macs, activations"),
        ("wider", "old", "budget", 0, ""),
        ("old", "output", "shape", 1, "inputs or outputs of A differ"),
        ("two", "others", "weights", 1, "B removed"),
        ("two", "others", "budget", 1, "A has more params, macs, activations"),
    ],
)
def test_fail_on(old: str, new: str, on: str, code: int, says: str, capsys: Captured) -> None:
    assert main(["diff", f"{old}.net", f"{new}.net", "--fail-on", on]) == code
    captured = capsys.readouterr()
    assert captured.out
    assert says in captured.err and bool(says) == bool(captured.err)
    repeated = [part for word in on.split(",") for part in ("--fail-on", word)]
    assert main(["diff", f"{old}.net", f"{new}.net", *repeated]) == code


def test_a_budget_of_the_configuration(capsys: Captured) -> None:
    """Where there is one, it is what counts, and growth within it is none of its business."""
    words = ["diff", "old.net", "wider.net", "--fail-on", "budget"]
    Path("netspec.toml").write_text('[budgets."*.net"]\nmax-params = "1G"\n')
    assert main(words) == 0
    Path("netspec.toml").write_text('[budgets."wider.net"]\nmax-params = 1\n')
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "params of A is " in said and "more than the 1 allowed" in said
    # A budget of another file leaves growth to decide.
    Path("netspec.toml").write_text('[budgets."other.net"]\nmax-params = 1\n')
    assert main(words) == 1
    assert "A has more params" in capsys.readouterr().err


def test_several_nets(capsys: Captured) -> None:
    assert main(["diff", "two.net", "others.net"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("A\n") and out.endswith("nets added: C\nnets removed: B\n")
    assert main(["diff", "two.net", "two.net"]) == 0
    assert capsys.readouterr().out == "the same: A, B\n"
    assert main(["diff", "two.net::A", "others.net"]) == 0
    assert "filters 4 -> 8" in capsys.readouterr().out
    assert main(["diff", "two.net::B", "others.net"]) == 2
    err = capsys.readouterr().err
    assert "no net `B` in others.net" in err and "others.net::C" in err
    assert main(["diff", "two.net::A", "others.net::C"]) == 0
    assert capsys.readouterr().out.startswith("A -> C\n\nthe same: 1 layer")


def test_json(folder: Path) -> None:
    assert main(["diff", "old.net", "wider.net", "--format", "json", "-o", "out.json"]) == 0
    found = json.loads((folder / "out.json").read_text())
    assert list(found) == ["format_version", "added", "removed", "nets"]
    assert found["format_version"] == 1
    (net,) = found["nets"]
    assert list(net) == ["old", "new", "same", "totals", "layers", "weights"]
    # 4 x (3 x 9 + 1) + 8 + 10 x 257, and 8 x 28 + 16 + 10 x 513.
    assert net["totals"]["params"] == {"old": 2690, "new": 5370}
    assert net["layers"]["changed"][0] == {
        "path": {"old": "c1", "new": "c1"},
        "op": {"old": "conv", "new": "conv"},
        "line": {"old": 3, "new": 3},
        "changes": {"filters": {"old": "4", "new": "8"}},
        "behaves_differently": False,
        "output": {"old": [4, 8, 8], "new": [8, 8, 8]},
        "params": {"old": 112, "new": 224},
        "macs": {"old": 27 * 64 * 4, "new": 27 * 64 * 8},
    }
    assert net["weights"]["verdict"] == "fails"
    assert net["weights"]["reshaped"][0] == {
        "key": "c1.weight",
        "old": [4, 3, 3, 3],
        "new": [8, 3, 3, 3],
    }
    assert net["weights"]["loads"] == ["b1.num_batches_tracked", "fc.bias"]


def test_the_ending_says_the_format(folder: Path, capsys: Captured) -> None:
    """As `--format` does, which goes before it."""
    for ending, form in ((".json", "json"), (".md", "markdown"), (".txt", "text"), ("", "text")):
        assert main(["diff", "old.net", "wider.net", "-o", f"out{ending}"]) == 0
        assert main(["diff", "old.net", "wider.net", "--format", form, "-o", "asked"]) == 0
        assert (folder / f"out{ending}").read_bytes() == (folder / "asked").read_bytes()
    assert main(["diff", "old.net", "wider.net", "-o", "out.html"]) == 2
    said = "the ending of out.html is no format (.txt, .json, .md, .markdown); --format says which"
    assert said in capsys.readouterr().err
    assert not (folder / "out.html").exists()


def test_markdown(capsys: Captured) -> None:
    assert main(["diff", "two.net", "others.net", "--format", "markdown"]) == 0
    out = capsys.readouterr().out
    assert "### `A`" in out
    assert "| parameters | 16 | 32 | +100.0% |" in out
    assert "- :x: Old weights do not load: tensors have other shapes." in out
    assert "- `output out: 4x4x4 -> 8x4x4`" in out
    assert "<summary>Layers 1: 1 changed</summary>\n\n```text\n  ~ c (conv): filters 4 -> 8" in out
    assert "Added: `C`.\n\nRemoved: `B`." in out
    assert out.count("<details>") == out.count("</details>") == 2
    # Outside of code, there are no tags but those of our own.
    plain = re.sub(r"```.*?```|`[^`]*`", "", out, flags=re.DOTALL)
    tags = {"<details>", "</details>", "<summary>", "</summary>", "<!-- netspec diff -->"}
    assert set(re.findall(r"<[^>]*>", plain)) == tags


def test_the_same_bytes_each_time(capsys: Captured) -> None:
    for form in ("text", "json", "markdown"):
        printed = set()
        for _ in range(2):
            assert main(["diff", "zoo:resnet18", "zoo:resnet34", "--format", form]) == 0
            printed.add(capsys.readouterr().out)
        assert len(printed) == 1


def test_parameters_and_inputs_are_of_both_sides(capsys: Captured) -> None:
    both = ["-p", "classes=10", "--input", "3x64x64"]
    assert main(["diff", "zoo:resnet18", "zoo:resnet34", *both, "--format", "json"]) == 0
    (net,) = json.loads(capsys.readouterr().out)["nets"]
    for side in ("old", "new"):
        assert net[side]["inputs"] == {"input": [3, 64, 64]}
        assert net[side]["outputs"] == {"out": [10]}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["missing.net", "old.net"], 2, "missing.net: there is no such file"),
        (["old.net", "missing.net"], 2, "missing.net: there is no such file"),
        (["old.net"], 2, "NEW"),
        (["-", "-"], 2, "standard input is one of the two"),
        (["old.net", "old.net", "--fail-on", "colour"], 2, "not colour"),
        (["old.net", "old.net", "--fail-on", "weights,"], 2, "not nothing"),
        (["old.net", "old.net", "--format", "xml"], 2, "xml"),
        (["old.net", "eps.net", "-o", "old.net"], 2, "old.net is the spec"),
        (["old.net", "old.net::B"], 2, "no net `B`"),
        (["old.net", "old.net", "-p", "depth=3"], 2, "depth"),
        (["bad.net", "old.net"], 1, "error["),
        (["old.net", "bad.net"], 1, "error["),
        (["old.net", "binary.net"], 1, "binary"),
        (["huge.net", "huge.net"], 2, "are compared one by one"),
    ],
)
def test_what_cannot_be_compared(
    arguments: list[str], code: int, says: str, folder: Path, capsys: Captured
) -> None:
    (folder / "bad.net").write_text("net A { input 3x8x8; conv 4 3x3 strid=2 }\n")
    (folder / "binary.net").write_bytes(b"\x00\xff\xfe\x00" * 10)
    body = "block b() { c: conv 1 1x1 }\nnet A { input 1x1x1; repeat 2M { b } }\n"
    (folder / "huge.net").write_text(body)
    assert main(["diff", *arguments]) == code
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_from_python() -> None:
    found = netspec.compare("old.net", netspec.load("wider.net"))
    assert isinstance(found, netspec.Comparison)
    assert [c.new.path for c in found.changed if c.changes] == ["c1"]


# --- git ------------------------------------------------------------------------------------------

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path) -> Path:
    """Two revisions: in the first, `nets/net.net` imports a block of four filters, then of eight.

    `sub` is a project of its own in it.
    """
    home = folder / "repository"
    (home / "nets").mkdir(parents=True)
    (home / "sub" / "inner").mkdir(parents=True)
    git(home, "init", "--quiet")
    text = 'from "block.net" import b\nfrom "zoo:resnet" import basic\nnet A { input 3x8x8; b }\n'
    (home / "nets" / "net.net").write_text(text)
    (home / "nets" / "block.net").write_text("block b() { c: conv 4 1x1 }\n")
    (home / "nets" / "binary.net").write_bytes(b"\x00\xff\xfe\x00" * 10)
    (home / "nets" / "bad.net").write_text("net A { input 3x8x8; conv 4 3x3 strid=2 }\n")
    (home / "sub" / "pyproject.toml").write_text("")
    outside = 'from "../../nets/block.net" import b\nnet A { input 3x8x8; b }\n'
    (home / "sub" / "inner" / "net.net").write_text(outside)
    (home / "nets" / "link.net").symlink_to("net.net")
    (home / "nets" / "away.net").symlink_to("/etc/hostname")
    git(home, "add", ".")
    git(home, "commit", "--quiet", "-m", "first")
    (home / "nets" / "block.net").write_text("block b() { c: conv 8 1x1 }\n")
    git(home, "commit", "--quiet", "--all", "-m", "second")
    (home / "nets" / "block.net").write_text("block b() { c: conv 16 1x1 }\n")
    return home


@needs_git
@pytest.mark.parametrize(
    ("old", "new", "filters"),
    [
        ("git:HEAD~1:nets/net.net", "git:HEAD:nets/net.net", "4 -> 8"),
        ("git:HEAD:nets/net.net", "nets/net.net", "8 -> 16"),
        ("nets/net.net", "git:HEAD~1:nets/net.net::A", "16 -> 4"),
        ("git:HEAD^{/first}:nets/net.net", "git:HEAD:nets/net.net", "4 -> 8"),
        ("git:HEAD~1:./nets/../nets/net.net", "git:HEAD:nets/link.net", "4 -> 8"),
    ],
)
def test_a_revision_and_its_imports(
    old: str,
    new: str,
    filters: str,
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """What is imported is that of the same revision."""
    monkeypatch.chdir(repository)
    assert main(["diff", old, new]) == 0
    assert f"  ~ 0.c (conv): filters {filters}\n" in capsys.readouterr().out


@needs_git
def test_a_path_from_here(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(repository / "nets")
    assert main(["diff", "git:HEAD~1:./net.net", "net.net"]) == 0
    assert "filters 4 -> 16" in capsys.readouterr().out


@needs_git
@pytest.mark.parametrize(
    ("spec", "code", "says"),
    [
        ("git:nowhere:nets/net.net", 2, "git knows no revision nowhere here"),
        ("git:--output=x:nets/net.net", 2, "git knows no revision --output=x here"),
        ("git:-h:nets/net.net", 2, "git knows no revision -h here"),
        ("git:--help:nets/net.net", 2, "git knows no revision --help here"),
        ("git:HEAD\nHEAD:nets/net.net", 2, "this is not a path"),
        ("git:HEAD:nets/net.net\0", 2, "this is not a path"),
        ("git:HEAD:--output=x", 2, "there is no such file in HEAD"),
        ("git:HEAD:nets/missing.net", 2, "there is no such file in HEAD"),
        ("git:HEAD:nets", 2, "it is a folder"),
        ("git:HEAD:../net.net", 2, "begins at the top of the repository"),
        ("git:HEAD:/etc/hostname", 2, "begins at the top of the repository"),
        ("git:HEAD:nets/away.net", 2, "a link that leads out of the repository"),
        ("git:HEAD:nets/net.net/x", 2, "nets/net.net/x"),
        ("git:HEAD:nets/net.net::B", 2, "no net `B`"),
        ("git:HEAD:nets/net.net::", 2, "names no net"),
        ("git:HEAD", 2, "is not git:REV:path"),
        ("git::nets/net.net", 2, "is not git:REV:path"),
        ("git:HEAD:nets/binary.net", 1, "binary file"),
        ("git:HEAD:nets/bad.net", 1, "--> git:HEAD:nets/bad.net:1:"),
        ("git:HEAD:sub/inner/net.net", 1, "outside of the project's root"),
    ],
)
def test_what_a_revision_lacks(
    spec: str,
    code: int,
    says: str,
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    monkeypatch.chdir(repository)
    before = sorted(os.listdir(repository))
    assert main(["diff", spec, "nets/net.net"]) == code
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""
    if code == 2:
        assert captured.err.count("\n") == 1
    assert sorted(os.listdir(repository)) == before


@needs_git
def test_no_filter_of_the_repository_is_run(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git show` would run what the configuration names for these files."""
    (repository / ".gitattributes").write_text("*.net diff=evil filter=evil\n")
    git(repository, "config", "diff.evil.textconv", "touch run; cat")
    git(repository, "config", "filter.evil.smudge", "touch run; cat")
    monkeypatch.chdir(repository)
    assert main(["diff", "git:HEAD~1:nets/net.net", "git:HEAD:nets/net.net"]) == 0
    assert not (repository / "run").exists()


def test_without_a_repository_or_git(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    if shutil.which("git") is not None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
        assert main(["diff", "git:HEAD:old.net", "old.net"]) == 2
        assert "not a git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(folder))
    assert main(["diff", "git:HEAD:old.net", "old.net"]) == 2
    said = capsys.readouterr().err
    assert said == "netspec: cannot read git:HEAD:old.net: git is not installed\n"
