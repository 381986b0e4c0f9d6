"""Diagnostics as text: the layout, and what it does with unusual text."""

from __future__ import annotations

from netspec.diagnostics import Diagnostic, Severity, help_, note
from netspec.reports.text import LINE_WIDTH, closing, render
from netspec.source import SourceFile, Span


def place(source: SourceFile, words: str, nth: int = 0) -> Span:
    """The nth occurrence of some words."""
    at = -1
    for _ in range(nth + 1):
        at = source.text.index(words, at + 1)
    return source.span(at, at + len(words))


def underlined(text: str) -> tuple[str, str]:
    """The source line of a rendered diagnostic, and the line of carets below it."""
    lines = text.split("\n")
    return lines[3], lines[4]


# --- the layout, as it was agreed on --------------------------------------------------------------


def test_notes_and_helps() -> None:
    source = SourceFile("toy.net", "net Toy {\n  input 1x7x7\n  conv 4 3x3 stride=3\n}\n")
    diagnostic = Diagnostic(
        "stride-drops-input",
        "stride 3 leaves the last row and column of a 7x7 input unread",
        place(source, "stride=3"),
        "windows of 3, every 3, end at 6 of 7",
        (
            note("(7 - 3) / 3 + 1 = 2.33 in height and width"),
            help_("stride=2 gives 4x3x3"),
            help_("padding=1 gives 4x3x3"),
            help_("a kernel of 4x4 gives 4x2x2"),
            help_("an input of 6x6 (to this layer) gives 4x2x2"),
            help_("rounding=floor accepts the loss and gives 4x2x2"),
        ),
    )
    assert (
        render(diagnostic)
        == """\
error[stride-drops-input]: stride 3 leaves the last row and column of a 7x7 input unread
  --> toy.net:3:14
   |
 3 |   conv 4 3x3 stride=3
   |              ^^^^^^^^ windows of 3, every 3, end at 6 of 7
   |
   = note: (7 - 3) / 3 + 1 = 2.33 in height and width
   = help: stride=2 gives 4x3x3
   = help: padding=1 gives 4x3x3
   = help: a kernel of 4x4 gives 4x2x2
   = help: an input of 6x6 (to this layer) gives 4x2x2
   = help: rounding=floor accepts the loss and gives 4x2x2"""
    )


def test_a_note_at_another_place_comes_first() -> None:
    text = "\n" * 3 + "  residual {\n" + "\n" * 17 + "  layer1: { repeat 3 { bottleneck 64 } }\n"
    source = SourceFile("resnet.net", text)
    diagnostic = Diagnostic(
        "branches-differ",
        "a residual adds 256x56x56 to 64x56x56",
        place(source, "residual"),
        "the body gives 256x56x56, the identity 64x56x56",
        (
            help_("`shortcut { conv 4*width 1x1 }` projects the input to 256x56x56"),
            note("called here as layer1.0 with 64x56x56", place(source, "bottleneck 64")),
        ),
    )
    assert (
        render(diagnostic)
        == """\
error[branches-differ]: a residual adds 256x56x56 to 64x56x56
  --> resnet.net:4:3
   |
 4 |   residual {
   |   ^^^^^^^^ the body gives 256x56x56, the identity 64x56x56
   |
note: called here as layer1.0 with 64x56x56
  --> resnet.net:22:24
   |
22 |   layer1: { repeat 3 { bottleneck 64 } }
   |                        ^^^^^^^^^^^^^
   = help: `shortcut { conv 4*width 1x1 }` projects the input to 256x56x56"""
    )


def test_remarks_keep_their_order() -> None:
    source = SourceFile("toy.net", "net Toy {\n  input 1x7x7\n  conv 4 3x3 strid=2\n}\n")
    signature = (
        "conv filters kernel stride=1 padding=0 dilation=1 groups=1 bias=true rounding=exact"
    )
    diagnostic = Diagnostic(
        "unknown-parameter",
        "`conv` has no parameter `strid`",
        place(source, "strid"),
        "not a parameter of `conv`",
        (help_("did you mean `stride`?"), note(signature)),
    )
    assert (
        render(diagnostic)
        == f"""\
error[unknown-parameter]: `conv` has no parameter `strid`
  --> toy.net:3:14
   |
 3 |   conv 4 3x3 strid=2
   |              ^^^^^ not a parameter of `conv`
   |
   = help: did you mean `stride`?
   = note: {signature}"""
    )


def test_a_place_of_several_words() -> None:
    source = SourceFile("resnet.net", "\n" * 30 + "  assert params <= 25M\n")
    diagnostic = Diagnostic(
        "assert-failed",
        "params is 25,557,032, more than the 25M allowed",
        place(source, "params <= 25M"),
        "params is 25,557,032",
        (note("largest: layer4 14,964,736, layer3 7,098,368, fc 2,049,000"),),
    )
    # The carets stand below the place, and the column is theirs.
    assert (
        render(diagnostic)
        == """\
error[assert-failed]: params is 25,557,032, more than the 25M allowed
  --> resnet.net:31:10
   |
31 |   assert params <= 25M
   |          ^^^^^^^^^^^^^ params is 25,557,032
   |
   = note: largest: layer4 14,964,736, layer3 7,098,368, fc 2,049,000"""
    )


