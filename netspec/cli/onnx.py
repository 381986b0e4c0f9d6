"""`netspec onnx`: writes a net as an ONNX model.

The model is left to `backends.onnx`, which loads onnx and numpy.
"""

from __future__ import annotations

import argparse
import sys

from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only
from netspec.files import write_atomic

#: What the package's name for them is where the packages of `netspec[onnx]` are not installed.
PACKAGES = ("onnx", "numpy", "google", "ml_dtypes")


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the model of one net; where the file has several, list them."""
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    network = only(target, "onnx")
    try:
        from netspec.backends.onnx import Unsupported, write_model
    except ModuleNotFoundError as missing:
        name = (missing.name or "").partition(".")[0]
        if name not in PACKAGES:
            raise
        raise Usage(f'this needs the package {name}: pip install "netspec[onnx]"') from None
    try:
        model = write_model(
            network, opset=options.opset, seed=options.seed, weights=not options.no_weights
        )
    except Unsupported as refusal:
        if refusal.span is None:
            console.complain(str(refusal))
        else:
            from netspec.diagnostics import Diagnostic

            console.show(
                [Diagnostic("unsupported-by-onnx", str(refusal), refusal.span)], console.err
            )
        return 1
    if options.output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(model.to_bytes())
    else:
        write_atomic(options.output, model.save)
    return 0
