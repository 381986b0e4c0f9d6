"""What is said of a mistake that several calls lead to."""

from __future__ import annotations

import pytest

from tests.helpers import elaborated

BAD = "block bad(n) { conv 8 5x5 }\n"


@pytest.mark.parametrize(
    ("nets", "others"),
    [
        # One call, which three nets make.
        ("net A(k=1) { input 3x3x3; x: bad k }\nnet B = A 2\nnet C = A 3\n", []),
        ("net A { input 3x3x3; concat { x: bad 1; y: bad 2 } }\n", ["the same in another call"]),
        # Two at other places, one of them with what is known to be wrong already.
        (
            "net A { input 3x3x3; x: bad 1 }\n"
            "net B { input 3x4x4; concat { x: bad 1; y: bad 1 } }\n",
            ["the same in 2 other calls"],
        ),
    ],
)
def test_other_calls_are_counted_and_the_same_one_is_not(nets: str, others: list[str]) -> None:
    _, diagnostics = elaborated(BAD + nets)
    (mistake,) = [d for d in diagnostics if d.name == "kernel-larger-than-input"]
    assert [r.message for r in mistake.remarks if r.message.startswith("the same in")] == others
