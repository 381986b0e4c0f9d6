"""What Python programs call: specs in, networks, diagnostics, modules and models out.

Each function puts stages in a row; their work is left to the stages.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

from netspec.analysis import compare as comparing
from netspec.analysis.choose import NoSuchNet, choose, split
from netspec.analysis.summary import Summary, listed
from netspec.diagnostics import Diagnostic, Severity
from netspec.files import FileProblem, Files
from netspec.graph.graph import Network
from netspec.ops.values import shown
from netspec.reports.text import render
from netspec.session import Session

if TYPE_CHECKING:
    import torch

    from netspec.backends.onnx import Model

Path = str | os.PathLike[str]


class SpecError(Exception):
    """A spec with mistakes, or without the net asked for; the message shows all of them.

    `diagnostics` are the mistakes and warnings; empty where it is the net that is missing.
    """

    def __init__(self, message: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


def check(*paths: Path) -> list[Diagnostic]:
    """The mistakes and warnings in files, and in all specs of folders; each once.

    Rules run as the configuration of each file's project says, budgets and baseline included.

    `zoo:resnet` is a shipped file, `zoo:` the folder of them.

    Raises FileProblem for what cannot be read.
    """
    session = Session(Files())
    session.read([os.fspath(path) for path in paths])
    outcome = session.outcome()
    if outcome.problems:
        raise FileProblem(outcome.problems[0])
    return [*outcome.misconfigured, *outcome.diagnostics]


def load(
    spec: Path,
    parameters: Mapping[str, object] | None = None,
    inputs: Mapping[str, object] | str | None = None,
) -> Network:
    """A network of a spec: `resnet.net::ResNet50`, or the only one of a file.

    `zoo:resnet50` is one of those that ship, `./zoo:resnet50` a file of that name.

    `parameters` are numbers, bools, None, lists, or expressions of the language as strings
    (`"[2, 2*3]"`, `"bottleneck"`, `'"text"'`). `inputs` are other sizes by the input's name, as
    sequences of numbers or dims (`"3x320x320"`); a single one is that of the only input.

    Raises SpecError, with the diagnostics, where the spec has errors or no such net, and
    FileProblem where it cannot be read.
    """
    try:
        path, net = split(os.fspath(spec), os.path.exists)
        files = Files()
        source = files.read(path)
        broken = files.problem(source)
        if broken is not None:
            raise SpecError(render(broken), [broken])
        texts = {name: _expression(value) for name, value in (parameters or {}).items()}
        chosen = choose(source, files.importer(source), net, texts, _sizes(inputs))
        if chosen.failed:
            errors = [d for d in chosen.diagnostics if d.severity is Severity.ERROR]
            raise SpecError("\n\n".join(map(render, errors)), chosen.diagnostics)
        return chosen.one("`load`")
    except NoSuchNet as problem:
        listing = "".join(f"\n  {choice}" for choice in problem.choices)
        raise SpecError(f"{problem}{listing}") from None


def summarize(spec: Path | Network, **parameters: object) -> Summary:
    """The layers of a network, with their shapes and costs, and its totals.

    Raises what `load` raises, and TooManyLayers (see `analysis.summary`) above a million.
    """
    return listed(_network(spec, parameters))


def compare(old: Path | Network, new: Path | Network) -> comparing.Comparison:
    """What changed from one network to another: layers, sizes, and whether old weights still load.

    Raises what `summarize` raises.
    """
    return comparing.compare(_network(old, {}), _network(new, {}))


def torch_source(spec: Path | Network, **parameters: object) -> str:
    """The source of a Python module with the network as a class; needs no torch.

    Raises what `load` raises, and CannotWrite (see `backends.torch`).
    """
    from netspec.backends.torch import write_module

    return write_module([_network(spec, parameters)]).text


def to_torch(spec: Path | Network, **parameters: object) -> torch.nn.Module:
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
    network = _network(spec, parameters)
    written = write_module([network])
    made: torch.nn.Module = getattr(module_of(written.text), written.classes[network.name])()
    return made


def torch_names(spec: Path | Network, **parameters: object) -> dict[str, str]:
    """The spec's label for each attribute of the module that had to be called otherwise.

    Python and `nn.Module` claim some names: `class` becomes `class_`. Keys of the module's
    `state_dict` differ from the spec's names, those in the ONNX file, by these alone:

        ".".join(names.get(part, part) for part in key.split("."))

    Raises what `torch_source` raises.
    """
    from netspec.backends.torch import write_module

    return dict(write_module([_network(spec, parameters)]).names)


def to_onnx(
    spec: Path | Network,
    *,
    opset: int | None = None,
    seed: int = 0,
    weights: bool | Path | Mapping[str, object] = True,
    dtype: str = "float32",
    fold_batchnorm: bool = False,
    functions: bool = False,
    **parameters: object,
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
    from netspec.backends.onnx import as_checkpoint, read_checkpoint, write_model

    network = _network(spec, parameters)
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


def _network(spec: Path | Network, parameters: Mapping[str, object]) -> Network:
    if not isinstance(spec, Network):
        return load(spec, parameters)
    if parameters:
        raise TypeError("the parameters of a network that is loaded already are set")
    return spec


def _expression(value: object) -> str:
    """A value as the language writes it; a string is an expression already."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_expression, value))}]"
    if value is None or isinstance(value, bool | int | float):
        return shown(value)
    raise TypeError(f"a parameter is a number, bool, None, list or expression, not {value!r}")


def _sizes(inputs: Mapping[str, object] | str | None) -> dict[str, str]:
    if inputs is None:
        return {}
    if isinstance(inputs, Mapping):
        return {name: _expression(value) for name, value in inputs.items()}
    return {"": _expression(inputs)}
