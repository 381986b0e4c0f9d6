"""What Python programs write: modules and models of a network.

Each function puts stages in a row; their work is left to `backends`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

from netspec.api.arguments import Path, flag, number, number_or_none, told, word
from netspec.api.networks import network_of
from netspec.graph.graph import Network

if TYPE_CHECKING:
    import torch

    from netspec.backends.onnx import Model


def torch_source(
    spec: Path | Network,
    *,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> str:
    """The source of a Python module with the network as a class; needs no torch.

    Parameters are as those of `summarize`; so they are of the others here.

    Raises what `load` raises, and CannotWrite (see `backends.torch`).
    """
    from netspec.backends.torch import write_module

    return write_module([network_of(spec, parameters, named)]).text


def to_torch(
    spec: Path | Network,
    *,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> torch.nn.Module:
    """The network as a live module, made by running the source that `torch_source` gives.

    `inspect.getsource`, tracebacks and debuggers show that source. Pickles and what `torch.save`
    writes of the whole module carry it along, and can be read wherever netspec is installed; where
    it is not, a `state_dict` and a file with the source can.

    Raises what `torch_source` raises, and ImportError where torch is not installed.
    """
    from netspec.backends.torch import write_module
    from netspec.live import module_of

    if find_spec("torch") is None:
        raise ImportError('to_torch needs torch: pip install "netspec[torch]"')
    network = network_of(spec, parameters, named)
    written = write_module([network])
    made: torch.nn.Module = getattr(module_of(written.text), written.classes[network.name])()
    return made


def torch_names(
    spec: Path | Network,
    *,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> dict[str, str]:
    """The spec's label for each attribute of the module that had to be called otherwise.

    Python and `nn.Module` claim some names: `class` becomes `class_`. Keys of the module's
    `state_dict` differ from the spec's names, those in the ONNX file, by these alone:

        ".".join(names.get(part, part) for part in key.split("."))

    Raises what `torch_source` raises.
    """
    from netspec.backends.torch import write_module

    return dict(write_module([network_of(spec, parameters, named)]).names)


def to_onnx(
    spec: Path | Network,
    *,
    opset: int | None = None,
    seed: int = 0,
    weights: bool | Path | Mapping[str, object] = True,
    dtype: str = "float32",
    fold_batchnorm: bool = False,
    functions: bool = False,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> Model:
    """The network as an ONNX model: `.model` is the protobuf, `.save_to(path)` writes the file.

    With `functions`, each block is a function of the model. Weights above 1 GB, or with
    `save_to(path, external=True)`, go into a second file, `<path>.data`; `.save(sink)` writes one.

    `weights` are drawn from `seed`; or left out (False); or those of the generated module: a
    state_dict, or a `.safetensors` file or one of `torch.save`. They are read when the model is
    written. `dtype` is float32, float16 or bfloat16. `fold_batchnorm` makes norms part of the
    layers before them.

    Raises what `load` raises, Unsupported and WeightsDiffer (see `backends.onnx`), FileProblem for
    weights that cannot be read, and ImportError where a package is not installed.
    """
    from netspec.backends.onnx import FLOATS, as_checkpoint, read_checkpoint, write_model

    number_or_none("opset", opset, 1)
    number("seed", seed, 0, 2**64 - 1)
    word("dtype", dtype, FLOATS)
    flag("fold_batchnorm", fold_batchnorm)
    flag("functions", functions)
    if not isinstance(weights, bool | str | os.PathLike | Mapping):
        raise TypeError(f"weights are True, False, a file or a state_dict, not {told(weights)}")
    network = network_of(spec, parameters, named)
    if isinstance(weights, Mapping):
        trained = as_checkpoint(weights)
    elif not isinstance(weights, bool):
        trained = read_checkpoint(os.fspath(weights))
    return write_model(
        network,
        opset=opset,
        seed=seed,
        weights=weights if isinstance(weights, bool) else trained,
        dtype=dtype,
        fold_batchnorm=fold_batchnorm,
        functions=functions,
    )
