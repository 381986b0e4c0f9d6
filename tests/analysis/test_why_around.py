"""Why: what stands around a value: who reads it, the layer that shaped it, whose arguments."""

from __future__ import annotations

import pytest

from netspec.analysis.why import Why, ask
from netspec.analysis.why.levels import MOST_READERS
from netspec.graph.walk import flatten
from netspec.source import SourceFile
from tests.analysis.test_why_by_hand import links, nowhere, why


def readers(text: str, path: str) -> list[str]:
    return [neighbour.path for neighbour in why(text, path).readers]


def turns(found: Why) -> list[str]:
    return [turn.text for turn in found.way]


# --- who reads it ---------------------------------------------------------------------------------


def test_what_every_iteration_takes() -> None:
    """Four blocks, each of which takes `a` besides what flows in: the first one takes it twice."""
    text = """block u(v) { add { @v; conv 4 1 } }
    net A { input 4x4x4; a: conv 4 1; %s b: { repeat 4 { u @a } } }"""
    assert readers(text % "", "a") == ["b.0", "b.1", "b.2", "b.3"]
    assert readers(text % "tanh;", "a") == ["tanh1", "b.0", "b.1", "b.2", "b.3"]
    third = why(text % "tanh;", "b.2")
    assert [n.path for n in third.inputs] == ["b.1", "a"]


def test_what_repeats_of_repeats_take() -> None:
    """Two iterations of two blocks and a rectifier: places 0 and 1, 3 and 4 read it."""
    text = """block u(v) { add { @v; conv 4 1 } }
    net A { input 4x4x4; a: conv 4 1; tanh; b: { repeat 2 { repeat 2 { u @a }; relu } } }"""
    assert readers(text, "a") == ["tanh1", "b.0", "b.1", "b.3", "b.4"]
    assert readers(text, "b.1") == ["b.2"]
    assert readers(text, "b.2") == ["b.3"]


def test_very_many_readers() -> None:
    text = "block u(v) { add { @v; conv 4 1 } }\nnet A { input 4x4x4; a: conv 4 1; tanh; b: %s }"
    assert len(readers(text % "{ repeat 1_000_000 { u @a } }", "a")) == MOST_READERS == 24
    # As many again, of merges that are called by their numbers.
    nested = "{ repeat 900 { repeat 900 { repeat 900 { add { identity; @a } } } } }"
    expected = ["tanh1", "(add)", *(f"(add){number}" for number in range(2, 24))]
    assert readers(text % nested, "a") == expected


def test_an_iteration_that_begins_with_what_came_in() -> None:
    """What each iteration gives is what it took: all three convolutions read `a`."""
    text = "net A { input 4x4x4; a: conv 4 1; repeat 3 { let v = @; conv 4 1; @v } }"
    for path in ("conv1", "conv2", "conv3"):
        assert [n.path for n in why(text, path).inputs] == ["a"]


def test_repeats_that_give_back_what_they_took() -> None:
    """All read `a`: each convolution, and who comes after; nested, and by another way in."""
    text = "net A { input 4x4x4; a: conv 4 1; r: { %s }; relu; conv 4 1 }"
    again = "repeat 3 { let v = @; conv 4 1; @v }"
    assert readers(text % again, "a") == ["r.0", "r.1", "r.2", "relu1"]
    assert readers(text % again, "r.1") == []
    assert [n.path for n in why(text % again, "relu1").inputs] == ["a"]
    twice = f"repeat 2 {{ let w = @; {again}; tanh; @w }}"
    expected = ["r.0", "r.1", "r.2", "r.3", "r.4", "r.5", "r.6", "r.7", "relu1"]
    assert sorted(readers(text % twice, "a")) == expected
    other = "tanh; repeat 3 { conv 4 1; @a }"
    assert readers(text % other, "a") == ["r.0", "r.2", "r.3", "relu1"]
    assert readers(text % other, "r.0") == ["r.1"]


def test_names_in_repeats_of_repeats() -> None:
    """Seven places in each of five iterations; three in each of the others."""
    text = "net A { input 4x4x4; b: { repeat 5 { repeat 3 { conv 4 1; relu }; tanh } } }"
    inside = [("b.6", "b.7", "b.8"), ("b.12", "b.13", "b.14"), ("b.19", "b.20", "b.21")]
    for before, path, after in inside:
        found = why(text, path)
        assert ([n.path for n in found.inputs], readers(text, path)) == ([before], [after])
    blocks = """block u { repeat 3 { conv 4 1 } }
    net A { input 4x4x4; b: { repeat 4 { u; relu } } }"""
    found = why(blocks, "b.4.1")
    assert [n.path for n in found.inputs] == ["b.4.0"]
    assert [n.path for n in found.readers] == ["b.4.2"]
    assert turns(found)[2:5] == [
        *("repeat 4, iteration 2 (from 0) of 4", "u", "repeat 3, iteration 1 (from 0) of 3")
    ]


# --- what gave it its shape -----------------------------------------------------------------------


