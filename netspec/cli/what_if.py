"""`netspec what-if`: what would change with other parameters, inputs, or arguments of layers.

What it would be is found by `analysis.what_if`; how it is shown, and when it fails, is that of
`netspec diff`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec.analysis.compare import compare
from netspec.analysis.places import NoSuchPath
from netspec.analysis.summary import TooManyLayers
from netspec.analysis.what_if import WrongSetting, what_if
from netspec.cli.console import Console, Usage
from netspec.cli.diff import Limits, conditions_of, met_by, write
from netspec.cli.target import (
    code_of,
    inputs_of,
    parameters_of,
    refuse_to_overwrite,
    text_of,
    usage,
)

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, console: Console) -> int:
    """Print or write the comparison; 1 where the changed net has errors, or as `diff` does."""
    conditions = conditions_of(options.fail_on)
    parameters, inputs = parameters_of(options.parameters), inputs_of(options.inputs)
    settings = settings_of(options.settings)
    if not (parameters or inputs or settings):
        raise Usage(
            "what if what? -p sets a parameter, --input a size, --set an argument, such as "
            "--set layer3.0.conv2.stride=1"
        )
    text = text_of(options.spec, console)
    if isinstance(text, int):
        return text
    source, reader, net = text
    try:
        with usage():
            found = what_if(source, reader, net, parameters, inputs, settings)
    except NoSuchPath as problem:
        raise Usage(f"--set: {problem}", problem.choices) from None
    except WrongSetting as problem:
        console.show(problem.diagnostics, console.err)
        raise Usage(f"--set: {problem}") from None
    if found.changed is None:
        console.show(found.old.diagnostics, console.err)
        return 1
    console.show(found.changed.diagnostics, console.err)
    if found.changed.failed:
        return code_of(found.changed.diagnostics)
    old, new = found.old.one("what-if"), found.changed.one("what-if")
    try:
        comparison = compare(old, new)
    except TooManyLayers as refusal:
        raise Usage(str(refusal)) from None
    if options.output != "-":
        refuse_to_overwrite(found.old, options.output)
    write(options, console, [comparison], (), ())
    limits = Limits(options.spec) if "budget" in conditions else None
    met = met_by(comparison, new, conditions, limits)
    for line in met:
        console.complain(f"--fail-on: {line}")
    return int(bool(met))


def settings_of(given: Sequence[str]) -> dict[str, str]:
    """What `--set` says, by path and argument; raises Usage."""
    found: dict[str, str] = {}
    for text in given:
        target, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not target or not value:
            raise Usage(
                f"--set takes PATH.ARGUMENT=VALUE, such as layer3.0.conv2.stride=1, not {text}"
            )
        if "." not in target:
            raise Usage(
                f"--set takes PATH.ARGUMENT=VALUE, and {target} names no path; "
                f"a parameter of the net is set by -p {target}={value}"
            )
        if target in found:
            raise Usage(f"--set {target} is given twice")
        found[target] = value
    return found
