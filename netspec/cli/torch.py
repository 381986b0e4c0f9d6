"""`netspec torch`: writes nets as one Python module for PyTorch, or says whether a file is that.

The module's text is left to `backends.torch`, which needs no torch itself; `--package`, which
writes a folder of modules, to `package`.
"""

from __future__ import annotations

import keyword
import os
from typing import TYPE_CHECKING

from netspec.cli import package
from netspec.cli.console import Console, Usage
from netspec.cli.target import networks_of, only, refuse_to_overwrite
from netspec.files import Files
from netspec.writing import write_atomic

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the module of the net that is named, or of all nets of the file.

    With `--check` nothing is written: 1 where the file does not hold the module.
    """
    from netspec.backends.torch import CannotWrite, write_module, write_package

    if options.package:
        package.refuse_as_name(options.output)
    elif options.check and options.output == "-":
        raise Usage("--check compares with a file: -o names it")
    wanted = options.class_name
    if wanted is not None and not _is_class_name(wanted):
        raise Usage(f"{wanted} cannot be the name of a class")
    target = networks_of(options, console)
    if isinstance(target, int):
        return target
    refuse_to_overwrite(target, options.output)
    called = {} if wanted is None else {only(target, "--class-name").name: wanted}
    try:
        if options.package:
            files = write_package(target.networks, called).files
            return package.finish(options.output, files, console, check=options.check)
        text = write_module(target.networks, called).text
    except CannotWrite as refusal:
        for problem in refusal.problems:
            console.complain(str(problem))
        return 1
    if options.check:
        return _compare(options.output, text, console)
    if options.output == "-":
        console.text(text)
    else:
        write_atomic(options.output, text.encode("utf-8"))
    return 0


def _compare(path: str, text: str, console: Console) -> int:
    """Show how a file differs from what would be written; 1 where it does."""
    from netspec.reports.difference import difference

    there = Files().read(path).text if os.path.exists(path) else ""
    if there == text:
        return 0
    console.line(difference(path, there, text))
    console.complain(f"{path} is not what the spec gives; without --check it is written anew")
    return 1


def _is_class_name(name: str) -> bool:
    from netspec.backends.torch.names import TAKEN_CLASSES

    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return plain and name[0].isupper() and name not in TAKEN_CLASSES
