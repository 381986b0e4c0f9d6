"""Labels: what a labelled statement is called, and the scopes that labels open.

How waiting names are counted is left to `scope`, what a label refers to to `lookup`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.diagnostics import help_, note
from netspec.elaborate import annotation, ports
from netspec.elaborate.frame import Context
from netspec.elaborate.layers import layer_of
from netspec.elaborate.lookup import Lookup
from netspec.elaborate.report import Problem
from netspec.elaborate.scope import Entry, NameScope, Text
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Unknown
from netspec.graph.graph import Scope
from netspec.source import Span
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def statement(expander: Expander, outer: tree.Labelled, context: Context, flow: Flow) -> Flow:
    """`label: statement`: the value of the statement, which bears the label from now on."""
    inner, label = outer.statement, outer.label
    annotated: list[tree.Annotated] = []
    while isinstance(inner, tree.Annotated):
        annotated.append(inner)
        inner = inner.statement
    if type(inner) in _NAMELESS:
        word = {tree.Let: "let", tree.Default: "default", tree.Init: "init"}.get(
            type(inner), "assert"
        )
        expander.reporter.report(
            "misplaced-label",
            f"a `{word}` takes no label",
            label.span,
            f"`{word}` yields nothing that could be named",
        )
        return expander.statement(inner, context, flow)
    segments = Lookup(context, flow).segments(label)
    context.frame.labels += 1
    if segments is None:
        context.scope.uncertain = True
        aside = context.within(NameScope(context.scope.path, Text(labelled=True), context.scope))
        return labelled(expander, f"?{label.span.start}", inner, aside, flow, label.span)
    check_name(segments, label)
    for segment in segments[:-1]:
        context = context.within(_entered(segment, context, label))
    result = labelled(expander, segments[-1], inner, context, flow, label.span)
    for one in reversed(annotated):
        annotation.check(expander, one, context, result)
    return result


#: Statements that yield nothing which a label could name.
_NAMELESS = (tree.Let, tree.Default, tree.Init, tree.Assert)


def check_name(segments: tuple[str, ...], label: tree.Path) -> None:
    """Refuse names that no backend could keep."""
    for segment in segments:
        if segment.isidentifier() and segment.isascii():
            continue
        plain = segment.replace("-", "_")
        if not (plain.isascii() and plain.replace("_", "a").isalnum()):
            raise Problem(
                "wrong-label",
                f"`{segment}` cannot be a name",
                label.span,
                "names hold letters, digits, `_` and `-`",
            )


def _entered(segment: str, context: Context, label: tree.Path) -> NameScope:
    """The scope that a dotted label enters, made by the first one."""
    entry = context.scope.entries.get(segment)
    if entry is None:
        scope = context.scope.child(segment, Text(labelled=True))
        context.scope.entries[segment] = Entry(UNKNOWN, label.span, scope.path, scope)
        context.frame.instance.scopes[scope.path] = Scope("labels", label.span)
        return scope
    if entry.scope is None:
        raise Problem(
            "duplicate-label",
            f"`{segment}` is one layer, and holds no other names",
            label.span,
            f"enters `{segment}` as a scope",
            [note(f"`{segment}` is here", entry.span)],
        )
    return entry.scope


def labelled(
    expander: Expander, name: str, inner: tree.Statement, context: Context, flow: Flow, span: Span
) -> Flow:
    """A statement under a name of the current scope."""
    scope = context.scope
    earlier = scope.entries.get(name)
    if earlier is not None and not expander.static:
        _duplicate(name, earlier, span, context)
    entry = Entry(None, span, (*scope.path, name))
    scope.entries[name] = entry
    start = len(context.frame.nodes)
    if expander.program.shares and not isinstance(inner, (tree.Input, tree.Yield, tree.Share)):
        entry.again = _again(expander, name, inner, context, span)
    result: Flow = UNKNOWN
    try:
        if isinstance(inner, tree.Output):
            result = ports.output(expander, inner, context, flow, name, span, entry)
        elif isinstance(inner, tree.Input):
            result = ports.add_input(expander, inner, context, name, span)
        elif isinstance(inner, (tree.Yield, tree.Share)):
            result = expander.statement(inner, context, flow)
        else:
            result = under(expander, name, inner, context, flow, span, entry)
    finally:
        if entry.value is None:
            entry.value = result
        entry.nodes = (start, len(context.frame.nodes))
    return result


def _again(
    expander: Expander, name: str, inner: tree.Statement, context: Context, span: Span
) -> Callable[[Flow, NameScope], Flow]:
    """Elaborates a labelled statement once more, for `share`."""
    branch: tree.Statement = inner.statement if isinstance(inner, tree.Output) else inner
    while isinstance(branch, tree.Annotated):
        branch = branch.statement
    # Later `default` statements of the same braces say nothing of what stands before them.
    at_label = context.inner()

    def again(value: Flow, into: NameScope) -> Flow:
        return under(expander, name, branch, at_label.within(into).inner(), value, span, None)

    return again


def _duplicate(name: str, earlier: Entry, span: Span, context: Context) -> None:
    if earlier.span == span:
        helps = [help_(f"in a repeat, count: `repeat n as i {{ {name}{{i}}: … }}`")]
    else:
        helps = [help_("give it another name")]
    raise Problem(
        "duplicate-label",
        f"`{name}` names two things in the same scope",
        span,
        f"`{name}` is taken" if earlier.span != span else "the same name at each repetition",
        [*([note("the first is here", earlier.span)] if earlier.span != span else []), *helps],
    )


def under(
    expander: Expander,
    name: str,
    inner: tree.Statement,
    context: Context,
    flow: Flow,
    span: Span,
    entry: Entry | None,
) -> Flow:
    """A labelled statement: a layer or block bears the name, anything else opens a scope."""
    kind = "sequence"
    if isinstance(inner, tree.Apply):
        try:
            layer = layer_of(inner.layer, context)
            if isinstance(layer, Unknown) or not layer.inline:
                return expander.applied(layer, inner, context, flow, name)
        except Problem as problem:
            expander.reporter.problem(problem)
            return UNKNOWN
        kind = layer.name
        if expander.settings is not None:
            inner = expander.settings.applied(layer, inner, context, name)
    elif isinstance(inner, tree.Merge):
        kind = inner.op
        if expander.settings is not None:
            inner = expander.settings.merged(inner, context, name)
    elif isinstance(inner, (tree.Residual, tree.Repeat, tree.If)):
        kind = type(inner).__name__.lower()
    statements = inner.statements if isinstance(inner, tree.Braces) else (inner,)
    scope = context.scope.child(name, expander.text_of(statements, context))
    if entry is not None:
        entry.scope = scope
    result = expander.statement(inner, context.within(scope), flow)
    scope.close()
    if entry is not None:
        value = result.index if isinstance(result, Handle) else None
        context.frame.instance.scopes[scope.path] = Scope(kind, span, value)
    if isinstance(inner, tree.Merge | tree.Residual) and isinstance(result, Handle):
        node = context.frame.nodes[result.index]
        if not node.path:
            node.path = scope.path
    return result


def scoped(
    expander: Expander,
    labelled: tree.Labelled,
    inner: tree.Statement,
    context: Context,
    flow: Flow,
    run: Callable[[NameScope], Flow],
) -> None:
    """Run something in the scope that a label opens, where it yields no single value."""
    segments = Lookup(context, flow).segments(labelled.label)
    context.frame.labels += 1
    if segments is None:
        context.scope.uncertain = True
        run(NameScope(context.scope.path, Text(labelled=True), context.scope))
        return
    check_name(segments, labelled.label)
    for segment in segments[:-1]:
        context = context.within(_entered(segment, context, labelled.label))
    name, span = segments[-1], labelled.label.span
    earlier = context.scope.entries.get(name)
    if earlier is not None and not expander.static:
        _duplicate(name, earlier, span, context)
    scope = context.scope.child(name, expander.text_of((inner,), context))
    context.scope.entries[name] = Entry(UNKNOWN, span, scope.path, scope)
    run(scope)
    scope.close()
    context.frame.instance.scopes[scope.path] = Scope("branches", span)
