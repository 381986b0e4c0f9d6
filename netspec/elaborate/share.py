"""`share label`: a labelled statement once more, with the same weights.

The statement is elaborated again for the value at hand, under the names that it has already; its
nodes are then paired with the first ones, whose weights they must be able to use.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from netspec.diagnostics import help_, note
from netspec.elaborate.frame import Context
from netspec.elaborate.lookup import Lookup
from netspec.elaborate.report import CallSite, Problem, nearest
from netspec.elaborate.scope import Entry, NameScope
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Unknown
from netspec.graph.graph import CallNode, Instance, Node, OpNode, RepeatNode, Weight
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def share(expander: Expander, statement: tree.Share, context: Context, flow: Flow) -> Flow:
    """The value of the shared statement applied to the current one."""
    segments = Lookup(context, flow).segments(statement.target)
    if segments is None:
        return UNKNOWN
    found = _entry(context, segments, statement)
    if found is None:
        return UNKNOWN
    entry, scope = found
    name = ".".join(segments)
    if entry.value is None:
        raise Problem(
            "reference-to-itself",
            f"`{name}` is shared inside of itself",
            statement.span,
            "it is not complete yet",
            [note("labelled here", entry.span)],
        )
    if entry.again is None:
        raise Problem(
            "nothing-to-share",
            f"`{name}` names a value, not a layer",
            statement.target.span,
            "has no weights of its own",
            [note("labelled here", entry.span), help_(f"`@{name}` yields the value")],
        )
    if isinstance(flow, Unknown) or isinstance(entry.value, Unknown):
        return UNKNOWN
    frame = context.frame
    start = len(frame.nodes)
    mark = len(expander.reporter.log)
    shadow = NameScope(scope.path, scope.text, scope)
    site = CallSite(statement.span, partial(context.path, name), flow.shape, "shared here")
    expander.reporter.calls.append(site)
    try:
        result = entry.again(flow, shadow)
    finally:
        expander.reporter.calls.pop()
    shadow.close()
    if isinstance(result, Unknown) or expander.reporter.errors_since(mark):
        return UNKNOWN
    first = frame.nodes[slice(*entry.nodes)]
    second = frame.nodes[start:]
    reason = _pair(first, second, entry.nodes[0])
    if reason is not None:
        raise Problem(
            "share-differs",
            f"`{name}` cannot be shared with a value of {flow.shape}: {reason}",
            statement.span,
            reason,
            [note("its weights are made here", entry.span)],
        )
    if expander.watch is not None and isinstance(result, Handle):
        expander.watch.again(result, statement, entry.path, context, flow, start)
    if result.index >= start:
        frame.instance.shared[frame.nodes[result.index]] = statement.span
    return result


def _entry(
    context: Context, segments: tuple[str, ...], statement: tree.Share
) -> tuple[Entry, NameScope] | None:
    scope: NameScope | None = context.scope
    known: set[str] = set()
    later = False
    block: Entry | None = None
    uncertain = context.guessing
    while scope is not None:
        known |= set(scope.entries)
        later = later or segments[0] in scope.text.literal
        uncertain = uncertain or scope.uncertain
        entry = scope.entries.get(segments[0])
        here = scope
        for segment in segments[1:]:
            if entry is None or entry.scope is None:
                block, entry = entry, None
                break
            here = entry.scope
            entry = here.entries.get(segment)
        if entry is not None:
            return entry, here
        scope = scope.parent
    if uncertain:
        return None
    name = ".".join(segments)
    if block is not None and block.again is not None:
        whole = block.path[-1]
        raise Problem(
            "unknown-label",
            f"`{name}` lies inside a block, whose weights are its own",
            statement.target.span,
            f"inside of `{whole}`",
            [note("labelled here", block.span), help_(f"`share {whole}` applies all of it again")],
        )
    match = nearest(segments[0], known)
    if later and segments[0] not in known:
        message, label = f"`{name}` is shared before it is made", f"`{segments[0]}` comes later"
    else:
        message, label = f"nothing here is labelled `{name}`", "no label of that name comes before"
    raise Problem(
        "unknown-label",
        message,
        statement.target.span,
        label,
        [help_(f"did you mean `share {match}`?")] if match else [],
    )


#: Pairs of instances that were compared, with why they differ (None where they do not).
_Seen = dict[tuple[Instance, Instance], str | None]

OTHER_LAYERS = "it would hold other layers"


def _pair(first: list[Node], second: list[Node], offset: int) -> str | None:
    """Let each node of `second` use the weights of its twin; why that fails, or None."""
    if len(first) != len(second):
        return OTHER_LAYERS
    seen: _Seen = {}
    for index, (old, new) in enumerate(zip(first, second, strict=True)):
        reason = _alike(old, new, seen)
        if reason is not None:
            return reason
        if old.path or isinstance(old, RepeatNode):
            new.path = old.path
            new.shares = index + offset if old.shares is None else old.shares
    return None


def _alike(old: Node, new: Node, seen: _Seen) -> str | None:
    if isinstance(old, OpNode) and isinstance(new, OpNode):
        if old.op != new.op:
            return OTHER_LAYERS
        return _same_weights(old.weights, new.weights)
    if isinstance(old, CallNode) and isinstance(new, CallNode):
        return _same_instance(old.instance, new.instance, seen)
    if isinstance(old, RepeatNode) and isinstance(new, RepeatNode):
        if old.count != new.count:
            return OTHER_LAYERS
        reason = _same_instance(old.body, new.body, seen)
        if reason is None:
            for a, b in zip(old.body.nodes, new.body.nodes, strict=True):
                b.path = a.path
        return reason
    return None if type(old) is type(new) else OTHER_LAYERS


def _same_instance(old: Instance, new: Instance, seen: _Seen) -> str | None:
    """Why two expansions of a block could not have the same weights, None if they could.

    Each pair is compared once: instances are shared, and their tree may be very large.
    """
    if old is new:
        return None
    if (old, new) not in seen:
        seen[old, new] = _difference(old, new, seen)
    return seen[old, new]


def _difference(old: Instance, new: Instance, seen: _Seen) -> str | None:
    if len(old.nodes) != len(new.nodes):
        return OTHER_LAYERS
    for a, b in zip(old.nodes, new.nodes, strict=True):
        reason = _alike(a, b, seen)
        if reason is None and old.definition is not None and a.path != b.path:
            reason = "its layers would have other names"
        if reason is not None:
            return reason
    return None


def _same_weights(old: tuple[Weight, ...], new: tuple[Weight, ...]) -> str | None:
    if [weight.name for weight in old] != [weight.name for weight in new]:
        return "it would have other weights"
    for a, b in zip(old, new, strict=True):
        if a.shape != b.shape:
            had, needed = "x".join(map(str, a.shape)), "x".join(map(str, b.shape))
            return f"its {a.name or 'parameter'} is {had}, and {needed} would be needed"
    return None
