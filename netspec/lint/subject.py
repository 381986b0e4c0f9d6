"""What rules look at: a file's tree, its networks, and how their layers hang together.

What is an opinion is left to the rules.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from netspec.analysis.links import Links, Site
from netspec.diagnostics import Remark, note
from netspec.elaborate.mentions import mentioned
from netspec.graph.graph import Network
from netspec.ops import OPS
from netspec.record import field, record
from netspec.source import SourceFile, Span
from netspec.syntax import tree

N = TypeVar("N", bound=tree.Tree)
T = TypeVar("T")

#: Layers that apply a function to each element, and no more.
ACTIVATIONS = frozenset(
    name for name, op in OPS.items() if op.family == "activation" and "softmax" not in name
) - {"multiply"}
#: Those that are 0 at most below 0.
RECTIFIERS = frozenset({"relu", "relu6"})
CONVOLUTIONS = frozenset({"conv", "dwconv", "conv_transpose"})
LINEAR = CONVOLUTIONS | {"dense"}
NORMS = frozenset({"batchnorm", "layernorm", "groupnorm", "instancenorm"})
DROPOUTS = frozenset({"dropout", "spatial_dropout"})
GLOBAL_POOLS = frozenset({"global_avgpool", "global_maxpool"})


@record
class Application:
    """A statement that applies a layer, with every layer of the file's networks it stands for."""

    statement: tree.Statement
    sites: tuple[Site, ...]
    links: Links

    @property
    def op(self) -> str:
        return self.sites[0].op

    @property
    def first(self) -> Site:
        return self.sites[0]

    @property
    def span(self) -> Span:
        return self.statement.span

    def agreed(self, judge: Callable[[Site], T | None]) -> T | None:
        """What is found at the first of the layers, if something is found at each of them."""
        first: T | None = None
        for site in self.sites:
            found = judge(site)
            if not found:
                return None
            first = found if first is None else first
        return first

    def argument(self, name: str) -> tree.Expr | tree.Keyword | None:
        """What the statement itself gives for a parameter: a keyword, or a positional argument."""
        call = self.statement
        if isinstance(call, tree.Merge):
            return next((k for k in call.keywords if k.name.id == name), None)
        if not isinstance(call, tree.Apply):
            return None
        for keyword in call.keywords:
            if keyword.name.id == name:
                return keyword
        for parameter, given in zip(OPS[self.op].parameters, call.arguments, strict=False):
            if parameter.name == name:
                return given
        return None

    def at(self, *names: str) -> Span:
        """The place of the first of these arguments that is written, else of the layer's word."""
        for name in names:
            given = self.argument(name)
            if given is not None:
                return given.span
        return self.word

    @property
    def word(self) -> Span:
        call = self.statement
        if isinstance(call, tree.Apply):
            return call.layer.span
        if isinstance(call, (tree.Merge, tree.Residual, tree.Repeat)):
            return call.keyword
        return call.span

    def where(self) -> tuple[Remark, ...]:
        """A note on the layer that is meant, where the statement stands for one inside a block."""
        path = self.links.path(self.first)
        if not path or not self.links.callers(self.first.instance):
            return ()
        more = f", and {len(self.sites) - 1:,} more such" if len(self.sites) > 1 else ""
        return (note(f"here it is the layer `{path}`{more}"),)


@record(frozen=False)
class Subject:
    """A file without errors, and the networks that it defines.

    `imported` are the names that other files of the run import from this one, `libraries` the files
    of the run without nets, whose statements are judged here too. `whole` says that the folder of
    the file is checked with it, so that those who import from it are known.
    """

    file: tree.File
    networks: Sequence[Network]
    imported: frozenset[str] = frozenset()
    libraries: frozenset[SourceFile] = frozenset()
    whole: bool = True
    links: Links = field(init=False)
    _nodes: dict[type[tree.Tree], list[tree.Tree]] = field(init=False)
    _mentions: dict[tree.Tree, Counter[str]] = field(default_factory=dict)
    _applications: dict[str, list[Application]] | None = None

    def __post_init__(self) -> None:
        self.links = Links(self.networks)
        self._nodes = {}
        for item in self.file.items:
            for node in tree.statements(item):
                self._nodes.setdefault(type(node), []).append(node)
        for found in self._nodes.values():
            found.sort(key=_start)

    @property
    def source(self) -> SourceFile:
        return self.file.source

    def own(self, span: Span) -> bool:
        """Whether a place is in this file, or in one without nets."""
        return span.file is self.source or span.file in self.libraries

    def nodes(self, kind: type[N], item: tree.Item | None = None) -> Sequence[N]:
        """The statements of this kind in the file, or in an item of it, in the order of the text.

        The file's items are among them, expressions are not.
        """
        found = cast(list[N], self._nodes.get(kind, []))
        if item is None:
            return found
        first = bisect_left(found, item.span.start, key=_start)
        return found[first : bisect_left(found, item.span.end, key=_start)]

    def mentions(self, item: tree.Block | tree.Net) -> Counter[str]:
        """The names that the body of a block or net mentions, and how often."""
        if item not in self._mentions:
            self._mentions[item] = Counter(mentioned(item.body))
        return self._mentions[item]

    def applied(self, *ops: str) -> Iterator[Application]:
        """Each statement of this file, or of one without nets, that applies one of these layers.

        A rule speaks of a statement only if all that it stands for is as the rule says.
        """
        if self._applications is None:
            self._applications = {}
            for statement, sites in self.links.applications(OPS):
                if not self.own(statement.span):
                    continue
                found = Application(statement, tuple(sites), self.links)
                self._applications.setdefault(found.op, []).append(found)
        for op in ops:
            yield from self._applications.get(op, ())

    def before(self, site: Site, *through: str) -> tuple[Site, ...]:
        """The layers before one, those of the kinds in `through` passed over; () at an input."""
        first = self.links.producers(site)
        if len(first) == 1 and first[0].op not in through:
            return first
        found: list[Site] = []
        stack, seen = list(first), set[Site]()
        while stack:
            here = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            if here.op in through:
                stack.extend(self.links.producers(here))
            else:
                found.append(here)
        return tuple(found)

    def last_layers(self) -> Iterator[tuple[Network, Site]]:
        """The layers that give the outputs of networks, each statement of this file once."""
        seen: set[tree.Statement] = set()
        for network in self.networks:
            for output in network.outputs:
                for site in self.links.origins([(network.root, output.value)]):
                    statement = site.node.statement
                    if statement is None or statement in seen or not self.own(statement.span):
                        continue
                    seen.add(statement)
                    yield network, site

    def items(self, kind: type[N]) -> Iterator[N]:
        """The items of this kind in the file."""
        yield from (item for item in self.file.items if isinstance(item, kind))


def _start(node: tree.Tree) -> int:
    return node.span.start
