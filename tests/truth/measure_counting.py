"""Measures what other tools count for torchvision's networks, and writes `counting.json`.

    python -m tests.truth.measure_counting [--only NAME…]

It needs the packages that `benchmarks/requirements/torch.txt` pins. What netspec counts under their
names is left to `netspec.analysis.counting`; nothing here asks netspec.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.parity.originals import models, original
from tests.zoo.facts import Entry, torchvision

models()  # ptflops imports torchvision, which may need its operators declared first

import ptflops  # noqa: E402
import thop  # noqa: E402
import torchinfo  # noqa: E402
from fvcore.nn import FlopCountAnalysis  # noqa: E402

TRUTH = Path(__file__).resolve().parent / "counting.json"
PACKAGES = ("fvcore", "ptflops", "thop", "torch", "torchinfo", "torchvision")


def by_flopcounter(model: nn.Module, image: torch.Tensor) -> Mapping[str, int]:
    """torch's own: FLOPs by operator of aten."""
    with FlopCounterMode(display=False) as counter:
        model(image)
    return {str(op): int(n) for op, n in counter.get_flop_counts().get("Global", {}).items()}


def by_fvcore(model: nn.Module, image: torch.Tensor) -> Mapping[str, int]:
    """fvcore's `by_operator`."""
    analysis = FlopCountAnalysis(model, image)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    found = {str(op): int(n) for op, n in analysis.by_operator().items()}
    assert sum(found.values()) == analysis.total()
    return found


def by_ptflops(backend: str) -> Callable[[nn.Module, torch.Tensor], Mapping[str, int]]:
    """What ptflops gives with one of its two backends; it tells no terms apart."""

    def measure(model: nn.Module, image: torch.Tensor) -> Mapping[str, int]:
        found, _ = ptflops.get_model_complexity_info(
            model,
            tuple(image.shape[1:]),
            as_strings=False,
            print_per_layer_stat=False,
            ost=io.StringIO(),
            backend=backend,
        )
        return {"total": int(found)}

    return measure


def by_thop(model: nn.Module, image: torch.Tensor) -> Mapping[str, int]:
    """thop's `profile`, added up by the class of the module."""
    classes = {name: type(module).__name__ for name, module in model.named_modules()}
    total, _, tree = thop.profile(model, inputs=(image,), verbose=False, ret_layer_info=True)
    found: Counter[str] = Counter()

    def descend(layers: Mapping[str, Any], prefix: str) -> None:
        for name, (operations, _, inner) in layers.items():
            if inner:
                descend(inner, f"{prefix}{name}.")
            else:
                found[classes[prefix + name]] += int(operations)

    descend(tree, "")
    if not tree:
        found[type(model).__name__] += int(total)
    assert sum(found.values()) == int(total), (found, total)
    return {name: n for name, n in found.items() if n}


def by_torchinfo(model: nn.Module, image: torch.Tensor) -> Mapping[str, int]:
    """torchinfo's multiply-adds, added up by the class of the module."""
    summary = torchinfo.summary(model, input_data=image, verbose=0, mode="eval")
    found: Counter[str] = Counter()
    for layer in summary.summary_list:
        if layer.is_leaf_layer:
            found[layer.class_name] += layer.macs
    assert sum(found.values()) == summary.total_mult_adds
    return {name: n for name, n in found.items() if n}


TOOLS: Mapping[str, Callable[[nn.Module, torch.Tensor], Mapping[str, int]]] = {
    "flopcounter": by_flopcounter,
    "fvcore": by_fvcore,
    "ptflops": by_ptflops("aten"),
    "ptflops-pytorch": by_ptflops("pytorch"),
    "thop": by_thop,
    "torchinfo": by_torchinfo,
}


#: They run on the processor: fvcore traces, and on the meta device some of torch's functions are
#: written with others that ptflops replaces, and would count too. Shapes do not depend on it.
COMPUTED = ("fvcore", "ptflops-pytorch")


