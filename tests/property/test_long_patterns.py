"""Nets over long axes: sizes whose patterns are too long to be listed, and ties of such sizes.

Each is held against the net at one size, whose text has it written out.
"""

from __future__ import annotations

import pytest

from tests.helpers import errors, network

WAV2VEC = (
    "conv 4 10 stride=5 rounding=floor; repeat 4 { conv 4 3 stride=2 rounding=floor };"
    " repeat 2 { conv 4 2 stride=2 rounding=floor };"
)

#: What is done along the axis, and a size that it takes.
ALONE = [
    ("conv 4 400 stride=320 rounding=floor; maxpool 16; maxpool 16", 82_000),
    (WAV2VEC + "maxpool 50; maxpool 5", 80_080),
    (WAV2VEC + "maxpool 300", 96_100),
    ("conv 4 1024 stride=256 rounding=floor; repeat 9 { maxpool 2 }", 131_840),
    ("conv 4 1024 stride=441 rounding=floor; repeat 8 { maxpool 2 }", 113_479),
    ("repeat 6 { conv 4 9 stride=7 padding=2 }", 78_433),
    ("repeat 11 { conv 4 5 stride=3 padding=1 }", 177_147),
    ("repeat 9 { conv 4 3 stride=4 }", 174_763),
    ("repeat 5 { conv 4 8 stride=10 }", 77_778),
    ("repeat 4 { conv 4 16 stride=16 rounding=floor }; maxpool 2", 131_072),
    ("repeat 5 { conv 4 8 stride=8 rounding=floor }; maxpool 3", 98_304),
    ("repeat 5 { maxpool 16 rounding=floor }; maxpool 2", 2_097_152),
]


@pytest.mark.parametrize(("layers", "size"), ALONE)
def test_sizes_of_long_patterns(layers: str, size: int) -> None:
    text = f"net A {{ input 4xL; {layers} }}"
    assert not errors(text.replace("4xL", f"4x{size}"))
    conditions = network(text).conditions
    for asked in (conditions.asked, conditions.stated):
        assert all(one.holds({"L": size}) for one in asked.values())
    example = conditions.example()["L"]
    assert not errors(text.replace("4xL", f"4x{example}"))


#: What is done with inputs of these letters, and sizes that it takes.
TIED = [
    (
        "concat { { @a; conv 4 400 stride=160 rounding=floor }; { @b; upsample 16 } }",
        {"A": 2800, "B": 1},
    ),
    ("concat { { @a; maxpool 320 rounding=floor }; { @b; upsample 8 } }", {"A": 2560, "B": 1}),
    ("concat { { @a; " + WAV2VEC + "}; { @b; upsample 8 } }", {"A": 2800, "B": 1}),
    (
        "concat { { @a; maxpool 2 rounding=floor }; { @b; maxpool 2 rounding=floor; maxpool 3 } };"
        " conv 4 400",
        {"A": 800, "B": 2400},
    ),
    ("concat { { @a; maxpool 3 }; { @b; maxpool 2; pad [[0, 3000]] } }", {"A": 9003, "B": 2}),
    (
        "add { { @a; maxpool 2 rounding=floor };"
        " { @b; maxpool 2 rounding=floor; pad [[0, 5000]] } }",
        {"A": 10_002, "B": 2},
    ),
    ("concat { { @a; maxpool 3000 rounding=floor }; { @b; upsample 2 } }", {"A": 6000, "B": 1}),
]


@pytest.mark.parametrize("letters", ["AB", "BA"])
@pytest.mark.parametrize(("layers", "sizes"), TIED)
def test_ties_of_sizes_far_apart(layers: str, sizes: dict[str, int], letters: str) -> None:
    """Whatever the symbols are called, and which of them comes first."""
    a, b = letters
    text = f"net N {{ a: input 4x{a}; b: input 4x{b}; {layers} }}"

    def at(first: int, second: int) -> str:
        return text.replace(f"input 4x{a}", f"input 4x{first}", 1).replace(
            f"input 4x{b}", f"input 4x{second}", 1
        )

    assert not errors(at(sizes["A"], sizes["B"]))
    conditions = network(text).conditions
    known = {a: sizes["A"], b: sizes["B"]}
    assert all(one.holds(known) for one in conditions.stated.values())
    example = conditions.example()
    assert not errors(at(example[a], example[b]))


#: What is done with two inputs, and sizes that meet some of what is asked.
REFUSED = [
    (
        "add { { @a; maxpool 1 stride=300 rounding=floor };"
        " { @b; maxpool 1 stride=300 rounding=floor } }",
        {"A": 800, "B": 500},  # floor(1099 / 300) and floor(799 / 300)
    ),
    (
        "concat axis=length { { @b; conv 4 4 }; { @a; relu } };"
        " maxpool 5 stride=3 padding=1 -> _x47",
        {"A": 58, "B": 88},  # 58 + 85 = 143, and 143 + 2 - 5 leaves 2 by 3
    ),
    ("@a; maxpool 2; conv 4 2 stride=12; let p = @; add { @p; @p }; @b", {"A": 5, "B": 9}),
]


@pytest.mark.parametrize(("layers", "sizes"), REFUSED)
def test_what_is_stated_refuses_what_does_not_fit(layers: str, sizes: dict[str, int]) -> None:
    text = f"net N {{ a: input 4xA; b: input 4xB; {layers} }}"
    at = text.replace("4xA", f"4x{sizes['A']}").replace("4xB", f"4x{sizes['B']}")
    assert set(errors(at)) - {"unused-value"}
    assert not all(one.holds(sizes) for one in network(text).conditions.stated.values())
