"""Layers that act in training only: dropout and its kin, noise. At inference they do nothing.

What they do in training is left to the backends.
"""

from __future__ import annotations

from netspec.ops.check import finished, needs_spatial
from netspec.ops.spec import Inferred, Kind, OpCall, OpSpec, Parameter

P = Parameter("p", Kind.NUMBER, 0.5, minimum=0, maximum=1)
STD = Parameter("std", Kind.NUMBER, minimum=0)


def _same(call: OpCall) -> Inferred:
    return finished(call, call.input, dict(call.arguments))


def _spatial(call: OpCall) -> Inferred:
    needs_spatial(call)
    return finished(call, call.input, dict(call.arguments))


OPS: tuple[OpSpec, ...] = (
    OpSpec("dropout", "noise", "in training, elements set to 0 at random", (P,), _same),
    OpSpec("spatial_dropout", "noise", "in training, channels set to 0 at random", (P,), _spatial),
    OpSpec(
        "stochastic_depth",
        "noise",
        "in training, examples (`row`) or the batch set to 0 at random",
        (
            Parameter("p", Kind.NUMBER, minimum=0, maximum=1),
            Parameter("mode", Kind.WORD, "row", ("row", "batch")),
        ),
        _same,
    ),
    OpSpec("gaussian_noise", "noise", "in training, noise is added", (STD,), _same),
    OpSpec(
        "gaussian_dropout", "noise", "in training, elements are multiplied by noise", (STD,), _same
    ),
)
