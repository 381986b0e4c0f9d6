"""The parser's automaton: lexes as its state asks, shifts and reduces, and recovers from errors.

It runs the tables that `parser.py` gets from the grammar. What a rule builds is left to
`builder.py`, what a mistake is called to `explain.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from netspec.record import field, record
from netspec.syntax.tokens import SPECIAL, Scanner, Scanners, Token

END = "$END"
ERRONEOUS = "ERRONEOUS"
_BLANK = re.compile(r"(?:[ \t]+|#[^\n]*)*")
#: Compiled when first used: most texts have no mistakes.
_STRING_OR_MARK = r'"(?:[^"\\\n]|\\[^\n])*"?|#[^\n]*|[()\[\]{};\n]'
_OPENING = {"LPAR": "RPAR", "_CALL": "RPAR", "LSQB": "RSQB"}
_CLOSING = {"RPAR", "RSQB"}
#: Tokens that may begin a statement, but for words that go on with one.
_BEGINNINGS = {"NAME", "LBRACE", "REFERENCE"}
CONTINUATIONS = {"else", "elif", "elseif", "shortcut"}


_AS_THEY_ARE = {size: tuple((index, False) for index in range(size)) for size in range(1, 4)}


@record(eq=False, frozen=False)
class Rule:
    """A production: how many symbols it takes, and which of their values it keeps.

    `kept` holds (index, whether a list found there is spliced). A rule without a name (one that
    begins with `_`) hands its values on to the rule around it.
    """

    origin: str
    size: int
    kept: tuple[tuple[int, bool], ...]
    inline: bool
    passes: bool  # hands on the one value that it has
    whole: bool = field(init=False)  # keeps all of them as they are

    def __post_init__(self) -> None:
        self.whole = self.kept == _AS_THEY_ARE.get(self.size)


@record(eq=False)
class Tables:
    """The automaton: for each state and terminal the state to shift to, or the rule to reduce."""

    actions: Mapping[int, Mapping[str, int | Rule]]
    gotos: Mapping[int, Mapping[str, int]]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    scanners: Scanners
    by_state: dict[int, Scanner] = field(default_factory=dict)
    chains: dict[tuple[int, int, str], int] = field(default_factory=dict)

    def scanner(self, state: int) -> Scanner:
        found = self.by_state.get(state)
        if found is None:
            found = self.by_state[state] = self.scanners.knowing(self.actions[state].keys())
        return found

    def chain(self, below: int, state: int, kind: str) -> int:
        """The state at the end of a run of reductions that hand on one value.

        An operand passes through every level of precedence; the run is found once for each state
        `below` and kind of token ahead.
        """
        top = state
        while isinstance(action := self.actions[top].get(kind), Rule) and action.passes:
            top = self.gotos[below][action.origin]
        self.chains[below, state, kind] = top
        return top


@record
class Failure:
    """Where parsing stopped, and what would have been possible there.

    `token` is what was met (type "" for characters that begin no token), `start` where the
    statement or item begins, `previous` the token before, `expected` the terminals that could stand
    here, `bracket` the innermost `(` or `[` that is open.
    """

    token: Token
    start: int
    previous: Token | None
    expected: frozenset[str]
    bracket: Token | None


#: Reports a failure. Returns an offset at which to go on, or None to go on at the next statement.
Report = Callable[[Failure], int | None]


class Machine:
    """One run over the characters `begin` up to `end` of a text."""

    def __init__(
        self,
        tables: Tables,
        build: Mapping[str, Callable[[list[Any]], Any]],
        text: str,
        start: str,
        begin: int,
        end: int,
    ) -> None:
        self._tables = tables
        self._build = build
        self._text = text
        self._end = end
        self._final = tables.ends[start]
        self._states = [tables.starts[start]]
        self._values: list[Any] = []
        self._offsets: list[int] = []  # where each value begins
        self._brackets: list[Token] = []
        #: What each token is fed with, at hand in one piece.
        self._hot = (
            tables.actions,
            tables.gotos,
            tables.chains,
            build,
            self._states,
            self._values,
            self._offsets,
        )
        self._previous: Token | None = None
        self._dropped = begin  # where the statement began that was last given up
        self._at = begin
        #: Where the rest of the text was passed over, if there were too many mistakes.
        self.gave_up: int | None = None
        #: The tokens of the text, where they are to be kept.
        self.taken: list[Token] | None = None

    # --- running ------------------------------------------------------------------------------

    def parse(
        self, report: Report, gaps: Iterable[int] = (), tries: int = 0, last: Sequence[str] = ()
    ) -> Any:
        """The value of the start rule; None where there were errors and none could be mended.

        A mistake is given to `report`; after `tries` of them the rest of the text is passed over.
        `gaps` are the offsets at which all braces are to be closed, `last` the kinds of tokens that
        are taken to stand behind the text.
        """
        missing = sorted(gaps)
        while True:
            until = missing[0] if missing else self._end
            failed = self._run(until)
            if failed is None:
                if missing:
                    missing.pop(0)
                    self._close_braces(until)
                    continue
                for kind in (*last, END):
                    failed = failed or self._feed(Token(kind, "", self._end, self._end))
                if failed is None:
                    return self._values[0]
            resume = report(self._failure(failed))
            if tries <= 0:
                return None
            tries -= 1
            if tries == 0:
                self.gave_up = failed.start
            self._recover(failed, resume, missing[0] if missing else self._end, tries)
            missing = [gap for gap in missing if gap >= self._at]

    def _run(self, until: int) -> Token | None:
        """Take tokens up to `until`; the token that does not fit, or None."""
        text, at, end = self._text, self._at, self._end
        actions, _, _, _, states, values, offsets = self._hot
        brackets = self._brackets
        scanners, scanner_of = self._tables.by_state, self._tables.scanner
        while True:
            state = states[-1]
            scanner = scanners.get(state) or scanner_of(state)
            found = scanner.pattern.match(text, at, end)
            if found is not None and found.lastgroup not in scanner.names:
                found = scanner.precise().match(text, at, end)
            if found is None:
                blank = _BLANK.match(text, at, end)
                self._at = at = blank.end() if blank is not None else at
                return None if at >= until else self._unknown(at)
            kind = found.lastgroup or ""
            start, last = found.end(1), found.end()
            value = text[start:last]
            if start >= until:
                self._at = start
                return None
            if kind == "NAME":
                kind = scanner.words.get(value, kind)
            at = last
            token = Token(kind, value, start, at)
            if brackets:
                if kind == "_NEWLINE":
                    continue
                if kind in _CLOSING and _OPENING[brackets[-1].type] == kind:
                    brackets.pop()
            action = actions[state].get(kind)
            if type(action) is int:
                # As `_feed` does: half of all tokens are no more than put on the stacks.
                states.append(action)
                values.append(token)
                offsets.append(start)
            elif self._feed(token) is not None:
                self._at = start
                return token
            if self.taken is not None:
                self.taken.append(token)
            if kind in _OPENING:
                brackets.append(token)
            self._previous = token

    def _unknown(self, at: int) -> Token:
        """A token of another state, or the character that begins none."""
        scanners = self._tables.scanners
        scanner = scanners.knowing(scanners.everything - SPECIAL)
        found = scanner.pattern.match(self._text, at, self._end)
        if found is None:
            return Token("", self._text[at], at, at + 1)
        return Token(found.lastgroup or "", self._text[found.end(1) : found.end()], at, found.end())

    def _feed(self, token: Token) -> Token | None:
        """Reduce as far as the token asks, and shift it; gives it back if it does not fit."""
        actions, gotos, chains, build, states, values, offsets = self._hot
        kind = token.type
        while True:
            state = states[-1]
            action = actions[state].get(kind)
            if type(action) is int:
                if kind != END:
                    states.append(action)
                    values.append(token)
                    offsets.append(token.start)
                return None
            if action is None:
                return token
            assert type(action) is Rule
            if action.passes:
                below = states[-2]
                states[-1] = chains.get((below, state, kind)) or self._tables.chain(
                    below, state, kind
                )
                continue
            origin, size = action.origin, action.size
            if size == 1:
                states.pop()
                children = _kept(action, values[-1:])
                values[-1] = children if action.inline else build[origin](children)
            else:
                children = _kept(action, values[-size:] if size else [])
                if size:
                    del states[-size:], values[-size:], offsets[len(offsets) - size + 1 :]
                else:  # an empty file
                    offsets.append(token.start)
                values.append(children if action.inline else build[origin](children))
            target = gotos[states[-1]][origin]
            states.append(target)
            if target == self._final and kind == END:
                return None

    # --- errors -------------------------------------------------------------------------------

    def _takes(self, kind: str) -> bool:
        """Whether a token of that kind fits here; nothing is built."""
        actions, gotos = self._tables.actions, self._tables.gotos
        states = list(self._states)
        while True:
            action = actions[states[-1]].get(kind)
            if action is None or type(action) is int:
                return action is not None
            assert isinstance(action, Rule)
            if action.size:
                del states[-action.size :]
            states.append(gotos[states[-1]][action.origin])
            if states[-1] == self._final and kind == END:
                return True

    def _failure(self, token: Token) -> Failure:
        expected = frozenset(t for t in self._tables.actions[self._states[-1]] if self._takes(t))
        depth = self._statement_depth()
        start = self._offsets[depth] if depth < len(self._offsets) else token.start
        bracket = self._brackets[-1] if self._brackets else None
        return Failure(token, start, self._previous, expected, bracket)

    def _statement_depth(self) -> int:
        """How many values remain when the statement or item at hand is dropped."""
        depth = len(self._states) - 1
        while depth and ERRONEOUS not in self._tables.actions[self._states[depth]]:
            depth -= 1
        return depth

    def _recover(self, failed: Token, resume: int | None, until: int, tries: int) -> None:
        """Put an erroneous statement in the place of what did not parse, up to `until` at most.

        With no `tries` left, that is the rest of the text.
        """
        closed = self._previous is not None and self._previous.type == "RBRACE"
        if closed and not self._brackets and self._takes("_NEWLINE"):
            # A statement that ends in a brace is whole: what follows is one of its own.
            self._feed(Token("_NEWLINE", "", failed.start, failed.start))
            if resume is None and failed.type in _BEGINNINGS and failed.text not in CONTINUATIONS:
                self._at = failed.start
                return
        self._drop(failed.start)
        if tries <= 0:
            while self._in_braces():
                self._values.pop()
                self._states.pop()
                self._offsets.pop()
                self._drop(failed.start)
            resume = until = self._end
        if resume is None:
            resume = skip(self._text, failed.start, until, not self._in_braces())
        # An unclosed bracket is given up where its line ends, before what showed that it is one.
        least = failed.start if self._previous is None else self._previous.end
        self._at = max(min(resume, until), least)
        begin = self._dropped
        end = begin + len(self._text[begin : self._at].rstrip())
        self._previous = Token(ERRONEOUS, "", begin, end)
        self._feed(self._previous)
        if failed.type == END and self._in_braces():
            self._close_braces(self._end)

    def _drop(self, at: int) -> None:
        """Forget the statement or item at hand."""
        depth = self._statement_depth()
        self._dropped = self._offsets[depth] if depth < len(self._offsets) else at
        del self._states[depth + 1 :]
        del self._values[depth:]
        del self._offsets[depth:]
        self._brackets.clear()

    def _in_braces(self) -> bool:
        marks = [v.type for v in self._values if type(v) is Token]
        return marks.count("LBRACE") > marks.count("RBRACE")

    def _close_braces(self, at: int) -> None:
        """Close every brace that is open, as if the closing ones stood at `at`."""
        self._at = at
        while self._in_braces():
            if not self._takes("RBRACE"):
                self._drop(at)
                self._feed(Token(ERRONEOUS, "", self._dropped, at))
            self._feed(Token("RBRACE", "", at, at))
        if at < self._end and self._takes("_NEWLINE"):
            self._feed(Token("_NEWLINE", "", at, at))
        self._brackets.clear()


def _kept(rule: Rule, taken: list[Any]) -> list[Any]:
    """Those of the values that a rule keeps."""
    kept = rule.kept
    if rule.whole:
        return taken
    if rule.inline and kept and kept[0] == (0, True) and type(taken[0]) is list:
        # A left-recursive list grows in place: its length would be paid at each step otherwise.
        children, kept = taken[0], kept[1:]
    else:
        children = []
    for index, splice in kept:
        value = taken[index]
        if splice and type(value) is list:
            children += value
        else:
            children.append(value)
    return children


def skip(text: str, at: int, end: int, outermost: bool) -> int:
    """The end of the statement that goes on at `at`: before its separator or closing brace.

    Braces that open on the way are passed over whole. At the outermost level there is no brace to
    close, so that a stray one is passed over too.
    """
    depth = 0
    for found in re.compile(_STRING_OR_MARK).finditer(text, at, end):
        mark = found[0]
        if mark == "{":
            depth += 1
        elif mark == "}":
            if depth:
                depth -= 1
            elif not outermost:
                return found.start()
        elif mark in ("\n", ";") and not depth:
            return found.start()
    return end
