"""Which labelled scopes become modules of their own, and which merely hold their layers.

A scope whose steps stand together, and that no shared layer cuts through, is one step of its owner;
the others' layers are run by the owner. Whether a scope of the first kind is an `nn.Sequential` is
decided here too; its text is left to `classes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netspec.backends.torch.steps import (
    CallStep,
    LayerStep,
    LoopStep,
    MergeStep,
    ParameterStep,
    Path,
    Program,
    ScopeStep,
    Step,
)
from netspec.graph.graph import Numbered

Results = Mapping[tuple[str, ...], int]


def structure(program: Program, results: Results, base: Path = ()) -> None:
    """Gather the steps of scopes below `base` into `ScopeStep`s, outermost first."""
    for path in _prefixes(program.steps, base):
        scope = _gather(program, path, results)
        if scope is not None:
            structure(scope.body, results, path)
            _share(program, scope)


def _prefixes(steps: Sequence[Step], base: Path) -> list[Path]:
    """Every scope below `base` that some step stands in, shorter ones first."""
    found: dict[Path, None] = {}
    for step in steps:
        if step.shares is None:
            scope = step.scope
            for length in range(len(base) + 1, len(scope) + 1):
                found.setdefault(scope[:length])
    return sorted(found, key=len)


def _gather(program: Program, path: Path, results: Results) -> ScopeStep | None:
    steps = program.steps
    inside = [
        index
        for index, step in enumerate(steps)
        if step.shares is None and step.scope[: len(path)] == path
    ]
    if not inside:
        return None
    first, last = inside[0], inside[-1]
    end = _producer(steps, results.get(tuple(map(str, path))))
    if end is not None and end > last and all(not s.path for s in steps[last + 1 : end + 1]):
        last = end
    members = steps[first : last + 1]
    chosen = set(inside)
    for index, step in enumerate(members, first):
        shared = step.shares is not None
        if shared and step.shares not in members:
            return None
        named = bool(step.path) or isinstance(step, ScopeStep)
        if named and not shared and index not in chosen:
            return None
    if len({step.training for step in members}) > 1:
        return None
    made = {value for step in members for value in step.outputs}
    inputs = list(dict.fromkeys(v for s in members for v in s.inputs if v not in made))
    read = {v for s in (*steps[:first], *steps[last + 1 :]) for v in s.inputs}
    read |= set(program.outputs)
    outputs = [v for s in members for v in s.outputs if v in read]
    if not inputs or not outputs:
        return None
    scope = ScopeStep(
        inputs,
        outputs,
        path,
        training=members[0].training,
        body=Program(list(inputs), list(members), list(outputs)),
    )
    steps[first : last + 1] = [scope]
    return scope


def _producer(steps: Sequence[Step], value: int | None) -> int | None:
    if value is None:
        return None
    return next((i for i, step in enumerate(steps) if value in step.outputs), None)


def _share(program: Program, scope: ScopeStep) -> None:
    """A later run of the same steps with the scope's layers is one call of its module."""
    members = scope.body.steps
    length = len(members)
    start = program.steps.index(scope) + 1
    while start + length <= len(program.steps):
        run = program.steps[start : start + length]
        again = _again(program, scope, run)
        if again is not None:
            program.steps[start : start + length] = [again]
        start += 1


def _again(program: Program, scope: ScopeStep, run: Sequence[Step]) -> ScopeStep | None:
    twins = flat(scope.body.steps)
    same: dict[int, int] = {}
    if len(run) != len(twins):
        return None
    for old, new in zip(twins, run, strict=True):
        if type(old) is not type(new) or len(old.inputs) != len(new.inputs):
            return None
        if old.path and not isinstance(old, MergeStep) and new.shares is not old:
            return None
        if isinstance(old, MergeStep) and _op(old) != _op(new):
            return None
        for a, b in zip([*old.inputs, *old.outputs], [*new.inputs, *new.outputs], strict=True):
            if same.setdefault(a, b) != b:
                return None
    inner = {value for step in run for value in step.outputs}
    outputs = [same[value] for value in scope.outputs]
    others = [step for step in program.steps if step not in run]
    read = {value for step in others for value in step.inputs} | set(program.outputs)
    if (read & inner) - set(outputs):
        return None
    inputs = [same[value] for value in scope.inputs]
    return ScopeStep(
        inputs, outputs, scope.path, run[0].training, scope, body=scope.body, run=list(run)
    )


def flat(steps: Sequence[Step]) -> list[Step]:
    """Steps with those of scopes put in their places."""
    found: list[Step] = []
    for step in steps:
        found += flat(step.body.steps) if isinstance(step, ScopeStep) else [step]
    return found


def _op(step: Step) -> str:
    return step.node.op if isinstance(step, MergeStep) else ""


# --- what is a sequence -----------------------------------------------------------------------


def is_chain(program: Program) -> bool:
    """Whether the steps are modules, each used once, applied to one value after the other."""
    if len(program.inputs) != 1 or len(program.outputs) != 1:
        return False
    current = program.inputs[0]
    for step in program.steps:
        if step.inputs != [current] or not is_module(step):
            return False
        current = step.outputs[0]
    return current == program.outputs[0]


def is_module(step: Step) -> bool:
    """Whether `nn.Sequential` can hold the step: one value in, one out, a module of its own."""
    if step.shares is not None or len(step.inputs) != 1 or len(step.outputs) != 1:
        return False
    if isinstance(step, LayerStep):
        return bool(step.path) and not step.moved and step.size is None
    if isinstance(step, LoopStep):
        return bool(step.body.steps) and is_chain(step.body)
    if isinstance(step, (MergeStep, ParameterStep)):
        return False
    return isinstance(step, (CallStep, ScopeStep))


def is_numbered(steps: Sequence[Step], depth: int) -> bool:
    """Whether the modules' names are 0, 1, 2 … in the order of the steps."""
    return _count(steps, depth, 0) is not None


def _count(steps: Sequence[Step], depth: int, number: int) -> int | None:
    """The next number, if names go on from `number`.

    Names in a loop are told by their first iteration: positions have no gaps.
    """
    for step in steps:
        if step.shares is not None:
            continue
        if isinstance(step, LoopStep):
            if _count(step.body.steps, depth, number) is None:
                return None
            number += _width(step.body.steps) * step.count
        elif step.path:
            if len(step.path) != depth + 1:
                return None
            segment = step.path[depth]
            numbered = isinstance(segment, Numbered) and not segment.prefix
            found = str(segment.base) if isinstance(segment, Numbered) and numbered else segment
            if found != str(number):
                return None
            number += 1
    return number


def _width(steps: Sequence[Step]) -> int:
    """How many names one pass through the steps makes."""
    total = 0
    for step in steps:
        if step.shares is not None:
            continue
        if isinstance(step, LoopStep):
            total += step.count * _width(step.body.steps)
        elif step.path:
            total += 1
    return total
