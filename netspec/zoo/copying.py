"""A shipped spec as a start for one's own: its text, fit for another folder.

Reading and writing are left to the caller.
"""

from __future__ import annotations

from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.tree import Import
from netspec.zoo.names import SCHEME, SUFFIX, sibling


def standalone(source: SourceFile) -> str:
    """The text, in which imports of files beside it name the shipped ones: `zoo:resnet`."""
    file, _ = parse(source)
    text, done = [], 0
    for item in file.items:
        if isinstance(item, Import):
            beside = sibling(item.path.value)
            if beside is not None:
                span = item.path.span
                text += [source.text[done : span.start], f'"{SCHEME}{beside.removesuffix(SUFFIX)}"']
                done = span.end
    return "".join([*text, source.text[done:]])
