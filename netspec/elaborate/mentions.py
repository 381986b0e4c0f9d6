"""Which names a definition's text mentions, and which parameters nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import help_
from netspec.elaborate.report import Reporter
from netspec.syntax import tree


def mentioned(root: tree.Tree) -> Iterator[str]:
    """Every name in expressions, in references and applied as a layer."""
    stack: list[tree.Tree] = [root]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is tree.Number:
            continue
        if isinstance(node, tree.Name):
            yield node.id
        elif isinstance(node, tree.Keyword):
            stack.append(node.value)  # the key names a parameter of the layer
        elif isinstance(node, tree.Dims):
            yield from (item for item in node.items if isinstance(item, str))
        else:
            if isinstance(node, tree.Ref) and node.path is not None:
                literal = node.path.segments[0].literal
                if literal is not None:
                    yield literal
            stack += tree.inside(node)


def unused_parameters(file: tree.File, reporter: Reporter) -> None:
    """Warn of parameters that neither the body nor another parameter's default reads."""
    for item in file.items:
        if not isinstance(item, (tree.Block, tree.Net)) or not item.parameters:
            continue
        read = set(mentioned(item.body))
        for parameter in item.parameters:
            if parameter.default is not None:
                read |= set(mentioned(parameter.default))
        if any(isinstance(s, tree.Erroneous) for s in tree.statements(item.body)):
            continue
        for parameter in {p.name.id: p for p in item.parameters}.values():
            if parameter.name.id not in read:
                kind = "net" if isinstance(item, tree.Net) else "block"
                reporter.warn(
                    "unused-parameter",
                    f"`{parameter.name.id}` of the {kind} `{item.name.id}` is never used",
                    parameter.name.span,
                    "nothing reads it",
                    help_("leave it out, or read it"),
                )


def nodes(root: tree.Tree) -> Iterator[tree.Tree]:
    """Every node of a tree, in no particular order."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += tree.inside(node)


#: Words that an expression reads as its own, so that no name can be one of them.
EXPRESSION_WORDS = frozenset({"true", "false", "none", "and", "or", "not", "if", "else", "in"})


def check_bound_names(file: tree.File, reporter: Reporter) -> None:
    """Refuse parameters, lets and repeat names that no expression could ever read."""
    for item in file.items:
        for node in tree.statements(item):
            names: tuple[tree.Name | None, ...] = ()
            if isinstance(node, (tree.Block, tree.Net)):
                names = tuple(parameter.name for parameter in node.parameters)
            elif isinstance(node, tree.Let):
                names = (node.name,)
            elif isinstance(node, tree.Repeat):
                names = (node.index, *node.names)
            for name in names:
                if name is not None and name.id in EXPRESSION_WORDS:
                    reporter.report(
                        "reserved-word",
                        f"`{name.id}` is a word of the language, and cannot name a value",
                        name.span,
                        "could never be read",
                    )
