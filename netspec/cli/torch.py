"""`netspec torch`: writes nets as one Python module for PyTorch.

The module's text is left to `backends.torch`, which needs no torch itself.
"""

from __future__ import annotations

import argparse

from netspec.cli.console import Console
from netspec.cli.target import networks_of, refuse_to_overwrite
from netspec.files import write_atomic


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the module of the net that is named, or of all nets of the file."""
    from netspec.backends.torch import CannotWrite, write_module

    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    refuse_to_overwrite(target, options.output)
    try:
        text = write_module(target.networks).text
    except CannotWrite as refusal:
        for problem in refusal.problems:
            console.complain(str(problem))
        return 1
    if options.output == "-":
        console.text(text)
    else:
        write_atomic(options.output, text.encode("utf-8"))
    return 0
