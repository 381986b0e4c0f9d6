"""What `init` statements ask for, as plain data, and which layers of a network each reaches.

What the statements mean is found by `elaborate`; what a tensor is drawn from follows in
`analysis/initialisation.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.graph.graph import (
    CallNode,
    Instance,
    Numbered,
    OpNode,
    RepeatNode,
    Segment,
    Weight,
)
from netspec.record import record
from netspec.syntax import tree

#: Layers whose weights are drawn at random where nothing else is said.
DRAWN = frozenset({"conv", "dwconv", "conv_transpose", "dense"})


@record
class Target:
    """The layers that a statement speaks of: one field is set, or none where it is all of them.

    `op` is a kind of layer, `block` all that is inside of a block, `path` a label, or several
    between dots, from the block or net that the statement stands in.
    """

    op: str = ""
    block: tree.Block | None = None
    path: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """How closely it names a layer: of two statements side by side, the closer one holds."""
        if self.path:
            return 3
        if self.op == "dwconv":
            return 2
        return 1 if self.op or self.block is not None else 0


@record
class Initialisation:
    """One `init` of one instance, its arguments worked out.

    `settings` are those of the method by name, in the order of its signature; `bias` is what the
    biases of the layers become.
    """

    statement: tree.Init
    target: Target
    method: str
    settings: tuple[tuple[str, float | str], ...]
    bias: float

    def number(self, name: str) -> float:
        value = dict(self.settings)[name]
        assert isinstance(value, int | float)
        return float(value)

    def word(self, name: str) -> str:
        return str(dict(self.settings)[name])


def weight_of(node: OpNode) -> Weight | None:
    """The tensor of a layer that an `init` sets; a `parameter` says itself where it begins."""
    return next((w for w in node.weights if w.name == "weight"), None)


def bias_of(node: OpNode) -> Weight | None:
    return next((w for w in node.weights if w.name == "bias"), None)


def groups_of(node: OpNode) -> int:
    """How many groups a convolution's channels are parted into."""
    groups = node.attributes.get("groups", 1) if node.op in DRAWN else 1
    assert isinstance(groups, int)
    return groups


def is_kind(node: OpNode, op: str) -> bool:
    """Whether a layer is one of that name.

    A depthwise convolution is a convolution with a group for each of its channels, and either way
    of writing it is meant by either name.
    """
    if op == "conv":
        return node.op in ("conv", "dwconv")
    if op == "dwconv":
        weight = weight_of(node)
        grouped = node.op in ("conv", "dwconv") and groups_of(node) > 1
        return grouped and weight is not None and weight.shape[1] == 1
    return node.op == op


@record
class AnyTurn:
    """A name that counts the turns of repeats, any of which is meant; `counts` are how many."""

    segment: Numbered
    counts: tuple[int, ...]

    def has(self, name: str) -> bool:
        """Whether some turn has that name; of repeats in repeats, within their bounds alone."""
        number = name.removeprefix(self.segment.prefix)
        if f"{self.segment.prefix}{number}" != name or not number.isdigit():
            return False
        above = int(number) - self.segment.base
        steps = self.segment.steps
        most = sum(step * (count - 1) for step, count in zip(steps, self.counts, strict=True))
        exact = len(steps) != 1 or steps[0] == 0 or above % steps[0] == 0
        return str(int(number)) == number and 0 <= above <= most and exact


#: One name of a path.
Name = str | AnyTurn


@record
class Held:
    """An initialisation on its way into the parts of what it was written for.

    `rest` is what is left of its path; `inside` says that it has come to what was named, and that
    all from here on is meant.
    """

    of: Initialisation
    rest: tuple[str, ...]
    inside: bool = False

    @classmethod
    def of_instance(cls, instance: Instance) -> tuple[Held, ...]:
        return tuple(cls(one, one.target.path) for one in instance.inits)

    def entering(self, path: Sequence[Name], callee: Instance) -> Held | None:
        """The same inside a call at `path`; None where no layer there can be meant."""
        target = self.of.target
        if self.inside:
            return self
        if target.block is not None:
            return Held(self.of, (), True) if callee.definition is target.block else self
        if target.path:
            if not _begins_alike(path, self.rest):
                return None
            rest = self.rest[len(path) :]
            return Held(self.of, rest, not rest)
        return self

    def reaches(self, node: OpNode, path: Sequence[Name]) -> bool:
        """Whether a layer is one that the statement speaks of, and has what it sets."""
        weight = weight_of(node)
        if weight is None or node.shares is not None:
            return False
        target = self.of.target
        if target.op:
            return is_kind(node, target.op)
        if target.path and not self.inside:
            covered = len(self.rest) <= len(path) and _begins_alike(path, self.rest)
            return covered and (self.names(path) or node.op in DRAWN)
        return (self.inside or target.block is None) and node.op in DRAWN

    def names(self, path: Sequence[Name]) -> bool:
        """Whether it names the very layer at this path, and not what is around it."""
        return bool(self.rest) and len(self.rest) == len(path)


