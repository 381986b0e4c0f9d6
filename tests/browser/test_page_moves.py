"""The page of a network in a browser: what moves, what is sorted and found, lines and fields."""

from __future__ import annotations

import re
from math import exp
from pathlib import Path

import pytest

import netspec
from netspec.reports.drawing import svg
from netspec.reports.drawing.layout import laid_out
from netspec.reports.drawing.model import drawing
from tests.browser.conftest import Opened, Opener
from tests.browser.test_page import UNET

#: What is beyond the page's main paths, which `test_page.py` takes: twenty pages take their time.
pytestmark = pytest.mark.slow


def page_of(folder: Path, text: str) -> Path:
    (folder / "a.net").write_text(f"{text}\n")
    path = folder / "a.html"
    path.write_text(str(netspec.draw(folder / "a.net", format="html")), encoding="utf-8")
    return path


def scale(shown: Opened) -> float:
    pixels = "s => s.width.baseVal.value / s.viewBox.baseVal.width"
    return float(shown.page.locator("#canvas > svg").evaluate(pixels))


def scrolled(shown: Opened) -> list[float]:
    return [float(n) for n in shown.page.evaluate("[canvas.scrollLeft, canvas.scrollTop]")]


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]


# --- lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [UNET, "zoo:fcn_resnet50"])
def test_lines_are_those_of_the_picture(opened: Opener, spec: str) -> None:
    """Each corner, and the place of each shape, is where `layout.py` has it; dashes, too."""
    shown = opened(spec)
    shown.page.get_by_role("button", name="Open all").click()
    layout = laid_out(drawing(netspec.load(spec), None))
    wires = shown.page.locator("#canvas .wire").evaluate_all(
        "all => all.map((w) => [w.getAttribute('d'), w.classList.contains('tap')])"
    )
    expected = sorted((numbers(svg.path(line.points)), line.tap) for line in layout.lines)
    found = sorted((numbers(path), tap) for path, tap in wires)
    assert [tap for _, tap in found] == [tap for _, tap in expected]
    for (one, _), (other, _) in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=0.01)
    places = shown.page.locator("#canvas text.shape").evaluate_all(
        "all => all.map((t) => [Number(t.getAttribute('x')), Number(t.getAttribute('y'))])"
    )
    wanted = sorted([line.at.x, line.at.y] for line in layout.lines)
    for place, at in zip(sorted(places), wanted, strict=True):
        assert place == pytest.approx(at, abs=0.01)


def test_boxes_have_bars_and_dashes(opened: Opener, tmp_path: Path) -> None:
    """The roots of 4, 16 and 64 of 64 channels; a head that exists in training only."""
    text = """net A { input 4x8x8; a: conv 16 1x1; b: conv 64 1x1
      aux: output when=training { conv 2 1 } }"""
    shown = opened(page_of(tmp_path, text))
    bars = shown.page.locator("#canvas [class^='bar-']").evaluate_all(
        "all => all.map((bar) => bar.width.baseVal.value)"
    )
    assert [bar / 188 for bar in bars[:3]] == [0.25, 0.5, 1]
    # Of the head, and of its port.
    assert shown.page.locator("#canvas .box.training").count() == 2


# --- zoom and scroll ------------------------------------------------------------------------------


def test_zooms(opened: Opener) -> None:
    """A quarter larger, as much smaller; from a twentieth to four times; by the keyboard too."""
    shown = opened("zoo:lenet")
    larger, smaller, fit = (
        shown.page.get_by_role("button", name=name, exact=True)
        for name in ("Larger", "Smaller", "Fit")
    )
    fit.click()
    # A narrow picture is not blown up to the width that there is.
    assert scale(shown) == pytest.approx(1.25)
    larger.click()
    assert scale(shown) == pytest.approx(1.25**2)
    smaller.click()
    assert scale(shown) == pytest.approx(1.25)
    shown.page.locator("#canvas [tabindex='0']").focus()
    for key, factor in (("+", 1.25**2), ("-", 1.25), ("-", 1), ("0", 1.25)):
        shown.page.keyboard.press(key)
        assert scale(shown) == pytest.approx(factor), key
    for button, end in ((larger, 4), (smaller, 0.05)):
        button.evaluate("b => { for (let i = 0; i < 22; i++) b.click(); }")
        assert scale(shown) == pytest.approx(end)


