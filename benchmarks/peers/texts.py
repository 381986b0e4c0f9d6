"""Writes ResNet-50 layer by layer, for the peers that read it as a text: NNEF, annotated PyTorch.

What they make of it is left to them. The flat PyTorch module is what torchshapeflow follows whole:
blocks as classes, or loops over layers, it takes as given by their annotations. torchtyc, which
runs what it checks, is given the same with jaxtyping's annotations. Both have a mean where
torchvision has an adaptive pooling, which torchshapeflow does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

STAGES = ((64, 3, 56), (128, 4, 28), (256, 6, 14), (512, 3, 7))


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution and the norm behind it: from which value it goes on, and to what shape."""

    name: str
    source: str
    inputs: int
    filters: int
    kernel: int
    stride: int
    size: int
    relu: bool


@dataclass(frozen=True, slots=True)
class Add:
    """The end of a block: the sum of two values, and its relu."""

    name: str
    left: str
    right: str
    filters: int
    size: int


def layers() -> Iterator[Conv | Add]:
    """The network's body, from the pooled stem (`pool`) on."""
    value, channels = "pool", 64
    for number, (width, count, size) in enumerate(STAGES, 1):
        for block in range(count):
            name = f"layer{number}_{block}"
            stride = 2 if number > 1 and block == 0 else 1
            out = 4 * width
            before = size * stride
            yield Conv(f"{name}_a", value, channels, width, 1, 1, before, True)
            yield Conv(f"{name}_b", f"{name}_a", width, width, 3, stride, size, True)
            yield Conv(f"{name}_c", f"{name}_b", width, out, 1, 1, size, False)
            shortcut = value
            if block == 0:
                shortcut = f"{name}_d"
                yield Conv(shortcut, value, channels, out, 1, stride, size, False)
            yield Add(name, f"{name}_c", shortcut, out, size)
            value, channels = name, out


STEM = Conv("stem", "image", 3, 64, 7, 2, 112, True)


def nnef() -> str:
    """The network in NNEF 1.0, its weights as variables that have no data."""
    lines = ["image = external<scalar>(shape = [1, 3, 224, 224]);"]
    lines += _nnef_conv(STEM)
    lines.append(
        "pool = max_pool(stem, size = [1, 1, 3, 3], stride = [1, 1, 2, 2],"
        " padding = [(0, 0), (0, 0), (1, 1), (1, 1)], border = 'ignore');"
    )
    last = "pool"
    for layer in layers():
        last = layer.name
        if isinstance(layer, Conv):
            lines += _nnef_conv(layer)
        else:
            lines.append(f"{last}_sum = add({layer.left}, {layer.right});")
            lines.append(f"{last} = relu({last}_sum);")
    lines += [
        f"mean = mean_reduce({last}, axes = [2, 3]);",
        "flat = squeeze(mean, axes = [2, 3]);",
        "fc_weight = variable<scalar>(shape = [1000, 2048], label = 'fc/weight');",
        "fc_bias = variable<scalar>(shape = [1, 1000], label = 'fc/bias');",
        "out = linear(flat, fc_weight, fc_bias);",
    ]
    body = "\n".join(f"    {line}" for line in lines)
    return f"version 1.0;\n\ngraph ResNet50(image) -> (out)\n{{\n{body}\n}}\n"


def _nnef_conv(conv: Conv) -> list[str]:
    name, pad = conv.name, conv.kernel // 2
    shape = f"[{conv.filters}, {conv.inputs}, {conv.kernel}, {conv.kernel}]"
    lines = [f"{name}_weight = variable<scalar>(shape = {shape}, label = '{name}/weight');"]
    for part in ("mean", "variance", "offset", "scale"):
        lines.append(
            f"{name}_{part} = variable<scalar>(shape = [1, {conv.filters}],"
            f" label = '{name}/{part}');"
        )
    lines.append(
        f"{name}_conv = conv({conv.source}, {name}_weight, stride = [{conv.stride}, {conv.stride}],"
        f" padding = [({pad}, {pad}), ({pad}, {pad})]);"
    )
    norm = f"{name}_norm" if conv.relu else name
    lines.append(
        f"{norm} = batch_normalization({name}_conv, {name}_mean, {name}_variance, {name}_offset,"
        f" {name}_scale, epsilon = 0.00001);"
    )
    if conv.relu:
        lines.append(f"{name} = relu({norm});")
    return lines


def torchshapeflow() -> str:
    """The module for torchshapeflow."""
    return _module("from typing import Annotated\n", "from torchshapeflow import Shape\n", _shape)


def torchtyc() -> str:
    """The module for torchtyc."""
    return _module("", "from jaxtyping import Float\n", _float)


def _shape(dims: str) -> str:
    listed = ", ".join(d if d.isdigit() else f'"{d}"' for d in dims.split())
    return f"Annotated[torch.Tensor, Shape({listed})]"


def _float(dims: str) -> str:
    return f'Float[torch.Tensor, "{dims}"]'


def _module(standard: str, third: str, annotation: Callable[[str], str]) -> str:
    made: list[str] = []
    lines: list[str] = []

    def conv(layer: Conv) -> None:
        extra = f", stride={layer.stride}" if layer.stride > 1 else ""
        extra += f", padding={layer.kernel // 2}" if layer.kernel > 1 else ""
        made.append(
            f"self.{layer.name} = nn.Conv2d({layer.inputs}, {layer.filters}, {layer.kernel}"
            f"{extra}, bias=False)"
        )
        made.append(f"self.{layer.name}_norm = nn.BatchNorm2d({layer.filters})")
        value = f"self.{layer.name}_norm(self.{layer.name}({layer.source}))"
        value = f"torch.relu({value})" if layer.relu else value
        dims = annotation(f"B {layer.filters} {layer.size} {layer.size}")
        lines.append(f"{layer.name}: {dims} = {value}")

    conv(STEM)
    made.append("self.pool = nn.MaxPool2d(3, stride=2, padding=1)")
    lines.append(f"pool: {annotation('B 64 56 56')} = self.pool(stem)")
    last = "pool"
    for layer in layers():
        last = layer.name
        if isinstance(layer, Conv):
            conv(layer)
        else:
            dims = annotation(f"B {layer.filters} {layer.size} {layer.size}")
            lines.append(f"{last}: {dims} = torch.relu({layer.left} + {layer.right})")
    made.append("self.fc = nn.Linear(2048, 1000)")
    lines.append(f"flat: {annotation('B 2048')} = {last}.mean(dim=(2, 3))")
    lines.append("return self.fc(flat)")
    init = "\n".join(f"        {line}" for line in made)
    body = "\n".join(f"        {line}" for line in lines)
    return (
        f"{standard}\nimport torch\n{third}from torch import nn\n\n\n"
        "class ResNet50(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"{init}\n\n    def forward(self, image: {annotation('B 3 224 224')})"
        f" -> {annotation('B 1000')}:\n{body}\n"
    )
