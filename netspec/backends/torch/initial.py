"""`init_weights`: the `init` statements of a block or net as a method of its class.

A class says how its own layers begin and those of the blocks inside; a net's `__init__` asks each
class in turn, outermost first, so that the innermost has the last word. Which statement reaches
which layer is found in `graph/initial.py`, how one layer is filled in `filling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netspec.backends.torch.code import (
    Binary,
    Call,
    Do,
    Expr,
    For,
    Items,
    Lit,
    Name,
    Statement,
    When,
    call,
    lines_of,
)
from netspec.backends.torch.filling import Kind, exchanges, filled, kinds_of
from netspec.backends.torch.names import is_identifier
from netspec.graph.graph import Instance, OpNode
from netspec.graph.initial import Initialisation, reached, weight_of
from netspec.graph.walk import instances
from netspec.record import field, record
from netspec.syntax.tree import Block


@record
class Initial:
    """What a class says of how its weights begin: the method's lines, and the end of `__init__`."""

    method: tuple[str, ...] = ()
    last: tuple[Statement, ...] = ()


def differ(uses: Sequence[Instance]) -> bool:
    """Whether uses of a block begin so differently that one class cannot say it."""
    said = [[(one.target, one.method, one.settings, one.bias) for one in use.inits] for use in uses]
    return any(other != said[0] for other in said[1:])


def asked(names: Sequence[str], own: str) -> tuple[Statement, ...]:
    """The end of a net's `__init__`: each class that says anything does so, outermost first."""
    if not names:
        return ()
    if list(names) == [own]:
        return (Do(call("self.init_weights")),)
    test = _is_one("module", names)
    ask = When(test, (Do(call("module.init_weights")),))
    return (For("module", call("self.modules"), (ask,)),)


def method_of(
    uses: Sequence[Instance],
    rename: Callable[[str], str],
    classes: Callable[[Block], Sequence[str]],
) -> tuple[str, ...]:
    """The lines of `init_weights`, for a class that serves these uses; none where they say nothing.

    `classes` gives the classes of a block, `rename` the attribute for a label.
    """
    if not uses[0].inits:
        return ()
    order = sorted(range(len(uses[0].inits)), key=lambda i: (uses[0].inits[i].target.rank, i))
    writer = _Writer(uses, rename, classes, order)
    for index in order:
        writer.add(index)
    if not writer.body:
        return ()
    doc = '"""Begin as the spec says."""'
    if writer.exchanged:
        doc = (
            '"""Begin as the spec says.\n\n'
            "        `nn.init` takes the fans of a transposed convolution for each other.\n"
            '        """'
        )
    head = f"    def init_weights(self) -> None:\n        {doc}"
    return (*head.split("\n"), *lines_of(writer.body, 8))


