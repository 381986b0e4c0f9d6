"""Comments of a spec in the module: where they stand, and what is left out."""

from __future__ import annotations

import ast

import pytest

from netspec.backends.torch import write_module
from tests.backends.torch.written import networks, written

SPEC = """# A file about nets. It says so at its
# beginning.

# --- the blocks ---

# Two of them; `width` is how many.
# See table 1.
block unit(width) {
  # Makes it wide.
  conv 2*width 3x3 padding=1   # not strided
  relu
}

# As in the paper.
net T {
  input 3x8x8
  # The trunk.
  trunk: {
    unit 4   # the first
    unit 8
  }
  head: dense 10   # ten classes
}
"""


def text_of(spec: str) -> str:
    return write_module(networks(spec)).text


def test_comments_stand_where_they_belong() -> None:
    text = text_of(SPEC.replace("head: dense", "global_avgpool; flatten; head: dense"))
    assert text.startswith(
        '"""`T`, written by netspec.\n\nA file about nets. It says so at its beginning.\n"""\n'
    )
    assert "# Two of them; `width` is how many. See table 1.\nclass Unit(" in text
    assert "            # Makes it wide.\n            #\n            # not strided\n" in text
    assert "# As in the paper.\nclass T(" in text
    assert "        # The trunk.\n        self.trunk = nn.Sequential(" in text
    assert "            # the first\n            Unit(3, 4),\n            Unit(8, 8),\n" in text
    assert "--- the blocks" not in text


def test_comments_that_tools_obey_are_left_out() -> None:
    comments = [
        "type: ignore",
        "noqa",
        "fmt: off",
        "mypy: ignore-errors",
        "netspec: ignore[x] y",
        "-*- coding: latin-1 -*-",
        "pragma: no cover",
        "ruff: noqa: F401",
    ]
    for comment in comments:
        text = text_of(f"# {comment}\nnet T {{ input 3x8x8; c: conv 4 1x1  # {comment}\n }}")
        assert comment not in text


@pytest.mark.parametrize(
    "comment",
    [
        '"""; import os',
        "\\",
        "''' \\N{dash}",
        'ends in a quote"',
        "Dollár ∑",
        "#" * 30,
        "x" * 300,
    ],
)
def test_a_comment_is_never_code(comment: str) -> None:
    spec = (
        f"# {comment}\n\n# {comment}\nnet T {{\n  input 3x8x8\n  # {comment}\n  c: conv 4 1x1\n}}"
    )
    tree = ast.parse(text_of(spec))
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
    docstring = ast.get_docstring(tree)
    assert docstring is not None and docstring.startswith("`T`, written by netspec.")


def test_a_comment_on_what_the_class_lacks_is_left_out() -> None:
    text = text_of(
        "# `published` holds facts.\nnet N(published=[], width=4) { input 3x8x8; conv width 1x1 }\n"
        "# The one of them.\nnet T = N published=[1]\n"
    )
    assert "holds facts" not in text
    assert "# The one of them.\nclass T(" in text


def test_a_comment_that_is_repeated_makes_no_second_loop() -> None:
    text = text_of("net T {\n  input 3x8x8\n  s: {\n    conv 3 1x1  # a\n    conv 3 1x1\n  }\n}")
    assert (
        "            # a\n            nn.Conv2d(3, 3, 1),\n            nn.Conv2d(3, 3, 1),\n"
        in text
    )


def test_the_module_runs_with_comments_in_it() -> None:
    net = written(SPEC.replace("head: dense", "global_avgpool; flatten; head: dense")).make()
    assert len(list(net.parameters())) == 6
