"""What an answer to "why" holds: sums, arguments with where they come from, the way, neighbours.

How an answer is found is left to the modules beside, how it is shown to `reports`.
"""

from __future__ import annotations

from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.record import record
from netspec.showing import Shown
from netspec.source import Span


@record
class Sum:
    """A number with how it comes about: of the axes of a shape, of a tensor, of a cost.

    `text` is arithmetic in the numbers at hand, such as `(28 + 1 + 1 - 3) / 2 + 1 = 14.5 -> 14`:
    what stands before ` = ` comes to what stands behind it, and ` -> ` rounds. `remark` says what
    the numbers are.
    """

    what: str
    text: str
    value: Dim
    remark: str = ""


@record
class Link:
    """One step back to where a value was written: the place, what it says, and what it is."""

    span: Span
    text: str
    how: str


@record
class Argument:
    """An argument of a layer, merge or block.

    `value` is written as the language writes it; `links` lead from the statement to where the value
    comes from, and are empty for a `default` of the layer itself, which `how` says.
    """

    name: str
    value: str
    how: str
    links: tuple[Link, ...] = ()


@record
class Turn:
    """One step on the way from the net to the statement, outermost first.

    `kind` is `alias`, `net`, `call`, `inline`, `repeat`, `if`, `branch`, `residual`, `output`,
    `label`, `share` or `layer`. `path` is the name that it has from here on, `shape` what comes in.
    `iteration` is that of a repeat, from 0, and how many there are.
    """

    kind: str
    text: str
    span: Span
    path: str = ""
    shape: Shape | None = None
    iteration: tuple[int, int] | None = None


@record
class Neighbour:
    """A value that flows in, or who reads the value: its path, what it is, and the shape.

    `use` says which one it is of several uses of shared weights, all of the same path; it is empty
    for the first.
    """

    path: str
    what: str
    shape: Shape
    use: str = ""


@record
class Why(Shown):
    """How a value of a network came about.

    `path` is what was asked for, of which `rest` is a tensor or an argument of what stands at
    `of`. `what` is the layer, merge or block. `axes`, `tensors`, `params` and `macs` are its
    arithmetic; those of a block are sums over what it holds. `inside` is the layer that gave a
    block's or scope's value its shape. `conditions` are what it asks of symbolic sizes.
    """

    net: str
    path: str
    of: str
    rest: str
    what: str
    inputs: tuple[Neighbour, ...]
    output: Shape | None
    axes: tuple[Sum, ...]
    tensors: tuple[Sum, ...]
    params: Sum | None
    macs: Sum | None
    arguments: tuple[Argument, ...]
    way: tuple[Turn, ...]
    readers: tuple[Neighbour, ...]
    conditions: tuple[str, ...]
    inside: str
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        shape = "" if self.output is None or self.rest else f", {self.output}"
        return f"<Why {self.path} of {self.net}: {self.what}{shape}>"
