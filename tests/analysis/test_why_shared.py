"""Why: shared weights: each use by itself, the others told, labels of uses asked for."""

from __future__ import annotations

import pytest

from netspec.analysis.places import NoSuchPath
from netspec.analysis.why import Neighbour
from netspec.reports import why_text
from tests.analysis.sums import check
from tests.analysis.test_why_around import turns
from tests.analysis.test_why_by_hand import why

TIED = """net T {
  input 4x8x8
  tied: { conv 4 3x3 padding=1; batchnorm; prelu }
  share tied
  maxpool 2
  t2: share tied
  c: conv 4 1x1
  share c
  c3: share c
}"""


def around(found: tuple[Neighbour, ...]) -> list[tuple[str, str]]:
    return [(neighbour.path, neighbour.use) for neighbour in found]


def test_the_first_use_of_several() -> None:
    """4 * 8 * 8 * 4 * 9 = 9,216 multiply-accumulates; 144 + 4 weights, 8 of the norm, a slope."""
    found = why(TIED, "tied")
    assert found.macs is not None and found.params is not None
    assert (found.macs.value, found.params.value) == (9_216, 157)
    assert around(found.readers) == [("tied.0", "use 2 of 3")]
    note = "use 1 of 3 of `tied`; the others: a.net:4:3, t2 at a.net:6:7"
    assert found.notes == why(TIED, "tied.0").notes == (note,)
    assert around(why(TIED, "tied.0").readers) == [("tied.1", "")]
    assert around(why(TIED, "tied.2").readers) == [("tied.0", "use 2 of 3")]
    assert "\n  tied.0  conv, use 2 of 3  4x8x8\n" in why_text.render(found)


def test_labels_of_uses() -> None:
    """At a quarter of the places: 2,304. Weights are the first use's."""
    found = why(TIED, "t2")
    assert (found.what, str(found.output), found.inside) == ("sequence", "4x4x4", "tied.0")
    assert found.macs is not None and found.params is None
    assert found.macs.value == 2_304
    assert around(found.inputs) == [("maxpool1", "")]
    assert around(found.readers) == [("c", "")]
    assert turns(found) == ["net T", "t2: share tied"]
    assert found.notes == (
        "use 3 of 3 of `tied`, whose weights these are; the others: a.net:3:3, a.net:4:3",
    )
    check(found, found.output, {})
    layer = why(TIED, "c3")
    assert turns(layer) == ["net T", "c3: share c", "c: conv 4 1x1"]
    assert around(layer.inputs) == [("c", "use 2 of 3")]
    assert [n.what for n in layer.readers] == ["output"]
    assert layer.params is None
    # The weights themselves are there to be asked about.
    assert [t.value for t in why(TIED, "c3.weight").tensors] == [16]
    assert why(TIED, "c3.filters").arguments[0].value == "4"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("t2.0", "nothing in `t2` of T, a use of `tied`, has a name of its own; "
         "did you mean `tied.0`?"),
        ("t2.weight", "nothing in `t2` of T, a use of `tied`, has a name of its own"),
        ("c3.wait", "nothing in `c3` of T is called `wait`; did you mean `c3.weight`?"),
        ("q", "nothing in T is called `q`; it has tied, maxpool1, c, t2, c3, input, out"),
    ],
)  # fmt: skip
def test_what_uses_do_not_have(path: str, message: str) -> None:
    with pytest.raises(NoSuchPath) as refusal:
        why(TIED, path)
    assert str(refusal.value) == message


def test_uses_in_blocks_and_of_blocks() -> None:
    """Each block has two uses of its own scope, and is used twice itself; dotted labels."""
    text = """block bb { c: conv 4 1; s: { conv 4 1; relu }; s2: share s }
    inline block il { u: conv 4 1; v: share u }
    net U { input 4x8x8; k: bb; k2: share k; q: { il }; "m.n": conv 4 1; "m.o": share m.n }"""
    inner = why(text, "k.s2")
    assert inner.notes == (
        "use 1 of 2 of `k`; the other: k2 at a.net:3:37",
        "use 2 of 2 of `k.s`, whose weights these are; the other: a.net:1:25",
    )
    assert (around(inner.inputs), around(inner.readers)) == ([("k.s.1", "")], [("k", "use 2 of 2")])
    # c, s and s2 at 4 * 8 * 8 places, each with 4 channels.
    again = why(text, "k2")
    assert again.macs is not None and again.params is None
    assert again.macs.value == 3 * 1_024
    assert turns(again) == ["net U", "k2: share k", "k: bb"]
    assert turns(why(text, "q.v")) == ["net U", "q:", "il", "v: share u", "u: conv 4 1"]
    assert why(text, "q.u").notes == ("use 1 of 2 of `q.u`; the other: q.v at a.net:2:39",)
    assert around(why(text, "m.o").inputs) == [("m.n", "")]


def test_uses_in_what_is_used_again() -> None:
    """`b` is used in each of the two uses of `a`, so that it has four; repeats are one node."""
    text = """net A { input 4x8x8; a: { b: conv 4 1; share b }; share a
      x: { repeat 4 { conv 4 1 } }; x2: share x; y: concat { identity; conv 4 1 } }"""
    whole = why(text, "a")
    assert whole.macs is not None and whole.params is not None
    assert (whole.macs.value, whole.params.value) == (2 * 1_024, 20)
    assert around(whole.readers) == [("a.b", "use 3 of 4")]
    assert around(why(text, "a.b").readers) == [("a.b", "use 2 of 4")]
    repeated = why(text, "x2")
    assert repeated.macs is not None and repeated.macs.value == 4 * 1_024
    assert around(repeated.inputs) == [("x.3", "")]
    assert why(text, "x.2").notes == ("use 1 of 2 of `x`; the other: x2 at a.net:2:41",)


def test_uses_of_nothing_and_of_merges() -> None:
    """Braces around nothing give what they take, again and again."""
    text = """net Z { input 4x8x8; e: { }; e2: share e; conv 4 1; e3: share e
      m: add { identity; conv 4 1 }; m2: share m; m3: share m -> 4x8x8 }"""
    for path in ("e2", "e3"):
        assert turns(why(text, path)) == ["net Z", f"{path}: share e"]
    assert around(why(text, "e3").inputs) == [("conv1", "")]
    assert around(why(text, "m2").inputs) == [("m", ""), ("m.0", "use 2 of 3")]
    assert turns(why(text, "m3"))[1] == "m3: share m"
    with pytest.raises(NoSuchPath, match=r"has a name of its own; did you mean `m\.0`\?$"):
        why(text, "m2.0")


def test_an_output_that_is_a_use() -> None:
    text = "net A { input 4x8x8; s: { conv 4 1; relu }; share s }"
    found = why(text, "out")
    assert turns(found) == ["net A", "share s", "s:", "relu"]
    assert found.notes == (
        "an output of the net",
        "use 2 of 2 of `s`, whose weights these are; the other: a.net:1:22",
    )
