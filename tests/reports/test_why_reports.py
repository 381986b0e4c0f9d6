"""Why, as it is shown: headings, what is left out of a part of a layer, and what programs get."""

from __future__ import annotations

from netspec.analysis.why import Why, ask
from netspec.reports import why_text
from netspec.reports.why_json import why_object
from netspec.source import SourceFile
from tests.analysis.test_why_by_hand import nowhere, why


def lines(found: Why) -> list[str]:
    return why_text.render(found).splitlines()


def test_headings_of_many_inputs() -> None:
    """Four are named; more are more."""
    text = "net A { input 1x4x4; x: concat { %s } }"
    four, five = (why(text % "; ".join(["identity"] * n), "x") for n in (4, 5))
    assert lines(four)[0] == "x of A: concat, 1x4x4, 1x4x4, 1x4x4, 1x4x4 -> 4x4x4"
    assert lines(five)[0] == "x of A: concat, 1x4x4, 1x4x4, 1x4x4, 1x4x4, … -> 5x4x4"


def test_the_shape_of_a_block_is_that_of_a_layer_in_it() -> None:
    text = "block u { conv 4 1; relu }\nnet A { input 3x4x4; a: u; tanh }"
    assert "shape, that of a.0" in lines(why(text, "a"))
    assert "shape" in lines(why(text, "a.1"))


def test_what_was_told_is_not_told_again() -> None:
    """One default stands behind filters and kernel: its line of the text is shown once."""
    found = lines(why("net A(k=3) {\n  input 3x9x9\n  a: conv k k\n}\n", "a"))
    assert sum("1 | net A(k=3) {" in line for line in found) == 1
    assert "     = k = 3: `k` of `A`, its default, as above" in found


def test_a_part_of_a_layer_is_no_value() -> None:
    text = "net A { input 3xHxW; a: conv 4 2 stride=2; relu }"
    whole, part = lines(why(text, "a")), lines(why(text, "a.weight"))
    for section in ("shape", "asked of sizes", "comes from", "goes to"):
        assert section in whole and section not in part
    assert "  H % 2 == 0" in whole


def test_for_programs() -> None:
    """Each thing under its own name."""
    text = "net A { input 3xHxW; a: conv 4 2 stride=2; relu; tanh }"
    found = why_object(why(text, "a"))
    assert (found["of"], found["path"], found["rest"]) == ("a", "a", None)
    assert found["inputs"] == [
        {"path": "input", "what": "input", "shape": [3, "H", "W"], "use": None}
    ]
    readers = [{"path": "relu1", "what": "relu", "shape": [4, "H/2", "W/2"], "use": None}]
    assert found["readers"] == readers
    assert set(found["conditions"]) == {"H >= 2", "W >= 2", "H % 2 == 0", "W % 2 == 0"}
    assert found["notes"] == []
    part = why_object(why(text, "a.weight"))
    assert (part["of"], part["path"], part["rest"]) == ("a", "a.weight", "weight")


def test_statements_of_several_lines() -> None:
    """What is underlined ends with its first line; what is long is cut behind a word."""
    text = "net A { input 3x4x4\n aux: output {\n conv 2 1\n relu }\n relu }"
    (turn,) = [turn for turn in why(text, "aux.1").way if turn.kind == "output"]
    assert turn.span.text == "output {"
    # The last of 59 letters is a blank, which no dots follow.
    long = "conv 48 3 stride=1 padding=1 dilation=1 groups=1 bias=true "
    assert len(long) == 59
    (_, turn) = why(f"net A {{ input 3x4x4; {long}rounding=floor }}", "0").way
    assert turn.text == "conv 48 3 stride=1 padding=1 dilation=1 groups=1 bias=true…"


def test_names_of_files_are_escaped() -> None:
    source = SourceFile("a\x1b[1m.net", "net A { input 3x4x4; a: relu }")
    found = ask(source, nowhere, None, "a").answer
    assert found is not None
    assert "\x1b" not in why_text.render(found)
    assert "a\\x1b[1m.net:1:25" in why_text.render(found)
