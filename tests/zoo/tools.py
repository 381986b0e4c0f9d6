"""Runs netspec on a net of the zoo as its users do, by the command line, each result once.

What the results are held against is in `facts.py`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from netspec.cli import main
from tests.zoo.facts import SPECS, Entry


def run(*arguments: str) -> str:
    """Standard output of a command that must succeed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    assert code == 0, (
        f"netspec {' '.join(arguments)}: exit {code}\n{out.getvalue()}{err.getvalue()}"
    )
    return out.getvalue()


@cache
def summary(target: str) -> dict[str, Any]:
    """The object that `summary --json` prints."""
    return dict(json.loads(run("summary", target, "--json")))


@cache
def written(file: str) -> ModuleType:
    """The module that `torch` writes for all nets of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"zoo_{file}.py"
        run("torch", str(SPECS / f"{file}.net"), "-o", str(path))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
    return module


def build(entry: Entry, device: str = "cpu") -> nn.Module:
    """The net's class without arguments, ready for inference.

    Convolutions and dense layers are left uninitialised: 140 million random numbers take seconds,
    and no test here keeps them.
    """
    with (
        torch.device(device),
        patch.object(nn.init, "kaiming_uniform_", lambda tensor, **_: tensor),
    ):
        module = getattr(written(entry.file), class_name(entry.net))()
    assert isinstance(module, nn.Module)
    return module.eval()


def class_name(net: str) -> str:
    """The class of a net, in CapWords: `VGG16_BN` is `VGG16BN`, `MNASNet0_5` `MNASNet0p5`."""
    name = re.sub(r"(?<=\d)_(?=\d)", "p", net)
    return "".join(part[0].upper() + part[1:] for part in name.split("_"))


def onnx_model(entry: Entry) -> onnx.ModelProto:
    """The model that `onnx` writes, with the weights of seed 0."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        run("onnx", entry.target, "-o", str(path), "--seed", "0")
        return onnx.load(str(path))


def vary_vectors(model: onnx.ModelProto) -> dict[str, torch.Tensor]:
    """All weights by name, those of one axis drawn anew, in the model too.

    Biases and batchnorm's vectors start at 0 or 1, at which a mistake in them would not show. What
    is added lies about 0, what multiplies about 1, and variances above it: residuals add up, and in
    a network of 40 of them values would grow to 10^7, where gates saturate and float32 itself is a
    tenth off (EfficientNet V2).
    """
    generator = np.random.default_rng(7)
    weights: dict[str, torch.Tensor] = {}
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.ndim == 1 and value.dtype == np.float32:
            if tensor.name.endswith(("bias", "running_mean")):
                drawn = generator.normal(0.0, 0.1, value.shape)
            elif tensor.name.endswith("running_var"):
                drawn = generator.uniform(1.5, 4.5, value.shape)
            else:
                drawn = generator.uniform(0.5, 1.5, value.shape)
            value = drawn.astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
        weights[tensor.name] = torch.from_numpy(np.array(value))
    return weights


def named(out: Any) -> dict[str, torch.Tensor]:
    """Outputs by name: a module with one gives it bare, one with several a named tuple."""
    return {"out": out} if isinstance(out, torch.Tensor) else out._asdict()
