"""Weights, movement, what fits: by hand, on the tree, and against each other."""

from __future__ import annotations

import pytest

import netspec
from netspec.analysis.cost import totals
from netspec.analysis.memory.amounts import amount_of, shown
from netspec.analysis.memory.fit import largest_batch, line
from netspec.analysis.memory.forward import Forward
from netspec.analysis.memory.layers import Machine
from netspec.analysis.memory.question import (
    LISTED,
    OpenSizes,
    Question,
    memory,
    moved_by_layers,
)
from netspec.analysis.memory.structure import in_one
from netspec.analysis.memory.traffic import Movement
from netspec.analysis.summary import TooManyLayers
from tests.helpers import network

SMALL = "net A { input 3x8x8; conv 4 3x3 padding=1; batchnorm; relu; flatten; dense 10 }"
CONV, NORM, DENSE = 4 * 3 * 9 + 4, 4 * 4, 256 * 10 + 10


def test_weights_by_dtype() -> None:
    net = network(SMALL)
    for dtype, width in (("float32", 4), ("float16", 2), ("bfloat16", 2), ("float64", 8)):
        # The counter of batches is an int64 in any dtype.
        expected = width * (CONV + NORM + DENSE) + 8
        assert memory(net, dtype=dtype).traffic.weights == expected
    assert memory(net, dtype="int8").traffic.weights == CONV + NORM + DENSE + 8
    assert memory(net, dtype="int8").training is None


def test_movement_by_hand() -> None:
    traffic = memory(network(SMALL), batch=2).traffic
    image, map_, out = 2 * 3 * 64, 2 * 4 * 64, 2 * 10
    # Each layer reads and writes its values and reads its weights; flatten is a view.
    conv, norm, relu = image + CONV + map_, map_ + NORM + map_, map_ + map_
    assert traffic.moved == 4 * (conv + norm + relu + map_ + DENSE + out)
    # Fused, the maps between conv, norm and relu are neither written nor read.
    assert traffic.fused == traffic.moved - 4 * 4 * map_
    macs = 4 * 64 * 27 + 256 * 10
    assert traffic.flops == 2 * (2 * macs + 4 * 64 + 10 + 2 * 4 * 64 + 4 * 64)
    assert traffic.intensity == traffic.flops / traffic.moved


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("conv 4 1x1; relu", 1),
        # Its exponentials need the whole axis: it cannot be applied element by element.
        ("conv 4 1x1; softmax channels", 0),
        # What others read is written all the same: another layer, or the net's caller.
        ("c: conv 4 1x1; r: relu; add { @c; @r }", 0),
        ("conv 4 1x1; c: output { identity }; relu", 0),
        ("c: conv 4 1x1; o: output { @c }; relu", 0),
        ("c: conv 4 1x1; o: output when=training { @c }; relu", 1),
    ],
)
def test_which_layers_are_fused(text: str, joined: int) -> None:
    traffic = memory(network(f"net A {{ input 4x8x8; {text} }}")).traffic
    # A map of 4x8x8 floats is neither written by the one nor read by the other.
    assert traffic.moved - traffic.fused == joined * 2 * 4 * 4 * 64


def test_what_exists_in_training_only_changes_nothing_that_is_moved() -> None:
    """At inference it reads nothing: what it would read is fused all the same, and it is not."""
    text = "net A { input 4x8x8; conv 4 1x1; %s relu; conv 4 1x1 }"
    aux = "aux: output when=training { conv 3 1x1; batchnorm; relu };"
    plain, other = memory(network(text % "")).traffic, memory(network(text % aux)).traffic
    assert plain.moved - plain.fused == 2 * 4 * 4 * 64
    assert (other.moved, other.fused, other.flops) == (plain.moved, plain.fused, plain.flops)


def test_movement_adds_up_to_that_of_the_layers() -> None:
    net = netspec.load("zoo:resnet50")
    machine = Machine(4, 3)
    layers = moved_by_layers(net, machine)
    whole = Movement(machine).total(net.root)
    assert sum(layer.traffic.moved for layer in layers) == whole.moved
    assert sum(layer.traffic.flops for layer in layers) == whole.flops == 3 * totals(net).flops
    assert sum(layer.traffic.weights for layer in layers) == whole.weights


def test_shared_weights_are_held_once_and_read_twice() -> None:
    one = memory(network("net A { input 4x8x8; c: conv 4 1x1 }")).traffic
    two = memory(network("net A { input 4x8x8; c: conv 4 1x1; share c }")).traffic
    assert two.weights == one.weights == 4 * 20
    assert two.moved == 2 * one.moved
    assert two.trainable == one.trainable == 20


def test_what_exists_in_training_only() -> None:
    text = "net A { input 4x8x8; conv 4 1x1; %s relu; conv 4 1x1 }"
    aux = "aux: output when=training { conv 3 1x1; batchnorm };"
    plain, with_aux = memory(network(text % "")), memory(network(text % aux))
    extra = 4 * (3 * 4 + 3 + 4 * 3) + 8
    assert with_aux.traffic.weights == plain.traffic.weights
    assert with_aux.traffic.extra == extra
    assert with_aux.inference.total == plain.inference.total
    assert with_aux.training is not None and plain.training is not None
    assert with_aux.training.weights == plain.training.weights + extra