def test_the_layer_that_gave_a_block_its_shape() -> None:
    text = """block pooled { conv 8 3x3 padding=1; maxpool 2; relu; batchnorm }
    block kept { conv 8 3x3 padding=1; relu; batchnorm }
    block often { repeat 3 { maxpool 3 stride=1 } }
    net A { input 3x8x8; a: pooled; b: kept; c: { conv 4 3; relu }; input2: identity; d: %s }"""
    text = text % "{ flatten }"
    assert why(text, "a").inside == "a.1"
    assert why(text, "b").inside == "b.0"
    assert why(text, "c").inside == "c.0"
    # A pool computes its sizes though they stay; what flattens them changes them.
    ended = """net A { input 3x8x8; a: { conv 4 3; maxpool 3 stride=1 padding=1; relu }
      b: { repeat 4 { conv 4 3 padding=1; relu }; relu }; c: { conv 4 1; flatten; relu } }"""
    assert [why(ended, path).inside for path in "abc"] == ["a.1", "b.6", "c.1"]
    repeated = text.replace("c: {", "r: often; c: {").replace("conv 4 3;", "conv 4 1;")
    repeated = repeated.replace("3x8x8", "3x16x16")
    # 8 positions, and two fewer at each of three: the last one leaves 2.
    found = why(repeated, "r")
    assert (found.inside, str(found.output)) == ("r.2", "8x2x2")


def test_conditions_are_those_of_the_statement() -> None:
    """The second convolution asks nothing of its even size, the first that there is such a one."""
    text = "net A { input 4xHxW; a: conv 4 2 stride=2; b: conv 4 3 padding=1; c: maxpool 2 }"
    assert set(why(text, "a").conditions) == {"H >= 2", "W >= 2", "H % 2 == 0", "W % 2 == 0"}
    assert why(text, "b").conditions == ()
    # Halved twice: each of the two sizes is a multiple of 4.
    assert set(why(text, "c").conditions) >= {"H % 4 == 0", "W % 4 == 0"}


# --- costs of what it holds -----------------------------------------------------------------------


def test_parts_of_scopes_within_scopes() -> None:
    """3 * 4 + 4 = 16, 4 * 4 + 4 = 20 twice, 4 * 5 + 5 = 25."""
    text = """net A { input 3x4x4
      o: { i: { conv 4 1; conv 4 1 }; j: { p: conv 4 1; relu; q: conv 5 1 } } }"""
    whole, first, second = (why(text, path).params for path in ("o", "o.i", "o.j"))
    assert whole is not None and first is not None and second is not None
    assert (whole.text, whole.remark) == ("36 + 45 = 81", "i + j")
    assert (first.text, first.remark) == ("16 + 20 = 36", "0 + 1")
    assert (second.text, second.remark) == ("20 + 25 = 45", "p + q")


def test_parts_that_are_repeats() -> None:
    """16 for the first of 3 channels; three times 20."""
    text = "net A { input 3x4x4; b: { conv 4 1; repeat 3 { conv 4 1 } }; conv 4 1 }"
    found = why(text, "b").params
    assert found is not None
    assert found.value == 16 + 3 * 20
    assert found.remark.split(" + ")[0] == "0"
    assert found.remark.endswith("…")
    # What has no name there stands where the rest stands.
    text = "net A { input 4x4x4; b: { repeat 4 { add { identity; identity }; conv 4 1 } } }"
    found = why(text, "b").params
    assert found is not None
    assert found.value == 4 * 20


# --- whose arguments ------------------------------------------------------------------------------


def test_inline_blocks_of_the_same_label() -> None:
    """In two blocks, and in an inline block within another."""
    text = """inline block s(c) { conv c 1; relu }
    block p { x: s 5 }
    block q { x: s 7 }
    inline block o(d) { x: s 2*d; tanh }
    net A { input 4x8x8; a: p; b: q; y: o 3 }"""
    found = {path: why(text, path) for path in ("a.x", "b.x", "y.x", "y")}
    assert links(found["a.x"], "c") == [(2, "5", "c = 5")]
    assert links(found["b.x"], "c") == [(3, "7", "c = 7")]
    assert links(found["y.x"], "c")[:2] == [(4, "2*d", "c = 2*d = 2*3 = 6"), (5, "3", "d = 3")]
    assert [a.name for a in found["y"].arguments] == ["d"]
    # Braces take none, whatever begins in them.
    braces = "inline block s(c) { conv c 1; relu }\nnet A { input 3x4x4; x: { s 5 } }"
    assert why(braces, "x").arguments == ()
    assert [(t.text, t.path) for t in found["b.x"].way][1:] == [("b: q", "b"), ("x: s 7", "b.x")]


def test_what_decides_a_tensor() -> None:
    text = "net A { input 4x8x8; a: conv 6 3 groups=2 stride=2 rounding=floor bias=false }"
    asked = {
        path: [x.name for x in why(text, f"a.{path}").arguments] for path in ("weight", "bias")
    }
    assert asked == {"weight": ["filters", "kernel", "groups", "bias"], "bias": ["bias"]}
    assert [x.name for x in why(text, "a.stride").arguments] == ["stride"]


