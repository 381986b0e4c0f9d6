"""Calls of blocks: spliced where inline, otherwise an instance that equal calls share."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from netspec import limits
from netspec.diagnostics import help_, note
from netspec.elaborate import initial
from netspec.elaborate.bind import bind_block, missing_argument, signature_of
from netspec.elaborate.frame import Context, Frame
from netspec.elaborate.mentions import mentioned
from netspec.elaborate.report import Abort, CallSite, Problem, circle, through
from netspec.elaborate.scope import Environment, NameScope, Text
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Layer, Unknown, key_of
from netspec.graph.graph import CallNode, Instance, OpNode, RepeatNode
from netspec.source import Span
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def call_block(
    expander: Expander,
    layer: Layer,
    block: tree.Block,
    call: tree.Apply,
    context: Context,
    flow: Flow,
    label: str | None,
) -> Flow:
    expander.need_input(flow, context, call.span)
    presets = context.defaults.get(layer, {}) if context.defaults else {}
    given = bind_block(expander.reporter, block, layer.name, call, context, flow, presets)
    if given is not None:
        for parameter in block.parameters:
            if parameter.default is None and parameter.name.id not in given:
                expander.reporter.problem(
                    missing_argument(
                        layer.name, parameter.name.id, signature_of(layer), call.layer.span
                    )
                )
                given = None
                break
    if expander.static:
        if block.inline:
            context.scope.uncertain = True
        return UNKNOWN
    if given is None:
        if block.inline:
            context.scope.uncertain = True
        return UNKNOWN
    if block in expander.active:
        chain = [b.name.id for b in expander.active[expander.active.index(block) :]]
        raise Problem(
            "recursive-block",
            f"`{layer.name}` calls itself{through(chain)}",
            call.layer.span,
            "this call never ends",
            [note(circle(chain)), help_("`repeat` applies a block many times")],
        )
    if len(expander.active) >= limits.CALL_DEPTH:
        raise Problem(
            "calls-too-deep",
            f"blocks call each other more than {limits.CALL_DEPTH} deep",
            call.layer.span,
            "netspec stops here",
            [help_("`repeat` applies a block many times")],
        )
    if block.inline:
        return _splice(expander, layer, block, call, context, flow, given)
    if isinstance(flow, Unknown):
        return UNKNOWN
    return _call(expander, layer, block, call, context, flow, given, label)


def site(expander: Expander, call: tree.Apply, context: Context, flow: Flow, name: str) -> CallSite:
    shape = flow.shape if isinstance(flow, Handle) else None
    return CallSite(call.span, partial(context.path, name), shape)


def _splice(
    expander: Expander,
    layer: Layer,
    block: tree.Block,
    call: tree.Apply,
    context: Context,
    flow: Flow,
    given: dict[str, object],
) -> Flow:
    """An inline block: its statements here, with its own names but the caller's labels."""
    expander.reporter.calls.append(site(expander, call, context, flow, ""))
    expander.active.append(block)
    try:
        inside = context.inlined(expander.program.home[block], flow)
        if expander.watch is not None:
            expander.watch.spliced(inside, layer, block, call, context, flow)
        bind_parameters(expander, block, given, inside, flow)
        start = len(context.frame.nodes)
        result = expander.sequence(block.body.statements, inside, flow)
        if call.layer.id != block.name.id:
            for node in context.frame.nodes[start:]:
                node.via = (call, *node.via)
        return result
    finally:
        expander.active.pop()
        expander.reporter.calls.pop()


def bind_parameters(
    expander: Expander,
    definition: tree.Block | tree.Net,
    given: dict[str, object],
    context: Context,
    flow: Flow,
) -> dict[str, object]:
    """Bind what a call gives, and the defaults of the rest, which may read the others."""
    bound: dict[str, object] = {}
    for parameter in definition.parameters:
        name = parameter.name.id
        if name in given:
            bound[name] = given[name]
            context.environment.bind(name, given[name], parameter.name.span)
    waiting = [p for p in definition.parameters if p.name.id not in bound]
    while waiting:
        parameter = waiting[0] if len(waiting) == 1 else _next_default(waiting)
        waiting.remove(parameter)
        name = parameter.name.id
        value: object = UNKNOWN
        if parameter.default is not None:
            value = expander.attempt(parameter.default, context, flow)
        bound[name] = value
        context.environment.bind(name, value, parameter.name.span)
    return {p.name.id: bound[p.name.id] for p in definition.parameters}


