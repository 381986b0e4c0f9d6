"""`netspec torch --package`: writes a folder of modules, or says whether a folder holds them.

What the modules say is left to `backends.torch.package`. No file that netspec has not written is
written over, and none is removed.
"""

from __future__ import annotations

import keyword
import os
from collections.abc import Mapping

from netspec.cli.console import Console, Usage
from netspec.files import STDIN
from netspec.folders import texts_in, write_folder

SUFFIX = ".py"


def refuse_as_name(folder: str) -> None:
    """Usage where a folder cannot be imported by its name."""
    if folder in ("", STDIN):
        raise Usage("--package writes a folder: -o names it")
    name = os.path.basename(os.path.abspath(folder))
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
        raise Usage(f"{folder} cannot be imported: a package has the name of an identifier")


def finish(folder: str, files: Mapping[str, str], console: Console, *, check: bool) -> int:
    """Write the files of a package; with `check`, 1 where the folder holds others.

    Raises Usage where one of them would take the place of a file that is not netspec's.
    """
    from netspec.backends.torch.package import is_ours

    there = texts_in(folder, SUFFIX)
    over = [name for name in there if name not in files and is_ours(there[name])]
    if check:
        return _compare(folder, files, there, over, console)
    for name in files:
        if name in there and there[name].strip() and not is_ours(there[name]):
            path = os.path.join(folder, name)
            raise Usage(f"{path} was not written by netspec; -o names a folder of its own")
    write_folder(folder, {name: text.encode("utf-8") for name, text in files.items()})
    for name in over:
        path = os.path.join(folder, name)
        console.complain(f"{path} is of an earlier run and no part of the package; it is left")
    return 0


def _compare(
    folder: str,
    files: Mapping[str, str],
    there: Mapping[str, str],
    over: list[str],
    console: Console,
) -> int:
    """Show how the files differ from what would be written, name those that lack or are over."""
    from netspec.reports.difference import difference

    wrong = 0
    for name, text in files.items():
        path = os.path.join(folder, name)
        if name not in there:
            console.complain(f"{path} is missing")
        elif there[name] != text:
            console.line(difference(path, there[name], text))
            console.complain(f"{path} is not what the spec gives")
        wrong += there.get(name) != text
    for name in over:
        console.complain(f"{os.path.join(folder, name)} is no part of what the spec gives")
    if wrong:
        console.complain(f"without --check, {folder} is written anew")
    return 1 if wrong or over else 0
