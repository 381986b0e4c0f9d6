"""SVG, Mermaid, DOT and PNG: well-formed, the same each time, and safe from what specs hold."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import netspec
from netspec.reports.drawing import CannotDraw, dot, draw, mermaid, png, svg
from netspec.reports.drawing.model import drawing
from netspec.reports.drawing.palette import DARK, LIGHT
from tests.helpers import network
from tests.reports.drawing.hostile import NAMES, hostile

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "lenet"])
@pytest.mark.parametrize("depth", [1, None])
def test_svg_shows_all_boxes_and_shapes(name: str, depth: int | None) -> None:
    net = netspec.load(f"zoo:{name}")
    root = ElementTree.fromstring(draw(net, "svg", depth))
    drawn = drawing(net, depth)
    assert root.get("role") == "img"
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert titles[0] is not None and titles[0].startswith(f"{net.name}: ")
    assert len(titles) == 1 + len(drawn.boxes)
    shapes = [t.text for t in root.iter(f"{SVG}text") if t.get("class") == "shape"]
    expected = [
        str(edge.shape)
        for graph in [drawn.graph, *(b.inner for b in drawn.boxes if b.inner is not None)]
        for edge in graph.edges
    ]
    assert sorted(map(str, shapes)) == sorted(expected)
    assert len({root.find(f".//{SVG}desc"), None}) == 2


def test_bars_are_as_wide_as_the_root_of_channels() -> None:
    text = "net A { input 4x8x8; a: conv 16 1x1; b: conv 64 1x1 }"
    root = ElementTree.fromstring(draw(network(text), "svg", 1))
    bars = [
        float(str(r.get("width")))
        for r in root.iter(f"{SVG}rect")
        if str(r.get("class")).startswith("bar-")
    ]
    # 4, 16 and 64 channels: a quarter, a half, all.
    assert [bar / bars[-1] for bar in bars] == [0.25, 0.5, 1]


def test_hostile_names() -> None:
    drawn = hostile()
    root = ElementTree.fromstring(svg.render(drawn))
    tags = ("svg", "title", "desc", "style", "rect", "text", "g", "path", "circle")
    assert {e.tag for e in root.iter()} == {f"{SVG}{tag}" for tag in tags}
    texts = [str(t.text) for t in root.iter(f"{SVG}text")]
    assert NAMES["a"] in texts and NAMES["b"] in texts
    assert any(text.startswith(r"\u{202e}gnp.exe`\x1b[1m\n") for text in texts)

    text = mermaid.render(drawn)
    # Between quotation marks: letters, digits, a few marks, breaks, and others by their numbers.
    for label in re.findall(r'"(.*?)"', text):
        assert re.fullmatch(r"(?:[\w .,=+/()-]|#\d+;|<br/>)*", label, re.ASCII), label
    assert '"#60;/script#62;#60;b#62;<br/>conv 4 1x1"' in text
    assert len(re.findall('"', text)) % 2 == 0

    for line in dot.render(drawn).splitlines():
        # Without what is escaped, there are as many marks that open strings as close them.
        assert re.sub(r"\\.", "", line).count('"') % 2 == 0, line
        assert line.isprintable()


def test_mermaid_names_what_it_draws() -> None:
    net = netspec.load("zoo:resnet50")
    lines = str(draw(net, "mmd", 2)).splitlines()
    assert lines[0] == "flowchart TD"
    opened = [line for line in lines if line.lstrip().startswith("subgraph ")]
    assert len(opened) == sum(line.strip() == "end" for line in lines) == 4
    made = {m for line in lines for m in re.findall(r"^\s+(?:subgraph )?(n\d+)[ \[(]", line)}
    for line in lines:
        wire = re.fullmatch(r'  (n\d+) (?:-- "[^"]+" -->|-\. "[^"]+" \.->) (n\d+)', line)
        if wire:
            assert set(wire.groups()) <= made
    assert sum(" -- " in line for line in lines) == sum(
        len(graph.edges)
        for drawn in [drawing(net, 2)]
        for graph in [drawn.graph, *(b.inner for b in drawn.boxes if b.inner is not None)]
    )


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's dot is not installed")
@pytest.mark.parametrize("depth", [1, None])
def test_graphviz_reads_dot(depth: int | None) -> None:
    for drawn in (drawing(netspec.load("zoo:googlenet"), depth), hostile()):
        text = dot.render(drawn)
        done = subprocess.run(
            ["dot", "-Tcanon"], input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and not done.stderr, done.stderr


def test_png() -> None:
    image = pytest.importorskip("PIL.Image")
    picture = draw(netspec.load("zoo:resnet50"), "png", 1)
    assert isinstance(picture, bytes)
    with image.open(io.BytesIO(picture)) as opened:
        opened.load()
        colours = {colour for _, colour in opened.getcolors(1 << 24)}
        # The insides of boxes are the colours of their families.
        for family in ("conv", "norm", "pool", "dense", "group"):
            fill = LIGHT.families[family].fill.lstrip("#")
            assert tuple(bytes.fromhex(fill)) in colours
        assert opened.width > 400 and opened.height > 1000
    assert draw(netspec.load("zoo:resnet50"), "png", 1) == picture
    for text in ("net A { input 3x4x4 }", "net A { input 3xHxW; conv 64 1x1 }"):
        assert draw(network(text), "png", None)
    assert png.render(hostile())


def test_png_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(CannotDraw, match=r'pip install "netspec\[draw\]"'):
        draw(netspec.load("zoo:lenet"), "png", 1)


def test_a_png_may_be_too_large() -> None:
    pytest.importorskip("PIL")
    with pytest.raises(CannotDraw, match="too large; a lower --depth is smaller"):
        draw(netspec.load("zoo:densenet201"), "png", None)


@pytest.mark.parametrize("form", ["svg", "html", "mmd", "dot"])
def test_the_same_bytes(form: str) -> None:
    net = netspec.load("zoo:googlenet")
    first = draw(net, form, None)
    assert draw(netspec.load("zoo:googlenet"), form, None) == first
    program = f"import netspec; print(netspec.draw('zoo:googlenet', format={form!r}, depth='all'))"
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    assert other.stdout.decode().replace("\r\n", "\n") == f"{first}\n"


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_apart(theme: object) -> None:
    assert theme in (LIGHT, DARK)
    chosen = LIGHT if theme is LIGHT else DARK
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    fills = [chosen.ground, *(family.fill for family in chosen.families.values())]
    for fill in fills:
        assert contrast(chosen.text, fill) >= 7
    # Shapes stand beside lines, on the ground or in a frame.
    for behind in (chosen.ground, chosen.families["group"].fill):
        assert contrast(chosen.muted, behind) >= 7
        assert contrast(chosen.wire, behind) >= 3
        for family in chosen.families.values():
            assert contrast(family.line, behind) >= 3
    for family in chosen.families.values():
        assert contrast(family.line, family.fill) >= 3
