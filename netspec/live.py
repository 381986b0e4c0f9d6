"""Generated source as a module that lives in memory: found by tracebacks, debuggers and pickle.

What the source says is left to `backends.torch`, which net it is of to `api`.
"""

from __future__ import annotations

import hashlib
import sys
import weakref
from importlib.abc import ExecutionLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

#: What the names of such modules begin with.
PREFIX = "netspec_live_"


def module_of(source: str) -> ModuleType:
    """The module of a source; the same one again, as long as something of it is in use.

    Its name follows from the source. It can be imported by that name while it lives, and
    `inspect.getsource` shows the source of its classes. Instances of its classes can be pickled,
    wherever netspec can be imported to unpickle them: the pickle holds the source.
    """
    name = f"{PREFIX}{hashlib.sha256(source.encode()).hexdigest()[:16]}"
    window = sys.modules.get(name)
    home = window.home() if isinstance(window, _Window) else None
    if home is None:
        home = _made(name, source)
    return home


def restored(source: str, name: str) -> Any:
    """An instance of a class of a source, as yet without its state; pickles call this."""
    cls = getattr(module_of(source), name)
    return cls.__new__(cls)


def restored_tuple(source: str, name: str, values: tuple[Any, ...]) -> Any:
    """A named tuple of a source; pickles call this."""
    return getattr(module_of(source), name)(*values)


def _made(name: str, source: str) -> ModuleType:
    spec = ModuleSpec(name, _Loader(source), origin=f"{name}.py")
    spec.has_location = True
    home = module_from_spec(spec)
    window = _Window(home)
    # Those who look up a class by the name of its module find it, as soon as it is being made.
    sys.modules[name] = window
    try:
        assert spec.loader is not None
        spec.loader.exec_module(home)
    except BaseException:
        del sys.modules[name]
        raise
    for found in list(vars(home).values()):
        if isinstance(found, type) and found.__module__ == name:
            _make_picklable(found, source)
    # Whoever has a class or an object of it has its functions, and these have this namespace.
    vars(home)["__home__"] = home
    weakref.finalize(home, _forget, name, window).atexit = False
    return home


def _make_picklable(cls: type, source: str) -> None:
    def reduce(made: Any, protocol: Any) -> Any:
        if type(made) is not cls:
            # A class that users have derived is theirs to import.
            return object.__reduce_ex__(made, protocol)
        if isinstance(made, tuple):
            return restored_tuple, (source, cls.__name__, tuple(made))
        return restored, (source, cls.__name__), made.__getstate__()

    cls.__reduce_ex__ = reduce  # type: ignore[method-assign, assignment]


def _forget(name: str, window: ModuleType) -> None:
    if sys.modules.get(name) is window:
        del sys.modules[name]


class _Loader(ExecutionLoader):
    """Has a source in memory."""

    def __init__(self, source: str) -> None:
        self._source = source

    def get_source(self, fullname: str) -> str:
        return self._source

    def get_filename(self, fullname: str) -> str:
        return f"{fullname}.py"


class _Window(ModuleType):
    """Stands for a module in `sys.modules`, and keeps nothing of it alive.

    A program may make thousands of nets, one after the other.
    """

    def __init__(self, home: ModuleType) -> None:
        super().__init__(home.__name__)
        self.home = weakref.ref(home)
        self.__spec__ = home.__spec__
        self.__loader__ = home.__loader__
        self.__file__ = home.__file__

    def __getattr__(self, name: str) -> Any:
        home = self.home()
        if home is not None and name in vars(home):
            return vars(home)[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
