"""Arguments to parameters: of built-in layers and of blocks.

What an argument is worth is left to `evaluate`, whether a layer can take it to `ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from netspec.diagnostics import Remark, help_, note
from netspec.elaborate.common_names import COMMON_PARAMETERS
from netspec.elaborate.frame import Context, Preset
from netspec.elaborate.lookup import find_layer, value_of
from netspec.elaborate.report import Problem, Reporter, nearest
from netspec.elaborate.values import UNKNOWN, Flow, Layer, Unknown, describe, items_of
from netspec.graph.shape import AXIS_NAMES
from netspec.graph.size import Size
from netspec.ops.arguments import convert
from netspec.ops.spec import Kind, OpError, OpSpec, Parameter
from netspec.ops.values import DimsValue, Word
from netspec.record import field, record
from netspec.source import Span
from netspec.syntax import tree

#: Types of values that hold no size.
_PLAIN = (int, bool, float, Word)
_NOTHING: Mapping[str, Preset] = {}

#: Kinds whose parameters expect words, so that a bare name may be one.
_WORDS = (Kind.WORD, Kind.PADDING, Kind.AXIS)


@record(frozen=False)
class Bound:
    """Converted arguments of a built-in layer, and where each was written.

    `complete` is False where some argument is missing, mistaken or unknown.
    """

    values: dict[str, object] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    presets: dict[str, Preset] = field(default_factory=dict)
    complete: bool = True


@record(eq=False)
class Plan:
    """What a call's text alone tells, kept for each further time that it is elaborated.

    Which argument goes to which parameter, where it stands, and whether all fit; for built-in
    layers, what literals and defaults are worth, and which parameters are left (those without an
    argument are missing it).
    """

    given: Mapping[str, tree.Expr | tuple[tree.Expr, ...]]
    spans: dict[str, Span]
    fits: bool
    values: Mapping[str, object] = field(default_factory=dict)
    left: tuple[tuple[Parameter, tree.Expr | tuple[tree.Expr, ...] | None], ...] = ()


def signature_of(layer: Layer) -> str:
    """How a layer is called, as the language page writes it."""
    if isinstance(layer.target, OpSpec):
        return layer.target.signature
    words = [layer.name]
    for parameter in layer.target.parameters:
        default = parameter.default
        words.append(
            parameter.name.id if default is None else f"{parameter.name.id}={default.span.text}"
        )
    return " ".join(words)


def parameter_names(layer: Layer) -> list[str]:
    if isinstance(layer.target, OpSpec):
        return [p.name for p in layer.target.parameters]
    return [p.name.id for p in layer.target.parameters]


def unknown_parameter(
    layer_name: str, signature: str, names: Sequence[str], name: tree.Name
) -> Problem:
    common = COMMON_PARAMETERS.get(name.id.lower())
    match = next((n for n in common or () if n in names), None)
    if match is None and common is None:
        match = nearest(name.id, names)
    remarks: list[Remark] = [help_(f"did you mean `{match}`?")] if match else []
    if match is None and name.id.lower() == "activation":
        remarks.append(
            help_(f"an activation is a layer of its own, after it: `{layer_name} …; relu`")
        )
    return Problem(
        "unknown-parameter",
        f"`{layer_name}` has no parameter `{name.id}`",
        name.span,
        f"not a parameter of `{layer_name}`",
        [*remarks, note(signature)],
    )


class Assigned:
    """Which expression goes to which parameter; reports what does not fit the signature.

    `signature` writes it out, which only a message needs.
    """

    def __init__(
        self,
        reporter: Reporter,
        name: str,
        signature: Callable[[], str],
        parameters: Sequence[str],
        variadic: str | None,
        arguments: Sequence[tree.Expr],
        keywords: Sequence[tree.Keyword],
    ) -> None:
        self.expressions: dict[str, tree.Expr | tuple[tree.Expr, ...]] = {}
        self.spans: dict[str, Span] = {}
        self.fits = True
        self._reporter = reporter
        for index, argument in enumerate(arguments):
            if variadic is not None and index == parameters.index(variadic):
                rest = tuple(arguments[index:])
                self.expressions[variadic] = rest
                self.spans[variadic] = rest[0].span.to(rest[-1].span)
                break
            if index >= len(parameters):
                self._fail(
                    Problem(
                        "too-many-arguments",
                        f"`{name}` takes {_count(len(parameters))}, and this is one more",
                        argument.span,
                        f"no parameter of `{name}` is left for it",
                        [note(signature())],
                    )
                )
                break
            self.expressions[parameters[index]] = argument
            self.spans[parameters[index]] = argument.span
        for keyword in keywords:
            key = keyword.name.id
            if key not in parameters:
                self._fail(unknown_parameter(name, signature(), parameters, keyword.name))
            elif key in self.expressions:
                self._fail(
                    Problem(
                        "argument-given-twice",
                        f"`{key}` of `{name}` is given twice",
                        keyword.span,
                        "the second value",
                        [
                            note("the first is here", self.spans[key]),
                            note(signature()),
                            help_("leave one of them out"),
                        ],
                    )
                )
            else:
                self.expressions[key] = keyword.value
                self.spans[key] = keyword.span

    def _fail(self, problem: Problem) -> None:
        self.fits = False
        self._reporter.problem(problem)


def _count(n: int) -> str:
    return "no argument" if n == 0 else "one argument" if n == 1 else f"{n} arguments"


def missing_argument(
    name: str, parameter: str, signature: str, span: Span, what: str = ""
) -> Problem:
    return Problem(
        "missing-argument",
        f"`{name}` needs its `{parameter}`",
        span,
        f"`{parameter}` is missing" + (f": {what}" if what else ""),
        [note(signature)],
    )


@record(eq=False)
class _Signature:
    """What binding asks of an op, found once: every layer of every net comes by.

    `parameters` have their names, and whether they are required; `defaults` has a place for each.
    """

    layer: Layer
    names: tuple[str, ...]
    variadic: str | None
    optional: bool
    parameters: tuple[tuple[str, Parameter, bool], ...]
    defaults: Mapping[str, object]


@cache
def _signature(op: OpSpec) -> _Signature:
    return _Signature(
        Layer(op),
        tuple(p.name for p in op.parameters),
        next((p.name for p in op.parameters if p.variadic), None),
        op.optional,
        tuple((p.name, p, p.required) for p in op.parameters),
        {p.name: p.default for p in op.parameters},
    )


def bind_op(
    reporter: Reporter,
    op: OpSpec,
    statement_span: Span,
    arguments: Sequence[tree.Expr],
    keywords: Sequence[tree.Keyword],
    context: Context,
    flow: Flow,
    call: tree.Apply | None = None,
) -> Bound:
    """The arguments of a built-in layer, converted; mistakes are reported, each by itself.

    `call` is the statement that they stand in, where it is elaborated once for each instance.
    """
    signature = _signature(op)
    presets = context.defaults.get(signature.layer, _NOTHING) if context.defaults else _NOTHING
    if not arguments and not keywords and not presets and signature.optional:
        return Bound(dict(signature.defaults))
    plan = None if call is None else context.module.plans.get((call, op))
    if plan is None:
        plan = _planned(reporter, op, arguments, keywords)
        if call is not None and plan.fits:
            context.module.plans[call, op] = plan
    bound = Bound(dict(plan.values), plan.spans, {}, plan.fits)
    for parameter, given in plan.left:
        if given is not None:
            try:
                value = _op_value(parameter, given, context, flow)
            except Problem as problem:
                reporter.problem(problem)
                bound.complete = False
                continue
            _take(reporter, bound, op, parameter, value, context, statement_span)
        elif parameter.name not in presets:
            bound.complete = False
            if plan.fits:
                missing = missing_argument(
                    op.name, parameter.name, op.signature, statement_span, parameter.kind.value
                )
                reporter.problem(missing)
    for parameter in op.parameters if presets else ():
        preset = presets.get(parameter.name)
        if preset is not None and parameter.name not in plan.spans:
            bound.presets[parameter.name] = preset
            bound.spans = {**bound.spans, parameter.name: preset.keyword.span}
            _take(reporter, bound, op, parameter, preset.value, context, statement_span)
    return bound


def _planned(
    reporter: Reporter, op: OpSpec, arguments: Sequence[tree.Expr], keywords: Sequence[tree.Keyword]
) -> Plan:
    """What can be told of a layer's arguments from the text alone."""
    signature = _signature(op)
    assigned = Assigned(
        reporter,
        op.name,
        lambda: op.signature,
        signature.names,
        signature.variadic,
        arguments,
        keywords,
    )
    values = dict(signature.defaults)
    left: list[tuple[Parameter, tree.Expr | tuple[tree.Expr, ...] | None]] = []
    for name, parameter, required in signature.parameters:
        given = assigned.expressions.get(name)
        if given is None:
            if required:
                left.append((parameter, None))
            continue
        literal = _literal(given)
        if literal is not None:
            try:
                values[name] = convert(parameter, literal, op)
                continue
            except OpError:
                pass  # told where it is taken
        left.append((parameter, given))
    return Plan(assigned.expressions, assigned.spans, assigned.fits, values, tuple(left))


