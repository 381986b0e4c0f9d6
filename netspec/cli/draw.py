"""`netspec draw`: writes a picture of a net.

The picture is left to `reports.drawing`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only, refuse_to_overwrite
from netspec.reports.drawing import DEPTHS, ENDINGS, CannotDraw, draw
from netspec.writing import write_atomic

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the picture of the net that is named, or of the only one of the file."""
    form = _format(options.format, options.output)
    depth = _depth(options.depth, form)
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    network = only(target, "`draw`")
    if options.output != "-":
        refuse_to_overwrite(target, options.output)
    try:
        picture = draw(network, form, depth)
    except CannotDraw as refusal:
        raise Usage(str(refusal)) from None
    if options.output != "-":
        write_atomic(options.output, picture if isinstance(picture, bytes) else picture.encode())
    elif isinstance(picture, str):
        console.text(picture)
    return 0


def _format(given: str | None, output: str) -> str:
    """What is asked for, or what the ending of the file says."""
    endings = ", ".join(ENDINGS)
    form = given or ENDINGS.get(os.path.splitext(output)[1].lower())
    if form is None and output == "-":
        raise Usage(f"-o names a file ({endings}); --format is for standard output")
    if form is None:
        raise Usage(f"the ending of {output} is no format ({endings}); --format says which")
    if form == "png" and output == "-":
        raise Usage("a PNG is not for standard output: -o names a file")
    return form


def _depth(text: str | None, form: str) -> int | None:
    """Levels of boxes, None for all."""
    if text is None:
        return DEPTHS[form]
    if text == "all":
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 9 or int(text) < 1:
        raise Usage(f"--depth takes a number from 1, or `all`, not {text}")
    return int(text)
