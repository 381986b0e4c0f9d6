"""The classes laid out as a package: one module for each spec file, helpers in one of their own.

What the classes are is left to `module`; where the files go, to those who write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter

from netspec.backends.torch.helpers import HELPERS
from netspec.backends.torch.imports import (
    alias_lines,
    import_from,
    import_lines,
    isort_key,
    names_read,
)
from netspec.backends.torch.module import Composition, Definition, compose, helper_texts
from netspec.backends.torch.names import fresh, is_identifier
from netspec.backends.torch.remarks import WIDTH
from netspec.graph.graph import Network
from netspec.record import record
from netspec.source import SourceFile

#: What the first line of every file says, so that the files of others are told apart.
MARK = "ritten by netspec."
ENTRY = "__init__.py"
#: The module of the helpers. No file of a spec gives that name: none begins with an underscore.
HELPER_MODULE = "_layers"
#: What the modules import; a file beside them that is called so would be taken for it by some.
_IMPORTED = frozenset({"collections", "functools", "math", "operator", "torch", "typing"})


@record
class Package:
    """The files of a package, by their names; `names` and `classes` as `Module` has them."""

    files: Mapping[str, str]
    names: Mapping[str, str]
    classes: Mapping[str, str]


def write_package(networks: Sequence[Network], called: Mapping[str, str] | None = None) -> Package:
    """The classes that `write_module` gives, as modules that import each other; raises alike.

    A class lives in the module of the file that its block or net is written in. A block that is
    given layers of another file, one that imports it, lives with them: modules import each other in
    one direction.
    """
    composed = compose(networks, called)
    ranks = _ranks(networks)
    homes = _homes(composed.definitions, ranks)
    used = sorted(set(homes.values()), key=lambda file: -ranks[file])
    modules = _module_names(used)
    files = {ENTRY: _entry(composed, {name: modules[file] for name, file in homes.items()})}
    helpers = dict.fromkeys(HELPERS, HELPER_MODULE)
    for file in used:
        own = [d.text for d in composed.definitions if homes[d.name] is file]
        around = {name: modules[home] for name, home in homes.items() if home is not file}
        files[f"{modules[file]}.py"] = _module(_title(file), own, around | helpers)
    texts = helper_texts([d.text for d in composed.definitions])
    if texts:
        title = "Layers that PyTorch lacks, written by netspec."
        files[f"{HELPER_MODULE}.py"] = _module(title, texts, {})
    return Package(files, composed.names, composed.nets)


def is_ours(text: str) -> bool:
    """Whether a file of Python is one that netspec has written."""
    return text.split("\n", 1)[0].startswith('"""') and MARK in text.split("\n", 1)[0]


# --- which module -----------------------------------------------------------------------------


def _ranks(networks: Iterable[Network]) -> dict[SourceFile, int]:
    """The files of the spec in an order in which none imports a later one; that of the nets last.

    Files do not import each other in circles.
    """
    graph: dict[SourceFile, list[SourceFile]] = {}
    for network in networks:
        for file, blocks in network.blocks.items():
            around = graph.setdefault(file, [])
            around += [d.span.file for d in blocks.values() if d.span.file is not file]
    entries = {network.span.file: None for network in networks}
    imported = [file for file in TopologicalSorter(graph).static_order() if file not in entries]
    return {file: rank for rank, file in enumerate([*imported, *entries])}


def _homes(
    definitions: Sequence[Definition], ranks: Mapping[SourceFile, int]
) -> dict[str, SourceFile]:
    """The file that each class lives in; what it reads lives there too, or in an earlier one."""
    files = {d.name: list(d.files) for d in definitions}
    owned = {name for name, home in files.items() if home}
    reads = {d.name: sorted((names_read([d.text]) & files.keys()) - {d.name}) for d in definitions}
    for definition in reversed(definitions):
        for name in reads[definition.name]:
            # What serves only others is at home where they are.
            if name not in owned:
                files[name] += files[definition.name]
    homes: dict[str, SourceFile] = {}
    for name, read in reads.items():
        own = min(files[name], key=ranks.__getitem__)
        homes[name] = max([own, *(homes[other] for other in read)], key=ranks.__getitem__)
    return homes


def _module_names(files: Sequence[SourceFile]) -> dict[SourceFile, str]:
    """A name for the module of each file: its own in lower case, as far as Python takes it."""
    found: dict[SourceFile, str] = {}
    for file in files:
        stem = _base(file).removesuffix(".net")
        name = re.sub(r"[^0-9a-z]+", "_", stem.lower()).strip("_")
        if not name or not name[0].isalpha():
            name = f"spec_{name}".rstrip("_")
        if not is_identifier(name) or name in _IMPORTED:
            name = f"{name}_"
        found[file] = fresh(name, found.values())
    return found


def _base(file: SourceFile) -> str:
    """The name of a file without its folders, or the scheme of those that ship."""
    return re.split(r"[/\\:]", file.name)[-1]


# --- text -------------------------------------------------------------------------------------


def _title(file: SourceFile) -> str:
    name = _base(file)
    plain = re.fullmatch(r"[0-9A-Za-z_.-]{1,50}", name) is not None
    return f"Classes of `{name}`, written by netspec." if plain else "Written by netspec."


def _module(title: str, texts: Sequence[str], around: Mapping[str, str]) -> str:
    """A module with these definitions, which imports those of `around` that it reads."""
    read = names_read(texts)
    beside = _relative({name: module for name, module in around.items() if name in read})
    sections = [lines for lines in (import_lines(read), beside) if lines]
    head = [f'"""{title}"""']
    for lines in sections:
        head += ["", *lines]
    head += alias_lines(read)
    return "\n\n\n".join(["\n".join(head), *texts]) + "\n"


def _relative(wanted: Mapping[str, str]) -> list[str]:
    """Imports of names from the modules beside it."""
    lines: list[str] = []
    for module in sorted(set(wanted.values()), key=isort_key):
        names = [name for name, home in wanted.items() if home == module]
        lines += import_from(f".{module}", names, WIDTH)
    return lines


def _entry(composed: Composition, homes: Mapping[str, str]) -> str:
    """The package itself: it has the nets."""
    nets = {cls: homes[cls] for cls in composed.nets.values()}
    ordered = sorted(nets, key=isort_key)
    listed = f"__all__ = [{', '.join(_quoted(name) for name in ordered)}]"
    exported = [listed]
    if len(listed) > WIDTH:
        exported = ["__all__ = [", *(f"    {_quoted(name)}," for name in ordered), "]"]
    return "\n".join([*composed.docstring(), "", *_relative(nets), "", *exported]) + "\n"


def _quoted(name: str) -> str:
    return f'"{name}"'