#: What holds at some place of a network: for each block on the way there, outermost first.
Levels = tuple[tuple[Held, ...], ...]


def enter(levels: Levels, path: Sequence[Name], callee: Instance) -> Levels:
    """What holds inside of a call, whose own statements come last."""
    inner = []
    for level in levels:
        held = tuple(h for one in level if (h := one.entering(path, callee)) is not None)
        if held:
            inner.append(held)
    own = Held.of_instance(callee)
    return (*inner, own) if own else tuple(inner)


def deciding(levels: Levels, node: OpNode, path: Sequence[Name]) -> Held | None:
    """The statement that holds for a layer.

    Of the innermost block that says anything of it, the one that names it most closely, and of
    several such the last.
    """
    for level in reversed(levels):
        found: Held | None = None
        for held in level:
            closer = found is None or held.of.target.rank >= found.of.target.rank
            if closer and held.reaches(node, path):
                found = held
        if found is not None:
            return found
    return None


def reached(instance: Instance, one: Initialisation) -> Iterator[tuple[Instance, OpNode, bool]]:
    """The layers that a statement speaks of, whether or not another one holds for them.

    Each with the instance that it is a node of, once however often that is used, and whether the
    statement names that very layer.
    """
    start = Held(one, one.target.path)
    stack: list[tuple[Instance, Held, tuple[int, ...]]] = [(instance, start, ())]
    seen = {(instance, start)}
    while stack:
        here, held, counts = stack.pop()
        for node in here.nodes:
            path = _names(node.path, counts)
            inner: tuple[Instance, Held, tuple[int, ...]] | None = None
            if isinstance(node, OpNode):
                if held.reaches(node, path):
                    yield here, node, not held.inside and held.names(path)
            elif isinstance(node, CallNode):
                further = held.entering(path, node.instance)
                inner = None if further is None else (node.instance, further, ())
            elif isinstance(node, RepeatNode) and node.count:
                inner = (node.body, held, (*counts, node.count))
            if inner is not None and inner[:2] not in seen:
                seen.add(inner[:2])
                stack.append(inner)


def exists(instance: Instance, path: Sequence[str]) -> bool:
    """Whether something stands at a path: a layer, a call, or a scope around some."""
    stack: list[tuple[Instance, tuple[str, ...], tuple[int, ...]]] = [(instance, tuple(path), ())]
    seen = {(instance, tuple(path))}
    while stack:
        here, rest, counts = stack.pop()
        if rest in here.scopes:
            return True
        for node in here.nodes:
            names = _names(node.path, counts)
            inner: tuple[Instance, tuple[str, ...], tuple[int, ...]] | None = None
            if names and _begins_alike(names, rest):
                if len(rest) <= len(names):
                    return True
                if isinstance(node, CallNode):
                    inner = (node.instance, rest[len(names) :], ())
            elif isinstance(node, RepeatNode) and node.count:
                inner = (node.body, rest, (*counts, node.count))
            if inner is not None and inner[:2] not in seen:
                seen.add(inner[:2])
                stack.append(inner)
    return False


def _names(path: Sequence[Segment], counts: tuple[int, ...]) -> tuple[Name, ...]:
    """A path inside of repeats that go on so often."""
    return tuple(part if isinstance(part, str) else AnyTurn(part, counts) for part in path)


def _begins_alike(path: Sequence[Name], names: Sequence[str]) -> bool:
    """Whether one is the beginning of the other."""
    return all(
        part == name if isinstance(part, str) else part.has(name)
        for part, name in zip(path, names, strict=False)
    )
