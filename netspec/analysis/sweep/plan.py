"""What a sweep is to do: its points, what is measured of each and what is asked of it.

Which points come next is left to `points` and `refine`, running them to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from netspec.analysis.assertions import MEASURES as WORDS
from netspec.analysis.assertions import MeasureLookup, check_assertions
from netspec.analysis.choose import net_of
from netspec.analysis.examine import examine_tree
from netspec.analysis.sweep import points, refine
from netspec.analysis.sweep.points import Space
from netspec.analysis.sweep.ranges import Axis, input_axis, parameter_axis
from netspec.analysis.sweep.refused import Mistaken, Refused
from netspec.analysis.symmetry import check_symmetry
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Assertion, Elaboration, Reader
from netspec.elaborate.evaluate import Evaluator
from netspec.elaborate.report import Problem
from netspec.elaborate.values import Unknown, describe
from netspec.elaborate.variants import Made, Variants
from netspec.graph.size import Size
from netspec.ops.values import shown
from netspec.record import field, record
from netspec.source import SourceFile
from netspec.syntax import parse, parse_expression, tree

#: What is measured, and what is to be small, where nothing else is asked for.
MEASURES = ("params", "macs", "receptive_field")
OBJECTIVES = ("params", "macs", "-receptive_field")

#: How an outcome begins: what is measured, not what is asked for, or what is wrong.
MEETS, REJECTED, FAILS = "meets", "rejected", "fails"

#: MEETS and the value of each column; REJECTED; or FAILS, and a diagnostic's name and message.
Outcome = tuple[object, ...]

_WORD = re.compile(r"(min|max)\s+(?=\S)")


@record
class Asked:
    """What a sweep is asked for, as texts.

    `parameters` and `inputs` have the values by name, parts between commas; "" is the only input.
    `where` are conditions, `measures` expressions; `pareto`, `best` and `sort` are expressions to
    be small, or after `max` or a minus, large. Without `pareto`, it is OBJECTIVES, as far as they
    are among the measures.
    """

    parameters: Mapping[str, Sequence[str]]
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    where: Sequence[str] = ()
    measures: Sequence[str] = MEASURES
    pareto: Sequence[str] | None = None
    best: str | None = None
    sort: str | None = None
    random: int | None = None
    seed: int = 0
    refine: int | None = None


@record
class Criterion:
    """A column that is to be small, or `large`; `option` is what asks for it."""

    column: int
    large: bool
    option: str
    text: str


@record(eq=False)
class Plan:
    """A sweep that can be made. `warnings` are what the text deserves whatever the values are.

    `shown` are the columns that tell more than the parameters do.
    """

    net: str
    space: Space
    columns: tuple[str, ...]
    shown: tuple[int, ...]
    objectives: tuple[Criterion, ...]
    best: Criterion | None
    sort: Criterion | None
    warnings: tuple[Diagnostic, ...]
    asked: Asked
    variants: Variants
    where: tuple[tree.Expr, ...]
    measures: tuple[tree.Expr, ...]
    initialised: bool

    def batches(self, known: Mapping[int, Outcome]) -> Iterator[Sequence[int]]:
        """The points to be made, one batch after the other; `known` has those that were."""
        if self.asked.random is not None:
            yield points.drawn(self.space, self.asked.random, self.asked.seed)
        elif self.asked.refine is not None:
            yield from refine.batches(
                self.space, self.asked.refine, lambda number: self.rank(known.get(number))
            )
        else:
            yield points.grid(self.space)

    def rank(self, outcome: Outcome | None) -> int | float | None:
        """How good it is by `best`, less being better; None where it is not to be had."""
        assert self.best is not None
        if outcome is None or outcome[0] != MEETS:
            return None
        return ranked(outcome, self.best)

    def parameters(self, number: int) -> dict[str, str]:
        """The parameters of a point, as the language writes them."""
        return self._texts(number, False)

    def inputs(self, number: int) -> dict[str, str]:
        """The input sizes of a point."""
        return self._texts(number, True)

    def _texts(self, number: int, inputs: bool) -> dict[str, str]:
        places = zip(self.space.axes, self.space.places(number), strict=True)
        return {axis.name: axis.text(place) for axis, place in places if axis.is_input is inputs}

    def outcome(self, number: int) -> Outcome:
        """What there is at a point; to be called in `variants.together`.

        Raises Mistaken where an expression from outside has no value there, and Refused where it
        has one that cannot be compared.
        """
        made = self.variants.made(self.parameters(number), self.inputs(number))
        errors = self._errors(made)
        if errors:
            own = self.variants.module.file.source
            first = min(
                errors,
                key=lambda d: (d.span.file is not own, d.span.file.name, d.span.start, d.span.end),
            )
            return (FAILS, first.name, first.message)
        try:
            for probe, condition in zip(made.probes, self.where, strict=False):
                if Evaluator(MeasureLookup(probe)).condition(condition) is False:
                    return (REJECTED,)
            probes = made.probes[len(self.where) :]
            return (MEETS, *self._measured(probes))
        except Problem as problem:
            if problem.name == "symbol-decides":
                raise self._open(problem.span.file.name, problem.span.text) from None
            raise Mistaken([_told(problem)]) from None

    def _errors(self, made: Made) -> list[Diagnostic]:
        found = [d for d in made.diagnostics if d.severity is Severity.ERROR]
        if made.network is None:
            return found
        if made.assertions:
            checked = Elaboration(self.variants.module.file, assertions=list(made.assertions))
            found += [d for d in check_assertions(checked) if d.severity is Severity.ERROR]
        if self.initialised:
            found += check_symmetry([made.network])
        return found

    def _measured(self, probes: Sequence[Assertion]) -> Iterator[object]:
        """The value of each column."""
        lookup = MeasureLookup(probes[0])
        evaluator = Evaluator(lookup)
        needed = self._needed()
        for place, expr in enumerate(self.measures):
            value = evaluator.measured(expr)
            if place in needed and (isinstance(value, bool) or not isinstance(value, int | float)):
                criterion = needed[place]
                if isinstance(value, Size):
                    raise self._open(criterion.option, criterion.text)
                raise Refused(
                    f"{criterion.option} needs numbers, and {criterion.text} is {describe(value)}"
                )
            known = value is None or isinstance(value, bool | int | float | str)
            yield value if known else shown(value)

    def _needed(self) -> dict[int, Criterion]:
        """The columns that are compared, each with what first asks for it."""
        criteria = [c for c in (self.best, self.sort, *self.objectives) if c is not None]
        return {criterion.column: criterion for criterion in reversed(criteria)}

    def _open(self, option: str, text: str) -> Refused:
        return Refused(
            f"{option} cannot be judged where sizes are open ({text} is an expression): "
            "--input 3x224x224 gives them numbers"
        )


def ranked(outcome: Outcome, criterion: Criterion) -> int | float:
    """What an outcome is worth by a criterion, less being better."""
    value = outcome[1 + criterion.column]
    assert isinstance(value, int | float)
    return -value if criterion.large else value


# --- from texts to a plan -------------------------------------------------------------------------


def planned(source: SourceFile, reader: Reader, net: str | None, asked: Asked) -> Plan:
    """What is to be done for a net of a text; None is the only one of the file.

    Raises NoSuchNet, Mistaken and Refused.
    """
    file, syntax = parse(source)
    if syntax:
        raise Mistaken(_errors(examine_tree(file, syntax, reader, []).diagnostics))
    name = net_of(file, source.name, net)
    if asked.random is not None and asked.refine is not None:
        raise Refused("--random and --refine are two ways to choose: one of them goes")
    if asked.refine is not None and asked.best is None:
        raise Refused('--refine looks around the best: --best says what that is ("min macs")')
    if not asked.parameters and not asked.inputs:
        raise Refused("nothing to sweep over: -p width=32,64,96 gives values to a parameter")
    where = tuple(_parsed("--where", text) for text in asked.where)
    columns = _Columns()
    for text in asked.measures:
        columns.add(_parsed("--measure", text))
    measured = len(columns.names)
    objectives = _objectives(asked, columns)
    best = None if asked.best is None else columns.criterion("--best", asked.best)
    sort = None if asked.sort is None else columns.criterion("--sort", asked.sort)
    if not columns.measures:
        raise Refused("--measure takes expressions, such as params or macs")
    probes = [tree.Assert(expr.span, expr) for expr in where]
    # Nothing is asked of a measure but to have a value: the text is looked through for that.
    probes += [
        tree.Assert(expr.span, tree.Compare(expr.span, "==", expr, expr))
        for expr in columns.measures
    ]
    variants = Variants(file, reader, name, probes)
    errors = _errors(variants.common)
    if errors:
        raise Mistaken(errors)
    space = _space(variants, asked)
    plan = Plan(
        name,
        space,
        tuple(columns.names),
        tuple(
            place
            for place, column in enumerate(columns.names)
            if place < measured or column not in asked.parameters or column in WORDS
        ),
        objectives,
        best,
        sort,
        tuple(d for d in variants.common if d.severity is not Severity.ERROR),
        asked,
        variants,
        where,
        tuple(columns.measures),
        variants.mentions("init"),
    )
    _check_inputs(plan)
    return plan


def _check_inputs(plan: Plan) -> None:
    """Raise Mistaken where sizes are given for an input that there is at neither end of the sweep:
    it may be there for some parameters alone."""
    if not plan.asked.inputs:
        return
    for number in dict.fromkeys((0, plan.space.count - 1)):
        parameters, inputs = plan.parameters(number), plan.inputs(number)
        made = plan.variants.together(partial(plan.variants.made, parameters, inputs))
        unknown = [d for d in made.diagnostics if d.name == "unknown-input"]
        if not unknown:
            return
    raise Mistaken(unknown)


class _Columns:
    """The expressions that are measured, each once by its text."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.measures: list[tree.Expr] = []

    def add(self, expr: tree.Expr) -> int:
        text = expr.span.text.strip()
        if text not in self.names:
            self.names.append(text)
            self.measures.append(expr)
        return self.names.index(text)

    def criterion(self, option: str, text: str) -> Criterion:
        """`macs`, `min macs`, `max receptive_field` or `-receptive_field`."""
        word = _WORD.match(text)
        large = word is not None and word[1] == "max"
        expr = _parsed(option, text if word is None else text[word.end() :])
        while isinstance(expr, tree.Group) or (isinstance(expr, tree.Unary) and expr.op == "-"):
            if isinstance(expr, tree.Unary):
                large = not large
            expr = expr.inner if isinstance(expr, tree.Group) else expr.operand
        return Criterion(self.add(expr), large, option, expr.span.text.strip())


