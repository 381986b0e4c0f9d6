"""Budgets of the configuration, with costs that are counted by hand."""

from __future__ import annotations

from netspec.analysis.budget import check_budgets
from netspec.config import Settings
from netspec.config.reading import read
from netspec.diagnostics import Severity
from netspec.source import SourceFile
from tests.helpers import network

# a: 3*3*3*8 + 8 = 224 parameters, 6*6*8*27 = 7,776 multiply-accumulates, 288 activations;
# b: 8*4 + 4 = 36 parameters, 6*6*4*8 = 1,152 multiply-accumulates, 144 activations.
SMALL = "net Small {\n  input 3x8x8\n  a: conv 8 3x3\n  b: conv 4 1x1\n}\n"
OPEN = "net Open {\n  input 3xHxW\n  a: conv 8 3x3\n  b: conv 4 1x1\n}\n"


def budgets(text: str) -> Settings:
    found, diagnostics = read(SourceFile("netspec.toml", f"[budgets]\n{text}"), "netspec", ())
    assert not diagnostics
    return found


def test_what_is_allowed_may_be_reached() -> None:
    settings = budgets("'*.net' = { max-params = 260, max-macs = 8_928, max-activations = 432 }")
    assert not check_budgets([network(SMALL)], settings, "small.net")


def test_each_amount_that_is_exceeded() -> None:
    settings = budgets("'*.net' = { max-params = '0.2K', max-macs = 8_927, max-activations = 431 }")
    net = network(SMALL)
    params, macs, activations = check_budgets([net], settings, "small.net")
    assert params.name == "over-budget" and params.severity is Severity.ERROR
    assert params.message == "params of Small is 260, more than the 0.2K allowed"
    assert params.label == "params is 260"
    assert params.span == net.span
    assert params.notes == ("largest: a 224, b 36", "the budget is set here")
    place = params.remarks[-1].span
    assert place is not None and place.text == "'0.2K'" and place.file.name == "netspec.toml"
    assert macs.message == "macs of Small is 8,928, more than the 8,927 allowed"
    assert macs.notes[0] == "largest: a 7,776, b 1,152"
    assert activations.message == "activations of Small is 432, more than the 431 allowed"


def test_budgets_of_other_files_and_nets() -> None:
    settings = budgets("'other.net'.max-params = 1\n'*.net::Large'.max-params = 1\n")
    assert not check_budgets([network(SMALL)], settings, "small.net")


def test_open_sizes() -> None:
    settings = budgets("'*.net' = { max-params = 259, max-macs = 1, max-activations = 1 }")
    params, open_ = check_budgets([network(OPEN)], settings, "open.net")
    assert params.name == "over-budget"
    assert open_.name == "budget-unknown" and open_.severity is Severity.WARNING
    assert "Open" in open_.message and "H and W are open" in open_.message.replace("`", "")
    assert "macs and activations" in open_.label
    assert any("`inputs`" in text for text in open_.helps)
