"""What the classes hold: keys in order, blocks as classes, sequences, shared and renamed parts."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netspec.backends.torch import CannotWrite, write_module
from netspec.graph.walk import flatten
from tests.backends.torch.features import FEATURES
from tests.backends.torch.written import keys, made, networks, noise, written


@pytest.mark.parametrize("name", sorted(set(FEATURES) - {"learned tensors", "names in quotes"}))
def test_keys_and_shapes_are_the_networks(name: str) -> None:
    """In its order too. Learned tensors stand before modules in PyTorch, so they are left out."""
    nets = networks(FEATURES[name])
    module = written(FEATURES[name])
    for net in nets:
        expected = [
            (f"{flat.path}.{weight.name}" if weight.name else flat.path, weight.shape)
            for flat in flatten(net).nodes
            if flat.shares is None
            for weight in flat.node.weights
        ]
        found = [
            (".".join(module.module.names.get(part, part) for part in key.split(".")), t.shape)
            for key, t in module.make(net.name).state_dict().items()
        ]
        assert found == expected


def test_learned_tensors_stand_first_in_their_scope() -> None:
    assert keys(made(FEATURES["learned tensors"])) == [
        "pos",
        "x.conv1.weight",
        "x.conv1.bias",
        "x.t.a.gamma",
        "x.t.b.gamma",
        "s.beta",
        "s.scaled1.gamma",
        "gate.a",
        "gate.b",
        "gate.conv1.weight",
        "gate.conv1.bias",
    ]


def test_a_dot_in_quotes_enters_a_scope() -> None:
    net = made(FEATURES["names in quotes"])
    assert isinstance(net.get_submodule("convs"), nn.ModuleList)
    assert set(keys(net)) >= {"convs.2.weight", "heads.1.conv.bias", "heads.1.bn-1.weight"}
    assert keys(net)[-2:] == ["block1-0.weight", "block1-0.bias"]
    assert net(noise(2, 6, 8, 8)).shape == (2, 3, 8, 8)


def test_a_chain_by_position_is_a_sequence() -> None:
    net = made("net T { input 3x8x8; stem: { conv 4 3x3; batchnorm; relu }; flatten }")
    stem = net.get_submodule("stem")
    assert type(stem) is nn.Sequential
    assert [type(part) for part in stem] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]


def test_a_labelled_chain_keeps_its_names() -> None:
    net = made("net T { input 3x8x8; stem: { conv1: conv 4 3x3; relu }; flatten }")
    assert [name for name, _ in net.get_submodule("stem").named_children()] == ["conv1", "relu1"]


def test_repeats_are_loops_and_count_no_lines() -> None:
    few = written("net T { input 8x8x8; s: { repeat 4 { conv 8 3x3 padding=1; relu } } }")
    many = written("net T { input 8x8x8; s: { repeat 400 { conv 8 3x3 padding=1; relu } } }")
    assert len(few.text.splitlines()) == len(many.text.splitlines())
    assert len(many.make().get_submodule("s")._modules) == 800


def test_a_labelled_repeat_runs_every_iteration() -> None:
    net = made("net T { input 2x4; a: scale; repeat 5 { add { identity; scale bias=false } } }")
    # Each iteration adds the value to itself once: scales begin at 1.
    x = noise(2, 2, 4)
    torch.testing.assert_close(net(x), 32 * x)
    assert keys(net)[2:] == [f"scale{n}.weight" for n in range(1, 6)]


def test_inner_values_come_out_of_their_blocks() -> None:
    net = made(FEATURES["inner values"])
    seen: dict[str, torch.Tensor] = {}
    for path in ("s.1.c1", "s.2"):
        net.get_submodule(path).register_forward_hook(
            lambda module, args, out, path=path: seen.__setitem__(
                path, out[0] if isinstance(out, tuple) else out
            )
        )
    result = net(noise(2, 3, 8, 8))
    joined = torch.cat([seen["s.2"], seen["s.1.c1"]], dim=1)
    torch.testing.assert_close(result, net.get_submodule("conv1")(joined))


def test_shared_layers_are_one_module() -> None:
    net = made(FEATURES["shared layers"])
    assert len(keys(net)) == 6
    stem, s, r = (net.get_submodule(name) for name in ("stem", "s", "r"))
    x = r(stem(s(r(s(stem(noise(2, 8, 8, 8)))))))
    x = r(stem(s(torch.nn.functional.max_pool2d(x, 2))))
    torch.testing.assert_close(net(noise(2, 8, 8, 8)), x)


def test_a_shared_block_that_hangs_on_the_size_is_refused() -> None:
    text = "net T { input 3x8x8; r: { conv 3 1x1; resize 4x4 }; upsample 2; share r }"
    assert written(text).make()(noise(1, 3, 8, 8)).shape == (1, 3, 4, 4)
    text = "block b() { conv 3 1x1; crop [in.height//2, 2] }\nnet T { input 3x8x8; r: b; share r }"
    with pytest.raises(CannotWrite, match="share"):
        write_module(networks(text))


def test_several_inputs_and_outputs() -> None:
    net = made(FEATURES["inputs and outputs"])
    a, b = noise(2, 3, 8, 8), noise(2, 2, 8, 8)
    out = net(a=a, b=b)
    assert out._fields == ("out", "side", "late")
    assert (out.out.shape, out.side.shape, out.late) == ((2, 8, 8, 8), (2, 3), None)
    assert net.train()(a, b).late.shape == (2, 3)


def test_an_output_in_training_only_leaves_inference_a_tensor() -> None:
    net = made(
        "net T { input 3x8x8; conv 4 1x1; aux: output when=training { flatten; dense 2 }; relu }"
    )
    assert net(noise(2, 3, 8, 8)).shape == (2, 4, 8, 8)
    out = net.train()(noise(2, 3, 8, 8))
    assert (out.out.shape, out.aux.shape) == ((2, 4, 8, 8), (2, 2))


def test_claimed_names_are_renamed_and_told() -> None:
    module = written(FEATURES["claimed names"])
    assert module.module.names == {
        "class_": "class",
        "float_": "float",
        "forward_": "forward",
        "in_": "in",
        "label__x": "__x",
        "lambda_": "lambda",
        "train_": "train",
        "type_": "type",
    }
    assert "in_.forward_.weight" in keys(module.make())


@pytest.mark.parametrize("sizes", [(16, 16), (17, 20), (33, 18)])
def test_no_size_is_written_where_the_spec_has_a_symbol(sizes: tuple[int, int]) -> None:
    net = made(FEATURES["symbolic sizes"])
    assert net(noise(2, 3, *sizes)).shape == (2, 8, *sizes)
