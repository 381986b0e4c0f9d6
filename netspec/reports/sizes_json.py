"""The sizes that a net takes as one JSON object, for programs.

They are found by `analysis.sizes`.
"""

from __future__ import annotations

import json

from netspec.analysis.sizes import AxisSizes, Loss, Place, RuledOut, Sizes, SizeSet
from netspec.reports.json import number, shapes_object
from netspec.source import Span

FORMAT_VERSION = 1


def sizes_object(sizes: Sizes) -> dict[str, object]:
    """The object, of plain values."""
    return {
        "format_version": FORMAT_VERSION,
        "net": sizes.net,
        "inputs": shapes_object(sizes.inputs),
        "own": dict(sizes.own),
        "max_drop": sizes.max_drop,
        "axes": [_axis(axis) for axis in sizes.axes],
        "ties": [
            {"text": tie.text, **_place(tie.place), **_training(tie.training)} for tie in sizes.ties
        ],
        "made_for": [
            {"channels": made.channels, "formula": str(made.formula), **_place(made.place)}
            for made in sizes.made_for
        ],
        "same_weights": [
            {"symbols": list(symbols), "fits": _set(fits, symbols)}
            for symbols, fits in sizes.same_weights.items()
        ],
        "tried_because": None
        if sizes.settled is None
        else {"why": sizes.settled[1], **_place(sizes.settled[0])},
        "always_lost": [_loss(loss) for loss in sizes.always_lost],
    }


def render(sizes: Sizes) -> str:
    return json.dumps(sizes_object(sizes), indent=2)


def _axis(axis: AxisSizes) -> dict[str, object]:
    return {
        "symbols": list(axis.symbols),
        "own": axis.own,
        "fixed": dict(axis.fixed),
        "fits": None if axis.fits is None else _set(axis.fits, axis.symbols),
        "unknown": axis.unknown or None,
        "searched": axis.searched,
        "inference": None if axis.inference is None else _set(axis.inference, axis.symbols),
        "wanted": axis.wanted,
        "fit": axis.fit,
        "below": axis.below,
        "above": axis.above,
        "from": axis.first,
        "to": axis.last,
        "ruled_out": [_ruled_out(one) for one in axis.ruled_out],
        "losses": {str(n): [_loss(loss) for loss in found] for n, found in axis.losses.items()},
    }


def _set(fits: SizeSet, symbols: tuple[str, ...]) -> dict[str, object]:
    """The sizes `below`, and from `start` on those that leave one of `residues` by `period`."""
    return {
        "text": fits.text(*symbols),
        "below": list(fits.below),
        "start": fits.start,
        "period": fits.period,
        "residues": list(fits.residues),
    }


def _ruled_out(one: RuledOut) -> dict[str, object]:
    return {
        "sizes": [list(run) for run in one.sizes],
        "count": one.count,
        "at": one.at,
        "why": one.why,
        **_place(one.place),
        **_training(one.training),
    }


def _loss(loss: Loss) -> dict[str, object]:
    return {
        "axis": loss.axis,
        "lost": loss.lost,
        "size": loss.size,
        "apart": number(loss.apart),
        "consent": loss.consent,
        **_place(loss.place),
        **_training(loss.training),
    }


def _training(training: bool) -> dict[str, object]:
    return {"when": "training"} if training else {}


def _place(place: Place) -> dict[str, object]:
    return {
        "what": place.what,
        "path": place.path,
        **_span(place.span),
        "calls": [_span(call) for call in place.calls],
    }


def _span(span: Span) -> dict[str, object]:
    line, column = span.file.position(span.start)
    return {"file": span.file.name, "line": line, "column": column}
