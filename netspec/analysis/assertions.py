"""Checks `assert` statements, once the costs of what they speak of are known.

Elaboration keeps them; how costs are counted is left to `cost`, `depth` and `receptive_field`.
"""

from __future__ import annotations

from collections.abc import Callable

from netspec.analysis.cost import totals
from netspec.analysis.depth import depth
from netspec.analysis.largest import figure, largest_parts
from netspec.analysis.receptive_field import receptive_field
from netspec.diagnostics import Diagnostic, Remark, help_
from netspec.elaborate import Assertion, Elaboration
from netspec.elaborate.evaluate import Evaluator
from netspec.elaborate.lookup import AssertLookup, size_of
from netspec.elaborate.report import Problem, Reporter
from netspec.elaborate.values import Unknown
from netspec.graph.graph import Instance
from netspec.ops.wording import listed
from netspec.syntax import tree

MEASURES: dict[str, Callable[[Instance], object]] = {
    "params": lambda instance: totals(instance).params,
    "macs": lambda instance: totals(instance).macs,
    "flops": lambda instance: totals(instance).flops,
    "activations": lambda instance: totals(instance).activations,
    "depth": depth,
    "receptive_field": receptive_field,
}

#: Measures that add up over the parts of a network, so that its largest parts can be named.
ADDITIVE = ("params", "macs", "flops", "activations")

#: What is said of a comparison that fails; {} is its right side, in the words of the spec.
_FAILS = {
    "==": "not {}",
    "!=": "which it may not be",
    "<": "not less than {}",
    "<=": "more than the {} allowed",
    ">": "not more than {}",
    ">=": "less than the {} asked for",
}


class MeasureLookup(AssertLookup):
    """Names in an assertion: the measures, `out`, and then whatever the block knows."""

    __slots__ = ("assertion", "used")

    def __init__(self, assertion: Assertion) -> None:
        super().__init__(assertion.context, assertion.flow)
        self.assertion = assertion
        #: Measures that were read, with their values, in order.
        self.used: dict[str, object] = {}

    def name(self, expr: tree.Name) -> object:
        measure = MEASURES.get(expr.id)
        if measure is None:
            return super().name(expr)
        if expr.id not in self.used:
            self.used[expr.id] = measure(self.assertion.instance)
        return self.used[expr.id]

    def attribute(self, expr: tree.Attribute) -> object:
        if expr.name.id != "out":
            return super().attribute(expr)
        value = size_of(
            self.assertion.instance.shape, expr.attribute.id, expr.span, expr.attribute.span
        )
        self.used[f"out.{expr.attribute.id}"] = value
        return value


def check_assertions(elaboration: Elaboration) -> list[Diagnostic]:
    """A diagnostic for each assertion that does not hold or cannot be judged."""
    reporter = Reporter()
    differing: list[Assertion] = []
    for assertion in elaboration.assertions:
        reporter.calls = list(assertion.calls)
        lookup = MeasureLookup(assertion)
        try:
            holds = Evaluator(lookup).condition(assertion.statement.condition)
            if isinstance(holds, Unknown) or holds:
                continue
            if assertion.lenient:
                differing.append(assertion)
                continue
            raise _failure(assertion, lookup)
        except Problem as problem:
            if problem.name == "symbol-decides":
                if assertion.lenient:
                    differing.append(assertion)
                else:
                    _undecided(reporter, assertion)
            else:
                reporter.problem(problem)
    reporter.calls = []
    reporter.differ(
        [assertion.statement.condition.span for assertion in differing],
        "an assert does not hold",
        "asserts do not hold",
        "speaks of the net as written",
    )
    return reporter.diagnostics()


def _undecided(reporter: Reporter, assertion: Assertion) -> None:
    symbols = list(assertion.context.frame.conditions.symbols)
    verb = "is" if len(symbols) == 1 else "are"
    reporter.warn(
        "assert-undecided",
        f"an assert cannot be judged while {listed(symbols)} {verb} open",
        assertion.statement.condition.span,
        "holds for some sizes, perhaps not for all",
        help_("`--input 3x224x224` judges it at one size"),
    )


def _failure(assertion: Assertion, lookup: MeasureLookup) -> Problem:
    condition = assertion.statement.condition
    inner = condition
    while isinstance(inner, tree.Group):
        inner = inner.inner
    facts = ", ".join(f"{name} is {figure(value)}" for name, value in lookup.used.items())
    message = facts or "the assertion does not hold"
    if isinstance(inner, tree.Compare):
        left, right = inner.left.span.text, inner.right.span.text
        value = figure(Evaluator(lookup)(inner.left))
        message = f"{left} is {value}, {_FAILS[inner.op].format(right)}"
        facts = facts or f"{left} is {value}"
    remarks: list[Remark] = []
    for name in lookup.used:
        if name in ADDITIVE:
            remarks.extend(largest_parts(assertion.instance, name))
    return Problem("assert-failed", message, condition.span, facts, remarks)
