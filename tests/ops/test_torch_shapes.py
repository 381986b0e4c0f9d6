"""Windows against PyTorch's own sizes and refusals: every row of `torch_shape_cases.json`.

Three kinds of rows are held to something other than what PyTorch did there:

- `padding='same'` with a stride, which PyTorch refuses (error 7), is defined by the language:
  ceil(n / stride), with explicit padding in the generated code.
- A transposed convolution and four adaptive pools that PyTorch gives an output without elements:
  a size of 0 is an error here.
- Average pooling in 3-D refuses inputs smaller than the kernel even if they are padded (error 27):
  netspec refuses them too, since the generated module calls it. (`lp_pool` is no layer; its rows,
  with the same quirk in 3-D, are held against `avgpool`, whose windows are the same.)
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from netspec.ops.spec import OpError
from tests.ops.layers import apply

PATH = Path(__file__).parent.parent / "truth" / "torch_shape_cases.json.gz"
CASES: dict[str, list[list[Any]]] = json.loads(gzip.decompress(PATH.read_bytes()))["cases"]
STRIDED_SAME = "e7"


def test_there_are_all_rows() -> None:
    assert sum(map(len, CASES.values())) == 10_414


@pytest.mark.parametrize("family", CASES)
def test_sizes_and_refusals(family: str) -> None:
    disagreements = []
    for row in CASES[family]:
        expected, found = _expected(row), _found(family[:-2], row)
        if expected != found:
            disagreements.append((row, expected, found))
    assert not disagreements, disagreements[:5]


def _expected(row: list[Any]) -> tuple[int, ...] | None:
    """The sizes that PyTorch gives, None for a refusal; the exceptions are the module's."""
    n, _, stride, _, _, _, out = row
    if out == STRIDED_SAME:
        return tuple(-(-size // s) for size, s in zip(_per_axis(n), _per_axis(stride), strict=True))
    if isinstance(out, str) or 0 in _per_axis(out):
        return None
    return _per_axis(out)


def _per_axis(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _found(layer: str, row: list[Any]) -> tuple[Any, ...] | None:
    n, kernel, stride, padding, dilation, x, _ = row
    arguments: dict[str, Any] = {}
    for name, value in (("stride", stride), ("padding", padding), ("dilation", dilation)):
        if value is not None:
            arguments[name] = 0 if value == "valid" else value
    try:
        value = apply("input", dims=[1, *_per_axis(n)]).shape
        if layer == "conv":
            done = apply("conv", value, filters=1, kernel=kernel, rounding="floor", **arguments)
        elif layer == "conv_transpose":
            arguments["output_padding"] = x
            done = apply("conv_transpose", value, filters=1, kernel=kernel, **arguments)
        elif layer == "adaptive_avg_pool":
            done = apply("adaptive_avgpool", value, size=kernel)
        else:
            pool = {"max_pool": "maxpool", "avg_pool": "avgpool", "lp_pool": "avgpool"}[layer]
            arguments["rounding"] = "ceil" if x else "floor"
            done = apply(pool, value, kernel=kernel, **arguments)
    except OpError:
        return None
    return done.shape.dims[1:]
