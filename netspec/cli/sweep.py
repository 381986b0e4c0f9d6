"""`netspec sweep`: variants of a net over its parameters, each checked and measured.

Which variants there are, and what they cost, is left to `analysis.sweep`, running them to
`session.sweep`, how they are shown to `reports`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspec.analysis.choose import Chosen, split
from netspec.analysis.sweep.plan import MEASURES, Asked, Plan, planned
from netspec.analysis.sweep.ranges import parts_of
from netspec.analysis.sweep.refused import Mistaken, Refused
from netspec.analysis.sweep.result import Sweep
from netspec.cli.console import Console, Usage
from netspec.cli.endings import TABLE, format_of
from netspec.cli.progress import Progress, watched
from netspec.cli.summary import configured
from netspec.cli.target import text_of, usage
from netspec.files import location
from netspec.record import replace
from netspec.session import Lost
from netspec.session.sweep import MOST_JOBS, Interrupted
from netspec.session.sweep import run as run_plan
from netspec.writing import write_atomic

if TYPE_CHECKING:
    import argparse

FORMATS = ("text", "csv", "json", "markdown")
INTERRUPTED, FAULT = 130, 101


def run(options: argparse.Namespace, console: Console) -> int:
    """Print or write the variants; 1 where the spec has errors, or no variant is to be had."""
    for output in (options.output, options.plot):
        _refuse_the_spec(options.spec, output)
    if options.plot not in (None, "-") and options.plot == options.output:
        raise Usage(f"-o and --plot both name {options.output}")
    options.format = format_of(options.format, options.output, TABLE)
    _refuse_other_plots(options.plot)
    asked, jobs, top = _asked(options), _jobs(options.jobs), _number("--top", options.top, 1)
    plan = _plan(options.spec, asked, console)
    if isinstance(plan, int):
        return plan
    sizes = _configured(plan, options)
    if sizes:
        plan = _plan(options.spec, replace(asked, inputs=_inputs(sizes)), console)
        if isinstance(plan, int):
            return plan
    console.show(plan.warnings, console.err)
    progress = Progress(console.err, "variants") if watched(console.err) else None
    stopped = False
    try:
        sweep = run_plan(plan, jobs, progress)
    except Interrupted as interrupt:
        sweep, stopped = interrupt.sweep, True
    except Lost as loss:
        _clear(progress)
        console.complain(str(loss))
        return FAULT
    except Refused as refusal:
        raise Usage(str(refusal)) from None
    except Mistaken as mistaken:
        _clear(progress)
        console.show(mistaken.diagnostics, console.err)
        return 2
    finally:
        _clear(progress)
    _write(options, sweep, top, console)
    if stopped:
        console.complain(f"interrupted: {sweep.done:,} of {sweep.total:,} variants are kept")
        return INTERRUPTED
    return 0 if len(sweep) else 1


def _clear(progress: Progress | None) -> None:
    if progress is not None:
        progress.clear()


def _plan(spec: str, asked: Asked, console: Console) -> Plan | int:
    """What is to be done, or the exit code where there are errors."""
    text = text_of(spec, console)
    if isinstance(text, int):
        return text
    source, reader, net = text
    with usage():
        try:
            plan = planned(source, reader, net, asked)
        except Refused as refusal:
            raise Usage(str(refusal)) from None
        except Mistaken as mistaken:
            console.show(mistaken.diagnostics, console.err)
            return 2 if mistaken.asked else 1
    return plan


def _configured(plan: Plan, options: argparse.Namespace) -> tuple[str, ...]:
    """The sizes that the configuration has, where those of the net are open; as the first point has
    it."""
    if options.inputs:
        return ()
    variants, first = plan.variants, plan.parameters(0)
    network = variants.together(lambda: variants.made(first, {})).network
    if network is None:
        return ()
    path = variants.module.file.source.name
    return configured(Chosen(path, (network,), (), (), False), options)


def _write(options: argparse.Namespace, sweep: Sweep, top: int | None, console: Console) -> None:
    variants = sweep.selected(top, options.pareto_only)
    failing = () if options.pareto_only or top is not None else sweep.failing
    to_terminal = options.output == "-"
    if options.format == "text":
        from netspec.reports.sweep_text import render

        color = to_terminal and console.colored(console.out)
        text = f"{render(sweep, variants, color)}\n"
    elif options.format == "csv":
        from netspec.reports.sweep_data import render_csv

        text = render_csv(sweep, variants, failing)
    elif options.format == "json":
        from netspec.reports.sweep_data import render_json

        text = render_json(sweep, variants, failing)
    else:
        from netspec.reports.sweep_data import render_markdown

        text = render_markdown(sweep, variants)
    if options.plot is not None:
        from netspec.reports.sweep_plot import NothingToPlot, drawn, sketched

        try:
            if options.plot == "-":
                text += f"\n{sketched(sweep)}\n"
            else:
                write_atomic(options.plot, drawn(sweep).encode("utf-8"))
        except NothingToPlot as problem:
            console.remark(f"netspec: no plot: {problem}")
    if not to_terminal:
        write_atomic(options.output, text.encode("utf-8"))
    elif options.format == "text":
        console.print(text.removesuffix("\n"))
    else:
        console.text(text)


def _refuse_the_spec(spec: str, output: str | None) -> None:
    """Usage where the result would take the place of the spec itself."""
    if output in (None, "-"):
        return
    with usage():
        path = location(split(spec, os.path.exists)[0])
    if os.path.exists(path) and os.path.exists(output) and os.path.samefile(path, output):
        raise Usage(f"{output} is the spec; -o and --plot name files to write")


def _refuse_other_plots(plot: str | None) -> None:
    """Usage where the ending of a plot names a format that it is not written in."""
    ending = os.path.splitext(plot or "")[1].lower()
    if ending not in ("", ".svg"):
        raise Usage(f"--plot writes SVG, and {plot} ends in {ending}; a name in .svg says so")


# --- what is asked for ----------------------------------------------------------------------------


def _asked(options: argparse.Namespace) -> Asked:
    if options.plot == "-" and options.format != "text":
        raise Usage("--plot - draws below the table, and goes with --format text alone")
    given = options.pareto
    pareto = None if given is None else [part for text in given for part in parts_of(text)]
    random = _number("--random", options.random, 1)
    seed = _number("--seed", options.seed, 0)
    if options.grid and (random is not None or options.refine is not None):
        raise Usage("--grid takes every point, --random and --refine take some of them")
    if seed is not None and random is None:
        raise Usage("--seed goes with --random N")
    measures = [part for text in options.measures or () for part in parts_of(text)]
    best, sort = _one("--best", options.best), _one("--sort", options.sort)
    return Asked(
        _parameters(options.parameters),
        _inputs(options.inputs),
        options.where,
        measures or MEASURES,
        pareto,
        best,
        sort,
        random,
        seed or 0,
        _number("--refine", options.refine, 1),
    )


def _parameters(given: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not name or not values:
            raise Usage(f"-p takes name=values, such as width=32,64,96 or depth=2..5, not {text}")
        if name in found:
            raise Usage(f"-p {name} is given twice; its values stand behind one =, with commas")
        found[name] = parts_of(values)
    return found


def _inputs(given: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        before, equals, after = (part.strip() for part in text.partition("="))
        name, sizes = (before, after) if equals else ("", before)
        if not sizes:
            raise Usage(f"--input takes dims, such as 3x192x192,3x224x224, not {text}")
        if name in found:
            raise Usage(f"--input{f' {name}' if name else ''} is given twice")
        found[name] = parts_of(sizes)
    return found


def _one(option: str, given: Sequence[str] | None) -> str | None:
    """What an option says that is given once or not at all."""
    if given and len(given) > 1:
        raise Usage(f"{option} is given twice: {' and '.join(given)}")
    return given[0] if given else None


def _number(option: str, text: str | None, least: int) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) < least:
        raise Usage(f"{option} takes a number from {least}, not {text}")
    return int(text)


def _jobs(text: str | None) -> int | None:
    jobs = _number("--jobs", text, 1)
    if jobs is not None and jobs > MOST_JOBS:
        raise Usage(f"--jobs takes a number from 1 to {MOST_JOBS}, not {text}")
    return jobs
