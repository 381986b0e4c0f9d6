"""The page of a network in a browser: opens, folds, sorts, searches, by the keyboard alone too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import netspec
from netspec.reports.drawing import html
from netspec.reports.drawing.layout import laid_out
from netspec.reports.drawing.model import drawing
from netspec.reports.rows import TIMES
from tests.browser.conftest import Opener
from tests.reports.drawing.hostile import NAMES, hostile
from tests.reports.drawing.test_writers import contrast

NOTHING = "\N{EN DASH}"
ROOT = Path(__file__).resolve().parents[2]
UNET = str(ROOT / "tests/lint/published/unet.net")
WIDTHS = (360, 900, 1600)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("spec", ["zoo:resnet152", "zoo:densenet201", UNET, "zoo:s3d"])
def test_opens_at_each_width(opened: Opener, spec: str, width: int) -> None:
    """Without an error or a request, as the fixture holds, and without a bar across the page."""
    shown = opened(spec, width)
    assert shown.page.title().startswith(f"{netspec.load(spec).name}: ")
    # Letters can be read before anybody sets a size.
    svg = shown.page.locator("#canvas svg")
    assert svg.evaluate("s => s.width.baseVal.value / s.viewBox.baseVal.width") >= 0.7
    for _ in range(2):
        across = shown.page.evaluate("document.documentElement.scrollWidth")
        assert across <= width
        shown.page.get_by_role("button", name="Open all").click()


def test_what_stands_at_the_top(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    assert shown.rows() == [
        *("input", "conv1", "bn1", "relu1", "maxpool1", "layer1", "layer2", "layer3", "layer4"),
        *("global_avgpool1", "flatten1", "fc"),
    ]
    # torchvision's numbers of parameters.
    assert shown.column(4)[5:9] == ["215,808", "1,219,584", "7,098,368", "14,964,736"]
    boxes = shown.boxes()
    assert len(boxes) == 12
    assert any(
        box.startswith("layer1, stage, gives 256x56x56, 215,808 parameters") for box in boxes
    )


def test_opens_and_folds(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    turn = shown.page.locator("#rows").get_by_role("button", name="Open layer2")
    assert turn.get_attribute("aria-expanded") == "false"
    turn.click()
    assert shown.rows()[6:11] == ["layer2", "0", "1", "2…3", "layer3"]
    # The graph goes along; its box says how often it runs.
    item = shown.page.get_by_role("treeitem", name="layer2, stage")
    assert item.get_attribute("aria-expanded") == "true"
    assert any(box.startswith(f"layer2.2…3, bottleneck, {TIMES}2") for box in shown.boxes())
    shown.page.get_by_role("treeitem", name="layer2.0, bottleneck").click()
    assert shown.rows()[7:11] == ["0", "conv1", "bn1", "relu1"]
    shown.page.get_by_role("button", name="Fold all").click()
    assert len(shown.rows()) == len(shown.boxes()) == 12
    shown.page.get_by_role("button", name="Open all").click()
    assert len(shown.rows()) == len(shown.boxes()) > 100


@pytest.mark.slow
def test_graph_and_layout_are_one(opened: Opener) -> None:
    """Where the page puts boxes and lines is where `layout.py` does, at each depth."""
    for spec in ("zoo:googlenet", UNET, "zoo:fcn_resnet50", "zoo:lenet::LeNet5"):
        shown = opened(spec)
        for opens in (False, True):
            if opens:
                shown.page.get_by_role("button", name="Open all").click()
            layout = laid_out(drawing(netspec.load(spec), None if opens else 1))
            there = shown.page.evaluate(
                """() => [...document.querySelectorAll("#canvas [data-box]")].map((item) => {
                  const box = item.querySelector(".box").getBBox();
                  return [Number(item.dataset.box), box.x, box.y, box.width, box.height];
                })"""
            )
            expected = {
                placed.box.number: [
                    placed.x - placed.left,
                    placed.y,
                    placed.left + placed.right,
                    placed.height,
                ]
                for placed in layout.boxes
            }
            assert len(there) == len(expected)
            for number, *place in there:
                assert place == pytest.approx(expected[number], abs=0.01)
            shapes = shown.page.locator("#canvas text.shape").all_text_contents()
            assert sorted(shapes) == sorted(line.text for line in layout.lines)


def test_letters_stay_in_their_boxes(opened: Opener) -> None:
    shown = opened("zoo:efficientnet_b0")
    shown.page.get_by_role("button", name="Open all").click()
    outside = shown.page.evaluate(
        """() => [...document.querySelectorAll("#canvas .item")].flatMap((item) => {
          const box = item.querySelector(".box").getBBox();
          return [...item.querySelectorAll("text")].filter((text) => {
            const own = text.getBBox();
            return own.x < box.x || own.x + own.width > box.x + box.width;
          }).map((text) => text.textContent);
        })"""
    )
    assert outside == []


def number(text: str) -> float:
    return float(text.replace(",", "")) if text != NOTHING else 0.0


def test_sorts(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    before = shown.rows()
    for place, name in ((4, "Parameters"), (5, "MACs")):
        head = shown.page.locator("#table").get_by_role("columnheader", name=name)
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        values = [number(text) for text in shown.column(place)]
        # As numbers: 9,408 is less than 215,808.
        assert values == sorted(values, reverse=True) and values[0] > values[5]
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        assert [number(text) for text in shown.column(place)] == sorted(values)
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "none"
        assert shown.rows() == before
    shown.page.locator("#table").get_by_role("columnheader", name="Name").get_by_role(
        "button"
    ).click()
    assert shown.rows() == sorted(before)
    shown.page.locator("#table").get_by_role("columnheader", name="Output").get_by_role(
        "button"
    ).click()
    # 64 x 112 x 112 and 256 x 56 x 56 are the same number of elements, the most of all.
    assert set(shown.rows()[:4]) == {"conv1", "bn1", "relu1", "layer1"}
    # Rows within a block are sorted within it.
    shown.page.locator("#table").get_by_role("columnheader", name="Parameters").get_by_role(
        "button"
    ).click()
    shown.page.get_by_role("button", name="Open layer4").click()
    assert shown.rows()[:5] == ["layer4", "0", "1", "2", "layer3"]


def test_searches(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    shown.page.get_by_label("Search").fill("downsample batchnorm")
    shown.page.get_by_text("4 found").wait_for()
    # One in each stage (He et al., table 1), below the names of all that it stands in.
    assert shown.rows().count("downsample") == 4
    assert shown.rows()[:4] == ["layer1", "0", "downsample", "1"]
    # In the graph, the folded stages are marked as what holds it.
    marked = shown.page.locator("#canvas .found").all()
    assert len(marked) == 4
    shown.page.get_by_label("Search").press("Enter")
    focused = shown.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("layer1.0.downsample.1, batchnorm")
    shown.page.get_by_label("Search").fill("")
    shown.page.locator("#rows .label", has_text="layer4").wait_for()
    assert "layer4" in shown.rows()
    shown.page.get_by_label("Search").fill("<b>nothing</b>")
    shown.page.get_by_text("0 found").wait_for()
    assert shown.rows() == []


def test_by_the_keyboard_alone(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    press = shown.page.keyboard.press

    def at() -> str:
        return str(
            shown.page.evaluate(
                "(document.activeElement.getAttribute('aria-label') ||"
                " document.activeElement.textContent).split(',')[0]"
            )
        )

    # One box takes part in the order of the tab key.
    assert shown.page.locator("#canvas [tabindex='0']").count() == 1
    press("Tab")
    assert at() == "To the table"
    for _ in range(20):
        press("Tab")
        if at() == "input":
            break
    assert at() == "input"
    for expected in ("conv1", "bn1", "relu1", "maxpool1", "layer1"):
        press("ArrowDown")
        assert at() == expected
    press("ArrowRight")  # opens
    assert "layer1.0" in [box.split(",")[0] for box in shown.boxes()]
    assert at() == "layer1"
    press("ArrowRight")  # goes in
    assert at() == "layer1.0"
    press("Enter")  # opens
    press("ArrowDown")
    assert at() == "layer1.0.conv1"
    press("ArrowLeft")  # goes out
    assert at() == "layer1.0"
    press("ArrowLeft")  # folds
    assert "layer1.0.conv1" not in [box.split(",")[0] for box in shown.boxes()]
    press("End")
    assert at() == "fc"
    press("Home")
    assert at() == "input"
    # The focus can be seen.
    press("ArrowDown")
    box = shown.page.locator("#canvas .item:focus .box")
    assert box.evaluate("box => getComputedStyle(box).strokeWidth") == "3px"
    # On to the table: its first button opens a row, and keeps the focus.
    for _ in range(40):
        press("Tab")
        if at() == "Open layer2":
            break
    press("Enter")
    assert at() == "Fold layer2"
    press("Space")
    assert at() == "Open layer2"


def test_what_screen_readers_are_told(opened: Opener) -> None:
    shown = opened("zoo:vgg16")
    assert shown.page.get_by_role("tree").count() == 1
    shown.page.get_by_role("button", name="Open features").click()
    items = shown.page.get_by_role("treeitem")
    assert items.count() == len(shown.rows())
    outer = shown.page.get_by_role("treeitem", name="features, sequence")
    assert outer.get_attribute("aria-level") == "1"
    assert outer.get_attribute("aria-setsize") == "5"
    assert outer.get_attribute("aria-posinset") == "2"
    # Simonyan and Zisserman, configuration D; 212 and 32: Araujo, Norris and Sim (2019).
    label = str(outer.get_attribute("aria-label"))
    assert "14,714,688 parameters" in label and label.endswith("reads 212x212 every 32")
    inner = shown.page.get_by_role("treeitem", name="features.0, conv 64 3x3")
    assert inner.get_attribute("aria-level") == "2"
    # Everything that can be pressed has a name, and no number of an element comes twice.
    for button in shown.page.get_by_role("button").all():
        assert button.inner_text().strip() or button.get_attribute("aria-label")
    numbers = shown.page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(numbers) == len(set(numbers))
    assert shown.page.evaluate("document.documentElement.lang") == "en"


def test_the_field_is_drawn_over_the_input(opened: Opener) -> None:
    shown = opened("zoo:vgg16")
    row = shown.page.locator("#rows tr", has=shown.page.get_by_text("features", exact=True))
    row.hover()
    card = shown.page.locator("#field")
    # Araujo, Norris and Sim (2019): 212, every 32.
    assert "212x212 of 224x224" in card.inner_text()
    assert card.locator("dt", has_text="stride").locator("xpath=../dd").inner_text() == "32"
    whole, seen = (
        card.locator(f".{name}").evaluate("r => [r.getBBox().width, r.getBBox().height]")
        for name in ("whole", "seen")
    )
    assert seen[0] / whole[0] == pytest.approx(212 / 224, abs=0.001)
    assert seen[1] / whole[1] == pytest.approx(212 / 224, abs=0.001)
    # The box in the graph shows the same, and so does a focus.
    shown.page.get_by_role("treeitem", name="input").hover()
    assert "1x1 of 224x224" in card.inner_text()
    shown.page.get_by_role("treeitem", name="input").focus()
    shown.page.keyboard.press("ArrowDown")
    assert "212x212 of 224x224" in card.inner_text()
    assert row.evaluate("row => row.classList.contains('hot')")


def test_a_field_wider_than_the_input_is_cut(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    shown.page.get_by_role("treeitem", name="layer4").hover()
    card = shown.page.locator("#field")
    assert "427x427 of 224x224" in card.inner_text()
    boxes = [
        card.locator(f".{name}").evaluate("r => r.getBBox().width") for name in ("seen", "whole")
    ]
    assert boxes[0] == pytest.approx(boxes[1])


def test_pointing_moves_nothing(opened: Opener) -> None:
    """What stands below the field stays where it is, whatever is pointed at."""
    for width in (900, 1600):
        shown = opened("zoo:resnet50", width)
        places = set()
        for name in ("input", "conv1", "layer4", "fc"):
            shown.page.locator("#rows tr", has=shown.page.get_by_text(name, exact=True)).hover()
            places.add(shown.page.evaluate("document.getElementById('table').offsetTop"))
            places.add(
                shown.page.evaluate(
                    "document.getElementById('table').getBoundingClientRect().top + scrollY"
                )
            )
        assert len(places) <= 2


def test_costs_by_stage(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    table = shown.page.locator("#stages")
    rows = {
        str(row.locator("th").inner_text()): row.locator(".fill").all()
        for row in table.locator("tbody tr").all()
    }
    assert list(rows) == ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"]
    # 14,964,736 of 25,557,032, and 809,238,528 of 4,089,184,256.
    params, macs = (
        fill.evaluate("f => f.getBoundingClientRect().width / f.parentElement.clientWidth")
        for fill in rows["layer4"]
    )
    assert params == pytest.approx(14_964_736 / 25_557_032, abs=0.01)
    assert macs == pytest.approx(809_238_528 / 4_089_184_256, abs=0.01)
    assert "14,964,736 (58.6%)" in table.inner_text()
    # One box that is nearly all of a net is shown as its parts.
    parts = opened("zoo:densenet201").page.locator("#stages tbody th").all_inner_texts()
    assert "features.denseblock3" in parts and "features" not in parts


@pytest.mark.slow
def test_every_row_leads_to_its_line(opened: Opener) -> None:
    shown = opened("zoo:fcn_resnet50")
    shown.page.get_by_role("button", name="Open all").click()
    links = shown.page.locator("#rows a").all()
    assert len(links) == len(shown.rows())
    assert {link.inner_text().rpartition(":")[0] for link in links} == {
        "zoo:fcn.net",
        "zoo:resnet.net",
    }
    for link in links:
        target = str(link.get_attribute("href"))
        assert shown.page.locator(target).count() == 1
    link = shown.page.locator("#rows a", has_text="zoo:resnet.net").first
    link.click()
    line = shown.page.locator("li:target")
    place = int(link.inner_text().rpartition(":")[2])
    text = (ROOT / "specs/resnet.net").read_text("utf-8").splitlines()[place - 1]
    assert line.locator("code").evaluate("c => c.textContent") == text
    assert line.evaluate("l => getComputedStyle(l).outlineStyle") == "solid"
    assert line.is_visible()
    top = line.evaluate("l => l.getBoundingClientRect().top")
    assert 0 <= top <= 1000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(opened: Opener, scheme: str) -> None:
    """4.5 to 1 for all text, as it is computed (WCAG 2.2, 1.4.3)."""
    shown = opened("zoo:googlenet", 1600, scheme)
    shown.page.get_by_role("treeitem", name="inception3a").click()
    shown.page.get_by_label("Search").fill("concat")
    shown.page.get_by_text("found", exact=False).first.wait_for()
    pairs = shown.page.evaluate(
        """() => {
          const hex = (text) => "#" + text.match(/[\\d.]+/g).slice(0, 3)
            .map((n) => Math.round(n).toString(16).padStart(2, "0")).join("");
          const behind = (node) => {
            for (let at = node; at; at = at.parentElement) {
              if (at.namespaceURI.endsWith("svg")) {
                const box = at.querySelector && at.tagName === "g" && at.querySelector(".box");
                if (box) return getComputedStyle(box).fill;
                continue;
              }
              const own = getComputedStyle(at).backgroundColor;
              if (!/, 0\\)$/.test(own) && own !== "transparent") return own;
            }
            return "rgb(255, 255, 255)";
          };
          const found = new Set();
          for (const node of document.querySelectorAll("body *")) {
            const texts = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
            if (!texts || ["SCRIPT", "STYLE", "NOSCRIPT", "title"].includes(node.tagName)) continue;
            const style = getComputedStyle(node);
            const colour = node.namespaceURI.endsWith("svg") ? style.fill : style.color;
            found.add(`${hex(colour)} ${hex(behind(node))}`);
          }
          return [...found];
        }"""
    )
    assert len(pairs) > 8
    for pair in pairs:
        assert contrast(*pair.split()) >= 4.5, pair


def test_colours_can_be_chosen(opened: Opener) -> None:
    shown = opened("zoo:lenet", 1600, "dark")

    def ground() -> str:
        return str(
            shown.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        )

    dark = ground()
    shown.page.get_by_role("button", name="Light colours").click()
    assert ground() != dark
    shown.page.get_by_role("button", name="Dark colours").click()
    assert ground() == dark


def test_nothing_moves_for_those_who_ask(opened: Opener) -> None:
    shown = opened("zoo:lenet")
    smooth = "getComputedStyle(document.documentElement).scrollBehavior"
    shown.page.emulate_media(reduced_motion="no-preference")
    assert shown.page.evaluate(smooth) == "smooth"
    shown.page.emulate_media(reduced_motion="reduce")
    assert shown.page.evaluate(smooth) == "auto"


def test_files_are_small() -> None:
    for spec in ("zoo:resnet152", "zoo:densenet201"):
        assert len(str(netspec.draw(spec, format="html"))) < 1_000_000


def test_hostile_names(opened: Opener, tmp_path: Path) -> None:
    """Names and comments are text: no element, no script, and nothing is turned around."""
    text = html.render(hostile())
    data = text.partition('id="data">')[2].partition("</script>")[0]
    assert not set("<>&") & set(data)
    assert NAMES["a"] in {box.get("name") for box in json.loads(data)["boxes"]}
    path = tmp_path / "hostile.html"
    path.write_text(text, encoding="utf-8")
    shown = opened(path)
    shown.page.get_by_role("button", name="Open all").click()
    assert NAMES["a"] in shown.rows() and NAMES["b"] in shown.rows()
    assert r"\u{202e}gnp.exe`\x1b[1m\n" in shown.rows()
    assert shown.page.locator("img, b, script:not(#data)").count() == 1  # the page's own script
    first = shown.page.locator("#f0L1 code").evaluate("c => c.textContent")
    assert first == '# </script><script>alert(1)</script> <!-- ]]> &amp; "quoted"'


def test_nothing_may_be_fetched(opened: Opener, tmp_path: Path) -> None:
    """The page's policy refuses what another script in it would ask for."""
    shown = opened("zoo:lenet")
    refused = shown.page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (e) => done(e.violatedDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          setTimeout(() => done("nothing"), 2000);
        })"""
    )
    assert refused.startswith("script-src")
    assert shown.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in shown.said)
    shown.said.clear()


@pytest.mark.slow
def test_open_sizes_several_inputs_and_odd_ranks(opened: Opener, tmp_path: Path) -> None:
    specs = {
        "open": "net A { input 3xHxW; conv 8 3x3 padding=1; pool: maxpool 2x2; global_avgpool }",
        "one": "net A { input 4x64; conv 8 3 stride=2 padding=1; flatten; dense 2 }",
        "three": "net A { input 2x8x8x8; conv 4 3x3x3; global_avgpool }",
        "two": "net A { a: input 3x9x9; b: input 3x9x9; x: conv 3 3x3 padding=1; add { @x; @a } }",
        "vector": "net A { input 7; dense 3; relu }",
        "nothing": "net A { input 3x4x4 }",
    }
    for name, text in specs.items():
        (tmp_path / f"{name}.net").write_text(f"{text}\n")
        path = tmp_path / f"{name}.html"
        drawn = netspec.draw(tmp_path / f"{name}.net", format="html")
        path.write_text(str(drawn), encoding="utf-8")
        shown = opened(path)
        for row in shown.page.locator("#rows tr").all():
            row.hover()
        card = shown.page.locator("#field")
        if name == "open":
            # Not of a size that is not known; 3, then one further for the pool.
            shown.page.get_by_role("treeitem", name="pool, maxpool").hover()
            assert "4x4 of H x W" in card.inner_text()
            assert card.locator("svg").count() == 0
        if name == "two":
            shown.page.get_by_role("treeitem", name="add, gives").hover()
            assert "reads of a" in card.inner_text() and "reads of b" in card.inner_text()
            assert card.locator("svg").count() == 2
