"""What notebooks are given: whole fragments of HTML, in which nothing from a spec is raw."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

import netspec
from netspec.diagnostics import Diagnostic, help_, note
from netspec.reports.notebook import html
from netspec.reports.notebook.network import MOST_ROWS
from netspec.reports.text import render
from netspec.source import SourceFile

#: Elements that a fragment may hold: none that runs, loads or links anything.
ALLOWED = (
    *("div", "style", "p", "strong", "span", "details", "summary", "pre", "mark", "ul", "li"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
)


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        found = [self] if self.name == name else []
        for child in self.children:
            if isinstance(child, Element):
                found += child.all(name)
        return found

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    def rows(self) -> list[list[str]]:
        """Cells of a table's own rows, not of those inside of it."""
        found = []
        for part in self.children:
            if isinstance(part, Element) and part.name in ("thead", "tbody"):
                for row in part.children:
                    assert isinstance(row, Element) and row.name == "tr"
                    cells = [c for c in row.children if isinstance(c, Element)]
                    if all("colspan" not in c.attributes for c in cells):
                        found.append([c.text for c in cells])
        return found


class _Tree(HTMLParser):
    """Every element that is opened is closed, and is one of those allowed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        assert {key for key, _ in attrs} <= {"class", "scope", "colspan"}, attrs
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def parsed(text: str) -> Element:
    tree = _Tree()
    tree.feed(text)
    tree.close()
    assert tree.open == [tree.root]
    (whole,) = tree.root.children
    assert isinstance(whole, Element) and whole.attributes == {"class": "netspec"}
    for table in whole.all("table"):
        first = table.children[0]
        assert isinstance(first, Element) and first.name == "caption" and first.text
        for head in table.all("th"):
            assert head.attributes["scope"] in ("col", "row")
    return whole


def shown(value: object) -> Element:
    """As a notebook asks for it."""
    return parsed(value._repr_html_())


def _net(folder: Path, text: str, name: str = "a.net") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


# --- networks -----------------------------------------------------------------------------------


def test_a_network() -> None:
    """torchvision's ResNet-50: its parameters and multiply-accumulates are published."""
    whole = shown(netspec.load("zoo:resnet50"))
    totals, layers, *inner = whole.all("table")
    assert whole.all("p")[0].text == "ResNet50: 3x224x224 → 1000"
    known = dict(row for row in totals.rows() if len(row) == 2)
    assert (known["parameters"], known["MACs"]) == ("25,557,032", "4,089,184,256")
    assert (known["input input"], known["output out"]) == ("3x224x224", "1000")
    rows = layers.rows()
    assert rows[0] == ["name", "layer", "output", "parameters", "MACs"]
    # 7*7*3*64 weights at 112*112 positions; 2048*1000 + 1000.
    assert ["conv1", "conv", "64x112x112", "9,408", "118,013,952"] in rows
    assert ["fc", "dense", "1000", "2,049,000", "2,048,000"] in rows
    # The four stages open, and in each, the blocks.
    heads = [s.text for s in layers.all("summary")]
    assert heads[:2] == ["inside layer1", "inside 0"]
    assert [h for h in heads if h.startswith("inside layer")] == [
        f"inside layer{i}" for i in (1, 2, 3, 4)
    ]
    (first,) = (t for t in inner if t.children[0].text == "layers of layer1")
    params = [int(row[3].replace(",", "")) for row in first.rows()[1:]]
    # 64*64 + 9*64*64 + 64*256 + 64*256 and norms of 64, 64, 256, 256; then two without projection.
    assert params == [75_008, 70_400, 70_400]


def test_rows_of_a_level_add_up() -> None:
    for spec in ("zoo:googlenet", "zoo:mobilenet_v3_small", "zoo:densenet121"):
        network = netspec.load(spec)
        _, layers, *_ = shown(network).all("table")
        params = [int(r[3].replace(",", "")) for r in layers.rows()[1:] if r[3] != "-"]
        assert sum(params) == netspec.summarize(network).totals.params


