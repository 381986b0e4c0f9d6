"""What PyTorch really holds, measured: bytes of the storages that are alive, after every operator.

A storage counts from the operator that makes it until nothing refers to it; what kernels use
within themselves (im2col, oneDNN's layouts) is no tensor, and is not seen. What netspec says of it
is left to the tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Meter(TorchDispatchMode):
    """Counts storages that operators make, but for those that were there before."""

    def __init__(self, known: Sequence[Tensor] = ()) -> None:
        super().__init__()
        self.known = {tensor.untyped_storage()._cdata for tensor in known}
        self.alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self.known:
                    self.alive[storage._cdata] = (StorageWeakRef(storage), storage.nbytes())
        self.peak = max(self.peak, self.now())
        return out

    def now(self) -> int:
        self.alive = {key: one for key, one in self.alive.items() if not one[0].expired()}
        return sum(size for _, size in self.alive.values())


def tensors_of(module: nn.Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]


def inference_peak(module: nn.Module, inputs: Sequence[Tensor], *, freeing: bool) -> int:
    """The most that is alive beside weights and inputs, in eval mode without gradients.

    With `freeing`, PyTorch's own interpreter of traced graphs runs the module, which lets go of
    each value after its last reader; else Python does, whose variables hold values for longer.
    """
    module = module.eval()
    run: Any = module
    if freeing:
        traced = torch.fx.symbolic_trace(module)
        run = torch.fx.Interpreter(traced, garbage_collect_values=True).run
    meter = Meter([*tensors_of(module), *inputs])
    with torch.no_grad(), meter:
        run(*inputs)
    return meter.peak


def kept_bytes(module: nn.Module, inputs: Sequence[Tensor]) -> int:
    """The bytes of the storages that autograd keeps, each once, beside weights and inputs."""
    module = module.train()
    known = {tensor.untyped_storage()._cdata for tensor in [*tensors_of(module), *inputs]}
    found: dict[int, int] = {}
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            found[storage._cdata] = storage.nbytes()
            saved.append(tensor)  # so that no other storage takes its place
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module(*inputs)
    return sum(found.values())


def training_peak(module: nn.Module, inputs: Sequence[Tensor]) -> int:
    """The most that is alive in a step of training beside weights, buffers and inputs.

    Gradients are made anew (`zero_grad` sets them to None); those of the outputs count.
    """
    module = module.train()
    meter = Meter([*tensors_of(module), *inputs])
    with meter:
        outputs = [tensor for tensor in tree_leaves(module(*inputs)) if tensor.requires_grad]
        torch.autograd.backward(outputs, [torch.ones_like(output) for output in outputs])
    return meter.peak


@contextmanager
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
