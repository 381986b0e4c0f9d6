"""The model of the list of rules."""

from __future__ import annotations

from typing import Literal

from netspec.reports.schema.base import Model


class Rule(Model):
    """A rule, with an example that it finds and one that it does not."""

    name: str
    default: Literal["error", "warning", "off"]
    fixable: bool
    summary: str
    why: str
    source: str
    wrong: str
    right: str


class Rules(Model):
    """What `netspec rules --json` prints."""

    format_version: Literal[1]
    rules: list[Rule]
