"""A block that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.diagnostics import Fix, help_, note
from netspec.elaborate.mentions import mentioned
from netspec.lint.edits import without_lines
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree


def _find(subject: Subject) -> Iterator[Finding]:
    if not subject.whole:
        return  # who imports from it is not known
    if not any(isinstance(item, (tree.Net, tree.NetAlias)) for item in subject.file.items):
        return  # a library: its blocks are for others
    blocks = list(subject.items(tree.Block))
    # Nearly all blocks are called somewhere by their name: the text is gone through for the rest.
    called = _called(blocks, subject.nodes(tree.Apply))
    if all(block.name.id in called for block in blocks):
        return
    read = set(subject.imported) | called
    for item in subject.file.items:
        if isinstance(item, (tree.Block, tree.Net)):
            names = set(subject.mentions(item))
            for parameter in item.parameters:
                names |= set() if parameter.default is None else set(mentioned(parameter.default))
            read |= names - {item.name.id}
        elif isinstance(item, tree.NetAlias):
            read |= set(mentioned(item.target))
    for block in blocks:
        if block.name.id not in read:
            yield Finding(
                f"nothing uses the block `{block.name.id}`",
                block.name.span,
                "called nowhere in this file",
                (
                    note("no other file of this run imports it"),
                    help_("take it out, or check the folder of those that import it too"),
                ),
                (Fix(f"take `{block.name.id}` out", (without_lines(block.span),)),),
            )


def _called(blocks: Sequence[tree.Block], calls: Sequence[tree.Apply]) -> set[str]:
    """The names of blocks that are called outside of their own text."""
    named = {block.name.id: block.span for block in blocks}
    found = set()
    for call in calls:
        own = named.get(call.layer.id)
        if own is not None and not own.start <= call.span.start < own.end:
            found.add(call.layer.id)
    return found


RULE = Rule(
    "unused-block",
    "a block is defined and never used",
    "A block that no net and no other block calls is read, reviewed and kept up for nothing. "
    "Files without nets are libraries, and not meant; a block that another checked file imports "
    "is used. It is looked for where a folder is checked: of a file alone, nobody knows who "
    "imports from it.",
    """block unit(filters) { conv filters 3x3 padding=1; relu }

net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """block unit(filters) { conv filters 3x3 padding=1; relu }

net Example {
  input 3x32x32
  unit 8
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    fixable=True,
)
