"""`netspec weights`: takes the trained tensors out of an ONNX model, for the generated module.

Reading the model and writing them is left to `backends.onnx`.
"""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING

from netspec.cli.console import Console, Usage
from netspec.writing import write_atomic

if TYPE_CHECKING:
    import argparse

SUFFIX = ".safetensors"


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the tensors of one model; 1 where it is sound and yet has none to give."""
    output = options.output
    if output != "-" and not output.endswith(SUFFIX):
        raise Usage(f"-o takes a name that ends in {SUFFIX}, not {output}")
    both = os.path.exists(output) and os.path.exists(options.model)
    if both and os.path.samefile(output, options.model):
        raise Usage(f"{output} is the model; -o names the file to write")
    try:
        from netspec.backends import onnx as backend
    except ImportError as missing:
        why = f'weights needs packages that are not here ({missing}): pip install "netspec[onnx]"'
        raise Usage(why) from None
    try:
        weights = backend.read_weights(options.model)
    except backend.NotRestorable as refusal:
        console.complain(str(refusal))
        return 1
    if output == "-":
        sink = BytesIO()
        weights.save(sink)
        console.write(sink.getvalue())
    else:
        write_atomic(output, weights.save)
    if weights.training:
        scopes = ", ".join(weights.training)
        console.complain(
            f"{options.model} lacks what exists in training only ({scopes}): the module takes the "
            "rest with load_state_dict(…, strict=False)"
        )
    return 0
