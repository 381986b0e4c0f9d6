"""What is wrong whatever the arguments are is told, also where no net comes by.

Blocks and nets that were elaborated in full are not gone through again; each text here holds a
mistake that the nets do not meet, in a block or net that they otherwise elaborate without one.
"""

from __future__ import annotations

import pytest

from tests.helpers import elaborated, errors

NET = "net A { input 4x8x8; unit 8 }\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (NET + "block unit(n) { conv n 1x1; if n == 4 { tanhh } }", "unknown-layer"),
        (
            NET + "block unit(n) { if n == 8 { } else { tanhh } }",
            "unknown-layer",
        ),
        (NET + "block unit(n) { conv n 1x1; repeat n - 8 { tanhh } }", "unknown-layer"),
        (NET + "block unit(n) { conv n 1x1; repeat 0 { tanhh } }", "unknown-layer"),
        (NET + "block unit(n) { conv n 1x1; repeat [] as k { tanhh } }", "unknown-layer"),
        ("net A { input 4x8x8; unit 8 k=1 }\nblock unit(n, k=typo) { conv n k }", "unknown-name"),
        (NET + "block unit(n) { let b = n == 8 or n == typo; conv n 1x1 bias=b }", "unknown-name"),
        (NET + "block unit(n) { let b = n == 4 and typo; conv n 1x1 bias=b }", "unknown-name"),
        ("net A { input 4x8x8; repeat 2 as i { if i == 2 { tanhh } } }", "unknown-layer"),
        ("net A { input 4x8x8; relu; repeat 0 { tanhh } }", "unknown-layer"),
        ("net A(n=8) { input 4x8x8; relu; if n == 4 { tanhh } }", "unknown-layer"),
        ("net A { input 4x8x8; relu; if in.channels == 3 { tanhh } }", "unknown-layer"),
        ("net A { input 4x8x8; if in.height > 4 { } else { conv 8 relu } }", "wrong-type"),
        ("net A { input 4x8x8; conv 4 1x1 bias=(in.channels == 4 or typo) }", "unknown-name"),
        ("net A { input 4x8x8; conv 4 1x1 bias=(in.channels == 3 and typo) }", "unknown-name"),
        ("net A { input 4x8x8; relu; assert params < 1 or typo }", "unknown-name"),
    ],
)
def test_what_no_net_elaborates_is_judged(text: str, name: str) -> None:
    assert name in errors(text)


def test_what_is_elaborated_in_full_is_told_once() -> None:
    text = "block unit(n) { conv n 1x1; conv n 9x9 }\nnet A { input 4x8x8; unit 8; unit 4 }"
    assert errors(text) == ["kernel-larger-than-input"]


def test_what_is_wrong_with_an_assert_whatever_is_called_is_told_of_no_call() -> None:
    text = "block unit(n) { conv n 1x1; assert params < 2 ** 2000 }\nnet A { input 4x8x8; unit 8 }"
    _, (found, *again) = elaborated(text)
    assert (found.name, found.notes) == ("number-too-large", ())
    # Where costs are known it is met once more, and left out as the same mistake.
    assert {(d.name, d.span) for d in again} <= {(found.name, found.span)}
