"""`input` and `output`: where values enter a net, and where they leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec import limits
from netspec.diagnostics import help_, note
from netspec.elaborate import annotation, labels
from netspec.elaborate.bind import unknown_parameter
from netspec.elaborate.frame import Context, Frame
from netspec.elaborate.report import Problem, nearest
from netspec.elaborate.scope import Entry
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Unknown, as_size, describe, items_of
from netspec.graph.graph import Output
from netspec.graph.shape import AXES, Shape
from netspec.graph.size import Size
from netspec.ops.survey import Survey
from netspec.ops.values import Word
from netspec.source import Span
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander

#: Inputs that a message lists.
LISTED = 12


def add_input(
    expander: Expander, statement: tree.Input, context: Context, label: str | None, span: Span
) -> Flow:
    """`input dims`: a value that enters the net, under its label or the name `input`."""
    frame = context.frame
    if not frame.net:
        raise Problem(
            "misplaced-input",
            "`input` belongs to a net: a block takes the value at its call",
            statement.span,
            "inside a block",
            [help_("`in` is the value that came in, `@in` yields it")],
        )
    name = label or "input"
    first = frame.entry is None
    if first:
        frame.entry = UNKNOWN  # until its shape is known; a mistake in it leaves it so
    shape = _input_shape(expander, statement, context, name)
    if label is None:
        if frame.unlabelled_input is not None and not expander.static:
            raise Problem(
                "input-without-label",
                "several inputs need a label each",
                statement.span,
                "a second `input` without a label",
                [note("the first is here", frame.unlabelled_input)],
            )
        frame.unlabelled_input = statement.span
    if shape is None:
        return UNKNOWN
    value = frame.add_input(name, shape, span)
    frame.inputs.append((name, value.index, span))
    if expander.watch is not None:
        expander.watch.made(value, statement, context, UNKNOWN)
    if first:
        frame.entry = value
    return value


def refuse_unknown(expander: Expander, frame: Frame, net: str, mark: int) -> bool:
    """Whether a size is given for an input that the net does not have, or not alone.

    Then that alone is said of it: nobody asked for the net as it was made since `mark`.
    """
    inputs = list(dict.fromkeys(name for name, _, _ in frame.inputs))
    given = expander.input_overrides
    unknown = {key for key in expander.unused_overrides if key}
    if "" in given and len(inputs) > 1:
        unknown.add("")
    if not unknown or not inputs:
        return False  # without any, the mistake is the net's own
    gone = expander.reporter.forget(mark)
    for block, (_, mistakes) in list(expander.memo.items()):
        if not gone.isdisjoint(mistakes):
            del expander.memo[block]
    for key in sorted(unknown):
        _, span = given[key]
        assert span is not None
        match = nearest(key, inputs)
        remarks = []
        if match is not None:
            remarks.append(help_(f"did you mean `{match}`?"))
        elif len(inputs) == 1:
            remarks.append(help_("`--input …` sets the size of its only input"))
        else:
            remarks.append(help_(f"`--input {inputs[0]}=…` sets the size of `{inputs[0]}`"))
        if len(inputs) > 1:
            more = ", …" if len(inputs) > LISTED else ""
            listed = ", ".join(f"`{name}`" for name in inputs[:LISTED])
            remarks.append(note(f"its inputs: {listed}{more}"))
        expander.reporter.report(
            "unknown-input",
            f"the net has no input `{key}`" if key else "the net has several inputs",
            span,
            f"not an input of `{net}`" if key else f"the size of which input of `{net}`?",
            remarks,
        )
    return True


def _input_shape(
    expander: Expander, statement: tree.Input, context: Context, name: str
) -> Shape | None:
    override = expander.input_overrides.get(name) or expander.input_overrides.get("")
    if statement.dims is None:
        raise Problem(
            "missing-argument",
            "`input` needs its dims",
            statement.span,
            "such as `input 3x224x224`",
        )
    value = expander.attempt(statement.dims, context, UNKNOWN)
    if override is not None:
        expander.unused_overrides -= {name, ""}
        shape, _ = override
        own = None
        if isinstance(expander.conditions, Survey):
            own = _plain_shape(value)
        return _declared(expander, name, own, shape)
    if isinstance(value, Unknown):
        return None
    dims: list[int | Size] = []
    for item in items_of(value):
        size = as_size(item)
        wrong = isinstance(size, int) and not 1 <= size <= limits.SIZE
        if size is None or wrong:
            what = "a size of its own" if item is None else describe(item)
            large = isinstance(size, int) and size > limits.SIZE
            meant = f"at most {limits.SIZE:,}" if large else "whole numbers from 1 on, or symbols"
            raise Problem(
                "wrong-input",
                f"an input's sizes are {meant}, not {what}",
                statement.dims.span,
                f"holds {what}" if item is not None else "`_` stands in annotations only",
            )
        dims.append(size)
    if len(dims) not in AXES:
        raise Problem(
            "wrong-rank",
            f"an input has channels and up to three spatial axes, not {len(dims)} sizes",
            statement.dims.span,
            f"{len(dims)} sizes",
            [note("the batch is implicit")],
        )
    return _declared(expander, name, Shape.of(*dims), None)


def _plain_shape(value: object) -> Shape | None:
    """What the spec says of an input that has another size from outside, if it is a shape."""
    if isinstance(value, Unknown):
        return None
    dims = [as_size(item) for item in items_of(value)]
    known = [dim for dim in dims if isinstance(dim, Size) or (dim is not None and dim >= 1)]
    return Shape.of(*known) if len(known) == len(dims) and len(dims) in AXES else None


def _declared(expander: Expander, name: str, own: Shape | None, given: Shape | None) -> Shape:
    """The shape of an input, its symbols made known; a survey may open what is closed."""
    shape = own if given is None else given
    assert shape is not None
    if isinstance(expander.conditions, Survey):
        given_shapes = [of for of, _ in expander.input_overrides.values()]
        chosen = any(isinstance(dim, Size) for of in given_shapes for dim in of.dims)
        opened = expander.conditions.opened(name, own, given, chosen)
        # Annotations speak of the sizes as written.
        expander.lenient = expander.lenient or opened != shape
        shape = opened
    _declare(expander, shape)
    return shape


def _declare(expander: Expander, shape: Shape) -> None:
    for dim in shape.dims:
        if isinstance(dim, Size):
            for symbol in sorted(dim.symbols()):
                expander.conditions.declare(symbol)


def output(
    expander: Expander,
    output: tree.Output,
    context: Context,
    flow: Flow,
    label: str | None,
    span: Span,
    entry: Entry | None,
) -> Flow:
    """A side branch whose result is an output; the flow goes on unaffected."""
    frame = context.frame
    expander.need_input(flow, context, output.span)
    name, training = _output_arguments(expander, output, context, flow)
    name = name or label
    if not frame.net and not context.guessing:
        raise Problem(
            "misplaced-output",
            "`output` belongs to a net: a block has one value",
            output.span,
            "inside a block",
            [help_("an inline block may hold it")],
        )
    if name is None and isinstance(output.statement, tree.Erroneous):
        return flow  # its name may be among what did not parse
    if name is None:
        raise Problem(
            "output-without-name",
            "an output needs a name",
            output.span,
            "no label, and no `name=`",
            [help_("`aux: output …` names it and its parameters")],
        )
    taken = next((o for o in frame.outputs if o.name == name), None)
    if (taken is not None or name == "out") and not expander.static:
        raise Problem(
            "duplicate-output",
            f"`{name}` names two outputs",
            span,
            "`out` is the net's last value" if taken is None else f"`{name}` is taken",
            [
                *([note("the first is here", taken.span)] if taken is not None else []),
                help_("give it another name"),
            ],
        )
    frame.training += training
    frame.conditions.during_training(training)
    try:
        if label is None:
            result = expander.statement(output.statement, context.inner(), flow)
        else:
            result = _annotatable(
                expander, label, output.statement, context.inner(), flow, span, entry
            )
    finally:
        frame.training -= training
        frame.conditions.during_training(-training)
    if entry is not None:
        entry.value = result
    if isinstance(result, Handle):
        frame.outputs.append(Output(name, result.index, span, training))
    else:
        frame.outputs.append(Output(name, -1, span, training))
    return flow


def _annotatable(
    expander: Expander,
    label: str,
    statement: tree.Statement,
    context: Context,
    flow: Flow,
    span: Span,
    entry: Entry | None,
) -> Flow:
    if isinstance(statement, tree.Annotated):
        result = _annotatable(expander, label, statement.statement, context, flow, span, entry)
        annotation.check(expander, statement, context, result)
        return result
    if isinstance(statement, tree.Yield):
        return expander.statement(statement, context, flow)
    return labels.under(expander, label, statement, context, flow, span, entry)


def _output_arguments(
    expander: Expander, output: tree.Output, context: Context, flow: Flow
) -> tuple[str | None, bool]:
    name: str | None = None
    training = False
    for keyword in output.keywords:
        key, value = keyword.name.id, keyword.value
        if key == "name":
            if isinstance(value, tree.Name) and value.id not in context.environment:
                name = value.id
            else:
                given = expander.attempt(value, context, flow)
                if not isinstance(given, (str, Word, Unknown)):
                    raise Problem(
                        "wrong-type", "an output's name is a word", value.span, describe(given)
                    )
                if isinstance(given, Unknown):
                    name = f"?{value.span.start}"  # some name, which nothing else has
                    continue
                name = str(given)
            if not (name.isidentifier() and name.isascii()):
                raise Problem(
                    "wrong-label",
                    f"`{name}` cannot be a name",
                    value.span,
                    "not an identifier",
                    [note("names of outputs are of letters, digits and `_`")],
                )
        elif key == "when":
            if not (isinstance(value, tree.Name) and value.id == "training"):
                raise Problem(
                    "unknown-word",
                    "`when` takes the word `training`",
                    value.span,
                    "not a time that outputs know",
                )
            training = True
        else:
            raise unknown_parameter(
                "output",
                "output name=… when=training statement",
                ["name", "when"],
                keyword.name,
            )
    return name, training
