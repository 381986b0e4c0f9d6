"""The statements that led to a node, outermost first: nets, calls, repeats, branches, labels.

What was noted while the net was elaborated says which calls and iterations they were; the text
says the rest. Where arguments come from is left to `origins`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netspec.analysis.why.answer import Turn
from netspec.analysis.why.levels import Level, Levels
from netspec.elaborate.frame import Context
from netspec.elaborate.scope import Environment
from netspec.elaborate.values import Flow, Handle
from netspec.elaborate.watch import Iterated, Made, Spliced, Watch
from netspec.graph.graph import CallNode, Network, OpNode, RepeatNode
from netspec.graph.shape import Shape
from netspec.ops.values import has_text
from netspec.ops.wording import written
from netspec.record import record
from netspec.source import Span
from netspec.syntax import tree
from netspec.syntax.one_line import one_line

#: Characters of a statement that a turn shows.
WIDTH = 60


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


def way(network: Network, watch: Watch, at: Levels) -> tuple[Turn, ...]:
    """All turns from the net to the node at the innermost level."""
    turns: list[Turn] = []
    for alias, _ in watch.aliases:
        turns.append(Turn("alias", _text(alias.span), alias.target.span))
    root = network.root.definition
    assert root is not None
    shapes = [network.root.nodes[index].shape for _, index in network.inputs]
    first = shapes[0] if shapes else None
    turns.append(Turn("net", f"net {root.name.id}", root.name.span, "", first))
    offsets: dict[tree.Repeat, int] = {}
    definition: tree.Block | tree.Net = root
    for level in at:
        node = level.node
        if isinstance(node, RepeatNode):
            # Its body was elaborated for the first iteration that it stands for.
            assert isinstance(node.statement, tree.Repeat)
            offsets[node.statement] = level.iteration
            continue
        made = watch.nodes.get(node)
        if made is None:
            continue
        for region in regions(watch, made, definition):
            turns += _turns(region, level, offsets, made)
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
            yield turn
            label = ""
    target = region.target
    shape = _shape(region.flow)
    if region.splice is None and target is made.statement:
        node_ = level.node
        last = isinstance(node_, OpNode)
        path = ".".join(level.names(node_)) if node_.path else ""
        kind = "layer" if last else "call"
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
                word = "else if" if number else "if"
                return Turn("if", f"{word} {_text(condition.span)}", condition.span)
        return Turn("if", "else", _head(node.span))
    if isinstance(node, tree.Merge):
        count = len(node.body.statements)
        return Turn("branch", f"a branch of {node.op}, of {count}", node.keyword)
    if isinstance(node, tree.Residual):
        what = "the shortcut" if inner is node.shortcut else "the body"
        return Turn("residual", f"{what} of a residual", node.keyword)
    if isinstance(node, tree.Output):
        return Turn("output", _text(node.span), _head(node.span))
    return None


def _iteration(node: tree.Repeat, known: Iterated | None, offset: int) -> Turn:
    text = f"repeat {_text(node.count.span)}"
    if known is None:
        return Turn("repeat", text, node.keyword)
    number = known.index + offset + 1
    bound = [
        f"{name.id} = {value}"
        for name in (node.index, *node.names)
        if name is not None and (value := _bound(known, name.id, number - 1)) is not None
    ]
    which = f", iteration {number:,} of {known.plan.count:,}"
    told = f" ({', '.join(bound)})" if bound else ""
    return Turn("repeat", f"{text}{which}{told}", node.keyword, "", _shape(known.flow))


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
