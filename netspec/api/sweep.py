"""Sweeps over a net's parameters, for Python programs.

What is asked is planned by `analysis.sweep` and run by `session.sweep`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from netspec.analysis.choose import NoSuchNet
from netspec.analysis.sweep.plan import MEASURES, Asked, planned
from netspec.analysis.sweep.ranges import parts_of
from netspec.analysis.sweep.refused import Mistaken, Refused
from netspec.analysis.sweep.result import Sweep
from netspec.api.arguments import Path, mapping, number, number_or_none, text, texts, told
from netspec.api.networks import SIZES, SpecError, expression_of, refused, text_of
from netspec.reports.text import render
from netspec.session.sweep import MOST_JOBS, Interrupted
from netspec.session.sweep import run as run_sweep


class SweepStopped(KeyboardInterrupt):
    """Ctrl-C during a sweep; `sweep` has the variants that were done."""

    def __init__(self, sweep: Sweep) -> None:
        super().__init__()
        self.sweep = sweep


def sweep(
    spec: Path,
    parameters: Mapping[str, object],
    *,
    inputs: Mapping[str, object] | Iterable[object] | str | None = None,
    where: str | Sequence[str] = (),
    measures: Sequence[str] = MEASURES,
    pareto: Sequence[str] | None = None,
    best: str | None = None,
    random: int | None = None,
    seed: int = 0,
    refine: int | None = None,
    jobs: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Variants of a net over its parameters, each checked and measured.

    `parameters` have the values of each by name: a list, tuple, range or other iterable of values
    as `load` takes them, a single number, bool or None, or a string as the command line has it
    (`"32,64,96"`, `"2..5"`, `"32..128:32"`, `"16..256:*2"`). `inputs` are sizes of the only input,
    or of several by name: a list of dims (`["3x192x192", "3x224x224"]`), or one string with commas.

    `where` are conditions as in an `assert`. `measures`, and what `pareto` and `best` are about,
    are expressions (a list, or one string with commas) over what an `assert` knows, in which `/`
    gives a float where it leaves a remainder; each objective is to be small, after a minus or `max`
    to be large. All combinations are made, or `random` different ones drawn with `seed`, or with
    `refine` those around the best, steps being halved so many times. `jobs` is the number of
    processes, None for as many as there is use for; what is found does not depend on it. `progress`
    is told how many of how many are made.

    Raises what `load` raises (but where a variant does not check: those are `failing`), SpecError
    where something is wrong with what is asked for, TypeError or ValueError for what is no number,
    text or mapping, and SweepStopped for Ctrl-C.
    """
    given = mapping("parameters", parameters, '{"width": [32, 64, 96]}')
    asked = Asked(
        {name: _values(values) for name, values in given.items()},
        _sizes(inputs),
        texts("where", where, '"params <= 5M"'),
        _parts("measures", measures),
        None if pareto is None else _parts("pareto", pareto),
        None if best is None else text("best", best, '"min macs"'),
        None,
        number_or_none("random", random, 1),
        number("seed", seed, 0),
        number_or_none("refine", refine, 1),
    )
    processes = number_or_none("jobs", jobs, 1, MOST_JOBS)
    if progress is not None and not callable(progress):
        raise TypeError(f"progress is called with two numbers, and {told(progress)} cannot be")
    try:
        source, files, net = text_of(spec, "sweep")
        plan = planned(source, files.importer(source), net, asked)
        return run_sweep(plan, processes, progress)
    except NoSuchNet as problem:
        raise refused(problem) from None
    except Refused as refusal:
        raise SpecError(str(refusal)) from None
    except Mistaken as mistaken:
        said = "\n\n".join(map(render, mistaken.diagnostics))
        raise SpecError(said, mistaken.diagnostics) from None
    except Interrupted as interrupt:
        raise SweepStopped(interrupt.sweep) from None


def _parts(name: str, given: object) -> tuple[str, ...]:
    """Expressions; a string has them with commas, as on the command line."""
    if isinstance(given, str):
        return tuple(parts_of(given))
    return texts(name, given, '"params", "macs"')


def _values(values: object) -> list[str]:
    """The values of a parameter as the command line writes them."""
    if isinstance(values, str):
        return parts_of(values)
    if isinstance(values, range) and values.step > 0 and values:
        return [f"{values[0]}..{values[-1]}:{values.step}"]
    if isinstance(values, Iterable):
        return [expression_of(value) for value in values]
    return [expression_of(values)]


def _sizes(inputs: Mapping[str, object] | Iterable[object] | str | None) -> dict[str, list[str]]:
    if inputs is None:
        return {}
    if isinstance(inputs, Mapping):
        given = mapping("inputs", inputs, SIZES)
        return {name: _values(values) for name, values in given.items()}
    return {"": _values(inputs)}