def measured(
    make: Callable[[], nn.Module], sizes: tuple[int, ...], computed: Collection[str] = COMPUTED
) -> dict[str, Any]:
    """What each tool says, each of a module of its own: some leave hooks behind."""
    found: dict[str, Any] = {}
    for name, tool in TOOLS.items():
        device = "cpu" if name in computed else "meta"
        model = make().to_empty(device=device)
        model = filled(model) if device == "cpu" else model
        with torch.no_grad():
            image = torch.zeros(1, *sizes, device=device)
            terms = dict(sorted(tool(model.eval(), image).items()))
        total = sum(terms.values())
        found[name] = {"total": total} if terms.keys() <= {"total"} else {"total": total, **terms}
    return found


def filled(model: nn.Module) -> nn.Module:
    """With zeros: what is counted depends on no value, and numbers left from before may be slow."""
    for tensor in model.state_dict().values():
        tensor.zero_()
    return model


def networks(only: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, fact in torchvision().items():
        if "input" not in fact or (only and name not in only):
            continue
        entry = Entry("", name, tuple(fact["input"]), {}, 0, 0, name)

        def make(entry: Entry = entry) -> nn.Module:
            return original(entry)

        yield name, measured(make, entry.input)


class Added(nn.Module):
    """What its two branches give, added as people write it."""

    def __init__(self, one: nn.Module, other: nn.Module) -> None:
        super().__init__()
        self.one, self.other = one, other

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.one(x) + self.other(x)


class Joined(Added):
    """Along the channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.one(x), self.other(x)], dim=1)


class Scaled(Added):
    """A gate of 1x1 over a map."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.one(x) * self.other(x)


class Last(nn.Module):
    """A module that works along the last axis, on maps."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x.permute(0, 2, 3, 1))


#: Layers one by one: what stands in a net behind its input, and the module that it is in torch.
LAYERS: Mapping[str, tuple[tuple[int, ...], str, Callable[[], nn.Module]]] = {
    "conv": ((6, 9, 9), "conv 8 3x3", lambda: nn.Conv2d(6, 8, 3)),
    "conv-groups": (
        (6, 9, 7),
        "conv 8 3x5 groups=2 padding=1 dilation=2 rounding=floor bias=false",
        lambda: nn.Conv2d(6, 8, (3, 5), groups=2, padding=1, dilation=2, bias=False),
    ),
    "conv-1d": ((6, 9), "conv 8 3", lambda: nn.Conv1d(6, 8, 3)),
    "conv-3d": ((6, 5, 6, 7), "conv 8 3", lambda: nn.Conv3d(6, 8, 3)),
    "dwconv": (
        (6, 9, 9),
        "dwconv 3x3 multiplier=2",
        lambda: nn.Conv2d(6, 12, 3, groups=6),
    ),
    "conv_transpose": (
        (6, 5, 7),
        "conv_transpose 8 3x3 stride=2 padding=1 output_padding=1 groups=2",
        lambda: nn.ConvTranspose2d(6, 8, 3, 2, 1, output_padding=1, groups=2),
    ),
    "conv_transpose-1d": (
        (6, 5),
        "conv_transpose 8 3 stride=2 bias=false",
        lambda: nn.ConvTranspose1d(6, 8, 3, 2, bias=False),
    ),
    "dense": ((12,), "dense 5", lambda: nn.Linear(12, 5)),
    "dense-unbiased": ((12,), "dense 5 bias=false", lambda: nn.Linear(12, 5, bias=False)),
    "dense-map": (
        (6, 4, 5),
        "permute height width channels; dense 7",
        lambda: Last(nn.Linear(6, 7)),
    ),
    "dense-map-unbiased": (
        (6, 4, 5),
        "permute height width channels; dense 7 bias=false",
        lambda: Last(nn.Linear(6, 7, bias=False)),
    ),
    "batchnorm": ((6, 4, 5), "batchnorm", lambda: nn.BatchNorm2d(6)),
    "batchnorm-plain": (
        (6, 4, 5),
        "batchnorm affine=false",
        lambda: nn.BatchNorm2d(6, affine=False),
    ),
    "batchnorm-vector": ((6,), "batchnorm", lambda: nn.BatchNorm1d(6)),
    "layernorm": ((6,), "layernorm", lambda: nn.LayerNorm(6)),
    "layernorm-map": (
        (6, 4, 5),
        "permute height width channels; layernorm",
        lambda: Last(nn.LayerNorm(6)),
    ),
    "groupnorm": ((6, 4, 5), "groupnorm 3", lambda: nn.GroupNorm(3, 6)),
    "instancenorm": ((6, 4, 5), "instancenorm", lambda: nn.InstanceNorm2d(6)),
    "instancenorm-affine": (
        (6, 4, 5),
        "instancenorm affine=true",
        lambda: nn.InstanceNorm2d(6, affine=True),
    ),
    "lrn": ((6, 4, 5), "lrn 5", lambda: nn.LocalResponseNorm(5)),
    "maxpool": ((6, 9, 9), "maxpool 3x3 stride=2", lambda: nn.MaxPool2d(3, 2)),
    "maxpool-1d": ((6, 9), "maxpool 3", lambda: nn.MaxPool1d(3)),
    "maxpool-3d": ((6, 6, 9, 3), "maxpool 3", lambda: nn.MaxPool3d(3)),
    "avgpool": ((6, 9, 9), "avgpool 3x3 stride=2", lambda: nn.AvgPool2d(3, 2)),
    "avgpool-1d": ((6, 9), "avgpool 3", lambda: nn.AvgPool1d(3)),
    "avgpool-3d": ((6, 6, 9, 3), "avgpool 3", lambda: nn.AvgPool3d(3)),
    "global_avgpool": ((6, 4, 5), "global_avgpool", lambda: nn.AdaptiveAvgPool2d(1)),
    "global_avgpool-1d": ((6, 4), "global_avgpool", lambda: nn.AdaptiveAvgPool1d(1)),
    "global_avgpool-3d": ((6, 4, 5, 3), "global_avgpool", lambda: nn.AdaptiveAvgPool3d(1)),
    "global_maxpool": ((6, 4, 5), "global_maxpool", lambda: nn.AdaptiveMaxPool2d(1)),
    "adaptive_avgpool": (
        (6, 7, 8),
        "adaptive_avgpool 2x4",
        lambda: nn.AdaptiveAvgPool2d((2, 4)),
    ),
    "adaptive_maxpool": (
        (6, 7, 8),
        "adaptive_maxpool 2x4",
        lambda: nn.AdaptiveMaxPool2d((2, 4)),
    ),
    "upsample-nearest": ((6, 4, 5), "upsample 2", lambda: nn.Upsample(scale_factor=2)),
    "upsample-nearest-1d": ((6, 4), "upsample 2", lambda: nn.Upsample(scale_factor=2)),
    "upsample-nearest-3d": ((6, 4, 5, 3), "upsample 2", lambda: nn.Upsample(scale_factor=2)),
    "upsample-bilinear": (
        (6, 4, 5),
        "upsample 2 mode=bilinear",
        lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
    ),
    "upsample-linear": (
        (6, 4),
        "upsample 2 mode=bilinear",
        lambda: nn.Upsample(scale_factor=2, mode="linear"),
    ),
    "upsample-trilinear": (
        (6, 4, 5, 3),
        "upsample 2 mode=bilinear",
        lambda: nn.Upsample(scale_factor=2, mode="trilinear"),
    ),
    "resize-bilinear": (
        (6, 4, 5),
        "resize 7x9",
        lambda: nn.Upsample(size=(7, 9), mode="bilinear"),
    ),
    "resize-nearest": (
        (6, 4, 5),
        "resize 7x9 mode=nearest",
        lambda: nn.Upsample(size=(7, 9)),
    ),
    "pixel_shuffle": ((8, 4, 5), "pixel_shuffle 2", lambda: nn.PixelShuffle(2)),
    "dropout": ((6, 4, 5), "dropout", nn.Dropout),
    "flatten": ((6, 4, 5), "flatten", nn.Flatten),
    "pad": ((6, 4, 5), "pad 1", lambda: nn.ZeroPad2d(1)),
    "relu": ((6, 4, 5), "relu", nn.ReLU),
    "relu6": ((6, 4, 5), "relu6", nn.ReLU6),
    "leaky_relu": ((6, 4, 5), "leaky_relu", nn.LeakyReLU),
    "prelu": ((6, 4, 5), "prelu", nn.PReLU),
    "prelu-channels": ((6, 4, 5), "prelu per_channel=true", lambda: nn.PReLU(6)),
    "elu": ((6, 4, 5), "elu", nn.ELU),
    "selu": ((6, 4, 5), "selu", nn.SELU),
    "gelu": ((6, 4, 5), "gelu", nn.GELU),
    "silu": ((6, 4, 5), "silu", nn.SiLU),
    "mish": ((6, 4, 5), "mish", nn.Mish),
    "softplus": ((6, 4, 5), "softplus", nn.Softplus),
    "sigmoid": ((6, 4, 5), "sigmoid", nn.Sigmoid),
    "tanh": ((6, 4, 5), "tanh", nn.Tanh),
    "hardsigmoid": ((6, 4, 5), "hardsigmoid", nn.Hardsigmoid),
    "hardswish": ((6, 4, 5), "hardswish", nn.Hardswish),
    "softmax": ((6, 4, 5), "softmax", lambda: nn.Softmax(1)),
    "log_softmax": ((6, 4, 5), "log_softmax", lambda: nn.LogSoftmax(1)),
    "add": (
        (6, 4, 5),
        "add { conv 6 1x1; identity }",
        lambda: Added(nn.Conv2d(6, 6, 1), nn.Identity()),
    ),
    "concat": (
        (6, 4, 5),
        "concat { conv 6 1x1; identity }",
        lambda: Joined(nn.Conv2d(6, 6, 1), nn.Identity()),
    ),
    "mul": (
        (6, 4, 5),
        "mul { { global_avgpool; sigmoid }; identity }",
        lambda: Scaled(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Sigmoid()), nn.Identity()),
    ),
    "twice": (
        (6, 4, 5),
        "a: { c: conv 6 1x1; n: batchnorm }; share a",
        lambda: nn.Sequential(*(2 * [nn.Sequential(nn.Conv2d(6, 6, 1), nn.BatchNorm2d(6))])),
    ),
}


def layers() -> dict[str, dict[str, Any]]:
    """What each tool says of each of `LAYERS`."""
    found: dict[str, dict[str, Any]] = {}
    for name, (sizes, spec, make) in LAYERS.items():
        figures = measured(lambda make=make: nn.Sequential(make()), sizes, TOOLS)
        totals = {tool: figure["total"] for tool, figure in figures.items()}
        found[name] = {"input": list(sizes), "spec": spec, "figures": totals}
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("-o", default=str(TRUTH))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    found = {}
    for name, figures in networks(options.only):
        print(name, {tool: f["total"] for tool, f in figures.items()}, file=sys.stderr, flush=True)
        found[name] = figures
    whole = {
        "versions": {p: version(p) for p in PACKAGES},
        "networks": found,
        "layers": layers(),
    }
    Path(options.o).write_text(written(whole), encoding="utf-8")


def written(whole: Mapping[str, Mapping[str, Any]]) -> str:
    """A line for each entry."""
    parts = []
    for key, entries in whole.items():
        lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in entries.items()]
        parts.append(f" {json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