def test_numbers_of_all_lines_stand_in_one_column() -> None:
    source = SourceFile("long.net", "relu\n" * 1234)
    diagnostic = Diagnostic(
        "some-name",
        "a message",
        source.span(0, 4),
        remarks=(note("over there", source.span(5 * 1233, 5 * 1233 + 4)),),
        severity=Severity.WARNING,
    )
    assert render(diagnostic).split("\n") == [
        "warning[some-name]: a message",
        "    --> long.net:1:1",
        "     |",
        "   1 | relu",
        "     | ^^^^",
        "     |",
        "note: over there",
        "    --> long.net:1234:1",
        "     |",
        "1234 | relu",
        "     | ^^^^",
    ]


# --- places ---------------------------------------------------------------------------------------


def test_several_lines_underline_the_first() -> None:
    source = SourceFile("a.net", "  add {  \n relu\n}\n")
    text = render(Diagnostic("n", "m", source.span(2, 15), "here"))
    assert underlined(text) == (" 1 |   add {", "   |   ^^^^^ here")


def test_an_empty_file() -> None:
    source = SourceFile("a.net", "")
    text = render(Diagnostic("n", "m", source.span(0, 0), "here"))
    assert underlined(text) == (" 1 |", "   | ^ here")


def test_the_end_of_a_line_and_of_the_file() -> None:
    source = SourceFile("a.net", "conv 4\n")
    assert underlined(render(Diagnostic("n", "m", source.span(6, 6)))) == (
        " 1 | conv 4",
        "   |       ^",
    )
    assert underlined(render(Diagnostic("n", "m", source.span(7, 7)))) == (" 2 |", "   | ^")


def test_tabs_are_blanks() -> None:
    source = SourceFile("a.net", "\tconv\t4 strid=2")
    text = render(Diagnostic("n", "m", place(source, "strid")))
    assert underlined(text) == (
        " 1 |     conv    4 strid=2",
        "   |               ^^^^^",
    )


def test_wide_characters_take_two_columns() -> None:
    # U+5377 and U+7A4D are wide (East Asian Width W); the accent U+0301 takes no column.
    source = SourceFile("a.net", "# \u5377\u7a4d e\u0301 relu")
    text = render(Diagnostic("n", "m", place(source, "relu")))
    line, carets = underlined(text)
    assert line.endswith("relu")
    assert carets == "   | " + " " * (2 + 4 + 1 + 1 + 1) + "^^^^"


def test_a_carriage_return_is_no_part_of_a_line() -> None:
    source = SourceFile("a.net", "relu\r\nrelu\r\n")
    assert "\r" not in render(Diagnostic("n", "m", source.span(0, 8)))


def test_a_long_line_is_cut_around_the_place() -> None:
    source = SourceFile("a.net", "a " * 5000 + "strid" + " b" * 5000)
    line, carets = underlined(render(Diagnostic("n", "m", place(source, "strid"), "here")))
    assert len(line) <= len(" 1 | ") + LINE_WIDTH + 2
    assert line.startswith(" 1 | …") and line.endswith("…")
    at = line.index("strid")
    assert carets == f"   | {' ' * (at - 5)}^^^^^ here"


def test_a_long_place_is_cut() -> None:
    source = SourceFile("a.net", "x" * 100_000)
    line, carets = underlined(render(Diagnostic("n", "m", source.span(0, 100_000))))
    assert line == f" 1 | {'x' * LINE_WIDTH}…"
    assert carets == f"   | {'^' * LINE_WIDTH}"


# --- safety ---------------------------------------------------------------------------------------


def test_nothing_reaches_the_terminal_raw() -> None:
    hostile = "\x1b]0;title\x07\x9b2J\u202e\u2066\u200b\ufeff\u2028\ud800\x7f\x00\r"
    source = SourceFile(f"{hostile}.net", f"# {hostile}\nrelu # {hostile}")
    text = render(
        Diagnostic(
            hostile,
            hostile,
            place(source, "relu"),
            hostile,
            (note(hostile, place(source, "relu"), hostile), help_(hostile)),
        )
    )
    assert not set(text) & (set(hostile) - set("]0;title2J"))
    assert all(character == "\n" or character.isprintable() for character in text)
    assert "\\x1b]0;title\\x07\\x9b2J\\u{202e}" in text


def test_a_message_stays_in_its_line() -> None:
    source = SourceFile("a.net", "relu")
    text = render(Diagnostic("n", "one\nerror[two]: two", source.span(0, 4), "a\nb"))
    assert text.split("\n")[0] == "error[n]: one\\nerror[two]: two"
    assert text.endswith("^^^^ a\\nb")


def test_colour_changes_no_character() -> None:
    import re

    source = SourceFile("a.net", "relu")
    remarks = (note("n", source.span(0, 2)), help_("h"))
    diagnostic = Diagnostic("n", "m", source.span(0, 4), "l", remarks)
    colored = render(diagnostic, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(diagnostic)


# --- the closing line -----------------------------------------------------------------------------


def test_closing_lines() -> None:
    span = SourceFile("a.net", "relu").span(0, 4)
    error = Diagnostic("n", "m", span)
    warning = Diagnostic("n", "m", span, severity=Severity.WARNING)
    assert closing([error, warning, error], 3, 5) == "2 errors, 1 warning in 3 files"
    assert closing([error], 1, 1) == "1 error in 1 file"
    assert closing([warning] * 2, 1, 1) == "2 warnings in 1 file"
    assert closing([], 1000, 1) == "ok: 1 net in 1,000 files"
