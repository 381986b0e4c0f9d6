"""Gathers the iterations of a repeat that were elaborated one by one into a loop again.

Each iteration must take the value of the one before and give one on; their names must count up.
Whether their layers have one text is left to `unify` and `resolve`: where they have none, the
steps stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netspec.backends.torch.steps import LoopStep, Path, Program, ScopeStep, Step
from netspec.graph.graph import Instance, Numbered, Segment, Unrolled
from netspec.record import record, replace
from netspec.syntax import tree

#: In a net, loops that go round fewer times than this are written out.
SHORT = 4


class _Scattered(Exception):
    """The iterations are no loop."""


@record
class Looped:
    """A program with repeats as loops; `longest` is how often one goes round at most."""

    program: Program
    longest: int


def looped(program: Program, instance: Instance, *, every: bool = False) -> Looped | None:
    """The program with the repeats whose bodies read their number as loops, or with every repeat.

    None where there are none.
    """
    shared = {id(step.shares) for step in _every(program.steps) if step.shares is not None}
    gatherer = _Gatherer(instance, shared, every)
    found = gatherer.program(program, 0)
    return Looped(found, gatherer.longest) if gatherer.longest else None


@record(frozen=False)
class _Gatherer:
    instance: Instance
    shared: set[int]
    every: bool
    #: The largest number of iterations gathered.
    longest: int = 0

    def program(self, program: Program, depth: int) -> Program:
        """`depth` is how many repeats the program stands in."""
        steps: list[Step] = []
        for repeat, run in _runs(program.steps, depth):
            if repeat is None:
                steps += [self._inside(step, depth) for step in run]
                continue
            members = set(run)
            others = [step for step in program.steps if step not in members]
            read = {value for step in others for value in step.inputs} | set(program.outputs)
            if not self._is_loop(repeat):
                outputs = [v for step in run for v in step.outputs if v in read]
                steps += self.program(Program([], run, outputs), depth + 1).steps
                continue
            try:
                steps.append(self._loop(repeat, run, read, depth))
            except _Scattered:
                steps += [self._inside(step, depth) for step in run]
        return Program(program.inputs, steps, program.outputs)

    def _is_loop(self, number: int) -> bool:
        """Whether a repeat is to be a loop: the rows of a list read well one below the other."""
        repeat = self.instance.unrolled[number]
        if not repeat.counts or not (repeat.reads or self.every):
            return False
        # Nothing calls a net: how often it goes round there is all there is.
        return len(repeat.starts) >= SHORT or not isinstance(self.instance.definition, tree.Net)

    def _inside(self, step: Step, depth: int) -> Step:
        if isinstance(step, ScopeStep) and step.shares is None and id(step) not in self.shared:
            return replace(step, body=self.program(step.body, depth))
        return step

    def _loop(self, number: int, run: Sequence[Step], read: set[int], depth: int) -> LoopStep:
        """One loop of the steps of a repeat; `read` are the values that others read."""
        repeat = self.instance.unrolled[number]
        count = len(repeat.starts)
        turns: list[list[Step]] = [[] for _ in range(count)]
        for step in run:
            if step.shares is not None or any(id(inner) in self.shared for inner in _every([step])):
                raise _Scattered
            turns[step.turns[depth][1]].append(step)
        if len({step.training for step in run}) != 1 or not all(turns):
            raise _Scattered
        rest = turns[-1][-1]
        if isinstance(rest, LoopStep) and rest.node.statement is repeat.statement:
            return self._packed(repeat, turns[:-1], rest, read, depth)
        coming, results, captured = _flow(turns, read)
        bodies = [
            self.program(Program([value, *captured], steps, [result]), depth + 1)
            for value, steps, result in zip(coming, turns, results, strict=True)
        ]
        scope, bodies = _counted(bodies)
        self.longest = max(self.longest, count)
        return LoopStep(
            [coming[0], *captured],
            [results[-1]],
            scope,
            run[0].training,
            turns=run[0].turns[:depth],
            node=repeat,
            count=count,
            body=bodies[0],
            iterations=bodies,
        )

    def _packed(
        self,
        repeat: Unrolled,
        turns: Sequence[Sequence[Step]],
        rest: LoopStep,
        read: set[int],
        depth: int,
    ) -> LoopStep:
        """As `_loop`, where all iterations after the first ones are alike."""
        coming, results, captured = _flow([*turns, [rest]], read)
        if captured or len(rest.inputs) != 1 or len(rest.body.inputs) != 1:
            raise _Scattered
        bodies = [
            self.program(Program([value], list(steps), [result]), depth + 1)
            for value, steps, result in zip(coming, turns, results, strict=False)
        ]
        # Its names count from the first iteration on that it stands for.
        scope, bodies = _counted([*bodies, _first_of(rest)])
        self.longest = max(self.longest, len(turns) + rest.count)
        return LoopStep(
            [coming[0]],
            [results[-1]],
            scope,
            rest.training,
            turns=rest.turns[:depth],
            node=repeat,
            count=len(turns) + rest.count,
            body=bodies[0],
            iterations=bodies,
        )


def _first_of(loop: LoopStep) -> Program:
    """The first iteration of a loop, with the names that it has there."""

    def named(step: Step) -> Step:
        path = tuple(
            segment if isinstance(segment, str) else _at_first(segment) for segment in step.path
        )
        if isinstance(step, ScopeStep | LoopStep):
            body = Program(step.body.inputs, [named(s) for s in step.body.steps], step.body.outputs)
            return replace(step, path=path, body=body)
        return replace(step, path=path)

    body = loop.body
    return Program(body.inputs, [named(step) for step in body.steps], body.outputs)


def _at_first(segment: Numbered) -> Segment:
    _, *steps = segment.steps
    if steps:
        return Numbered(segment.prefix, segment.base, tuple(steps))
    return f"{segment.prefix}{segment.base}"


def _every(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps, and those inside them."""
    for step in steps:
        yield step
        if isinstance(step, ScopeStep | LoopStep):
            yield from _every(step.body.steps)


