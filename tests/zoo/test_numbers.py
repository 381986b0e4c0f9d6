"""Each shipped net has the published parameters, multiply-accumulates and layer shapes."""

from __future__ import annotations

import pytest

from tests.zoo.facts import SPECS, ZOO, Entry, torchvision
from tests.zoo.tools import run, summary

#: torchvision's classes, and the layers that each is.
LAYERS = {
    "Conv2d": {"conv", "dwconv"},
    "Conv3d": {"conv"},
    "Conv3DSimple": {"conv"},
    "Conv3DNoTemporal": {"conv"},
    "Linear": {"dense"},
    "BatchNorm2d": {"batchnorm"},
    "BatchNorm3d": {"batchnorm"},
    "LayerNorm": {"layernorm"},
    "LayerNorm2d": {"layernorm"},
    "ReLU": {"relu"},
    "ReLU6": {"relu6"},
    "GELU": {"gelu"},
    "SiLU": {"silu"},
    "Sigmoid": {"sigmoid"},
    "Hardsigmoid": {"hardsigmoid"},
    "Hardswish": {"hardswish"},
    "MaxPool2d": {"maxpool"},
    "MaxPool3d": {"maxpool"},
    "AvgPool2d": {"avgpool"},
    "AvgPool3d": {"avgpool"},
    "AdaptiveAvgPool2d": {"adaptive_avgpool", "global_avgpool"},
    "AdaptiveAvgPool3d": {"adaptive_avgpool", "global_avgpool"},
    "Dropout": {"dropout"},
    "StochasticDepth": {"stochastic_depth"},
    "Permute": {"permute"},
    "Flatten": {"flatten"},
}

#: What a family applies as a function, which is not recorded, of layers that it also has as
#: modules: DenseNet its last rectifier, Inception v3 the pools of its two reductions.
FUNCTIONS = {"densenet": ["relu"], "inception": ["maxpool", "maxpool"]}

RECORDED = [e for e in ZOO if e.torchvision and "layers" in torchvision()[e.torchvision]]


def test_the_folder_checks() -> None:
    run("check", str(SPECS))


@pytest.mark.parametrize("entry", ZOO, ids=str)
def test_published_numbers(entry: Entry) -> None:
    found = summary(entry.target)
    assert found["totals"]["params"] == entry.params
    assert found["totals"]["macs"] == entry.macs
    assert [tuple(shape) for shape in found["inputs"].values()] == [entry.input]
    assert {name: tuple(dims) for name, dims in found["outputs"].items()} == dict(entry.outputs)


@pytest.mark.parametrize("entry", RECORDED, ids=str)
def test_layers_are_torchvisions(entry: Entry) -> None:
    """Layer by layer, in the order of execution: what it is, its output, and its name.

    Only classes that the recorded model holds as modules are compared (GoogLeNet applies its
    rectifiers as functions); names, where the layer owns parameters.
    """
    fact = torchvision()[entry.torchvision]
    recorded = fact["layers"]
    known = set().union(*(LAYERS[kind] for kind in {row[1] for row in recorded}))
    found = summary(entry.target)["layers"]
    layers = [row for row in found if row["op"] in known and "when" not in row]
    functions = []
    for name, kind, shape in recorded:
        layer = layers.pop(0)
        while layer["op"] not in LAYERS[kind]:
            functions.append(layer["op"])
            layer = layers.pop(0)
        assert layer["output"] == shape, (layer, name)
        if layer["params"]:
            assert layer["path"] == name
    functions += [layer["op"] for layer in layers]
    assert functions == FUNCTIONS.get(fact["family"], [])


def test_all_of_torchvisions_convolutional_networks_are_there() -> None:
    """68 for classification, 6 for segmentation, 4 for video."""
    names = [entry.torchvision for entry in RECORDED]
    assert sorted(names) == sorted(set(torchvision()) - {"googlenet_aux"})
    assert len(names) == 68 + 6 + 4


def test_lenet_rows() -> None:
    """The paper's parameters, layer by layer (section II.B)."""
    rows: dict[str, int] = {}
    for layer in summary(f"{SPECS / 'lenet.net'}::LeNet5")["layers"]:
        name = layer["path"].split(".")[0]
        rows[name] = rows.get(name, 0) + layer["params"]
    published = {"C1": 156, "S2": 12, "C3": 1516, "S4": 32, "C5": 48_120, "F6": 10_164}
    assert {name: rows[name] for name in published} == published


def test_classes_can_be_set() -> None:
    """The published numbers speak of 1,000 classes; another number is no mistake."""
    found = run("summary", f"{SPECS / 'resnet.net'}::ResNet50", "-p", "classes=10", "--json")
    # 2,048 weights and a bias less for each of 990 classes.
    assert f'"params": {25_557_032 - 990 * 2049}' in found


def test_other_sizes() -> None:
    found = run("summary", f"{SPECS / 'resnet.net'}::ResNet18", "--input", "3x320x320", "--json")
    assert '"params": 11689512' in found
