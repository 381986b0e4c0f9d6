"""What generated text needs of others: the names that it reads, and imports as isort has them.

Which file of a package has a class is left to `package`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

from netspec.backends.torch.factories import LAYER


def names_read(parts: Sequence[str]) -> set[str]:
    """The names that definitions read: what they need of others."""
    trees = [ast.parse(part) for part in parts]
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


def import_lines(names: set[str]) -> list[str]:
    """The imports of the names, in the order of isort."""
    if LAYER in names:
        names = names | {"Callable", "nn"}
    first = [f"import {name}" for name in ("functools", "math", "operator") if name in names]
    if "OrderedDict" in names:
        first.append("from collections import OrderedDict")
    abstract = sorted(names & {"Callable", "Sequence"})
    if abstract:
        first.append(f"from collections.abc import {', '.join(abstract)}")
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


def alias_lines(names: set[str]) -> list[str]:
    """The alias for what makes layers, after the imports."""
    return ["", f"{LAYER} = Callable[..., nn.Module]"] if LAYER in names else []


def import_from(module: str, names: Iterable[str], line: int) -> list[str]:
    """One `from … import …`, within `line` columns."""
    ordered = sorted(names, key=isort_key)
    text = f"from {module} import {', '.join(ordered)}"
    if len(text) <= line:
        return [text]
    return [f"from {module} import (", *(f"    {name}," for name in ordered), ")"]


def isort_key(name: str) -> tuple[object, ...]:
    """How isort orders what is imported: constants, classes, others; numbers as numbers."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[0].isupper() else 2
    return kind, natural(name.lower()), natural(name)


def natural(name: str) -> list[tuple[int, int, int, str]]:
    """A name so that `x9` comes before `x10`; numbers that begin with 0 are read as fractions."""
    parts: list[tuple[int, int, int, str]] = []
    for part in re.findall(r"[0-9]+|[^0-9]", name):
        if not part.isdigit():
            parts.append((1, ord(part), 0, ""))
        elif part.startswith("0"):
            parts.append((0, 0, 0, part))
        else:
            parts.append((0, 1, len(part), part))
    return parts
