"""`netspec sizes`: the input sizes that a net takes, and which layer rules out each other.

They are found by `analysis.sizes`, how they are shown is left to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.analysis.sizes import Asking, CannotAsk, Failed, sizes_of
from netspec.analysis.sizes.judge import LISTED
from netspec.cli.console import Console, Usage
from netspec.cli.target import code_of, given, text_of, usage
from netspec.limits import SIZE

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the answer; 1 where the spec has mistakes, or --exit-code asks about a size."""
    asking = Asking(
        _near(options.near),
        _range(options.range),
        _max_drop(options.max_drop),
        options.inference,
        options.same_weights,
    )
    text = text_of(options.spec, console)
    if isinstance(text, int):
        return text
    source, reader, net = text
    parameters, inputs = given(options)
    try:
        with usage():
            answer = sizes_of(source, reader, net, parameters, inputs, asking)
    except CannotAsk as refusal:
        raise Usage(str(refusal)) from None
    if isinstance(answer, Failed):
        console.show(answer.diagnostics, console.err)
        return code_of(answer.diagnostics)
    if options.exit_code and any(axis.fit is None for axis in answer.axes):
        raise Usage("--exit-code is about a size: --near says which")
    if options.json:
        from netspec.reports import sizes_json

        console.print(sizes_json.render(answer))
    else:
        from netspec.reports.sizes import render

        console.print(render(answer, console.colored(console.out)))
    return int(options.exit_code and not all(axis.fit for axis in answer.axes))


def _near(text: str | None) -> tuple[int, ...]:
    """The wanted size, or one for each open axis."""
    if text is None:
        return ()
    found = [_size(part) for part in text.split("x")]
    if None in found or len(found) > 3:
        raise Usage(f"--near takes a size such as 224, or 224x320, not {text}")
    return tuple(n for n in found if n is not None)


def _range(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    before, dots, after = text.partition("..")
    first, last = _size(before), _size(after)
    if not dots or first is None or last is None or first > last:
        raise Usage(f"--range takes two sizes such as 200..260, not {text}")
    if last - first >= LISTED:
        raise Usage(f"--range takes {LISTED:,} sizes at most, not {last - first + 1:,}")
    return first, last


def _max_drop(text: str) -> int | None:
    if text == "any":
        return None
    if text == "0":
        return 0
    found = _size(text)
    if found is None:
        raise Usage(f"--max-drop takes a number from 0, or `any`, not {text}")
    return found


def _size(text: str) -> int | None:
    """A size from 1 on, None where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 13):
        return None
    return int(text) if 1 <= int(text) <= SIZE else None
