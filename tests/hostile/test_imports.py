"""Imports that lead nowhere, out of the project, in circles, or very far."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.hostile.tools import TOY, net, run, spec

UNIT = "block unit(n) { conv n 1x1 }\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project, and beside it what no import may reach."""
    spec(tmp_path, UNIT, "outside/secret.net")
    project = tmp_path / "project"
    project.mkdir()
    (project / "netspec.toml").write_text("")
    return project


def importing(root: Path, *paths: str) -> None:
    """Each import is one error, which says no word of what the file holds."""
    heads = "".join(f'from "{path}" import unit\n' for path in paths)
    ran = run("check", spec(root, heads + TOY, "main.net"), code=1)
    places = re.findall(r"main\.net:(\d+):", ran.out)
    assert [int(line) for line in places] == list(range(1, len(paths) + 1)), ran.out
    assert "n 1x1" not in ran.out


def test_out_of_the_root(root: Path) -> None:
    importing(
        root,
        "../outside/secret.net",
        "a/../../outside/secret.net",
        "../" * 60 + "etc/passwd.net",
        str(root.parent / "outside" / "secret.net"),
        "/etc/passwd",
        "file:///etc/passwd",
        "~/secret.net",
        "..\\\\outside\\\\secret.net",
    )


def test_links_out_of_the_root(root: Path) -> None:
    (root / "link.net").symlink_to(root.parent / "outside" / "secret.net")
    (root / "folder").symlink_to(root.parent / "outside")
    importing(root, "link.net", "folder/secret.net", "folder/../../outside/secret.net")
    # One that stays inside is a file like any other.
    spec(root, UNIT, "inner/real.net")
    (root / "inside.net").symlink_to("inner/real.net")
    text = 'from "inside.net" import unit\n' + net("  unit 4")
    run("check", spec(root, text), code=0)


def test_names_of_what_ships_reach_nothing_else(root: Path) -> None:
    """After `zoo:` stands a name; whatever else is refused before any file is looked at."""
    spec(root, UNIT, "zoo:resnt.net")
    spec(root, UNIT, "zoo:/secret.net")
    importing(
        root,
        "zoo:",
        "zoo:.",
        "zoo:..",
        "zoo:../outside/secret.net",
        "zoo:../../specs/resnet.net",
        "zoo:/etc/passwd",
        "zoo:/secret.net",
        "zoo://resnet",
        "zoo:./resnet",
        "zoo:~/secret.net",
        "zoo:..\\\\resnet",
        "zoo:C:\\\\secret.net",
        "zoo:resnet.net/../secret.net",
        "zoo:resnet%2e",
        "zoo:zoo:resnet",
        "zoo:resnet::ResNet50",
        "zoo: resnet",
        "zoo:resnt",
        "zoo:resnt.net",
        "zoo:r\u00e9snet",
        "zoo:re\u017fnet",
        "zoo:" + "a" * 5_000,
        "./zoo:resnet",
        "ZOO:resnet",
    )
    for path in ("zoo:\x1b[2J", "zoo:resnet\x00", "zoo:\u202eresnet"):
        ran = run("check", spec(root, f'from "{path}" import unit\n' + net("  unit 4")), code=1)
        assert "error[" in ran.out


def test_what_is_no_spec(root: Path) -> None:
    (root / "folder.net").mkdir()
    os.mkfifo(root / "pipe.net")
    (root / "circle.net").symlink_to("circle.net")
    spec(root, bytes(range(256)), "binary.net")
    spec(root, b"#" * 40_000_000, "large.net")
    spec(root, "", "empty.net")
    (root / "device.net").symlink_to("/dev/zero")
    importing(
        root, "folder.net", "pipe.net", "circle.net", "binary.net", "large.net", "empty.net",
        "device.net", "nothing.net", "", ".", "..", "a" * 300 + ".net", "b/" * 700 + "c.net",
        "main.net/inner.net", "unit",
    )  # fmt: skip


