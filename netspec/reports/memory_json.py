"""The memory of a network as one JSON object, for programs; all amounts are bytes.

What it holds is found by `analysis.memory`.
"""

from __future__ import annotations

from netspec.analysis.memory.alive import Peak
from netspec.analysis.memory.question import Inference, Memory, Moved, Training
from netspec.graph.shape import Shape
from netspec.reports.json import dim_value, written

FORMAT_VERSION = 1


def render(memory: Memory) -> str:
    """Its text."""
    return written(memory_object(memory))


def memory_object(memory: Memory) -> dict[str, object]:
    """The object, of plain values."""
    traffic = memory.traffic
    return {
        "format_version": FORMAT_VERSION,
        "net": memory.net,
        "batch": memory.batch,
        "dtype": memory.dtype,
        "device": memory.device,
        "weights": traffic.weights,
        "weights_of_training": traffic.extra,
        "movement": {
            "flops": traffic.flops,
            "moved": traffic.moved,
            "intensity": round(traffic.intensity, 4),
            "fused": traffic.fused,
            "intensity_fused": round(traffic.flops / traffic.fused, 4) if traffic.fused else 0.0,
        },
        "inference": _inference(memory.inference),
        "training": None if memory.training is None else _training(memory.training),
        "fit": None
        if memory.fit is None
        else {
            "memory": memory.fit.memory,
            "inference": memory.fit.inference,
            "training": memory.fit.training,
        },
        "layers": [_layer(layer) for layer in memory.layers],
    }


def _inference(found: Inference) -> dict[str, object]:
    return {
        "total": found.total,
        "fixed": found.fixed,
        "each": found.each,
        "inputs": found.inputs,
        "activations": found.peak.bytes,
        "peak": _peak(found.peak),
        "schedule": found.schedule,
        "reordered": [{"in": where, "layers": list(names)} for where, names in found.reordered],
        "in_place": found.in_place,
        "in_place_at_the_peak": {"count": found.matter, "first": list(found.named)},
        "activations_in_text_order": found.peak_in_text_order,
        "activations_without_in_place": found.peak_without_in_place,
        "activations_in_text_order_without_in_place": found.peak_plain,
    }


def _peak(peak: Peak) -> dict[str, object]:
    return {
        "path": peak.path,
        "op": peak.op,
        "alive": [
            {"path": v.path, "op": v.op, "shape": _shape(v.shape), "bytes": v.bytes}
            for v in peak.alive
        ],
        "work": peak.work,
    }


def _training(found: Training) -> dict[str, object]:
    return {
        "total": found.total,
        "fixed": found.fixed,
        "each": found.each,
        "optimizer": found.optimizer,
        "inputs": found.inputs,
        "weights": found.weights,
        "gradients": found.gradients,
        "state": found.state,
        "kept": found.kept,
        "activations": found.activations,
        "peak": {"phase": found.phase, "path": found.path},
    }


def _layer(layer: Moved) -> dict[str, object]:
    traffic = layer.traffic
    return {
        "path": layer.path,
        "op": layer.op,
        "output": _shape(layer.output),
        "weights": traffic.weights,
        "moved": traffic.moved,
        "flops": traffic.flops,
        "intensity": round(traffic.intensity, 4),
    }


def _shape(shape: Shape) -> list[int | str]:
    return [dim_value(dim) for dim in shape.dims]
