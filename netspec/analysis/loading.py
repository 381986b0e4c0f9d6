"""Whether the weights of one network load into another, in the terms of `load_state_dict`.

Which layers belong together is left to `align`, what is said about it to `reports`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from netspec.analysis.align import Pair
from netspec.analysis.layers import Layer
from netspec.record import record


class Verdict(Enum):
    """What `new.load_state_dict(old.state_dict())` does."""

    STRICT = "strict"  # it works as it is
    LOOSE = "not-strict"  # it needs strict=False
    FAILS = "fails"  # it raises even then: a tensor has another shape


@record
class Reshaped:
    """A key that both networks have, with different shapes."""

    key: str
    old: tuple[int, ...]
    new: tuple[int, ...]


@record
class Loading:
    """What becomes of each key. `missing` are in the new network alone, `unexpected` in the old.

    A batchnorm's counter is never missing: PyTorch sets it to 0. `elsewhere` are keys that load,
    yet into another layer than the one that they come from. `moved` are (old key, new key) of
    tensors whose layer has another name now, and which fit there. `elements` are those of
    the new network, `loaded` how many of them get a value from the old one.
    """

    loads: tuple[str, ...]
    reshaped: tuple[Reshaped, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    elsewhere: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    loaded: int
    elements: int

    @property
    def verdict(self) -> Verdict:
        """Whether they load strictly, loosely or not at all."""
        if self.reshaped:
            return Verdict.FAILS
        return Verdict.LOOSE if self.missing or self.unexpected else Verdict.STRICT


@record
class _Tensor:
    shape: tuple[int, ...]
    elements: int
    counter: bool
    layer: int


def loading(old: Sequence[Layer], new: Sequence[Layer], pairs: Sequence[Pair]) -> Loading:
    """What `load_state_dict` makes of the old network's weights."""
    have, want = dict(_tensors(old)), dict(_tensors(new))
    both = [key for key in want if key in have]
    loads = [key for key in both if have[key].shape == want[key].shape]
    partner = dict(pairs)
    return Loading(
        loads=tuple(loads),
        reshaped=tuple(
            Reshaped(key, have[key].shape, want[key].shape)
            for key in both
            if have[key].shape != want[key].shape
        ),
        missing=tuple(key for key, t in want.items() if key not in have and not t.counter),
        unexpected=tuple(key for key in have if key not in want),
        elsewhere=tuple(
            key for key in loads if partner.get(have[key].layer) not in (None, want[key].layer)
        ),
        moved=tuple(_moved(old, new, pairs)),
        loaded=sum(want[key].elements for key in loads if not want[key].counter),
        elements=sum(tensor.elements for tensor in want.values() if not tensor.counter),
    )


def _tensors(layers: Sequence[Layer]) -> Iterator[tuple[str, _Tensor]]:
    for layer in layers:
        if not layer.shared:
            for weight in layer.weights:
                found = _Tensor(weight.shape, weight.elements, weight.counter, layer.index)
                yield key_of(layer, weight.name), found


def key_of(layer: Layer, weight: str) -> str:
    """The name of a tensor in the `state_dict`."""
    return f"{layer.path}.{weight}" if weight else layer.path


def _moved(
    old: Sequence[Layer], new: Sequence[Layer], pairs: Sequence[Pair]
) -> Iterator[tuple[str, str]]:
    for a, b in pairs:
        before, after = old[a], new[b]
        if before.path == after.path or before.shared or after.shared:
            continue
        fits = dict(after.shapes)
        for name, shape in before.shapes:
            if fits.get(name) == shape:
                yield key_of(before, name), key_of(after, name)
