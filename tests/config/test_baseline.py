"""The baseline: written, read, and taken away."""

from __future__ import annotations

import pytest

from netspec.config.baseline import Baseline, Entry
from netspec.diagnostics import Diagnostic, Severity
from netspec.files import FileProblem
from netspec.source import SourceFile

A, B = SourceFile("/p/a.net", "x\nx\n"), SourceFile("/p/b.net", "x\n")


def warning(file: SourceFile, name: str, message: str, at: int = 0) -> Diagnostic:
    return Diagnostic(name, message, file.span(at, at + 1), severity=Severity.WARNING)


def where(file: SourceFile) -> str:
    return file.name.removeprefix("/p/")


def may(diagnostic: Diagnostic) -> bool:
    return diagnostic.name != "stride-drops-input"


FOUND = [
    warning(B, "huge-dense", "it is »huge«"),
    warning(A, "huge-dense", "m"),
    warning(A, "huge-dense", "m", 2),
    Diagnostic("stride-drops-input", "m", A.span(0, 1)),
]


def test_the_file_is_sorted_with_one_entry_a_line() -> None:
    text = Baseline.of(FOUND, may, where).written().decode()
    assert text == (
        "{\n"
        '  "format_version": 1,\n'
        '  "entries": [\n'
        '    {"file": "a.net", "rule": "huge-dense", "message": "m", "count": 2},\n'
        '    {"file": "b.net", "rule": "huge-dense", "message": "it is »huge«", "count": 1}\n'
        "  ]\n"
        "}\n"
    )
    assert Baseline.parse("b.json", text) == Baseline.of(reversed(FOUND), may, where)


def test_an_empty_one() -> None:
    written = Baseline().written().decode()
    assert written == '{\n  "format_version": 1,\n  "entries": []\n}\n'
    assert not Baseline.parse("b.json", written).entries


def test_what_is_known_is_taken_away_as_often_as_it_counts() -> None:
    baseline = Baseline({Entry("a.net", "huge-dense", "m"): 1})
    applied = baseline.apply(FOUND, may, where, {"a.net", "b.net"})
    assert applied.matched == (FOUND[1],)
    assert applied.kept == (FOUND[0], FOUND[2], FOUND[3])
    assert not applied.stale


def test_errors_of_the_language_stay() -> None:
    baseline = Baseline({Entry("a.net", "stride-drops-input", "m"): 5})
    assert baseline.apply(FOUND, may, where, {"a.net"}).kept == tuple(FOUND)


def test_stale_entries_are_those_of_files_that_were_checked() -> None:
    gone, elsewhere = Entry("a.net", "huge-dense", "gone"), Entry("c.net", "huge-dense", "m")
    applied = Baseline({gone: 2, elsewhere: 1}).apply(FOUND, may, where, {"a.net"})
    assert applied.stale == {gone: 2}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON at line 1, column 1"),
        ('{\n"a" 1}', "not JSON at line 2, column 5"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no `format_version`"),
        ('{"format_version": 2, "entries": []}', "format_version is not 1"),
        ('{"format_version": true, "entries": []}', "format_version is not 1"),
        ('{"format_version": 1, "entries": {}}', "not a list"),
        ('{"format_version": 1, "entries": [{"file": "a"}]}', "entry 1 "),
        (
            '{"format_version": 1, "entries": '
            '[{"file": "a", "rule": "b", "message": "c", "count": 0}]}',
            "entry 1 ",
        ),
        (
            '{"format_version": 1, "entries": [{"file": "a", "rule": "b", "message": "c", '
            f'"count": {"9" * 4000}}}]}}',
            "entry 1 ",
        ),
    ],
)
def test_what_is_no_baseline(text: str, why: str) -> None:
    with pytest.raises(FileProblem) as caught:
        Baseline.parse("b.json", text)
    message = str(caught.value)
    assert message.startswith("cannot use b.json as a baseline: ")
    assert why in message and "\n" not in message