def _literal(given: object) -> object:
    """The value of an argument that is the same wherever it stands, None for others."""
    if isinstance(given, (tree.Number, tree.Bool)):
        return given.value
    if isinstance(given, tree.Dims):
        sizes = tuple([item for item in given.items if isinstance(item, int)])
        return DimsValue(sizes) if len(sizes) == len(given.items) else None
    return None


def _take(
    reporter: Reporter,
    bound: Bound,
    op: OpSpec,
    parameter: Parameter,
    value: object,
    context: Context,
    span: Span,
) -> None:
    """Convert a value to what the layer's rule is given, or report that it is none."""
    if isinstance(value, Unknown):
        bound.complete = False
        return
    try:
        if type(value) not in _PLAIN:
            _check_symbols(value, context, bound.spans.get(parameter.name, span))
        bound.values[parameter.name] = convert(parameter, value, op)
    except Problem as problem:
        reporter.problem(problem)
        bound.complete = False
    except OpError as error:
        mistake = problem_of(error, bound, span)
        if isinstance(value, Layer):
            hint = help_("a newline or `;` ends a statement, before the next layer")
            mistake.remarks = (*mistake.remarks, hint)
        reporter.problem(mistake)
        bound.complete = False


def _check_symbols(value: object, context: Context, span: Span) -> None:
    """A symbolic size stands for one of an input's."""
    known = context.frame.conditions.symbols
    for size in items_of(value):
        unknown = sorted(size.symbols() - set(known)) if isinstance(size, Size) else []
        if unknown:
            raise Problem(
                "unknown-symbol",
                f"no input has a size called `{unknown[0]}`",
                span,
                "a symbolic size that nothing gives",
                [note("symbols come from inputs, such as `input 3xHxW`")],
            )