def test_sizes_from_outside_are_those_of_their_input() -> None:
    text = "net A { l: input 3x8x8; r: input 3x8x8; add { @l; @r } }"
    sizes = {"l": "3x8x8"}
    how = {}
    for path in ("l", "r"):
        found = ask(SourceFile("a.net", text), nowhere, None, path, None, sizes).answer
        assert found is not None
        how[path] = found.arguments[0].how
    assert how == {"l": "given by --input", "r": "written in the statement"}


def test_an_argument_goes_before_a_default() -> None:
    text = """net A { input 3x9x9; default conv kernel=3 bias=false
      a: conv 4 1 bias=true; b: conv 4 kernel=5 }"""
    assert links(why(text, "a"), "kernel") == [(2, "1", "kernel = 1")]
    assert links(why(text, "a"), "bias") == [(2, "true", "bias = true")]
    assert links(why(text, "b"), "kernel") == [(2, "5", "kernel = 5")]
    assert links(why(text, "b"), "bias") == [(1, "false", "bias = false")]


def test_aliases_of_aliases() -> None:
    """Each fills the first places that those before it have left."""
    text = "net A(w, d=2) { input 3x4x4; c: conv w d }\nnet B = A 6\nnet C = B 3"
    found = why(text, "c", "C")
    assert links(found, "filters")[1:] == [(2, "6", "w = 6")]
    assert links(found, "kernel")[1:] == [(3, "3", "d = 3")]
    hows = [a.links[1].how for a in found.arguments[:2]]
    assert hows == ["`w` of `A`, set by `B`", "`d` of `A`, set by `C`"]
    assert turns(found)[0] == "net C = B 3"


def test_every_part_of_a_list_of_arguments() -> None:
    text = "net A { input 3x4x5; d: permute width height channels }"
    (argument,) = why(text, "d").arguments
    assert [link.span.text for link in argument.links] == ["width", "height", "channels"]


def test_elements_small_numbers_and_long_repeats() -> None:
    """Elements count from 0, as `as` does; 3 * 3 = 9."""
    text = "net A { input 3x4x4; b: { repeat [2*2, 3*3] as d { conv d 1; batchnorm eps=1e-5 } } }"
    assert links(why(text, "b.2"), "filters")[1:] == [
        (1, "d", "d = 9"),
        (1, "3*3", "element 1 = 3*3 = 9"),
    ]
    (eps,) = why(text, "b.1.eps").arguments
    assert (eps.value, eps.links[0].text) == ("1e-5", "eps = 1e-5")
    long = "net A { input 1x1x1; b: { repeat 1_200 as i { conv 1 + i // 1_199 1 } } }"
    last = why(long, "b.1199").arguments[0].links[1]
    assert last.how == "`i` counts this repeat, in iteration 1,199 (from 0) of 1,200"


def test_asking_leaves_the_net_as_it_is() -> None:
    """A reference into a block is looked up again, and no value of the net."""
    text = "block u { c: conv 6 1 }\nnet A { input 3x4x4; a: u; b: conv @a.c.channels * 2 1 }"
    found = ask(SourceFile("a.net", text), nowhere, None, "b")
    assert found.answer is not None
    assert links(found.answer, "filters")[0][2] == "filters = @a.c.channels * 2 = 6 * 2 = 12"
    network = found.chosen.networks[0]
    # The input, the block, the convolution, and what the size was read from.
    assert len(network.root.nodes) <= 4
    assert [flat.path for flat in flatten(network).nodes] == ["", "a.c", "b"]


# --- the way --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "branch", "place"),
    [
        (1, "if n == 1", "n == 1"),
        (2, "else if n == 2, after if n == 1", "n == 2"),
        (3, "else of if n == 1, else if n == 2", "else"),
    ],
)
def test_branches_of_conditions(n: int, branch: str, place: str) -> None:
    text = """net A(n=1) { input 3x4x4
      if n == 1 { c: conv 4 1 } else if n == 2 {
        c: conv 5 1 } else { c: conv 6 1 } }"""
    found = why(text, "c", None, n=str(n))
    assert turns(found)[1] == branch
    assert found.way[1].span.text == place
    # The last `else` of the text is the one before the last braces.
    if n == 3:
        assert found.way[1].span.start == text.rindex("else")
    assert str(found.output) == f"{3 + n}x4x4"


def test_what_iterations_bind() -> None:
    """By number and by element; of iterations that are one node, each has its own."""
    text = """net A { input 4x4x4
      a: { repeat 3 as i { conv 4 + i 1 } }
      b: { repeat 5 as i { conv 4 1 } }
      c: { repeat [[1, 4], [3, 4], [5, 4]] as k, n { conv n k padding=k//2 } } }"""
    assert turns(why(text, "a.2"))[2] == "repeat 3, iteration 2 (from 0) of 3 (i = 2)"
    assert turns(why(text, "b.3"))[2] == "repeat 5, iteration 3 (from 0) of 5 (i = 3)"
    third = turns(why(text, "c.2"))[2]
    assert third == "repeat [[1, 4], [3, 4], [5, 4]], iteration 2 (from 0) of 3 (k = 5, n = 4)"
