"""`netspec zoo`, and names of shipped nets where commands take a path."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.resources import specs_dir

Captured = pytest.CaptureFixture[str]

RESNET50 = "25,557,032"  # torchvision's model card
INSTALLED = os.path.dirname(specs_dir())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- names in place of paths ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["summary", "zoo:resnet50"], f"parameters      {RESNET50}"),
        (["summary", "zoo:ResNet::ResNet50"], f"parameters      {RESNET50}"),
        (["summary", "zoo:resnet50::ResNet18"], "ResNet18: 3x224x224 -> 1000"),
        (["summary", "zoo:alexnet"], "AlexNet: 3x224x224 -> 1000"),
        (["summary", "zoo:resnet"], "templates, with parameters to be set: ResNet"),
        (["summary", "zoo:alexnet.net"], "AlexNetPaper: 3x227x227 -> 1000"),
        (["summary", "zoo:resnet18", "-p", "classes=10"], "ResNet18: 3x224x224 -> 10\n"),
        (
            ["summary", "zoo:ResNetCIFAR", "-p", "n=1"],
            "ResNetCIFAR: 3x32x32 -> 10",
        ),
        (
            [
                *("summary", "zoo:mobilenet_v3::MobileNet_V3"),
                *("-p", "trunk=features_small"),
                *("-p", "hidden=64"),
            ],
            "MobileNet_V3: 3x224x224 -> 1000",
        ),
        (["summary", "zoo:lenet", "--json"], '"net": "LeNet"'),
        (["torch", "zoo:lenet5"], "class LeNet5(nn.Module)"),
        (["check", "zoo:resnet50"], "ok: 9 nets in 1 file"),
        (["check", "zoo:resnet50", "zoo:resnet", "zoo:RESNET18"], "ok: 9 nets in 1 file"),
    ],
)
def test_a_name_stands_for_a_net_or_a_file(
    arguments: list[str], shown: str, capsys: Captured
) -> None:
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert shown in printed.out
    assert INSTALLED not in printed.out + printed.err


def test_all_that_ships_checks(capsys: Captured) -> None:
    assert main(["check", "zoo:"]) == 0
    files = len(list(Path(specs_dir()).glob("*.net")))
    assert capsys.readouterr().out.endswith(f" nets in {files} files\n")


def test_written_files_name_no_path_of_the_installation(folder: Path) -> None:
    assert main(["torch", "zoo:lenet", "-o", "lenet.py"]) == 0
    assert main(["onnx", "zoo:lenet", "-o", "lenet.onnx"]) == 0
    for name in ("lenet.py", "lenet.onnx"):
        assert INSTALLED.encode() not in (folder / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["summary", "zoo:resnt50"], "did you mean zoo:resnet50?"),
        (["check", "zoo:resnt50"], "did you mean zoo:resnet50?"),
        (["summary", "zoo:ResNet50.net"], "did you mean zoo:resnet50?"),
        (["summary", "zoo:zzzzzzz"], "`netspec zoo` lists them"),
        (["summary", "zoo:"], "it names no net or file"),
        (["summary", "zoo:resnet::ResNt50"], "did you mean `ResNet50`?"),
        (["summary", "zoo:resnet::"], "names no net"),
        (["summary", "zoo:resnet::bottleneck"], "is a block, not a net"),
        (["onnx", "zoo:resnet", "-o", "x.onnx"], "  zoo:resnet.net::ResNet50\n"),
        (["summary", "zoo:blocks"], "there is no net in zoo:blocks.net"),
        (["torch", "zoo:lenet", "-o", "zoo:lenet"], "./zoo:lenet is a file"),
        (["torch", "zoo:lenet", "-o", f"{Path(specs_dir(), 'lenet.net')}"], "is the spec"),
    ],
)
def test_what_is_refused(arguments: list[str], words: str, folder: Path, capsys: Captured) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and words in shown.err
    assert not os.listdir(folder)


def test_a_mistake_in_a_shipped_block_is_shown_under_a_stable_name(
    folder: Path, capsys: Captured
) -> None:
    (folder / "own.net").write_text(
        'from "zoo:resnet" import bottleneck\nnet Own { input 64x56x56; bottleneck 16 groups=3 }\n'
    )
    assert main(["check", "own.net"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^  --> zoo:resnet\.net:\d+:\d+$", out, re.MULTILINE)
    assert INSTALLED not in out


def test_files_that_are_called_like_names(folder: Path, capsys: Captured) -> None:
    """On the command line they need `./`; a folder's listing and imports write it themselves."""
    (folder / "zoo:lenet.net").write_text("block unit() { relu }\nnet Mine { input 3; unit }\n")
    text = 'from "./zoo:lenet.net" import unit\nfrom "zoo:lenet" import subsample\n'
    (folder / "own.net").write_text(f"{text}net Own {{ input 6x28x28; subsample; unit }}\n")
    assert main(["check", "."]) == 0
    assert capsys.readouterr().out == "ok: 2 nets in 2 files\n"
    assert main(["summary", "./zoo:lenet.net"]) == 0
    assert "Mine: 3 -> 3" in capsys.readouterr().out
    assert main(["summary", "zoo:lenet.net::LeNet5"]) == 0
    assert "LeNet5: " in capsys.readouterr().out
    (folder / "zoo:lenet.net").write_text("block unit() { rleu }\n")
    assert main(["check", "."]) == 1
    assert "--> ./zoo:lenet.net:1:16\n" in capsys.readouterr().out


