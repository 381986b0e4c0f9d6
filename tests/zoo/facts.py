"""The zoo: which net of `specs/` is which recorded network.

Expected numbers are read from tests/truth; none comes from netspec.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TRUTH = Path(__file__).resolve().parent.parent / "truth"
SPECS = TRUTH.parent.parent / "specs"


@dataclass(frozen=True)
class Entry:
    """A net, and what is known of it. `torchvision` is its builder there, where it has one.

    Shapes leave the batch out. `outputs` are those of inference, `out` among them.
    """

    file: str
    net: str
    input: tuple[int, ...]
    outputs: Mapping[str, tuple[int, ...]]
    params: int
    macs: int
    torchvision: str | None = None

    @property
    def output(self) -> tuple[int, ...]:
        return self.outputs["out"]

    @property
    def family(self) -> tuple[str, str]:
        """Its file, and torchvision's family: EfficientNet and its second version share a file."""
        fact = torchvision().get(self.torchvision or "", {})
        return self.file, str(fact.get("family", ""))

    @property
    def target(self) -> str:
        """As the command line takes it."""
        return f"{SPECS / self.file}.net::{self.net}"

    def __str__(self) -> str:
        return self.net


@cache
def torchvision() -> dict[str, Any]:
    """Facts of torchvision's builders, see tests/truth/README.md."""
    with gzip.open(TRUTH / "torchvision.json.gz", "rt") as file:
        return dict(json.load(file))


@cache
def papers() -> dict[str, Any]:
    """The values of each paper's table, by key."""
    entries = json.loads((TRUTH / "papers.json").read_text())
    return {key: entry["values"] for key, entry in entries.items()}


def _out(*shape: int) -> dict[str, tuple[int, ...]]:
    return {"out": shape}


