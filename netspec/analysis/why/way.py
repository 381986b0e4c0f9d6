"""The statements that led to a node, outermost first: nets, calls, repeats, branches, labels.

What was noted while the net was elaborated says which calls and iterations they were; the text
says the rest. Where arguments come from is left to `origins`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from netspec.analysis.why.answer import Turn
from netspec.analysis.why.levels import Level, Levels
from netspec.analysis.why.uses import containing
from netspec.analysis.why.words import iteration
from netspec.elaborate.frame import Context
from netspec.elaborate.scope import Environment
from netspec.elaborate.values import Flow, Handle
from netspec.elaborate.watch import Iterated, Made, Shared, Spliced, Watch
from netspec.graph.graph import CallNode, Network, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.ops.values import has_text
from netspec.ops.wording import written
from netspec.record import record, replace
from netspec.source import Span
from netspec.syntax import tree
from netspec.syntax.one_line import one_line

#: Characters of a statement that a turn shows.
WIDTH = 60
#: Conditions that an `else` names, and inputs that a net does, one by one.
CONDITIONS, INPUTS = 3, 4


@record(eq=False)
class Region:
    """A stretch of the way within one body: from there to a statement in it.

    `iterations` are those of the repeats on the way, by their statement.
    """

    body: tree.Braces
    target: tree.Tree
    iterations: Mapping[tree.Repeat, Iterated]
    context: Context
    flow: Flow
    splice: Spliced | None


def regions(watch: Watch, made: Made, definition: tree.Block | tree.Net) -> list[Region]:
    """The bodies from a block or net to a statement in it, inline ones too, outermost first."""
    found: list[Region] = []
    target: tree.Tree = made.statement
    context, flow = made.context, made.flow
    iterations: dict[tree.Repeat, Iterated] = {}
    splice: Spliced | None = None
    environment: Environment | None = made.context.environment
    while environment is not None:
        opened = watch.opened.get(environment)
        if isinstance(opened, Iterated):
            iterations[opened.statement] = opened
        elif isinstance(opened, Spliced):
            body = opened.block.body
            found.append(Region(body, target, iterations, context, flow, splice))
            target, context, flow, splice = opened.call, opened.context, opened.flow, opened
            iterations = {}
            environment = opened.context.environment
            continue
        environment = environment.parent
    found.append(Region(definition.body, target, iterations, context, flow, splice))
    return found[::-1]


def way(network: Network, watch: Watch, at: Levels, use: Shared | None = None) -> tuple[Turn, ...]:
    """All turns from the net to the node at the innermost level, by its use if one is meant."""
    turns: list[Turn] = []
    for alias, _ in watch.aliases:
        turns.append(Turn("alias", _text(alias.span), alias.target.span))
    root = network.root.definition
    assert root is not None
    shapes = {name: network.root.nodes[index].shape for name, index in network.inputs}
    text = f"net {root.name.id}"
    if len(shapes) > 1:
        each = [f"{shape} as {name}" for name, shape in shapes.items()]
        shown = each if len(each) <= INPUTS else [*each[:INPUTS], "…"]
        turns.append(Turn("net", f"{text}, with {', '.join(shown)}", root.name.span))
    else:
        first = next(iter(shapes.values()), None)
        turns.append(Turn("net", text, root.name.span, "", first))
    offsets: dict[tree.Repeat, int] = {}
    definition: tree.Block | tree.Net = root
    for level in at:
        node = level.node
        shared = use if use is not None and level is at[-1] else containing(watch, level)
        if shared is not None:
            again = Made(shared.statement, shared.context, shared.flow)
            for region in regions(watch, again, definition):
                turns += _turns(region, level, offsets, again)
        if isinstance(node, RepeatNode):
            # Its body was elaborated for the first iteration that it stands for.
            assert isinstance(node.statement, tree.Repeat)
            offsets[node.statement] = level.iteration
            continue
        made = watch.nodes.get(node)
        if made is None:
            continue
        known = {(turn.kind, turn.span) for turn in turns} if shared is not None else set()
        for region in regions(watch, made, definition):
            inner = _turns(region, level, offsets, made)
            turns += [turn for turn in inner if (turn.kind, turn.span) not in known]
        offsets = {}
        if isinstance(node, CallNode) and node.instance.definition is not None:
            definition = node.instance.definition
    return tuple(turns)


def _turns(
    region: Region, level: Level, offsets: Mapping[tree.Repeat, int], made: Made
) -> Iterator[Turn]:
    """Those within one body, the statement that it leads to last."""
    trail = _trail(region.body, region.target)
    label = ""
    for place, node in enumerate(trail):
        inner = trail[place + 1] if place + 1 < len(trail) else region.target
        if isinstance(node, tree.Labelled):
            label = _text(node.label.span)
            if not isinstance(_bare(node.statement), (tree.Apply, tree.Output, tree.Share)):
                yield Turn("label", f"{label}:", node.label.span)
                label = ""
            continue
        turn = _within(node, inner, region, offsets)
        if turn is not None:
            output = isinstance(node, tree.Output) and label
            yield replace(turn, text=f"{label}: {turn.text}") if output else turn
            label = ""
    target = region.target
    shape = _shape(region.flow)
    if region.splice is None and target is made.statement:
        node_ = level.node
        last = isinstance(node_, OpNode)
        path = ".".join(level.names(node_)) if node_.path else ""
        kind = "layer" if last else "call"
        if isinstance(target, tree.Share):
            kind, path = "share", ""
        yield Turn(kind, _statement(target, label), _place(target), path, shape)
    elif region.splice is not None:
        scope = region.context.scope.path
        path = ".".join([*level.prefix, *scope]) if label else ""
        yield Turn("inline", _statement(target, label), _place(target), path, shape)


def _within(
    node: tree.Tree, inner: tree.Tree, region: Region, offsets: Mapping[tree.Repeat, int]
) -> Turn | None:
    """What stands around a statement, where that is worth a word."""
    if isinstance(node, tree.Repeat):
        return _iteration(node, region.iterations.get(node), offsets.get(node, 0))
    if isinstance(node, tree.If):
        for number, (condition, body) in enumerate(node.branches):
            if body is inner:
                failed = f", after {_failed(node, number)}" if number else ""
                text = f"{'else ' if number else ''}if {_text(condition.span)}{failed}"
                return Turn("if", text, condition.span)
        return Turn("if", f"else of {_failed(node, len(node.branches))}", _else(node))
    if isinstance(node, tree.Merge):
        count = len(node.body.statements)
        return Turn("branch", f"a branch of {node.op}, of {count}", node.keyword)
    if isinstance(node, tree.Residual):
        what = "the shortcut" if inner is node.shortcut else "the body"
        return Turn("residual", f"{what} of a residual", node.keyword)
    if isinstance(node, tree.Output):
        return Turn("output", _text(node.span), _head(node.span))
    return None


def _failed(node: tree.If, count: int) -> str:
    """The first conditions of an `if`, which did not hold, long rows of them cut short."""
    words = [
        f"{'else ' if number else ''}if {_text(condition.span)}"
        for number, (condition, _) in enumerate(node.branches[:count])
    ]
    return ", ".join(words if count <= CONDITIONS else [words[0], "…", words[-1]])


def _else(node: tree.If) -> Span:
    """The word `else` before the last braces; comments may stand around it."""
    assert node.otherwise is not None
    begin, file = node.branches[-1][1].span.end, node.span.file
    between = file.text[begin : node.otherwise.span.start]
    bare = re.sub(r"#[^\n]*", lambda comment: " " * len(comment[0]), between)
    start = begin + max(bare.find("else"), 0)
    return file.span(start, start + len("else"))


def _iteration(node: tree.Repeat, known: Iterated | None, offset: int) -> Turn:
    text = f"repeat {_text(node.count.span)}"
    if known is None:
        return Turn("repeat", text, node.keyword)
    index, count = known.index + offset, known.plan.count
    bound = [
        f"{name.id} = {value}"
        for name in (node.index, *node.names)
        if name is not None and (value := _bound(known, name.id, index)) is not None
    ]
    told = f" ({', '.join(bound)})" if bound else ""
    which = f"{text}, {iteration(index, count)}{told}"
    return Turn("repeat", which, node.keyword, "", _shape(known.flow), (index, count))


def common(ways: Sequence[tuple[Turn, ...]]) -> tuple[Turn, ...]:
    """What several ways have in common; a repeat whose iterations they differ in is the last."""
    found: list[Turn] = []
    for turns in zip(*ways, strict=False):
        first = turns[0]
        if any((t.kind, t.span) != (first.kind, first.span) for t in turns):
            break
        indices = {turn.iteration[0] for turn in turns if turn.iteration is not None}
        if len(indices) > 1 and first.iteration is not None:
            count = first.iteration[1]
            low, high = min(indices), max(indices)
            text = first.text.partition(", iteration ")[0]
            every = (low, high) == (0, count - 1)
            which = f"iterations {low:,} to {high:,} (from 0) of {count:,}"
            which = f"all {count:,} iterations" if every else which
            found.append(replace(first, text=f"{text}, {which}", iteration=None))
            break
        found.append(first)
    return tuple(found)


def _bound(known: Iterated, name: str, index: int) -> str | None:
    """What a name of the repeat is in that iteration."""
    statement, elements = known.statement, known.plan.elements
    if statement.index is not None and statement.index.id == name:
        return str(index)
    if elements is None:
        return str(index)
    element = elements[index]
    if len(statement.names) > 1:
        parts = getattr(element, "items", element)
        names = [n.id for n in statement.names]
        element = parts[names.index(name)] if isinstance(parts, tuple) else element
    return written(element) if has_text(element) else str(element)


def _trail(body: tree.Braces, target: tree.Tree) -> list[tree.Tree]:
    """The nodes of the tree from a body down to a statement, both left out."""
    stack: list[tuple[tree.Tree, tuple[tree.Tree, ...]]] = [(body, ())]
    while stack:
        node, trail = stack.pop()
        if node is target:
            return list(trail[1:])
        span = target.span
        if not (node.span.start <= span.start and span.end <= node.span.end):
            continue
        stack += [(inner, (*trail, node)) for inner in tree.inside(node)]
    return []


def _bare(statement: tree.Tree) -> tree.Tree:
    while isinstance(statement, tree.Annotated):
        statement = statement.statement
    return statement


def _statement(node: tree.Tree, label: str) -> str:
    text = _text(node.span)
    return f"{label}: {text}" if label else text


def _place(node: tree.Tree) -> Span:
    """What to underline: a statement of several lines by its first word."""
    if isinstance(node, (tree.Merge, tree.Residual, tree.Repeat)):
        return node.keyword
    return _head(node.span)


def _head(span: Span) -> Span:
    line = span.text.split("\n", 1)[0].rstrip()
    return span.file.span(span.start, span.start + max(1, len(line)))


def _text(span: Span) -> str:
    """The text on one line, cut short where it is long."""
    text = one_line(span.text)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1].rstrip()}…"


def _shape(flow: Flow) -> Shape | None:
    return flow.shape if isinstance(flow, Handle) else None
