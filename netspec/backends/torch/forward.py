"""The body of a `forward`: steps as assignments, with as few variables as they need.

How a module is reached and what it is called with is said by the class; its `__init__` is left to
`classes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from netspec.backends.torch.code import (
    Assign,
    Call,
    Expr,
    For,
    Items,
    Lit,
    Name,
    Return,
    Statement,
    Subscript,
    Unary,
    When,
    call,
    lines_of,
    member,
    method,
)
from netspec.backends.torch.merge import MERGES
from netspec.backends.torch.names import fresh, variable_name
from netspec.backends.torch.steps import (
    LayerStep,
    LoopStep,
    MergeStep,
    ParameterStep,
    Program,
    Step,
)
from netspec.backends.torch.unify import Different
from netspec.record import record, replace

#: Positions after every step: what is returned is alive until then.
_END = 1 << 60


class Modules(Protocol):
    """What `forward` asks of its class."""

    def module(self, step: Step, loops: Sequence[str]) -> Expr:
        """The expression for a step's module; `loops` are the variables of enclosing loops."""
        ...

    def parameter(self, step: ParameterStep, loops: Sequence[str]) -> Expr: ...

    def count(self, step: LoopStep) -> Expr:
        """How often a loop goes round, as `forward` can tell it."""
        ...


@record
class Returned:
    """What `forward` returns: a class for several values (None: a tuple).

    The last `training` of the outputs exist in training only.
    """

    names: tuple[str, ...] = ()
    cls: str | None = None
    training: int = 0


@record(eq=False, frozen=False)
class Optional:
    """A run of steps that are there on one condition, which the attribute `flag` keeps.

    `value` is what they give to the rest, `otherwise` what that is where they are missing.
    """

    flag: str
    steps: tuple[Step, ...]
    value: int = -1
    otherwise: int = -1

    @property
    def test(self) -> Expr:
        return Name(f"self.{self.flag}")

    def check(self, program: Program) -> None:
        """Find the value that goes on; raises `Different` where several do."""
        passed = {step.outputs[0]: step.inputs[0] for step in self.steps if step.inputs}
        read = {v for s in program.steps if s not in self.steps for v in s.inputs}
        read |= set(program.outputs)
        given = [value for value in passed if value in read]
        if len(given) != 1 or any(len(step.outputs) != 1 for step in self.steps):
            raise Different
        self.value = self.otherwise = given[0]
        while self.otherwise in passed:
            self.otherwise = passed[self.otherwise]


def _typed(value: Expr) -> bool:
    """Whether it is a function of torch's, which says what it gives."""
    return (
        isinstance(value, Call)
        and isinstance(value.func, Name)
        and value.func.id.startswith("torch.")
    )


