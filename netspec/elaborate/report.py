"""Collects diagnostics during elaboration: adds the calls that led there, drops repetitions.

What a mistake is, is said where it is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from netspec.diagnostics import Diagnostic, Remark, Severity, nearest, note
from netspec.graph.shape import Shape
from netspec.record import field, record, replace
from netspec.source import Span
from netspec.zoo.names import is_name

Key = tuple[str, Span]

#: How a note begins that names a call.
CALLED = "called here"

#: Calls named in the notes of one diagnostic: the nearest ones and the outermost.
NOTED_CALLS = 6


class Problem(Exception):
    """A mistake found while an expression or statement is evaluated; reported by the statement."""

    def __init__(
        self, name: str, message: str, span: Span, label: str = "", remarks: Sequence[Remark] = ()
    ) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.span = span
        self.label = label
        self.remarks = tuple(remarks)


class Abort(Exception):
    """The network is too large to go on with; reported."""


@record
class CallSite:
    """A call on the way to the statement at hand: where, under which path, with which shape.

    The path is put together where it is to be read: most calls lead to no mistake.
    """

    span: Span
    path: Callable[[], str] | None = None
    shape: Shape | None = None
    words: str = CALLED

    def as_note(self) -> Remark:
        path = "" if self.path is None else self.path()
        name = f" as {path}" if path else ""
        shape = "" if self.shape is None else f" with {self.shape}"
        return note(f"{self.words}{name}{shape}", self.span)


def _blocks(calls: Sequence[CallSite]) -> list[Remark]:
    """The calls of blocks among them: iterations of a repeat are no calls of their own."""
    return [site.as_note() for site in calls if site.words == CALLED]


@record(frozen=False)
class Reporter:
    """All diagnostics of one elaboration, one for each (name, place)."""

    calls: list[CallSite] = field(default_factory=list)
    found: dict[Key, Diagnostic] = field(default_factory=dict)
    others: dict[Key, int] = field(default_factory=dict)
    #: The keys met since some mark, so that a shared instance can be asked for its mistakes.
    log: list[Key] = field(default_factory=list)
    first_calls: dict[Key, tuple[CallSite, ...]] = field(default_factory=dict)

    def report(
        self,
        name: str,
        message: str,
        span: Span,
        label: str = "",
        remarks: Sequence[Remark] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        key = (name, span)
        self.log.append(key)
        calls = tuple(self.calls)
        if key in self.found:
            if calls and _blocks(calls) != _blocks(self.first_calls[key]):
                self.others[key] = self.others.get(key, 0) + 1
            return
        self.first_calls[key] = calls
        sites = list(reversed(calls))
        if len(sites) > NOTED_CALLS:
            sites = [*sites[: NOTED_CALLS - 1], sites[-1]]
        notes = [site.as_note() for site in sites]
        self.found[key] = Diagnostic(
            name, message, span, label, (*notes, *remarks), severity=severity
        )

    def problem(self, problem: Problem, severity: Severity = Severity.ERROR) -> None:
        self.report(
            problem.name, problem.message, problem.span, problem.label, problem.remarks, severity
        )

    def warn(self, name: str, message: str, span: Span, label: str = "", *remarks: Remark) -> None:
        self.report(name, message, span, label, remarks, Severity.WARNING)

    def differ(self, spans: Iterable[Span], one: str, several: str, label: str) -> None:
        """What a spec says of itself and does not hold for other values, counted in one warning.

        Of the specs that ship nothing is said: whoever gives the values cannot mend them.
        """
        found = [span for span in dict.fromkeys(spans) if not is_name(span.file.name)]
        if found:
            what = one if len(found) == 1 else f"{len(found)} {several}"
            message = f"{what} for the values given here"
            self.warn("written-for-other-values", message, found[0], label)

    def again(self, keys: Iterable[Key]) -> None:
        """A shared instance with these mistakes was reached by one more call."""
        for key in keys:
            self.log.append(key)
            self.others[key] = self.others.get(key, 0) + 1

    def forget(self, mark: int) -> set[Key]:
        """Take back what was said since a mark; the keys of what was not said before, too."""
        gone = set(self.log[mark:])
        del self.log[mark:]
        gone.difference_update(self.log)
        for key in gone:
            del self.found[key]
            self.others.pop(key, None)
        return gone

    def errors_since(self, mark: int) -> bool:
        return any(self.found[key].severity is Severity.ERROR for key in self.log[mark:])

    def diagnostics(self) -> list[Diagnostic]:
        result = []
        for key, diagnostic in self.found.items():
            count = self.others.get(key, 0)
            if count:
                calls = "another call" if count == 1 else f"{count:,} other calls"
                extra = note(f"the same in {calls}")
                diagnostic = replace(diagnostic, remarks=(*diagnostic.remarks, extra))
            result.append(diagnostic)
        return result


def through(cycle: Sequence[str]) -> str:
    """How a block comes back to itself, in words; long ways are cut short."""
    names = [f"`{name}`" for name in cycle[1:]]
    if not names:
        return ""
    more = f" and {len(names) - 4} more" if len(names) > 5 else ""
    return ", through " + ", ".join(names[:4] if more else names) + more


def circle(cycle: Sequence[str]) -> str:
    """A cycle as `a -> b -> a`; long ones are cut short."""
    names = [*cycle, cycle[0]]
    if len(names) > 8:
        names = [*names[:4], "…", *names[-2:]]
    return " -> ".join(names)


__all__ = ["Abort", "CallSite", "Key", "Problem", "Reporter", "circle", "nearest", "through"]
