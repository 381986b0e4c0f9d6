"""One net of a file for many values of its parameters: what they have in common is found once.

The file and its imports are parsed once, values given from outside are evaluated once, and blocks
that come out the same are shared from one variant to the next. Which values those are, and what is
asked of the networks, is left to `analysis`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from netspec import limits
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate.frame import Assertion
from netspec.elaborate.kept import Kept
from netspec.elaborate.nets import Elaborator, Request
from netspec.elaborate.program import Parser, Reader
from netspec.elaborate.report import Reporter
from netspec.elaborate.room import T, deep_recursion, with_room
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.walk import instances
from netspec.record import record, replace
from netspec.source import SourceFile, Span
from netspec.syntax import parse, tree
from netspec.syntax.tree import File

if TYPE_CHECKING:
    from netspec.elaborate.watch import Watch


@record
class Made:
    """A variant: its network, None where something is wrong with it.

    `assertions` are those of the text, `probes` those that `variants` was given, in its order.
    """

    network: Network | None
    diagnostics: tuple[Diagnostic, ...]
    assertions: tuple[Assertion, ...]
    probes: tuple[Assertion, ...]


class Variants(Elaborator):
    """Elaborates one net again and again. A variant does not depend on those before it.

    `probes` are asserts from outside, which stand at the end of the net as if they were written
    there: what is said of them, and of the text whatever the values, is in `common`.
    """

    def __init__(
        self,
        file: File,
        reader: Reader,
        net: str,
        probes: Sequence[tree.Assert] = (),
        parser: Parser = parse,
    ) -> None:
        self._net = net
        self._probes = frozenset(probes)
        read = _once(parser)
        place = _definition(Elaborator(file, reader, read, Kept()), net) if probes else None
        if place is not None:
            file, read = _probed(place, probes, file, read)
        super().__init__(file, reader, read, Kept())
        self._all_blocks = super()._blocks()
        #: How many layers were built one by one for a network, what it shares counted once.
        self._drawn_out = 0
        self._values: dict[tuple[str, str], object] = {}
        self._shapes: dict[tuple[str, str], tuple[Shape, Span | None] | None] = {}
        with deep_recursion():
            #: What is wrong whatever the values are.
            self.common: tuple[Diagnostic, ...] = tuple(self.run([]).diagnostics)
        self._item = {
            d.name.id: d
            for d in self.module.definitions()
            if isinstance(d, (tree.Net, tree.NetAlias))
        }[net]
        self._resolved = self._resolve(self._item, self.module, ())

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of those that are open to be set, in their order."""
        net = self._resolved
        if net is None:
            return ()
        return tuple(p.name.id for p in net.definition.parameters if p.name.id not in net.bound)

    def mentions(self, word: str) -> bool:
        """Whether the text of any file of the net holds a word."""
        return any(word in module.file.source.text for module in self.program.modules.values())

    def judged(
        self, parameters: Iterable[tuple[str, str]], inputs: Iterable[str]
    ) -> list[Diagnostic]:
        """What is wrong with values by themselves: parameters by name and text, and input sizes."""
        reporter = self._renewed()
        own = self.parameters
        for key, text in parameters:
            self._given(key, text, own, self._net)
        for text in inputs:
            self._given_shape("", text)
        return [d for d in reporter.diagnostics() if d.severity is Severity.ERROR]

    def value(self, key: str, text: str) -> object:
        """What a text is worth as a value of a parameter; unknown where something is wrong."""
        self._renewed()
        return self._given(key, text, self.parameters, self._net)

    def together(self, run: Callable[[], T]) -> T:
        """Runs what makes many variants, with the room that making one needs."""
        with deep_recursion():
            return with_room(run)

    def made(self, parameters: Mapping[str, str], inputs: Mapping[str, str]) -> Made:
        """The net with these parameters and input sizes; to be called in `together`."""
        made = self._made(parameters, inputs)
        if made.network is not None and self._drawn_out > limits.UNROLLED_LAYERS // 4:
            # What is shared with other variants was not counted.
            self._forget()
            made = self._made(parameters, inputs)
        return made

    def _made(self, parameters: Mapping[str, str], inputs: Mapping[str, str]) -> Made:
        reporter, kept = self._renewed(), self.kept
        result = self.result
        result.networks = {}
        result.assertions = []
        known = len(kept.memo)
        if self._resolved is not None:
            request = Request(self._net, parameters, inputs)
            self._network(self._net, self._item.name.span, self._resolved, request)
        network = result.networks.get(self._net)
        if network is not None:
            kept.assertions.pop(network.root, None)
        if reporter.log:
            self._drop_mistakes(known)
        if len(kept.memo) > limits.SWEEP_BLOCKS or len(self._values) > limits.SWEEP_BLOCKS:
            self._forget()
        probes = tuple([a for a in result.assertions if a.statement in self._probes])
        others = tuple([a for a in result.assertions if a.statement not in self._probes])
        return Made(network, tuple(reporter.diagnostics()), others, probes)

    def _finished(self, name: str, network: Network) -> None:
        self.result.networks[name] = network
        parts = list(instances(network.root))
        self._drawn_out = sum([len(part.nodes) for part in parts])
        if self.kept.assertions:
            for part in parts:
                self.result.assertions.extend(self.kept.assertions.get(part, ()))

    def _blocks(self) -> dict[SourceFile, dict[str, tree.Block]]:
        return self._all_blocks

    def _renewed(self) -> Reporter:
        """A new reporter: what is wrong with one variant is nothing to the next."""
        self.reporter = self.program.reporter = Reporter()
        return self.reporter

    def _drop_mistakes(self, known: int) -> None:
        """Blocks with something wrong about them are looked at again each time, as its words may
        tell of the values of the net."""
        memo = self.kept.memo
        for key in list(islice(reversed(memo), len(memo) - known)):
            if memo[key][0] is None or memo[key][1]:
                del memo[key]

    def _forget(self) -> None:
        self.kept.memo.clear()
        self.kept.assertions.clear()
        self._values.clear()
        self._shapes.clear()

    # --- values from outside, each evaluated once ----------------------------------------------

    def _given(
        self, key: str, text: str, own: Sequence[str], net: str, watch: Watch | None = None
    ) -> object:
        at = (key, text)
        if at not in self._values or watch is not None:
            mark = len(self.reporter.log)
            value = super()._given(key, text, own, net, watch)
            if self.reporter.errors_since(mark):
                return value
            self._values[at] = value
        return self._values[at]

    def _given_shape(self, key: str, text: str) -> tuple[Shape, Span | None] | None:
        at = (key, text)
        if at not in self._shapes:
            mark = len(self.reporter.log)
            shape = super()._given_shape(key, text)
            if self.reporter.errors_since(mark):
                return shape
            self._shapes[at] = shape
        return self._shapes[at]