def _runs(steps: Sequence[Step], depth: int) -> Iterator[tuple[int | None, list[Step]]]:
    """Steps one after another that belong to one repeat, or to none."""
    start = 0
    while start < len(steps):
        number = _repeat(steps[start], depth)
        end = start + 1
        while end < len(steps) and _repeat(steps[end], depth) == number:
            end += 1
        yield number, list(steps[start:end])
        start = end


def _repeat(step: Step, depth: int) -> int | None:
    turns = _turns_of(step)
    return turns[depth][0] if len(turns) > depth else None


def _turns_of(step: Step) -> tuple[tuple[int, int], ...]:
    """Those of a scope are the ones that all its steps stand in."""
    if not isinstance(step, ScopeStep):
        return step.turns
    inner = [_turns_of(part) for part in step.body.steps]
    common = inner[0] if inner else ()
    for turns in inner:
        while turns[: len(common)] != common:
            common = common[:-1]
    step.turns = common
    return common


def _flow(
    turns: Sequence[Sequence[Step]], read: set[int]
) -> tuple[list[int], list[int], list[int]]:
    """The value that each iteration takes, the one that it gives, and what all of them read."""
    made = [{value for step in steps for value in step.outputs} for steps in turns]
    needs = [
        list(dict.fromkeys(v for step in steps for v in step.inputs if v not in mine))
        for steps, mine in zip(turns, made, strict=True)
    ]
    results: list[int] = []
    for index, mine in enumerate(made):
        later = {value for needed in needs[index + 1 :] for value in needed} | read
        given = mine & later
        if len(given) != 1:
            raise _Scattered
        results.append(given.pop())
    captured: list[int] | None = None
    for index in range(1, len(turns)):
        if results[index - 1] not in needs[index]:
            raise _Scattered
        rest = sorted(value for value in needs[index] if value != results[index - 1])
        if captured is not None and rest != captured:
            raise _Scattered
        captured = rest
    entering = [value for value in needs[0] if value not in (captured or ())]
    if len(entering) != 1:
        raise _Scattered
    return [entering[0], *results[:-1]], results, captured or []


