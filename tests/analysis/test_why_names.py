"""Why: what merges without a label are called, what is said of what is not there, outputs."""

from __future__ import annotations

import pytest

from netspec.analysis.places import NoSuchPath
from netspec.reports import why_text
from tests.analysis.test_why_around import readers, turns
from tests.analysis.test_why_by_hand import links, why

TWICE = """net R { input 4x8x8; add { identity; conv 4 1x1 }; relu; add { identity; conv 4 1x1 }
  concat { identity; @in }; concat { identity; conv 4 1x1 }; conv 4 1x1 }"""


def came(text: str, path: str) -> list[str]:
    return [neighbour.path for neighbour in why(text, path).inputs]


# --- merges without a label -----------------------------------------------------------------------


def test_two_merges_of_a_kind() -> None:
    """The second concat reads the first, beside the convolution in it."""
    assert readers(TWICE, "(concat)") == ["3", "(concat)2"]
    assert readers(TWICE, "(concat)1") == ["3", "(concat)2"]
    assert came(TWICE, "(concat)2") == ["(concat)", "3"]
    assert came(TWICE, "(concat)") == ["(add)2", "input"]
    assert readers(TWICE, "1") == ["2", "(add)2"]


def test_merges_of_blocks_count_by_themselves() -> None:
    text = """block bb { conv 8 3x3 padding=1; add { identity; conv 8 1x1 }
      add { identity; conv 8 1x1 } }
    net K { input 8x8x8; k: bb; add { identity; @k.0 }; add { identity; @k }; conv 2 1x1 }"""
    assert readers(text, "k") == ["(add)", "(add)2"]
    assert readers(text, "(add)") == ["(add)2"]
    assert (came(text, "k.2"), readers(text, "k.2")) == (["k.(add)"], ["k.(add)2"])
    assert came(text, "(add)2") == ["(add)", "k"]


@pytest.mark.parametrize("count", [3, 1_000_000])
def test_merges_of_every_iteration(count: int) -> None:
    """Two in each of two inner iterations, one more in the outer one: 5 to each, behind one."""
    text = f"""net A {{ input 4x4x4; add {{ identity; identity }}
      repeat {count} {{ repeat 2 {{ add {{ identity; @in }}; tanh; add {{ identity; relu }} }}
        add {{ identity; identity }} }}
      add {{ identity; conv 4 1x1 }} }}"""
    last = 1 + 5 * count
    # The last of each outer iteration is read by the first of the next one.
    assert readers(text, "(add)6") == ["(add)7"]
    assert came(text, f"(add){last}") == [f"(add){last - 1}"] * 2
    assert came(text, f"(add){last + 1}")[0] == f"(add){last}"
    with pytest.raises(NoSuchPath):
        why(text, f"(add){last + 2}")


def test_a_scope_is_no_block() -> None:
    """Merges are those of the net, whatever label stands around them."""
    text = """block b { add { identity; conv 4 1 } }
    net A { input 4x4x4; s: { add { identity; relu }; b } }"""
    assert came(text, "(add)") == ["input", "s.0"]
    assert came(text, "s.1.(add)") == ["(add)", "s.1.0"]
    with pytest.raises(NoSuchPath, match=r"nothing in `s` of A is called `\(add\)`; it has 0, 1$"):
        why(text, "s.(add)")


# --- what is not there ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("c.0", "nothing in `c` of A is called `0`; it has weight, bias, filters, kernel, stride, "
         "padding, dilation, groups, rounding, standardize"),
        ("c.weight.foo", "`c.weight` of A is a tensor, which holds nothing"),
        ("c.bias.foo", "`c.bias` of A is a tensor, which holds nothing"),
        ("c.stride.foo", "`c.stride` of A is an argument, which holds nothing"),
        ("out.channels", "`out` of A is an output, which holds nothing; `out` alone has its shape"),
        ("input.a.b", "`input` of A is an input, which holds nothing; "
         "`input` alone has its shape"),
        ("u.7", "nothing in `u` of A is called `7`; it has 0, (add), (add)2"),
        ("8", "nothing in A is called `8`; it has c, u, (mul), input, out"),
    ],
)  # fmt: skip
def test_what_it_has(path: str, message: str) -> None:
    text = """block b { add { identity; conv 4 1 }; add { identity; identity } }
    net A { input 4x4x4; c: conv 4 1; u: b; mul { identity; @c } }"""
    with pytest.raises(NoSuchPath) as refusal:
        why(text, path)
    assert str(refusal.value) == message