@record(frozen=False)
class _Writer:
    uses: Sequence[Instance]
    rename: Callable[[str], str]
    classes: Callable[[Block], Sequence[str]]
    order: Sequence[int]
    body: list[Statement] = field(default_factory=list)
    exchanged: bool = False

    def add(self, index: int) -> None:
        """The statement of that number, in each of the uses the same."""
        one = self.uses[0].inits[index]
        named: list[tuple[Instance, OpNode]] = []
        around: list[tuple[Instance, OpNode]] = []
        later = self._later(index)
        for use in self.uses:
            for owner, node, exact in reached(use, use.inits[index]):
                if (owner, id(node)) not in later:
                    (named if exact else around).append((owner, node))
        if one.target.path:
            path = ".".join(map(self.rename, one.target.path))
            if named:
                self._named(one, path, named)
            if around:
                begins = Call(Name("name.startswith"), (Lit(f"{path}."),))
                self._over_names(begins, self._tests(one, around))
            return
        tests = self._tests(one, around)
        if one.target.block is not None and tests:
            names = self.classes(one.target.block)
            inner = For("module", call("block.modules"), tuple(tests))
            self._append("block", "self.modules", [When(_is_one("block", names), (inner,))])
        elif tests:
            self._append("module", "self.modules", tests)

    def _later(self, index: int) -> set[tuple[Instance, int]]:
        """Layers for which a statement on their kind holds that comes later: no need to draw twice.

        Of statements on a block or path, not all uses of a layer need be meant.
        """
        found: set[tuple[Instance, int]] = set()
        for other in self.order[self.order.index(index) + 1 :]:
            for use in self.uses:
                one = use.inits[other]
                if one.target.op:
                    found.update((owner, id(node)) for owner, node, _ in reached(use, one))
        return found

    def _named(
        self, one: Initialisation, path: str, layers: Sequence[tuple[Instance, OpNode]]
    ) -> None:
        """One layer by its name: as an attribute where each use has it and it is one."""
        kinds = kinds_of(layers)
        whole = {use for use in self.uses if any(owner is use for owner, _ in layers)}
        attribute = is_identifier(path) and len(whole) == len(set(self.uses)) and len(kinds) == 1
        if attribute and all(all(isinstance(p, str) for p in n.path) for _, n in layers):
            self.body += self._fill(f"self.{path}", one, kinds[0], typed=kinds[0].typed)
            return
        same = Binary("==", Name("name"), Lit(path))
        self._over_names(same, self._tests(one, layers))

    def _over_names(self, test: Expr, tests: Sequence[When]) -> None:
        found = [When(_both(test, one.condition), one.body) for one in tests]
        if found:
            self._append("name, module", "self.named_modules", found)

    def _append(self, target: str, over: str, tests: Sequence[Statement]) -> None:
        """Into the loop before, where it goes over the same modules."""
        last = self.body[-1] if self.body else None
        loop = call(over)
        if isinstance(last, For) and last.target == target and last.iterable == loop:
            self.body[-1] = For(target, loop, (*last.body, *tests))
        else:
            self.body.append(For(target, loop, tuple(tests)))

    def _tests(self, one: Initialisation, layers: Sequence[tuple[Instance, OpNode]]) -> list[When]:
        """An `if` for each class of layers that is filled in a way of its own."""
        alike: dict[str, tuple[list[str], tuple[Statement, ...]]] = {}
        kinds = kinds_of(layers)
        typed = all(kind.typed for kind in kinds)
        for kind in kinds:
            body = tuple(self._fill("module", one, kind, typed=typed))
            key = "\n".join(lines_of(body, 0))
            alike.setdefault(key, ([], body))[0].append(kind.cls)
        found = []
        for names, body in alike.values():
            test = _is_one("module", names)
            for more in self._further(one):
                test = Binary("and", test, more)
            found.append(When(test, body))
        return found

    def _fill(
        self, module: str, one: Initialisation, kind: Kind, *, typed: bool
    ) -> list[Statement]:
        self.exchanged |= exchanges(one, kind)
        return filled(module, one, kind, typed=typed)

    def _further(self, one: Initialisation) -> Iterator[Expr]:
        """What a class alone does not tell: depthwise convolutions, norms without weights."""
        op = one.target.op
        if op == "dwconv":
            yield Binary("==", Name("module.groups"), Name("module.in_channels"))
            yield Binary(">", Name("module.groups"), Lit(1))
        nodes = (n for use in self.uses for part in instances(use) for n in part.nodes)
        if op in ("batchnorm", "instancenorm") and any(
            isinstance(n, OpNode) and n.op == op and weight_of(n) is None for n in nodes
        ):
            yield Name("module.affine")


def _is_one(name: str, classes: Sequence[str]) -> Expr:
    listed = tuple(Name(cls) for cls in classes)
    kinds: Expr = listed[0] if len(listed) == 1 else Items("(", listed)
    return call("isinstance", Name(name), kinds)


def _both(first: Expr, second: Expr) -> Expr:
    """`first and second`; `and` goes from left to right, whatever `second` is."""
    if isinstance(second, Binary) and second.op == "and":
        return Binary("and", _both(first, second.left), second.right)
    return Binary("and", first, second)