def _once(parser: Parser) -> Parser:
    """A parser that parses each file once."""
    known: dict[SourceFile, tuple[File, Sequence[Diagnostic]]] = {}

    def parsed(source: SourceFile) -> tuple[File, Sequence[Diagnostic]]:
        if source not in known:
            known[source] = parser(source)
        return known[source]

    return parsed


def _definition(elaborator: Elaborator, net: str) -> tree.Net | None:
    """The definition that a net comes down to, where the text says which."""
    found = elaborator.module.lookup(net)
    if found is None:
        return None
    with deep_recursion():
        resolved = elaborator._resolve(found[0], found[1], ())
    return None if resolved is None else resolved.definition


def _probed(
    definition: tree.Net, probes: Sequence[tree.Assert], file: File, parser: Parser
) -> tuple[File, Parser]:
    """The file and the parser of what it imports, with asserts at the end of one net."""
    body = definition.body
    longer = replace(definition, body=replace(body, statements=(*body.statements, *probes)))

    def within(parsed: File) -> File:
        if definition not in parsed.items:
            return parsed
        items = tuple(longer if item is definition else item for item in parsed.items)
        return replace(parsed, items=items)

    def parse_probed(source: SourceFile) -> tuple[File, Sequence[Diagnostic]]:
        parsed, diagnostics = parser(source)
        return within(parsed), diagnostics

    return within(file), parse_probed
