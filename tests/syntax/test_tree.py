"""What parses, and to which tree: the forms of the language page, one by one."""

from __future__ import annotations

import pytest

from netspec.source import SourceFile
from netspec.syntax import parse, parse_dims, parse_expression, tree
from tests.syntax.dump import dump, items, statements

STATEMENTS = {
    # layers and arguments
    "conv 64 3x3 stride=2 padding=1": "Apply(conv 64 3x3 stride=2 padding=1)",
    "conv 4*width 1x1": "Apply(conv <4 * width> 1x1)",
    "relu": "Apply(relu)",
    "conv 64 3 stride = 2": "Apply(conv 64 3 stride=2)",
    "cell 8 - 4": "Apply(cell <8 - 4>)",
    "cell 8-4": "Apply(cell <8 - 4>)",
    "cell -4": "Apply(cell <- 4>)",
    "cell 8 (-4)": "Apply(cell 8 (<- 4>))",
    "cell (8 -4) [8 -4] max(8 -4)": "Apply(cell (<8 - 4>) [<8 - 4>] max(<8 - 4>))",
    "cell f (x)": "Apply(cell f (x))",
    "cell f(x)": "Apply(cell f(x))",
    "up 512 @enc.0": "Apply(up 512 @enc/0)",
    "permute height width channels": "Apply(permute height width channels)",
    # keywords are free names where no statement begins
    "crop 5 input": "Apply(crop 5 input)",
    "cell max block net add=sub": "Apply(cell max block net add=sub)",
    "block 64": "Apply(block 64)",
    "net 64 stride=2": "Apply(net 64 stride=2)",
    "resize in": "Apply(resize in)",
    # labels
    "conv1: conv 64 7": "Labelled(conv1 Apply(conv 64 7))",
    "in: relu; default: relu; train: relu": (
        "Labelled(in Apply(relu)); Labelled(default Apply(relu)); Labelled(train Apply(relu))"
    ),
    "denselayer{i+1}: relu": "Labelled(denselayer{<i + 1>} Apply(relu))",
    "{i}: relu": "Labelled({i} Apply(relu))",
    '"block{k}-{i}": relu': "Labelled(block{k}-{i} Apply(relu))",
    '"convs.{i}": relu': "Labelled(convs/{i} Apply(relu))",
    "head : relu": "Labelled(head Apply(relu))",
    "a: { relu }": "Labelled(a {Apply(relu)})",
    # annotations
    "conv 64 7x7 -> 64x112x112": "Annotated(Apply(conv 64 7x7) 64x112x112)",
    "a: relu -> _x7x7": "Labelled(a Annotated(Apply(relu) _x7x7))",
    "relu -> 256x_x_": "Annotated(Apply(relu) 256x_x_)",
    "relu -> [c, 2*n, _]": "Annotated(Apply(relu) [c, <2 * n>, _])",
    "relu -> 10": "Annotated(Apply(relu) 10)",
    "{ relu } -> 10": "Annotated({Apply(relu)} 10)",
    # sequences, repeat, if
    "{ }": "{}",
    "{ relu; { tanh } }": "{Apply(relu); {Apply(tanh)}}",
    "repeat 3 { relu }": "Repeat(3  {Apply(relu)})",
    "repeat n - 1 { relu }": "Repeat(<n - 1>  {Apply(relu)})",
    "repeat n as i { relu }": "Repeat(n i {Apply(relu)})",
    "repeat l as a, b { relu }": "Repeat(l a, b {Apply(relu)})",
    "repeat l as i: a, b { relu }": "Repeat(l i a, b {Apply(relu)})",
    "repeat [[2, 64], [3, 128]] as n, c { }": "Repeat([[2, 64], [3, 128]] n, c {})",
    "if norm { batchnorm }": "If(if norm {Apply(batchnorm)})",
    "if a { relu } else if b { tanh } else { elu }": (
        "If(if a {Apply(relu)} else if b {Apply(tanh)} else {Apply(elu)})"
    ),
    "if stride != 1 or in.channels != 4*width { relu }": (
        "If(if <<stride != 1> or <in.channels != <4 * width>>> {Apply(relu)})"
    ),
    "if(a) { relu }": "If(if (a) {Apply(relu)})",
    # let and default
    "let x = 3": "Let(x 3)",
    "let x = a if b else c if d else e": "Let(x <a if b else <c if d else e>>)",
    "let skip = @": "Let(skip @)",
    "let low = @backbone.4": "Let(low @backbone/4)",
    "default conv bias=false padding=half": "Default(conv bias=false, padding=half)",
    # references
    "@skip": "Yield(@skip)",
    "@layer2.1.conv3": "Yield(@layer2/1/conv3)",
    "@branches.{i}": "Yield(@branches/{i})",
    "cell @branch{i+1}.channels": "Apply(cell @branch{<i + 1>}/channels)",
    "cell @.channels": "Apply(cell @.channels)",
    '@"block1-0".2': "Yield(@block1-0/2)",
    "@in": "Yield(@in)",
    "mid: @skip": "Labelled(mid Yield(@skip))",
    # merges
    "concat { @skip; identity }": "Merge(concat  {Yield(@skip); Apply(identity)})",
    "concat axis=height { relu; relu }": "Merge(concat axis=height {Apply(relu); Apply(relu)})",
    "add { }; mul { }; max { }; sub { }": "Merge(add  {}); Merge(mul  {}); Merge(max  {}); "
    "Merge(sub  {})",
    "concat{ relu }": "Merge(concat  {Apply(relu)})",
    "residual { relu }": "Residual({Apply(relu)})",
    "residual { relu } shortcut { }": "Residual({Apply(relu)} {})",
    # the rest
    "share a.b": "Share(a/b)",
    "share branch{i}": "Share(branch{i})",
    "input 3x224x224": "Input(3x224x224)",
    "image: input 3xHxW": "Labelled(image Input(3xHxW))",
    "input [c, 2*n, 2*n]": "Input([c, <2 * n>, <2 * n>])",
    "input": "Input()",
    "aux: output { @layer3; dense 10 }": (
        "Labelled(aux Output( {Yield(@layer3); Apply(dense 10)}))"
    ),
    "output name=aux when=training conv 3 1": "Output(name=aux, when=training Apply(conv 3 1))",
    "aux: output head: dense 10": "Labelled(aux Output( Labelled(head Apply(dense 10))))",
    'output name="a" relu -> 3': 'Output(name="a" Annotated(Apply(relu) 3))',
    "assert params <= 25.6M": "Assert(<params <= 25600000>)",
    "assert out.channels == 10 and not x": "Assert(<<out.channels == 10> and <not x>>)",
    "init he": "Init(he  )",
    "init conv he mode=fan_out": "Init(conv he  mode=fan_out)",
    "init normal 0.01 mean=a + 1": "Init(normal 0.01 mean=<a + 1>)",
    "init layer4.0.bn3 zeros": "Init(layer4/0/bn3 zeros  )",
    "init @conv constant -1": "Init(@conv constant <- 1> )",
    'init "a-b".2 zeros': "Init(a-b/2 zeros  )",
    "init: conv 1 1": "Labelled(init Apply(conv 1 1))",
    "conv init 3": "Apply(conv init 3)",
    "scale_: parameter [in.channels, 1, 1] init=1e-6": (
        "Labelled(scale_ Apply(parameter [in.channels, 1, 1] init=1e-06))"
    ),
}


