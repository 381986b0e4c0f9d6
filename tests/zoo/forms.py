"""Closed forms of a net of the zoo, and the same net elaborated at concrete sizes.

A form's value is found from its text, by Python: the arithmetic of `netspec.graph.size` has no part
in it. What is expected of the two is left to the tests.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import gcd

from netspec.analysis.cost import Totals, layer_totals, node_totals, totals
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Request, elaborate
from netspec.elaborate.kept import Kept
from netspec.files import Files
from netspec.graph.graph import Instance, Network, Node
from netspec.graph.size import Dim
from netspec.graph.walk import FlatNode, callee, flatten
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.tree import File

#: Kept instances beyond which all are forgotten: each elaboration looks through them.
KEPT = 1500


def divided(dividend: int, divisor: int) -> int:
    """An exact quotient: `H/32` is a size only where nothing is left over."""
    quotient, rest = divmod(dividend, divisor)
    assert rest == 0, f"{dividend} / {divisor}"
    return quotient


class _Whole(ast.NodeTransformer):
    """`floor(a / b)` is `a // b`; any other `a / b` has to be exact; `gcd` is what it says."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if len(node.args) == 2:
            return ast.Call(node.func, [self.visit(part) for part in node.args], [])
        (inner,) = node.args
        assert isinstance(inner, ast.BinOp)
        left, right = self.visit(inner.left), self.visit(inner.right)
        return ast.BinOp(left, ast.FloorDiv(), right)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Div):
            return ast.Call(ast.Name("divided", ast.Load()), [left, right], [])
        return ast.BinOp(left, node.op, right)


def function_of(texts: Sequence[str], symbols: Sequence[str]) -> Callable[..., tuple[int, ...]]:
    """The values of these expressions, as a function of the symbols."""
    body = ast.parse(f"({''.join(f'{text},' for text in texts)})", mode="eval")
    source = f"lambda {', '.join(symbols)}: {ast.unparse(_Whole().visit(body))}"
    made: Callable[..., tuple[int, ...]] = eval(source, {"divided": divided, "gcd": gcd})
    return made


@cache
def _parsed(source: SourceFile) -> tuple[File, list[Diagnostic]]:
    return parse(source)


class Spec:
    """A file of the zoo, read once, whose nets are elaborated at many sizes."""

    def __init__(self, path: str) -> None:
        files = Files()
        source = files.read(path)
        self.tree, syntax = parse(source)
        assert not syntax
        self.reader = files.importer(source)
        self.kept = Kept()

    def at(self, net: str, dims: Sequence[int | str]) -> Network | None:
        """The network for an input of these dims; None where it has errors."""
        if len(self.kept.memo) > KEPT:
            self.kept = Kept()
        # What is elaborated at symbolic sizes is kept by itself.
        kept = self.kept if all(isinstance(dim, int) for dim in dims) else Kept()
        request = Request(net, {}, {"": "x".join(map(str, dims))})
        found = elaborate(self.tree, self.reader, requests=[request], parser=_parsed, kept=kept)
        if any(d.severity is Severity.ERROR for d in found.diagnostics):
            return None
        # A block that was found wrong before is not told again: the net is missing.
        return found.networks.get(net)


@cache
def spec_of(path: str) -> Spec:
    return Spec(path)


class Differ(AssertionError):
    """A form's value is not what was elaborated."""


class Forms:
    """The closed forms of a network, and a network elaborated at some size held against them."""

    def __init__(self, symbolic: Network, symbols: Sequence[str]) -> None:
        self.network = symbolic
        self.symbols = symbols
        conditions = symbolic.conditions
        self.asked = list(conditions.asked.values())
        self.stated = list(conditions.stated.values())
        self._totals = function_of([str(n) for n in _costs(totals(symbolic))], symbols)
        self._fits = function_of([c.text for c in self.stated], symbols)
        self._functions: dict[Instance, Callable[..., tuple[int, ...]]] = {}
        #: Pairs of instances, and the values of the one's forms, that were found to be alike.
        self._alike: set[tuple[Instance, Instance, tuple[int, ...]]] = set()

    def fits(self, sizes: Mapping[str, int]) -> bool:
        """Whether these sizes meet the conditions, as asked, as stated and as written."""
        asked = all(condition.holds(sizes) for condition in self.asked)
        stated = all(condition.holds(sizes) for condition in self.stated)
        written = all(self._fits(*(sizes[name] for name in self.symbols)))
        assert asked == stated == written, (sizes, asked, stated, written)
        return asked

    def compare(self, concrete: Network, sizes: Mapping[str, int]) -> None:
        """Raise where a shape, a cost or a total is not the value of its form."""
        values = tuple(sizes[name] for name in self.symbols)
        try:
            self._compare(self.network.root, concrete.root, values)
        except _Unlike:
            self._compare_lists(concrete, values)
        if self._totals(*values) != _costs(totals(concrete)):
            raise Differ(f"totals of {concrete.name} at {values}")

    def _compare(self, symbolic: Instance, concrete: Instance, values: tuple[int, ...]) -> None:
        if symbolic not in self._functions:
            forms = [str(n) for node in symbolic.nodes for n in _numbers(symbolic, node)]
            self._functions[symbolic] = function_of(forms, self.symbols)
        found = self._functions[symbolic](*values)
        key = (symbolic, concrete, found)
        if key in self._alike:
            return
        wanted = tuple(n for node in concrete.nodes for n in _numbers(concrete, node))
        if len(symbolic.nodes) != len(concrete.nodes):
            raise _Unlike
        pairs = list(zip(symbolic.nodes, concrete.nodes, strict=True))
        if any(type(a) is not type(b) or a.path != b.path for a, b in pairs):
            raise _Unlike
        if found != wanted:
            raise Differ(f"{concrete.name} at {values}")
        for a, b in pairs:
            inner, other = callee(a), callee(b)
            if inner is not None and other is not None:
                self._compare(inner, other, values)
        self._alike.add(key)

    def _compare_lists(self, concrete: Network, values: tuple[int, ...]) -> None:
        """Layer by layer: where a repeat was unrolled in the one and not in the other."""
        ours, theirs = flatten(self.network).nodes, flatten(concrete).nodes
        assert [flat.path for flat in ours] == [flat.path for flat in theirs]
        forms, wanted = (_flat_numbers(nodes) for nodes in (ours, theirs))
        if function_of([str(form) for form in forms], self.symbols)(*values) != tuple(wanted):
            raise Differ(f"{concrete.name} at {values}")


class _Unlike(Exception):
    """The trees of two networks are not of one form; their layers may be the same."""


def _costs(sums: Totals) -> tuple[Dim, ...]:
    return sums.params, sums.buffers, sums.macs, sums.flops, sums.activations


def _numbers(instance: Instance, node: Node) -> tuple[Dim, ...]:
    return (*node.shape.dims, *_costs(node_totals(instance, node)))


def _flat_numbers(nodes: Sequence[FlatNode]) -> list[Dim]:
    shapes = {flat.index: flat.node.shape for flat in nodes}
    found: list[Dim] = []
    for flat in nodes:
        costs = layer_totals(flat.node, tuple(shapes[i] for i in flat.inputs))
        found += [*flat.node.shape.dims, *_costs(costs)]
    return found
