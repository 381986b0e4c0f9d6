"""Nets that are deep, wide or long, and what cannot be written."""

from __future__ import annotations

import pytest

from netspec.backends.torch import CannotWrite, write_module
from tests.backends.torch.written import networks, noise, written


def lines(text: str) -> int:
    return len(write_module(networks(text)).text.splitlines())


def test_blocks_that_call_each_other_300_deep() -> None:
    blocks = ["block b0() { conv 3 1x1 }"]
    blocks += [f"block b{i}() {{ b{i - 1}; relu }}" for i in range(1, 300)]
    assert lines("\n".join([*blocks, "net T { input 3x4x4; b299 }"])) > 300


def test_a_net_of_2_to_the_60_layers_is_60_classes() -> None:
    blocks = ["block b0() { conv 3 1x1 }"]
    blocks += [f"block b{i}() {{ b{i - 1}; b{i - 1} }}" for i in range(1, 61)]
    assert lines("\n".join([*blocks, "net T { input 3x4x4; b60 }"])) < 1000


def test_a_million_repeats_are_one_line() -> None:
    assert lines("net T { input 3x4x4; repeat 1_000_000 { conv 3 1x1; relu } }") < 30


@pytest.mark.parametrize("merge", ["add", "max", "concat"])
def test_a_merge_of_400(merge: str) -> None:
    net = written(f"net T {{ input 1x2; {merge} {{ repeat 400 as i {{ relu }} }} }}").make()
    x = noise(1, 1, 2).abs()
    assert net(x).shape == ((1, 400, 2) if merge == "concat" else (1, 1, 2))


def test_a_sum_of_3000_terms_stays_a_number() -> None:
    text = f"net T(w=3) {{ input 3x4x4; conv {'+'.join(['w'] * 3000)} 1x1 }}"
    module = write_module(networks(text))
    assert "nn.Conv2d(3, 9000, 1)" in module.text


def test_names_of_names_of_names_are_not_multiplied_out() -> None:
    lets = "; ".join(f"let x{i} = x{i - 1} + x{i - 1} - x{i - 1}" for i in range(1, 90))
    text = f"net T(w=3) {{ input 3x4x4; let x0 = w; {lets}; conv x89 1x1 }}"
    assert "nn.Conv2d(3, 3, 1)" in write_module(networks(text)).text


def test_what_cannot_be_written_is_told_all_at_once() -> None:
    text = """
      net T {
        input 3xHxW
        a: maxpool 2x2 stride=1 padding=[[1, 0], [1, 0]] rounding=ceil
        b: maxpool 2x2 stride=1 padding=[[0, 1], [1, 0]] rounding=ceil
      }"""
    with pytest.raises(CannotWrite) as refusal:
        write_module(networks(text))
    assert [problem.path for problem in refusal.value.problems] == ["a", "b"]
    assert "uneven padding with rounding=ceil" in str(refusal.value)
