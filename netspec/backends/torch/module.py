"""The module as a whole: its classes in order, each written once, with imports and helpers.

`write_module` is the backend's entry. What a class holds is left to `classes`, what it says over
its parameters to `sheet`, a module for each file to `package`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from netspec.analysis.python_names import labels_of, renamings
from netspec.backends.torch.classes import ClassLines
from netspec.backends.torch.family import Family, Use
from netspec.backends.torch.helpers import HELPERS, closure
from netspec.backends.torch.imports import alias_lines, import_lines, names_read
from netspec.backends.torch.layer import CannotWrite
from netspec.backends.torch.names import TAKEN_CLASSES, class_name, fresh
from netspec.backends.torch.places import Library
from netspec.backends.torch.remarks import Remarks, docstring_lines
from netspec.graph.graph import Network
from netspec.record import field, record
from netspec.source import SourceFile

#: Deep enough for the deepest nesting and calls that `limits` allow.
RECURSION_LIMIT = 40_000


@record
class Definition:
    """A class, and the files of the blocks or nets that it is of; none for what serves others."""

    name: str
    text: str
    files: tuple[SourceFile, ...] = ()


@record
class Composition:
    """All that the nets come to: classes in order, labels with another name, the nets' classes."""

    definitions: tuple[Definition, ...]
    renamed: Mapping[str, str]
    nets: Mapping[str, str]
    #: What the spec says at its beginning.
    about: tuple[str, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """The language's name for each attribute that had to be renamed."""
        return {attribute: label for label, attribute in self.renamed.items()}

    def docstring(self) -> list[str]:
        """What the module is, and which labels Python or `nn.Module` claim for themselves."""
        title = ", ".join(f"`{name}`" for name in self.nets)
        return _docstring(title, self.about, self.renamed)


@record
class Module:
    """The source of a Python module.

    `names` gives the language's name for each attribute that had to be renamed (`in_` for `in`):
    keys of a `state_dict` differ by these alone. `classes` gives the class of each net.
    """

    text: str
    names: Mapping[str, str]
    classes: Mapping[str, str]


def write_module(networks: Sequence[Network], called: Mapping[str, str] | None = None) -> Module:
    """The classes of these nets, and of the blocks that they share.

    `called` gives other names than their own to the classes of nets; they must be class names.
    Raises `CannotWrite` with everything that PyTorch lacks a word for; nothing is left out.
    """
    composed = compose(networks, called)
    classes = [definition.text for definition in composed.definitions]
    parts = [*helper_texts(classes), *classes]
    read = names_read(parts)
    head = [*composed.docstring(), "", *import_lines(read), *alias_lines(read)]
    text = "\n\n\n".join(["\n".join(head), *parts]) + "\n"
    return Module(text, composed.names, composed.nets)


def helper_texts(parts: Sequence[str]) -> list[str]:
    """The helpers that definitions need, in the order of the table."""
    wanted = closure(name for name in names_read(parts) if name in HELPERS)
    return [HELPERS[name].text for name in wanted]


def compose(networks: Sequence[Network], called: Mapping[str, str] | None = None) -> Composition:
    """The classes of the nets, before they are laid out in a module or a package of modules.

    As `write_module` otherwise.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        return _composed(networks, called or {})
    finally:
        sys.setrecursionlimit(before)


def _composed(networks: Sequence[Network], called: Mapping[str, str]) -> Composition:
    book = _Book(networks, called)
    family = Family(book, book.blocks)
    uses = [family.collect(Use(network.root, ())) for network in networks]
    if not family.problems:
        for network, use in zip(networks, uses, strict=True):
            family.net(network, use, book.nets[network.name])
    if family.problems:
        raise CannotWrite(list(dict.fromkeys(family.problems)))
    return Composition(tuple(book.definitions()), dict(book.renamed), dict(book.nets), book.about())


@record(eq=False, frozen=False)
class _Class:
    name: str
    lines: ClassLines
    files: list[SourceFile] = field(default_factory=list)


@record(frozen=False)
class _Book:
    """The classes of the module, and the names that they have."""

    networks: Sequence[Network]
    called: Mapping[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    remarks: Remarks = field(default_factory=Remarks)
    nets: dict[str, str] = field(default_factory=dict)
    classes: list[_Class] = field(default_factory=list)
    blocks: Library = field(default_factory=lambda: Library(()))
    _names: set[str] = field(default_factory=set)
    _defined: dict[tuple[str, str], _Class] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.blocks = Library(self.networks)
        self.renamed = renamings(labels_of(self.networks))
        self._names = {*TAKEN_CLASSES, *HELPERS}
        # The nets have the first claim on their names.
        for network in self.networks:
            wanted = self.called.get(network.name) or class_name(network.name)
            self.nets[network.name] = self.claim(wanted)

    def rename(self, label: str) -> str:
        return self.renamed.get(label, label)

    def claim(self, wanted: str) -> str:
        name = fresh(wanted, self._names)
        self._names.add(name)
        return name

    def define(self, hint: str, lines: ClassLines) -> str:
        # What a class says of itself does not make it another one.
        key = (hint, "\n".join([lines.base, *lines.body]))
        if key not in self._defined:
            self.add(self.claim(hint), lines)
            self._defined[key] = self.classes[-1]
        there = self._defined[key]
        if lines.file is not None and lines.file not in there.files:
            there.files.append(lines.file)
        return there.name

    def add(self, name: str, lines: ClassLines) -> None:
        self.classes.append(_Class(name, lines))
        if lines.file is not None:
            self.classes[-1].files.append(lines.file)

    def mark(self) -> int:
        """The classes so far, for `forget`."""
        return len(self.classes)

    def forget(self, mark: int) -> None:
        """Take back the classes after a mark: what they were tried for came to nothing."""
        for cls in self.classes[mark:]:
            self._names.discard(cls.name)
            self._defined = {k: there for k, there in self._defined.items() if there is not cls}
        del self.classes[mark:]

    def definitions(self) -> Iterator[Definition]:
        """The classes as text."""
        for cls in self.classes:
            yield Definition(cls.name, cls.lines.text(cls.name), tuple(cls.files))

    def about(self) -> tuple[str, ...]:
        """What the file of the nets says at its beginning."""
        files = {network.span.file for network in self.networks}
        return self.remarks.of_file(files.pop()) if len(files) == 1 else ()


def _docstring(title: str, about: tuple[str, ...], renamed: Mapping[str, str]) -> list[str]:
    """What the module is, and which labels Python or nn.Module claim for themselves."""
    text = f'"""{title}, written by netspec.'
    if not title or len(text) > 85:
        text = '"""Networks written by netspec.'
    lines = [text]
    if about:
        lines += ["", *docstring_lines(about, 0)]
    if renamed:
        lines += ["", "Labels of the spec that have another name here, in keys of weights too:", ""]
        lines += [f"    {name}: {label}" for label, name in sorted(renamed.items())]
    return [*lines, '"""'] if len(lines) > 1 else [f'{text}"""']
