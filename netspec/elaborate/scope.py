"""Names: lexical environments of `let` and parameters, and the scopes that name layers.

The rules are those of grammar/REFERENCE.md, "Names". What a name is bound to is decided by
`expand`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from netspec.elaborate.values import Flow, Layer
from netspec.graph.graph import Node, Numbered
from netspec.record import field, record
from netspec.source import Span
from netspec.syntax import tree

#: What a name stands for that nothing binds.
UNBOUND: Final = object()


class Environment:
    """Names bound by parameters, `let` and `repeat`, innermost first.

    `reads` remembers which names were looked up, so that a repeat knows whether its body read its
    index.
    """

    __slots__ = ("names", "parent", "reads", "spans")

    def __init__(self, parent: Environment | None = None) -> None:
        self.parent = parent
        self.names: dict[str, object] = {}
        self.spans: dict[str, Span] = {}
        self.reads: set[str] = set()

    def bind(self, name: str, value: object, span: Span) -> None:
        self.names[name] = value
        self.spans[name] = span

    def find(self, name: str) -> object:
        """Its value, UNBOUND where it has none."""
        here: Environment | None = self
        while here is not None:
            if name in here.names:
                here.reads.add(name)
                return here.names[name]
            here = here.parent
        return UNBOUND

    def lookup(self, name: str) -> object:
        """Its value; raises KeyError where it is not bound."""
        found = self.find(name)
        if found is UNBOUND:
            raise KeyError(name)
        return found

    def __contains__(self, name: str) -> bool:
        return self.bound_at(name) is not None

    def bound_at(self, name: str) -> Span | None:
        here: Environment | None = self
        while here is not None:
            if name in here.spans:
                return here.spans[name]
            here = here.parent
        return None

    def holds(self, kind: type[object]) -> bool:
        """Whether a name is bound to a value of that kind."""
        here: Environment | None = self
        while here is not None:
            for value in here.names.values():
                if type(value) is kind:
                    return True
            here = here.parent
        return False

    def all_names(self) -> Iterator[str]:
        here: Environment | None = self
        while here is not None:
            yield from here.names
            here = here.parent


@record(eq=False, frozen=False)
class Entry:
    """What a name of a scope stands for.

    `value` is what a reference to it yields, None while its statement is still being elaborated;
    `path` is its name from the instance; `scope` its inner names, if it has any; `nodes` the
    range of nodes that it made, and `again` elaborates its statement once more (for `share`).
    """

    value: Flow | None
    span: Span
    path: tuple[str, ...] = ()
    scope: NameScope | None = None
    nodes: tuple[int, int] = (0, 0)
    again: Callable[[Flow, NameScope], Flow] | None = None


@record(eq=False, frozen=False)
class Slot:
    """An unlabelled layer or block that waits for its name."""

    layer: str
    node: Node


@record(eq=False, frozen=False)
class Loop:
    """The slots of one iteration of a repeat that stands for `count` of them."""

    count: int
    slots: list[Slot | Loop]


@record(frozen=False)
class Text:
    """What the text of a scope tells about its labels, before anything is expanded."""

    labelled: bool = False
    literal: set[str] = field(default_factory=set)
    computed: bool = False

    def add(self, other: Text) -> None:
        """What is spliced in says the same here."""
        self.labelled = self.labelled or other.labelled
        self.literal |= other.literal
        self.computed = self.computed or other.computed


class NameScope:
    """The names under one label, or of one block or net."""

    def __init__(self, path: tuple[str, ...], text: Text, parent: NameScope | None) -> None:
        self.path = path
        self.text = text
        self.parent = parent
        self.entries: dict[str, Entry] = {}
        self.slots: list[Slot | Loop] = []
        #: Some label could not be computed, or some text did not parse: any name may exist.
        self.uncertain = False
        self._children: list[NameScope] = []
        #: How many waited so far, of all layers ("") and of each.
        self._added: dict[str, int] = {}
        #: What `counted` found last, and how many slots there were then.
        self._counted: tuple[int, dict[str, int]] = (0, {})

    def child(self, name: str, text: Text) -> NameScope:
        scope = NameScope((*self.path, name), text, self)
        self._children.append(scope)
        return scope

    def add(self, layer: str, node: Node) -> None:
        """Let an unlabelled node wait for its name."""
        self.slots.append(Slot(layer, node))
        for counter in ("", layer):
            self._added[counter] = self._added.get(counter, 0) + 1

    def pack(self, start: int, count: int) -> None:
        """The slots from `start` on are one iteration of `count`."""
        self.slots[start:] = [Loop(count, self.slots[start:])]
        self._counted = (0, {})

    def packable(self, start: int) -> bool:
        """Whether names in a repeat follow from their number alone."""
        if not self.text.labelled:
            return True
        if self.text.computed:
            return False
        layers = {slot.layer for slot in _flat(self.slots[start:])}
        taken = self.text.literal | set(self.entries)
        return not any(
            label.startswith(layer) and label[len(layer) :].isdigit()
            for label in taken
            for layer in layers
        )

    def provisional(self, layer: str) -> str:
        """The name that the next unlabelled `layer` will probably get, for messages."""
        count = self._added.get(layer if self.text.labelled else "", 0)
        return f"{layer}{count + 1}" if self.text.labelled else str(count)

    def counted(self) -> dict[str, int]:
        """The last number that the names which wait so far have, for each layer ("" for all)."""
        done, counters = self._counted
        if done > len(self.slots):
            done, counters = 0, {}
        if not done:
            counters = {} if self.text.labelled else {"": -1}
        counters = dict(counters)
        self._count(self.slots[done:], counters, False)
        self._counted = len(self.slots), counters
        return counters

    def upcoming(self, layer: str) -> str:
        """The name that the next unlabelled `layer` gets, unless a computed label comes to it."""
        prefix = layer if self.text.labelled else ""
        number = self.counted().get(prefix, 0) + 1
        while self._taken(f"{prefix}{number}"):
            number += 1
        return f"{prefix}{number}"

    def _taken(self, name: str) -> bool:
        return name in self.entries or name in self.text.literal

    def _count(self, slots: Sequence[Slot | Loop], counters: dict[str, int], loop: bool) -> None:
        """Count as `_name` does, and name nothing."""
        for slot in slots:
            if isinstance(slot, Loop):
                before = dict(counters)
                self._count(slot.slots, counters, True)
                for counter, value in list(counters.items()):
                    start = before.get(counter, 0)
                    counters[counter] = start + (value - start) * slot.count
                continue
            prefix = slot.layer if self.text.labelled else ""
            number = counters.get(prefix, 0) + 1
            while not loop and self._taken(f"{prefix}{number}"):
                number += 1
            counters[prefix] = number

    def close(self) -> None:
        """Name what waits, here and in the scopes below."""
        pending: list[_Pending] = []
        counters = {} if self.text.labelled else {"": -1}
        self._name(self.slots, counters, set(self.entries) | self.text.literal, [], pending)
        for waiting in pending:
            waiting.node.path = (*self.path, waiting.settled())
        self.slots = []
        for scope in self._children:
            scope.close()
        self._children = []

    def _name(
        self,
        slots: Sequence[Slot | Loop],
        counters: dict[str, int],
        taken: set[str],
        loops: list[dict[str, int]],
        pending: list[_Pending],
    ) -> None:
        for slot in slots:
            if isinstance(slot, Loop):
                before = dict(counters)
                steps: dict[str, int] = {}
                self._name(slot.slots, counters, taken, [*loops, steps], pending)
                for counter, value in list(counters.items()):
                    start = before.get(counter, 0)
                    steps[counter] = value - start
                    counters[counter] = start + steps[counter] * slot.count
                continue
            # Without labels one count serves all layers and begins at 0, with labels each layer
            # has its own, from 1, and passes over names in use.
            prefix = slot.layer if self.text.labelled else ""
            number = counters.get(prefix, 0) + 1
            while not loops and f"{prefix}{number}" in taken:
                number += 1
            counters[prefix] = number
            if loops:
                pending.append(_Pending(slot.node, prefix, number, tuple(loops)))
            else:
                slot.node.path = (*self.path, f"{prefix}{number}")


@record(frozen=False)
class _Pending:
    """A name inside loops, whose steps are known only when the loops end."""

    node: Node
    prefix: str
    base: int
    loops: tuple[dict[str, int], ...]

    def settled(self) -> Numbered:
        steps = tuple(loop.get(self.prefix, 0) for loop in self.loops)
        return Numbered(self.prefix, self.base, steps)


def _flat(slots: Sequence[Slot | Loop]) -> Iterator[Slot]:
    for slot in slots:
        if isinstance(slot, Loop):
            yield from _flat(slot.slots)
        else:
            yield slot


#: Finds the layer that a name stands for, where that can be told.
Resolve = Callable[[str], "Layer | None"]


#: What names stand for in the file that defines a block.
Home = Callable[[tree.Block], Resolve]


class TextReader:
    """Reads what the text of a scope says of its labels.

    Goes through everything that opens no scope of its own, untaken branches included, and into the
    inline blocks that are called there; each of those is read once for the layers it is given.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._inline: dict[tuple[tree.Block, tuple[Layer | None, ...]], Text] = {}
        self._inside: set[tree.Block] = set()

    def read(self, statements: Sequence[tree.Statement], resolve: Resolve) -> Text:
        text = Text()
        self._read(statements, resolve, text)
        return text

    def _read(self, statements: Sequence[tree.Statement], resolve: Resolve, text: Text) -> None:
        for statement in statements:
            while isinstance(statement, tree.Annotated):
                statement = statement.statement
            match statement:
                case tree.Apply(layer=name):
                    layer = resolve(name.id)
                    if layer is not None and layer.inline:
                        text.add(self._called(layer, statement, resolve))
                case tree.Labelled():
                    _note_label(statement, text)
                case tree.Braces(statements=inner):
                    self._read(inner, resolve, text)
                case tree.Repeat(body=body) | tree.Merge(body=body):
                    self._read(body.statements, resolve, text)
                case tree.If(branches=branches, otherwise=otherwise):
                    for _, branch in branches:
                        self._read(branch.statements, resolve, text)
                    if otherwise is not None:
                        self._read(otherwise.statements, resolve, text)
                case tree.Residual(body=body, shortcut=shortcut):
                    self._read(body.statements, resolve, text)
                    if shortcut is not None:
                        self._read(shortcut.statements, resolve, text)
                case tree.Output(statement=branch_of):
                    self._read((branch_of,), resolve, text)

    def _called(self, layer: Layer, call: tree.Apply, resolve: Resolve) -> Text:
        """The text of an inline block, its layer parameters bound as far as names alone tell."""
        block = layer.target
        assert isinstance(block, tree.Block)
        own = self._home(block)
        bound: dict[str, Layer | None] = {}
        for parameter in block.parameters:
            default = parameter.default
            bound[parameter.name.id] = own(default.id) if isinstance(default, tree.Name) else None
        for parameter, argument in zip(block.parameters, call.arguments, strict=False):
            if isinstance(argument, tree.Name):
                bound[parameter.name.id] = resolve(argument.id)
        for keyword in call.keywords:
            if isinstance(keyword.value, tree.Name) and keyword.name.id in bound:
                bound[keyword.name.id] = resolve(keyword.value.id)
        key = (block, tuple(bound.values()))
        if key not in self._inline:
            if block in self._inside:
                return Text()  # it calls itself, which is reported elsewhere
            self._inside.add(block)
            self._inline[key] = self.read(
                block.body.statements, lambda name: bound[name] if name in bound else own(name)
            )
            self._inside.discard(block)
        return self._inline[key]


def _note_label(statement: tree.Labelled, text: Text) -> None:
    inner = statement.statement
    while isinstance(inner, tree.Annotated):
        inner = inner.statement
    if not isinstance(inner, (tree.Input, tree.Yield, tree.Output)):
        text.labelled = True
    literal = statement.label.segments[0].literal
    if literal is None:
        text.computed = True
    else:
        text.literal.add(literal)