def _op_value(
    parameter: Parameter,
    expr: tree.Expr | tuple[tree.Expr, ...],
    context: Context,
    flow: Flow,
) -> object:
    if type(expr) is tree.Number:
        return expr.value
    if isinstance(expr, tuple):
        values = tuple(_op_value(parameter, one, context, flow) for one in expr)
        return UNKNOWN if any(isinstance(v, Unknown) for v in values) else values
    takes_words = parameter.kind in _WORDS
    if (
        takes_words
        and isinstance(expr, tree.Text)
        and expr.value in (*parameter.choices, "half", "same")
    ):
        raise Problem(
            "wrong-type",
            f"`{parameter.name}` takes a word, not a string",
            expr.span,
            "a string",
            [help_(f"without quotes: `{expr.value}`")],
        )
    if takes_words and isinstance(expr, tree.Name):
        # An argument that names an axis always means the axis; other words are free as names.
        if parameter.kind is Kind.AXIS and expr.id in (*AXIS_NAMES, "spatial"):
            return Word(expr.id)
        if expr.id not in context.environment and find_layer(context, expr.id) is None:
            return Word(expr.id)
        if expr.id in parameter.choices and expr.id not in context.environment:
            return Word(expr.id)
    return value_of(expr, context, flow)


def problem_of(error: OpError, bound: Bound, span: Span) -> Problem:
    """An op's mistake, at the argument that it is about."""
    remarks: list[Remark] = [note(text) for text in error.notes]
    remarks += [help_(text) for text in error.helps]
    where = span
    if error.argument is not None:
        preset = bound.presets.get(error.argument)
        if preset is not None:
            remarks.insert(
                0, note(f"`{error.argument}` is set by this `default`", preset.keyword.span)
            )
        else:
            where = bound.spans.get(error.argument, span)
    return Problem(error.name, error.message, where, error.label, remarks)


def bind_block(
    reporter: Reporter,
    definition: tree.Block | tree.Net,
    name: str,
    call: tree.Apply,
    context: Context,
    flow: Flow,
    presets: Mapping[str, Preset],
    already: Mapping[str, object] | None = None,
) -> dict[str, object] | None:
    """Values of the parameters that a call gives, None where the call does not fit.

    Parameters that are left out are missing in the result; `calls.bind_parameters` supplies them.
    """
    known = context.module.plans
    plan = None if already else known.get((call, definition))
    if plan is None:
        parameters = [
            p.name.id for p in definition.parameters if not already or p.name.id not in already
        ]

        def signature() -> str:
            return _block_signature(definition, name, parameters)

        assigned = Assigned(
            reporter, name, signature, parameters, None, call.arguments, call.keywords
        )
        plan = Plan(assigned.expressions, assigned.spans, assigned.fits)
        if not already and plan.fits:
            known[call, definition] = plan
    values: dict[str, object] = {}
    fits = plan.fits
    for key, expr in plan.given.items():
        assert not isinstance(expr, tuple)
        try:
            values[key] = value_of(expr, context, flow)
        except Problem as problem:
            reporter.problem(problem)
            values[key] = UNKNOWN
            continue
        fits = _check_layer_named(reporter, context, key, values[key], plan.spans[key]) and fits
    for key, preset in presets.items():
        values.setdefault(key, preset.value)
    return values if fits else None


def _block_signature(definition: tree.Block | tree.Net, name: str, names: Sequence[str]) -> str:
    words = [name]
    for p in definition.parameters:
        if p.name.id not in names:
            continue
        words.append(p.name.id if p.default is None else f"{p.name.id}={p.default.span.text}")
    return " ".join(words)


def _check_layer_named(
    reporter: Reporter, context: Context, name: str, value: object, span: Span
) -> bool:
    """A parameter named like a layer must hold a layer."""
    if isinstance(value, (Layer, Unknown)) or find_layer(context, name) is None:
        return True
    reporter.report(
        "wrong-type",
        f"`{name}` is the name of a layer, so the parameter holds a layer, not {describe(value)}",
        span,
        f"this is {describe(value)}",
    )
    return False