def test_symbolic_sizes_and_several_ports(tmp_path: Path) -> None:
    path = _net(
        tmp_path,
        "net Two {\n  left: input 3xHxW\n  right: input 3xHxW\n"
        "  concat { @left; @right }; conv 4 2x2 stride=2\n  mask: output { conv 1 1x1 }\n}\n",
    )
    totals = dict(row for row in shown(netspec.load(path)).all("table")[0].rows())
    assert totals["input left"] == totals["input right"] == "3 x H x W"
    assert totals["output mask"] == "1 x H/2 x W/2"
    # 4 filters of 6*2*2 and one of 4 at H/2 * W/2 positions: (96 + 4) / 4.
    assert totals["MACs"] == "25*H*W"
    assert totals["where"] == "H % 2 == 0, W % 2 == 0"


def test_a_huge_network_stays_small(tmp_path: Path) -> None:
    path = _net(
        tmp_path,
        "block unit(i) { conv 4 1x1; relu }\nnet Huge {\n  input 4x4x4\n"
        + "".join(f"  u{i}: unit {i}\n" for i in range(3_000))
        + "  repeat 1_000_000 { conv 4 1x1; relu }\n}\n",
    )
    text = netspec.load(path)._repr_html_()
    whole = parsed(text)
    assert len(whole.all("table")[1].rows()) == 1 + MOST_ROWS
    assert whole.all("p")[-1].text == "the first 2,000 rows; `netspec summary` has more"
    assert len(text) < 1_000_000


def test_deep_nesting(tmp_path: Path) -> None:
    blocks = ["block b0() { conv 4 1x1 }"]
    blocks += [f"block b{i}() {{ inner: b{i - 1} }}" for i in range(1, 300)]
    path = _net(tmp_path, "\n".join(blocks) + "\nnet Deep { input 4x4x4; b299 }\n")
    whole = shown(netspec.load(path))
    assert 1 <= len(whole.all("details")) <= 6


def test_a_summary() -> None:
    """LeNet-5's figures: 28x28x6x25 multiply-accumulates of the first layer, 156 parameters."""
    whole = shown(netspec.summarize("zoo:lenet"))
    totals, layers = whole.all("table")
    assert dict(r for r in totals.rows())["parameters"] == "61,706"
    assert any(row[3:] == ["156", "117,600"] for row in layers.rows())
    assert whole.all("summary")[0].text == f"{len(layers.rows()) - 1} layers"


# --- comparisons, counts -------------------------------------------------------------------------


def test_a_comparison() -> None:
    whole = shown(netspec.compare("zoo:resnet50", "zoo:resnet101"))
    rows = whole.all("table")[0].rows()
    # +74.3 %: 44,549,160 / 25,557,032 = 1.7431.
    assert ["parameters", "25,557,032", "44,549,160", "+74.3%"] in rows
    assert "old weights load with strict=False only" in [p.text for p in whole.all("p")]
    # 17 further blocks of ten layers: three convolutions, norms and rectifiers, and a sum.
    assert whole.all("summary")[0].text == "layers 175 -> 345: 170 added, 175 unchanged"


def test_nothing_differs() -> None:
    whole = shown(netspec.compare("zoo:lenet", "zoo:lenet"))
    assert re.fullmatch(r"the same: \d+ layers, nothing differs", whole.all("p")[1].text)
    assert not whole.all("table")


def test_a_count() -> None:
    one, other = (netspec.count("zoo:resnet50", name) for name in ("fvcore", "thop"))
    rows = shown(one).all("table")[0].rows()
    assert ["total", "", "4,111,512,576"] in rows
    assert ["batchnorm", "2 for each element, 1 without weights", "22,227,968"] in rows
    rows = shown(one.beside(other)).all("table")[0].rows()
    assert rows[-1] == ["total", "4,111,512,576", "4,133,742,592", "+22,230,016"]


