"""`netspec onnx`: writes a net as an ONNX model.

The model is left to `backends.onnx`, which loads onnx and numpy.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only, refuse_to_overwrite
from netspec.diagnostics import Diagnostic

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the model of one net; where the file has several, list them."""
    _refuse_what_means_nothing(options)
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    refuse_to_overwrite(target, options.output)
    network = only(target, "onnx")
    try:
        from netspec.backends import onnx as backend
    except ImportError as missing:
        why = f'onnx needs packages that are not here ({missing}): pip install "netspec[onnx]"'
        raise Usage(why) from None
    opset = backend.DEFAULT_OPSET if options.opset is None else options.opset
    newest = backend.newest_opset()
    if not backend.OLDEST_OPSET <= opset <= newest:
        raise Usage(f"--opset is from {backend.OLDEST_OPSET} to {newest}, not {opset}")
    weights: bool | backend.Checkpoint = not options.no_weights
    if options.weights is not None:
        try:
            weights = backend.read_checkpoint(options.weights)
        except ImportError as missing:
            raise Usage(str(missing)) from None
    try:
        model = backend.write_model(
            network,
            opset=opset,
            seed=options.seed or 0,
            weights=weights,
            dtype=options.dtype,
            fold_batchnorm=options.fold_batchnorm,
            functions=options.functions,
        )
        external = bool(model.tensors) and (options.external_data or model.external)
        if options.output == "-":
            if external:
                raise Usage(_no_room(model.size, options.external_data))
            with console.sink() as sink:
                model.save(sink)
            return 0
        if external:
            refuse_to_overwrite(target, _data_file(options.output))
        model.save_to(options.output, external=external)
    except backend.WeightsDiffer as difference:
        console.complain(difference.headline, difference.lines)
        return 1
    except backend.Unsupported as refusal:
        if refusal.span is None:
            console.complain(str(refusal))
        else:
            shown = Diagnostic("unsupported-by-onnx", str(refusal), refusal.span)
            console.show([shown], console.err)
        return 1
    return 0


def _refuse_what_means_nothing(options: argparse.Namespace) -> None:
    """Options that contradict each other, or the files that they name."""
    if options.seed is not None and not 0 <= options.seed < 2**64:
        raise Usage(f"--seed is a number from 0 to 2^64 - 1, not {options.seed}")
    if options.external_data and options.no_weights:
        raise Usage("--external-data says where the weights go, and --no-weights leaves them out")
    if options.fold_batchnorm and options.no_weights:
        raise Usage("--fold-batchnorm folds norms into weights; with --no-weights there are none")
    if options.weights is None:
        return
    if options.seed is not None:
        raise Usage("--seed is for weights that are drawn; --weights reads them")
    both = os.path.exists(options.weights) and os.path.exists(options.output)
    if both and os.path.samefile(options.weights, options.output):
        raise Usage(f"{options.output} is the file of weights; -o names the file to write")


def _data_file(output: str) -> str:
    """The file of the weights beside the model, whose name must be one that ONNX allows."""
    from netspec.backends.onnx import Unsupported, location

    try:
        return os.path.join(os.path.dirname(output), location(output))
    except Unsupported as refusal:
        raise Usage(f"cannot write {output}: {refusal}; -o takes another name") from None


def _no_room(size: int, asked: bool) -> str:
    """Why standard output does not do for a model that is two files."""
    why = "--external-data writes the weights" if asked else f"{size / 1e9:,.1f} GB of weights go"
    return f"{why} into a file beside the model, and standard output is one file: use -o FILE"
