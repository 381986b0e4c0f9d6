"""`init` statements: their methods and arguments where they stand, their targets at the end.

What they speak of is left to `targets`, what the numbers do to training to `analysis/symmetry.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Remark, Severity, help_, note
from netspec.elaborate.bind import bind_op
from netspec.elaborate.frame import Context, Frame, Waiting
from netspec.elaborate.report import Problem, nearest
from netspec.elaborate.targets import check_reach, layer_called, target_of
from netspec.elaborate.values import Flow
from netspec.graph.initial import (
    Initialisation,
)
from netspec.ops.initialisation import COMMON_METHODS, COUNTING, METHODS
from netspec.syntax import tree

if TYPE_CHECKING:
    from netspec.elaborate.expand import Expander


def statement(expander: Expander, init: tree.Init, context: Context, flow: Flow) -> None:
    """Bind the arguments of an `init`; what it speaks of is known when the block is complete."""
    _check_place(expander, init, context)
    method = METHODS.get(init.method.id)
    first = init.target.span.text if init.target is not None else ""
    if method is None or first in METHODS:
        raise _not_a_method(init, first, context)
    bound = bind_op(
        expander.reporter, method, init.method.span, init.arguments, init.keywords, context, flow
    )
    if bound.complete and not expander.static:
        context.frame.inits.append(Waiting(init, bound.values, context))


def _check_place(expander: Expander, init: tree.Init, context: Context) -> None:
    """An `init` speaks for a whole net or block, so it stands in no braces within one."""
    word = init.span.file.span(init.span.start, init.span.start + len("init"))
    definition = context.frame.instance.definition
    inner = expander.active[-1] if expander.active else None
    for one in (definition, inner):
        if isinstance(one, tree.Block) and one.inline and init in one.body.statements:
            raise Problem(
                "misplaced-init",
                f"`init` stands in the inline block `{one.name.id}`",
                word,
                "has no net or block of its own to speak for",
                [
                    note("an inline block is spliced where it is called, and has no layers itself"),
                    help_(f"`block {one.name.id}` without `inline` may say how its layers begin"),
                    help_("a net or block that calls it may: `init label he`"),
                ],
            )
    if definition is None or init not in definition.body.statements:
        raise Problem(
            "misplaced-init",
            "`init` stands in braces within a net or block",
            word,
            "would not end with these braces",
            [
                help_("write it at the top of the net or block, for all of its layers"),
                help_("`label: { … }` names these braces, and `init label he` their layers"),
            ],
        )


def _not_a_method(init: tree.Init, first: str, context: Context) -> Problem:
    """For `init kaiming`, and where two words are not a target and a method."""
    name, span = init.method.id, init.method.span
    remarks: list[Remark] = []
    if first in METHODS:
        # A label of that name is written `@he`.
        parameter = METHODS[first].parameters[0]
        if name in parameter.choices or (parameter.required and name not in METHODS):
            remarks.append(help_(f"arguments have names: `init {first} {parameter.name}={name}`"))
        elif name in METHODS:
            remarks.append(help_(f"for a layer called `{first}`: `init @{first} {name}`"))
        else:
            remarks.append(help_(f"the layers come first: `init {name} {first}`"))
    else:
        before = f"{first} " if first else ""
        match = COMMON_METHODS.get(name.lower()) or nearest(name, METHODS)
        kind = name.lower().rpartition("_")[2]
        if match:
            more = f" distribution={kind}" if match in COUNTING and kind != name.lower() else ""
            remarks.append(help_(f"did you mean `init {before}{match}{more}`?"))
        elif not first and layer_called(context, name) is not None:
            remarks.append(help_(f"`init {name} he` speaks of `{name}`"))
    remarks.append(note("the methods: " + ", ".join(METHODS)))
    if first in METHODS and name in METHODS:
        message, label = f"`{first}` and `{name}` are two methods", "the second method"
    else:
        message, label = f"there is no initialisation `{name}`", "not a method"
    return Problem("unknown-initialisation", message, span, label, remarks)


# --- when the block is complete -------------------------------------------------------------------


def settle(expander: Expander, frame: Frame, mark: int) -> None:
    """Find out what the statements of an instance speak of; reports those that reach nothing.

    Where something else went wrong since `mark`, layers may be missing, and nothing is said.
    """
    reporter = expander.reporter
    others = [key for key in reporter.log[mark:] if key not in expander.initial_mistakes]
    if any(reporter.found[key].severity is Severity.ERROR for key in others):
        return
    before = len(reporter.log)
    found: list[Initialisation] = []
    for waiting in frame.inits:
        try:
            one = _settled(waiting)
            check_reach(expander, frame.instance, one, waiting.context)
            found.append(one)
        except Problem as problem:
            reporter.problem(problem)
    expander.initial_mistakes.update(reporter.log[before:])
    frame.instance.inits = tuple(found)


def _settled(waiting: Waiting) -> Initialisation:
    init = waiting.statement
    method = METHODS[init.method.id]
    settings: list[tuple[str, float | str]] = []
    for parameter in method.parameters[:-1]:
        value = waiting.values[parameter.name]
        assert isinstance(value, int | float | str)
        settings.append((parameter.name, value if isinstance(value, str) else float(value)))
    bias = waiting.values["bias"]
    assert isinstance(bias, int | float)
    target = target_of(init, waiting.context)
    return Initialisation(init, target, method.name, tuple(settings), float(bias))