# --- outputs and scopes ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["x", "y", "z"])
def test_labelled_outputs(path: str) -> None:
    text = """net O { input 3x8x8; conv 4 1x1; x: output identity; y: output { conv 2 1x1 }
      z: output { repeat 2 as j { conv 4 + j 1x1 } }; relu }"""
    found = why(text, path)
    assert [(n.path, n.what) for n in found.readers] == [(path, "output")]
    assert found.notes == ("an output of the net",)
    # The repeat stands in the scope, not around it.
    kinds = ["net", "output", *(["layer"] if path == "x" else [])]
    assert [turn.kind for turn in found.way] == kinds
    assert found.way[1].text.startswith(f"{path}: output ")
    assert why(text, "out").readers == ()
    assert [n.path for n in why(text, "y.0").readers] == ["y"]


def test_a_scope_that_ends_in_the_layer_that_shapes_it() -> None:
    """Its arithmetic is that layer's: 8 channels come in there, 3 to the scope."""
    text = "net A { input 3x8x8; f: { conv 8 3 padding=1; maxpool 2 }; s: { repeat 2 { relu } } }"
    found = why(text, "f")
    assert found.inside == "f.1"
    assert "\nshape, that of f.1\n  channels       8  as it comes in\n" in why_text.render(found)
    assert why(text, "s").inside == "f.1"
    assert why(text, "f.1").inside == ""


def test_scopes_over_iterations() -> None:
    """A dotted label's scope holds what all iterations make, or some; braces hold the repeat."""
    text = """net F { input 4x8x8; repeat 3 as j { "s.a{j}": conv 4 1x1; relu
        if j < 2 { "t.b{j}": conv 4 1x1 }
        "u{j}.a": conv 4 1x1; "u{j}.b": relu }
      x: { repeat 2 as k { conv 4+k 1 } } }"""
    assert turns(why(text, "s")) == ["net F", "repeat 3, all 3 iterations"]
    assert turns(why(text, "t")) == ["net F", "repeat 3, iterations 0 to 1 (from 0) of 3"]
    assert turns(why(text, "u1")) == ["net F", "repeat 3, iteration 1 (from 0) of 3 (j = 1)"]
    assert turns(why(text, "x")) == ["net F", "x:"]


def test_several_inputs() -> None:
    turn = why("net M { a: input 3x8x8; b: input 5; @a; c: conv 4 1; d: { flatten } }", "c").way[0]
    assert (turn.text, turn.shape) == ("net M, with 3x8x8 as a, 5 as b", None)


# --- where numbers come from ----------------------------------------------------------------------


def test_lets_in_repeats() -> None:
    """4 * 3 = 12 in every iteration, one node for most; by number, by element, in both repeats."""
    text = "net A(b=4) { input 3x16x16; repeat 5 { let t = b * 3; conv t 1x1; relu } }"
    for path in ("0", "2", "8"):
        assert links(why(text, path), "filters")[1:] == [
            (1, "b * 3", "t = b * 3 = 4 * 3 = 12"),
            (1, "4", "b = 4"),
        ]
    text = """block u(w) { repeat [2, 3] as k { let v = w * k; repeat 2 as i { let t = v + i
      conv t 1x1 } } }
    net A(b=4) { input 3x8x8; x: u b }"""
    # 4 * 3 + 1 = 13, in the last of all iterations.
    assert [t for _, _, t in links(why(text, "x.3"), "filters")] == [
        *("filters = t = 13", "t = v + i = 12 + 1 = 13", "v = w * k = 4 * 3 = 12"),
        *("w = b = 4", "b = 4", "k = 3", "element 1 = 3", "i = 1"),
    ]


def test_elements_of_lists_that_have_names() -> None:
    """Of a default, of an argument, of a `let`, from outside; an element of an element."""
    text = """block u(ws=[7, 8]) { repeat ws as w { conv w 1 } }
    net A(stages=[[3, 12], [2, 5]]) { input 3x8x8
      repeat stages as n, c { conv c 1 }; a: u; b: u [3, 4]
      repeat [[1, [4, 9]]] as d, f { repeat f as g { conv g 1 } } }"""
    assert links(why(text, "conv2"), "filters")[-2:] == [
        (2, "[[3, 12], [2, 5]]", "stages = [[3, 12], [2, 5]]"),
        (2, "[2, 5]", "element 1 = [2, 5]"),
    ]
    assert links(why(text, "a.1"), "filters")[-1] == (1, "8", "element 1 = 8")
    assert links(why(text, "b.1"), "filters")[-1] == (3, "4", "element 1 = 4")
    assert [t for _, _, t in links(why(text, "conv4"), "filters")][-3:] == [
        *("element 0 = [1, [4, 9]]", "element 1 = [4, 9]", "element 1 = 9")
    ]
    given = why(text, "conv2", None, stages="[[1, 4], [1, 6]]")
    assert [t for _, _, t in links(given, "filters")][-1] == "element 1 = [1, 6]"
    named = """net A { input 3x8x8; let l = [[5, 6], [4, 9]]
      repeat l as t { repeat t as v { conv v 1 } } }"""
    assert [s for _, s, _ in links(why(named, "3"), "filters")][-2:] == ["[4, 9]", "9"]
