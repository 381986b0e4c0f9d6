"""Builds expressions: one method for each rule of the grammar, of the same name.

It also reports what a grammar cannot say of them: chained comparisons, literals without a value,
and how deep they are. Statements are left to `builder.py`, meaning to elaboration.
"""

from __future__ import annotations

from typing import Any

from netspec import limits
from netspec.diagnostics import Diagnostic, Edit, Fix, help_
from netspec.source import SourceFile, Span
from netspec.syntax import literals, paths, tree
from netspec.syntax.tokens import Token

_PYTHON = {"True": "true", "False": "false", "None": "none"}

Children = list[Any]


class ExpressionBuilder:
    """Builds the expressions of one file, and collects what is wrong in `diagnostics`.

    What a mistake makes of the statement around it is for the statement to say: `_settle`.
    """

    def __init__(self, source: SourceFile, inset: paths.ParseInset) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self._inset = inset
        self._poisoned: list[int] = []  # offsets of mistakes in what is not yet a statement
        self._signs: list[tuple[Token, tree.Expr]] = []  # `8 -4`, with what stands before the sign
        self._depths: dict[tree.Tree, int] = {}
        self._too_deep = False  # the statement at hand was reported for its depth

    def add(self, diagnostic: Diagnostic) -> None:
        """Note a mistake for which the tree holds an `Erroneous` already."""
        if len(self.diagnostics) < limits.DIAGNOSTICS:
            self.diagnostics.append(diagnostic)

    def report(self, diagnostic: Diagnostic) -> None:
        """Note a mistake in what is being built: the statement around it becomes `Erroneous`."""
        self.add(diagnostic)
        self.poison(diagnostic.span.start)

    def poison(self, offset: int) -> None:
        self._poisoned.append(offset)

    # --- helpers ------------------------------------------------------------------------------

    def _span(self, children: Children) -> Span:
        first, last = children[0], children[-1]
        start = first.start if type(first) is Token else first.span.start
        end = last.end if type(last) is Token else last.span.end
        return Span(self.source, start, end)

    def _token(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def _name(self, token: Token) -> tree.Name:
        return tree.Name(self._token(token), token.text)

    def _settle(self, span: Span) -> bool:
        """Whether something was wrong within `span`; it is then settled."""
        if self._signs:
            self._signs = [s for s in self._signs if s[0].start < span.start]
        if not self._poisoned:
            return False
        self._too_deep = False
        before = [offset for offset in self._poisoned if offset < span.start]
        found = len(before) < len(self._poisoned)
        self._poisoned = before
        return found

    def _statement(self, node: Any) -> Any:
        return tree.Erroneous(node.span) if self._settle(node.span) else node

    def _malformed(self, token: Token, error: literals.Malformed) -> None:
        self.report(
            Diagnostic(
                error.name,
                error.message,
                self.source.span(token.start + error.start, token.start + error.end),
                error.label,
                tuple(help_(text) for text in error.helps),
            )
        )

    def _deep(self, node: Any, *children: tree.Tree) -> Any:
        """Note how deep an expression is; one that is too deep is reported and cut off."""
        depths = self._depths
        depth = 1 + max((depths.get(child, 0) for child in children), default=0)
        if depth > limits.EXPRESSION_DEPTH:
            if not self._too_deep:
                self._too_deep = True
                self.report(
                    Diagnostic(
                        "expression-too-deep",
                        f"an expression is more than {limits.EXPRESSION_DEPTH} levels deep",
                        node.span,
                        f"level {depth}",
                        (help_("name a part of it with `let`"),),
                    )
                )
            return tree.Nothing(node.span)
        depths[node] = depth
        return node

    # --- expressions --------------------------------------------------------------------------

    def conditional(self, children: Children) -> Any:
        then, _, condition, _, otherwise = children
        node = tree.Conditional(self._span(children), then, condition, otherwise)
        return self._deep(node, then, condition, otherwise)

    def disjunction(self, children: Children) -> Any:
        return self._deep(tree.Logic(self._span(children), "or", tuple(children)), *children)

    def conjunction(self, children: Children) -> Any:
        return self._deep(tree.Logic(self._span(children), "and", tuple(children)), *children)

    def negation(self, children: Children) -> Any:
        return self._deep(tree.Unary(self._span(children), "not", children[1]), children[1])

    def comparison(self, children: Children) -> Any:
        left, op, right, *more = children
        node = tree.Compare(self._span(children[:3]), op.text, left, right)
        if more:
            again = f"{right.span.text} {more[0].text} {more[1].span.text}"
            self.report(
                Diagnostic(
                    "chained-comparison",
                    "comparisons are not chained",
                    self._token(more[0]),
                    "a second comparison",
                    (help_(f"write `{node.span.text} and {again}`"),),
                )
            )
        return self._deep(node, left, right)

    def sum(self, children: Children) -> Any:
        text = self.source.text
        for at in range(1, len(children), 2):
            sign = children[at]
            if text[sign.start - 1] in " \t" and text[sign.end] not in " \t\r\n":
                self._signs.append((sign, children[at - 1]))
        return self._chain(children)

    def product(self, children: Children) -> Any:
        return self._chain(children)

    def _chain(self, children: Children) -> Any:
        operands = children[::2]
        rest = tuple((op.text, x) for op, x in zip(children[1::2], operands[1:], strict=True))
        return self._deep(tree.Chain(self._span(children), operands[0], rest), *operands)

    def unary(self, children: Children) -> Any:
        node = tree.Unary(self._span(children), children[0].text, children[1])
        return self._deep(node, children[1])

    def power(self, children: Children) -> Any:
        base, exponent = children
        return self._deep(tree.Power(self._span(children), base, exponent), base, exponent)

    def number(self, children: Children) -> tree.Number:
        token = children[0]
        try:
            value = literals.number(token.text)
        except literals.Malformed as error:
            self._malformed(token, error)
            value = 1
        return tree.Number(self._token(token), value)

    def dims(self, children: Children) -> tree.Dims:
        token = children[0]
        items: tuple[int | str | None, ...] = ()
        try:
            items = literals.dims(token.text)
        except literals.Malformed as error:
            self._malformed(token, error)
        return tree.Dims(self._token(token), items)

    def text(self, children: Children) -> tree.Text:
        token = children[0]
        value = ""
        try:
            value = literals.string(token.text)
        except literals.Malformed as error:
            self._malformed(token, error)
        return tree.Text(self._token(token), value)

    def true(self, children: Children) -> tree.Bool:
        return tree.Bool(self._token(children[0]), True)

    def false(self, children: Children) -> tree.Bool:
        return tree.Bool(self._token(children[0]), False)

    def none(self, children: Children) -> tree.Nothing:
        return tree.Nothing(self._token(children[0]))

    def wildcard(self, children: Children) -> tree.Wildcard:
        return tree.Wildcard(self._token(children[0]))

    def name(self, children: Children) -> tree.Expr:
        token = children[0]
        name = self._name(token)
        if token.text in _PYTHON:
            meant = _PYTHON[token.text]
            self.report(
                Diagnostic(
                    "capitalised-word",
                    f"`{token.text}` is written `{meant}`",
                    name.span,
                    "with a small letter",
                    (help_(f"write `{meant}`"),),
                    fixes=(Fix(f"write `{meant}`", (Edit(name.span, meant),), safe=True),),
                )
            )
            # What is meant is plain, so the name that nothing is called is no second mistake.
            if meant == "none":
                return tree.Nothing(name.span)
            return tree.Bool(name.span, meant == "true")
        return name

    def attribute(self, children: Children) -> tree.Attribute:
        name, attribute = (self._name(token) for token in children)
        return tree.Attribute(self._span(children), name, attribute)

    def call(self, children: Children) -> Any:
        head, *arguments, _ = children
        span = self._span(children)
        self._shield(span)
        node = tree.FunctionCall(span, self._name(head), tuple(arguments))
        return self._deep(node, *arguments)

    def list(self, children: Children) -> Any:
        span = self._span(children)
        self._shield(span)
        return self._deep(tree.List(span, tuple(children[1:-1])), *children[1:-1])

    def group(self, children: Children) -> Any:
        span = self._span(children)
        self._shield(span)
        return self._deep(tree.Group(span, children[1]), children[1])

    def _shield(self, span: Span) -> None:
        """Inside brackets a sign is not among arguments."""
        if self._signs:
            self._signs = [s for s in self._signs if s[0].start < span.start]

    def ref(self, children: Children) -> tree.Ref:
        token = children[0]
        span = self._token(token)
        if len(token.text) == 1:
            return tree.Ref(span, None)
        if token.text[1] == ".":
            at = self.source.span(token.start + 2, token.end)
            return tree.Ref(span, None, tree.Name(at, at.text))
        path = paths.path(self.source, token.start + 1, token.end, self._inset, self.report)
        return tree.Ref(span, path)

    # --- starts -------------------------------------------------------------------------------

    def expression(self, children: Children) -> Any:
        return children[0]

    def shape(self, children: Children) -> Any:
        return children[0]

    def inset(self, children: Children) -> Any:
        return children[0]
