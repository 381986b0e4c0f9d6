"""The ONNX file begins as the spec says: the distributions that the generated module has, too."""

from __future__ import annotations

import io

import onnx
import pytest
from onnx import numpy_helper

import netspec
from netspec.analysis.initialisation import distributions
from netspec.graph.walk import flatten
from tests.backends.drawing import assert_drawn
from tests.backends.torch.features import FEATURES
from tests.backends.torch.test_initial import BODY, METHODS
from tests.helpers import network

pytest.importorskip("netspec.backends.onnx.draw", reason="weights are drawn in one way only")


def check(text: str) -> None:
    net = network(text)
    wanted = distributions(net, flatten(net))
    sink = io.BytesIO()
    netspec.to_onnx(net, seed=5).save(sink)
    model = onnx.load_from_string(sink.getvalue())
    tensors = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    assert wanted
    for name, drawn in wanted.items():
        assert_drawn(tensors[name], drawn)


@pytest.mark.parametrize("method", METHODS)
def test_each_method(method: str) -> None:
    check(f"net T {{ init {method}; init a dirac; input 32x8x8; {BODY} }}")


def test_scopes_blocks_norms_and_paths() -> None:
    check(FEATURES["beginnings"])


def test_the_file_of_a_spec() -> None:
    net = network("net T { init constant value=0.5 bias=2; input 8; dense 1 }")
    sink = io.BytesIO()
    netspec.to_onnx(net).save(sink)
    model = onnx.load_from_string(sink.getvalue())
    tensors = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    assert tensors["0.weight"].tolist() == [[0.5] * 8]
    assert tensors["0.bias"].tolist() == [2]