def _call(
    expander: Expander,
    layer: Layer,
    block: tree.Block,
    call: tree.Apply,
    context: Context,
    flow: Handle,
    given: dict[str, object],
    label: str | None,
) -> Flow:
    arguments = [key_of(given[p.name.id]) if p.name.id in given else p for p in block.parameters]
    key: object = (block, flow.shape, tuple(arguments))
    name = label
    if expander.settings is not None:
        name = name or context.scope.upcoming(layer.name)
        ahead = expander.settings.ahead((*context.frame.prefix, *context.scope.path, name))
        key = (key, ahead) if ahead else key
    memo = expander.symbolic_memo if expander.conditions.recording else expander.memo
    if expander.conditions.apart is not None:
        key = (key, expander.conditions.apart)
    if key in memo:
        instance, mistakes = memo[key]
        expander.reporter.again(mistakes)
    else:
        name = name if name is not None else context.scope.provisional(layer.name)
        mark = len(expander.reporter.log)
        expander.reporter.calls.append(site(expander, call, context, flow, name))
        expander.active.append(block)
        try:
            prefix = (*context.frame.prefix, *context.scope.path, *name.split("."))
            instance = _instance(expander, layer, block, given, flow, prefix)
        finally:
            expander.active.pop()
            expander.reporter.calls.pop()
        memo[key] = (instance, tuple(dict.fromkeys(expander.reporter.log[mark:])))
    if instance is None:
        return UNKNOWN
    handles: list[Handle] = []
    _handles_in([given[p.name.id] for p in block.parameters if p.name.id in given], handles)
    node = CallNode(
        inputs=(flow.index, *(handle.index for handle in handles)),
        shape=instance.shape,
        span=call.span,
        statement=call,
        instance=instance,
    )
    expander.place(node, layer.name, context, label)
    value = expander.append(node, context)
    if expander.watch is not None:
        expander.watch.called(value, layer, call, context, flow)
    return value


def _instance(
    expander: Expander,
    layer: Layer,
    block: tree.Block,
    given: dict[str, object],
    flow: Handle,
    prefix: tuple[str, ...],
) -> Instance | None:
    """A block elaborated for these arguments and shapes; None if a mistake prevents it."""
    home = expander.program.home[block]
    mark = len(expander.reporter.log)
    instance = Instance(layer.name, block, {}, 1, file=home.file.source)
    frame = Frame(instance, prefix, expander.conditions)
    frame.entry = frame.add_input("in", flow.shape, block.name.span)
    inner = {
        p.name.id: _passed(expander, frame, given[p.name.id], p.name)
        for p in block.parameters
        if p.name.id in given
    }
    instance.inputs = len(frame.nodes)
    context = Context(frame, home, Environment(), NameScope((), Text(), None), {})
    if expander.watch is not None:
        expander.watch.entered(context, instance)
    instance.bindings = bind_parameters(expander, block, inner, context, frame.entry)
    text = expander.text_of(block.body.statements, context)
    scope = NameScope((), text, None)
    context = context.within(scope)
    result = expander.sequence(block.body.statements, context, frame.entry)
    scope.close()
    if isinstance(result, Unknown):
        return None
    instance.result = result.index
    initial.settle(expander, frame, mark)
    measure(
        expander,
        instance,
        block.name.span,
    )
    return instance


def _passed(expander: Expander, frame: Frame, value: object, name: tree.Name) -> object:
    """An argument as the callee sees it: values of the caller become its inputs."""
    if isinstance(value, Handle):
        return frame.add_input(name.id, value.shape, name.span)
    if isinstance(value, tuple):
        return tuple(_passed(expander, frame, item, name) for item in value)
    return value


def measure(expander: Expander, instance: Instance, span: Span) -> None:
    """Set how many layers an instance expands to, multiplied and never run."""
    total = 0
    for node in instance.nodes[instance.inputs :]:
        if isinstance(node, CallNode):
            total += node.instance.size
        elif isinstance(node, RepeatNode):
            total += node.count * node.body.size
        elif isinstance(node, OpNode) and node.op != "input":
            total += 1
    instance.size = total
    if total > limits.INSTANCES:
        expander.reporter.report(
            "too-many-layers",
            f"`{instance.name}` expands to more than {limits.INSTANCES:,} layers",
            span,
            f"{_rough(total)} layers",
        )
        raise Abort


def _next_default(waiting: list[tree.Parameter]) -> tree.Parameter:
    """One whose default reads none of the others that wait; the first where they go in a circle."""
    names = {parameter.name.id for parameter in waiting}
    for parameter in waiting:
        default = parameter.default
        # Most defaults are a number or a word that names no parameter: no walk for those.
        if default is None or isinstance(default, (tree.Number, tree.Bool, tree.Nothing)):
            return parameter
        if isinstance(default, tree.Name):
            if default.id not in names:
                return parameter
            continue
        if names.isdisjoint(mentioned(default)):
            return parameter
    return waiting[0]


def _handles_in(values: Iterable[object], found: list[Handle]) -> None:
    """The values of the network among arguments, in order: the callee's further inputs."""
    for value in values:
        if isinstance(value, Handle):
            found.append(value)
        elif isinstance(value, tuple):
            _handles_in(value, found)


def _rough(number: int) -> str:
    return f"about 10^{len(str(number)) - 1}" if number >= 10**6 else f"{number:,}"