@pytest.mark.parametrize("text", STATEMENTS)
def test_statement(text: str) -> None:
    assert statements(text) == STATEMENTS[text]


EXPRESSIONS = {
    "1 + 2 - 3": "<1 + 2 - 3>",
    "1 + 2 * 3": "<1 + <2 * 3>>",
    "7 // 2 % 3 / 4": "<7 // 2 % 3 / 4>",
    "-2 ** 2": "<- <2 ** 2>>",
    "2 ** -1": "<2 ** <- 1>>",
    "2 ** 3 ** 2": "<2 ** <3 ** 2>>",
    "not a and b or c": "<<<not a> and b> or c>",
    "a or b or c": "<a or b or c>",
    "not a == b": "<not <a == b>>",
    "a + 1 < b * 2": "<<a + 1> < <b * 2>>",
    "(a if b else c)": "(<a if b else c>)",
    "a if b else c": "<a if b else c>",
    "make_divisible(32 * w, 8)": "make_divisible(<32 * w>, 8)",
    "min(1, 2, 3,)": "min(1, 2, 3)",
    "[]": "[]",
    "[1, [2, x], half,]": "[1, [2, x], half]",
    "(\n1 +\n2 # why\n)": "(<1 + 2>)",
    "[fused, 24, 1]": "[fused, 24, 1]",
    "true": "true",
    "none": "none",
    "3x7x7": "3x7x7",
    "_x7": "_x7",
    "1_000x2": "1000x2",
    "HxW": "HxW",
    "H": "H",
    "64": "64",
    "1_000": "1000",
    "4.2G": "4200000000",
    "2K": "2000",
    "1.5K": "1500",
    "0.0005K": "0.5",
    "1e-5": "1e-05",
    "1e3": "1000.0",
    "1e3K": "1000000",
    "0.25": "0.25",
    '"a\\"b\\\\\\n\\t"': '"a"b\\\n\t"',
    "in.height": "in.height",
    "@skip.height + 1": "<@skip/height + 1>",
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expression(text: str) -> None:
    found, diagnostics = parse_expression(SourceFile("-p", text))
    assert not diagnostics
    assert dump(found) == EXPRESSIONS[text]


def test_numbers_with_whole_suffixed_values_are_ints() -> None:
    for text, kind in {"4.2G": int, "2K": int, "0.0005K": float, "1e3": float, "7": int}.items():
        found, _ = parse_expression(SourceFile("-p", text))
        assert isinstance(found, tree.Number)
        assert type(found.value) is kind


@pytest.mark.parametrize("text", ["3x224x224", "[3, 2*n, n]", "10", "H", " 3xHxW\n"])
def test_dims(text: str) -> None:
    found, diagnostics = parse_dims(SourceFile("--input", text))
    assert found is not None
    assert not diagnostics


@pytest.mark.parametrize("text", ["", "a b", "3 +", "(1", "a = b", "net A { }", "1 if", "\x00"])
def test_no_expression(text: str) -> None:
    found, diagnostics = parse_expression(SourceFile("-p", text))
    assert found is None
    assert len(diagnostics) == 1


ITEMS = {
    'from "blocks/res.net" import a, b': 'Import("blocks/res.net" a, b)',
    "block f(a, b=3, c=x if y else z) { relu }": (
        "Block(f(a, b=3, c=<x if y else z>) {Apply(relu)})"
    ),
    "block f { relu }": "Block(f() {Apply(relu)})",
    "block f() { }": "Block(f() {})",
    "inline block f(a) { a }": "Inline(f(a) {Apply(a)})",
    "block f(\n  a,\n  b=3,\n) {\n}": "Block(f(a, b=3) {})",
    "net A { input 3x2x2 }": "Net(A() {Input(3x2x2)})",
    "net A(n=3) { }": "Net(A(n=3) {})",
    "net A = B x 3 [4] k=2": "NetAlias(A Apply(B x 3 [4] k=2))",
    "net match { }\nnet B = match": "Net(match() {})\nNetAlias(B Apply(match))",
    "net AxB { }; net C { };": "Net(AxB() {})\nNet(C() {})",
    "net A {;; relu;\n\n; tanh;}": "Net(A() {Apply(relu); Apply(tanh)})",
    "\ufeff# c\r\nnet A {\r\n  relu # x\r\n}\r\n": "Net(A() {Apply(relu)})",
    "net A(block, net=3) { block 64; net }": "Net(A(block, net=3) {Apply(block 64); Apply(net)})",
    "": "",
    "\n\n# nothing\n": "",
}


@pytest.mark.parametrize("text", ITEMS)
def test_item(text: str) -> None:
    assert items(text) == ITEMS[text]


def test_comments_are_kept_with_their_places() -> None:
    text = '# one\nnet A { relu # two\n  "a#b": relu }\n# three'
    file, _ = parse(SourceFile("a.net", text))
    assert [c.text for c in file.comments] == ["# one", "# two", "# three"]
    file, _ = parse(SourceFile("x", 'from "a.net" import a  # one\nnet A = a  # two\n'))
    assert [c.text for c in file.comments] == ["# one", "# two"]


def test_spans_cover_what_they_name() -> None:
    text = "net A {\n  conv1: conv 64 3x3 stride=2 -> 64x_x_\n}\n"
    file, _ = parse(SourceFile("a.net", text))
    (net,) = file.items
    assert isinstance(net, tree.Net)
    (labelled,) = net.body.statements
    assert isinstance(labelled, tree.Labelled)
    annotated = labelled.statement
    assert isinstance(annotated, tree.Annotated)
    layer = annotated.statement
    assert isinstance(layer, tree.Apply)
    assert labelled.span.text == "conv1: conv 64 3x3 stride=2 -> 64x_x_"
    assert labelled.label.span.text == "conv1"
    assert annotated.arrow.text == "-> 64x_x_"
    assert [a.span.text for a in layer.arguments] == ["64", "3x3"]
    assert [k.span.text for k in layer.keywords] == ["stride=2"]
    assert net.body.span.text.startswith("{") and net.body.span.text.endswith("}")


def test_byte_order_mark_keeps_the_offsets_of_the_text() -> None:
    file, _ = parse(SourceFile("a.net", "\ufeffnet A { }"))
    assert file.items[0].span.start == 1


def test_a_quoted_label_knows_the_places_of_its_pieces() -> None:
    text = 'net A { "convs.{i + 1}-x": relu }'
    file, _ = parse(SourceFile("a.net", text))
    (net,) = file.items
    assert isinstance(net, tree.Net)
    (labelled,) = net.body.statements
    assert isinstance(labelled, tree.Labelled)
    first, second = labelled.label.segments
    assert first.literal == "convs"
    assert second.literal is None
    assert (first.span.text, second.span.text) == ("convs", "{i + 1}-x")
    assert isinstance(second.parts[0], tree.Chain)
    assert second.parts[0].span.text == "i + 1"


def test_five_thousand_terms_are_flat() -> None:
    found, diagnostics = parse_expression(SourceFile("-p", "+".join(["1"] * 5000)))
    assert not diagnostics
    assert isinstance(found, tree.Chain)
    assert len(found.rest) == 4999