def test_paths_that_act_on_a_terminal(root: Path) -> None:
    for path in ("\x1b[2J.net", "\u202egnp.net", "\x9b31m.net", "a\x00b.net", "a\tb.net"):
        ran = run("check", spec(root, f'from "{path}" import unit\n' + net("  unit 4")), code=1)
        assert "error[" in ran.out


def test_itself(root: Path) -> None:
    for path in ("main.net", "./inner/../main.net"):
        text = f'from "{path}" import unit\n{UNIT}' + net("  unit 4")
        ran = run("check", spec(root, text, "main.net"), code=1)
        assert "import-cycle" in ran.errors


def test_in_a_circle(root: Path) -> None:
    for i in range(3):
        spec(root, f'from "c{(i + 1) % 3}.net" import unit\n', f"c{i}.net")
    _circle(root, "c0")
    for i in range(300):
        spec(root, f'from "d{(i + 1) % 300}.net" import unit\n', f"d{i}.net")
    _circle(root, "d0")


def _circle(root: Path, first: str) -> None:
    ran = run("check", spec(root, f'from "{first}.net" import unit\n{TOY}'), code=1)
    assert ran.errors.count("import-cycle") == 1


def test_two_hundred_files_in_a_chain(root: Path) -> None:
    for i in range(200):
        head = f'from "e{i + 1}.net" import e{i + 1}\n' if i < 199 else ""
        body = f"e{i + 1} n" if i < 199 else "conv n 1"
        spec(root, f"{head}block e{i}(n) {{ {body} }}\n", f"e{i}.net")
    run("check", spec(root, 'from "e0.net" import e0\n' + net("  e0 4")), code=0)


def test_a_thousand_files_in_a_chain(root: Path) -> None:
    for i in range(1_000):
        head = f'from "f{i + 1}.net" import f{i + 1}\n' if i < 999 else ""
        body = f"f{i + 1} n" if i < 999 else "conv n 1"
        spec(root, f"{head}block f{i}(n) {{ {body} }}\n", f"f{i}.net")
    run("check", spec(root, 'from "f0.net" import f0\n' + net("  f0 4")), code=1)


def test_a_file_of_thousands_of_imports(root: Path) -> None:
    for i in range(300):
        spec(root, UNIT.replace("unit", f"g{i}"), f"g{i}.net")
    heads = "".join(f'from "g{i}.net" import g{i}\n' for i in range(300))
    run("check", spec(root, heads + net("\n".join(f"  g{i} 4" for i in range(300)))), code=0)
    missing = "".join(f'from "h{i}.net" import h{i}\n' for i in range(3_000))
    run("check", spec(root, missing + TOY), code=1)


def test_diamonds(root: Path) -> None:
    """Each file imports two of the next layer: 2^30 ways to the last, and 60 files."""
    for i in range(30):
        for side in "ab":
            head = "".join(
                f'from "{other}{i + 1}.net" import {other}{i + 1}\n' for other in "ab" if i < 29
            )
            body = f"a{i + 1}; b{i + 1}" if i < 29 else "relu"
            spec(root, f"{head}block {side}{i}() {{ {body} }}\n", f"{side}{i}.net")
    run("check", spec(root, 'from "a0.net" import a0\n' + net("  a0")), code=0)


def test_errors_in_an_import(root: Path) -> None:
    spec(root, UNIT + "block other() { konv 4 }\nblock bad( {\n", "bad.net")
    text = 'from "bad.net" import unit\n' + net("  unit 4")
    ran = run("check", spec(root, text, "main.net"), code=1)
    assert "bad.net" in ran.out


def test_names_that_are_not_there(root: Path) -> None:
    spec(root, UNIT, "lib.net")
    for name in ("unti", "conv", "net", "a" * 1_500):
        text = f'from "lib.net" import {name}\n' + net("  relu")
        run("check", spec(root, text, "main.net"), code=1)