class Forward:
    """Writes one `forward`."""

    def __init__(
        self,
        program: Program,
        names: Sequence[str],
        modules: Modules,
        returned: Returned,
        optional: Mapping[Step, Optional],
    ) -> None:
        self.program = program
        self.modules = modules
        self.returned = returned
        self.optional = optional
        self.arguments = list(names)
        self.names: set[str] = {*names, "self"}
        self.held: dict[int, str] = dict(zip(program.inputs, names, strict=True))
        #: Values without a batch axis ("none"), or with one of 1 ("one"): learned tensors.
        self.batch: dict[int, str] = {}
        self.parameters: dict[int, Expr] = {}

    def statements(self) -> list[Statement]:
        outputs = self.program.outputs
        kept = len(outputs) - self.returned.training
        order = _where_they_branch_off(self.program)
        last = _last_uses(order, outputs)
        final = outputs[0] if len(outputs) == 1 else None
        home = self.arguments[0] if self.arguments else ""
        body: list[Statement] = []
        at = 0
        # What exists in training only stands where it branches off: gradients are then added up in
        # the order in which a module written by hand adds them.
        for training, group in groupby(order, lambda step: step.training):
            steps = list(group)
            inner = self._steps(steps, at, last, None if training else final, (), home)
            body += [When(Name("self.training"), tuple(inner))] if training and inner else inner
            at += len(steps)
        if self.returned.training:
            all_of_them = Return(self._result(outputs, self.returned.names))
            body.append(When(Name("self.training"), (all_of_them,)))
        if kept == 1:
            body.append(Return(self._value(outputs[0])))
        else:
            body.append(Return(self._result(outputs[:kept], self.returned.names[:kept])))
        return self._annotated(body)

    def _result(self, outputs: Sequence[int], names: Sequence[str]) -> Expr:
        values = [self._value(value) for value in outputs]
        if self.returned.cls is None:
            return Items("(", tuple(values))
        return Call(Name(self.returned.cls), (), tuple(zip(names, values, strict=True)))

    def _annotated(self, body: list[Statement]) -> list[Statement]:
        """What a module gives has any type: what is returned alone says that it is a tensor."""
        for statement in body:
            if not isinstance(statement, Return) or not isinstance(statement.value, Name):
                continue
            name = statement.value.id
            if name in self.arguments or "." in name:
                continue
            for index, other in enumerate(body):
                if isinstance(other, Assign) and other.target == name:
                    if not _typed(other.value):
                        body[index] = replace(other, annotation="Tensor")
                    break
        return body

    # --- values -------------------------------------------------------------------------------

    def _value(self, value: int) -> Expr:
        if value in self.parameters:
            return self.parameters[value]
        return Name(self.held[value])

    def _batched(self, value: int) -> Expr:
        expr = self._value(value)
        return method(expr, "unsqueeze", Lit(0)) if self.batch.get(value) == "none" else expr

    # --- steps --------------------------------------------------------------------------------

    def _steps(
        self,
        steps: Sequence[Step],
        start: int,
        last: dict[int, int],
        final: int | None,
        loops: tuple[str, ...],
        home: str,
        within: bool = False,
    ) -> list[Statement]:
        body: list[Statement] = []
        run: Optional | None = None
        for index, step in enumerate(steps, start):
            if not any(value in last for value in step.outputs):
                continue
            optional = self.optional.get(step)
            if optional is not None and not within:
                if optional is not run:
                    run = optional
                    body += self._branch(optional, index, last, loops)
                continue
            if isinstance(step, ParameterStep):
                value = step.outputs[0]
                self.parameters[value] = self.modules.parameter(step, loops)
                self.batch[value] = "none"
            elif isinstance(step, LoopStep):
                body += self._loop(step, index, last, loops)
            else:
                expr = self._applied(step, loops)
                targets = self._targets(step, index, last, final, steps, start, home)
                body.append(Assign(", ".join(targets), expr))
            for value in step.inputs:
                # Read for the last time: its variable is another's now.
                if last.get(value) == index:
                    self.held.pop(value, None)
        return body

    def _branch(
        self, optional: Optional, start: int, last: dict[int, int], loops: tuple[str, ...]
    ) -> list[Statement]:
        """Steps under an `if`, their value in the variable of the one that stands for it."""
        body: list[Statement] = []
        end = start + len(optional.steps) - 1
        before = self._value(optional.otherwise)
        if last.get(optional.otherwise, _END) <= end and isinstance(before, Name):
            target = before.id
        else:
            target = self._fresh("y")
            body.append(Assign(target, self._batched(optional.otherwise)))
        inner = self._steps(optional.steps, start, last, optional.value, loops, target, True)
        result = self._value(optional.value)
        if result != Name(target):
            inner.append(Assign(target, result))
        self.held[optional.value] = target
        body.append(When(optional.test, tuple(inner)))
        return body

    def _applied(self, step: Step, loops: tuple[str, ...]) -> Expr:
        if isinstance(step, MergeStep):
            return self._merged(step)
        if all(self.batch.get(value) for value in step.inputs):
            for value in step.outputs:
                self.batch[value] = "one"
        module = self.modules.module(step, loops)
        args = [self._batched(value) for value in step.inputs]
        if not isinstance(step, LayerStep):
            return Call(module, tuple(args))
        given = [args[0]]
        axis = 1 + step.shapes[0].axes.index("channels") if step.moved else 1
        if step.moved:
            given[0] = method(given[0], "movedim", Lit(axis), Lit(1))
        if step.size is not None:
            given.append(step.size.expr(args[1:]))
        result: Expr = Call(module, tuple(given))
        if step.moved:
            result = method(result, "movedim", Lit(1), Lit(axis))
        return result

    def _merged(self, step: MergeStep) -> Expr:
        states = [self.batch.get(value, "full") for value in step.inputs]
        output = step.outputs[0]
        if step.node.op != "concat":
            if "full" not in states:
                self.batch[output] = "one" if "one" in states else "none"
            values = [self._value(value) for value in step.inputs]
            return MERGES[step.node.op](step.node.attributes, values)
        values = [self._batched(value) for value in step.inputs]
        if "full" in states:
            size = Subscript(member(values[states.index("full")], "shape"), Lit(0))
            rest = [Unary("-", Lit(1))] * step.node.shape.rank
            values = [
                value if state == "full" else method(value, "expand", size, *rest)
                for value, state in zip(values, states, strict=True)
            ]
        else:
            self.batch[output] = "one"
        return MERGES["concat"](step.node.attributes, values)

    def _loop(
        self,
        step: LoopStep,
        index: int,
        last: dict[int, int],
        loops: tuple[str, ...],
    ) -> list[Statement]:
        body: list[Statement] = []
        current = step.inputs[0]
        if last.get(current) == index and current in self.held:
            target = self.held[current]
        else:
            target = self._fresh("y")
            body.append(Assign(target, self._batched(current)))
        counter = next(
            name for name in ("i", "j", "k", *(f"i{n}" for n in range(2, 99))) if name not in loops
        )
        inner = step.body
        for value, outer in zip(inner.inputs[1:], step.inputs[1:], strict=True):
            if outer in self.parameters:
                self.parameters[value] = self.parameters[outer]
                self.batch[value] = self.batch[outer]
            else:
                self.held[value] = self.held[outer]
        self.held[inner.inputs[0]] = target
        uses = _last_uses(inner.steps, [*inner.outputs, *inner.inputs[1:]])
        inside = self._steps(inner.steps, 0, uses, inner.outputs[0], (*loops, counter), target)
        result = self._value(inner.outputs[0])
        if result != Name(target):
            inside.append(Assign(target, result))
        used = _mentions(inside, counter)
        body.append(
            For(counter if used else "_", call("range", self.modules.count(step)), tuple(inside))
        )
        self.held[step.outputs[0]] = target
        return body

    def _targets(
        self,
        step: Step,
        index: int,
        last: dict[int, int],
        final: int | None,
        steps: Sequence[Step],
        start: int,
        home: str,
    ) -> list[str]:
        """Variables for the step's values: that of an input that is read no more, if any."""
        dying = [
            self.held[value]
            for value in dict.fromkeys(step.inputs)
            if value in self.held and last.get(value) == index and value not in step.outputs
        ]
        free = [name for name in dict.fromkeys(dying) if not self._alive(name, index, last)]
        targets: list[str] = []
        for number, value in enumerate(step.outputs):
            if value not in last:
                targets.append("_")
                continue
            if value == final and number == 0 and home and not self._alive(home, index, last):
                name = home
            elif number == 0 and free:
                name = home if home in free else free[0]
            else:
                name = self._fresh(self._wanted(step, value, steps, index - start))
            self.held[value] = name
            targets.append(name)
        return targets

    def _alive(self, name: str, index: int, last: dict[int, int]) -> bool:
        """Whether a variable holds a value that is read after step `index`."""
        return any(
            held == name and last.get(value, -1) > index for value, held in self.held.items()
        )

    def _fresh(self, wanted: str) -> str:
        name = fresh(wanted, self.names)
        self.names.add(name)
        return name

    def _wanted(self, step: Step, value: int, steps: Sequence[Step], at: int) -> str:
        """A name for a value: its label where one module makes it, else by the merge it goes to."""
        length, current, reader = 1, value, None
        for later in steps[at + 1 :]:
            if current not in later.inputs:
                continue
            if isinstance(later, MergeStep) or len(later.inputs) > 1:
                reader = later
                break
            length += 1
            current = later.outputs[0]
        label = step.path[-1] if step.path else ""
        if length == 1 and isinstance(label, str) and label and label[0].isalpha():
            return variable_name(label, "y")
        if reader is not None and len(reader.inputs) > 2 and current in reader.inputs:
            return f"branch{reader.inputs.index(current) + 1}"
        return next((n for n in ("y", "z") if n not in self.names), "y")


def _where_they_branch_off(program: Program) -> list[Step]:
    """The steps, those of training alone as soon as the values that they read are there."""
    waiting = [step for step in program.steps if step.training]
    there = set(program.inputs)
    order: list[Step] = []
    for step in (None, *(step for step in program.steps if not step.training)):
        if step is not None:
            order.append(step)
            there.update(step.outputs)
        ready = True
        while ready and waiting:
            ready = there.issuperset(waiting[0].inputs)
            if ready:
                order.append(waiting.pop(0))
                there.update(order[-1].outputs)
    return [*order, *waiting]


def _last_uses(steps: Sequence[Step], outputs: Iterable[int]) -> dict[int, int]:
    """For each value the last step that reads it; values that lead to no output are left out."""
    last: dict[int, int] = {value: _END for value in outputs}
    needed = set(last)
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if any(value in needed for value in step.outputs):
            for value in step.inputs:
                needed.add(value)
                last.setdefault(value, index)
    return last


def _mentions(statements: Sequence[Statement], name: str) -> bool:
    """Whether a loop's variable is used."""
    pattern = re.compile(rf"\b{name}\b")
    return any(pattern.search(line) for line in lines_of(statements, 0))
