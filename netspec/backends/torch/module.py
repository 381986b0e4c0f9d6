"""The module as a whole: its classes in order, each written once, with imports and helpers.

`write_module` is the backend's entry. What a class holds is left to `classes`, what it says over
its parameters to `sheet`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from netspec.backends.torch.classes import ClassLines
from netspec.backends.torch.family import Family, Use
from netspec.backends.torch.helpers import HELPERS, closure
from netspec.backends.torch.layer import CannotWrite
from netspec.backends.torch.names import TAKEN_CLASSES, class_name, fresh, labels_of, renamings
from netspec.backends.torch.places import Library
from netspec.graph.graph import Network

#: Deep enough for the deepest nesting and calls that `limits` allow.
RECURSION_LIMIT = 40_000


@dataclass(frozen=True, slots=True)
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
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        return _written(networks, called or {})
    finally:
        sys.setrecursionlimit(before)


def _written(networks: Sequence[Network], called: Mapping[str, str]) -> Module:
    book = _Book(networks, called)
    family = Family(book, book.blocks)
    uses = [family.collect(Use(network.root, ())) for network in networks]
    if not family.problems:
        for network, use in zip(networks, uses, strict=True):
            family.net(network, use, book.nets[network.name])
    if family.problems:
        raise CannotWrite(list(dict.fromkeys(family.problems)))
    back = {attribute: label for label, attribute in book.renamed.items()}
    return Module(book.text(), back, dict(book.nets))


@dataclass(slots=True)
class _Class:
    name: str
    lines: ClassLines


@dataclass(slots=True)
class _Book:
    """The classes of the module, and the names that they have."""

    networks: Sequence[Network]
    called: Mapping[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    nets: dict[str, str] = field(default_factory=dict)
    classes: list[_Class] = field(default_factory=list)
    blocks: Library = field(default_factory=lambda: Library(()))
    _names: set[str] = field(default_factory=set)
    _defined: dict[tuple[str, str], str] = field(default_factory=dict)

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
        key = (hint, "\n".join([lines.base, *lines.body]))
        if key not in self._defined:
            self._defined[key] = self.claim(hint)
            self.add(self._defined[key], lines)
        return self._defined[key]

    def add(self, name: str, lines: ClassLines) -> None:
        self.classes.append(_Class(name, lines))

    def mark(self) -> int:
        """The classes so far, for `forget`."""
        return len(self.classes)

    def forget(self, mark: int) -> None:
        """Take back the classes after a mark: what they were tried for came to nothing."""
        for cls in self.classes[mark:]:
            self._names.discard(cls.name)
            self._defined = {k: name for k, name in self._defined.items() if name != cls.name}
        del self.classes[mark:]

    # --- text ---------------------------------------------------------------------------------

    def text(self) -> str:
        classes = [
            "\n".join([f"class {cls.name}({cls.lines.base}):", *cls.lines.body])
            for cls in self.classes
        ]
        helpers = closure(name for name in _names_read(classes) if name in HELPERS)
        parts = [HELPERS[name].text for name in helpers] + classes
        used = {label: name for label, name in self.renamed.items() if label != name}
        head = _docstring(", ".join(f"`{name}`" for name in self.nets), used)
        head += ["", *_imports(_names_read(parts))]
        return "\n\n\n".join(["\n".join(head), *parts]) + "\n"


def _names_read(parts: Sequence[str]) -> set[str]:
    """The names that definitions read: what they need of others."""
    trees = [ast.parse(part) for part in parts]
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _docstring(title: str, renamed: Mapping[str, str]) -> list[str]:
    """What the module is, and which labels Python or nn.Module claim for themselves."""
    text = f'"""{title}, written by netspec.'
    if not title or len(text) > 85:
        text = '"""Networks written by netspec.'
    if not renamed:
        return [f'{text}"""']
    names = [f"    {name}: {label}" for label, name in sorted(renamed.items())]
    return [text, "", "Labels of the spec that have another name here:", "", *names, '"""']


def _imports(names: set[str]) -> list[str]:
    """The imports of the names, in the order of isort."""
    first = [f"import {name}" for name in ("functools", "math", "operator") if name in names]
    if "OrderedDict" in names:
        first.append("from collections import OrderedDict")
    if "Sequence" in names:
        first.append("from collections.abc import Sequence")
    typing = sorted(names & {"Any", "NamedTuple"})
    if typing:
        first.append(f"from typing import {', '.join(typing)}")
    second = ["import torch"] if "torch" in names else []
    parts = sorted(names & {"Tensor", "nn"})
    if parts:
        second.append(f"from torch import {', '.join(parts)}")
    if "functional" in names:
        second.append("from torch.nn import functional")
    return [*first, "", *second] if first else second
