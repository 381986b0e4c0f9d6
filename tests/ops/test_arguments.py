"""What each kind of parameter takes, and what is said of anything else."""

from __future__ import annotations

import pytest

from netspec.graph.size import Size
from netspec.ops import OPS
from netspec.ops.arguments import convert
from netspec.ops.spec import OpError, OpSpec
from netspec.ops.values import DimsValue, Word


def given(layer: str, parameter: str, value: object) -> object:
    op: OpSpec = OPS[layer]
    found = op.parameter(parameter)
    assert found is not None
    return convert(found, value, op)


def error(layer: str, parameter: str, value: object) -> OpError:
    with pytest.raises(OpError) as caught:
        given(layer, parameter, value)
    assert caught.value.argument == parameter
    return caught.value


@pytest.mark.parametrize(
    ("layer", "parameter", "value", "expected"),
    [
        ("conv", "filters", 64, 64),
        ("conv", "filters", 64.0, 64),
        ("conv", "kernel", DimsValue((3, 5)), (3, 5)),
        ("conv", "kernel", (3, 5.0), (3, 5)),
        ("conv", "padding", Word("half"), "half"),
        ("conv", "padding", ((0, 1), 2), ((0, 1), 2)),
        ("conv", "bias", False, False),
        ("conv", "rounding", Word("floor"), "floor"),
        ("dropout", "p", 0, 0.0),
        ("mean", "axis", (Word("height"), Word("width")), ("height", "width")),
        ("mean", "axis", Word("height"), ("height",)),
        ("mean", "axis", ((Word("height"), Word("width")),), ("height", "width")),
        ("pad", "axis", Word("spatial"), "spatial"),
        ("slice", "stop", Word("end"), "end"),
        ("select", "indices", (0, 2), (0, 2)),
        ("parameter", "dims", DimsValue((4, 1, 1)), (4, 1, 1)),
        ("reshape", "dims", (Size.symbol("H"), 3), (Size.symbol("H"), 3)),
    ],
)
def test_values(layer: str, parameter: str, value: object, expected: object) -> None:
    found = given(layer, parameter, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("layer", "parameter", "value", "name", "message"),
    [
        (
            "conv",
            "stride",
            True,
            "wrong-type",
            "`stride` takes a whole number or one for each spatial axis, not true",
        ),
        ("conv", "filters", 2.5, "wrong-type", "`filters` takes a positive whole number, not 2.5"),
        ("conv", "filters", 0, "out-of-range", "`filters` is at least 1, not 0"),
        (
            "conv",
            "filters",
            DimsValue((3, 3)),
            "wrong-type",
            "`filters` takes a positive whole number, not 3x3",
        ),
        (
            "conv",
            "filters",
            None,
            "wrong-type",
            "`filters` takes a positive whole number, not none",
        ),
        (
            "conv",
            "filters",
            "64",
            "wrong-type",
            '`filters` takes a positive whole number, not the string "64"',
        ),
        ("conv", "bias", 1, "wrong-type", "`bias` takes true or false, not 1"),
        ("conv", "stride", 0, "out-of-range", "`stride` is at least 1, not 0"),
        ("conv", "padding", -1, "out-of-range", "`padding` is at least 0, not -1"),
        (
            "conv",
            "padding",
            ((1, 2, 3),),
            "wrong-type",
            "`padding` takes pairs `[before, after]`, not [1, 2, 3]",
        ),
        (
            "conv",
            "kernel",
            (),
            "wrong-type",
            "`kernel` takes a whole number or one for each spatial axis, and this list is empty",
        ),
        (
            "conv",
            "rounding",
            Word("ceil"),
            "unknown-word",
            "`rounding` of `conv` is `exact` or `floor`, not `ceil`",
        ),
        ("dropout", "p", 1.5, "out-of-range", "`p` is from 0 to 1, not 1.5"),
        ("softmax", "axis", Word("heigth"), "unknown-word", "no axis is called `heigth`"),
        ("softmax", "axis", 1, "wrong-type", "`axis` takes the name of an axis, not 1"),
        (
            "conv",
            "filters",
            Size.symbol("H"),
            "symbol-decides",
            "the symbolic size H decides `filters`",
        ),
        ("conv", "filters", 2**40 + 1, "too-large", "`filters` is at most 2^40, not 1099511627777"),
        (
            "reshape",
            "dims",
            DimsValue((3, None)),
            "wrong-type",
            "`_` stands for any size, so only annotations may hold it",
        ),
    ],
)
def test_mistakes(layer: str, parameter: str, value: object, name: str, message: str) -> None:
    found = error(layer, parameter, value)
    assert (found.name, found.message) == (name, message)
    assert found.label


def test_words_are_suggested() -> None:
    assert error("conv", "padding", Word("hlaf")).helps == ("did you mean `half`?",)
    assert error("softmax", "axis", Word("heigth")).helps == ("did you mean `height`?",)
    assert error("pad", "mode", Word("reflection")).helps == ("did you mean `reflect`?",)


def test_numbers_too_long_to_print() -> None:
    message = error("conv", "filters", 10**5000).message
    assert message == "`filters` is at most 2^40, not about 10^5000"


def test_long_values_are_cut_short() -> None:
    found = error("conv", "filters", tuple(range(100_000)))
    assert len(found.message) < 120
    assert len(error("conv", "filters", (10**5000,)).message) < 120


def test_numbers_beyond_binary64() -> None:
    assert error("dropout", "p", 10**400).name == "out-of-range"
    assert error("leaky_relu", "slope", float("inf")).name == "out-of-range"


def test_every_default_is_what_its_rule_is_given() -> None:
    """Converted again, a default stays as it is; None stands for another parameter's value."""
    for op in OPS.values():
        for parameter in op.parameters:
            default = parameter.default
            if parameter.required or default is None:
                continue
            value = Word(default) if isinstance(default, str) else default
            assert convert(parameter, value, op) == default, (op.name, parameter.name)
