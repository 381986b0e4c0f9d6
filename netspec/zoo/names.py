"""Which shipped file, and which net of it, a `zoo:` name stands for.

The texts are looked through, not parsed: names are asked for at every start. Reading a spec is left
to `files.py`, where it lies to `resources`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

from netspec import resources, seen
from netspec.diagnostics import nearest
from netspec.record import record

#: What a path begins with that names something shipped; alone, it is all of it.
SCHEME = "zoo:"
SUFFIX = seen.SUFFIX

# Compiled when first used.
#: A net's name, and whether its first parameter has no default: then it is a template. A pattern
#: that begins with fixed characters is searched for in a fifth of the time that `^net` takes.
_NET = r"\nnet[ \t]+([A-Za-z0-9_]+)[ \t]*(\([ \t\n]*[A-Za-z0-9_]+[ \t\n]*[,)])?"
_NAME = r"[A-Za-z0-9_]+(?:\.[Nn][Ee][Tt])?"


class NotShipped(Exception):
    """A `zoo:` name that stands for nothing; the message is why, `instead` what was meant."""

    def __init__(self, message: str, instead: str = "") -> None:
        super().__init__(message)
        self.instead = instead


@record
class Shipped:
    """What a name stands for: a file of the folder of specs, and a net in it or all of them."""

    file: str
    net: str | None = None


@record
class _Index:
    """What there is, by names in lower case."""

    families: dict[str, str]
    nets: dict[str, Shipped]
    templates: frozenset[str]


def is_name(path: str) -> bool:
    """Whether a path names something shipped; `./zoo:x` is a file of that name."""
    return path.startswith(SCHEME)


def find(path: str) -> Shipped:
    """What `zoo:resnet50` (a net), `zoo:resnet` or `zoo:resnet.net` (a file) stands for.

    Case does not matter. A net goes before a file of the same name, a template after it. Raises
    NotShipped.
    """
    name = path.removeprefix(SCHEME)
    if not name:
        raise NotShipped(f"it names no net or file, such as {SCHEME}resnet50")
    if not re.fullmatch(_NAME, name):
        raise NotShipped(f"after `{SCHEME}` stands the name of a net or file that ships, no path")
    name = name.lower()
    index = _index()
    net = index.nets.get(name)
    family = index.families.get(name.removesuffix(SUFFIX))
    if net is not None and (family is None or name not in index.templates):
        return net
    if family is not None:
        return Shipped(family)
    match = _meant(name.removesuffix(SUFFIX))
    raise NotShipped("nothing of that name ships with netspec", f"{SCHEME}{match}" if match else "")


def net_of(path: str) -> str | None:
    """The net that a name stands for by itself, None where it is a file or nothing."""
    try:
        return find(path).net
    except NotShipped:
        return None


def sibling(path: str) -> str | None:
    """The shipped file that another one means by a relative path: they lie in one folder."""
    file = path.removeprefix("./")
    return file if file in resources.spec_files() else None


def matching(pattern: str | None) -> Iterator[tuple[str, frozenset[str]]]:
    """Each file with nets that match, and those nets' names as the file writes them.

    A pattern is a part of a net's or file's name, or a glob for all of it; None matches everything.
    """
    index = _index()
    for family, file in sorted(index.families.items()):
        nets = {name: place.net for name, place in index.nets.items() if place.file == file}
        found = frozenset(
            net for name, net in nets.items() if net is not None and _matches(pattern, name, family)
        )
        if found:
            yield file, found


def nearest_name(pattern: str) -> str | None:
    """The net or file whose name was probably meant by a pattern that matches none."""
    return _meant(_bare(pattern).strip("*?"))


def _meant(word: str) -> str | None:
    """The name itself where something bears it: then it was what stood around it that was wrong."""
    index = _index()
    there = [*index.nets, *index.families]
    return word if word in there else nearest(word, there)


def _matches(pattern: str | None, *names: str) -> bool:
    if pattern is None:
        return True
    wanted = _bare(pattern)
    if any(sign in wanted for sign in "*?["):
        return any(fnmatchcase(name, wanted) for name in names)
    return any(wanted in name for name in names)


def _bare(pattern: str) -> str:
    return pattern.lower().removeprefix(SCHEME).removesuffix(SUFFIX)


@cache
def _index() -> _Index:
    families: dict[str, str] = {}
    nets: dict[str, Shipped] = {}
    templates: set[str] = set()
    for file in resources.spec_files():
        families[file.removesuffix(SUFFIX).lower()] = file
        text = resources.spec_bytes(file).decode("utf-8", errors="replace")
        for head in re.finditer(_NET, f"\n{text}"):
            name = head[1].lower()
            nets[name] = Shipped(file, head[1])
            if head[2]:
                templates.add(name)
    return _Index(families, nets, frozenset(templates))
