"""Reports for the tests of their formats: the places that go wrong, and hostile texts."""

from __future__ import annotations

from hypothesis import strategies as st

from netspec.diagnostics import Diagnostic, Edit, Fix, Severity, help_, note
from netspec.reports.finding import Report
from netspec.source import SourceFile

TEXT = "net A {\r\n\tinput 1x7x7 # 図図\r\n  relu; relu\r\n}\r\n"


def sample() -> Report:
    """CRLF, a tab, wide characters, a span of two lines, an empty one at the end of the file."""
    source = SourceFile("a dir/a.net", TEXT)
    other = SourceFile("zoo:lib", "block b() { relu }\n")
    wide = source.span(TEXT.index("図"), TEXT.index("図") + 2)
    twice = source.span(TEXT.index("; relu"), TEXT.index("; relu") + 6)
    lines = source.span(TEXT.index("relu;"), TEXT.index("}") + 1)
    end = source.span(len(TEXT), len(TEXT))
    return Report(
        (
            Diagnostic("wide", "wide `x`, 100% [a](b)", wide, "two wide ones"),
            Diagnostic(
                "twice",
                "`relu` twice in a row",
                twice,
                "the second",
                (note("it is one"), note("called here", other.span(12, 16), "by b"), help_("one")),
                Severity.WARNING,
                (Fix("leave one out", (Edit(twice, ""), Edit(end, "é\n")), safe=True),),
            ),
            Diagnostic("lines", "two lines", lines),
            Diagnostic("end", "something is missing", end, "here"),
        ),
        ("a dir/a.net", "good.net"),
        2,
    )


#: What ends lines, commands, elements and fences, hides, turns text around, or calls for someone.
HOSTILE = (
    "\n::error::x", "\r\n##[error]x", "%0A::stop-commands::x", "]]>", "</failure><x>", "&amp;",
    "```", "`", "`````\n# x", "|", "<script>", "@team", "#12", "[a](http://b.c)", "www.b.c",
    "\x1b[31m", "\x9b31m", "\x00", "\x7f", "\u202e", "\u2066", "\u2028", "\ufffe", "\ud800",
    ",file=x", "::",
)  # fmt: skip

words = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)), max_size=5).map("".join)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Reports in which every text may be hostile."""
    found = []
    names = []
    for _ in range(draw(st.integers(0, 3))):
        source = SourceFile(draw(words), draw(words))
        names.append(source.name)
        start = draw(st.integers(0, len(source.text)))
        span = source.span(start, draw(st.integers(start, len(source.text))))
        fix = Fix(draw(words), (Edit(span, draw(words)),), draw(st.booleans()))
        remarks = (note(draw(words)), help_(draw(words), span))
        severity = draw(st.sampled_from(Severity))
        found.append(
            Diagnostic(draw(words), draw(words), span, draw(words), remarks, severity, (fix,))
        )
    return Report(tuple(found), tuple(dict.fromkeys([*names, draw(words)])), 1)


def unsafe(text: str) -> list[str]:
    """Characters that a terminal would obey, and those that turn or hide text."""
    turning = {*range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}
    return [
        c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or ord(c) in turning
    ]
