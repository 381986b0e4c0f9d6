"""The zoo with its sizes left open: closed forms against the same nets at concrete sizes.

Elaboration at concrete sizes is held against PyTorch elsewhere, and knows nothing of symbols.
"""

from __future__ import annotations

import gc
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from typing import Any

import pytest

from netspec import SpecError, load
from netspec.cli import main
from tests.zoo.facts import SPECS
from tests.zoo.forms import Forms, spec_of

#: Letters of the axes behind the channels, by their number.
LETTERS = {2: "HW", 3: "DHW"}

#: Nets that fix their size, and the layer that does: a matrix for every position of a map that was
#: flattened. At another size its weights are others, so no closed form is one net.
FIXED = {
    "alexnetpaper": "fc6: dense 4096",
    "googlenetpaper": "fc1: dense 1024",
    "lenet": "fc1: dense 120",
    "lenet5": "F6: { dense 84",
}

#: One of each kind: windows that leave rests, floors, exact divisions, auxiliary heads, resizing,
#: channels that are split, three axes.
SAMPLE = (
    "alexnet",
    "densenet121",
    "fcn_resnet50",
    "googlenetaux",
    "inception_v3",
    "s3d",
    "shufflenet_v2_x0_5",
    "squeezenet1_0",
    "vgg11",
)


@cache
def zoo() -> dict[str, Any]:
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["zoo", "--json"]) == 0
    return {net["name"]: net for net in json.loads(out.getvalue())["nets"]}


def dims_of(name: str) -> tuple[int, ...]:
    (dims,) = zoo()[name]["inputs"].values()
    return tuple(dims)


def open_dims(name: str) -> tuple[int | str, ...]:
    """The channels, and a letter for every other axis."""
    channels, *axes = dims_of(name)
    return (channels, *LETTERS[len(axes)])


@contextmanager
def uncollected() -> Iterator[None]:
    """What is elaborated has circles that are all kept anyway: looking for others takes long."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def hold(name: str, sizes: Iterable[int], uneven: Iterable[tuple[int, ...]]) -> int:
    """Hold a net's forms against it at these sizes of all axes, and at uneven ones; how many fit.

    A net is there at a size exactly where its conditions say so.
    """
    path, net = zoo()[name]["spec"].rsplit("::", 1)
    spec, dims = spec_of(path), open_dims(name)
    symbolic = spec.at(net, dims)
    assert symbolic is not None
    symbols = [dim for dim in dims if isinstance(dim, str)]
    forms, fitting = Forms(symbolic, symbols), 0
    with uncollected():
        for n, values in enumerate([*((n,) * len(symbols) for n in sizes), *uneven]):
            known = dict(zip(symbols, values, strict=True))
            concrete = spec.at(net, (dims[0], *values))
            assert (concrete is not None) == forms.fits(known), (name, known)
            if concrete is not None:
                forms.compare(concrete, known)
                fitting += 1
            if n % 100 == 99:
                gc.collect()
    return fitting


def uneven(axes: int, count: int) -> list[tuple[int, ...]]:
    """Sizes that differ from axis to axis, scattered over 1 to 600."""
    return [
        tuple((place * 97 + axis * 211) % 600 + 1 for axis in range(axes)) for place in range(count)
    ]


@pytest.mark.parametrize("name", SAMPLE)
def test_closed_forms_of_a_sample(name: str) -> None:
    own = dims_of(name)[1:]
    # Each net's own size and its neighbours, small ones, and others with a step that no stride has.
    sizes = {*range(1, 12), *range(own[-1] - 2, own[-1] + 3), *range(13, 600, 53)}
    assert hold(name, sorted(sizes), [own, *uneven(len(own), 4)]) > 0


def test_nets_that_fix_their_size_are_refused_for_their_dense_layers() -> None:
    for name, layer in FIXED.items():
        with pytest.raises(SpecError) as refusal:
            load(f"zoo:{name}", inputs="x".join(map(str, open_dims(name))))
        errors = [d for d in refusal.value.diagnostics if d.severity.value == "error"]
        assert {d.name for d in errors} == {"symbol-decides"}
        assert all("`dense`" in d.message for d in errors)
        assert any(layer in d.span.file.line(d.span.line) for d in errors), name


def nets_of(file: str) -> list[str]:
    """The nets of a file that leave their size open to others."""
    spec = f"zoo:{file}::"
    return [n for n, net in zoo().items() if net["spec"].startswith(spec) and n not in FIXED]


FILES = sorted(path.stem for path in SPECS.glob("*.net"))


def test_no_net_is_left_out() -> None:
    assert {*FIXED, *(net for file in FILES for net in nets_of(file))} == set(zoo())


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_closed_forms_of_the_zoo_at_every_size(file: str) -> None:
    for name in nets_of(file):
        own = dims_of(name)[1:]
        assert hold(name, range(1, 601), [own, *uneven(len(own), 20)]) > 0
