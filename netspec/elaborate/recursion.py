"""Blocks that call themselves, found in the text alone: also where no net reaches them.

What only a call with certain arguments shows (a block passed to itself) is found by `calls`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_, note
from netspec.elaborate.program import Module
from netspec.elaborate.report import Reporter, circle, through
from netspec.source import Span
from netspec.syntax import tree

NAME = "recursive-block"


def check_recursion(module: Module, reporter: Reporter) -> None:
    """Report one call of each cycle among the file's blocks, unless a net led there already."""
    blocks = {d.name.id: d for d in module.definitions() if isinstance(d, tree.Block)}
    calls = {name: list(_calls(block, blocks)) for name, block in blocks.items()}
    known = [span for name, span in reporter.found if name == NAME]
    reported = {
        name for name, block in blocks.items() if any(_inside(span, block) for span in known)
    }
    done: set[str] = set()
    for start in blocks:
        if start in done:
            continue
        path: list[str] = [start]
        rest: list[Iterator[tuple[str, Span]]] = [iter(calls[start])]
        while rest:
            called = next(rest[-1], None)
            if called is None:
                done.add(path.pop())
                rest.pop()
                continue
            name, span = called
            if name in path:
                cycle = path[path.index(name) :]
                if reported.isdisjoint(cycle):
                    reported.update(cycle)
                    _report(reporter, cycle, span)
            elif name not in done:
                path.append(name)
                rest.append(iter(calls[name]))


def _report(reporter: Reporter, cycle: list[str], span: Span) -> None:
    reporter.report(
        NAME,
        f"`{cycle[0]}` calls itself{through(cycle)}",
        span,
        "this call never ends",
        [note(circle(cycle)), help_("`repeat` applies a block many times")],
    )


def _calls(block: tree.Block, blocks: dict[str, tree.Block]) -> Iterator[tuple[str, Span]]:
    """The blocks that a block's text applies, parameters of the same name aside."""
    parameters = {parameter.name.id for parameter in block.parameters}
    for node in tree.statements(block.body):
        if not isinstance(node, tree.Apply) or node.layer.id in parameters:
            continue
        if node.layer.id in blocks:
            yield node.layer.id, node.layer.span


def _inside(span: Span, block: tree.Block) -> bool:
    own = block.span
    return span.file is own.file and own.start <= span.start and span.end <= own.end
