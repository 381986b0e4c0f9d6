"""`netspec onnx`: writes a net as an ONNX model.

The model is left to `backends.onnx`, which loads onnx and numpy.
"""

from __future__ import annotations

import argparse

from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only, refuse_to_overwrite
from netspec.diagnostics import Diagnostic
from netspec.files import write_atomic


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the model of one net; where the file has several, list them."""
    if not 0 <= options.seed < 2**64:
        raise Usage(f"--seed is a number from 0 to 2^64 - 1, not {options.seed}")
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
            network, opset=opset, seed=options.seed, weights=not options.no_weights
        )
    except backend.Unsupported as refusal:
        if refusal.span is None:
            console.complain(str(refusal))
        else:
            shown = Diagnostic("unsupported-by-onnx", str(refusal), refusal.span)
            console.show([shown], console.err)
        return 1
    if options.output == "-":
        console.write(model.to_bytes())
    else:
        write_atomic(options.output, model.save)
    return 0