def test_the_wheel_zooms_where_it_points(opened: Opener) -> None:
    """By e to a three hundredth of the way; what is beneath the pointer stays there."""
    shown = opened(UNET, 900)
    for _ in range(4):
        shown.page.get_by_role("button", name="Larger", exact=True).click()
    shown.page.evaluate("canvas.scrollTo(100, 300)")
    frame = shown.page.locator("#canvas").bounding_box()
    assert frame is not None
    x, y = frame["x"] + 200, frame["y"] + 150

    def beneath() -> list[float]:
        box = shown.page.locator("#canvas > svg").bounding_box()
        assert box is not None
        return [(x - box["x"]) / scale(shown), (y - box["y"]) / scale(shown)]

    before, place = scale(shown), beneath()
    shown.page.mouse.move(x, y)
    shown.page.keyboard.down("Control")
    shown.page.mouse.wheel(0, -60)
    shown.page.keyboard.up("Control")
    shown.until(
        f"canvas.firstElementChild.width.baseVal.value / "
        f"canvas.firstElementChild.viewBox.baseVal.width > {before * 1.05}"
    )
    assert scale(shown) / before == pytest.approx(exp(60 / 300))
    assert beneath() == pytest.approx(place, abs=1)


def drag(shown: Opened, x: float, y: float) -> list[float]:
    """By how much a drag of 10 to the left and 40 up scrolls."""
    before = scrolled(shown)
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x - 5, y - 20)
    shown.page.mouse.move(x - 10, y - 40)
    shown.page.mouse.up()
    return [b - a for a, b in zip(before, scrolled(shown), strict=True)]


