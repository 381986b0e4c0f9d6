"""The memory of a network as a table for people: its stages, and what they come to below.

What a network takes is found by `analysis.memory`, which rows there are by `rows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from netspec.analysis.memory.amounts import shown
from netspec.analysis.memory.forward import Forward
from netspec.analysis.memory.question import Fit, Inference, Memory, Moved, Question, Training
from netspec.analysis.memory.traffic import Movement, Traffic
from netspec.analysis.summary import ports
from netspec.graph.graph import Network
from netspec.reports.escape import escape
from netspec.reports.rows import Row, rows_of
from netspec.reports.summary import MOST_ROWS, NAME_WIDTH, TooManyRows

HEADER = ("name", "layer", "output", "weights", "kept", "moved", "FLOPs/byte")
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"
#: Words of a line below the table, and what continues it.
_WORD = 12
#: Layers that are listed where a machine's balance is given.
BOUND_LISTED = 10
#: Names that a line shows.
NAMES = 3

LEFT_OUT = (
    "not counted: work space of kernels (cuDNN), rounding and fragmentation of the allocator, "
    "the framework's own context"
)


def render(
    question: Question,
    memory: Memory,
    depth: int | None = 1,
    balance: float | None = None,
    color: bool = False,
) -> str:
    """The whole answer: the table to a depth (None: all), and the figures below; bytes throughout.

    With a machine's `balance`, in FLOPs a byte, the layers below it that move most follow; `memory`
    then has its layers. Raises TooManyRows.
    """
    lines = [
        _title(question.network, memory, color),
        "",
        *_table(_rows(question, memory, depth), memory.training is not None, color),
        "",
        *_totals(memory),
        "",
        *_inference(memory, memory.inference),
    ]
    if memory.training is not None:
        lines += ["", *_training(memory.training)]
    else:
        lines += ["", _line("training", f"{memory.dtype} is not trained")]
    if memory.fit is not None:
        lines += ["", *_fit(memory, memory.fit)]
    if balance is not None:
        lines += ["", *_bound(memory, balance)]
    return "\n".join(lines)


def _title(network: Network, memory: Memory, color: bool) -> str:
    inputs, outputs = ports(network)
    took = ", ".join(str(shape) for shape in inputs.values())
    gave = ", ".join(str(shape) for shape in outputs.values())
    name = f"{_BOLD}{memory.net}{_RESET}" if color else memory.net
    return f"{name}: {took} -> {gave}, batch {memory.batch:,}, {memory.dtype}"


# --- the table ------------------------------------------------------------------------------------


def _rows(question: Question, memory: Memory, depth: int | None) -> list[Row]:
    machine = question.machine(memory.batch)
    training = Forward(machine, training=True) if memory.training is not None else None
    measure = Movement(machine, training)
    found = list(islice(rows_of(question.root, depth, measure), MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise TooManyRows(f"more than {MOST_ROWS:,} rows; a lower --depth has fewer")
    return found


def _table(found: Sequence[Row], trained: bool, color: bool) -> Iterator[str]:
    lines = [
        (
            _cut(f"{'  ' * min(row.level, 8)}{escape(row.name)}", NAME_WIDTH),
            _cut(escape(row.layer), NAME_WIDTH),
            str(row.shape),
            *_figures(row.totals),
        )
        for row in found
    ]
    shown_columns = [i for i, word in enumerate(HEADER) if trained or word != "kept"]
    table = [[line[i] for i in shown_columns] for line in (HEADER, *lines)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    header, *rest = (_laid_out(line, widths) for line in table)
    yield f"{_BOLD}{header}{_RESET}" if color else header
    rule = "  ".join("-" * width for width in widths)
    yield f"{_DIM}{rule}{_RESET}" if color else rule
    yield from rest


def _figures(traffic: Traffic) -> tuple[str, str, str, str]:
    """A dash reads better than a zero."""
    amounts = (traffic.weights + traffic.extra, traffic.kept, traffic.moved)
    weights, kept, moved = (f"{amount:,}" if amount else "-" for amount in amounts)
    return weights, kept, moved, f"{traffic.intensity:.1f}" if traffic.moved else "-"


def _laid_out(line: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    cells = [
        text.rjust(width) if column >= 3 else text.ljust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# --- the figures ----------------------------------------------------------------------------------


def _line(word: str, text: str) -> str:
    return f"{word:<{_WORD}}{text}"


def _totals(memory: Memory) -> Iterator[str]:
    traffic = memory.traffic
    yield _line("weights", _bytes(traffic.weights + traffic.extra))
    yield _line("FLOPs", f"{traffic.flops:,}")
    yield _line("moved", f"{_bytes(traffic.moved)}, {traffic.intensity:.1f} FLOPs a byte")
    fused = traffic.flops / traffic.fused if traffic.fused else 0.0
    yield _line("fused", f"{_bytes(traffic.fused)}, {fused:.1f} FLOPs a byte")


def _bytes(amount: int) -> str:
    return f"{amount:,} bytes" + (f" ({shown(amount)})" if amount >= 1000 else "")


def _inference(memory: Memory, found: Inference) -> Iterator[str]:
    weights = memory.traffic.weights
    yield _line("inference", _bytes(found.total))
    yield _line(
        "", f"weights {weights:,} + inputs {found.inputs:,} + activations {found.peak.bytes:,}"
    )
    peak = found.peak
    if peak.path:
        yield _line("  peak", f"{peak.bytes:,} in {_named(peak.path, peak.op)}:")
        for value in peak.alive:
            name = f"{escape(value.path)} {value.shape}"
            yield _line("", f"  {value.bytes:,}  {name}")
        if peak.work:
            yield _line("", f"  {peak.work:,}  work space")
    yield from _in_place(found)
    yield from _order(found)


def _named(path: str, op: str) -> str:
    """A layer by its name and kind; the name of a merge without one is its kind."""
    return escape(path) if path.endswith(f"({op})") else f"{escape(path)} ({op})"


def _in_place(found: Inference) -> Iterator[str]:
    if not found.in_place:
        yield _line("  in place", "no rectifier can write over its input")
        return
    verb = (
        "rectifier writes over its input"
        if found.in_place == 1
        else ("rectifiers write over their inputs")
    )
    yield _line("  in place", f"{found.in_place:,} {verb}; {found.peak_without_in_place:,} without")
    if found.matter:
        yield _line("", f"of use at the peak: {_names(found.named, found.matter)}")


def _names(names: Sequence[str], count: int) -> str:
    listed = ", ".join(escape(name) for name in names[:NAMES])
    more = count - min(len(names), NAMES)
    return f"{listed} and {more:,} more" if more > 0 else listed


def _order(found: Inference) -> Iterator[str]:
    if found.schedule == "text":
        yield _line("  order", "that of the text")
        return
    yield _line(
        "  order",
        f"branches that need most and leave least first; {found.peak_in_text_order:,} in the "
        "text's order",
    )
    for where, names in found.reordered[:NAMES]:
        place = escape(where) or "the net"
        yield _line("", f"  {place}: {', '.join(map(escape, _runs(names)))}")
    if len(found.reordered) > NAMES:
        yield _line("", f"  and {len(found.reordered) - NAMES} more")


def _runs(names: Sequence[str]) -> Iterator[str]:
    """Neighbours in the same scope are told by the first and the last."""
    for scope, run in groupby(names, key=lambda name: name.rpartition(".")[0]):
        first, *rest = run
        yield f"{first}…{rest[-1]}" if scope and rest else ", ".join([first, *rest])


def _training(found: Training) -> Iterator[str]:
    yield _line("training", _bytes(found.total))
    yield _line(
        "",
        f"weights {found.weights:,} + {found.optimizer} {found.state:,} + inputs {found.inputs:,} "
        f"+ activations and gradients {found.activations:,}",
    )
    yield _line("  kept", f"{found.kept:,} for the way back")
    yield _line("  gradients", f"{found.gradients:,} of weights, when it ends")
    if found.path:
        where = "on the way back through" if found.phase == "backward" else "in"
        yield _line("  peak", f"{where} {escape(found.path)}")


def _fit(memory: Memory, fit: Fit) -> Iterator[str]:
    yield _line("fits", f"into {_bytes(fit.memory)}:")
    here = memory.inference
    yield _line("  inference", _batch(fit.inference, f"{here.fixed:,} + {here.each:,} an example"))
    if fit.training is not None and memory.training is not None:
        back = memory.training
        pieces = f"at batch {memory.batch:,}, {back.fixed:,} + {back.each:,} an example"
        yield _line("  training", _batch(fit.training, pieces))
    yield _line("", LEFT_OUT)


def _batch(most: int, why: str) -> str:
    return f"a batch of {most:,} ({why})" if most else f"not one example ({why})"


def _bound(memory: Memory, balance: float) -> Iterator[str]:
    """The layers below a machine's balance: there, moving takes longer than computing."""
    found = [layer for layer in memory.layers if layer.traffic.intensity < balance]
    moved = sum(layer.traffic.moved for layer in found)
    share = moved / memory.traffic.moved if memory.traffic.moved else 0.0
    yield _line(
        "bound",
        f"{len(found):,} of {len(memory.layers):,} layers do less than {balance:g} FLOPs a byte; "
        f"they move {share:.0%} of the bytes",
    )
    largest = sorted(found, key=_most)[:BOUND_LISTED]
    width = max((len(f"{layer.traffic.moved:,}") for layer in largest), default=0)
    for layer in largest:
        text = f"{layer.traffic.moved:>{width},}  {layer.traffic.intensity:6.2f}"
        yield _line("", f"  {text}  {_named(layer.path, layer.op)}")
    if len(found) > BOUND_LISTED:
        yield _line("", f"  and {len(found) - BOUND_LISTED:,} more")


def _most(layer: Moved) -> int:
    return -layer.traffic.moved
