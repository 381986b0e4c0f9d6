"""Depth: what papers call their networks, and paths counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.analysis.depth import depth
from netspec.analysis.receptive_field import fields
from tests.helpers import elaborated, network


@pytest.mark.parametrize(
    ("file", "net", "layers"),
    [
        ("vgg", "VGG16", 16),
        ("vgg", "VGG19_BN", 19),
        ("resnet", "ResNet18", 18),
        ("resnet", "ResNet50", 50),
        ("resnet", "ResNet152", 152),
        ("resnet_cifar", "ResNet20", 20),
        ("resnet_cifar", "ResNet56", 56),
        ("alexnet", "AlexNet", 8),
    ],
)
def test_the_number_in_the_name(specs: Path, file: str, net: str, layers: int) -> None:
    result, _ = elaborated((specs / f"{file}.net").read_text())
    assert depth(result.networks[net]) == layers


def test_the_longest_branch_counts() -> None:
    net = network(
        """net A {
          input 4x8x8
          concat { conv 4 1x1; { conv 4 1x1; conv 4 1x1; relu }; identity }
          conv 4 1x1
        }"""
    )
    assert depth(net) == 3


def test_what_does_not_come_from_the_input() -> None:
    net = network(
        """net A {
          input 4x8x8
          mul { identity; { p: parameter [4, 1, 1]; conv 4 1x1; conv 4 1x1 } }
        }"""
    )
    assert depth(net) == 0


def test_the_longest_of_several_inputs_and_outputs() -> None:
    net = network(
        """net A {
          a: input 4x8x8
          conv 4 1x1
          let first = @
          b: input 4x8x8
          repeat 3 { conv 4 1x1 }
          side: output { conv 4 1x1; conv 4 1x1 }
          aux: output when=training { repeat 9 { conv 4 1x1 } }
          add { identity; @first }
        }"""
    )
    assert depth(net) == 3 + 2


def test_a_block_is_measured_from_its_in() -> None:
    """Another value that it takes does not count, and it may be called with any history."""
    text = """
    block head(other) {
      conv 4 1x1
      add { identity; { @other; conv 4 1x1; conv 4 1x1; conv 4 1x1 } }
      assert depth == 1
    }
    net A { input 4x8x8; let x = @; repeat 5 { conv 4 1x1 }; head x }
    """
    assert depth(network(text)) == 5 + 1


REPEATED = """
net A {{
  input 4x8x8
  conv 4 1x1
  let side = @
  conv 4 1x1
  repeat {count} {{ conv 4 3x3 padding=1; add {{ identity; {{ @side; conv 4 3x3 padding=1 }} }} }}
}}
"""


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_a_repeat_is_as_deep_as_its_iterations(count: int) -> None:
    """Counted one by one, and, where the body is one for all, in closed form."""
    unrolled = REPEATED.replace("repeat {count} {{", "repeat {count} as i {{ x{{i}}: identity;")
    closed, long = (network(text.format(count=count)) for text in (REPEATED, unrolled))
    assert closed.root.size == long.root.size - count
    assert depth(closed) == depth(long) == 2 + count
    # The first value is read by every iteration; the first of them carries it furthest.
    assert fields(closed) == fields(long) == {"height": 1 + 2 * count, "width": 1 + 2 * count}


@pytest.mark.parametrize("iteration", [0, 1, 4, 6])
def test_a_value_inside_of_a_repeat(iteration: int) -> None:
    text = f"""
    block unit() {{ conv 4 3x3 padding=1; a: relu; conv 4 3x3 padding=1 }}
    net A {{
      input 4x32x32
      body: {{ repeat 7 {{ unit }} }}
      side: output {{ @body.{iteration}.a; conv 4 1x1 }}
      @body.{iteration}.a
    }}
    """
    net = network(text)
    # Two in each iteration before, one in its own.
    assert fields(net)["height"] == 1 + 2 * (2 * iteration + 1)
    assert depth(net) == 2 * iteration + 1 + 1


def test_depth_of_very_many_layers() -> None:
    net = network("net A { input 1x1; repeat 1_000_000 { repeat 1_000 { conv 1 1 } } }")
    assert depth(net) == 10**9
