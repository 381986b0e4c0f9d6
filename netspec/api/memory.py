"""What a network holds in memory and moves, for Python programs.

It is found by `analysis.memory`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec import limits
from netspec.analysis.memory.amounts import amount_of
from netspec.analysis.memory.layers import DEVICES, DTYPES
from netspec.analysis.memory.question import OPTIMIZERS, Memory
from netspec.analysis.memory.question import memory as _memory_of
from netspec.api.arguments import Path, flag, number, told, word
from netspec.api.networks import network_of
from netspec.graph.graph import Network


def memory(
    spec: Path | Network,
    batch: int = 1,
    dtype: str = "float32",
    *,
    optimizer: str = "momentum",
    device: str = "cuda",
    memory: int | str | None = None,
    layers: bool = False,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> Memory:
    """What a network holds and moves, in bytes, for a batch of examples: weights, activations at
    inference and in training, movement and FLOPs.

    `dtype` is float32, float16, bfloat16, float64 or int8, which is not trained. `optimizer` is
    sgd, momentum or adam, which keep 0, 1 and 2 tensors for each that is trained. `device` is cuda
    or cpu. With `memory`, bytes or a text such as "16G" or "16GiB", `fit` says which batches fit.
    With `layers`, the answer holds what each layer moves. Parameters are as those of `summarize`.

    What training keeps is what PyTorch's backward formulas name (`derivatives.yaml` in its
    sources).

    Raises what `load` raises, ValueError or TypeError for a number, a word or an amount that is
    none, OpenSizes for a network whose sizes are open, and TooManyLayers where more than a million
    layers would have to be listed (see `analysis.memory.structure`).
    """
    amount = _amount(memory)
    size = number("batch", batch, 1, limits.BATCH)
    word("dtype", dtype, DTYPES)
    word("optimizer", optimizer, OPTIMIZERS)
    word("device", device, DEVICES)
    flag("layers", layers)
    return _memory_of(
        network_of(spec, parameters, named),
        size,
        dtype,
        optimizer=optimizer,
        device=device,
        memory=amount,
        layers=layers,
    )


def _amount(memory: object) -> int | None:
    """Bytes, or a text that says how many."""
    if memory is None:
        return None
    said = (
        'memory takes bytes, such as 16 * 10**9, "16G" (16 * 10^9) or "16GiB" (16 * 2^30), '
        f"not {told(memory)}"
    )
    try:
        return amount_of(memory) if isinstance(memory, str) else number("memory", memory, 0)
    except ValueError:
        raise ValueError(said) from None
    except TypeError:
        raise TypeError(said) from None
