"""What stands at a path of a network: a layer, a block, a scope, a weight, an argument, a port.

Paths are those of `summary` and of `state_dict` keys; `layer1.0.(add)` is the first merge without a
label of its block, `layer1.0.(add)2` the second. What is said of it is left to those who ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from netspec.analysis.memo import PerInstance
from netspec.diagnostics import nearest
from netspec.elaborate.inside import find as find_value
from netspec.elaborate.inside import names_below
from netspec.graph.graph import (
    CallNode,
    Instance,
    Network,
    Node,
    Numbered,
    OpNode,
    RepeatNode,
    Scope,
    Weight,
)
from netspec.graph.walk import callee
from netspec.ops import OPS
from netspec.record import record, replace
from netspec.syntax import tree

#: Names that a message lists.
LISTED = 12
_MERGE = re.compile(r"\(([a-z_0-9]+)\)([0-9]{0,9})")

Steps = tuple[tuple[int, int], ...]


@record
class Label:
    """A label of a use of shared weights: its value, and what is used, both in its instance."""

    value: int
    of: tuple[str, ...]


#: Labels that no node bears, of each instance.
Labels = Mapping[Instance, Mapping[tuple[str, ...], Label]]


class NoSuchPath(Exception):
    """Nothing stands there; `choices` are paths that do exist."""

    def __init__(self, message: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.choices = choices


@record(eq=False)
class Place:
    """A value of a network, and what is asked of it.

    `steps` lead to its instance, as those of a `TapNode` do: (index of a call or repeat,
    iteration); `index` is its node there. `path` is its own name; `rest` the name of one of its
    tensors or arguments, where that is what was asked for. `scope` is set for a labelled scope,
    whose value it is; `port` for an input or output that was asked for by its name; `label` for a
    use of shared weights that has one, `of` being the path of what is used. A scope of several
    values has none: `index` is -1.
    """

    path: str
    steps: Steps
    index: int
    rest: str = ""
    scope: Scope | None = None
    port: str = ""
    label: Label | None = None
    of: str = ""

    def way(self, network: Network) -> list[tuple[Instance, int, int]]:
        """The instances on the way in, each with the index of the call or repeat that is entered
        there and the iteration, the node itself last."""
        found, instance = [], network.root
        for index, iteration in self.steps:
            found.append((instance, index, iteration))
            inner = callee(instance.nodes[index])
            assert inner is not None
            instance = inner
        return [*found, (instance, self.index, 0)]

    def instance(self, network: Network) -> Instance:
        """The instance in which its node stands."""
        return self.way(network)[-1][0]


def place(network: Network, path: str, labels: Labels | None = None) -> Place:
    """What stands at a path; raises NoSuchPath, with the nearest names.

    What has a name of its own goes before an input or output that is called so. `labels` are names
    besides those of the network.
    """
    names, labels = tuple(path.split(".")), labels or {}
    found = _thing(network, names, labels)
    if found is None and len(names) > 1:
        owner = _thing(network, names[:-1], labels)
        if owner is not None and names[-1] in parts(network, owner):
            found = replace(owner, rest=names[-1])
    if found is None:
        found = _port(network, path)
    if found is None:
        raise _missing(network, names, labels)
    return found


def _port(network: Network, name: str) -> Place | None:
    for known, index in network.inputs:
        if known == name:
            return Place(name, (), index, port="input")
    for output in network.outputs:
        if output.name == name:
            return Place(name, (), output.value, port="output")
    return None


def _thing(network: Network, names: tuple[str, ...], labels: Labels) -> Place | None:
    """A layer, block, merge or scope by its whole name."""
    root, path = network.root, ".".join(names)
    merge = _MERGE.fullmatch(names[-1])
    if merge is not None:
        return _merge(network, names[:-1], merge[1], int(merge[2] or 1), path)
    found = find_value(root, names)
    if found is not None:
        steps, index = found
        return Place(path, steps, index, scope=_scope_at(root, steps, names))
    for end in range(len(names) - 1, -1, -1):
        # A scope of several values, or a use of shared weights, in a block perhaps.
        steps, instance = (), root
        if end:
            outer = find_value(root, names[:end])
            if outer is None:
                continue
            steps = (*outer[0], (outer[1], 0))
            inner = callee(_instance(root, outer[0]).nodes[outer[1]])
            if inner is None:
                continue
            instance = inner
        scope = instance.scopes.get(names[end:])
        if scope is not None:
            return Place(path, steps, -1, scope=scope)
        label = labels.get(instance, {}).get(names[end:])
        if label is not None:
            of = ".".join([*names[:end], *label.of])
            scope = instance.scopes.get(label.of)
            return Place(path, steps, label.value, scope=scope, label=label, of=of)
    return None


def _instance(root: Instance, steps: Steps) -> Instance:
    for index, _ in steps:
        inner = callee(root.nodes[index])
        assert inner is not None
        root = inner
    return root


def _scope_at(root: Instance, steps: Steps, names: tuple[str, ...]) -> Scope | None:
    """The scope that these names end in, if they are those of one."""
    instance, rest = root, names
    for index, _ in steps:
        node = instance.nodes[index]
        inner = callee(node)
        assert inner is not None
        if isinstance(node, CallNode):
            rest = rest[len(node.path) :]
            instance = inner
        else:
            instance = inner
    return instance.scopes.get(rest)


def _merge(
    network: Network, block: tuple[str, ...], op: str, ordinal: int, path: str
) -> Place | None:
    """A merge without a label by its kind and its number among those of its block."""
    root = network.root
    steps: Steps = ()
    instance = root
    if block:
        outer = find_value(root, block)
        if outer is None or _scope_at(root, outer[0], block) is not None:
            return None
        inner = callee(_instance(root, outer[0]).nodes[outer[1]])
        if inner is None:
            return None
        steps, instance = (*outer[0], (outer[1], 0)), inner
    found = _numbered(instance, op, ordinal)
    return None if found is None else Place(path, (*steps, *found[0]), found[1])


def nameless(node: Node) -> bool:
    """Whether it is a merge without a label, which is called by its kind and number."""
    return isinstance(node, OpNode) and not node.path and bool(node.inputs)


def _count(instance: Instance, answers: Mapping[Instance, dict[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for node in instance.nodes:
        if isinstance(node, OpNode) and nameless(node):
            counts[node.op] = counts.get(node.op, 0) + 1
        elif isinstance(node, RepeatNode):
            for op, count in answers[node.body].items():
                counts[op] = counts.get(op, 0) + count * node.count
    return counts


#: Merges without a label in an instance by their kind, its repeats multiplied out.
_merges = PerInstance(_count)


def _numbered(instance: Instance, op: str, ordinal: int) -> tuple[Steps, int] | None:
    """The steps to the merge of that number, counted from 1, and its index."""
    steps: Steps = ()
    if not 1 <= ordinal <= _merges(instance).get(op, 0):
        return None
    while True:
        for index, node in enumerate(instance.nodes):
            if isinstance(node, RepeatNode):
                each = _merges(node.body).get(op, 0)
                if ordinal <= each * node.count:
                    iteration, before = divmod(ordinal - 1, each)
                    steps, ordinal = (*steps, (index, iteration)), before + 1
                    instance = node.body
                    break
                ordinal -= each * node.count
            elif isinstance(node, OpNode) and node.op == op and nameless(node):
                ordinal -= 1
                if not ordinal:
                    return steps, index


def merge_name(instance: Instance, steps: Steps, index: int) -> str:
    """`(add)`, `(add)2`: what a merge without a label is called in its block.

    `steps` are those of the repeats that it is in, from the block's instance on.
    """
    last = _instance(instance, steps).nodes[index]
    assert isinstance(last, OpNode)
    op, before = last.op, 0
    for at, iteration in (*steps, (index, 0)):
        for node in instance.nodes[:at]:
            if isinstance(node, RepeatNode):
                before += _merges(node.body).get(op, 0) * node.count
            elif isinstance(node, OpNode) and node.op == op and nameless(node):
                before += 1
        inner = callee(instance.nodes[at])
        if inner is not None:
            before += _merges(inner).get(op, 0) * iteration
            instance = inner
    return f"({op}){before + 1 if before else ''}"


def merge_names(instance: Instance) -> list[str]:
    """Those of an instance, of each kind the first few."""
    return [
        f"({op}){number if number > 1 else ''}"
        for op, count in _merges(instance).items()
        for number in range(1, min(count, LISTED) + 1)
    ]


def parts(network: Network, owner: Place) -> list[str]:
    """Tensors and arguments of what stands at a place."""
    if owner.index < 0:
        return []
    names = settable(network, owner)
    if _is_scope(network, owner):
        return names
    node = owner.instance(network).nodes[owner.index]
    return list(dict.fromkeys([*(w.name for w in tensors(node) if w.name), *names]))


def settable(network: Network, owner: Place) -> list[str]:
    """Arguments of what stands at a place."""
    if owner.index < 0:
        return []
    if _is_scope(network, owner):
        assert owner.scope is not None
        return scope_arguments(network, owner.scope)
    return arguments(owner.instance(network).nodes[owner.index])


def _is_layer(network: Network, owner: Place) -> bool:
    node = owner.instance(network).nodes[owner.index]
    return isinstance(node, OpNode) and not _is_scope(network, owner)


def _is_scope(network: Network, owner: Place) -> bool:
    """Whether what is asked about is all that a label holds, of which the node is the last."""
    return owner.scope is not None and not _is_merge(network, owner)


def _is_merge(network: Network, owner: Place) -> bool:
    """Whether a label stands right before a merge, whose name it is."""
    node = owner.instance(network).nodes[owner.index]
    scope = owner.scope
    return isinstance(node, OpNode) and scope is not None and node.op == scope.kind


def tensors(node: Node) -> tuple[Weight, ...]:
    """The tensors of a layer, none of anything else."""
    return node.weights if isinstance(node, OpNode) else ()


def arguments(node: Node) -> list[str]:
    """What a layer, merge or block takes."""
    if isinstance(node, OpNode):
        return [] if node.op == "input" else [p.name for p in OPS[node.op].parameters]
    if isinstance(node, CallNode):
        definition = node.instance.definition
        return [] if definition is None else [p.name.id for p in definition.parameters]
    return []


def scope_arguments(network: Network, scope: Scope) -> list[str]:
    """What a labelled call of an inline block takes."""
    block = network.blocks.get(scope.span.file, {}).get(scope.kind)
    return [] if block is None or not block.inline else _names(block)


def _names(block: tree.Block) -> list[str]:
    return [p.name.id for p in block.parameters]


def _missing(network: Network, names: tuple[str, ...], labels: Labels) -> NoSuchPath:
    """Where the path leaves the network, and what is called so there."""
    depth = 0
    while depth < len(names) and (
        _below(network, names[: depth + 1], labels)
        or _thing(network, names[: depth + 1], labels) is not None
    ):
        depth += 1
    owner, wrong = names[:depth], names[depth] if depth < len(names) else ""
    path = ".".join(owner)
    thing = _thing(network, owner, labels) if owner else None
    held = [] if thing is None else parts(network, thing)
    if thing is not None and wrong in held and depth + 1 < len(names):
        owned = tensors(thing.instance(network).nodes[thing.index])
        kind = "a tensor" if any(tensor.name == wrong for tensor in owned) else "an argument"
        return NoSuchPath(f"`{path}.{wrong}` of {network.name} is {kind}, which holds nothing")
    port = None if owner or len(names) < 2 else _port(network, wrong)
    if port is not None:
        return NoSuchPath(
            f"`{wrong}` of {network.name} is an {port.port}, which holds nothing; "
            f"`{wrong}` alone has its shape"
        )
    if thing is not None and thing.label is not None:
        # What it holds has the names of the first use.
        inner = (*thing.of.split("."), *names[depth:])
        meant = f"; did you mean `{'.'.join(inner)}`?" if _thing(network, inner, labels) else ""
        if meant or not _is_layer(network, thing):
            where = f"`{path}` of {network.name}, a use of `{thing.of}`,"
            return NoSuchPath(f"nothing in {where} has a name of its own{meant}")
    known = [*_below(network, owner, labels), *held]
    if not owner:
        known += [n for n, _ in network.inputs] + [o.name for o in network.outputs]
    known = list(dict.fromkeys(known))
    where = f"`{path}` of {network.name}" if owner else network.name
    match = nearest(wrong, known)
    prefix = "".join(f"{name}." for name in owner)
    text = f"nothing in {where} is called `{wrong}`"
    if match is not None:
        return NoSuchPath(f"{text}; did you mean `{prefix}{match}`?")
    if not known:
        return NoSuchPath(f"{text}: it holds nothing")
    more = ", …" if len(known) > LISTED else ""
    return NoSuchPath(f"{text}; it has {', '.join(known[:LISTED])}{more}")


def _names_at(instance: Instance, base: tuple[str, ...], labels: Labels) -> Iterator[str]:
    """Names one level under a path, of long repeats the first and the last few."""
    yield from names_below(instance, base)
    for label in labels.get(instance, ()):
        if len(label) > len(base) and label[: len(base)] == base:
            yield label[len(base)]
    for node in instance.nodes:
        if not isinstance(node, RepeatNode):
            continue
        for inner in node.body.nodes[node.body.inputs :]:
            path = inner.path
            if len(path) == len(base) + 1 and path[:-1] == base:
                last = path[-1]
                if isinstance(last, Numbered) and len(last.steps) == 1:
                    counts = range(node.count)
                    yield from (last.at((i,)) for i in (*counts[:LISTED], *counts[-1:]))


def _below(network: Network, names: tuple[str, ...], labels: Labels) -> list[str]:
    """Names one level under a path: of layers, blocks, scopes and, in a block, of merges."""
    found = list(_names_at(network.root, names, labels))
    inner: Instance | None = None if names else network.root
    if names:
        thing = _thing(network, names, labels)
        # What a scope ends in may be a block, whose names are its own.
        if thing is not None and thing.scope is None and thing.label is None:
            inner = callee(thing.instance(network).nodes[thing.index])
            if inner is not None and not found:
                found = list(_names_at(inner, (), labels))
    return found if inner is None else [*found, *merge_names(inner)]
