"""Names of the language as names of Python: classes, attributes, variables.

What a name stands for is left to `classes`, attributes that are claimed to `analysis.python_names`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator

#: What the containers of `torch.nn` have besides.
_OF_CONTAINERS = "append clear extend insert items keys pop popitem update values setdefault copy"
CONTAINER_ATTRIBUTES = frozenset(_OF_CONTAINERS.split())
#: Names that generated modules import or define for themselves.
TAKEN_CLASSES = frozenset(
    {
        "Any",
        "Callable",
        "LayerFactory",
        "NamedTuple",
        "OrderedDict",
        "Sequence",
        "Tensor",
        "None",
        "True",
        "False",
    }
)


def class_name(name: str) -> str:
    """CapWords of a name of the language: `conv_bn_relu` is `ConvBnRelu`, `ResNet50` stays.

    CapWords have no underscores; between digits one is read as a point, lest `X_1_6` and `X_16` be
    the same: `X1p6`.
    """
    name = re.sub(r"(?<=[0-9])_(?=[0-9])", "p", name)
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", name) if part]
    text = "".join(part[0].upper() + part[1:] for part in parts)
    if not text or not text[0].isalpha():
        text = f"Block{text}"
    # A single I or O is too easily read as a digit: linters refuse it.
    claimed = text in TAKEN_CLASSES or keyword.iskeyword(text) or text in ("I", "O")
    return f"{text}Module" if claimed else text


def is_identifier(name: str) -> bool:
    """Whether a name can stand after a dot."""
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def variable_name(name: str, fallback: str) -> str:
    """A label as a local variable or argument: lower case, and no word of Python's."""
    text = re.sub(r"[^0-9a-z_]", "_", name.lower()).strip("_")
    if not is_identifier(text) or keyword.issoftkeyword(text):
        text = fallback
    return f"{text}_" if text in _LOCALS else text


def index_name(name: str) -> str:
    """A name of `repeat n as i` as the variable of a loop."""
    return name if name in _COUNTERS else variable_name(name, "i")


#: What loops are numbered with.
_COUNTERS = ("i", "j", "k")
#: Names that mean something in a generated `forward` or `__init__`.
_LOCAL_WORDS = """self super nn torch functional functools operator math i l range tuple list int
    bool float str print len min max sum abs round zip make_divisible same_pads"""
_LOCALS = frozenset(_LOCAL_WORDS.split())


def fresh(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or `wanted2`, `wanted3` … where it is taken."""
    names = set(taken)
    if wanted not in names:
        return wanted
    # `stage2` is numbered `stage2_2`, the class `Stage2` `Stage2V2`.
    separator = "" if not wanted[-1].isdigit() else "V" if wanted[0].isupper() else "_"
    return next(name for name in _numbered(f"{wanted}{separator}") if name not in names)


def _numbered(stem: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{stem}{number}"
        number += 1
