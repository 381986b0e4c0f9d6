"""Builds statements and items: one method for each rule of the grammar, of the same name.

It also reports what a grammar cannot say of them: the order of arguments, ambiguous signs, labels
on what takes none. Expressions are left to `expressions.py`, meaning to elaboration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netspec.diagnostics import Diagnostic, Remark, help_, note
from netspec.source import SourceFile, Span
from netspec.syntax import paths, tree
from netspec.syntax.expressions import Children, ExpressionBuilder
from netspec.syntax.tokens import Token

#: Kept for later versions of the language, as the first word of a statement or an item.
RESERVED = frozenset({"train", "sweep", "extern", "attention", "symbol", "match", "export"})


class Builder(ExpressionBuilder):
    """Builds the nodes of one file.

    A simple statement in which something is wrong becomes `Erroneous`; a compound one does so if
    its head is wrong.
    """

    def rules(self) -> dict[str, Callable[[Children], Any]]:
        """The method for each rule that has one."""
        return {name: getattr(self, name) for name in _RULES}

    # --- items --------------------------------------------------------------------------------

    def file(self, children: Children) -> tree.File:
        everything = Span(self.source, 0, len(self.source.text))
        return tree.File(everything, self.source, tuple(children), ())

    def erroneous(self, children: Children) -> tree.Erroneous:
        span = self._token(children[0])
        self._settle(span)
        return tree.Erroneous(span)

    def import_(self, children: Children) -> tree.Import | tree.Erroneous:
        names = tuple(self._name(token) for token in children[3:])
        node = tree.Import(self._span(children), self.text(children[1:2]), names)
        erroneous: tree.Import | tree.Erroneous = self._statement(node)
        return erroneous

    def block(self, children: Children) -> tree.Block:
        return self._block(children, 1, inline=False)

    def inline_block(self, children: Children) -> tree.Block:
        return self._block(children, 2, inline=True)

    def _block(self, children: Children, at: int, *, inline: bool) -> tree.Block:
        parameters = children[at + 1] if len(children) > at + 2 else ()
        span = self._span(children)
        self._settle(span)
        return tree.Block(span, self._name(children[at]), parameters, children[-1], inline)

    def net(self, children: Children) -> tree.Net:
        parameters = children[2] if len(children) > 3 else ()
        span = self._span(children)
        self._settle(span)
        return tree.Net(span, self._name(children[1]), parameters, children[-1])

    def net_alias(self, children: Children) -> tree.NetAlias | tree.Erroneous:
        span = self._span(children)
        target = children[2]
        if self._settle(span) or isinstance(target, tree.Erroneous):
            return tree.Erroneous(span)
        return tree.NetAlias(span, self._name(children[1]), target)

    def parameters(self, children: Children) -> tuple[tree.Parameter, ...]:
        return tuple(children[1:-1])

    def parameter(self, children: Children) -> tree.Parameter:
        default = children[1] if len(children) > 1 else None
        return tree.Parameter(self._span(children), self._name(children[0]), default)

    # --- statements ---------------------------------------------------------------------------

    def braces(self, children: Children) -> tree.Braces:
        return tree.Braces(self._span(children), tuple(children[1:-1]))

    def sequence(self, children: Children) -> tuple[tree.Tree, ...]:
        return tuple(children[:-1])

    def label(self, children: Children) -> tree.Path:
        token = children[0]
        return paths.path(self.source, token.start, token.end, self._inset, self.report)

    def labelled(self, children: Children) -> Any:
        label, statement = children
        if isinstance(statement, tree.Let | tree.Default | tree.Init | tree.Assert):
            word = self.source.text[statement.span.start :].split(None, 1)[0]
            self.report(
                Diagnostic(
                    "misplaced-label",
                    f"`{word}` takes no label",
                    label.span,
                    "nothing that a label could name",
                    (help_("leave the label out"),),
                )
            )
            self._settle(label.span)
            return statement
        span = self._span(children)
        if self._settle(span):
            return tree.Erroneous(span)
        return tree.Labelled(span, label, statement)

    def output_labelled(self, children: Children) -> Any:
        return self.labelled(children)

    def annotated(self, children: Children) -> Any:
        statement, arrow, shape = children
        span = self._span(children)
        if self._settle(self._span(children[1:])):
            return tree.Erroneous(span)
        return tree.Annotated(span, statement, shape, self._token(arrow).to(shape.span))

    def layer(self, children: Children) -> tree.Apply | tree.Erroneous:
        if children[0].text in RESERVED:
            self.report(reserved(self.source, children[0]))
        return self.target(children)

    def target(self, children: Children) -> tree.Apply | tree.Erroneous:
        head, arguments = children[0], children[1:]
        span = self._span(children)
        positional: list[tree.Expr] = []
        keywords: list[tree.Keyword] = []
        if arguments:
            self._arguments(head, arguments)
            for argument in arguments:
                if isinstance(argument, tree.Keyword):
                    keywords.append(argument)
                else:
                    positional.append(argument)
        name = self._name(head)
        node = tree.Apply(span, name, tuple(positional), tuple(keywords))
        return tree.Erroneous(span) if self._settle(span) else node

    def _arguments(self, head: Token, arguments: Children) -> None:
        """Report arguments that are out of order, run together, or hold an ambiguous sign."""
        end = head.end
        last_keyword: tree.Keyword | None = None
        for argument in arguments:
            start = argument.span.start
            if start == end:
                self.report(self._run_together(head, argument))
            end = argument.span.end
            if isinstance(argument, tree.Keyword):
                last_keyword = argument
            elif last_keyword is not None:
                self.report(
                    Diagnostic(
                        "positional-after-keyword",
                        "a positional argument stands after one with a name",
                        argument.span,
                        f"`{last_keyword.name.id}=…` stands before it",
                        (
                            note("positional arguments come first, then `key=value`"),
                            *self._split_by_blanks(last_keyword, argument),
                        ),
                    )
                )
                last_keyword = None
        self._ambiguous_signs(head.start)

    def _split_by_blanks(self, keyword: tree.Keyword, argument: Any) -> tuple[Remark, ...]:
        return (help_(f"write `{argument.span.text}` before `{keyword.span.text}`"),)

    def _run_together(self, head: Token, argument: Any) -> Diagnostic:
        inner = argument.inner if isinstance(argument, tree.Group) else argument
        before = "the layer's name" if argument.span.start == head.end else "the argument before"
        remarks = [note("arguments are separated by blanks; only functions are called with ( )")]
        if argument.span.start == head.end:
            written = head.text + " " + inner.span.text
            remarks.insert(0, help_(f"write `{written}`"))
        return Diagnostic(
            "missing-blank",
            f"a blank is missing between {before} and `{argument.span.text}`",
            argument.span,
            "a blank is missing before this",
            tuple(remarks),
        )

    def _ambiguous_signs(self, start: int) -> None:
        for sign, left in [s for s in self._signs if s[0].start >= start]:
            self._signs.remove((sign, left))
            text = self.source.text
            right = _operand(text, sign.end)
            word = "minus" if sign.text == "-" else "plus"
            self.report(
                Diagnostic(
                    "ambiguous-sign",
                    f"a blank before the {word} and none after it: one argument, or two?",
                    self.source.span(sign.start, sign.end + len(right)),
                    f"a sum with `{left.span.text}`, or an argument of its own",
                    (
                        help_(f"`{left.span.text} {sign.text} {right}` is one argument"),
                        help_(f"`{left.span.text} ({sign.text}{right})` is two"),
                    ),
                )
            )

    def keyword(self, children: Children) -> tree.Keyword:
        return tree.Keyword(self._span(children), self._name(children[0]), children[1])

    def repeat(self, children: Children) -> Any:
        span = self._span(children)
        index, names = children[3] if len(children) > 3 else (None, ())
        if self._settle(span):
            return tree.Erroneous(span)
        return tree.Repeat(span, children[1], index, names, children[-1], self._token(children[0]))

    def repeat_names(self, children: Children) -> tuple[None, tuple[tree.Name, ...]]:
        return None, tuple(self._name(token) for token in children)

    def repeat_index(self, children: Children) -> tuple[tree.Name, tuple[tree.Name, ...]]:
        index, *names = (self._name(token) for token in children)
        return index, tuple(names)

    def conditional_statement(self, children: Children) -> Any:
        span = self._span(children)
        branches: list[tuple[tree.Expr, tree.Braces]] = []
        otherwise = None
        parts = [child for child in children if type(child) is not Token]
        while len(parts) > 1:
            branches.append((parts.pop(0), parts.pop(0)))
        if parts:
            otherwise = parts[0]
        if self._settle(span):
            return tree.Erroneous(span)
        return tree.If(span, tuple(branches), otherwise)

    def merge(self, children: Children) -> Any:
        span = self._span(children)
        self._ambiguous_signs(span.start)
        if self._settle(span):
            return tree.Erroneous(span)
        word = children[0]
        return tree.Merge(span, word.text, tuple(children[1:-1]), children[-1], self._token(word))

    def residual(self, children: Children) -> tree.Residual:
        shortcut = children[3] if len(children) > 2 else None
        word = self._token(children[0])
        return tree.Residual(self._span(children), children[1], shortcut, word)

    def reference(self, children: Children) -> Any:
        ref = self.ref(children)
        return self._statement(tree.Yield(ref.span, ref))

    def share(self, children: Children) -> Any:
        _, target = children
        path = paths.path(self.source, target.start, target.end, self._inset, self.report)
        return self._statement(tree.Share(self._span(children), path))

    def input(self, children: Children) -> Any:
        dims = children[1] if len(children) > 1 else None
        return self._statement(tree.Input(self._span(children), dims))

    def output(self, children: Children) -> Any:
        span = self._span(children)
        if self._settle(span):
            return tree.Erroneous(span)
        return tree.Output(span, tuple(children[1:-1]), children[-1])

    def output_setting(self, children: Children) -> tree.Keyword:
        value = self.name(children[1:]) if children[1].type == "NAME" else self.text(children[1:])
        return tree.Keyword(self._span(children), self._name(children[0]), value)

    def let(self, children: Children) -> Any:
        node = tree.Let(self._span(children), self._name(children[1]), children[2])
        return self._statement(node)

    def default(self, children: Children) -> Any:
        self._ambiguous_signs(children[0].start)
        node = tree.Default(self._span(children), self._name(children[1]), tuple(children[2:]))
        return self._statement(node)

    def init(self, children: Children) -> Any:
        """`init target method argument…`; a word alone is the method."""
        head = next(i for i, child in enumerate(children) if _is_word(child))
        if head + 1 < len(children) and _is_word(children[head + 1]):
            head += 1
        span = self._span(children)
        target: tree.Path | tree.Ref | None = None
        for word in children[1:head]:
            if word.type == "REFERENCE":
                target = self.ref([word])
            else:
                target = paths.path(self.source, word.start, word.end, self._inset, self.report)
        self._arguments(children[head], children[head + 1 :])
        keywords = tuple(c for c in children[head + 1 :] if isinstance(c, tree.Keyword))
        arguments = tuple(c for c in children[head + 1 :] if not isinstance(c, tree.Keyword))
        name = self._name(children[head])
        return self._statement(tree.Init(span, target, name, arguments, keywords))

    def assertion(self, children: Children) -> Any:
        return self._statement(tree.Assert(self._span(children), children[1]))


#: Its methods of the names of rules.
_RULES = tuple(n for n in dir(Builder) if not n.startswith("_") and callable(getattr(Builder, n)))


def _is_word(child: Any) -> bool:
    return type(child) is Token and child.type == "METHOD"


def _operand(text: str, at: int) -> str:
    """The word, number or bracket that begins at `at`, for a message."""
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] in "_."):
        end += 1
    return text[at : max(end, at + 1)]


def reserved(source: SourceFile, word: Token) -> Diagnostic:
    """The diagnostic for a word that a later version of the language will use."""
    return Diagnostic(
        "reserved-word",
        f"`{word.text}` is reserved for a later version of the language",
        source.span(word.start, word.end),
        "cannot begin a statement or an item",
        (help_(f"as a label, `{word.text}:`, or anywhere else the word is free"),),
    )
