"""Why: arithmetic, sources of arguments, ways and neighbours, each worked out by hand."""

from __future__ import annotations

import pytest

from netspec.analysis.places import NoSuchPath
from netspec.analysis.why import Why, ask
from netspec.files import Files
from netspec.source import SourceFile, Unreadable
from tests.analysis.sums import check


def nowhere(*_: object) -> Unreadable:
    return Unreadable("there is no other file")


def why(text: str, path: str, net: str | None = None, **p: str) -> Why:
    found = ask(SourceFile("a.net", text), nowhere, net, path, p)
    assert found.answer is not None, found.chosen.diagnostics
    return found.answer


TEXT = """block unit(c, stride=1) {
  let half = c // 2
  default conv bias=false
  residual { conv1: conv half 3 stride=stride padding=1; bn: batchnorm; relu
  conv2: conv c 1 } shortcut { if stride != 1 or in.channels != c { down: conv c 1 stride=stride }}
  relu
}
inline block stage(layer, c, n) { layer c stride=2; repeat n { layer c } }
net A(width=8, stages=[[1, 16], [2, 32]]) {
  input 3x32x32
  default conv_transpose kernel=2 stride=2
  stem: conv width 3 padding=1
  repeat stages as k: n, c { stage{k+1}: stage unit c n }
  long: { repeat 1_000_000 { conv 32 3 padding=1; relu } }
  both: concat { identity; {conv 4 1; relu}; repeat [1, 2] as d { conv 2 3 dilation=d padding=d } }
  up: conv_transpose 6
  let before = @
  add { @before; conv 6 1; { global_avgpool } }
  maxpool 3 stride=2 rounding=ceil
  aux: output { conv 1 1; flatten }
  head: { global_avgpool; flatten; dense 10 }
}
net B = A 4
"""


def axes(found: Why) -> dict[str, str]:
    return {one.what: one.text for one in found.axes}


def remarks(found: Why) -> dict[str, str]:
    return {one.what: one.remark for one in found.axes}


def links(found: Why, name: str) -> list[tuple[int, str, str]]:
    (argument,) = [a for a in found.arguments if a.name == name]
    return [(link.span.line, link.span.text, link.text) for link in argument.links]


def test_the_second_convolution_of_resnet() -> None:
    """28 + 2*1 - 3 = 27 = 13 * 2 + 1, of which the one left over is padding: 14 windows.

    256 * 256 * 9 = 589,824 weights, each used at 14 * 14 places: 115,605,504.
    """
    files = Files()
    source = files.read("zoo:resnet50")
    found = ask(source, files.importer(source), "ResNet50", "layer3.0.conv2").answer
    assert found is not None
    assert axes(found) == {
        "channels": "256",
        "height, width": "(28 + 1 + 1 - 3) / 2 + 1 = 14.5 -> 14",
    }
    assert remarks(found)["height, width"] == "only padding is left over"
    assert [t.text for t in found.tensors] == ["256 x 256 x 3 x 3 = 589,824"]
    assert found.macs is not None
    assert found.macs.text == "256 x 14 x 14 x 256 x 3 x 3 = 115,605,504"
    assert [n.path for n in found.inputs] == ["layer3.0.relu1"]
    assert [n.path for n in found.readers] == ["layer3.0.bn2"]
    assert [turn.kind for turn in found.way] == [
        *("alias", "net", "inline", "call", "residual", "layer")
    ]
    assert [turn.path for turn in found.way][2:] == [*("layer3", "layer3.0", "", "layer3.0.conv2")]


def test_where_a_number_comes_from() -> None:
    """Through a let, a parameter of a block, one of an inline block, a list, the net's default."""
    found = why(TEXT, "stage2.1.conv1", "A")
    assert links(found, "filters") == [
        (4, "half", "filters = half = 16"),
        (2, "c // 2", "half = c // 2 = 32 // 2 = 16"),
        (8, "c", "c = 32"),
        (13, "c", "c = 32"),
        (13, "c", "c = 32"),
        (9, "[[1, 16], [2, 32]]", "stages = [[1, 16], [2, 32]]"),
        (9, "[2, 32]", "element 1 = [2, 32]"),
    ]
    hows = [link.how for link in found.arguments[0].links]
    assert hows[1:5] == [
        "`let half`",
        "`c` of `unit`, given by this call",
        "`c` of `stage`, given by this call",
        "`c` of this repeat, in iteration 1 (from 0) of 2",
    ]
    assert links(found, "stride") == [(4, "stride", "stride = 1"), (1, "1", "stride = 1")]
    assert links(found, "bias") == [(3, "false", "bias = false")]
    own = {a.name: a.value for a in found.arguments if not a.links}
    assert own == {"dilation": "1", "groups": "1", "rounding": "exact", "standardize": "none"}