def test_what_a_shipped_net_says_of_itself_is_kept_from_those_who_give_other_values(
    capsys: Captured,
) -> None:
    """Its annotations and numbers are those of 224; who asks for 192 cannot mend them."""
    assert main(["summary", "zoo:mobilenet_v2", "--input", "3x192x192"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("MobileNet_V2: 3x192x192 -> 1000") and not printed.err
    text = Path(specs_dir(), "mobilenet_v2.net").read_text("utf-8")
    Path("mine.net").write_text(text.replace('from "', 'from "zoo:'))
    assert main(["summary", "mine.net", "--input", "3x192x192"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("MobileNet_V2: 3x192x192 -> 1000")
    assert "warning[written-for-other-values]: an assert does not hold" in printed.err


# --- the list -------------------------------------------------------------------------------------


def test_the_list(capsys: Captured) -> None:
    assert main(["zoo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "input", "parameters", "MACs"]
    assert ["resnet50", "3x224x224", RESNET50, "4,089,184,256"] in [line.split() for line in lines]
    title = '"Deep Residual Learning for Image Recognition"'
    assert f"resnet: {title}, arXiv:1512.03385" in lines
    # Nets end in a number, all in one column.
    assert len({len(line) for line in lines if re.match(r"  \w", line)}) == 1
    # Templates and files without nets are not listed.
    words = {line.split()[0] for line in lines if line}
    assert not words & {"vgg", "cnn_c", "blocks:", "blocks"}


def test_the_list_for_programs(capsys: Captured) -> None:
    assert main(["zoo", "resnet50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format_version"] == 1
    rows = {row["name"]: row for row in found["nets"]}
    assert rows["resnet50"] == {
        "name": "resnet50",
        "spec": "zoo:resnet::ResNet50",
        "net": "ResNet50",
        "inputs": {"input": [3, 224, 224]},
        "outputs": {"out": [1000]},
        "params": 25_557_032,
        "macs": 4_089_184_256,
        "paper": '"Deep Residual Learning for Image Recognition", arXiv:1512.03385',
    }
    assert "wide_resnet50_2" in rows and "resnet18" not in rows
    for row in rows.values():
        assert main(["check", row["spec"].split("::")[0]]) == 0


def test_the_list_in_markdown(capsys: Captured) -> None:
    assert main(["zoo", "*net*", "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "| name | input | parameters | MACs | paper |",
        "| --- | --- | --: | --: | --- |",
    ]
    # torchvision's model cards; the paper stands at the first net of a file alone.
    assert f"| `resnet50` | 3x224x224 | {RESNET50} | 4,089,184,256 |  |" in lines
    title = '"Deep Residual Learning for Image Recognition"'
    link = "[arXiv:1512.03385](https://arxiv.org/abs/1512.03385)"
    assert f"| `resnet18` | 3x224x224 | 11,689,512 | 1,814,073,344 | {title}, {link} |" in lines
    # SqueezeNet's title holds a `<`, which would begin a tag.
    assert [line for line in lines if "&lt;0.5MB" in line]
    assert {line.count("|") for line in lines} == {6} and not [w for w in lines if "<" in w]


def test_a_pattern_without_a_match(capsys: Captured) -> None:
    assert main(["zoo", "resnt50"]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and "did you mean resnet50?" in shown.err
    assert main(["zoo", "vgg11?"]) == 2
    assert "did you mean vgg11?" in capsys.readouterr().err
    assert main(["zoo", "zzzzzzzz", "--json"]) == 2
    assert "`netspec zoo` lists them all" in capsys.readouterr().err
    assert main(["zoo", "\x1b[2J"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_colour(capsys: Captured) -> None:
    assert main(["zoo", "lenet", "--color", "always"]) == 0
    assert "\x1b[1mlenet\x1b[0m: " in capsys.readouterr().out


# --- copies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("resnet50", "resnet.net"),
        ("resnet", "resnet.net"),
        ("zoo:DeepLabV3_ResNet50", "deeplabv3.net"),
    ],
)
def test_a_copy_checks_where_it_lies(name: str, file: str, folder: Path, capsys: Captured) -> None:
    assert main(["zoo", "--copy", name, "-o", "my.net"]) == 0
    assert capsys.readouterr().out == ""
    original = Path(specs_dir(), file).read_bytes()
    expected = re.sub(rb'^from "(\w+)\.net"', rb'from "zoo:\1"', original, flags=re.MULTILINE)
    assert (folder / "my.net").read_bytes() == expected
    assert main(["check", "my.net"]) == 0
    capsys.readouterr()
    assert main(["zoo", "--copy", name, "-o", "-"]) == 0
    assert capsys.readouterr().out.encode() == expected


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
def test_a_printed_copy_is_the_file_whatever_the_encoding(encoding: str, folder: Path) -> None:
    """RegNet's, which names Dollár: specs are UTF-8, also where standard output is not."""
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "zoo", "--copy", "regnet"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": INSTALLED},
        check=True,
    )
    original = Path(specs_dir(), "regnet.net").read_bytes()
    assert not original.isascii()
    expected = re.sub(rb'^from "(\w+)\.net"', rb'from "zoo:\1"', original, flags=re.MULTILINE)
    assert done.stdout == expected and done.stderr == b""


def test_a_file_that_is_there_is_kept(folder: Path, capsys: Captured) -> None:
    (folder / "my.net").write_text("mine")
    assert main(["zoo", "--copy", "lenet", "-o", "my.net"]) == 2
    assert "my.net is there already; --force writes over it" in capsys.readouterr().err
    assert (folder / "my.net").read_text() == "mine"
    assert main(["zoo", "--copy", "lenet", "-o", "my.net", "--force"]) == 0
    assert (folder / "my.net").read_bytes() == Path(specs_dir(), "lenet.net").read_bytes()
    (folder / "link.net").symlink_to("nowhere.net")
    assert main(["zoo", "--copy", "lenet", "-o", "link.net"]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--copy", "resnt", "-o", "my.net"],
        ["--copy", "../resnet", "-o", "my.net"],
        ["--copy", "", "-o", "my.net"],
        ["--copy", "lenet", "-o", "zoo:my.net"],
        ["--copy", "lenet", "-o", "missing/my.net"],
        ["--copy", "lenet", "--json"],
        ["--copy", "lenet", "--markdown"],
        ["lenet", "--json", "--markdown"],
        ["lenet", "--copy", "lenet"],
        ["lenet", "-o", "my.net"],
        ["--force"],
    ],
)
def test_copies_that_are_refused(arguments: list[str], folder: Path, capsys: Captured) -> None:
    assert main(["zoo", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith("netspec: ") and shown.err.count("\n") == 1
    assert not os.listdir(folder)