@pytest.mark.parametrize(("optimizer", "copies"), [("sgd", 0), ("momentum", 1), ("adam", 2)])
def test_the_state_of_optimisers(optimizer: str, copies: int) -> None:
    training = memory(network(SMALL), optimizer=optimizer).training
    assert training is not None
    trained = 4 * (CONV + 4 * 2 + DENSE)
    assert training.gradients == trained
    assert training.state == copies * trained
    parts = training.weights + training.state + training.inputs + training.activations
    assert training.total == parts


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "shufflenet_v2_x2_0", "densenet121"])
@pytest.mark.parametrize("memory_", [10**8, 10**9, 16 * 10**9])
def test_the_largest_batch_fits_and_the_next_does_not(name: str, memory_: int) -> None:
    question = Question(netspec.load(f"zoo:{name}"))
    fit = question.answer(1, memory_).fit
    assert fit is not None and fit.training is not None
    for batch, needed in (
        (fit.inference, question.at_inference),
        (fit.training, question.in_training),
    ):
        assert batch == 0 or needed(batch) <= memory_
        assert needed(batch + 1) > memory_


def test_inference_is_a_line_in_the_batch() -> None:
    found = memory(netspec.load("zoo:googlenet"), batch=7)
    one = memory(netspec.load("zoo:googlenet"))
    assert found.inference.peak.bytes == 7 * one.inference.peak.bytes
    assert found.inference.total == found.inference.fixed + 7 * found.inference.each
    assert found.inference.fixed == found.traffic.weights


def test_the_largest_batch_along_pieces() -> None:
    def needed(batch: int) -> int:
        return max(100 + 3 * batch, 10 * batch)

    for limit in (102, 103, 142, 143, 150, 999, 10**6, 10**12):
        most = largest_batch(needed, limit)
        assert most == 0 or needed(most) <= limit
        assert needed(most + 1) > limit
    assert line(needed, 3) == (100, 3)
    assert line(needed, 50) == (0, 10)


def test_a_net_whose_layers_all_lie_in_its_input_fits_always() -> None:
    fit = memory(network("net A { input 3; identity }"), memory=2).fit
    assert fit is not None and fit.inference == 0  # its input is 12 bytes


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("16G", 16 * 10**9),
        ("16GB", 16 * 10**9),
        ("16 GiB", 16 * 2**30),
        ("1.5K", 1500),
        ("80gib", 80 * 2**30),
        ("512Mi", 512 * 2**20),
        ("2T", 2 * 10**12),
        ("123", 123),
        ("7B", 7),
    ],
)
def test_amounts(text: str, amount: int) -> None:
    assert amount_of(text) == amount


@pytest.mark.parametrize(
    "text", ["", "G", "-1G", "16X", "1e9", "16 G B", "\u0661G", "9" * 40, "1.G"]
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError):
        amount_of(text)


def test_amounts_for_people() -> None:
    assert [shown(n) for n in (7, 1500, 2_000_000, 3 * 10**9, 4 * 10**12)] == [
        *("7 B", "1.5 kB", "2.0 MB", "3.0 GB", "4.0 TB")
    ]


def test_sizes_that_are_open() -> None:
    net = netspec.load("zoo:vgg16", inputs="3xHxW")
    with pytest.raises(OpenSizes, match="known once H and W are, as with --input 3x224x224"):
        memory(net)


def test_words_that_are_none() -> None:
    net = network(SMALL)
    for given in ({"dtype": "float8"}, {"optimizer": "lion"}, {"device": "tpu"}, {"batch": 0}):
        with pytest.raises(ValueError, match="not "):
            memory(net, **given)


def test_a_network_of_a_million_layers() -> None:
    net = network("net A { input 3x8x8; repeat 2000000 { conv 3 1x1; relu } }")
    found = memory(net)
    assert found.inference.in_place == 2_000_000
    assert found.traffic.weights == 2_000_000 * 4 * 12
    with pytest.raises(TooManyLayers):
        memory(net, layers=True)


def test_names_are_listed_up_to_a_number() -> None:
    text = "repeat 30 { conv 3 1x1; relu }; "
    found = memory(network(f"net A {{ input 3x8x8; {text} conv 3 1x1 }}")).inference
    assert len(found.named) <= LISTED
    # Each convolution holds 3 channels beside 3; a rectifier elsewhere would do no more.
    assert (found.peak.bytes, found.matter) == (2 * 3 * 256, 0)


def test_rows_add_up_to_what_is_kept() -> None:
    for name in ("resnet50", "densenet121", "googlenetaux", "fcn_resnet50"):
        net = netspec.load(f"zoo:{name}")
        root, machine = in_one(net), Machine(4, 2)
        movement = Movement(machine, Forward(machine, training=True))
        context = movement.begin(root)
        parts = [movement.of(root, i, context) for i in range(len(root.nodes))]
        assert sum(part.kept for part in parts) == movement.total(root).kept
        assert sum(part.moved for part in parts) == movement.total(root).moved
        assert sum(part.fused for part in parts) == movement.total(root).fused