def test_a_drag_moves_the_graph_and_opens_nothing(opened: Opener) -> None:
    shown = opened(UNET, 900)
    for _ in range(6):
        shown.page.get_by_role("button", name="Larger", exact=True).click()
    shown.page.evaluate("canvas.scrollTo(100, 300)")
    frame = shown.page.locator("#canvas").bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    assert drag(shown, x, y) == pytest.approx([10, 40], abs=1)
    shown = opened("zoo:resnet50")
    item = shown.page.get_by_role("treeitem", name="layer1, stage")
    item.scroll_into_view_if_needed()
    place = item.locator(".box").bounding_box()
    assert place is not None
    drag(shown, place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    assert len(shown.rows()) == 12
    shown.until("!canvas.classList.contains('dragged')")
    item.click()
    assert len(shown.rows()) > 12


def test_what_is_opened_stays_where_it_is(opened: Opener) -> None:
    """Though all becomes smaller, so that four branches are seen side by side."""
    shown = opened("zoo:googlenet", 900)
    shown.page.get_by_role("button", name="Fit", exact=True).click()
    item = shown.page.get_by_role("treeitem", name="inception4c, ")
    item.scroll_into_view_if_needed()
    top = "box => box.getBoundingClientRect().top"
    before, size = item.locator(".box").evaluate(top), scale(shown)
    item.click()
    assert scale(shown) < size
    assert item.locator(".box").evaluate(top) == pytest.approx(before, abs=2)


def test_a_row_brings_its_box_into_view(opened: Opener) -> None:
    """From the top to what is far below, and back."""
    shown = opened("zoo:resnet50")
    shown.page.get_by_role("button", name="Open all").click()
    for name in ("fc", "conv1"):
        shown.page.locator("#rows tr").filter(
            has=shown.page.get_by_text(name, exact=True)
        ).first.locator("td").first.click()
        inside = shown.page.evaluate(
            """() => {
              const box = document.querySelector("#canvas .hot .box").getBoundingClientRect();
              const frame = canvas.getBoundingClientRect();
              return box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
            }"""
        )
        assert inside, name


# --- sorting, searching ---------------------------------------------------------------------------


def sort(shown: Opened, name: str) -> None:
    head = shown.page.locator("#table").get_by_role("columnheader", name=name)
    head.get_by_role("button").click()


def test_sorts_names_by_their_numbers_and_lines_by_their_files(opened: Opener) -> None:
    shown = opened("zoo:vgg16")
    shown.page.locator("#rows").get_by_role("button", name="Open features").click()
    sort(shown, "Name")
    names = shown.rows()
    after = names[names.index("features") + 1 :]
    # Of what runs several times the first: 5 comes before 12.
    within = [int(name.partition("…")[0]) for name in after if name[0].isdigit()]
    assert within == sorted(within) and within[-1] > 20
    shown = opened("zoo:fcn_resnet50")
    shown.page.get_by_role("button", name="Open all").click()
    sort(shown, "Source")
    top = shown.page.locator("#rows tr", has=shown.page.locator("[data-level='0']"))
    lines = [
        tuple(map(int, re.findall(r"\d+", str(link.get_attribute("href")))))
        for link in top.locator("a").all()
    ]
    assert len(lines) > 2 and lines == sorted(lines, reverse=True)


def test_what_cannot_be_compared_goes_last(opened: Opener, tmp_path: Path) -> None:
    """The MACs of a convolution over an open size are an expression; 8 * 5 those of the last."""
    text = "net A { input 3xHxW; a: conv 8 3 padding=1; g: global_avgpool; flatten; d: dense 5 }"
    shown = opened(page_of(tmp_path, text))
    sort(shown, "MACs")
    assert (shown.rows()[0], shown.rows()[-1]) == ("d", "a")
    sort(shown, "MACs")
    assert shown.rows()[-2:] == ["d", "a"]
    # What is read of an input: one position, then three by three; the rest reads all of it.
    sort(shown, "Field")
    sort(shown, "Field")
    assert shown.rows()[:2] == ["input", "a"]


def test_all_words_are_found_in_whole_names(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    for words, found in (
        ("LAYER1.0.Conv1", "1 found"),
        # No norm is called so; a stage holds three, four, six or three blocks of three.
        ("conv1 batchnorm", "0 found"),
        ("layer1 bn1", "3 found"),
    ):
        shown.page.get_by_label("Search").fill(words)
        shown.page.get_by_text(found, exact=True).wait_for()
    # What holds what is found is marked as long as it is folded; all else is dim.
    assert shown.page.locator("#canvas .found").count() == 1
    assert shown.page.locator("#canvas .dim").count() >= 11
    shown.page.get_by_role("treeitem", name="layer1, stage").click()
    marked = shown.page.locator("#canvas .found").evaluate_all(
        "all => all.map((item) => item.getAttribute('aria-label').split(',')[0])"
    )
    assert "layer1" not in marked and marked
    shown.page.get_by_label("Search").fill("")
    shown.page.locator("#rows .label", has_text="layer4").wait_for()
    assert shown.page.locator(".dim").count() == 0


def test_keys_with_others_are_the_browsers(opened: Opener) -> None:
    shown = opened("zoo:resnet50")
    shown.page.locator("#canvas [tabindex='0']").focus()
    for key in ("Control+ArrowDown", "Alt+ArrowDown", "Control+End"):
        shown.page.keyboard.press(key)
        focused = shown.page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused.startswith("input,"), key


def test_what_is_looked_at_stays_so(opened: Opener) -> None:
    """Though all is drawn anew."""
    shown = opened("zoo:resnet50")
    shown.page.get_by_role("treeitem", name="layer2, stage").click()
    assert shown.page.locator("#canvas .hot").count() == 1
    assert shown.page.locator("#rows .hot").count() == 1


# --- fields, costs --------------------------------------------------------------------------------


def seen(shown: Opened) -> list[float]:
    """Where the field lies on the picture of the input, by its width and height: x, y, both."""
    return [
        float(n)
        for n in shown.page.locator("#field svg").evaluate(
            """s => {
              const whole = s.querySelector(".whole").getBBox();
              const seen = s.querySelector(".seen").getBBox();
              return [seen.x / whole.width, seen.y / whole.height,
                seen.width / whole.width, seen.height / whole.height, whole.height / whole.width];
            }"""
        )
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The fifth of nine rows reads three from the fourth on, the 17th of 33 columns five from
        # the 15th on.
        ("input 3x9x33; x: conv 4 3x5 padding=[1, 2]", [14 / 33, 3 / 9, 5 / 33, 3 / 9, 9 / 33]),
        # Of three positions, two outside are cut.
        ("input 3x3x3; x: conv 4 5 padding=2", [0, 0, 1, 1, 1]),
        # A sequence is a strip, an eighth as high as it is long; the fourth of eight reads three.
        ("input 3x8; x: conv 4 3 padding=1", [2 / 8, 0, 3 / 8, 1, 1 / 8]),
    ],
)
def test_where_a_field_lies(
    opened: Opener, tmp_path: Path, text: str, expected: list[float]
) -> None:
    shown = opened(page_of(tmp_path, f"net A {{ {text} }}"))
    shown.page.get_by_role("treeitem", name="x, conv").hover()
    assert seen(shown) == pytest.approx(expected, abs=0.01)


def test_stages_that_use_weights_again(opened: Opener, tmp_path: Path) -> None:
    """Of 2 * 1,024 MACs half, and none of the 20 parameters."""
    shown = opened(page_of(tmp_path, "net A { input 4x8x8; a: conv 4 1; relu; share a }"))
    rows = shown.page.locator("#stages tbody tr").all_inner_texts()
    assert [row.split() for row in rows] == [
        ["a", "20", "(100.0%)", "1,024", "(50.0%)"],
        ["a", "0", "(0.0%)", "1,024", "(50.0%)"],
    ]


def test_files_of_one_name_are_told_apart(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.net").write_text("block u { conv 4 1; relu }\n")
    path = page_of(tmp_path, 'from "in/a.net" import u\nnet A { input 3x8x8; x: u }')
    shown = opened(path)
    shown.page.get_by_role("button", name="Open all").click()
    files = [text.rpartition(":")[0] for text in shown.page.locator("#rows a").all_inner_texts()]
    assert len(set(files)) == 2
    heads = shown.page.locator("h3").all_inner_texts()
    assert len(heads) == 2 and set(heads) == set(files)
    # Two lines here, one there: a line's end begins no further one.
    assert [s.locator("li").count() for s in shown.page.locator(".source").all()] == [2, 1]


def test_lines_are_sorted_by_their_files_first(opened: Opener, tmp_path: Path) -> None:
    """The first line of the second file goes behind the 31st of the first."""
    (tmp_path / "b.net").write_text("inline block s { conv 4 1; relu }\n")
    blank = "\n" * 29
    path = page_of(tmp_path, f'from "b.net" import s{blank}\nnet A {{ input 3x8x8; s; tanh }}')
    shown = opened(path)
    sort(shown, "Source")
    assert shown.rows()[:2] == ["0", "1"]
    sort(shown, "Source")
    assert shown.rows()[-2:] == ["0", "1"]


def test_shapes_where_lines_cross(opened: Opener, tmp_path: Path) -> None:
    """Two values, each of which two merges read: shapes stand beside what they leave."""
    text = """net A { input 4x8x8; let v = @; a: conv 4 1; @v; b: conv 4 1
      concat { add { @a; @b }; mul { @a; @b } } }"""
    shown = opened(page_of(tmp_path, text))
    places = shown.page.locator("#canvas text.shape").evaluate_all(
        "all => all.map((t) => [Number(t.getAttribute('x')), Number(t.getAttribute('y'))])"
    )
    layout = laid_out(drawing(netspec.load(tmp_path / "a.net"), 1))
    by_number = {placed.box.number: placed for placed in layout.boxes}
    crossing = [line for line in layout.lines if by_number[line.source].box.name in ("a", "b")]
    assert len(crossing) == 4
    assert {line.at.x - by_number[line.source].x for line in crossing} == {6}
    assert places == [[line.at.x, line.at.y] for line in layout.lines]
