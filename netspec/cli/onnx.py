"""`netspec onnx`: writes a net as an ONNX model.

The model is left to `backends.onnx`, which loads onnx and numpy.
"""

from __future__ import annotations

import argparse

from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only, refuse_to_overwrite
from netspec.diagnostics import Diagnostic


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the model of one net; where the file has several, list them."""
    if not 0 <= options.seed < 2**64:
        raise Usage(f"--seed is a number from 0 to 2^64 - 1, not {options.seed}")
    if options.external_data and options.no_weights:
        raise Usage("--external-data says where the weights go, and --no-weights leaves them out")
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
    try:
        model = backend.write_model(
            network,
            opset=opset,
            seed=options.seed,
            weights=not options.no_weights,
            functions=options.functions,
        )
    except backend.Unsupported as refusal:
        if refusal.span is None:
            console.complain(str(refusal))
        else:
            shown = Diagnostic("unsupported-by-onnx", str(refusal), refusal.span)
            console.show([shown], console.err)
        return 1
    external = bool(model.tensors) and (options.external_data or model.external)
    if options.output == "-":
        if external:
            raise Usage(_no_room(model.size, options.external_data))
        with console.sink() as sink:
            model.save(sink)
        return 0
    if external:
        refuse_to_overwrite(target, f"{options.output}{backend.DATA_SUFFIX}")
    try:
        model.save_to(options.output, external=external)
    except backend.Unsupported as refusal:
        # The graph was made: what is left to refuse is the name of the file.
        raise Usage(f"cannot write {options.output}: {refusal}; -o takes another name") from None
    return 0


def _no_room(size: int, asked: bool) -> str:
    """Why standard output does not do for a model that is two files."""
    why = "--external-data writes the weights" if asked else f"{size / 1e9:,.1f} GB of weights go"
    return f"{why} into a file beside the model, and standard output is one file: use -o FILE"