# --- diagnostics ---------------------------------------------------------------------------------


SLIP = "net AlexNet {\n  input 3x224x224\n  conv 96 11x11 stride=4\n}\n"


def test_a_diagnostic(tmp_path: Path) -> None:
    (mistake,) = netspec.check(_net(tmp_path, SLIP))
    whole = shown(mistake)
    assert [m.text for m in whole.all("mark")] == ["stride=4"]
    assert whole.all("p")[0].text == (
        "error[stride-drops-input]: stride 4 leaves the last row and column of a 224x224 input "
        "unread"
    )
    (place,) = (pre.text.split("\n") for pre in whole.all("pre"))
    assert place[0].endswith("a.net:3:17") and place[1] == "  conv 96 11x11 stride=4"
    # Everything that the terminal says.
    said = [item.text for item in whole.all("li")]
    printed = render(mistake).split("\n")
    assert said == [line.removeprefix("   = ") for line in printed if line.startswith("   = ")]
    assert mistake.label in place[2]


def test_a_list_of_diagnostics(tmp_path: Path) -> None:
    found = netspec.check(_net(tmp_path, SLIP.replace("conv 96", "cnv 3x3\n  conv 96")))
    whole = shown(found)
    assert len(whole.all("mark")) >= len(found) >= 1
    assert whole.all("p")[-1].text == f"{len(found)} error{'s' if len(found) > 1 else ''}"
    assert isinstance(found, list) and found == list(found)
    good = netspec.check("zoo:lenet")
    assert good == [] and shown(good).all("p")[0].text == "no diagnostics: nothing is wrong"


def test_many_diagnostics() -> None:
    source = SourceFile("a.net", "net A { input 3x4x4 }\n")
    one = Diagnostic("some-name", "what is wrong", source.span(0, 3))
    whole = parsed(html([one] * 1_000))
    assert len(whole.all("mark")) == 200
    assert [p.text for p in whole.all("p")][-2:] == ["and 800 more", "1,000 errors"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</pre></div></style><b>",
        "&lt;&amp;&#60;",
        "\x1b[31m\x07\u202eabc\u200b",
        "<!-- --><![CDATA[",
    ],
)
def test_nothing_is_raw(hostile: str) -> None:
    text = f"net {hostile} {{}} {hostile}"
    source = SourceFile(f"{hostile}.net", text)
    mistake = Diagnostic(
        hostile,
        hostile,
        source.span(4, 4 + len(hostile)),
        hostile,
        (note(hostile), help_(hostile), note(hostile, source.span(0, 3), hostile)),
    )
    written = mistake._repr_html_()
    whole = parsed(written)  # which allows no other element, attribute or comment
    visible = hostile.replace("\x1b", "\\x1b").replace("\x07", "\\x07")
    visible = visible.replace("\u202e", "\\u{202e}").replace("\u200b", "\\u{200b}")
    assert whole.all("mark")[0].text == visible
    # Name, message; file, twice in the line, label; the remark that points: the same and a message;
    # and the two that do not.
    assert whole.text.count(visible) == 2 + 4 + 5 + 2
    assert not set(written) & {"\x1b", "\x07", "\u202e", "\u200b"}


def test_long_lines_are_cut_around_the_place() -> None:
    source = SourceFile("a.net", "x" * 5_000 + "HERE" + "y" * 5_000)
    whole = shown(Diagnostic("some-name", "m" * 10_000, source.span(5_000, 5_004)))
    assert whole.all("mark")[0].text == "HERE"
    assert len(whole.text) < 5_000
    line = whole.all("pre")[0].text.split("\n")[1]
    assert line.startswith("…xxx") and line.endswith("yyy…")


def test_an_empty_place_is_marked() -> None:
    source = SourceFile("a.net", "net A {\n")
    whole = shown(Diagnostic("some-name", "something is missing", source.span(8, 8)))
    assert whole.all("mark")[0].text == " "


