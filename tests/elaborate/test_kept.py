"""What is kept from one elaboration to the next gives what elaborating the text anew gives."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from netspec.analysis.cost import totals
from netspec.analysis.examine import Examined, examine, examine_tree
from netspec.diagnostics import Diagnostic
from netspec.elaborate.kept import Kept
from netspec.files import Files
from netspec.graph.graph import Network
from netspec.graph.walk import flatten
from netspec.source import SourceFile, Span, Unreadable
from netspec.syntax.revise import Draft

SPECS = Path(__file__).parents[2] / "specs"
#: Families that import, that repeat by an index, that assert, that have open sizes and branches.
FAMILIES = ("alexnet", "fcn", "googlenet", "lenet", "mobilenet_v2", "regnet", "resnet", "vgg")
#: What changes how much is kept: values, statements, definitions, imports.
TYPED = (
    *("relu", "conv 8 3x3", "dropout 0.5", "let y = 4", "assert params == 3", "tanhh", "x: relu"),
    *("block other(n) { conv n 1x1; relu }\n", "net Other { input 3x8x8; relu }\n", "\n", "# x\n"),
    *("init conv he", "default conv bias=false", "repeat 2 { relu }", "assert in.channels == 3"),
)


class Edited:
    """A spec under the edits of a test, and its imports as they are."""

    def __init__(self, path: str) -> None:
        self.files = Files()
        self.source = self.files.read(path)
        self.reader = self.files.importer(self.source)
        self.draft = Draft(self.source)
        self.kept = Kept()
        self.kept.renew(self.draft.file, ())

    def change(self, text: str) -> Examined:
        touched = self.draft.change(text)
        self.kept.renew(self.draft.file, touched)
        return self.examined()

    def examined(self) -> Examined:
        draft = self.draft
        return examine_tree(draft.file, draft.diagnostics, self.reader, kept=self.kept)

    def anew(self) -> Examined:
        source = SourceFile(self.source.name, self.source.text)

        def reader(importing: SourceFile, path: str) -> SourceFile | Unreadable:
            return self.reader(self.source if importing is source else importing, path)

        return examine(source, reader)


def place(span: Span | None) -> object:
    return None if span is None else (span.file.name, span.start, span.end)


def said(diagnostic: Diagnostic) -> object:
    remarks = [(r.kind, r.message, place(r.span)) for r in diagnostic.remarks]
    return (diagnostic.name, diagnostic.message, diagnostic.label, place(diagnostic.span), remarks)


def made(network: Network) -> object:
    flat = [
        (node.path, node.node.op, str(node.node.shape), place(node.node.span))
        for node in flatten(network).nodes
    ]
    blocks = {s.name: sorted(found) for s, found in network.blocks.items()}
    return (flat, repr(totals(network)), place(network.span), blocks)


def same(one: Examined, other: Examined) -> None:
    assert [said(d) for d in one.diagnostics] == [said(d) for d in other.diagnostics]
    networks, others = one.elaboration.networks, other.elaboration.networks
    assert list(networks) == list(others)
    for name, network in networks.items():
        assert made(network) == made(others[name])
    statements = [place(a.statement.span) for a in one.elaboration.assertions]
    assert statements == [place(a.statement.span) for a in other.elaboration.assertions]


def edited(text: str, chance: random.Random) -> str:
    """One line more or less, or one number other than it was."""
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    kind = chance.random()
    if kind < 0.4:
        lines.insert(at, f"  {chance.choice(TYPED)}\n")
    elif kind < 0.55:
        del lines[at]
    else:
        numbers = list(re.finditer(r"(?<![\w.])\d+(?![\w.])", lines[at]))
        if numbers:
            one = chance.choice(numbers)
            other = str(chance.choice([1, 2, 3, 8, int(one[0]) + 1]))
            lines[at] = lines[at][: one.start()] + other + lines[at][one.end() :]
    return "".join(lines)


@pytest.mark.parametrize("name", FAMILIES)
def test_follows_any_edit(name: str) -> None:
    chance = random.Random(name)
    spec = Edited(f"zoo:{name}")
    whole = spec.source.text
    same(spec.examined(), spec.anew())
    for _ in range(12):
        now = spec.change(edited(spec.source.text if chance.random() < 0.5 else whole, chance))
        same(now, spec.anew())


def test_an_edit_of_one_net_leaves_the_others() -> None:
    spec = Edited("zoo:vgg")
    before = spec.examined().elaboration.networks
    text = spec.source.text.replace("net VGG19_BN ", "net VGG19_GN ")
    after = spec.change(text)
    same(after, spec.anew())
    kept = [name for name, network in after.elaboration.networks.items() if name in before]
    assert all(after.elaboration.networks[n] is before[n] for n in kept)
    assert "VGG19_GN" in after.elaboration.networks and len(kept) == len(before) - 1


def test_an_edit_of_a_block_renews_what_rests_on_it() -> None:
    spec = Edited("zoo:resnet")
    before = spec.examined().elaboration.networks
    now = spec.change(re.sub("(bn2: batchnorm)(\\n  } shortcut)", r"\1; relu\2", spec.source.text))
    same(now, spec.anew())
    assert now.elaboration.networks["ResNet50"] is before["ResNet50"]
    assert now.elaboration.networks.get("ResNet18") is not before["ResNet18"]


UNIT = "block unit(n) { conv n 1x1; relu }\n"


@pytest.mark.parametrize(
    ("text", "added", "wrong"),
    [
        # `init last` speaks of the label, and of the block once there is one of that name.
        (
            "net A { init last zeros; input 3x8x8; last: conv 8 1x1 }\n",
            "block last(n) { conv n 1x1 }\n",
            "nothing-to-initialise",
        ),
        # A parameter that is named like a layer holds a layer: here one of an imported block.
        (
            'from "unit.net" import unit\nnet A { input 3x8x8; unit 8 }\n',
            "block n { relu }\n",
            "wrong-type",
        ),
        (
            'from "unit.net" import unit\nnet A { input 3x8x8; unit n=8 }\n',
            "block n { relu }\n",
            "wrong-type",
        ),
    ],
)
def test_a_new_name_renews_those_for_which_it_means_something(
    tmp_path: Path, text: str, added: str, wrong: str
) -> None:
    (tmp_path / "unit.net").write_text(UNIT)
    (tmp_path / "spec.net").write_text(text)
    spec = Edited(str(tmp_path / "spec.net"))
    assert not spec.examined().failed
    now = spec.change(text + added)
    assert [d.name for d in now.diagnostics] == [wrong]
    same(now, spec.anew())
    now = spec.change(text)
    assert not now.failed
    same(now, spec.anew())


def test_another_import_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "unit.net").write_text("block unit(n) { conv n 1x1 }\n")
    (tmp_path / "other.net").write_text("block unit(n) { conv n 3x3 }\n")
    text = 'from "unit.net" import unit\nnet A { input 3x8x8; unit 8 }\n'
    (tmp_path / "spec.net").write_text(text)
    spec = Edited(str(tmp_path / "spec.net"))
    assert str(spec.examined().elaboration.networks["A"].root.shape) == "8x8x8"
    now = spec.change(text.replace("unit.net", "other.net"))
    assert str(now.elaboration.networks["A"].root.shape) == "8x6x6"
    same(now, spec.anew())


GIVEN = (
    "net A { input 3x8x8; x: wrap leaf }\nnet B { input 3x8x8; x: many [[leaf, 4], [leaf, 5]] }\n"
)
WRAPS = (
    "block wrap(body) { y: body 4 }\nblock many(bodies) { repeat bodies as body, n { body n } }\n"
)


@pytest.mark.parametrize("inline", ["", "inline "])
@pytest.mark.parametrize("heading", [WRAPS, 'from "wraps.net" import wrap, many\n'])
def test_a_block_that_is_given_to_another_counts(tmp_path: Path, heading: str, inline: str) -> None:
    (tmp_path / "wraps.net").write_text(WRAPS)
    leaf = f"{inline}block leaf(n) {{ conv n 3x3 padding=1 }}\n"
    (tmp_path / "spec.net").write_text(heading + leaf + GIVEN)
    spec = Edited(str(tmp_path / "spec.net"))
    assert not spec.examined().failed
    wider = spec.change(heading + leaf.replace("3x3", "1x1") + GIVEN)
    # 8 + 2 - 1 + 1 = 10, and in the second net once more.
    assert [str(n.root.shape) for n in wider.elaboration.networks.values()] == [
        "4x10x10",
        "5x12x12",
    ]
    same(wider, spec.anew())
    wrong = spec.change(heading + leaf.replace("3x3", "99x99") + GIVEN)
    assert wrong.failed
    same(wrong, spec.anew())


CHOOSY = "block unit(n) { conv n 1x1; assert in.channels == 8 }\n"
NETS = "net A { input 4x8x8; unit 8 }\nnet B { input 4x8x8; unit 8; relu }\n"


@pytest.mark.parametrize("heading", [CHOOSY, 'from "unit.net" import unit\n'])
@pytest.mark.parametrize(
    "edits",
    [
        [NETS.replace("8; unit 8 }", "8; relu }")],
        [NETS.replace("8; unit 8 }", "8; relu }"), NETS],
        # All is parsed anew, and then a part.
        [f"net {{\n{NETS}", NETS, NETS.replace("input", "  input")],
    ],
)
def test_an_assert_that_fails_names_the_first_call(
    tmp_path: Path, heading: str, edits: list[str]
) -> None:
    (tmp_path / "unit.net").write_text(CHOOSY)
    (tmp_path / "spec.net").write_text(heading + NETS)
    spec = Edited(str(tmp_path / "spec.net"))
    same(spec.examined(), spec.anew())
    for edit in edits:
        now = spec.change(heading + edit)
        assert "assert-failed" in {d.name for d in now.diagnostics}
        same(now, spec.anew())
