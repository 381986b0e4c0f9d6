"""What follows from a mistake is not reported, what is a mistake of its own is."""

from __future__ import annotations

import pytest

from tests.elaborate.test_language import net
from tests.helpers import errors


def test_nothing_follows_from_what_did_not_parse() -> None:
    """An output whose end is not known rests on inputs as much as any."""
    for body in ("aux: output { flatten; dense = }; conv 1 1", "aux: output { flatten; 3 }; tanh"):
        assert errors(net(body)) == ["syntax-error"]


@pytest.mark.parametrize(
    "body",
    [
        "repeat 500_000 { relu }",
        "repeat 500_000 as i { b{i}: conv i + 1 1 }; add { @b70; relu }",
        "repeat 500_000 as i { conv i // 60 + 2 1 }",
    ],
)
def test_long_repeats_behind_a_mistake(body: str) -> None:
    """What flows into them is not known, and so no layer of theirs is; there is one mistake."""
    assert errors(net(f"conv 4 9x9; {body}")) == ["kernel-larger-than-input"]


def test_mistakes_in_repeats_behind_a_mistake() -> None:
    assert errors(net("conv 4 9x9; repeat 500_000 as i { conv 60 - i 1 }")) == [
        "kernel-larger-than-input",
        "out-of-range",
    ]
