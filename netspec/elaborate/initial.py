"""`init` statements: their methods and arguments where they stand, their targets at the end.

Which layers a target reaches is left to `graph/initial.py`; what the numbers do to the training of
the whole network to `analysis/symmetry.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netspec.diagnostics import Remark, Severity, help_, note
from netspec.elaborate.bind import bind_op
from netspec.elaborate.common_names import COMMON_NAMES
from netspec.elaborate.frame import Context, Frame, Waiting
from netspec.elaborate.lookup import Lookup, find_layer
from netspec.elaborate.mentions import mentioned, nodes
from netspec.elaborate.program import layer_names
from netspec.elaborate.report import Problem, nearest
from netspec.elaborate.values import UNKNOWN, Flow, Layer
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
from netspec.ops.initialisation import COMMON_METHODS, COUNTING, METHODS
from netspec.ops.spec import OpSpec, no_weights
from netspec.ops.wording import listed
from netspec.source import Span
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def statement(expander: Expander, init: tree.Init, context: Context, flow: Flow) -> None:
    """Bind the arguments of an `init`; what it speaks of is known when the block is complete."""
    _check_place(expander, init, context)
    method = METHODS.get(init.method.id)
    first = init.target.span.text if init.target is not None else ""
    if method is None or first in METHODS:
        raise _not_a_method(init, first, context)
    bound = bind_op(
        expander.reporter, method, init.method.span, init.arguments, init.keywords, context, flow
    )
    if bound.complete and not expander.static:
        context.frame.inits.append(Waiting(init, bound.values, context))


def _check_place(expander: Expander, init: tree.Init, context: Context) -> None:
    """An `init` speaks for a whole net or block, so it stands in no braces within one."""
    word = init.span.file.span(init.span.start, init.span.start + len("init"))
    definition = context.frame.instance.definition
    inner = expander.active[-1] if expander.active else None
    for one in (definition, inner):
        if isinstance(one, tree.Block) and one.inline and init in one.body.statements:
            raise Problem(
                "misplaced-init",
                f"`init` stands in the inline block `{one.name.id}`",
                word,
                "has no net or block of its own to speak for",
                [
                    note("an inline block is spliced where it is called, and has no layers itself"),
                    help_(f"`block {one.name.id}` without `inline` may say how its layers begin"),
                    help_("a net or block that calls it may: `init label he`"),
                ],
            )
    if definition is None or init not in definition.body.statements:
        raise Problem(
            "misplaced-init",
            "`init` stands in braces within a net or block",
            word,
            "would not end with these braces",
            [
                help_("write it at the top of the net or block, for all of its layers"),
                help_("`label: { … }` names these braces, and `init label he` their layers"),
            ],
        )


def _not_a_method(init: tree.Init, first: str, context: Context) -> Problem:
    """For `init kaiming`, and where two words are not a target and a method."""
    name, span = init.method.id, init.method.span
    remarks: list[Remark] = []
    if first in METHODS:
        # A label of that name is written `@he`.
        parameter = METHODS[first].parameters[0]
        if name in parameter.choices or (parameter.required and name not in METHODS):
            remarks.append(help_(f"arguments have names: `init {first} {parameter.name}={name}`"))
        elif name in METHODS:
            remarks.append(help_(f"for a layer called `{first}`: `init @{first} {name}`"))
        else:
            remarks.append(help_(f"the layers come first: `init {name} {first}`"))
    else:
        before = f"{first} " if first else ""
        match = COMMON_METHODS.get(name.lower()) or nearest(name, METHODS)
        kind = name.lower().rpartition("_")[2]
        if match:
            more = f" distribution={kind}" if match in COUNTING and kind != name.lower() else ""
            remarks.append(help_(f"did you mean `init {before}{match}{more}`?"))
        elif not first and _layer(context, name) is not None:
            remarks.append(help_(f"`init {name} he` speaks of `{name}`"))
    remarks.append(note("the methods: " + ", ".join(METHODS)))
    if first in METHODS and name in METHODS:
        message, label = f"`{first}` and `{name}` are two methods", "the second method"
    else:
        message, label = f"there is no initialisation `{name}`", "not a method"
    return Problem("unknown-initialisation", message, span, label, remarks)


# --- when the block is complete -------------------------------------------------------------------


def settle(expander: Expander, frame: Frame, mark: int) -> None:
    """Find out what the statements of an instance speak of; reports those that reach nothing.

    Where something else went wrong since `mark`, layers may be missing, and nothing is said.
    """
    reporter = expander.reporter
    others = [key for key in reporter.log[mark:] if key not in expander.initial_mistakes]
    if any(reporter.found[key].severity is Severity.ERROR for key in others):
        return
    before = len(reporter.log)
    found: list[Initialisation] = []
    for waiting in frame.inits:
        try:
            one = _settled(waiting)
            _check_reach(expander, frame.instance, one, waiting.context)
            found.append(one)
        except Problem as problem:
            reporter.problem(problem)
    expander.initial_mistakes.update(reporter.log[before:])
    frame.instance.inits = tuple(found)


def _settled(waiting: Waiting) -> Initialisation:
    init = waiting.statement
    method = METHODS[init.method.id]
    settings: list[tuple[str, float | str]] = []
    for parameter in method.parameters[:-1]:
        value = waiting.values[parameter.name]
        assert isinstance(value, int | float | str)
        settings.append((parameter.name, value if isinstance(value, str) else float(value)))
    bias = waiting.values["bias"]
    assert isinstance(bias, int | float)
    target = _target(init, waiting.context)
    return Initialisation(init, target, method.name, tuple(settings), float(bias))


def _target(init: tree.Init, context: Context) -> Target:
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
        layer = _layer(context, written.span.text)
        if layer is not None:
            return _kind(layer, written.span)
    segments = Lookup(context, UNKNOWN).segments(path)
    if segments is None:
        raise Problem(
            "unknown-target", "the label is not known here", written.span, "cannot be worked out"
        )
    return Target(path=segments)


def _layer(context: Context, name: str) -> Layer | None:
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


def _check_reach(
    expander: Expander, instance: Instance, one: Initialisation, context: Context
) -> None:
    init, target = one.statement, one.target
    span = init.target.span if init.target is not None else init.method.span
    some = False
    for _, node, _ in reached(instance, one):
        some = True
        _check_fit(one, node, init)
    if some:
        return
    if target.path:
        _check_path(expander, instance, target.path, span, context)
        return
    names, _ = _words(expander, instance)
    if target.block is not None:
        wanted, what = {target.block.name.id}, f"`{target.block.name.id}`"
        if target.block.name.id in names and not any(
            i.definition is target.block for i in instances(instance)
        ):
            return  # in a branch that is not taken here
        some = any(
            isinstance(node, OpNode) and node.op in DRAWN
            for i in instances(instance)
            if i.definition is target.block
            for part in instances(i)
            for node in part.nodes
        )
        if target.block.name.id in names and not some:
            raise _without_weights(target.block.name.id, span)
    elif target.op:
        wanted, what = {target.op}, f"`{target.op}`"
        wanted |= {"dwconv"} if target.op == "conv" else set()
        wanted |= {"conv"} if target.op == "dwconv" else set()
    else:
        wanted, what = set(DRAWN), "layer with weights"
    if names & wanted:
        return  # for other arguments it is there
    where = "net" if isinstance(instance.definition, tree.Net) else "block"
    raise Problem(
        "nothing-to-initialise",
        f"the {where} `{instance.name}` has no {what} to initialise",
        span,
        f"reaches no layer of `{instance.name}`",
        [help_("leave it out, or name layers that are there")],
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
    names, labels = _words(expander, instance)
    definition = instance.definition
    varies = definition is not None and (
        bool(definition.parameters) or any(isinstance(n, tree.If) for n in nodes(definition))
    )
    for depth, name in enumerate(path):
        if exists(instance, path[: depth + 1]):
            continue
        stem = name.rstrip("0123456789")
        counted = varies and stem != name and (not stem or stem in names)
        if not counted and not any(label.fullmatch(name) for label in labels):
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
    literal = {label.pattern for label in labels if label.pattern.isidentifier()}
    match = nearest(name, {*siblings, *literal, *layer_names(context.module)})
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


def _words(expander: Expander, instance: Instance) -> tuple[set[str], set[re.Pattern[str]]]:
    """Names and labels in all text that the instance could be made of, untaken branches included.

    A label is a pattern: what stands in its braces may come to anything.
    """
    definitions: list[tree.Block | tree.Net] = []
    bound: list[object] = []
    for part in instances(instance):
        if part.definition is not None:
            definitions.append(part.definition)
        bound.extend(part.bindings.values())
    names: set[str] = set()
    while bound:
        value = bound.pop()
        if isinstance(value, tuple):
            bound.extend(value)
        elif isinstance(value, Layer):
            names.add(value.name)
            if isinstance(value.target, tree.Block):
                definitions.append(value.target)
    labels: set[re.Pattern[str]] = set()
    seen: set[tree.Tree] = set()
    while definitions:
        definition = definitions.pop()
        if definition in seen:
            continue
        seen.add(definition)
        here = set(mentioned(definition))
        names |= here
        blocks = expander.program.home[definition].blocks
        definitions.extend(block for name, block in blocks.items() if name in here)
        for node in nodes(definition):
            if isinstance(node, tree.Labelled):
                labels.update(map(_pattern, node.label.segments))
    return names, labels


def _pattern(label: tree.Template) -> re.Pattern[str]:
    parts = (re.escape(part) if isinstance(part, str) else ".+" for part in label.parts)
    return re.compile("".join(parts))
