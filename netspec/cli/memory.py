"""`netspec memory`: what a net holds and moves, at inference and in training.

The table and the JSON object are left to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec import limits
from netspec.cli.console import Console, Usage
from netspec.cli.summary import depth_of, sized
from netspec.cli.target import only

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print one net's memory as a table, or as a JSON object."""
    depth = depth_of(options.depth)
    batch = _batch(options.batch)
    memory = _memory(options.memory)
    balance = _balance(options.machine_balance)
    target = sized(options, console)
    if isinstance(target, int):
        return target
    network = only(target, "`memory`")

    from netspec.analysis.memory.question import OpenSizes, Question
    from netspec.analysis.summary import TooManyLayers
    from netspec.reports import memory as text
    from netspec.reports import memory_json
    from netspec.reports.summary import TooManyRows

    try:
        question = Question(network, options.dtype, options.optimizer, options.device)
        answer = question.answer(batch, memory, layers=options.json or balance is not None)
        if options.json:
            console.print(memory_json.render(answer))
        else:
            color = console.colored(console.out)
            console.print(text.render(question, answer, depth, balance, color))
    except (OpenSizes, TooManyLayers, TooManyRows) as refusal:
        raise Usage(str(refusal)) from None
    return 0


def _batch(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise Usage(f"--batch takes a number from 1, not {text}")
    if not 1 <= int(text) <= limits.BATCH:
        raise Usage(f"--batch takes a number from 1 to {limits.BATCH:,}, not {text}")
    return int(text)


def _memory(text: str | None) -> int | None:
    if text is None:
        return None
    from netspec.analysis.memory.amounts import amount_of

    try:
        return amount_of(text)
    except ValueError:
        raise Usage(
            f"--memory takes bytes, such as 16G (16 * 10^9) or 16GiB (16 * 2^30), not {text}"
        ) from None


def _balance(text: str | None) -> float | None:
    """FLOPs a byte of a machine."""
    if text is None:
        return None
    plain = text.replace(".", "", 1)
    if not plain.isascii() or not plain.isdigit() or len(text) > 20 or float(text) <= 0:
        raise Usage(f"--machine-balance takes FLOPs a byte, such as 153, not {text}")
    return float(text)
