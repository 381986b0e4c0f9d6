"""The memory of a network in a notebook: its bytes, and what each layer moves, folded.

What it takes is found by `analysis.memory`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.memory.amounts import shown
from netspec.analysis.memory.question import Memory, Moved
from netspec.reports.memory import LEFT_OUT
from netspec.reports.notebook.markup import Markup, element, join, table
from netspec.reports.notebook.network import MOST_ROWS, NAME_WIDTH, cut

_HEADER = ("name", "layer", "output", "moved", "FLOPs/byte")


def body(memory: Memory) -> Markup:
    """Title, the bytes of both phases, the batches that fit, and the layers if there are any."""
    about = f": batch {memory.batch:,}, {memory.dtype}, {memory.device}"
    parts = [
        element("p", element("strong", memory.net), about, class_="title"),
        table("memory", ("", "bytes", ""), _bytes(memory), 1),
    ]
    fit = memory.fit
    if fit is not None:
        rows = [("inference", f"{fit.inference:,}")]
        if fit.training is not None:
            rows.append(("training", f"{fit.training:,}"))
        told = f"largest batch in {fit.memory:,} bytes ({shown(fit.memory)})"
        parts.append(table(told, ("", "examples"), rows, 1))
    if memory.layers:
        parts.append(_layers(memory))
    parts.append(element("p", LEFT_OUT, class_="source"))
    return join(parts)


def _bytes(memory: Memory) -> Iterator[tuple[str, str, str]]:
    traffic, inference, training = memory.traffic, memory.inference, memory.training
    rows = [
        ("weights", traffic.weights + traffic.extra),
        ("moved at inference", traffic.moved),
        ("inference", inference.total),
        ("its inputs", inference.inputs),
        ("its activations", inference.peak.bytes),
    ]
    if training is not None:
        rows += [
            ("training", training.total),
            (f"its state ({training.optimizer})", training.state),
            ("its activations and gradients", training.activations),
            ("kept for the way back", training.kept),
            ("gradients of weights", training.gradients),
        ]
    for word, amount in rows:
        yield word, f"{amount:,}", shown(amount)
    yield "FLOPs", f"{traffic.flops:,}", f"{traffic.intensity:.1f} a byte"


def _layers(memory: Memory) -> Markup:
    count = len(memory.layers)
    what = f"{count:,} layer{'' if count == 1 else 's'}"
    if count > MOST_ROWS:
        what += f", the first {MOST_ROWS:,} of them"
    rows = map(_cells, memory.layers[:MOST_ROWS])
    return element(
        "details",
        element("summary", what),
        table("what each layer moves at inference", _HEADER, rows, 3),
    )


def _cells(layer: Moved) -> tuple[str, ...]:
    moved = layer.traffic
    name = cut(layer.path, NAME_WIDTH)
    return name, layer.op, str(layer.output), f"{moved.moved:,}", f"{moved.intensity:.1f}"
