"""Counting a network by a convention, and what sets two conventions apart, term by term.

Terms are added up on the tree of shared instances. What is counted is left to the tables of the
conventions, how it is shown to `reports`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis.counting.convention import Convention
from netspec.analysis.counting.flopcounter import FLOPCOUNTER
from netspec.analysis.counting.fvcore import FVCORE
from netspec.analysis.counting.own import FLOPS, MACS, PAPER
from netspec.analysis.counting.ptflops import PTFLOPS, PTFLOPS_PYTORCH
from netspec.analysis.counting.thop import THOP
from netspec.analysis.counting.torchinfo import TORCHINFO
from netspec.analysis.memo import PerInstance
from netspec.graph.graph import CallNode, Instance, Network, Node, OpNode, RepeatNode
from netspec.graph.size import Dim
from netspec.ops import OPS
from netspec.record import record
from netspec.showing import Shown

#: All conventions, by the name under which they are asked for, in the order of the page.
CONVENTIONS: Mapping[str, Convention] = {
    convention.name: convention
    for convention in (
        MACS,
        FLOPS,
        FLOPCOUNTER,
        FVCORE,
        PTFLOPS,
        PTFLOPS_PYTORCH,
        THOP,
        TORCHINFO,
        PAPER,
    )
}


class NoSuchConvention(ValueError):
    """A name that no convention has; the message lists those there are."""


@record
class Counted:
    """What one kind of layer comes to, or a part of it, over the whole network.

    `layer` is the language's word, `part` is `bias` or "". `rule` says what is counted of each.
    """

    layer: str
    part: str
    rule: str
    amount: Dim

    @property
    def name(self) -> str:
        return f"{self.layer} {self.part}" if self.part else self.layer


@record
class Count(Shown):
    """A network counted by a convention; an amount is an expression where sizes are symbolic.

    `terms` are those that come to anything, in the order of the language's layers. `uncounted` are
    the kinds of layers of the network that count nothing, inputs left out.
    """

    net: str
    convention: Convention
    terms: tuple[Counted, ...]
    uncounted: tuple[str, ...]

    @property
    def total(self) -> Dim:
        total: Dim = 0
        for term in self.terms:
            total = total + term.amount
        return total

    def __repr__(self) -> str:
        return f"<Count {self.net} by {self.convention.name}: {self.total}>"

    def beside(self, other: Count) -> Explanation:
        """What sets another count of the same network apart from this one."""
        one = {(term.layer, term.part): term for term in self.terms}
        two = {(term.layer, term.part): term for term in other.terms}
        keys = sorted({**one, **two}, key=_place)
        return Explanation(
            self, other, tuple(Difference(one.get(key), two.get(key)) for key in keys)
        )


@record
class Difference:
    """One term of two counts, None where a convention does not count it."""

    one: Counted | None
    other: Counted | None

    @property
    def name(self) -> str:
        found = self.one or self.other
        assert found is not None
        return found.name

    @property
    def amounts(self) -> tuple[Dim, Dim]:
        one, other = (0 if term is None else term.amount for term in (self.one, self.other))
        return one, other

    @property
    def amount(self) -> Dim:
        """By how much the other is more."""
        one, other = self.amounts
        return other - one


@record
class Explanation(Shown):
    """Two counts of one network: their differences add up to that of the totals."""

    one: Count
    other: Count
    differences: tuple[Difference, ...]

    def __repr__(self) -> str:
        names = f"{self.one.convention.name}, {self.other.convention.name}"
        return f"<Explanation {self.one.net} by {names}: {self.total}>"

    @property
    def total(self) -> Dim:
        """By how much the other count is more."""
        return self.other.total - self.one.total


def convention_named(name: str) -> Convention:
    """The convention of a name. Raises NoSuchConvention."""
    found = CONVENTIONS.get(name)
    if found is None:
        raise NoSuchConvention(
            f"there is no counting convention {name!r}; there are {', '.join(CONVENTIONS)}"
        )
    return found


def count(of: Network, convention: Convention) -> Count:
    """A network at inference, counted by a convention, for one example."""
    return _as_count(of.name, of.root, convention)


def amount(instance: Instance, node: Node, convention: Convention) -> Dim:
    """What one node of an instance adds to the count."""
    total: Dim = 0
    for value in _contribution(instance, node, convention).values():
        total = total + value
    return total


def _as_count(name: str, root: Instance, convention: Convention) -> Count:
    found = _tallies[convention.name](root)
    terms = []
    for layer in OPS:
        for term in convention.terms.get(layer, ()):
            value = found.get((layer, term.part), 0)
            if value != 0:
                terms.append(Counted(layer, term.part, term.rule, value))
    counted = {term.layer for term in terms}
    silent = {layer for layer, _ in found} - counted - {"input"}
    return Count(name, convention, tuple(terms), tuple(op for op in OPS if op in silent))


#: Amounts by (layer, part); a layer that counts nothing is there with 0.
_Tally = dict[tuple[str, str], Dim]


def _contribution(instance: Instance, node: Node, convention: Convention) -> _Tally:
    """What exists in training only counts nothing; weights that are shared count at each use."""
    if node.training:
        return {}
    if isinstance(node, OpNode):
        inputs = tuple([instance.nodes[i].shape for i in node.inputs])
        found: _Tally = {(node.op, ""): 0}
        for term in convention.terms.get(node.op, ()):
            found[node.op, term.part] = term.amount(node, inputs)
        return found
    if isinstance(node, CallNode):
        return _tallies[convention.name](node.instance)
    if isinstance(node, RepeatNode) and node.count:
        body = _tallies[convention.name](node.body)
        return {key: value * node.count for key, value in body.items()}
    return {}


def _counting(convention: Convention) -> PerInstance[_Tally]:
    def rule(instance: Instance, answers: Mapping[Instance, _Tally]) -> _Tally:
        sums: _Tally = {}
        for node in instance.nodes:
            # Callees were asked before their callers, so that calls nest however deep.
            for key, value in _contribution(instance, node, convention).items():
                sums[key] = sums.get(key, 0) + value
        return sums

    return PerInstance(rule)


_tallies = {name: _counting(convention) for name, convention in CONVENTIONS.items()}


def _place(key: tuple[str, str]) -> tuple[int, str]:
    return list(OPS).index(key[0]), key[1]
