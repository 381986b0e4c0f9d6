"""Names that were probably meant, and none where a word is merely short."""

from __future__ import annotations

import pytest

from netspec.diagnostics.suggest import nearest
from netspec.elaborate.functions import FUNCTIONS
from netspec.ops import OPS

NAMES = (*OPS, *FUNCTIONS)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        # One letter left out, added or changed, two that changed places; or the rest left out.
        ("cnv", "conv"),
        ("con", "conv"),
        ("mx", "max"),
        ("tnh", "tanh"),
        ("sbu", "sub"),
        ("mak", "max"),
        ("CNV", "conv"),
        ("den", "dense"),
        # Longer words may have more slips.
        ("flor", "floor"),
        ("mxpool", "maxpool"),
        ("globl_avpool", "global_avgpool"),
    ],
)
def test_what_was_meant(word: str, meant: str) -> None:
    assert nearest(word, NAMES) == meant


@pytest.mark.parametrize("word", ["foo", "bar", "baz", "x", "dap", "lor", ""])
def test_short_words_that_are_like_nothing(word: str) -> None:
    """All letters of `foo` stand in `floor`, but two more have to come in between."""
    assert nearest(word, NAMES) is None


def test_a_word_is_not_its_own_correction() -> None:
    assert nearest("pad", ["pad"]) is None
    assert nearest("pad", ["pad", "add"]) is None  # one goes in front, one behind


def test_the_same_one_in_any_order() -> None:
    names = ["sub", "sum", "sup"]
    assert nearest("sux", names) == nearest("sux", names[::-1])