def _builders() -> list[Entry]:
    """Each net whose name, in lower case, is that of a builder of torchvision."""
    found = []
    for path in sorted(SPECS.glob("*.net")):
        for net in re.findall(r"^net (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            fact = torchvision().get(net.lower())
            if fact is not None:
                shape = tuple(fact["input"])
                outputs = {name: tuple(dims) for name, dims in fact["outputs"].items()}
                numbers = fact["params"], fact["macs"]
                found.append(Entry(path.stem, net, shape, outputs, *numbers, net.lower()))
    return found


def _trainable(name: str) -> int:
    """Elements of a state_dict that are no buffers of a batchnorm."""
    total = 0
    for key, shape in torchvision()[name]["state_dict"]:
        if not key.endswith(("running_mean", "running_var", "num_batches_tracked")):
            elements = 1
            for dim in shape:
                elements *= dim
            total += elements
    return total


def _googlenet_paper() -> Entry:
    rows = papers()["googlenet"]["rows"]
    # Biases of the convolutions outside of the modules: conv1 64, conv2 64 (its reduction) and 192;
    # of the dense layer 1,000. The modules' rows are recorded with theirs.
    params = 64 + 64 + 192 + 1000
    for row in rows:
        params += row.get("exact_weights_plus_bias", row.get("exact_weights", 0))
    # The two heads on 4a (512 channels) and 4d (528): 1x1 to 128, then 4x4x128 to 1,024 to 1,000.
    for channels in (512, 528):
        params += channels * 128 + 128 + 16 * 128 * 1024 + 1024 + 1024 * 1000 + 1000
    macs = sum(row.get("exact_macs", 0) for row in rows)
    return Entry("googlenet", "GoogLeNetPaper", (3, 224, 224), _out(1000), params, macs)


def _resnet_paper(layers: int) -> Entry:
    macs = papers()["resnet_imagenet"]["exact_macs_v1_stride_in_1x1"][str(layers)]
    params = torchvision()[f"resnet{layers}"]["params"]  # the stride moves no parameters
    return Entry("resnet", f"ResNet{layers}Paper", (3, 224, 224), _out(1000), params, macs)


def _resnet_cifar(layers: int) -> Entry:
    fact = papers()["resnet_cifar"]["exact"][str(layers)]
    params, macs = fact["option_A_params"], fact["option_A_macs"]
    return Entry("resnet_cifar", f"ResNet{layers}", (3, 32, 32), _out(10), params, macs)


def _all_cnn(net: str, row: str, macs: int) -> Entry:
    params = papers()["allcnn"]["exact_params_if_straightforward"][row]
    return Entry("allcnn", net, (3, 32, 32), _out(10), params, macs)


def _all_cnn_macs(*, n: int, pooled: bool) -> int:
    """Multiply-accumulates of table 1 and 2, row by row: output size^2 x kernel x in x out."""
    total = 0
    channels, size = 3, 32
    for width in (96, 192):
        for i in range(n):
            if i == n - 1 and not pooled:
                size //= 2  # the stride of the last convolution
            total += size * size * 9 * channels * width
            channels = width
        if pooled:
            size //= 2
    # 3x3 without padding on 8x8 gives 6x6, then two 1x1.
    return total + 6 * 6 * (9 * 192 * 192 + 192 * 192 + 192 * 10)


def _unet() -> Entry:
    """Figure 1 of arXiv:1505.04597, arrow by arrow; every convolution has biases."""
    params = macs = 0

    def conv(before: int, after: int, kernel: int, size: int) -> None:
        nonlocal params, macs
        params += kernel * kernel * before * after + after
        macs += kernel * kernel * before * after * size * size

    size, channels = 572, 1
    for width in (64, 128, 256, 512, 1024):
        for before in (channels, width):
            size -= 2
            conv(before, width, 3, size)
        channels, size = width, size // 2
    size *= 2  # nothing is pooled at the bottom
    for width in (512, 256, 128, 64):
        # Of the 2x2 kernel of an up-convolution, each output position reads one element.
        params += 4 * 2 * width * width + width
        macs += 2 * width * width * (2 * size) ** 2
        size *= 2
        for before in (2 * width, width):
            size -= 2
            conv(before, width, 3, size)
    conv(64, 2, 1, size)
    return Entry("unet", "UNet", (1, 572, 572), _out(2, 388, 388), params, macs)


def _zoo() -> list[Entry]:
    lenet, alexnet = papers()["lenet5"], papers()["alexnet"]
    # Connections of the convolutions and of F6 without their biases: those of S2, S4 and the output
    # layer are no multiply-accumulates of convolutions or dense layers.
    layers = {layer["name"]: layer for layer in lenet["layers"]}
    biases = {"C1": 6 * 28 * 28, "C3": 16 * 10 * 10, "C5": 120, "F6": 84}
    lenet_macs = sum(layers[name]["connections"] - n for name, n in biases.items())
    entries = [
        Entry("lenet", "LeNet5", (1, 32, 32), _out(84), lenet["total_params"], lenet_macs),
        # 6x25+6, 16x150+16, 400x120+120, 120x84+84, 84x10+10; 28^2x25x6 + 10^2x150x16 + dense.
        Entry("lenet", "LeNet", (1, 28, 28), _out(10), 61_706, 117_600 + 240_000 + 58_920),
        Entry(
            "alexnet",
            "AlexNetPaper",
            (3, 227, 227),
            _out(1000),
            alexnet["total_params_exact"],
            alexnet["total_macs_exact"],
        ),
        _unet(),
        _googlenet_paper(),
        Entry(
            "googlenet",
            "GoogLeNetAux",
            (3, 224, 224),
            _out(1000),
            _trainable("googlenet_aux"),
            torchvision()["googlenet"]["macs"],
            "googlenet_aux",
        ),
        _resnet_cifar(20),
        _resnet_cifar(56),
        _all_cnn("ModelC", "Model C", _all_cnn_macs(n=2, pooled=True)),
        _all_cnn("StridedCNN_C", "Strided-CNN-C", _all_cnn_macs(n=2, pooled=False)),
        _all_cnn("ConvPoolCNN_C", "ConvPool-CNN-C", _all_cnn_macs(n=3, pooled=True)),
        _all_cnn("AllCNN_C", "ALL-CNN-C", _all_cnn_macs(n=3, pooled=False)),
    ]
    entries += [_resnet_paper(layers_) for layers_ in (50, 101, 152)]
    return entries + _builders()


ZOO = _zoo()
#: The cheapest net of each family, for tests that take long: the first of those that cost as much.
SMALLEST = list({e.family: e for e in sorted(reversed(ZOO), key=lambda e: -e.macs)}.values())


#: Networks whose full size takes many times what the others' does.
HEAVY = {
    *("AlexNetPaper", "FCN_ResNet50", "R2Plus1D_18", "RegNet_Y_128GF", "S3D", "UNet"),
    *("VGG11", "VGG11_BN", "Wide_ResNet50_2"),
}


def heavy_apart(entries: Iterable[Entry]) -> list[object]:
    """As parameters of a test, of which the heavy ones are run by CI alone."""
    slow = pytest.mark.slow
    return [pytest.param(one, marks=slow) if one.net in HEAVY else one for one in entries]
