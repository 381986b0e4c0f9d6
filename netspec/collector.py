"""Lets Python's garbage collector wait where much is made and next to nothing of it can be freed.

Trees and networks hold no cycles: to look through them again and again while they grow takes
longer, in a file of many thousand layers, than to make them.
"""

from __future__ import annotations

import gc
from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    Given = ParamSpec("Given")
    Result = TypeVar("Result")


def collected_later(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """The function, during which the collector does not run; afterwards it is as it was."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        if not gc.isenabled():
            return function(*args, **kwargs)
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            gc.enable()

    return run
