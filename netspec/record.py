"""Records: classes that are given by their annotated fields, as dataclasses are, made in a tenth of
the time.

`check` defines about 150 of them before it reads a file, which took dataclasses 60 ms of its 200:
they write, compile and look through the source of up to eight methods for each. Here only
`__init__` is compiled, and the rest is shared. What a record means is left to its class.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")

#: That nobody assigns to a field of a frozen record is for the type checker to hold, since a
#: guard in each would make them slower to create by half; the tests put it there (with this set).
GUARDED = bool(os.environ.get("NETSPEC_GUARD_RECORDS"))

_NONE: Any = object()


class _Field:
    """What is said of a field beside its type."""

    __slots__ = ("default", "factory", "given", "keyword", "shown")

    def __init__(
        self,
        default: Any = _NONE,
        factory: Callable[[], Any] | None = None,
        given: bool = True,
        keyword: bool = False,
        shown: bool = True,
    ) -> None:
        self.default = default
        self.factory = factory
        self.given = given
        self.keyword = keyword
        self.shown = shown


def field(
    *,
    default: Any = _NONE,
    default_factory: Callable[[], Any] | None = None,
    init: bool = True,
    repr: bool = True,
    kw_only: bool = False,
) -> Any:
    """A field with a default made anew for each record, set by no argument, left out of `repr`, or
    given by its name alone."""
    return _Field(default, default_factory, init, kw_only, repr)


@overload
def record(cls: type[T]) -> type[T]: ...


@overload
def record(
    *, eq: bool = True, frozen: bool = True, kw_only: bool = False, weakref_slot: bool = False
) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(
    cls: type[Any] | None = None,
    *,
    eq: bool = True,
    frozen: bool = True,
    kw_only: bool = False,
    weakref_slot: bool = False,
) -> Any:
    """Make a class with a slot for each annotated field, its own and those of the records it
    extends, and `__init__`, `__repr__`, `__eq__`, `__hash__` as a dataclass has them.

    With `eq=False`, records compare by identity. Those that are not `frozen` have no hash, unless
    they compare by identity.
    """
    if cls is None:
        return lambda decorated: _made(decorated, eq, frozen, kw_only, weakref_slot)
    return _made(cls, eq, frozen, kw_only, weakref_slot)


def fields(of: Any) -> tuple[str, ...]:
    """The names of the fields of a record, or of a class of records, in order."""
    return tuple(_specified_of(of))


def replace(given: T, **changes: Any) -> T:
    """A record like the one that is given, but for these fields."""
    for name, of in _specified_of(given).items():
        if of.given and name not in changes:
            changes[name] = getattr(given, name)
    return type(given)(**changes)


def _specified_of(of: Any) -> dict[str, _Field]:
    specified: dict[str, _Field] = of.__record__
    return specified


def _made(cls: type[Any], eq: bool, frozen: bool, kw_only: bool, weakref_slot: bool) -> type[Any]:
    namespace = dict(cls.__dict__)
    own = {
        name: _specified(namespace.pop(name, _NONE), kw_only)
        for name in namespace.get("__annotations__", ())
    }
    specified: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        specified.update(base.__dict__.get("__record__", {}))
    slots = [name for name in own if name not in specified]
    specified.update(own)
    namespace["__record__"] = specified
    namespace["__slots__"] = (*slots, "__weakref__") if weakref_slot else tuple(slots)
    namespace["__match_args__"] = tuple(name for name, of in specified.items() if not of.keyword)
    namespace["__qualname__"] = cls.__qualname__
    namespace.pop("__dict__", None)
    namespace.pop("__weakref__", None)
    namespace.setdefault("__repr__", _repr)
    namespace.setdefault("__replace__", replace)
    namespace.setdefault("__init__", _initializer(cls, specified))
    if eq:
        _compare(namespace, specified, frozen)
    if GUARDED and frozen:
        namespace["__setattr__"] = _refuse
    kind: Any = type(cls)
    made: type[Any] = kind(cls.__name__, cls.__bases__, namespace)
    return made


def _specified(default: Any, kw_only: bool) -> _Field:
    if isinstance(default, _Field):
        default.keyword = default.keyword or kw_only
        return default
    return _Field(default, keyword=kw_only)


def _initializer(cls: type[Any], specified: dict[str, _Field]) -> Any:
    """`__init__`, compiled: the one method that is worth it.

    Compiling takes longer than all the rest, so that records of one shape share what is compiled;
    each has it with the names of its own fields.
    """
    shape = tuple([(of.given, of.keyword, of.factory is not None) for of in specified.values()])
    code = _shaped(shape, hasattr(cls, "__post_init__"))
    own: dict[str, Any] = {"_NONE": _NONE}
    defaults: list[Any] = []
    keyword_defaults: dict[str, Any] = {}
    names: dict[str, str] = {}
    for number, (name, of) in enumerate(specified.items()):
        names[f"_{number}"] = name
        if of.factory is not None:
            own[f"_made_{number}"] = of.factory
        elif of.default is _NONE:
            if defaults and of.given and not of.keyword:
                raise TypeError(f"{cls.__qualname__}.{name} follows a field with a default")
            continue
        if of.keyword:
            keyword_defaults[name] = of.default
        elif of.given:
            defaults.append(of.default)
    code = code.replace(
        co_varnames=tuple([names.get(name, name) for name in code.co_varnames]),
        co_names=tuple([names.get(name, name) for name in code.co_names]),
    )
    made = FunctionType(code, own, "__init__", tuple(defaults))
    made.__kwdefaults__ = keyword_defaults
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    return made


@cache
def _shaped(shape: tuple[tuple[bool, bool, bool], ...], post: bool) -> CodeType:
    """The code of `__init__` for fields `_0`, `_1`, … of which it is known whether they are given,
    by name alone, and made."""
    positional = ["self"]
    keywords: list[str] = []
    body: list[str] = []
    for number, (given, keyword, is_made) in enumerate(shape):
        name = f"_{number}"
        value = name
        if is_made:
            value = f"_made{name}() if {name} is _NONE else {name}"
        if given:
            (keywords if keyword else positional).append(name)
        elif is_made:
            value = f"_made{name}()"
        else:
            continue
        body.append(f" self.{name} = {value}")
    if post:
        body.append(" self.__post_init__()")
    if keywords:
        positional.append("*")
    heading = f"def __init__({', '.join(positional + keywords)}):\n"
    namespace: dict[str, Any] = {}
    exec(heading + ("\n".join(body) or " pass"), namespace)
    code: CodeType = namespace["__init__"].__code__
    return code


def _compare(namespace: dict[str, Any], specified: dict[str, _Field], frozen: bool) -> None:
    """By the values of all fields, among records of one class."""
    values: Callable[[Any], Any] = attrgetter(*specified) if specified else lambda _: ()

    def equal(self: Any, other: Any) -> Any:
        if other.__class__ is self.__class__:
            return values(self) == values(other)
        return NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    # A class with `__eq__` and no `__hash__` of its own has `__hash__ = None` in its namespace.
    own = namespace.get("__hash__") is not None
    namespace.setdefault("__eq__", equal)
    if not own:
        namespace["__hash__"] = hashed if frozen else None


def _repr(self: Any) -> str:
    shown = [
        f"{name}={getattr(self, name, '…')!r}" for name, of in self.__record__.items() if of.shown
    ]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(self: Any, name: str, value: Any) -> None:
    """Sets a field for the first time only."""
    if hasattr(self, name):
        raise AttributeError(f"{type(self).__qualname__} is frozen: {name} stays what it is")
    object.__setattr__(self, name, value)
