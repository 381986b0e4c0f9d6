"""Checks what every network must hold, whoever built it: used by tests, and where nets are read.

What a layer makes of its input is left to `ops`: here a layer's shape is taken as stated.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.graph.graph import (
    CallNode,
    Instance,
    Network,
    Node,
    Numbered,
    OpNode,
    RepeatNode,
    TapNode,
)
from netspec.graph.shape import Shape
from netspec.graph.walk import callee, flatten

#: Networks of more layers are not expanded to look at their names.
EXPANDED = 100_000


def problems(network: Network) -> list[str]:
    """What is wrong with the network, each in a line; empty where all invariants hold.

    Indices point at earlier nodes; calls, repeats and taps agree with what they reach in number,
    shape and iteration; a repeat's body gives back the shape that it takes; shared weights fit;
    sizes are multiplied out right; outputs exist; and names are unique in the expanded network.
    """
    order = _callees_first(network.root)
    if order is None:
        return [f"{network.name}: an instance calls itself"]
    found = [line for instance in order for line in _instance(instance)]
    found += _outputs(network)
    if not found:
        found += _depths(network.root)
    if not found and network.root.size <= EXPANDED:
        found += _names(network)
    return found


def _callees_first(root: Instance) -> list[Instance] | None:
    """Every instance once, callees before callers; None where a call leads back to its caller."""
    order: list[Instance] = []
    state: dict[Instance, bool] = {}  # True once done
    stack: list[tuple[Instance, bool]] = [(root, False)]
    while stack:
        instance, leaving = stack.pop()
        if leaving:
            state[instance] = True
            order.append(instance)
        elif instance not in state:
            state[instance] = False
            stack.append((instance, True))
            for inner in map(callee, instance.nodes):
                if inner is not None and not state.get(inner, False):
                    if inner in state:
                        return None
                    stack.append((inner, False))
        elif not state[instance]:
            return None
    return order


def _instance(instance: Instance) -> Iterator[str]:
    nodes = instance.nodes
    for index in range(instance.inputs):
        node = nodes[index] if index < len(nodes) else None
        if not isinstance(node, OpNode) or node.op != "input":
            yield f"{instance.name}[{index}]: one of {instance.inputs} inputs, yet no input node"
    if not 0 <= instance.result < len(nodes):
        yield f"{instance.name}: its result {instance.result} is not one of {len(nodes)} nodes"
    for index, node in enumerate(nodes):
        where = f"{instance.name}[{index}]"
        if any(not 0 <= i < index for i in node.inputs):
            yield f"{where}: reads {node.inputs}, not all of them earlier"
            continue
        yield from (f"{where}: {text}" for text in _shared(instance, index, node))
        if isinstance(node, OpNode):
            yield from (f"{where}: {text}" for text in _op(node))
        elif isinstance(node, CallNode):
            yield from (f"{where}: {text}" for text in _call(instance, node, node.instance))
        elif isinstance(node, RepeatNode):
            yield from (f"{where}: {text}" for text in _call(instance, node, node.body))
            yield from (f"{where}: {text}" for text in _repeat(node))
        elif isinstance(node, TapNode):
            yield from (f"{where}: {text}" for text in _tap(instance, index, node))
    size = sum(map(_size, nodes))
    if instance.size != size:
        yield f"{instance.name}: states {instance.size} layers and has {size}"


def _size(node: Node) -> int:
    if isinstance(node, CallNode):
        return node.instance.size
    if isinstance(node, RepeatNode):
        return node.count * node.body.size
    return int(isinstance(node, OpNode) and node.op != "input")


def _op(node: OpNode) -> Iterator[str]:
    if node.op == "input" and node.inputs:
        yield "an input that reads other values"
    if node.weights and not node.path:
        yield f"`{node.op}` has weights and no path"
    names = [weight.name for weight in node.weights]
    if len(set(names)) < len(names):
        yield f"`{node.op}` has two weights of one name: {names}"
    for weight in node.weights:
        if any(dim < 1 for dim in weight.shape):
            yield f"`{node.op}` has a weight {weight.name} of shape {weight.shape}"
    yield from _positive(node.shape)


def _positive(shape: Shape) -> Iterator[str]:
    if len(shape.dims) != len(shape.axes):
        yield f"{len(shape.axes)} names for the {len(shape.dims)} axes of {shape}"
    if any(isinstance(dim, int) and dim < 1 for dim in shape.dims):
        yield f"a size below 1 in {shape}"


def _call(instance: Instance, node: Node, inner: Instance) -> Iterator[str]:
    if len(node.inputs) != inner.inputs:
        yield f"gives {len(node.inputs)} values to {inner.name}, which takes {inner.inputs}"
        return
    for place, index in enumerate(node.inputs):
        given, taken = instance.nodes[index].shape, inner.nodes[place].shape
        if given != taken:
            yield f"gives {given} to {inner.name} as input {place}, which takes {taken}"
    if 0 <= inner.result < len(inner.nodes) and node.shape != inner.shape:
        yield f"is stated as {node.shape}, and {inner.name} gives {inner.shape}"


def _repeat(node: RepeatNode) -> Iterator[str]:
    body = node.body
    if node.count < 0:
        yield f"repeats {node.count} times"
    if not body.inputs:
        yield "a repeat whose body takes nothing"
    elif body.nodes[0].shape != body.shape:
        yield f"its body takes {body.nodes[0].shape} and gives {body.shape}"


def _tap(instance: Instance, index: int, node: TapNode) -> Iterator[str]:
    reached, limit = instance, index
    for at, iteration in node.steps:
        step = reached.nodes[at] if 0 <= at < limit else None
        inner = callee(step) if step is not None else None
        if step is None or inner is None:
            yield f"taps node {at} of {reached.name}, which is no earlier call or repeat"
            return
        count = step.count if isinstance(step, RepeatNode) else 1
        if not 0 <= iteration < count:
            yield f"taps iteration {iteration} of {count} of {inner.name}"
            return
        reached, limit = inner, len(inner.nodes)
    if not node.steps:
        yield "a tap without steps"
    elif not 0 <= node.value < len(reached.nodes):
        yield f"taps value {node.value} of {reached.name}, which has {len(reached.nodes)} nodes"
    elif reached.nodes[node.value].shape != node.shape:
        yield f"is stated as {node.shape}, and taps {reached.nodes[node.value].shape}"


def _shared(instance: Instance, index: int, node: Node) -> Iterator[str]:
    if node.shares is None:
        return
    if not 0 <= node.shares < index:
        yield f"shares the weights of node {node.shares}, which is not earlier"
        return
    first = instance.nodes[node.shares]
    if type(first) is not type(node) or first.path != node.path:
        yield f"shares the weights of node {node.shares}, which is another layer"
    elif isinstance(node, OpNode) and isinstance(first, OpNode):
        shapes = [(w.name, w.shape) for w in node.weights]
        if shapes != [(w.name, w.shape) for w in first.weights]:
            yield f"shares the weights of node {node.shares}, and would need others"


def _outputs(network: Network) -> Iterator[str]:
    outputs, nodes = network.outputs, network.root.nodes
    if not outputs or outputs[0].name != "out" or outputs[0].value != network.root.result:
        yield f"{network.name}: its first output is not its last value, named out"
    names = [output.name for output in outputs]
    if len(set(names)) < len(names):
        yield f"{network.name}: two outputs of one name: {names}"
    for output in outputs:
        if not 0 <= output.value < len(nodes):
            yield f"{network.name}: output {output.name} is value {output.value}, which is none"
    stated = [name for name, _ in network.inputs]
    if len(set(stated)) < len(stated):
        yield f"{network.name}: two inputs of one name: {stated}"
    for name, index in network.inputs:
        node = nodes[index] if 0 <= index < len(nodes) else None
        if not isinstance(node, OpNode) or node.op != "input":
            yield f"{network.name}: input {name} is value {index}, which is no input"


def _depths(root: Instance) -> Iterator[str]:
    """A numbered name counts one step for each repeat around it, up to the nearest call."""
    seen: set[tuple[Instance, int]] = set()
    todo = [(root, 0)]
    while todo:
        instance, depth = todo.pop()
        if (instance, depth) in seen:
            continue
        seen.add((instance, depth))
        for index, node in enumerate(instance.nodes):
            for part in node.path:
                if isinstance(part, Numbered) and len(part.steps) != depth:
                    yield (
                        f"{instance.name}[{index}]: its number counts {len(part.steps)} repeats, "
                        f"and {depth} are around it"
                    )
            if isinstance(node, CallNode):
                todo.append((node.instance, 0))
            elif isinstance(node, RepeatNode):
                todo.append((node.body, depth + 1))


def _names(network: Network) -> Iterator[str]:
    """Paths and parameter names of the expanded network are unique, those shared exist."""
    paths: set[str] = set()
    weights: set[str] = set()
    for layer in flatten(network).nodes:
        if layer.shares is not None and layer.shares not in paths:
            yield f"{network.name}: {layer.shares} is shared before it is made"
        if not layer.path:
            continue
        if layer.path in paths:
            yield f"{network.name}: two layers named {layer.path}"
        paths.add(layer.path)
        for weight in layer.node.weights:
            name = f"{layer.path}.{weight.name}" if weight.name else layer.path
            if name in weights:
                yield f"{network.name}: two parameters named {name}"
            weights.add(name)
