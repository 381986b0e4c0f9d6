"""What Python programs may give: each argument as it is needed, or one line that says what does.

TypeError is for what is of another kind, ValueError for a number or word that will not do. What
specs and their parameters mean is left to the stages.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import SupportsIndex

from netspec.graph.graph import Network

Path = str | os.PathLike[str]

#: Characters of a value that a message shows.
_SHOWN = 60
#: As it is written in messages.
_SUCH_AS = '"resnet.net::ResNet50"'


def told(value: object) -> str:
    """A value in a message."""
    if isinstance(value, Network):
        return "a loaded Network"
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def spec_text(spec: object, what: str) -> str:
    """The path of a spec, whose text is needed for `what`."""
    if isinstance(spec, Network):
        own = f'"{spec.span.file.name}::{spec.name}"'
        raise TypeError(
            f"{what} needs the text of a spec, which a loaded Network has not: pass the spec "
            f"instead, {own}, with the parameters and inputs that it was loaded with"
        )
    path = os.fspath(spec) if isinstance(spec, str | os.PathLike) else None
    if not isinstance(path, str):
        raise TypeError(f"{what} takes a spec, such as {_SUCH_AS}, not {told(spec)}")
    return path


def network_or_spec(spec: object) -> Network | Path:
    """A network, or the path of a spec."""
    if isinstance(spec, Network | str | os.PathLike):
        return spec
    raise TypeError(f"a spec such as {_SUCH_AS}, or a Network, is needed, not {told(spec)}")


def mapping(name: str, value: object, such_as: str) -> Mapping[str, object]:
    """Values by their names; none for None."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise TypeError(f"{name} is a mapping by name, such as {such_as}, not {told(value)}")
    return value


def parameters_of(given: object, named: Mapping[str, object]) -> Mapping[str, object]:
    """A net's parameters by name, from `parameters={…}` and from keywords of their names.

    A parameter may itself be called `parameters`: no value of one is a mapping.
    """
    if given is not None and not isinstance(given, Mapping):
        return {"parameters": given, **named}
    found = mapping("parameters", given, '{"classes": 10}')
    twice = [name for name in named if name in found]
    if twice:
        raise TypeError(f"the parameter {twice[0]} is given twice: in parameters, and by its name")
    return {**found, **named}


def number(name: str, value: object, least: int, most: int | None = None) -> int:
    """A whole number in a range."""
    upto = "" if most is None else f" to {most:,}"
    said = f"{name} takes a number from {least}{upto}, not {told(value)}"
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise TypeError(said)
    found = index(value)
    if found < least or (most is not None and found > most):
        raise ValueError(said)
    return int(found)


def number_or_none(name: str, value: object, least: int, most: int | None = None) -> int | None:
    return None if value is None else number(name, value, least, most)


def word(name: str, value: object, words: Iterable[str]) -> str:
    """One of some words."""
    known = list(words)
    if not isinstance(value, str):
        raise TypeError(f"{name} is one of {', '.join(known)}, not {told(value)}")
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {told(value)}")
    return value


def flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, not {told(value)}")
    return value


def text(name: str, value: object, such_as: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} is a text such as {such_as}, not {told(value)}")
    return value


def texts(name: str, value: object, such_as: str) -> tuple[str, ...]:
    """Several texts; one by itself is one."""
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, Sequence) or not all(isinstance(one, str) for one in found):
        raise TypeError(f"{name} are texts, such as [{such_as}], not {told(value)}")
    return tuple(found)
