"""What leads nowhere: outputs that no input reaches, layers that no output needs."""

from __future__ import annotations

from netspec.diagnostics import help_, note
from netspec.elaborate.report import Reporter
from netspec.graph.graph import Instance, Network, OpNode, TapNode
from netspec.graph.walk import instances


def check(network: Network, reporter: Reporter) -> None:
    """Report unreachable outputs (errors) and layers without effect (warnings)."""
    root = network.root
    if not network.inputs:
        return
    reached = _reached(root)
    for output in network.outputs:
        if output.value not in reached:
            reporter.report(
                "unreachable-output",
                f"no input reaches the output `{output.name}`",
                output.span,
                "the same whatever comes in",
                [note("it rests on learned parameters alone")],
            )
    tapped = any(isinstance(n, TapNode) for i in instances(root) for n in i.nodes)
    for instance in instances(root):
        # A value inside a block may be reached by a reference from outside: then blocks are let be.
        if instance is root or not tapped:
            _unused(instance, instance is root, reporter)


def _reached(root: Instance) -> set[int]:
    """Values that depend on some input of the net."""
    found: set[int] = set()
    for index, node in enumerate(root.nodes):
        entering = isinstance(node, OpNode) and node.op == "input"
        if entering or any(i in found for i in node.inputs):
            found.add(index)
    return found


def _unused(instance: Instance, root: bool, reporter: Reporter) -> None:
    used = {instance.result, *[output.value for output in instance.outputs]}
    for node in instance.nodes:
        used.update(node.inputs)
    for index, node in enumerate(instance.nodes):
        if index in used:
            continue
        if isinstance(node, OpNode) and node.op == "input":
            if root:
                reporter.warn(
                    "unused-input",
                    f"nothing uses the input `{node.attributes['name']}`",
                    node.span,
                    "reaches no output",
                    help_(f"`@{node.attributes['name']}` yields it"),
                )
            continue
        if isinstance(node, TapNode):
            continue
        reporter.warn(
            "unused-value",
            "a value that no output needs",
            instance.shared.get(node, node.span),
            "computed, and then left",
            help_("`output` or a reference makes use of it; otherwise it can go"),
        )
