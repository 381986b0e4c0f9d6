"""Weights so large that the tanh or sigmoid behind them begins flat."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from netspec.analysis.initialisation import distribution, standard_deviation
from netspec.diagnostics import Remark, help_, note
from netspec.graph.initial import weight_of
from netspec.lint.beginnings import Beginning, beginnings
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject
from netspec.syntax import tree

#: The spread of what comes in, for inputs of variance 1, from which on an activation begins flat:
#: there its slope is 1% of the largest (tanh), and as sigmoid(x) = (1 + tanh(x / 2)) / 2 at twice
#: that. Well above 5/3, the gain that is advised for tanh.
FLAT = {"tanh": 3.0, "sigmoid": 6.0}


def _find(subject: Subject) -> Iterator[Finding]:
    worst: dict[tree.Init, tuple[float, Beginning]] = {}
    for layer in beginnings(subject):
        if not layer.behind or not layer.behind <= FLAT.keys():
            continue
        spread = _spread(layer)
        known = worst.get(layer.statement)
        if spread > min(FLAT[op] for op in layer.behind) and (known is None or spread > known[0]):
            worst[layer.statement] = (spread, layer)
    for statement, (spread, layer) in worst.items():
        yield _finding(statement, spread, layer)


def _spread(layer: Beginning) -> float:
    """The standard deviation of the layer's outputs, for inputs of variance 1."""
    weight = weight_of(layer.choice.node)
    assert weight is not None
    drawn = distribution(layer.choice.of, layer.choice.node, weight)
    return standard_deviation(drawn, weight) * sqrt(weight.fan_in)


def _finding(statement: tree.Init, spread: float, layer: Beginning) -> Finding:
    weight = weight_of(layer.choice.node)
    assert weight is not None
    fan = weight.fan_in
    activation = sorted(layer.behind)[0]
    target = f"{statement.target.span.text} " if statement.target is not None else ""
    helps: list[Remark] = [help_(f"`init {target}xavier` keeps the variance")]
    if layer.choice.of.method == "normal":
        helps.append(help_(f"`std={1 / sqrt(fan):.2g}` keeps it for {fan:,} inputs"))
    return Finding(
        f"the `{activation}` behind the layer `{layer.path}` begins where it is flat",
        statement.span,
        f"makes the weights of the layer `{layer.path}` too large",
        (
            note(f"the layer `{layer.path}` is here", layer.choice.node.span),
            note(
                f"std * sqrt(fan_in) = {spread / sqrt(fan):.3g} * sqrt({fan:,}) = {spread:.3g}: "
                f"inputs of variance 1 come out so far from 0, and at {FLAT[activation]:g} the "
                f"slope of `{activation}` is a hundredth of its largest"
            ),
            *helps,
        ),
    )


RULE = Rule(
    "tanh-large-weights",
    "a tanh or sigmoid stands behind weights so large that it begins flat",
    "A unit sums up its inputs: weights with the standard deviation s make of n inputs of variance "
    "1 a sum with the standard deviation s sqrt(n). Where that is several times 1, almost every "
    "sum falls where tanh and sigmoid are flat, and next to no gradient comes through from the "
    "first step on. A standard deviation that is right for ten inputs is far too large for a "
    "thousand, which is why Xavier's method divides by their number.",
    """net Example {
  init normal std=1
  input 784
  dense 64; tanh
  dense 10
}
""",
    """net Example {
  init xavier
  input 784
  dense 64; tanh
  dense 10
}
""",
    _find,
    source="Glorot and Bengio, Understanding the difficulty of training deep feedforward neural "
    "networks (AISTATS 2010), section 3; LeCun et al., Efficient BackProp (1998), section 4.6",
)
