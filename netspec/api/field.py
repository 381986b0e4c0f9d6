"""The receptive field at every layer, for Python programs.

It is found by `analysis.fields`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis import fields
from netspec.analysis.fields import ReceptiveFields
from netspec.api.arguments import Path
from netspec.api.networks import network_of
from netspec.graph.graph import Network


def receptive_fields(
    spec: Path | Network,
    *,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> ReceptiveFields:
    """The receptive field at every layer, as Araujo, Norris and Sim (Distill, 2019) define it.

    `.output` is that of the net's last value, `.outputs` of each output by its name, `.layers` of
    every layer and merge in execution order, `.at(path)` of the layer, or the last in the block, of
    that name (None where there is none): each a tuple for each input that is read, of an
    `AxisField` for each spatial axis of that input, with `size`, `stride`, `start`, `offset`,
    `padding`, `holes` and `coverage` in positions of the input.
    `.misaligned` are the merges whose branches do not stand above each other.

    Raises what `load` raises, and TooManyLayers (see `analysis.summary`).
    """
    return fields.receptive_fields(network_of(spec, parameters, named))