def _objectives(asked: Asked, columns: _Columns) -> tuple[Criterion, ...]:
    if asked.pareto is not None:
        found = [columns.criterion("--pareto", text) for text in asked.pareto]
        return tuple({criterion.column: criterion for criterion in found}.values())
    given = [text for text in OBJECTIVES if text.lstrip("-") in columns.names]
    return tuple(columns.criterion("--pareto", text) for text in given)


def _parsed(option: str, text: str) -> tree.Expr:
    text = text.strip()
    if not text:
        raise Refused(f"{option} has an empty place: it takes expressions, such as macs")
    expr, diagnostics = parse_expression(SourceFile(option, text))
    if expr is None or diagnostics:
        raise Mistaken(diagnostics)
    return expr


def _space(variants: Variants, asked: Asked) -> Space:
    axes: list[Axis] = []
    wrong: list[Diagnostic] = []
    for name, texts in asked.parameters.items():

        def value(text: str, name: str = name) -> object:
            found = variants.value(name, text)
            if isinstance(found, Unknown):
                raise Mistaken(variants.judged([(name, text)], ()))
            return found

        try:
            axes.append(parameter_axis(name, texts, value))
        except Mistaken as mistaken:
            wrong += mistaken.diagnostics
    for name, texts in asked.inputs.items():
        if not texts or not all(texts):
            raise Refused("--input takes dims, with commas between them: 3x192x192,3x224x224")
        wrong += variants.judged((), texts)
        axes.append(input_axis(name, texts))
    if wrong:
        raise Mistaken(wrong)
    return Space(tuple(axes))


def _errors(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    return [d for d in diagnostics if d.severity is Severity.ERROR]


def _told(problem: Problem) -> Diagnostic:
    return Diagnostic(
        problem.name, problem.message, problem.span, problem.label, tuple(problem.remarks)
    )
