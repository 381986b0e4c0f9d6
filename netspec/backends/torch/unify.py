"""One program for several uses of a block: steps that all share, and steps that some lack.

A use (a lane) that lacks a step passes the step's first value on instead. Where uses differ in more
than that there is no such program, and the block gets a class for each kind of use.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from netspec.backends.torch.code import Lit
from netspec.backends.torch.merge import MERGES
from netspec.backends.torch.places import key_of
from netspec.backends.torch.steps import (
    CallStep,
    LayerStep,
    LoopStep,
    MergeStep,
    ParameterStep,
    Program,
    ScopeStep,
    Step,
    text_of,
)
from netspec.graph.shape import Shape
from netspec.record import field, record, replace
from netspec.syntax import tree

#: Lists of steps longer than this are compared one by one, not aligned.
LONGEST = 400


class Different(Exception):
    """The uses have no common program."""


@record(frozen=False)
class Unified:
    """The common program; `lanes` gives each step's counterparts, None where a lane lacks it.

    `values` gives for each lane what number a value of the program has there.
    """

    program: Program
    lanes: dict[Step, tuple[Step | None, ...]] = field(default_factory=dict)
    values: list[dict[int, int]] = field(default_factory=list)
    #: For each loop whose iterations differ: those of all lanes, as lanes of its body.
    series: dict[LoopStep, Series] = field(default_factory=dict)
    shapes: list[dict[int, Shape]] = field(default_factory=list)

    def lane_shapes(self, value: int) -> list[Shape]:
        """The value's shape in each lane."""
        return [
            shapes[values[value]] for shapes, values in zip(self.shapes, self.values, strict=True)
        ]


@record
class Series:
    """The body of a loop; `turns` gives for each of its lanes the one of the loop, and which
    iteration it is.
    """

    body: Unified
    turns: tuple[tuple[int, int], ...]


def unify(programs: Sequence[Program], shapes: Sequence[dict[int, Shape]]) -> Unified:
    """Raises `Different`."""
    unified = Unified(Program([], [], []), {}, [{} for _ in programs], shapes=list(shapes))
    unified.program = _Unifier(unified).program(programs)
    return unified


class _Unifier:
    def __init__(self, unified: Unified) -> None:
        self.unified = unified
        self.numbers = count()
        self.twin: dict[Step, Step] = {}

    def program(self, programs: Sequence[Program]) -> Program:
        first = programs[0]
        for other in programs:
            if len(other.inputs) != len(first.inputs) or len(other.outputs) != len(first.outputs):
                raise Different
        inputs = []
        for place in range(len(first.inputs)):
            number = next(self.numbers)
            for lane, program in enumerate(programs):
                self.unified.values[lane][number] = program.inputs[place]
            inputs.append(number)
        known = list(inputs)
        steps = []
        for row in _rows([program.steps for program in programs]):
            step = self._step(row, known)
            steps.append(step)
            known += step.outputs
        lanes = range(len(programs))
        outputs = [
            self._find([(lane, programs[lane].outputs[i]) for lane in lanes], known)
            for i in range(len(first.outputs))
        ]
        return Program(inputs, steps, outputs)

    def _find(self, wanted: Sequence[tuple[int, int]], known: Sequence[int]) -> int:
        """The latest common value that is the wanted one in each of the lanes."""
        for number in reversed(known):
            if all(self.unified.values[lane].get(number) == value for lane, value in wanted):
                return number
        raise Different

    def _step(self, row: tuple[Step | None, ...], known: list[int]) -> Step:
        present = [(lane, step) for lane, step in enumerate(row) if step is not None]
        first = present[0][1]
        for _, step in present:
            _check_alike(first, step)
        inputs = [
            self._find([(lane, step.inputs[i]) for lane, step in present], known)
            for i in range(len(first.inputs))
        ]
        outputs = [next(self.numbers) for _ in first.outputs]
        missing = [lane for lane, step in enumerate(row) if step is None]
        if missing and (len(outputs) != 1 or not inputs):
            raise Different
        for lane, step in present:
            for number, value in zip(outputs, step.outputs, strict=True):
                self.unified.values[lane][number] = value
        for lane in missing:
            values = self.unified.values[lane]
            values[outputs[0]] = values[inputs[0]]
        made = replace(first, inputs=inputs, outputs=outputs, shares=None)
        if first.shares is not None:
            twins = {self.twin.get(step.shares) for _, step in present if step.shares is not None}
            if len(twins) != 1 or None in twins:
                raise Different
            made.shares = twins.pop()
        if isinstance(made, LoopStep) and isinstance(first, LoopStep) and first.iterations:
            loops = [(lane, step) for lane, step in present if isinstance(step, LoopStep)]
            series = self._series(loops)
            self.unified.series[made] = series
            made.body, made.iterations = series.body.program, []
        elif isinstance(made, ScopeStep | LoopStep):
            bodies = [s.body for _, s in present if isinstance(s, ScopeStep | LoopStep)]
            inner = _Unifier(
                Unified(
                    Program([], [], []),
                    self.unified.lanes,
                    [self.unified.values[lane] for lane, _ in present],
                    shapes=[self.unified.shapes[lane] for lane, _ in present],
                )
            )
            inner.numbers = self.numbers
            inner.twin = self.twin
            inner.unified.lanes = {}
            made.body = inner.program(bodies)
            for step, lanes in inner.unified.lanes.items():
                spread: list[Step | None] = [None] * len(row)
                for (lane, _), twin in zip(present, lanes, strict=True):
                    spread[lane] = twin
                self.unified.lanes[step] = tuple(spread)
            for loop, series in inner.unified.series.items():
                turns = tuple((present[lane][0], turn) for lane, turn in series.turns)
                self.unified.series[loop] = Series(series.body, turns)
        self.unified.lanes[made] = row
        for _, step in present:
            self.twin[step] = made
        return made

    def _series(self, loops: Sequence[tuple[int, LoopStep]]) -> Series:
        """One body for all iterations of all lanes."""
        turns = [(lane, turn) for lane, step in loops for turn in range(len(step.iterations))]
        body = Unified(
            Program([], [], []),
            {},
            # What an iteration computes is its own, though its lane is that of others too.
            [dict(self.unified.values[lane]) for lane, _ in turns],
            shapes=[self.unified.shapes[lane] for lane, _ in turns],
        )
        inner = _Unifier(body)
        inner.numbers = self.numbers
        inner.twin = self.twin
        body.program = inner.program([b for _, step in loops for b in step.iterations])
        return Series(body, tuple(turns))


