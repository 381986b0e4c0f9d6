"""A tree that follows edits is the tree of the edited text, which is parsed anew as the oracle."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from netspec.record import fields
from netspec.source import SourceFile, Span
from netspec.syntax import parse, tree
from netspec.syntax.revise import Draft

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.net"))
#: What is typed: whole statements, halves of them, and what changes the meaning of what follows.
TYPED = (
    *("relu", "conv 8 3x3", "x: conv 8 1x1", "{", "}", "(", ")", "#", '"', ";", "\n", "\n\n", " "),
    *("repeat 2 { relu }", "repeat 2 {", "if n == 1 { relu }", "else { relu }", "shortcut { }"),
    *("net New { input 3x8x8; relu }\n", "block b(n) { conv n 1x1 }\n", "net Other = New\n"),
    *("# a comment\n", "=", "->", "5", "x", "\t", "\u00e9", "@x", "let y = 4", "init conv he"),
)


def outline(node: object) -> object:
    """Everything of a tree, places included."""
    if isinstance(node, SourceFile):
        return None
    if isinstance(node, Span):
        return (node.start, node.end)
    if isinstance(node, tuple):
        return tuple(outline(part) for part in node)
    if isinstance(node, tree.Tree):
        return (type(node).__name__, *(outline(getattr(node, name)) for name in fields(node)))
    return node


def same(draft: Draft) -> None:
    source = SourceFile("again.net", draft.source.text)
    file, diagnostics = parse(source)
    assert outline(draft.file) == outline(file)
    assert [(d.name, d.message, outline(d.span)) for d in draft.diagnostics] == [
        (d.name, d.message, outline(d.span)) for d in diagnostics
    ]
    assert [draft.source.position(i) for i in range(0, len(source.text), 97)] == [
        source.position(i) for i in range(0, len(source.text), 97)
    ]


def edited(text: str, chance: random.Random) -> str:
    """One change: something typed, taken out, moved or replaced, most often at a line's border."""
    borders = [i + 1 for i, c in enumerate(text) if c == "\n"] or [0]
    at = chance.choice([chance.randint(0, len(text)), chance.choice(borders)])
    until = min(len(text), at + chance.choice([0, 0, 0, 1, 3, 20, 200]))
    kind = chance.random()
    if kind < 0.5:
        return text[:at] + chance.choice(TYPED) + text[until if kind < 0.15 else at :]
    if kind < 0.8:
        return text[:at] + text[until:]
    return text[:at] + text[at:until] * 2 + text[until:]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_follows_any_edit(path: Path) -> None:
    chance = random.Random(path.stem)
    text = path.read_text()
    draft = Draft(SourceFile("draft.net", text))
    for _ in range(25):
        # Back to what parses, now and then: nothing can be kept of what does not.
        text = edited(draft.source.text if chance.random() < 0.7 else text, chance)
        draft.change(text)
        same(draft)
        if draft.diagnostics:
            text = path.read_text()
            draft.change(text)
            same(draft)


TEXT = """block unit(n) { conv n 1x1; relu }

net A {
  input 3x8x8
  unit 4  # a unit
  repeat 2 {
    unit 8
  }
  relu
}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("unit 4", "unit 6"),
        ("unit 8", "unit 8; relu"),
        ("  relu\n", "  relu\n  dropout 0.5\n"),
        ("# a unit", "# another"),
        ("    unit 8\n", ""),
        ("conv n 1x1; relu", "conv n 3x3 padding=1; relu6"),
    ],
)
def test_what_stays_is_the_same_object(old: str, new: str) -> None:
    draft = Draft(SourceFile("draft.net", TEXT))
    block, net = draft.file.items
    assert isinstance(net, tree.Net)
    first = net.body.statements[0]
    touched = draft.change(TEXT.replace(old, new))
    same(draft)
    assert draft.file.items == (block, net)
    assert touched == ({block} if "conv n" in old else {net})
    assert net.body.statements[0] is first


def test_an_item_that_is_added_leaves_the_others() -> None:
    draft = Draft(SourceFile("draft.net", TEXT))
    items = draft.file.items
    assert draft.change(TEXT.replace("net A", "block other { relu }\n\nnet A")) == set()
    same(draft)
    assert draft.file.items[0] is items[0] and draft.file.items[2] is items[1]
