"""What an `init` speaks of: a kind of layer, a block or a label, and whether it reaches weights.

Methods and arguments are left to `initial`, walking to the layers to `graph/initial.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netspec.diagnostics import Remark, help_, note
from netspec.elaborate.common_names import COMMON_NAMES
from netspec.elaborate.frame import Context
from netspec.elaborate.lookup import Lookup, find_layer
from netspec.elaborate.mentions import mentioned, nodes
from netspec.elaborate.program import layer_names
from netspec.elaborate.report import Problem, nearest
from netspec.elaborate.values import UNKNOWN, Layer
from netspec.graph.graph import Instance, OpNode
from netspec.graph.initial import (
    DRAWN,
    Initialisation,
    Target,
    exists,
    reached,
    weight_of,
)
from netspec.graph.walk import instances
from netspec.ops import OPS
from netspec.ops.initialisation import COUNTING
from netspec.ops.spec import OpSpec, no_weights
from netspec.ops.wording import listed
from netspec.record import field, record
from netspec.source import Span
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def target_of(init: tree.Init, context: Context) -> Target:
    """A layer's or block's name where it is one and has no `@` or quotes, else a path."""
    written = init.target
    if written is None:
        return Target()
    path = written.path if isinstance(written, tree.Ref) else written
    if path is None:
        raise Problem(
            "unknown-target",
            "`@` is the current value, not a layer",
            written.span,
            "names no layer",
            [help_("`init conv he` speaks of a kind of layer, `init @label he` of one label")],
        )
    plain = isinstance(written, tree.Path) and len(path.segments) == 1
    if plain and written.span.text[:1] != '"':
        layer = layer_called(context, written.span.text)
        if layer is not None:
            return _kind(layer, written.span)
    segments = Lookup(context, UNKNOWN).segments(path)
    if segments is None:
        raise Problem(
            "unknown-target", "the label is not known here", written.span, "cannot be worked out"
        )
    return Target(path=segments)


def layer_called(context: Context, name: str) -> Layer | None:
    if name in context.environment:
        value = context.environment.lookup(name)
        return value if isinstance(value, Layer) else None
    return find_layer(context, name)


def _kind(layer: Layer, span: Span) -> Target:
    if not isinstance(layer.target, OpSpec):
        if layer.inline:
            raise Problem(
                "unknown-target",
                f"the inline block `{layer.name}` has no layers of its own",
                span,
                "spliced where it is called",
                [help_("give its call a label, and name that: `init label he`")],
            )
        return Target(block=layer.target)
    if layer.target.name == "parameter":
        raise Problem(
            "nothing-to-initialise",
            "a `parameter` says itself where it begins",
            span,
            "no `init` sets it",
            [help_("`parameter dims init=1`")],
        )
    if layer.target.weights is no_weights:
        raise _without_weights(layer.name, span)
    return Target(op=layer.target.name)


def _without_weights(what: str, span: Span) -> Problem:
    with_weights = [op.name for op in OPS.values() if op.weights is not no_weights]
    return Problem(
        "nothing-to-initialise",
        f"`{what}` has no weights",
        span,
        "nothing to initialise",
        [note("layers with weights: " + ", ".join(n for n in with_weights if n != "parameter"))],
    )


# --- what it reaches ------------------------------------------------------------------------------


def check_reach(
    expander: Expander, instance: Instance, one: Initialisation, context: Context
) -> None:
    """Raises Problem where a statement reaches no weights, or such as its method cannot fill.

    What other arguments would give it to reach, here or in a block, is no mistake.
    """
    init, target = one.statement, one.target
    span = init.target.span if init.target is not None else init.method.span
    nodes_reached = [node for _, node, _ in reached(instance, one)]
    for node in nodes_reached:
        _check_fit(one, node, init)
    if nodes_reached:
        return
    if target.path:
        _check_path(expander, instance, target.path, span, context)
        return
    wanted, what = set(DRAWN), "layer with weights"
    if target.block is not None:
        wanted = {target.block.name.id}
        what = f"`{target.block.name.id}`"
        _check_block(expander, instance, target.block, span)
    elif target.op:
        wanted = {target.op}
        what = f"`{target.op}`"
        if target.op in ("conv", "dwconv"):
            wanted = {"conv", "dwconv"}
        _check_affine(instance, target.op, span)
    if _words(expander, instance).names & wanted:
        return
    where = "net" if isinstance(instance.definition, tree.Net) else "block"
    raise Problem(
        "nothing-to-initialise",
        f"the {where} `{instance.name}` has no {what} to initialise",
        span,
        f"reaches no layer of `{instance.name}`",
        [help_("leave it out, or name layers that are there")],
    )


def _check_block(expander: Expander, instance: Instance, block: tree.Block, span: Span) -> None:
    """A block that is called, and holds no weights whatever its arguments."""
    for inner in instances(instance):
        if inner.definition is block and not _words(expander, inner).names & DRAWN:
            raise _without_weights(block.name.id, span)


def _check_affine(instance: Instance, op: str, span: Span) -> None:
    """Norms that are there, and have no scale."""
    varies = instance.definition is None or bool(instance.definition.parameters)
    here = [n for i in instances(instance) for n in i.nodes if isinstance(n, OpNode) and n.op == op]
    if not varies and any(node.attributes.get("affine") is False for node in here):
        raise Problem(
            "nothing-to-initialise",
            f"no `{op}` here has weights",
            span,
            "reaches layers without a scale",
            [
                note(f"the first of these `{op}` is here", here[0].span),
                help_("`affine=true` gives it a scale and a bias for each channel"),
            ],
        )


def _check_fit(one: Initialisation, node: OpNode, init: tree.Init) -> None:
    """Refuse methods that need more of a tensor than it has."""
    weight = weight_of(node)
    assert weight is not None
    name = ".".join(part if isinstance(part, str) else part.prefix for part in node.path)
    what = f"`{name}`" if name and not name.isdigit() else f"this `{node.op}`"
    if (one.method in COUNTING or one.method == "orthogonal") and len(weight.shape) < 2:
        raise Problem(
            "wrong-initialisation",
            f"`{one.method}` is for weights between units, and a `{node.op}` has one for each "
            "channel",
            init.method.span,
            "not for vectors",
            [
                note(f"{what} stands here", node.span),
                help_("`ones`, `zeros`, `constant` or `normal` set a scale"),
            ],
        )
    if one.method == "dirac" and len(weight.shape) < 3:
        raise Problem(
            "wrong-initialisation",
            f"`dirac` makes a convolution hand on its input, and a `{node.op}` has no window",
            init.method.span,
            "for convolutions alone",
            [note(f"{what} stands here", node.span), help_("`init conv dirac`")],
        )


def _check_path(
    expander: Expander,
    instance: Instance,
    path: tuple[str, ...],
    span: Span,
    context: Context,
) -> None:
    """A path that reaches no weights: what it names has none, or there is no such thing."""
    shown = ".".join(path)
    if exists(instance, path):
        found = [n for i in instances(instance) for n in i.nodes if n.path == path]
        if any(isinstance(n, OpNode) and n.op == "parameter" for n in found):
            raise _kind_of_parameter(shown, span)
        raise _without_weights(shown, span)
    words = _words(expander, instance)
    definition = instance.definition
    varies = words.branches or (definition is not None and bool(definition.parameters))
    for depth, name in enumerate(path):
        if exists(instance, path[: depth + 1]):
            continue
        stem = name.rstrip("0123456789")
        counted = stem != name and (not stem or stem in words.names)
        if not (varies and (counted or any(label.fullmatch(name) for label in words.labels))):
            break
    else:
        return  # for other arguments it is there
    siblings = {
        part
        for i in instances(instance)
        for n in i.nodes
        for part in n.path
        if isinstance(part, str) and not part.isdigit()
    }
    literal = {label.pattern for label in words.labels if label.pattern.isidentifier()}
    candidates = {*siblings, *literal, *layer_names(context.module)}
    if depth:
        candidates = {c for c in candidates if exists(instance, (*path[:depth], c))}
    match = nearest(name, candidates)
    if len(path) == 1 and name.lower() in COMMON_NAMES:
        match = COMMON_NAMES[name.lower()]
    remarks: list[Remark] = []
    if match:
        remarks.append(help_(f"did you mean `{match}`?"))
    elif siblings and not depth:
        remarks.append(note("labels here: " + listed(sorted(siblings)[:12])))
    raise Problem(
        "unknown-target",
        f"nothing in `{'.'.join(path[:depth]) or instance.name}` is called `{name}`",
        span,
        "not a layer, a block or a label",
        remarks,
    )


def _kind_of_parameter(name: str, span: Span) -> Problem:
    return Problem(
        "nothing-to-initialise",
        f"the parameter `{name}` says itself where it begins",
        span,
        "no `init` sets it",
        [help_(f"`{name}: parameter dims init=1`")],
    )


@record(frozen=False)
class _Words:
    """What stands in all text that an instance could be made of, untaken branches included.

    A label is a pattern: what stands in its braces may come to anything. `branches` says that some
    `if` decides.
    """

    names: set[str] = field(default_factory=set)
    labels: set[re.Pattern[str]] = field(default_factory=set)
    branches: bool = False


def _words(expander: Expander, instance: Instance) -> _Words:
    found = _Words()
    definitions: list[tree.Block | tree.Net] = []
    bound: list[object] = []
    for part in instances(instance):
        if part.definition is not None:
            definitions.append(part.definition)
        bound.extend(part.bindings.values())
    while bound:
        value = bound.pop()
        if isinstance(value, tuple):
            bound.extend(value)
        elif isinstance(value, Layer):
            found.names.add(value.name)
            if isinstance(value.target, tree.Block):
                definitions.append(value.target)
    seen: set[tree.Tree] = set()
    while definitions:
        definition = definitions.pop()
        if definition in seen:
            continue
        seen.add(definition)
        here = set(mentioned(definition))
        found.names |= here
        blocks = expander.program.home[definition].blocks
        definitions.extend(block for name, block in blocks.items() if name in here)
        for node in nodes(definition):
            if isinstance(node, tree.Labelled):
                found.labels.update(map(_pattern, node.label.segments))
            found.branches = found.branches or isinstance(node, tree.If)
    return found


def _pattern(label: tree.Template) -> re.Pattern[str]:
    parts = (re.escape(part) if isinstance(part, str) else ".+" for part in label.parts)
    return re.compile("".join(parts))