def _check_alike(a: Step, b: Step) -> None:
    """Raises `Different` where two steps cannot be one."""
    if (
        type(a) is not type(b)
        or len(a.inputs) != len(b.inputs)
        or len(a.outputs) != len(b.outputs)
        or a.training != b.training
        or (a.shares is None) != (b.shares is None)
        or not _named_alike(a, b)
    ):
        raise Different
    match a, b:
        case LayerStep(), LayerStep():
            same = (a.node.op == b.node.op or (_held(a) and _held(b))) and a.moved == b.moved
            same = same and (a.size is None) == (b.size is None)
            if a.size is not None and b.size is not None:
                same = same and (a.size.terms, a.size.whole) == (b.size.terms, b.size.whole)
        case MergeStep(), MergeStep():
            same = a.node.op == b.node.op and _merged(a) == _merged(b)
        case CallStep(), CallStep():
            same = a.node.instance.definition is b.node.instance.definition or (
                _held(a) and _held(b)
            )
            same = same and a.taps == b.taps
        case LoopStep(), LoopStep():
            same = bool(a.iterations) == bool(b.iterations)
        case ParameterStep(), ParameterStep():
            same = a.node.attributes["init"] == b.node.attributes["init"]
        case _:
            same = True
    if not same:
        raise Different


def _held(step: LayerStep | CallStep) -> bool:
    """Whether its text has not the layer's own name, but one that stands for it."""
    statement = text_of(step)
    name = step.node.op if isinstance(step, LayerStep) else step.node.instance.name
    held = isinstance(statement, tree.Apply) and statement.layer.id != name
    return held or bool(step.node.via)


def _named_alike(a: Step, b: Step) -> bool:
    """Positions may shift where a step before is left out, other names may not."""
    if len(a.path) != len(b.path) or a.path[:-1] != b.path[:-1]:
        return False
    if not a.path or a.path[-1] == b.path[-1]:
        return True
    if isinstance(a.path[-1], str) and isinstance(b.path[-1], str):
        return a.path[-1].isdigit() and b.path[-1].isdigit()
    return False


def _merged(step: MergeStep) -> object:
    """What a merge is, apart from its values."""
    return MERGES[step.node.op](step.node.attributes, [Lit(i) for i in range(len(step.inputs))])


def _key(step: Step) -> object:
    if isinstance(step, ScopeStep):
        return ("scope", step.path)
    if isinstance(step, ParameterStep):
        return ("parameter", step.path)
    if isinstance(step, LayerStep | CallStep | MergeStep | LoopStep):
        statement = text_of(step)
        return (type(step), key_of(statement.span) if statement is not None else step.path)
    return type(step)


def _rows(lists: Sequence[Sequence[Step]]) -> list[tuple[Step | None, ...]]:
    """The lists of steps side by side, gaps where a lane lacks a step."""
    rows: list[list[Step | None]] = [[step] for step in lists[0]]
    keys = [_key(step) for step in lists[0]]
    for lane, steps in enumerate(lists[1:], 1):
        own = [_key(step) for step in steps]
        if own == keys:
            for row, step in zip(rows, steps, strict=True):
                row.append(step)
            continue
        if max(len(own), len(keys)) > LONGEST:
            raise Different
        merged: list[list[Step | None]] = []
        merged_keys: list[object] = []
        ends = [next(_end(step) for step in row if step is not None) for row in rows]
        for i, j in _aligned(keys, own, ends, [_end(step) for step in steps]):
            row = rows[i] if i is not None else [None] * lane
            row.append(steps[j] if j is not None else None)
            merged.append(row)
            merged_keys.append(keys[i] if i is not None else own[j] if j is not None else None)
        rows, keys = merged, merged_keys
    return [tuple(row) for row in rows]


def _end(step: Step) -> int:
    """Where the statement of a step ends in the text, for steps that no use has both of.

    What stands inside a merge ends before it, as it is computed before it.
    """
    if isinstance(step, ScopeStep):
        return max((_end(inner) for inner in step.body.steps), default=0)
    if isinstance(step, ParameterStep | LayerStep | CallStep | MergeStep | LoopStep):
        return step.node.span.end
    return 0


def _aligned(
    a: Sequence[object], b: Sequence[object], a_ends: Sequence[int], b_ends: Sequence[int]
) -> list[tuple[int | None, int | None]]:
    """A longest common subsequence as pairs of places; the rest in the order of the text."""
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            if a[i] == b[j]:
                lengths[i][j] = lengths[i + 1][j + 1] + 1
            else:
                lengths[i][j] = max(lengths[i + 1][j], lengths[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(a) or j < len(b):
        if i < len(a) and j < len(b) and a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif j >= len(b) or (
            i < len(a) and (-lengths[i + 1][j], a_ends[i]) <= (-lengths[i][j + 1], b_ends[j])
        ):
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return pairs
