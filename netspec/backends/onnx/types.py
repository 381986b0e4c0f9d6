"""Which operators take which float types at an opset, as onnx's own schemas say.

float32 goes everywhere, and nobody asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from onnx import defs

from netspec.backends.onnx.floats import Float


def refusal(
    op: str, opset: int, kind: Float, inputs: Sequence[int | None], output: int
) -> str | None:
    """Why a node may not be written whose values have these element types; None if it may."""
    read = tuple(place for place, code in enumerate(inputs) if code == kind.code)
    makes = output == kind.code
    if _takes(op, opset, kind.name, read, makes):
        return None
    newer = range(opset + 1, defs.onnx_opset_version() + 1)
    first = next((o for o in newer if _takes(op, o, kind.name, read, makes)), None)
    until = "" if first is None else f" before opset {first}"
    return f"ONNX's {op} has no {kind.name}{until}"


@cache
def _takes(op: str, opset: int, name: str, read: tuple[int, ...], makes: bool) -> bool:
    schema = defs.get_schema(op, opset)
    # The last input may stand for any number of them.
    formal = [schema.inputs[min(place, len(schema.inputs) - 1)] for place in read]
    if makes:
        formal.append(schema.outputs[0])
    wanted = f"tensor({name})"
    return all(wanted in parameter.types for parameter in formal)
