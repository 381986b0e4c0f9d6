"""What a rule, or any other diagnostic, teaches: as text for people, or as Markdown.

The words are left to the rules, and to the catalogue of the other diagnostics.
"""

from __future__ import annotations

from netspec.diagnostics import Severity
from netspec.diagnostics.catalogue import explanation, explanations
from netspec.lint import registry
from netspec.record import record


@record
class Lesson:
    """A diagnostic explained. `severity` is the default one, None for off; `lint` for a rule."""

    name: str
    summary: str
    why: str
    severity: Severity | None
    lint: bool
    source: str = ""
    wrong: str = ""
    right: str = ""
    fixable: bool = False

    @property
    def standing(self) -> str:
        """`a rule, off by default`, or the like."""
        if not self.lint:
            return "an error" if self.severity is Severity.ERROR else "a warning"
        shown = "off by default" if self.severity is None else f"{self.severity} by default"
        return f"a rule, {shown}{', with a fix' if self.fixable else ''}"


_OWN = {
    registry.MALFORMED_SUPPRESSION: Lesson(
        registry.MALFORMED_SUPPRESSION,
        "a comment to netspec says nothing it understands",
        "A comment that begins with `netspec:` silences rules: `# netspec: ignore[rule] reason` "
        "behind a statement for that line, on a line of its own for the statement or item that "
        "follows, `ignore-file[rule]` for the whole file. One that is misspelt silences nothing, "
        "and would go unnoticed. Errors are facts, and cannot be silenced.",
        Severity.WARNING,
        True,
        wrong="# netspec: ignore[hughe-dense] the paper's head\n"
        "net Example {\n  input 3x8x8\n  conv 8 3x3; relu\n  global_avgpool; flatten\n}\n",
        right="net Example {\n  input 3x8x8\n  conv 8 3x3; relu\n  global_avgpool; flatten\n}\n",
    ),
    registry.UNUSED_SUPPRESSION: Lesson(
        registry.UNUSED_SUPPRESSION,
        "a suppression silences nothing",
        "What it was written for has gone, or stands elsewhere. Left in place, it would silence "
        "the next finding of that rule without anybody having judged it.",
        Severity.WARNING,
        True,
        wrong="# netspec: ignore[huge-dense] the paper's head\n"
        "net Example {\n  input 3x8x8\n  conv 8 3x3; relu\n  global_avgpool; flatten\n}\n",
        right="net Example {\n  input 3x8x8\n  conv 8 3x3; relu\n  global_avgpool; flatten\n}\n",
        fixable=True,
    ),
}


def lessons() -> list[Lesson]:
    """Every rule, in the order of their names."""
    return [lesson(name) for name in sorted((*registry.names(), *registry.OWN))]


def known_names() -> list[str]:
    """Everything that `lesson` knows."""
    return sorted({*registry.names(), *registry.OWN, *explanations()})


def lesson(name: str) -> Lesson:
    """What there is to say of a rule or another diagnostic. Raises KeyError."""
    if name in _OWN:
        return _OWN[name]
    known = explanation(name)
    if known is not None:
        lint = name in registry.CHECK_WARNINGS
        return Lesson(
            name, known.summary, known.why, known.severity, lint, "", known.wrong, known.right
        )
    rule = registry.rule(name)
    return Lesson(
        name,
        rule.summary,
        rule.why,
        rule.default,
        True,
        rule.source,
        rule.wrong,
        rule.right,
        rule.fixable,
    )
