"""What `init` statements ask for, as plain data, and which layers of a network each reaches.

What the statements mean is found by `elaborate`; what a tensor is drawn from follows in
`analysis/initialisation.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netspec.graph.graph import CallNode, Instance, OpNode, RepeatNode, Segment, Weight
from netspec.syntax import tree

#: Layers whose weights are drawn at random where nothing else is said.
DRAWN = frozenset({"conv", "dwconv", "conv_transpose", "dense"})


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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

    def entering(self, path: Sequence[Segment], callee: Instance) -> Held | None:
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

    def reaches(self, node: OpNode, path: Sequence[Segment]) -> bool:
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

    def names(self, path: Sequence[Segment]) -> bool:
        """Whether it names the very layer at this path, and not what is around it."""
        return bool(self.rest) and len(self.rest) == len(path)


#: What holds at some place of a network: for each block on the way there, outermost first.
Levels = tuple[tuple[Held, ...], ...]


def enter(levels: Levels, path: Sequence[Segment], callee: Instance) -> Levels:
    """What holds inside of a call, whose own statements come last."""
    inner = []
    for level in levels:
        held = tuple(h for one in level if (h := one.entering(path, callee)) is not None)
        if held:
            inner.append(held)
    own = Held.of_instance(callee)
    return (*inner, own) if own else tuple(inner)


def deciding(levels: Levels, node: OpNode, path: Sequence[Segment]) -> Held | None:
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
    stack = [(instance, Held(one, one.target.path))]
    seen = set(stack)
    while stack:
        here, held = stack.pop()
        for node in here.nodes:
            inner: tuple[Instance, Held] | None = None
            if isinstance(node, OpNode):
                if held.reaches(node, node.path):
                    yield here, node, not held.inside and held.names(node.path)
            elif isinstance(node, CallNode):
                further = held.entering(node.path, node.instance)
                inner = None if further is None else (node.instance, further)
            elif isinstance(node, RepeatNode):
                inner = (node.body, held)
            if inner is not None and inner not in seen:
                seen.add(inner)
                stack.append(inner)


def exists(instance: Instance, path: Sequence[str]) -> bool:
    """Whether something stands at a path: a layer, a call, or a scope around some."""
    stack: list[tuple[Instance, tuple[str, ...]]] = [(instance, tuple(path))]
    seen = set(stack)
    while stack:
        here, rest = stack.pop()
        if rest in here.scopes:
            return True
        for node in here.nodes:
            inner: tuple[Instance, tuple[str, ...]] | None = None
            if node.path and _begins_alike(node.path, rest):
                if len(rest) <= len(node.path):
                    return True
                if isinstance(node, CallNode):
                    inner = (node.instance, rest[len(node.path) :])
            elif isinstance(node, RepeatNode):
                inner = (node.body, rest)
            if inner is not None and inner not in seen:
                seen.add(inner)
                stack.append(inner)
    return False


def _begins_alike(path: Sequence[Segment], names: Sequence[str]) -> bool:
    """Whether one is the beginning of the other; a counted name may be any of its numbers."""
    return all(_may_be(segment, name) for segment, name in zip(path, names, strict=False))


def _may_be(segment: Segment, name: str) -> bool:
    if isinstance(segment, str):
        return segment == name
    number = name[len(segment.prefix) :]
    if not name.startswith(segment.prefix) or not number.isdigit() or number != str(int(number)):
        return False
    above = int(number) - segment.base
    if len(segment.steps) == 1 and segment.steps[0] > 0:
        return above >= 0 and above % segment.steps[0] == 0
    return above >= 0