# --- names ------------------------------------------------------------------------------------


def _counted(bodies: Sequence[Program]) -> tuple[Path, list[Program]]:
    """The bodies with names that count up, and the scope that these stand in."""
    paths = [[step.path for step in body.steps if _named(step)] for body in bodies]
    if not paths[0]:
        if any(paths):
            raise _Scattered
        return (), list(bodies)
    # The path of a loop is that of its scope, and has no name of its own.
    depth = min(
        len(step.path) - (not isinstance(step, LoopStep))
        for step in bodies[0].steps
        if _named(step)
    )
    scope = paths[0][0][:depth]
    names = [_names(body, depth) for body in bodies]
    if any(len(row) != len(names[0]) for row in names):
        raise _Scattered
    places = len(names[0])
    found: list[Segment] = [_numbered([row[i] for row in names], places) for i in range(places)]
    renamed = []
    for body, row in zip(bodies, names, strict=True):
        given = dict(zip(row, found, strict=True))
        renamed.append(_renamed(body, depth, given))
    for body in renamed:
        if any(step.path[:depth] != scope for step in body.steps if _named(step)):
            raise _Scattered
    return scope, renamed


def _named(step: Step) -> bool:
    return bool(step.path) or isinstance(step, LoopStep)


def _names(body: Program, depth: int) -> list[Segment]:
    """What an iteration names at that depth, in order."""
    found: dict[Segment, None] = {}
    for step in body.steps:
        if isinstance(step, LoopStep) and len(step.path) == depth:
            for inner in _names(step.body, depth):
                found.setdefault(inner)
        elif len(step.path) > depth:
            found.setdefault(step.path[depth])
    return list(found)


def _numbered(segments: Sequence[Segment], places: int) -> Numbered:
    """The segments of all iterations as one that counts; raises `_Scattered`."""
    rows = [_taken_apart(segment) for segment in segments]
    prefix, base, steps = rows[0]
    # Of a single iteration nothing tells how it counts: labels by one, positions by their number.
    stride = rows[1][1] - base if len(rows) > 1 else 1 if prefix else places
    for index, row in enumerate(rows):
        if row != (prefix, base + index * stride, steps):
            raise _Scattered
    return Numbered(prefix, base, (stride, *steps))


def _taken_apart(segment: Segment) -> tuple[str, int, tuple[int, ...]]:
    if isinstance(segment, Numbered):
        return segment.prefix, segment.base, segment.steps
    match = re.fullmatch(r"(.*?)(0|[1-9]\d*)", segment)
    if match is None:
        raise _Scattered
    return match[1], int(match[2]), ()


def _renamed(program: Program, depth: int, names: dict[Segment, Segment]) -> Program:
    return Program(
        program.inputs,
        [_renamed_step(step, depth, names) for step in program.steps],
        program.outputs,
    )


def _renamed_step(step: Step, depth: int, names: dict[Segment, Segment]) -> Step:
    path = step.path
    if len(path) > depth:
        path = (
            *path[:depth],
            names.get(path[depth], path[depth]),
            *(_nested(segment) for segment in path[depth + 1 :]),
        )
    if isinstance(step, LoopStep):
        iterations = [_renamed(body, depth, names) for body in step.iterations]
        body = iterations[0] if iterations else _renamed(step.body, depth, names)
        return replace(step, path=path, body=body, iterations=iterations)
    if isinstance(step, ScopeStep):
        return replace(step, path=path, body=_renamed(step.body, depth, names))
    return replace(step, path=path)


def _nested(segment: Segment) -> Segment:
    """A name further in, which does not count with this loop."""
    if isinstance(segment, str):
        return segment
    return Numbered(segment.prefix, segment.base, (0, *segment.steps))
