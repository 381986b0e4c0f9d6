"""What is wrong with a configuration file, or goes beyond what it allows, explained.

None of it comes from a spec's text alone, so that no example stands here; lint rules explain
themselves.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation
from netspec.diagnostics.diagnostic import Severity

EXPLANATIONS = (
    Explanation(
        "invalid-configuration",
        "the configuration file is not TOML",
        "A netspec.toml, or a pyproject.toml with `[tool.netspec]`, has to be TOML as a whole. "
        "The place is the one at which reading stopped; the slip may be a little before it.",
    ),
    Explanation(
        "unknown-setting",
        "the configuration has a key that there is not",
        "A misspelt key would otherwise set nothing, and nobody would notice. Keys are written "
        "with hyphens: `per-file-ignores`.",
    ),
    Explanation(
        "unknown-rule",
        "the configuration names a rule that there is not",
        "Where rules are named, each name must be that of a rule, or a pattern such as "
        "`dropout-*` that matches at least one. Errors of the language are no rules, and cannot be "
        "ignored.",
    ),
    Explanation(
        "wrong-setting",
        "a value in the configuration is not what its key takes",
        "Each key takes values of one kind: an array of strings, a severity, an amount such as "
        '`"26M"`. The key is left out, and the others hold.',
    ),
    Explanation(
        "over-budget",
        "a net costs more than the configuration allows",
        "`budgets` sets what the nets of a project may cost in parameters, multiply-accumulates "
        "and activations, by file or by net. The message gives the number and where most of it "
        "lies; a note points at the amount.",
    ),
    Explanation(
        "budget-unknown",
        "a budget depends on a size that is open",
        "With symbolic sizes, multiply-accumulates and activations are expressions, which no "
        "amount can be compared with. A size under `inputs` in the configuration judges the net "
        "at that size.",
        severity=Severity.WARNING,
    ),
)
