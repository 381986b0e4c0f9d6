"""Which definitions have said all that is wrong with them by being elaborated.

Going through the others, whatever their arguments, is left to `nets`.
"""

from __future__ import annotations

import re

from netspec.elaborate.kept import Memo
from netspec.syntax import tree

#: Also in comments: to look there as well is cheaper than to go through the tree.
_LOGIC = re.compile(r"\b(and|or)\b")
#: Defaults of which nothing can be wrong, whether they are evaluated or not.
_LITERAL = (tree.Number, tree.Bool, tree.Nothing, tree.Text)

#: Statements of a block that say of one call what they do not say of the next. Asserts wait until
#: costs are known: what is wrong with one whatever is called is told by the static pass alone.
_OF_A_CALL = (tree.If, tree.Assert)


def blocks(memo: Memo) -> set[tree.Block | tree.Net]:
    """The blocks of which some instance was elaborated in full, without a mistake."""
    found: set[tree.Block | tree.Net] = set()
    for instance, mistakes in memo.values():
        block = None if instance is None or mistakes else instance.definition
        if block is None or block in found:
            continue
        plain = all(p.default is None or type(p.default) in _LITERAL for p in block.parameters)
        if plain and is_whole(block.body, _OF_A_CALL):
            found.add(block)
    return found


def is_whole(body: tree.Braces, varying: tuple[type[tree.Tree], ...] = (tree.If,)) -> bool:
    """Whether elaborating a body once elaborates all that going through it by itself would.

    Which branch of an `if` is elaborated, and what behind an `or`, depends on the arguments and on
    what comes in. What is repeated by its index differs from one iteration to the next, and what is
    repeated over an empty list is not elaborated at all.
    """
    if _LOGIC.search(body.span.text):
        return False
    return not any(
        isinstance(s, varying)
        or (
            isinstance(s, tree.Repeat)
            and not (isinstance(s.count, tree.Number) and s.count.value > 0 and not s.names)
        )
        for s in tree.statements(body)
    )
