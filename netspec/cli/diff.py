"""`netspec diff`: what changed from one spec, or one revision of it, to another.

What changed is found by `analysis.compare`, how it is shown is left to `reports`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspec import revisions
from netspec.analysis.budget import check_budgets
from netspec.analysis.choose import Chosen, NoSuchNet, split
from netspec.analysis.compare import Comparison, compare
from netspec.analysis.loading import Verdict
from netspec.analysis.summary import TooManyLayers
from netspec.cli.console import Console, Usage
from netspec.cli.endings import REPORT, format_of
from netspec.cli.target import choose_from, refuse_to_overwrite, usage
from netspec.config import find, load
from netspec.diagnostics import Severity
from netspec.files import STDIN, STDIN_NAME, Files
from netspec.graph.graph import Network
from netspec.lint import registry
from netspec.record import record
from netspec.writing import write_atomic

if TYPE_CHECKING:
    import argparse

#: What --fail-on takes.
CONDITIONS = ("weights", "shape", "budget")
FORMATS = ("text", "json", "markdown")


@record
class _Target:
    """One side of the comparison; `named` where the command line says which net."""

    chosen: Chosen
    named: bool


def run(options: argparse.Namespace, console: Console) -> int:
    """Print or write the comparison; 1 where a condition of --fail-on is met."""
    conditions = conditions_of(options.fail_on)
    if all(spec in (STDIN, STDIN_NAME) for spec in (options.old, options.new)):
        raise Usage("standard input is one of the two, not both")
    old = _target(options.old, options, console)
    new = _target(options.new, options, console)
    for side in (old, new):
        if isinstance(side, int):
            return max(s for s in (old, new) if isinstance(s, int))
    assert isinstance(old, _Target) and isinstance(new, _Target)
    pairs, added, removed = _pairs(old, new)
    try:
        comparisons = [compare(a, b) for a, b in pairs]
    except TooManyLayers as refusal:
        raise Usage(str(refusal)) from None
    if options.output != "-":
        for side in (old, new):
            refuse_to_overwrite(side.chosen, options.output)
    write(options, console, comparisons, added, removed)
    limits = Limits(options.new) if "budget" in conditions else None
    met = [
        line
        for c, (_, after) in zip(comparisons, pairs, strict=True)
        for line in met_by(c, after, conditions, limits)
    ]
    if removed and {"weights", "shape"} & set(conditions):
        met.append(f"{', '.join(removed)} removed")
    for line in met:
        console.complain(f"--fail-on: {line}")
    return int(bool(met))


def write(
    options: argparse.Namespace,
    console: Console,
    comparisons: Sequence[Comparison],
    added: Sequence[str],
    removed: Sequence[str],
) -> None:
    """Print or write the comparisons in the format asked for."""
    form = format_of(options.format, options.output, REPORT)
    if form == "json":
        from netspec.reports.diff_json import render

        text = render(comparisons, added, removed)
    elif form == "markdown":
        from netspec.reports.diff_markdown import render

        text = render(comparisons, added, removed)
    else:
        from netspec.reports.diff_text import render_all

        color = options.output == "-" and console.colored(console.out)
        text = render_all(comparisons, added, removed, color)
    if options.output != "-":
        write_atomic(options.output, f"{text}\n".encode())
    elif form == "text":
        console.print(text)
    else:
        console.text(f"{text}\n")


def conditions_of(given: Sequence[str]) -> list[str]:
    """What --fail-on says; raises Usage."""
    found = [word.strip() for text in given for word in text.split(",")]
    for word in found:
        if word not in CONDITIONS:
            raise Usage(f"--fail-on takes {', '.join(CONDITIONS)}, not {word or 'nothing'}")
    return found


class Limits:
    """The budgets that the configuration has for the new side, which may be a past revision."""

    def __init__(self, spec: str) -> None:
        path = spec.split(":", 2)[2] if revisions.is_name(spec) else spec
        self._path = path.rpartition("::")[0] or path
        files = Files()
        found = find(self._path, files)
        self._configuration = None if found is None else load(found, files, registry.configurable())

    def exceeded(self, network: Network) -> list[str] | None:
        """What is over budget; None where there is no budget for the net."""
        if self._configuration is None:
            return None
        settings = self._configuration.settings
        path = self._configuration.relative(self._path)
        if not settings.limits_of(path, network.name):
            return None
        found = check_budgets([network], settings, path)
        return [d.message for d in found if d.severity is Severity.ERROR]


def met_by(
    comparison: Comparison, new: Network, conditions: Sequence[str], limits: Limits | None
) -> list[str]:
    """A line for each condition that a pair of nets meets.

    Without a budget in the configuration, growth is what a budget is about.
    """
    net = comparison.new.net
    found = []
    if "weights" in conditions and comparison.weights.verdict is not Verdict.STRICT:
        found.append(f"old weights no longer load strictly into {net}")
    if "shape" in conditions and comparison.ports_differ:
        found.append(f"inputs or outputs of {net} differ")
    exceeded = None if limits is None else limits.exceeded(new)
    found += exceeded or []
    if limits is not None and exceeded is None and comparison.grown:
        found.append(f"{net} has more {', '.join(comparison.grown)}")
    return found


# --- which nets -----------------------------------------------------------------------------------


def _target(spec: str, options: argparse.Namespace, console: Console) -> _Target | int:
    """One side, or the exit code where it has errors. Raises Usage and FileProblem."""
    if revisions.is_name(spec):
        path, net = _split(spec)
        past = revisions.Revisions()
        chosen = choose_from(past.read(path), past, net, options, console)
    else:
        with usage():
            path, net = split(spec, os.path.exists)
        path = STDIN if path == STDIN_NAME else path
        files = Files(console.input() if path == STDIN else None)
        chosen = choose_from(files.read(path), files, net, options, console)
    return chosen if isinstance(chosen, int) else _Target(chosen, net is not None)


def _split(spec: str) -> tuple[str, str | None]:
    """`git:REV:path::Net`; a revision and a net hold no colon."""
    head, colons, net = spec.rpartition("::")
    if not colons or head.count(":") < 2:
        return spec, None
    if not net:
        raise Usage(f"{spec} names no net after `::`, such as git:HEAD:resnet.net::ResNet50")
    return head, net


def _pairs(
    old: _Target, new: _Target
) -> tuple[list[tuple[Network, Network]], list[str], list[str]]:
    """The nets to compare, then those that only the new side has, and only the old.

    One net on each side are compared whatever they are called, else those of the same name.
    """
    before, after = _by_name(old.chosen), _by_name(new.chosen)
    if len(before) == 1 and len(after) == 1:
        return [(old.chosen.networks[0], new.chosen.networks[0])], [], []
    if old.named or new.named:
        (name,) = before if old.named else after
        many, path = (after, new.chosen.path) if old.named else (before, old.chosen.path)
        if name not in many:
            with usage():
                raise NoSuchNet(
                    f"there is no net `{name}` in {path}, which has several",
                    [f"{path}::{other}" for other in many],
                )
        return [(before[name], after[name])], [], []
    return (
        [(net, after[name]) for name, net in before.items() if name in after],
        [name for name in after if name not in before],
        [name for name in before if name not in after],
    )


def _by_name(chosen: Chosen) -> Mapping[str, Network]:
    return {network.name: network for network in chosen.networks}
