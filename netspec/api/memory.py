"""What a network holds in memory and moves, for Python programs.

It is found by `analysis.memory`.
"""

from __future__ import annotations

from netspec.analysis.memory.amounts import amount_of
from netspec.analysis.memory.question import Memory
from netspec.analysis.memory.question import memory as _memory_of
from netspec.api.networks import Path, network_of
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
    **parameters: object,
) -> Memory:
    """What a network holds and moves, in bytes, for a batch of examples: weights, activations at
    inference and in training, movement and FLOPs.

    `dtype` is float32, float16, bfloat16, float64 or int8, which is not trained. `optimizer` is
    sgd, momentum or adam, which keep 0, 1 and 2 tensors for each that is trained. `device` is cuda
    or cpu. With `memory`, bytes or a text such as "16G" or "16GiB", `fit` says which batches fit.
    With `layers`, the answer holds what each layer moves.

    What training keeps is what PyTorch's backward formulas name (`derivatives.yaml` in its
    sources).

    Raises what `load` raises, ValueError for a word or an amount that is none, OpenSizes for a
    network whose sizes are open, and TooManyLayers where more than a million layers would have to
    be listed (see `analysis.memory.structure`).
    """
    amount = amount_of(memory) if isinstance(memory, str) else memory
    return _memory_of(
        network_of(spec, parameters),
        batch,
        dtype,
        optimizer=optimizer,
        device=device,
        memory=amount,
        layers=layers,
    )
