"""Repeats that read their number, or go round more or less often: loops of Python in one class."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.backends.torch.written import Written, noise, written

DENSE = """
block layer(growth) {
  concat { identity; { norm: batchnorm; conv: conv growth 3x3 padding=1 bias=false } }
}
block dense(n, growth) { repeat n as i { layer{i+1}: layer growth } }
net T(growth=4) { input 3x8x8; a: dense 3 growth; b: dense 5 growth }
"""


def shapes(module: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(key, tuple(tensor.shape)) for key, tensor in module.state_dict().items()]


def classes(module: Written) -> list[str]:
    lines = module.text.splitlines()
    return [line[6:].partition("(")[0] for line in lines if line.startswith("class ")]


def test_channels_that_grow_with_the_number() -> None:
    module = written(DENSE)
    assert classes(module) == ["Layer", "Dense", "T"]
    assert "for i in range(n):" in module.text
    assert "in_channels + i * growth" in module.text
    # The class goes on where the spec stops: 3 + 6 * 5 channels after seven layers, eight in all.
    dense = module.live.Dense(3, 7, 5)
    assert list(dict(dense.named_children())) == [f"layer{i}" for i in range(1, 8)]
    assert dense[6].conv.weight.shape == (5, 33, 3, 3)
    assert dense(noise(1, 3, 4, 4)).shape == (1, 38, 4, 4)
    # 3 + 3 * 4 channels come to the second.
    assert module.make().b.layer1.norm.num_features == 15


def test_the_first_is_told_by_its_number() -> None:
    module = written(
        """
        block unit(width, stride, drop) {
          conv width 3x3 stride=stride padding=1; dropout drop
        }
        block stage(width, n, before) {
          repeat n as i { unit width (2 if i == 0 else 1) 0.1*(before + i)/10 }
        }
        net T { input 3x9x9; stage 4 1 0; stage 8 3 1; stage 8 2 4 }
        """
    )
    assert classes(module) == ["Unit", "Stage", "T"]
    assert "in_channels if i == 0 else width" in module.text
    assert "2 if i == 0 else 1" in module.text
    stage = module.live.Stage(5, 6, 4, 3)
    assert [unit[0].in_channels for unit in stage] == [5, 6, 6, 6]
    assert [unit[0].stride for unit in stage] == [(2, 2), (1, 1), (1, 1), (1, 1)]
    # Binary fractions, as the language computes them: 0.1 * 3 / 10 first.
    assert [unit[1].p for unit in stage] == [0.1 * 3 / 10, 0.1 * 4 / 10, 0.1 * 5 / 10, 0.1 * 6 / 10]


def test_a_width_that_follows_the_number() -> None:
    module = written(
        """
        block pyramid(width, n) { repeat n as i { conv width * 2**i 3x3 padding=1 } }
        net T { input 3x8x8; pyramid 4 3; pyramid 2 4 }
        """
    )
    pyramid = module.live.Pyramid(7, 5, 3)
    assert [conv.in_channels for conv in pyramid] == [7, 5, 10]
    assert [conv.out_channels for conv in pyramid] == [5, 10, 20]


def test_repeats_that_go_round_more_or_less_often_are_one_class() -> None:
    """One, two and many iterations are elaborated in different ways; the text is one."""
    module = written(
        """
        block unit(width) { conv width 3x3 padding=1; relu }
        block stack(width, n) { unit width; repeat n - 1 { unit width } }
        net T { input 3x8x8; stack 4 1; stack 5 2; stack 6 3; stack 7 6 }
        """
    )
    assert classes(module) == ["Unit", "Stack", "T"]
    stack = module.live.Stack(2, 3, 5)
    assert [unit[0].in_channels for unit in stack] == [2, 3, 3, 3, 3]


def test_loops_in_loops() -> None:
    module = written(
        """
        block grid(n, m) {
          repeat n as i { repeat m as j { cell{i}_{j}: conv 4 + i + 10*j 1x1 } }
        }
        block rows(n, m) {
          repeat n as i { row{i}: { repeat m as j { conv 4 + i + 10*j 1x1; relu } } }
        }
        net T { input 3x4x4; rows 2 3; rows 3 2 }
        """
    )
    assert classes(module)[-1] == "T"
    assert module.make()(noise(1, 3, 4, 4)).shape == (1, 4 + 2 + 10, 4, 4)


def test_a_body_that_branches() -> None:
    module = written(
        """
        block tower(n, width) {
          conv width 1x1
          repeat n as i {
            add { identity; { squeeze{i}: conv width//2 1x1; back{i}: conv width 1x1 } }
          }
        }
        net T { input 3x4x4; tower 2 8; tower 4 6 }
        """
    )
    assert classes(module) == ["Tower", "T"]
    tower = module.live.Tower(3, 3, 10)
    assert shapes(tower)[2:4] == [("squeeze0.weight", (5, 10, 1, 1)), ("squeeze0.bias", (5,))]
    x = noise(2, 3, 4, 4)
    y = tower.get_submodule("0")(x) if hasattr(tower, "0") else next(tower.children())(x)
    for i in range(3):
        y = y + tower.get_submodule(f"back{i}")(tower.get_submodule(f"squeeze{i}")(y))
    assert torch.equal(tower(x), y)


def test_in_a_net_short_loops_are_written_out() -> None:
    short = written("net T { input 3x4x4; repeat 3 as i { c{i}: conv 3 + i 1x1 } }")
    long = written("net T { input 3x4x4; repeat 4 as i { c{i}: conv 3 + i 1x1 } }")
    assert "range" not in short.text
    assert "for i in range(4)" in long.text


@pytest.mark.parametrize(
    "body",
    [
        # The first is another layer; an iteration is read from outside; names do not count.
        "if i == 0 { c{i}: conv 4 3x3 padding=1 } else { c{i}: conv 4 1x1 }",
        "c{i}: conv 4 1x1; if i == 2 { relu }",
        "c{i*i}: conv 4 1x1",
        "concat { identity; c{i}: conv 2 + i 1x1 }; n{i}: batchnorm",
    ],
)
def test_whatever_the_body_the_module_is_the_network(body: str) -> None:
    text = f"""
    block unit(n) {{ repeat n as i {{ {body} }} }}
    net T {{ input 3x4x4; unit 4; unit 3; conv 2 1x1 }}
    """
    module = written(text)
    assert module.make()(noise(1, 3, 4, 4)).shape == (1, 2, 4, 4)
    # Each iteration has the layers that the text says, here with its number written in.
    unrolled = text
    for count in (4, 3):
        parts = "\n".join(_with_number(body, i) for i in range(count))
        unrolled = unrolled.replace(f"unit {count}", f"unit{count}")
        unrolled = f"block unit{count}() {{ {parts} }}\n{unrolled}"
    assert shapes(module.make()) == shapes(written(unrolled).make())


def _with_number(body: str, i: int) -> str:
    """The body of iteration i, without an i in it."""
    body = body.replace("c{i*i}", f"c{i * i}").replace("{i}", str(i)).replace("2 + i", f"2 + {i}")
    return body.replace("i ==", f"{i} ==")


def test_a_value_from_inside_an_iteration_leaves_the_loop_written_out() -> None:
    module = written(
        """
        net T {
          input 3x4x4
          repeat 5 as i { c{i}: conv 3 + i 1x1 }
          concat { identity; @c1 }
        }
        """
    )
    assert "range" not in module.text
    assert module.make()(noise(1, 3, 4, 4)).shape == (1, 11, 4, 4)


def test_shared_layers_stay_as_they_are() -> None:
    module = written(
        """
        net T {
          input 3x4x4
          repeat 4 as i { c{i}: conv 3 1x1 }
          share c2
        }
        """
    )
    net = module.make()
    assert len(list(net.parameters())) == 8
    assert net(noise(1, 3, 4, 4)).shape == (1, 3, 4, 4)


@pytest.mark.parametrize(
    "text",
    [
        # One name for either of two layers.
        """
        block b(flag=false) { if flag { c: conv 4 1x1; relu } else { c: conv 4 3x3 padding=1 } }
        net T { input 3x4x4; b; b flag=true; b }
        """,
        # A repeat that is there on a condition.
        """
        block b(norm=none, n=2) { repeat n { if norm != none { norm } }; conv 4 1x1 }
        net T { input 3x4x4; b norm=batchnorm; b n=1; b norm=instancenorm n=3 }
        """,
        # Positions behind a loop that goes round more or less often, in a class that branches.
        """
        block b(n) { repeat n as i { conv 4 1x1; concat { identity; conv 2 1x1 } }; conv 5 1x1 }
        net T { input 3x4x4; b 2; b 4; b 1 }
        """,
        # A choice in a choice, on several lines.
        """
        block rather_long_name(width, n, another_parameter) {
          let a_long_name_for_a_number = width + another_parameter
          repeat n as i {
            conv (width if i == 0 else a_long_name_for_a_number) 3x3 padding=1
            concat { identity; conv (width if i == 0 else a_long_name_for_a_number) 1x1 }
          }
        }
        net T { input 3x4x4; rather_long_name 2 3 1; rather_long_name 3 3 2 }
        """,
    ],
)
def test_what_no_class_can_say_for_all_uses_is_said_for_each(text: str) -> None:
    """The keys are the network's, and the module runs; found by random specs."""
    from netspec.graph.walk import flatten
    from tests.backends.torch.written import networks

    (net,) = networks(text)
    expected = [
        (f"{flat.path}.{weight.name}", weight.shape)
        for flat in flatten(net).nodes
        for weight in flat.node.weights
    ]
    module = written(text).make()
    assert shapes(module) == expected
    assert module(noise(1, 3, 4, 4)).shape[0] == 1