def test_the_way_there() -> None:
    """Iteration 2 of the stages, whose repeat's first unit is the second in all."""
    found = why(TEXT, "stage2.1.conv1", "A")
    assert [(turn.kind, turn.text, str(turn.shape)) for turn in found.way] == [
        ("net", "net A", "3x32x32"),
        ("repeat", "repeat stages, iteration 1 (from 0) of 2 (k = 1, n = 2, c = 32)", "16x16x16"),
        ("inline", "stage{k+1}: stage unit c n", "16x16x16"),
        ("repeat", "repeat n, iteration 0 (from 0) of 2", "32x8x8"),
        ("call", "layer c", "32x8x8"),
        ("residual", "the body of a residual", "None"),
        ("layer", "conv1: conv half 3 stride=stride padding=1", "32x8x8"),
    ]
    down = why(TEXT, "stage2.0.down", "A").way
    assert [turn.text for turn in down][-3:-1] == [
        "the shortcut of a residual", "if stride != 1 or in.channels != c"
    ]  # fmt: skip
    assert [t.text for t in why(TEXT, "both.2", "A").way] == [
        *("net A", "both:", "a branch of concat, of 3"),
        "repeat [1, 2], iteration 0 (from 0) of 2 (d = 1)",
        "conv 2 3 dilation=d padding=d",
    ]


def test_parameters_of_the_net() -> None:
    """From its default, from an alias, from outside."""
    assert links(why(TEXT, "stem", "A"), "filters") == [
        (12, "width", "filters = width = 8"),
        (9, "8", "width = 8"),
    ]
    assert links(why(TEXT, "stem", "B"), "filters")[1] == (23, "4", "width = 4")
    given = why(TEXT, "stem", "A", width="2 * 3")
    assert links(given, "filters")[1] == (1, "2 * 3", "width = 6")
    assert given.arguments[0].links[1].how == "`width` of `A`, from -p"
    assert given.arguments[0].links[1].span.file.name == "-p width"


def test_an_iteration_of_a_long_repeat() -> None:
    """Place 777,778 is the convolution, two layers an iteration: the 388,890th of them."""
    found = why(TEXT, "long.777778", "A")
    assert [turn.text for turn in found.way][
        2
    ] == "repeat 1_000_000, iteration 388,889 (from 0) of 1,000,000"
    assert [n.path for n in found.inputs] == ["long.777777"]
    assert [n.path for n in found.readers] == ["long.777779"]
    last = why(TEXT, "long.1999999", "A")
    # The concat itself reads it, and a layer in each of its other branches.
    assert [n.path for n in last.readers] == ["both.0", "both.2", "both.3", "both"]
    first = why(TEXT, "long.0", "A")
    assert [n.path for n in first.inputs] == ["stage2.2"]
    with pytest.raises(NoSuchPath):
        why(TEXT, "long.2000000", "A")


def test_merges() -> None:
    """32 + 4 + 2 + 2 = 40 channels; a branch of 1x1 is repeated."""
    both = why(TEXT, "both", "A")
    assert axes(both) == {"channels": "32 + 4 + 2 + 2 = 40", "height, width": "8"}
    assert [n.path for n in both.inputs] == ["long.1999999", "both.1", "both.2", "both.3"]
    assert [(a.name, a.value) for a in both.arguments] == [("axis", "channels")]
    added = why(TEXT, "(add)", "A")
    assert remarks(added)["height, width"] == "branch 3 repeated, of size 1"
    assert [n.path for n in added.inputs] == ["up", "conv1", "global_avgpool1"]
    inner = why(TEXT, "stage1.1.(add)", "A")
    assert inner.what == "add"
    assert [n.path for n in inner.inputs] == ["stage1.1.conv2", "stage1.0"]


