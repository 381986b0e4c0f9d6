"""A verdict that is written and read back says the same, word for word and place for place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.cli.arguments import FORMATS
from netspec.diagnostics import Diagnostic, Edit, Fix, Remark, Severity
from netspec.files import Files
from netspec.lint.suppressions import Suppression
from netspec.lint.verdict import Context, Facts
from netspec.reports.finding import Report
from netspec.reports.formats import render
from netspec.session import Session, written
from netspec.session.examination import Asked
from netspec.session.written import Table
from netspec.source import SourceFile, Span, Unreadable
from tests.session.project import make

OWN = SourceFile("own.net", "net Own {\n  input 3x32x32\n  conv 8 3x3 # ü\n}\n")
IMPORTED = SourceFile("lib/ä.net", "block unit(filters) { conv filters 3x3 }\n")
DEEPER = SourceFile("lib/deeper.net", "block other() { relu }\n")
CONFIGURATION = SourceFile("netspec.toml", 'extend-select = ["all"]\n')
OPTION = SourceFile("--input", "3x64x64")
MISSING = Unreadable("there is no such file", "other.net")

ASKED = [
    Asked(OWN, "lib/ä.net", IMPORTED),
    Asked(IMPORTED, "deeper.net", DEEPER),
    Asked(OWN, "none.net", MISSING),
    Asked(DEEPER, "../own.net", OWN),
    Asked(OWN, "lib/ä.net", IMPORTED),
]


def answers(importing: SourceFile, path: str) -> SourceFile | Unreadable:
    return next(a.answer for a in ASKED if (a.importing, a.path) == (importing, path))


def back(facts: Facts, asked: list[Asked]) -> written.Restored | None:
    table = Table(OWN, asked, CONFIGURATION)
    data = written.dumped(written.facts_written(facts, table))
    return written.facts_read(written.loaded(data), OWN, CONFIGURATION, answers)


texts = st.text(max_size=12) | st.sampled_from(["a\udc80b", "\x1b[31m", "<&>", ""])
sources = st.sampled_from([OWN, IMPORTED, DEEPER, CONFIGURATION])


@st.composite
def spans(draw: st.DrawFn, of: st.SearchStrategy[SourceFile] = sources) -> Span:
    source = draw(of)
    start = draw(st.integers(0, len(source.text)))
    return Span(source, start, draw(st.integers(start, len(source.text))))


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    remarks = st.builds(
        Remark, st.sampled_from(["note", "help"]), texts, st.none() | spans(), texts
    )
    edits = st.lists(st.builds(Edit, spans(), texts), max_size=2).map(tuple)
    fixes = st.builds(Fix, texts, edits, st.booleans())
    return Diagnostic(
        draw(st.sampled_from(["huge-dense", "stride-drops-input"])),
        draw(texts),
        draw(spans()),
        draw(texts),
        tuple(draw(st.lists(remarks, max_size=3))),
        draw(st.sampled_from(Severity)),
        tuple(draw(st.lists(fixes, max_size=2))),
    )


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    own = spans(st.just(OWN))
    lines = st.integers(1, 9)
    suppressions = st.builds(Suppression, texts, own, own, lines, lines, st.booleans())
    found = st.lists(diagnostics(), max_size=2).map(tuple)
    names = st.frozensets(texts, max_size=3)
    return Facts(
        OWN,
        draw(st.integers(0, 9)),
        draw(st.booleans()),
        draw(st.dictionaries(st.sampled_from([IMPORTED, DEEPER]), names)),
        draw(found),
        tuple(draw(st.lists(suppressions, max_size=2))),
        draw(found),
        draw(found),
    )


def values(facts: Facts) -> list[object]:
    """A suppression compares by identity."""
    told = [(s.rule, s.name, s.comment, s.first, s.last, s.alone) for s in facts.suppressions]
    return [
        facts.source,
        facts.nets,
        facts.failed,
        facts.imports,
        facts.diagnostics,
        told,
        facts.malformed,
        facts.measured,
    ]


@settings(deadline=None, max_examples=60)
@given(all_facts(), st.lists(diagnostics(), max_size=3))
def test_facts_and_findings(facts: Facts, found: list[Diagnostic]) -> None:
    restored = back(facts, ASKED)
    assert restored is not None
    assert values(restored.facts) == values(facts)
    table = Table(OWN, ASKED, CONFIGURATION)
    written.facts_written(facts, table)
    data = written.dumped(written.findings_written(found, table))
    assert written.findings_read(written.loaded(data), restored) == tuple(found)


def test_a_context() -> None:
    context = Context(("huge-dense",), frozenset({"a", "b"}), frozenset({DEEPER}), True)
    files = [OWN, IMPORTED, DEEPER]
    for rules in (("huge-dense",), ("huge-dense", "late-downsampling")):
        data = written.dumped(written.context_written(context, files.index, rules))
        assert written.context_read(written.loaded(data), files, rules) == context


def test_a_text_that_is_no_file_is_written_whole() -> None:
    diagnostic = Diagnostic(
        "huge-dense", "m", OWN.span(0, 3), remarks=(Remark("note", "n", OPTION.span(0, 2)),)
    )
    restored = back(Facts(OWN, 1, False, {}, (diagnostic,), (), ()), [])
    assert restored is not None
    (remark,) = restored.facts.diagnostics[0].remarks
    assert remark.span is not None
    assert (remark.span.file.name, remark.span.text) == ("--input", "3x")


@pytest.mark.parametrize(
    ("at", "other"),
    [
        (0, SourceFile("lib/ä.net", "block unit(filters) { relu }\n")),
        (0, SourceFile("lib/a.net", IMPORTED.text)),
        (0, Unreadable("there is no such file")),
        (1, IMPORTED),
        (1, OWN),
        (2, Unreadable("there is no such file", "another.net")),
        (2, SourceFile("none.net", "")),
        (3, SourceFile("own.net", OWN.text)),
    ],
)
def test_facts_hold_while_each_import_is_the_same(at: int, other: SourceFile | Unreadable) -> None:
    facts = Facts(OWN, 1, False, {}, (), (), ())
    data = written.facts_written(facts, Table(OWN, ASKED, None))
    assert written.facts_read(data, OWN, None, answers) is not None

    def changed(importing: SourceFile, path: str) -> SourceFile | Unreadable:
        asked = ASKED[at]
        return (
            other
            if (importing, path) == (asked.importing, asked.path)
            else answers(importing, path)
        )

    assert written.facts_read(data, OWN, None, changed) is None


def test_a_report_of_what_was_read_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    session = Session(Files())
    session.read(["."])
    outcome = session.outcome()
    assert len({d.name for d in outcome.diagnostics}) > 10
    own = outcome.sources[0]
    others = {source.name: source for source in outcome.sources}
    others |= {d.span.file.name: d.span.file for d in outcome.diagnostics}
    asked = [Asked(own, name, source) for name, source in others.items()]
    facts = Facts(own, 1, False, {}, tuple(outcome.diagnostics), (), ())
    configuration = session.projects.configuration(own).source
    data = written.dumped(written.facts_written(facts, Table(own, asked, configuration)))
    restored = written.facts_read(
        written.loaded(data), own, configuration, lambda _, path: others[path]
    )
    assert restored is not None
    names = tuple(others)
    for form in FORMATS:
        before = render(form, Report(tuple(outcome.diagnostics), names, 9), False)
        assert render(form, Report(restored.facts.diagnostics, names, 9), False) == before
