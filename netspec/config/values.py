"""What the value of a setting must be: texts, names of rules, amounts, sizes of inputs.

Each method gives what it read, or notes a diagnostic at the smallest place. Which setting takes
which value is said in `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from netspec.config.locate import Path, Place
from netspec.config.model import Amount, Level, matches_name
from netspec.diagnostics import Diagnostic, Severity, help_, nearest, note
from netspec.source import Span

SEVERITIES: dict[str, Level] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "off": "off",
}
#: What `select` takes beside names: the rules that are on by themselves, and every rule.
ALL = "all"
GROUPS = ("default", ALL)

_GLOB = re.compile(r"[*?\[]")
_AMOUNT = re.compile(r"(\d(?:_?\d)*(?:\.\d+)?)([KMG]?)")
_POWERS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
#: Longer ones are a slip, and slow to read.
_AMOUNT_LENGTH = 40
_SIZES = re.compile(r"(?:[A-Za-z_]\w*=)?(?:\d+|[A-Z])(?:x(?:\d+|[A-Z]))*", re.ASCII)


class Values:
    """Reads values, and gathers what is wrong with them."""

    def __init__(self, places: Mapping[Path, Place], known: Collection[str]) -> None:
        self.places = places
        self.known = known
        self.diagnostics: list[Diagnostic] = []

    def place(self, path: Path, *, key: bool = False) -> Span:
        place = self.places[path]
        return place.key if key else place.value

    def wrong(self, path: Path, must: str, *helps: str) -> None:
        """Note that a value is not what it must be."""
        setting = next(part for part in reversed(path) if isinstance(part, str))
        self.diagnostics.append(
            Diagnostic(
                "wrong-setting",
                f"the value of `{setting}` is not what it takes",
                self.place(path),
                must,
                tuple(help_(text) for text in helps),
            )
        )

    def unknown_setting(self, key: str, path: Path, known: Iterable[str]) -> None:
        names = list(known)
        match = nearest(key, names)
        helps = [help_(f"did you mean `{match}`?")] if match else []
        if path == ("tool",):
            helps = [help_("in a netspec.toml, the settings stand at the top, without a header")]
        self.diagnostics.append(
            Diagnostic(
                "unknown-setting",
                f"there is no setting `{key}`",
                self.place(path, key=True),
                "not a setting here",
                (
                    *helps,
                    note(f"known here: {', '.join(names)}"),
                ),
            )
        )

    def is_rule(self, name: str) -> bool:
        """Whether it names a rule, or is a glob that names some."""
        if _GLOB.search(name):
            return any(matches_name(name, rule) for rule in self.known)
        return name in self.known

    def unknown_rule(self, name: str, path: Path, *, key: bool = False) -> None:
        match = nearest(name, self.known)
        glob = _GLOB.search(name) is not None
        self.diagnostics.append(
            Diagnostic(
                "unknown-rule",
                f"no rule matches `{name}`" if glob else f"there is no rule `{name}`",
                self.place(path, key=key),
                "matches no rule" if glob else "not a rule",
                (
                    help_(
                        f"did you mean `{match}`?"
                        if match and not glob
                        else "`netspec rules` lists them"
                    ),
                ),
            )
        )

    def table(self, value: object, path: Path) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        self.wrong(path, "a table is needed here")
        return {}

    def flag(self, value: object, path: Path) -> bool | None:
        if isinstance(value, bool):
            return value
        self.wrong(path, "`true` or `false` is needed here")
        return None

    def text(self, value: object, path: Path) -> str | None:
        if isinstance(value, str) and value and "\0" not in value:
            return value
        self.wrong(path, "a string that is not empty is needed here")
        return None

    def texts(self, value: object, path: Path) -> tuple[str, ...] | None:
        """The strings of an array; those that are none are left out."""
        if not isinstance(value, list):
            help_text = ["put it into brackets"] if isinstance(value, str) else []
            self.wrong(path, "an array of strings is needed here", *help_text)
            return None
        found = (self.text(one, (*path, number)) for number, one in enumerate(value))
        return tuple(text for text in found if text is not None)

    def rules(self, value: object, path: Path, *, groups: bool = False) -> tuple[str, ...] | None:
        """An array of names of rules, globs, `all`, and where groups are taken, `default`."""
        if not isinstance(value, list):
            self.texts(value, path)
            return None
        found: list[str] = []
        for number, one in enumerate(value):
            name = self.text(one, (*path, number))
            if name is None:
                continue
            if self.is_rule(name) or (groups and name in GROUPS):
                found.append(name)
            elif name == ALL:
                found.append("*")
            else:
                self.unknown_rule(name, (*path, number))
        return tuple(found)

    def amount(self, value: object, path: Path) -> Amount | None:
        """An integer, or a string as a spec would write the number: `"26M"`."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return Amount(value, f"{value:,}", self.place(path))
        if isinstance(value, str) and len(value) <= _AMOUNT_LENGTH:
            parts = _AMOUNT.fullmatch(value)
            if parts:
                number = Decimal(parts[1].replace("_", "")) * _POWERS[parts[2]]
                if number == number.to_integral_value():
                    return Amount(int(number), value, self.place(path))
        self.wrong(
            path,
            "not a whole number",
            'write an integer, or a string with K, M or G: `"26M"`, `"4.2G"`',
        )
        return None

    def sizes(self, value: object, path: Path) -> tuple[str, ...] | None:
        """`"3x224x224"`, or an array of `"name=3x224x224"` for several inputs."""
        texts = (
            [((*path, number), one) for number, one in enumerate(value)]
            if isinstance(value, list)
            else [(path, value)]
        )
        found: list[str] = []
        for at, text in texts:
            if isinstance(text, str) and _SIZES.fullmatch(text):
                found.append(text)
            else:
                self.wrong(
                    at,
                    "not a size of an input",
                    'write `"3x224x224"`, or `["left=3x224x224", "right=3x224x224"]`',
                )
        names = {text.rpartition("=")[0] for text in found}
        if len(found) == len(texts) and (not found or len(names) < len(found)):
            self.wrong(path, "each input needs its name, and one size")
            return None
        return tuple(found) if len(found) == len(texts) else None