def test_other_arithmetic() -> None:
    """(8 - 1) * 2 + 2 = 16; (16 - 3) / 2 + 1 = 7.5, rounded up; 1 x 8 x 8 = 64."""
    up = why(TEXT, "up", "A")
    assert axes(up)["height, width"] == "(8 - 1) * 2 + 2 = 16"
    assert links(up, "kernel") == [(11, "2", "kernel = 2")]
    pooled = why(TEXT, "maxpool1", "A")
    assert axes(pooled)["height, width"] == "(16 - 3) / 2 + 1 = 7.5 -> 8"
    assert remarks(pooled)["height, width"] == "rounding=ceil adds a window"
    assert axes(why(TEXT, "aux.1", "A")) == {"channels": "1 x 8 x 8 = 64"}
    assert [n.what for n in why(TEXT, "aux.1", "A").readers] == ["output"]


@pytest.mark.parametrize(
    ("layer", "input_", "text", "remark"),
    [
        ("maxpool 3 stride=2", "1x7", "(7 - 3) / 2 + 1 = 3", ""),
        ("maxpool 3 stride=3 rounding=floor", "1x7", "(7 - 3) / 3 + 1 = 2.33 -> 2",
         "rounding=floor leaves the last one unread"),
        ("maxpool 2 stride=3 padding=1 rounding=ceil", "1x4", "(4 + 1 + 1 - 2) / 3 + 1 = 2.33 -> 2",
         "a further window would begin beyond the input"),
        ("conv 1 1 stride=2", "1x56", "(56 - 1) / 2 + 1 = 28.5 -> 28",
         "what is left over is the stride's own gap"),
        ("conv 1 3 stride=2 padding=same", "1x7", "(7 + 1 + 1 - 3) / 2 + 1 = 4", "padding=same"),
        ("conv 1 3 stride=2 padding=same", "1x8", "(8 + 0 + 1 - 3) / 2 + 1 = 4", "padding=same"),
        ("conv 1 3 padding=half dilation=2", "1x8", "(8 + 2 + 2 - (2*(3 - 1) + 1)) / 1 + 1 = 8",
         "padding=half"),
        ("conv_transpose 1 4 stride=2 padding=1 output_padding=1", "1x8",
         "(8 - 1) * 2 - 1 - 1 + 4 + 1 = 17", ""),
        ("adaptive_avgpool 3", "1x8", "3", "as `size` asks"),
        ("pad [[1, 2]]", "1x8", "8 + 1 + 2 = 11", "the `amount` on both sides"),
        ("upsample 3", "1x8", "8 * 3 = 24", "x `scale`"),
        ("slice 2 7 axis=length", "1x8", "7 - 2 = 5", "`stop` - `start`"),
        ("crop [5]", "1x8", "5", "as `to` asks"),
    ],
)  # fmt: skip
def test_sizes_of_one_layer(layer: str, input_: str, text: str, remark: str) -> None:
    found = why(f"net A {{ input {input_}; x: {layer} }}", "x")
    (one,) = [axis for axis in found.axes if "length" in axis.what]
    assert (one.text, one.remark) == (text, remark)
    check(found, found.output, {})


def test_symbolic_sizes() -> None:
    """Sizes as expressions, with what each layer asks of them."""
    text = (
        "net A { input 3xHxW; c: conv 8 2 stride=2; d: conv 8 3 stride=2 padding=1; flat: flatten }"
    )
    halved = why(text.replace("; flat: flatten", ""), "c")
    assert [(a.what, a.text) for a in halved.axes][1:] == [
        ("height", "(H - 2) / 2 + 1 = H/2"),
        ("width", "(W - 2) / 2 + 1 = W/2"),
    ]
    assert set(halved.conditions) == {"H >= 2", "W >= 2", "H % 2 == 0", "W % 2 == 0"}
    assert halved.macs is not None
    assert str(halved.macs.value) == "24*H*W"  # 8 * H/2 * W/2 * 3 * 2 * 2


def test_ports() -> None:
    out = why(TEXT, "out", "A")
    assert (out.what, str(out.output)) == ("dense", "10")
    assert out.readers == ()
    came = why(TEXT, "input", "A")
    assert links(came, "dims") == [(10, "3x32x32", "dims = 3x32x32")]
    assert [n.path for n in came.readers] == ["stem"]
    found = ask(SourceFile("a.net", TEXT), nowhere, "A", "input", None, {"": "3x64x64"}).answer
    assert found is not None
    assert found.arguments[0].how == "given by --input"