def test_an_error_in_a_notebook(tmp_path: Path) -> None:
    """IPython shows the lines that `_render_traceback_` gives in place of a traceback."""
    path = _net(tmp_path, SLIP)
    with pytest.raises(netspec.SpecError) as caught:
        netspec.load(path)
    lines = caught.value._render_traceback_()
    assert "\n".join(lines) == render(caught.value.diagnostics[0], color=True)
    with pytest.raises(netspec.SpecError) as caught:
        netspec.load(f"{path}::Alxnet")
    first, *choices = caught.value._render_traceback_()
    assert first.startswith("SpecError: ") and "Alxnet" in first
    assert all("\x1b" not in line for line in [first, *choices])


# --- all of them ---------------------------------------------------------------------------------


def test_styles_touch_nothing_else() -> None:
    (style,) = shown(netspec.load("zoo:lenet")).all("style")
    text = re.sub(r"@media \([^)]*\)\{(.*?\})\}", r"\1", style.text)
    for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", text):
        for selector in selectors.split(","):
            assert re.match(r'(\[data-jp-theme-light="(true|false)"\] )?\.netspec\b', selector)
    assert "url(" not in style.text and "@import" not in style.text
    assert "prefers-color-scheme:dark" in style.text


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", ["_LIGHT", "_DARK"])
def test_colours_can_be_read(theme: str) -> None:
    """A contrast of 4.5 to 1 (WCAG 2.1, 1.4.3) with the page, JupyterLab's, and with code."""
    from netspec.reports.notebook import style

    colours = dict(re.findall(r"--ns-(\w+):(#\w{6})", getattr(style, theme)))
    page = {"_LIGHT": "#ffffff", "_DARK": "#111111"}[theme]
    pairs = [(c, page) for c in ("text", "soft", "error", "warning", "note", "help")]
    pairs += [(c, colours["shade"]) for c in ("text", "error", "warning", "note", "help")]
    pairs.append(("text", colours["mark"]))
    for name, behind in pairs:
        light, dark = sorted(map(_luminance, (colours[name], behind)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, behind)


def test_the_same_bytes() -> None:
    assert netspec.load("zoo:lenet")._repr_html_() == netspec.load("zoo:lenet")._repr_html_()


def test_what_stands_beside_the_page_is_short(tmp_path: Path) -> None:
    """Notebooks ask for plain text too. Of 2^60 layers, a tree of 60 blocks, it has to end."""
    blocks = ["block b0() { conv 4 1x1 }"]
    blocks += [f"block b{i}() {{ b{i - 1}; b{i - 1} }}" for i in range(1, 61)]
    network = netspec.load(_net(tmp_path, "\n".join(blocks) + "\nnet Deep { input 4x4x4; b60 }\n"))
    assert repr(network) == "<Network Deep: 4x4x4 -> 4x4x4>"
    assert len(repr(network.root)) < 100
    assert parsed(network._repr_html_()).all("table")[1].rows()[2][4] == f"{256 * 2**60:,}"
    others = (
        netspec.summarize("zoo:resnet50"),
        netspec.compare("zoo:resnet50", "zoo:resnet101"),
        netspec.count("zoo:resnet50", "thop"),
    )
    assert [repr(value) for value in others] == [
        "<Summary ResNet50: 175 layers>",
        "<Comparison ResNet50 -> ResNet101: 170 added, 0 removed, 0 changed>",
        "<Count ResNet50 by thop: 4133742592>",
    ]


def test_reports_are_loaded_when_something_is_shown() -> None:
    code = (
        "import sys, netspec\n"
        "net = netspec.load('zoo:lenet')\n"
        "assert 'netspec.reports.notebook' not in sys.modules\n"
        "assert net._repr_html_().startswith('<div')\n"
        "assert 'netspec.reports.notebook' in sys.modules and 'IPython' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_has_no_report() -> None:
    with pytest.raises(TypeError, match="no report for int"):
        html(3)
