"""Command lines in their plainest form, read without argparse: it takes a tenth of a check's time.

Whatever is asked or wrong beyond that is left to `parser`, and what commands take to `arguments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from netspec.cli.arguments import COMMANDS, describe
from netspec.record import record

if TYPE_CHECKING:
    import argparse

    from netspec.cli.common_arguments import Arguments


@record
class _Option:
    """`plain` is an option whose value needs no look at another one, and no conversion."""

    name: str
    action: str
    choices: Sequence[str] | None
    plain: bool


@record
class _Positional:
    name: str
    count: str | None
    default: object
    choices: Sequence[str] | None


def read(arguments: Sequence[str]) -> argparse.Namespace | None:
    """What argparse would make of them; None where that is for argparse to say.

    But for `--option=--`, of which CPython 3.11's makes an empty list.
    """
    if not arguments or arguments[0] not in COMMANDS:
        return None
    taken = _Taken()
    describe(arguments[0], taken)
    values = taken.values(arguments[1:])
    if values is None:
        return None
    return cast("argparse.Namespace", SimpleNamespace(command=arguments[0], **values))


class _Taken:
    """What a command takes."""

    def __init__(self) -> None:
        self._options: dict[str, _Option] = {}
        self._positionals: list[_Positional] = []
        self._defaults: dict[str, Any] = {}
        self._required: set[str] = set()

    def add_argument(self, *names: str, **about: Any) -> None:
        self._add(names, about, True)

    def add_argument_group(self, title: str, description: str | None = None) -> Arguments:
        return self

    def add_mutually_exclusive_group(self) -> Arguments:
        return _Exclusive(self._add)

    def _add(self, names: tuple[str, ...], about: dict[str, Any], plain: bool) -> None:
        action, choices = about.get("action", "store"), about.get("choices")
        default = about.get("default", False if action == "store_true" else None)
        if not names[0].startswith("-"):
            self._positionals.append(_Positional(names[0], about.get("nargs"), default, choices))
            return
        spelled = next((name for name in names if name.startswith("--")), names[0])
        dest = about.get("dest") or spelled.strip("-").replace("-", "_")
        self._defaults[dest] = default
        if about.get("required"):
            self._required.add(dest)
        known = action in ("store", "append", "store_true")
        plain = plain and known and "type" not in about and "nargs" not in about
        for name in names:
            self._options[name] = _Option(dest, action, choices, plain)

    def values(self, arguments: Sequence[str]) -> dict[str, Any] | None:
        """The values of all that it takes, by name."""
        found = dict(self._defaults)
        positionals: list[str] = []
        given: set[str] = set()
        rest = list(reversed(arguments))
        ended = False  # positionals that options set apart are not all the same to argparse
        while rest:
            argument = rest.pop()
            if _is_word(argument):
                if ended:
                    return None
                positionals.append(argument)
                continue
            ended = bool(positionals)
            name, sign, value = argument.partition("=")
            option = self._options.get(name)
            if option is None or not option.plain:
                return None
            given.add(option.name)
            if option.action == "store_true":
                if sign:
                    return None
                found[option.name] = True
                continue
            if not sign:
                value = rest.pop() if rest and _is_word(rest[-1]) else ""
            if not value or (option.choices is not None and value not in option.choices):
                return None
            if option.action == "append":
                found[option.name] = [*(found[option.name] or ()), value]
            else:
                found[option.name] = value
        if not self._required <= given or not self._place(positionals, found):
            return None
        return found

    def _place(self, given: list[str], found: dict[str, Any]) -> bool:
        """Give the positional arguments their names; whether they are as many as are taken."""
        counts = [positional.count for positional in self._positionals]
        if any(counts):
            if len(counts) != 1 or not _fits(counts[0], len(given)):
                return False
            (only,) = self._positionals
            several: object = given[0] if given and only.count == "?" else given
            found[only.name] = several if given else only.default
            return only.choices is None
        if len(counts) != len(given):
            return False
        for positional, value in zip(self._positionals, given, strict=True):
            if positional.choices is not None and value not in positional.choices:
                return False
            found[positional.name] = value
        return True


class _Exclusive:
    """Options of which one goes at most: which ones are given is for argparse to judge."""

    def __init__(self, add: Any) -> None:
        self._add = add

    def add_argument(self, *names: str, **about: Any) -> None:
        self._add(names, about, False)

    def add_argument_group(self, title: str, description: str | None = None) -> Arguments:
        return self

    def add_mutually_exclusive_group(self) -> Arguments:
        return self


def _is_word(argument: str) -> bool:
    return argument == "-" or not argument.startswith("-")


def _fits(count: str | None, given: int) -> bool:
    return {"*": True, "+": given > 0, "?": given < 2}.get(str(count), False)
