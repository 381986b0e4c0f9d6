"""Checks what networks cost against the budgets of the configuration.

Which budget speaks of which net is said by the settings; budgets that stand in a spec are
`assert` statements, which `assertions` checks.
"""

from __future__ import annotations

from collections.abc import Iterable

from netspec.analysis.cost import totals
from netspec.analysis.largest import figure, largest_parts
from netspec.config.model import Amount, Settings
from netspec.diagnostics import Diagnostic, Severity, help_, note
from netspec.graph.graph import Network
from netspec.graph.size import Size
from netspec.ops.wording import listed


def check_budgets(networks: Iterable[Network], settings: Settings, path: str) -> list[Diagnostic]:
    """A diagnostic for each amount that a net exceeds, or cannot be compared with.

    `path` is that of the spec, relative to the configuration's folder. The order is that of the
    nets, then params, macs, activations.
    """
    found: list[Diagnostic] = []
    for network in networks:
        limits = settings.limits_of(path, network.name)
        if not limits:
            continue
        undecided: list[tuple[str, Amount]] = []
        costs = totals(network.root)
        values = {
            "params": costs.params,
            "macs": costs.macs,
            "activations": costs.activations,
        }
        for measure, value in values.items():
            amount = limits.get(measure)
            if amount is None:
                continue
            if isinstance(value, Size):
                undecided.append((measure, amount))
            elif value > amount.value:
                found.append(_over(network, measure, value, amount))
        if undecided:
            found.append(_unknown(network, undecided))
    return found


def _over(network: Network, measure: str, value: int, amount: Amount) -> Diagnostic:
    return Diagnostic(
        "over-budget",
        f"{measure} of {network.name} is {figure(value)}, more than the {amount.text} allowed",
        network.span,
        f"{measure} is {figure(value)}",
        (
            *largest_parts(network.root, measure),
            note("the budget is set here", amount.span, f"{measure} of at most {amount.text}"),
        ),
    )


def _unknown(network: Network, limits: list[tuple[str, Amount]]) -> Diagnostic:
    symbols = listed(list(network.conditions.symbols))
    verb = "is" if len(network.conditions.symbols) == 1 else "are"
    measures = " and ".join(measure for measure, _ in limits)
    return Diagnostic(
        "budget-unknown",
        f"the budget of {network.name} cannot be judged while {symbols} {verb} open",
        network.span,
        f"{measures} known once {symbols} {verb}",
        (
            *(
                note("the budget is set here", amount.span, f"{measure} of at most {amount.text}")
                for measure, amount in limits
            ),
            help_("a size under `inputs` in the configuration judges it at that size"),
        ),
        Severity.WARNING,
    )