def test_blocks_and_scopes() -> None:
    """A unit of 32 channels: 16 * 32 * 9 + 2 * 16 + 16 * 32 = 5,152."""
    unit = why(TEXT, "stage2.2", "A")
    assert unit.params is not None
    assert unit.params.text == "4,608 + 32 + 512 = 5,152"
    assert unit.params.remark == "conv1 + bn + conv2"
    assert [(a.name, a.value) for a in unit.arguments] == [
        *(("layer", "unit"), ("c", "32"), ("stride", "1"))
    ]
    stage = why(TEXT, "stage2", "A")
    assert (stage.what, [n.path for n in stage.inputs]) == ("stage", ["stage1.1"])
    assert links(stage, "n")[1] == (13, "n", "n = 2")
    assert why(TEXT, "stage2.n", "A").arguments[0].value == "2"
    head = why(TEXT, "head", "A")
    assert (head.what, str(head.output)) == ("sequence", "10")
    aux = why(TEXT, "aux", "A")
    assert aux.params is not None
    assert aux.params.value == 7  # 6 weights and a bias


def test_shared_weights_taps_and_values_handed_to_blocks() -> None:
    text = """block up(c, skip) { conv1: conv c 1; concat { identity; @skip } }
    net S { input 4x8x8; a: conv 4 3 padding=1; relu; share a; b: up 2 @a; c: conv 3 1
      d: concat { @b.conv1; identity } }"""
    found = why(text, "b.(concat)")
    assert [n.path for n in found.inputs] == ["b.conv1", "a"]
    assert [n.path for n in why(text, "d").inputs] == ["b.conv1", "c"]
    assert why(text, "b").arguments[1].name == "skip"
    assert [n.path for n in why(text, "a").readers][:1] == ["relu1"]


def test_references_into_blocks() -> None:
    text = """block b { c: conv 4 1; relu }
    net A { input 4x8x8; u: b; v: { repeat 3 { b } }; w: add { @u.c; @v.1.c }; @u.c }"""
    assert [n.path for n in why(text, "w").inputs] == ["u.c", "v.1.c"]
    assert [n.path for n in why(text, "u.c").readers] == ["u.relu1", "w", "out"]
    assert [n.path for n in why(text, "v.1.c").readers] == ["v.1.relu1", "w"]
    assert [n.path for n in why(text, "v.2.c").readers] == ["v.2.relu1"]
    assert [n.path for n in why(text, "v.2.c").inputs] == ["v.1"]
    out = why(text, "out")
    assert (out.what, [n.path for n in out.inputs]) == ("conv", ["input"])


def test_values_of_expressions() -> None:
    """With their numbers, sizes of values and layers among them."""
    text = """net A(n=3) { input 4x8x8; let a = @; let k = n if n > 2 else 1
      conv in.channels k padding=k//2; resize [@a.height * 2, floor(in.width / 3)]
      let z = @.channels; conv z + 1 1 }"""
    assert [t for _, _, t in links(why(text, "0"), "kernel")] == [
        "kernel = k = 3", "k = n if n > 2 else 1 = 3 if 3 > 2 else 1 = 3", "n = 3"
    ]  # fmt: skip
    assert [t for _, _, t in links(why(text, "0"), "filters")] == ["filters = in.channels = 4"]
    assert [t for _, _, t in links(why(text, "1"), "to")] == [
        "to = [@a.height * 2, floor(in.width / 3)] = [8 * 2, floor(8 / 3)] = [16, 2]"
    ]
    assert [t for _, _, t in links(why(text, "2"), "filters")] == [
        "filters = z + 1 = 4 + 1 = 5", "z = @.channels = 4"
    ]  # fmt: skip


def test_layers_as_arguments_and_defaults_of_blocks() -> None:
    text = """block f(act, c=4, dims=[1, 2]) { conv c 1; act; repeat dims as d { conv c*d 1 } }
    net A { input 4x8x8
      default f c=8
      x: f relu; y: f leaky_relu dims=[3] }"""
    assert links(why(text, "x"), "c") == [(3, "8", "c = 8")]
    assert links(why(text, "x.1"), "act") == [(1, "act", "act = relu"), (4, "relu", "act = relu")]
    assert [t for _, _, t in links(why(text, "x.3"), "filters")] == [
        *("filters = c*d = 8*2 = 16", "c = 8", "d = 2", "dims = [1, 2]", "element 1 = 2")
    ]
    assert [t for _, _, t in links(why(text, "y.2"), "filters")][-2:] == [
        *("dims = [3]", "element 0 = 3")
    ]
    assert why(text, "y.act").arguments[0].value == "leaky_relu"


