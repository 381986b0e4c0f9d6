"""Settings as plain data, and which files and nets their patterns speak of.

How they are written is left to `reading`; what they do to a rule to `lint`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from netspec.diagnostics import Severity
from netspec.record import field, record
from netspec.source import Span

#: What sets a net apart from the file that it stands in.
NET_MARK = "::"

#: A severity from the configuration; "off" silences a rule.
Level = Severity | Literal["off"]


@record
class Amount:
    """A number, as it is shown in messages, and where it stands."""

    value: int
    text: str
    span: Span


@record
class Budget:
    """What the nets that `pattern` speaks of may cost; None where nothing is said."""

    pattern: str
    max_params: Amount | None = None
    max_macs: Amount | None = None
    max_activations: Amount | None = None

    def limits(self) -> dict[str, Amount]:
        """The amounts that are set, by the measure that each of them bounds."""
        given = {
            "params": self.max_params,
            "macs": self.max_macs,
            "activations": self.max_activations,
        }
        return {measure: amount for measure, amount in given.items() if amount is not None}


@record
class InputSizes:
    """Sizes of inputs, each `[name=]dims` as `--input` takes them, and where they stand."""

    pattern: str
    sizes: tuple[str, ...]
    span: Span


@record
class Settings:
    """What one configuration file says. Patterns are those of `matches`.

    Rules are named as they are written: a name, a glob such as `dropout-*`, `default` or `all`.
    """

    select: tuple[str, ...] = ("default",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: Mapping[str, Level] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    inputs: tuple[InputSizes, ...] = ()
    error_on_warning: bool = False
    baseline: str | None = None
    exclude: tuple[str, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file found in a folder is passed over."""
        return any(matches(pattern, path) for pattern in self.exclude)

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """The rules, as written, that are ignored in one file beyond those ignored everywhere."""
        return tuple(
            rule
            for pattern, rules in self.per_file_ignores
            if matches(pattern, path)
            for rule in rules
        )

    def limits_of(self, path: str, net: str) -> dict[str, Amount]:
        """What a net may cost, by measure.

        Of several amounts for a measure the one whose pattern names a net counts, then the later.
        """
        found: dict[str, Amount] = {}
        for budget in sorted(self.budgets, key=lambda budget: NET_MARK in budget.pattern):
            if matches_net(budget.pattern, path, net):
                found.update(budget.limits())
        return found

    def inputs_of(self, path: str, net: str) -> InputSizes | None:
        """The input sizes of a net, chosen as `limits_of` chooses among amounts."""
        found = None
        for inputs in sorted(self.inputs, key=lambda inputs: NET_MARK in inputs.pattern):
            if matches_net(inputs.pattern, path, net):
                found = inputs
        return found


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern speaks of a file, both with `/` and relative to the configuration's folder.

    `*` and `?` stay within a name, `**` is any number of folders, `[ab]` one of these characters.
    A pattern without `/` may match in any folder. What matches a folder matches all that is in it.
    """
    return _pattern(pattern).fullmatch(path) is not None


def matches_net(pattern: str, path: str, net: str) -> bool:
    """As `matches`, for a pattern that may end in `::Net`; that name may be a glob too."""
    files, mark, nets = pattern.partition(NET_MARK)
    if mark and re.fullmatch(_translated(nets), net) is None:
        return False
    return matches(files, path)


def matches_name(pattern: str, name: str) -> bool:
    """Whether a name, or a glob for names, is that of a rule."""
    return re.fullmatch(_translated(pattern), name) is not None


def relative(path: str, folder: str) -> str:
    """A file's path as patterns and baselines see it: from `folder`, with `/`."""
    try:
        found = os.path.relpath(path, folder)
    except ValueError:  # on another drive
        found = os.path.abspath(path)
    return found.replace(os.sep, "/")


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    plain = pattern.removeprefix("./").rstrip("/")
    if "/" not in plain:
        plain = f"**/{plain}"
    return re.compile(f"{_translated(plain.removeprefix('/'))}(?:/.*)?", re.DOTALL)


@cache
def _translated(pattern: str) -> str:
    """A glob as a regular expression; what is no whole `[...]` stands for itself."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            out.append("(?:[^/]+/)*")
            at += 3
        elif pattern.startswith("**", at):
            out.append(".*")
            at += 2
        elif pattern[at] == "*":
            out.append("[^/]*")
            at += 1
        elif pattern[at] == "?":
            out.append("[^/]")
            at += 1
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            out.append(_choice(pattern[at + 1 : end]))
            at = end + 1
        else:
            out.append(re.escape(pattern[at]))
            at += 1
    return "".join(out)


def _choice(inner: str) -> str:
    negated = inner[0] == "!" and len(inner) > 1
    characters = set(inner[1:] if negated else inner)
    for first, last in re.findall(r"(.)-(.)", inner[1:] if negated else inner):
        characters.update(map(chr, range(ord(first), ord(last) + 1)))
    listed = "".join(re.escape(character) for character in sorted(characters))
    return f"(?!/)[{'^' if negated else ''}{listed}]"
