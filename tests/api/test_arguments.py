"""What the functions take: one line where an argument is none, and parameters in one way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import netspec

Call = Callable[..., Any]

#: Functions that take a spec, with what else they need.
OF_TEXT: list[tuple[Call, tuple[object, ...]]] = [
    (netspec.load, ()),
    (netspec.why, ("conv1",)),
    (netspec.what_if, ({"classes": 10},)),
    (netspec.sweep, ({"classes": [5, 10]},)),
    (netspec.sizes, ()),
]
OF_NETWORKS: list[Call] = [
    *(netspec.summarize, netspec.count, netspec.draw, netspec.receptive_fields, netspec.memory),
    *(netspec.torch_source, netspec.torch_names),
]

TOY = """net Toy(width=4, parameters=1) {
  input 3x8x8
  a: conv width 3x3 padding=1
  b: conv parameters 1x1
}
"""


@pytest.fixture
def toy(tmp_path: Path) -> str:
    (tmp_path / "toy.net").write_text(TOY)
    return str(tmp_path / "toy.net")


@pytest.mark.parametrize(("call", "more"), OF_TEXT, ids=lambda v: getattr(v, "__name__", ""))
def test_a_loaded_network_has_no_text(call: Call, more: tuple[object, ...]) -> None:
    """The message has the spec that would do, which does."""
    network = netspec.load("zoo:resnet50")
    with pytest.raises(TypeError, match=rf"^{call.__name__} needs the text of a spec") as caught:
        call(network, *more)
    spec = "zoo:resnet.net::ResNet50"
    assert f'pass the spec instead, "{spec}",' in str(caught.value)
    call(spec, *more)


@pytest.mark.parametrize("spec", [None, 5, b"resnet.net", ["resnet.net"]])
def test_what_is_no_spec(spec: object) -> None:
    for call, more in OF_TEXT:
        with pytest.raises(TypeError, match=rf"^{call.__name__} takes a spec, such as "):
            call(spec, *more)
    if spec != b"resnet.net":  # which a path may give, but no text is
        for call in OF_NETWORKS:
            with pytest.raises(TypeError, match="or a Network, is needed, not"):
                call(spec)
        with pytest.raises(TypeError, match="or a Network"):
            netspec.compare("zoo:lenet", spec)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^check takes a spec"):
        netspec.check(spec)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^check needs the text"):
        netspec.check(netspec.load("zoo:lenet"))  # type: ignore[arg-type]


LENET = "zoo:lenet"


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: netspec.memory(LENET, 2.5), TypeError, "batch takes a number from 1 to "),
        (lambda: netspec.memory(LENET, True), TypeError, "batch takes a number from 1 to "),
        (lambda: netspec.memory(LENET, 0), ValueError, "1 to 1,000,000,000, not 0"),
        (lambda: netspec.memory(LENET, 10**10), ValueError, "1 to 1,000,000,000, not 1000"),
        (lambda: netspec.memory(LENET, memory="x"), ValueError, "memory takes bytes.*\"16G\".*'x'"),
        (lambda: netspec.memory(LENET, memory=2.5), TypeError, "memory takes bytes"),
        (lambda: netspec.memory(LENET, memory=-1), ValueError, "memory takes bytes"),
        (lambda: netspec.memory(LENET, dtype="x"), ValueError, "dtype is one of float32"),
        (lambda: netspec.memory(LENET, dtype=[]), TypeError, "dtype is one of float32"),
        (lambda: netspec.memory(LENET, optimizer="x"), ValueError, "optimizer is one of sgd"),
        (lambda: netspec.memory(LENET, device=3), TypeError, "device is one of cuda, cpu, not 3"),
        (lambda: netspec.memory(LENET, layers="no"), TypeError, "layers is True or False"),
        (lambda: netspec.sizes(LENET, near="65"), TypeError, "near takes a size such as 224"),
        (lambda: netspec.sizes(LENET, near=6.5), TypeError, "near takes a size such as 224"),
        (lambda: netspec.sizes(LENET, near=[32, "x"]), TypeError, "near takes a size"),
        (lambda: netspec.sizes(LENET, near=0), ValueError, "a size is a number from 1 .*not 0"),
        (lambda: netspec.sizes(LENET, span=5), ValueError, "span takes two sizes"),
        (lambda: netspec.sizes(LENET, span="20"), ValueError, "span takes two sizes"),
        (lambda: netspec.sizes(LENET, span=(1, "2")), TypeError, "span takes two sizes"),
        (lambda: netspec.sizes(LENET, max_drop=-1), ValueError, "max_drop takes a number from 0"),
        (lambda: netspec.sizes(LENET, inference=1), TypeError, "inference is True or False"),
        (lambda: netspec.sizes(LENET, inputs=2.5), TypeError, "an input's size is dims such as"),
        (lambda: netspec.sweep(LENET, [4]), TypeError, "parameters is a mapping by name, such as"),
        (lambda: _sweep(jobs=0), ValueError, "jobs takes a number from 1 to 999, not 0"),
        (lambda: _sweep(jobs=1.5), TypeError, "jobs takes a number from 1 to 999, not 1.5"),
        (lambda: _sweep(random=0), ValueError, "random takes a number from 1, not 0"),
        (lambda: _sweep(seed=-1), ValueError, "seed takes a number from 0, not -1"),
        (lambda: _sweep(refine="2"), TypeError, "refine takes a number from 1, not '2'"),
        (lambda: _sweep(where=5), TypeError, "where are texts, such as"),
        (lambda: _sweep(measures=[5]), TypeError, "measures are texts, such as"),
        (lambda: _sweep(pareto=5), TypeError, "pareto are texts, such as"),
        (lambda: _sweep(best=5), TypeError, "best is a text such as"),
        (lambda: _sweep(progress=5), TypeError, "progress is called with two numbers"),
        (lambda: netspec.why(LENET, None), TypeError, "path is a text such as .*, not None"),
        (lambda: netspec.why(LENET, "c1", 5), TypeError, "parameters is a mapping by name"),
        (lambda: netspec.why(LENET, "c1", {5: 3}), TypeError, "parameters is a mapping by name"),
        (lambda: netspec.what_if(LENET, None, 5), TypeError, "settings is a mapping by name"),
        (lambda: netspec.load(LENET, 5), TypeError, "parameters is a mapping by name"),
        (lambda: netspec.load(LENET, None, True), TypeError, "an input's size is dims such as"),
        (lambda: netspec.count(LENET, 5), TypeError, "convention is a text such as"),
        (lambda: netspec.count(LENET, "x"), ValueError, "no counting convention 'x'; there are"),
        (lambda: netspec.draw(LENET, format="x"), ValueError, "format is one of svg"),
        (lambda: netspec.draw(LENET, format=None), TypeError, "format is one of svg"),
        (lambda: netspec.draw(LENET, depth=0), ValueError, "depth is a number from 1"),
        (lambda: netspec.summarize(LENET, batch=2.5), ValueError, "a batch is a whole number"),
        (lambda: netspec.to_onnx(LENET, seed=-1), ValueError, "seed takes a number from 0"),
        (lambda: netspec.to_onnx(LENET, opset="17"), TypeError, "opset takes a number"),
        (lambda: netspec.to_onnx(LENET, weights=5), TypeError, "weights are True, False, a file"),
        (lambda: netspec.to_onnx(LENET, functions="no"), TypeError, "functions is True or False"),
        (lambda: netspec.to_onnx(LENET, dtype="int8"), ValueError, "dtype is one of float32"),
    ],
)
def test_what_does_not_do(call: Call, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def _sweep(**more: Any) -> netspec.Sweep:
    return netspec.sweep("zoo:resnet18", {"classes": [5, 10]}, **more)


def test_what_does() -> None:
    """Numbers of other kinds, and one string where the command line takes one."""

    class Eight:
        def __index__(self) -> int:
            return 8

    assert netspec.memory(LENET, Eight()).batch == 8  # type: ignore[arg-type]
    assert netspec.memory(LENET, memory=10**9).fit == netspec.memory(LENET, memory="1G").fit
    assert list(_sweep(measures="params,macs").measures) == ["params", "macs"]
    one, other = (netspec.sizes(LENET, near, span=(30, 34)) for near in ([32], 32))
    assert [(a.fits, a.wanted, a.last) for a in one.axes] == [
        (a.fits, a.wanted, a.last) for a in other.axes
    ]


def test_parameters_by_a_mapping_or_by_their_names(toy: str) -> None:
    """4 * 27 + 4 weights of the first, 4 + 1 of the second; 8 * 27 + 8 and 8 + 1 of the wider."""
    for parameters, named, expected in (
        (None, {}, 112 + 5),
        ({"width": 8}, {}, 224 + 9),
        (None, {"width": 8}, 224 + 9),
        # 16 weights and 2 biases of the second.
        ({"width": 8, "parameters": 2}, {}, 224 + 18),
        ({"parameters": 2}, {"width": 8}, 224 + 18),
    ):
        network = netspec.load(toy, {**(parameters or {}), **named})
        assert netspec.summarize(network).totals.params == expected
        found = netspec.summarize(toy, parameters=parameters, **named)
        assert found.totals.params == expected
        for call in (*OF_NETWORKS, netspec.sizes, netspec.to_onnx):
            assert call(toy, parameters=parameters, **named) is not None
        source = netspec.torch_source(toy, parameters=parameters, **named)
        assert source == netspec.torch_source(network)
    # A parameter that is called so, by its name.
    assert netspec.summarize(toy, parameters=2).totals.params == 112 + 10  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="width is given twice"):
        netspec.summarize(toy, parameters={"width": 8}, width=4)
    with pytest.raises(TypeError, match="loaded already"):
        netspec.count(netspec.load(toy), parameters={"width": 8})
    with pytest.raises(TypeError, match="parameters is a mapping by name"):
        netspec.count(toy, parameters={5: 8})  # type: ignore[dict-item]
