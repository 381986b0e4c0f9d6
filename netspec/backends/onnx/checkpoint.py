"""Trained tensors: those of a `.safetensors` file, of a file of `torch.save`, or of a state_dict.

Which of them goes where is left to `matching.py`, the format of safetensors to `safetensors.py`.
Nothing is read whole: a tensor's numbers come piece by piece when they are asked for. torch is
imported for its own files alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, Protocol

import numpy as np

from netspec.backends.onnx.floats import PIECE, cut
from netspec.backends.onnx.safetensors import read_safetensors
from netspec.files import BinaryFile, FileProblem
from netspec.record import record

SAFETENSORS = ".safetensors"
#: What files of `torch.save` are called.
PICKLES = (".pt", ".pth", ".bin", ".ckpt")
#: Where training scripts keep the state_dict among other things, the usual one first.
WRAPPERS = ("state_dict", "model_state_dict", "model")
UNSAFE = (
    "it is no plain state_dict, and other objects are not loaded, since that would run code; "
    "write one with torch.save(model.state_dict(), …)"
)


class Stored(Protocol):
    """A tensor that is there: `kind` is its element type (`float32`, `int64`)."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def kind(self) -> str: ...

    def pieces(self) -> Iterator[np.ndarray]:
        """Its numbers in order, flat, as float32 or float64; only for floats."""


@record
class Checkpoint:
    """Tensors by their keys; `name` is what messages call them."""

    name: str
    tensors: Mapping[str, Stored]


def read_checkpoint(path: str) -> Checkpoint:
    """The tensors of a file. Raises FileProblem, and ImportError where torch is needed and missing.

    Which kind of file it is, its name says.
    """
    suffix = os.path.splitext(path)[1].lower()
    if suffix == SAFETENSORS:
        file = BinaryFile(path)
        if file.read(0, min(2, file.size)) == b"PK":
            raise FileProblem(
                f"cannot read {path}: it is a file of torch.save, which is called .pt or .pth"
            )
        return Checkpoint(path, read_safetensors(file))
    if suffix in PICKLES:
        return Checkpoint(path, _read_pickle(path))
    raise FileProblem(
        f"cannot read weights from {path}: its name ends in neither {SAFETENSORS} "
        f"nor {', '.join(PICKLES[:-1])} or {PICKLES[-1]}"
    )


def as_checkpoint(tensors: Mapping[str, Any]) -> Checkpoint:
    """A state_dict in memory: tensors of torch, or arrays. Raises TypeError for anything else."""
    return Checkpoint("the state_dict", {key: _stored(value) for key, value in tensors.items()})


def _stored(value: Any) -> Stored:
    if hasattr(value, "detach"):
        return TorchTensor(value.detach())
    array = np.asarray(value)
    if array.dtype == object:
        raise TypeError(f"weights are tensors or arrays, not {type(value).__name__}")
    return Array(array)


def _read_pickle(path: str) -> dict[str, Stored]:
    """torch opens the file itself; that it is one, and can be read, is made sure of here."""
    file = BinaryFile(path)
    try:
        import torch
    except ImportError:
        raise ImportError(
            f'{path} is a file of torch.save, and torch is not here: pip install "netspec[torch]", '
            f"or give a {SAFETENSORS} file"
        ) from None
    zipped = file.read(0, min(4, file.size)) == b"PK\x03\x04"
    try:
        # Files of before PyTorch 1.6 cannot be mapped.
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except Exception as error:
        # Whatever a damaged file makes torch stumble over, Python's own errors included.
        if "weights_only" in str(error).lower() or "unsupported" in str(error).lower():
            raise FileProblem(f"cannot read {path}: {UNSAFE}") from None
        raise FileProblem(f"cannot read {path}: it is damaged, or no file of torch.save") from None
    found = _state_dict(loaded)
    if found is None:
        raise FileProblem(f"cannot read {path}: {UNSAFE}")
    return {key: TorchTensor(value.detach()) for key, value in found.items()}


def _state_dict(loaded: Any) -> dict[str, Any] | None:
    """The tensors by name, at the top or where training scripts keep them."""
    if not isinstance(loaded, dict):
        return None
    inner = (loaded[word] for word in WRAPPERS if word in loaded)
    for candidate in (loaded, *inner):
        if isinstance(candidate, dict) and candidate:
            named = {k: v for k, v in candidate.items() if hasattr(v, "detach")}
            if len(named) == len(candidate) and all(isinstance(key, str) for key in named):
                return named
    return None


@record
class Array:
    """A NumPy array."""

    array: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def kind(self) -> str:
        return self.array.dtype.name

    def pieces(self) -> Iterator[np.ndarray]:
        wide = np.float64 if self.kind == "float64" else np.float32
        for piece in cut(self.array.reshape(-1)):
            yield piece.astype(wide, copy=False)


@record
class TorchTensor:
    """A tensor of torch, wherever it lies."""

    tensor: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)

    @property
    def kind(self) -> str:
        if self.tensor.is_meta:
            return "no data"
        if str(self.tensor.layout) != "torch.strided":
            return str(self.tensor.layout).removeprefix("torch.")
        return str(self.tensor.dtype).removeprefix("torch.")

    def pieces(self) -> Iterator[np.ndarray]:
        flat = self.tensor.reshape(-1)
        for start in range(0, prod(self.shape), PIECE):
            piece = flat[start : start + PIECE].cpu()
            yield (piece if self.kind == "float64" else piece.float()).numpy()
