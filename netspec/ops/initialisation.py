"""The methods of `init`: what weights are drawn from before training, and their arguments.

A method is described as a layer is, so that its arguments are bound and checked in the same way.
What its numbers mean for a tensor is left to `analysis/initialisation.py`.
"""

from __future__ import annotations

from math import sqrt

from netspec.ops.spec import REQUIRED, Inferred, Kind, OpCall, OpSpec, Parameter, Required


def _no_layer(call: OpCall) -> Inferred:
    """Methods are never applied to a value; elaboration asks for their arguments alone."""
    raise NotImplementedError(call.op.name)


#: The largest number that a method takes: its square, and a sum of many such, are numbers too.
LARGEST = 1e30
#: Standard deviations beyond which cutting a normal distribution changes nothing: float32 has next
#: to no numbers there, and what is drawn there falls on the cut itself.
WIDEST = 6


def _any(name: str, default: float | Required = REQUIRED) -> Parameter:
    return Parameter(name, Kind.NUMBER, default, minimum=-LARGEST, maximum=LARGEST)


def _positive(name: str, default: float | Required = REQUIRED, shown: str = "") -> Parameter:
    return Parameter(name, Kind.NUMBER, default, minimum=0, maximum=LARGEST, shown=shown)


def _method(name: str, summary: str, *parameters: Parameter) -> OpSpec:
    bias = _any("bias", 0.0)
    return OpSpec(name, "initialisation", summary, (*parameters, bias), _no_layer, inputs=0)


def _distribution(default: str) -> Parameter:
    return Parameter("distribution", Kind.WORD, default, ("uniform", "normal"))


_MEAN = _any("mean", 0.0)
_STD = _positive("std")
_GAIN = _positive("gain", 1.0)
_XAVIER = (_distribution("uniform"), _GAIN)

#: Each by its name, in the order of grammar/REFERENCE.md.
METHODS: dict[str, OpSpec] = {
    method.name: method
    for method in (
        _method(
            "he",
            "the variance is gain**2 / fan, so that rectifiers keep it",
            _distribution("uniform"),
            Parameter("mode", Kind.WORD, "fan_in", ("fan_in", "fan_out")),
            _positive("gain", sqrt(2), "sqrt(2)"),
        ),
        _method(
            "xavier",
            "the variance is 2 * gain**2 / (fan_in + fan_out), so that tanh keeps it",
            *_XAVIER,
        ),
        _method("glorot", "another name of `xavier`", *_XAVIER),
        _method(
            "lecun",
            "the variance is 1 / fan_in, so that `selu` keeps it",
            _distribution("normal"),
        ),
        _method("orthogonal", "the rows, or the columns, are at right angles", _GAIN),
        _method("normal", "a normal distribution", _STD, _MEAN),
        _method(
            "uniform",
            "evenly between -bound and bound",
            _positive("bound"),
        ),
        _method(
            "truncated_normal",
            "a normal distribution, cut `cut` standard deviations from its mean",
            _STD,
            _MEAN,
            Parameter("cut", Kind.NUMBER, 2.0, minimum=0, maximum=WIDEST),
        ),
        _method("constant", "one number", _any("value")),
        _method("zeros", "all 0"),
        _method("ones", "all 1"),
        _method("dirac", "a convolution that hands on its input, as far as there are filters"),
    )
}

#: Those whose numbers hang on how many inputs and outputs a unit has.
COUNTING = frozenset({"he", "xavier", "glorot", "lecun"})
#: Those in which all numbers of a tensor are one.
CONSTANT = frozenset({"constant", "zeros", "ones"})

#: What the methods are called elsewhere.
COMMON_METHODS = {
    "kaiming": "he",
    "kaiming_normal": "he",
    "kaiming_uniform": "he",
    "he_normal": "he",
    "he_uniform": "he",
    "msra": "he",
    "xavier_normal": "xavier",
    "xavier_uniform": "xavier",
    "glorot_normal": "glorot",
    "glorot_uniform": "glorot",
    "lecun_normal": "lecun",
    "lecun_uniform": "lecun",
    "gaussian": "normal",
    "trunc_normal": "truncated_normal",
    "random": "normal",
    "const": "constant",
    "fill": "constant",
    "zero": "zeros",
    "one": "ones",
    "identity": "dirac",
    "eye": "dirac",
    "delta": "dirac",
    "ortho": "orthogonal",
}