@pytest.mark.parametrize("path", ["out", "a", "b", "e1", "e2", "input"])
def test_what_passes_values_on(path: str) -> None:
    """Blocks, labels and repeats of nothing give what they take."""
    text = "block e { }\nnet A { input 4x8x8; e; a: e; b: { }; repeat 3 { e }; repeat 0 { e } }"
    assert str(why(text, path).output) == "4x8x8"


def test_one_and_three_dimensions_training_and_several_inputs() -> None:
    """(64 + 4 - 5) / 2 + 1 = 32.5; (16 - 1) / 2 + 1 = 8.5."""
    one = why("net A { input 3x64; conv 4 5 stride=2 padding=2 }", "0")
    assert axes(one)["length"] == "(64 + 2 + 2 - 5) / 2 + 1 = 32.5 -> 32"
    three = "net A { input 3x8x16x16; conv 4 3x1x1 stride=1x2x2 padding=[1, 0, 0] }"
    assert axes(why(three, "0")) == {
        "channels": "4",
        "depth": "(8 + 1 + 1 - 3) / 1 + 1 = 8",
        "height, width": "(16 - 1) / 2 + 1 = 8.5 -> 8",
    }
    two = """net A { a: input 3x8x8; b: input 3x8x8; add { @a; @b }; c: conv 4 1
      aux: output when=training { flatten; dense 2 } }"""
    assert [n.path for n in why(two, "(add)").inputs] == ["a", "b"]
    assert "it exists in training only" in why(two, "aux.1").notes
    assert [n.path for n in why(two, "c").readers] == ["aux.0", "out"]


def test_blocks_in_blocks_however_deep() -> None:
    deep = "".join(f"block b{i} {{ x: b{i - 1} }}\n" for i in range(1, 390))
    text = f"block b0 {{ conv 8 1 }}\n{deep}net A {{ input 8x4x4; top: b389 }}"
    found = why(text, f"top{'.x' * 389}.0.weight")
    assert found.tensors[0].text == "8 x 8 x 1 x 1 = 64"
    assert len(found.way) == 1 + 1 + 389 + 1  # the net, 390 calls, and the layer
    doubling = "".join(f"block b{i} {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, 40))
    text = f"block b0 {{ conv 8 1 }}\n{doubling}net A {{ input 8x4x4; top: b39 }}"
    assert [n.path for n in why(text, f"top{'.1' * 39}").readers] == ["out"]


# --- mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("stam", "nothing in A is called `stam`; did you mean `stem`?"),
        ("stage2.1.conv9", "nothing in `stage2.1` of A is called `conv9`; "
         "did you mean `stage2.1.conv2`?"),
        ("stem.wieght", "nothing in `stem` of A is called `wieght`; did you mean `stem.weight`?"),
        ("stem.strid", "nothing in `stem` of A is called `strid`; did you mean `stem.stride`?"),
        ("head.7", "nothing in `head` of A is called `7`; it has 0, 1, 2"),
        ("(mul)", None), ("(add)2", None), ("(add)0", None), ("", None), (".", None), ("..", None),
        ("stem.", None), (".stem", None), ("stem.weight.x", None), ("a" * 100_000, None),
        ("stem." * 500, None), ("long.99999999999999999999", None), ("long.-1", None),
        ("long.0.weight.0", None), ("\x00", None), ("sté\u0301m", None), ("long.\u0661", None),
        ("stage1.9999999999.x", None), ("(add)999999999999", None), ("out.out", None),
    ],
)  # fmt: skip
def test_what_is_not_there(path: str, message: str | None) -> None:
    with pytest.raises(NoSuchPath) as refusal:
        why(TEXT, path, "A")
    assert message is None or str(refusal.value) == message


def test_a_label_goes_before_the_input_that_is_called_so() -> None:
    text = "net A { input 1x4x4; mean width; input: residual { relu } }"
    found = ask(SourceFile("a.net", text), nowhere, None, "input").answer
    # One of 4 heights for each channel: the width is gone.
    assert found is not None and str(found.output) == "1x4"
