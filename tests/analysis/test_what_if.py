"""What if: the difference is that of a text edited by hand, and only what is named is changed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.analysis.compare import compare
from netspec.analysis.examine import examine_tree
from netspec.analysis.places import NoSuchPath
from netspec.analysis.what_if import WhatIf, WrongSetting, what_if
from netspec.elaborate import Request
from netspec.elaborate.settings import Settings, read
from netspec.files import Files
from netspec.graph.graph import Network, OpNode
from netspec.graph.walk import FlatNode, flatten
from netspec.ops import OPS
from netspec.reports.diff_json import render as as_json
from netspec.reports.diff_text import render as as_text
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse, tree
from netspec.zoo import names as zoo


def nowhere(*_: object) -> Unreadable:
    return Unreadable("there is no other file")


def asked(
    text: str, net: str | None = None, *, p: dict[str, str] | None = None, **of: str
) -> WhatIf:
    """`of` are the settings, `__` in their names standing for dots."""
    set_ = {name.replace("__", "."): value for name, value in of.items()}
    return what_if(SourceFile("a.net", text), nowhere, net, p, None, set_)


def said(found: WhatIf) -> tuple[str, str]:
    """The difference as it is shown, and as it is for programs."""
    assert found.changed is not None
    assert not found.changed.failed, found.changed.diagnostics
    comparison = compare(found.old.networks[0], found.changed.networks[0])
    return as_text(comparison), as_json([comparison])


def edited(old: Network, text: str, name: str, reader: object = nowhere) -> tuple[str, str] | None:
    """The difference to an edited text; None where that has errors."""
    file, syntax = parse(SourceFile("a.net", text))
    request = Request(name, settings=Settings([]))  # annotations and asserts are of the old text
    found = examine_tree(file, syntax, reader, [request])
    if found.failed:
        return None
    comparison = compare(old, found.elaboration.networks[name])
    return as_text(comparison), as_json([comparison])


BLOCKS = """block unit(c, k=3, stride=1) {
  default conv bias=false
  residual { conv1: conv c k stride=stride padding=k//2; bn: batchnorm; relu
    conv2: conv c 3 padding=1 } shortcut { if stride != 1 { down: conv c 1 stride=stride } }
  relu
}
inline block stage(layer, c, n) { layer c stride=2; repeat n { layer c } }
net A(width=8) {
  input 3x32x32
  stem: conv width 3 padding=1
  first: stage unit width 3
  second: stage unit width 3
  repeat 4 { conv width 3 padding=1; relu }
  both: concat { identity; { conv width 1; relu } }
  head: { global_avgpool; flatten; dense 10 }
}
"""
REPEATED = "  repeat 4 { conv width 3 padding=1; relu }\n"


def unrolled(at: int, instead: str) -> str:
    """The four convolutions written out, one of them another; the text keeps its lines."""
    each = ["conv width 3 padding=1" if i != at else instead for i in range(4)]
    return BLOCKS.replace(REPEATED, "  " + "; ".join(f"{one}; relu" for one in each) + "\n")


def stage_written_out(name: str, third: str) -> str:
    """A stage in braces, with one of its units called otherwise."""
    line = f"  {name}: stage unit width 3\n"
    assert line in BLOCKS
    units = "unit width stride=2; unit width; " + f"{third}; unit width"
    return BLOCKS.replace(line, f"  {name}: {{ {units} }}\n")


@pytest.mark.parametrize(
    ("target", "value", "text"),
    [
        (
            "stem.kernel",
            "5",
            BLOCKS.replace("conv width 3 padding=1\n  first", "conv width 5 padding=1\n  first"),
        ),
        ("stem.filters", "2*width", BLOCKS.replace("stem: conv width", "stem: conv 2*width")),
        (
            "stem.bias",
            "false",
            BLOCKS.replace("stem: conv width 3", "stem: conv width 3 bias=false"),
        ),
        ("conv3.dilation", "2", unrolled(2, "conv width 3 padding=1 dilation=2")),
        ("conv1.padding", "half", unrolled(0, "conv width 3 padding=half")),
        ("conv4.kernel", "1x3", unrolled(3, "conv width 1x3 padding=1")),
        ("second.c", "16", BLOCKS.replace("second: stage unit width", "second: stage unit 16")),
        (
            "second.n",
            "5",
            BLOCKS.replace("second: stage unit width 3", "second: stage unit width 5"),
        ),
        ("second.2.k", "5", stage_written_out("second", "unit width k=5")),
        ("second.2.stride", "1 + 1", stage_written_out("second", "unit width stride=2")),
        ("both.axis", "height", BLOCKS.replace("both: concat {", "both: concat axis=height {")),
        ("head.2.units", "20", BLOCKS.replace("dense 10", "dense 20")),
        ("first.**.bias", "true", None),
        ("*.*.bn.eps", "1e-3", BLOCKS.replace("bn: batchnorm", "bn: batchnorm eps=1e-3")),
        (
            "*.*.conv2.padding",
            "half",
            BLOCKS.replace("conv c 3 padding=1 }", "conv c 3 padding=half }"),
        ),
    ],
)
def test_it_is_what_the_edited_text_gives(target: str, value: str, text: str | None) -> None:
    found = what_if(SourceFile("a.net", BLOCKS), nowhere, None, settings={target: value})
    shown = said(found)
    if text is None:
        # The same block with biases, for one of two stages.
        other = (
            BLOCKS[: BLOCKS.index("inline")]
            .replace("block unit", "block biased")
            .replace("default conv bias=false", "default conv bias=true ")
        )
        text = BLOCKS.replace("first: stage unit", "first: stage biased") + other
        assert edited(found.old.networks[0], text, "A") is not None
        assert edited(found.old.networks[0], text, "A")[0] == shown[0]
        return
    assert text != BLOCKS
    result = edited(found.old.networks[0], text, "A")
    assert result is not None
    assert result[0] == shown[0]
    if text.count("\n") == BLOCKS.count("\n"):
        assert result[1] == shown[1]


def test_one_use_of_a_shared_block() -> None:
    """Units 1 to 3 of a stage are one instance, of which the second alone becomes another.

    It has one more 8x8 filter bank of 5x5 instead of 3x3: 8 * 8 * (25 - 9) = 1,024 parameters more.
    """
    found = asked(BLOCKS, first__2__k="5")
    assert found.changed is not None
    old, new = found.old.networks[0], found.changed.networks[0]
    before = {f.path: f.node.weights for f in flatten(old).nodes}
    after = {f.path: f.node.weights for f in flatten(new).nodes}
    assert list(before) == list(after)
    assert [path for path in before if before[path] != after[path]] == ["first.2.conv1"]
    assert compare(old, new).new.measures.params - compare(old, new).old.measures.params == 1024


def test_others_are_still_shared() -> None:
    """What is alike below all paths that are set is elaborated once."""
    found = asked(BLOCKS, **{"first__*__k": "5"})
    assert found.changed is not None
    root = found.changed.networks[0].root
    uses = Counter(node.instance for node in root.nodes if hasattr(node, "instance"))
    # The first unit of each stage, the other three of the first, and of the second the first of
    # three: the others are a repeat.
    assert sorted(uses.values()) == [1, 1, 1, 3]


LONG = """net Long {
  input 8x8x8
  repeat 1_000_000 { conv 8 3 padding=1; relu }
  features: { repeat 500_000 { relu; conv 8 1 } }
}
"""


def test_one_iteration_of_a_long_repeat() -> None:
    """Up to the one that is set they are written one by one, the rest stay one node."""
    changed = asked(LONG, conv3__dilation="1x1", conv3__bias="false").changed
    assert changed is not None
    root = changed.networks[0].root
    kinds = [type(node).__name__ for node in root.nodes[1:8]]
    assert kinds == ["OpNode"] * 6 + ["RepeatNode"]
    assert [getattr(root.nodes[i], "weights", ())[1:] == () for i in (1, 3, 5)] == [
        False,
        False,
        True,
    ]
    # 1,000,000 * 2 + 500,000 * 2 layers, as before.
    assert root.size == 3_000_000
    scoped = asked(LONG, features__5__bias="false").changed
    assert scoped is not None
    assert scoped.networks[0].root.size == 3_000_000


def test_too_many_are_refused() -> None:
    """Each of a million would stand for itself."""
    text = "net Long { input 8x8x8; repeat 1_000_000 { conv 8 3 padding=1; relu } }"
    changed = asked(text, **{"conv*__bias": "false"}).changed
    assert changed is not None
    assert changed.failed
    assert {d.name for d in changed.diagnostics} == {"too-many-layers"}


def test_shared_weights_change_together() -> None:
    text = "net S { input 4x8x8; a: conv 4 3 padding=1; relu; share a; flatten; dense 2 }"
    found = asked(text, a__bias="false")
    assert found.changed is not None
    new = found.changed.networks[0]
    assert [f.node.weights[1:] for f in flatten(new).nodes if f.node.op == "conv"] == [(), ()]


def test_parameters_on_the_new_side_alone() -> None:
    """From 8 to 16 channels; an argument that reads the parameter follows it."""
    found = asked(BLOCKS, p={"width": "16"}, stem__filters="width // 2")
    assert found.changed is not None
    assert str(found.old.networks[0].root.nodes[1].shape) == "8x32x32"
    assert str(found.changed.networks[0].root.nodes[1].shape) == "8x32x32"
    assert found.changed.networks[0].parameters == {"width": 16}
    assert found.old.networks[0].parameters == {"width": 8}


def test_the_last_setting_wins() -> None:
    found = what_if(
        SourceFile("a.net", BLOCKS), nowhere, None, settings={"**.k": "1", "first.0.k": "5"}
    )
    assert found.changed is not None
    kernels = {
        f.path: f.node.attributes["kernel"]
        for f in flatten(found.changed.networks[0]).nodes
        if f.path.endswith("conv1") and "." in f.path
    }
    assert kernels.pop("first.0.conv1") == (5, 5)
    assert set(kernels.values()) == {(1, 1)}


def test_names_that_computed_labels_come_to() -> None:
    """The second `relu` is `relu4` in the end: labels behind it are `relu2` and `relu3`."""
    text = """net A { input 3x8x8; leaky_relu; leaky_relu
      repeat 2 as i { "leaky_relu{i + 2}": conv 3 1 } }"""
    with pytest.raises(NoSuchPath, match="cannot be told before the labels behind it are computed"):
        asked(text, leaky_relu2__slope="0.5")
    with pytest.raises(NoSuchPath, match=r"nothing in A is called `leaky_relu9`"):
        asked(text, leaky_relu9__slope="0.5")
    assert asked(text, leaky_relu1__slope="0.5").changed is not None
    assert asked(text, leaky_relu3__bias="false").changed is not None


def test_settings_in_repeats_of_repeats() -> None:
    """Places go 0 to 5 in each of the outer iterations, and one alone is another."""
    text = "net A { input 4x8x8; b: { repeat 50 { repeat 3 { conv 4 1; relu } ; relu } } }"
    for place in (0, 2, 7, 9, 14, 347):
        found = asked(text, **{f"b__{place}__bias": "false"})
        if found.changed is None or found.changed.failed:
            raise AssertionError(place)
        new = {f.path: f.node for f in flatten(found.changed.networks[0]).nodes if f.path}
        old = {f.path: f.node for f in flatten(found.old.networks[0]).nodes if f.path}
        assert list(new) == list(old)
        changed = [p for p in new if new[p].weights != old[p].weights]
        assert changed == [f"b.{place}"]


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("stem.kernal", "`stem`, a `conv`, has no argument `kernal`; did you mean `kernel`?"),
        ("relu1.slope", "`relu1`, a `relu`, has no argument `slope`; it takes none"),
        ("first.7.k", "nothing in `first` of A is called `7`; it has 0, 1, 2, 3, layer, c, n"),
        ("frist.0.k", "nothing in A is called `frist`; did you mean `first`?"),
        ("first.0.conv3.kernel", "nothing in `first.0` of A is called `conv3`; "
         "did you mean `first.0.conv2`?"),
        ("first.m", "`first`, a `stage`, has no argument `m`; it takes layer, c, n"),
        ("head.units", "`head`, a sequence, takes no `units`"),
        ("input.dims", "`input` is an input: --input sets its size"),
        ("out.x", "`out` is an output: the layer that makes it takes arguments"),
        ("stem.weight.x", "`stem.weight`, a part of layer, takes no `x`"),
        ("first.0.(add).axis", "`first.0.(add)`, a merge without a label, takes no `axis`"),
        ("**.conv9.bias", "nothing in A that takes a `bias` is called `**.conv9`"),
    ],
)  # fmt: skip
def test_what_takes_nothing(target: str, message: str) -> None:
    with pytest.raises(NoSuchPath) as refusal:
        what_if(SourceFile("a.net", BLOCKS), nowhere, None, settings={target: "1"})
    assert str(refusal.value).replace("part of a layer", "part of layer") == message


@pytest.mark.parametrize("target", ["", ".", "stem", ".kernel", "stem.", "a..b", "a.b c", "a.1"])
def test_what_is_no_setting(target: str) -> None:
    with pytest.raises(WrongSetting, match="names a path and an argument"):
        read({target: "1"})


@pytest.mark.parametrize("value", ["", "(", "1 +", "a b", "\x00", "[" * 500])
def test_what_is_no_value(value: str) -> None:
    with pytest.raises(WrongSetting) as refusal:
        read({"stem.kernel": value})
    assert refusal.value.diagnostics


def test_errors_say_what_was_set() -> None:
    """A residual whose branches part: at the residual, with a note on the setting."""
    changed = asked(BLOCKS, first__2__conv2__stride="2").changed
    assert changed is not None
    (error,) = [d for d in changed.diagnostics if d.name == "branches-differ"]
    assert error.span.file.name == "a.net"
    (remark,) = [r for r in error.remarks if r.span and r.span.file.name.startswith("--set")]
    assert remark.message == "`stride` of first.2.conv2 is set here"
    assert remark.span is not None
    assert (remark.span.file.name, remark.span.text) == ("--set first.2.conv2.stride", "2")


def test_errors_at_what_was_set() -> None:
    changed = asked(BLOCKS, stem__kernel="40").changed
    assert changed is not None
    (error,) = [d for d in changed.diagnostics if d.severity == "error"]
    assert error.name == "kernel-larger-than-input"
    assert (error.span.file.name, error.span.text) == ("--set stem.kernel", "40")
    assert not [r for r in error.remarks if r.span and r.span.file.name.startswith("--set")]


def test_a_text_with_errors_stays_one() -> None:
    found = asked("net A { input 3x8x8; conv 4 9x9 }", conv__bias="false")
    assert found.old.failed
    assert found.changed is None


# --- against edited texts, systematically -------------------------------------------------------

#: Values that most layers of a kind can take, none of which is usual.
OTHERS = {
    "filters": "48", "kernel": "1", "stride": "2", "padding": "half", "dilation": "2",
    "bias": "true", "groups": "1", "eps": "2e-4", "momentum": "0.25", "affine": "true",
    "p": "0.125", "units": "12", "slope": "0.3", "rounding": "floor", "mode": "nearest",
    "factor": "2", "size": "2", "multiplier": "2", "amount": "2", "axis": "channels",
}  # fmt: skip


def single(network: Network) -> list[FlatNode]:
    """Layers whose statement stands for them alone, and is written in the file of the net."""
    uses: defaultdict[tree.Tree, list[FlatNode]] = defaultdict(list)
    for flat in flatten(network).nodes:
        if isinstance(flat.node.statement, tree.Apply) and flat.path:
            uses[flat.node.statement].append(flat)
    return [
        flats[0]
        for statement, flats in uses.items()
        if len(flats) == 1 and statement.layer.id == flats[0].node.op
    ]


def rewritten(text: str, call: tree.Apply, op: str, argument: str, value: str) -> str:
    """The text with an argument of one statement written otherwise, or added to it."""
    names = [p.name for p in OPS[op].parameters]
    place = names.index(argument)
    known = {k.name.id: k.value.span for k in call.keywords}
    if place < len(call.arguments):
        span = call.arguments[place].span
    elif argument in known:
        span = known[argument]
    else:
        return f"{text[: call.span.end]} {argument}={value}{text[call.span.end :]}"
    return f"{text[: span.start]}{value}{text[span.end :]}"


def plain(text: str) -> str:
    """Without annotations: what they say of the text as it was is no error of what if."""
    return re.sub(r"->[^\n;}]*", "", text)


SHIPPED = [f"zoo:{net.lower()}" for _, nets in zoo.matching(None) for net in sorted(nets)]
#: All layers of these are written in the file of ResNet.
ELSEWHERE = ("zoo:wide_resnet", "zoo:resnext")
NETS = [s for s in SHIPPED if zoo.net_of(s) is not None and not s.startswith(ELSEWHERE)]


@pytest.mark.parametrize("spec", NETS[::9])
def test_shipped_networks(spec: str) -> None:
    """Each argument of a few layers that are written for themselves."""
    files = Files()
    shipped = files.read(spec)
    name = zoo.net_of(spec)
    assert name is not None
    source = SourceFile("a.net", plain(shipped.text))
    imported = files.importer(shipped)

    def reader(importing: SourceFile, path: str) -> SourceFile | Unreadable:
        return imported(shipped if importing.name == "a.net" else importing, path)

    file, syntax = parse(source)
    found = examine_tree(file, syntax, reader, [Request(name)])
    old = found.elaboration.networks[name]
    chosen = [f for f in single(old) if f.node.span.file is source and OPS[f.node.op].parameters]
    assert chosen
    tried = 0
    for flat in [*chosen[:1], *chosen[-3:]]:
        call = flat.node.statement
        assert isinstance(call, tree.Apply)
        for parameter in OPS[flat.node.op].parameters:
            value = OTHERS.get(parameter.name)
            if value is None or parameter.variadic:
                continue
            tried += 1
            new = what_if(source, reader, name, settings={f"{flat.path}.{parameter.name}": value})
            assert new.changed is not None
            text = rewritten(source.text, call, flat.node.op, parameter.name, value)
            expected = edited(old, text, name, reader)
            assert new.changed.failed is (expected is None), (flat.path, parameter.name)
            if expected is not None:
                assert said(new)[0] == expected[0]
    assert tried


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_networks(data: st.DataObject) -> None:
    """One argument of one layer of a random net, set and written."""
    from tests.property.nets import render
    from tests.property.strategies import nets

    text = plain(render(data.draw(nets(slips=0))))
    source = SourceFile("a.net", text)
    file, syntax = parse(source)
    found = examine_tree(file, syntax, nowhere)
    if found.failed or not found.elaboration.networks:
        return
    (name, old), *_ = found.elaboration.networks.items()
    places = [
        (flat, p.name)
        for flat in single(old)
        for p in OPS[flat.node.op].parameters
        if p.name in OTHERS and not p.variadic
    ]
    if not places:
        return
    flat, argument = data.draw(st.sampled_from(places), label="place")
    call = flat.node.statement
    assert isinstance(call, tree.Apply)
    assert isinstance(flat.node, OpNode)
    new = what_if(source, nowhere, name, settings={f"{flat.path}.{argument}": OTHERS[argument]})
    text = rewritten(text, call, flat.node.op, argument, OTHERS[argument])
    expected = edited(old, text, name)
    assert new.changed is not None
    assert new.changed.failed is (expected is None)
    if expected is not None:
        assert said(new)[0] == expected[0]
