"""The files of a spec and the names that each of them knows: blocks, nets, imports.

Expressions and statements are left to `evaluate` and `expand`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostic, help_, note
from netspec.elaborate.report import Reporter, circle, nearest
from netspec.ops import OPS
from netspec.record import field, record
from netspec.source import SourceFile, Unreadable
from netspec.syntax import RESERVED, parse
from netspec.syntax.tree import (
    Apply,
    Block,
    Erroneous,
    File,
    Import,
    Name,
    Net,
    NetAlias,
    Share,
    statements,
)

if TYPE_CHECKING:
    from netspec.elaborate.bind import Plan
    from netspec.elaborate.scope import Text

#: Gives the source of the file at a path written in another file, or says why it cannot be read.
Reader = Callable[[SourceFile, str], SourceFile | Unreadable]
#: Gives the tree of a file, and what is wrong with it.
Parser = Callable[[SourceFile], tuple[File, Sequence[Diagnostic]]]

#: Words that begin a statement or an item, now or in a later version: no block can be called so.
STATEMENT_WORDS = RESERVED | {
    *("repeat", "if", "let", "default", "init", "assert", "input", "output", "share"),
    *("concat", "add", "mul", "max", "sub", "residual"),
}

Definition = Block | Net | NetAlias


@record(eq=False, frozen=False)
class Module:
    """One file: what its names stand for, and in which module each imported one is defined."""

    file: File
    names: dict[str, tuple[Definition, Module]] = field(default_factory=dict)
    #: Something did not parse or could not be imported, so a missing name may be no mistake.
    incomplete: bool = False
    #: For each call and what it calls, what the text alone tells.
    plans: dict[tuple[Apply, object], Plan] = field(default_factory=dict)

    def definitions(self) -> Iterator[Definition]:
        """Those written in this file, in the order of the text."""
        for item in self.file.items:
            if isinstance(item, (Block, Net, NetAlias)):
                yield item

    @property
    def blocks(self) -> dict[str, Block]:
        """The blocks that statements of this file may call, by the names that they have here."""
        return {name: d for name, (d, _) in self.names.items() if isinstance(d, Block)}

    def lookup(self, name: str) -> tuple[Definition, Module] | None:
        return self.names.get(name)


class Program:
    """Loads modules with their imports, each file once."""

    def __init__(self, reader: Reader, reporter: Reporter, parser: Parser = parse) -> None:
        self.reader = reader
        self.parser = parser
        self.reporter = reporter
        self.syntax: list[Diagnostic] = []
        #: Whether any text holds a `share`: only then do labels keep what applies them again.
        self.shares = False
        self.modules: dict[str, Module] = {}
        self.home: dict[Definition, Module] = {}
        #: For each file, the names that others import from it.
        self.imports: dict[SourceFile, set[str]] = {}
        #: What texts say of labels, by their module and statements.
        self.texts: dict[tuple[object, ...], Text] = {}
        self._loading: list[str] = []

    def load(self, file: File) -> Module:
        module = Module(file)
        self.shares = self.shares or _shares(file)
        self.modules[file.source.name] = module
        self._loading.append(file.source.name)
        for definition in module.definitions():
            self._define(module, definition.name, definition, module)
            self.home[definition] = module
            if not isinstance(definition, NetAlias):
                self._check_parameters(definition)
            if isinstance(definition, Block) and definition.name.id in STATEMENT_WORDS:
                self.reporter.report(
                    "reserved-word",
                    f"a block called `{definition.name.id}` could never be called",
                    definition.name.span,
                    "begins a statement of its own",
                    [help_("give it another name")],
                )
        for item in file.items:
            if isinstance(item, Import):
                self._import(module, item)
            elif isinstance(item, Erroneous):
                module.incomplete = True
        self._loading.pop()
        return module

    def _define(self, module: Module, name: Name, definition: Definition, home: Module) -> None:
        earlier = module.names.get(name.id)
        if earlier is not None:
            if earlier[0] is definition:
                return
            self.reporter.report(
                "duplicate-definition",
                f"`{name.id}` is defined twice",
                name.span,
                "the second definition",
                [
                    note("first defined here", earlier[0].name.span),
                    help_("give one of them another name"),
                ],
            )
            return
        module.names[name.id] = (definition, home)

    def _check_parameters(self, definition: Block | Net) -> None:
        first: dict[str, Name] = {}
        for parameter in definition.parameters:
            name = parameter.name
            if name.id in first:
                self.reporter.report(
                    "duplicate-parameter",
                    f"`{definition.name.id}` has two parameters `{name.id}`",
                    name.span,
                    "the second of that name",
                    [note("the first is here", first[name.id].span), help_("give it another name")],
                )
            first.setdefault(name.id, name)

    def _import(self, module: Module, item: Import) -> None:
        other = self._imported(module, item)
        if other is None:
            module.incomplete = True
            return
        own = {d.name.id: d for d in other.definitions()}
        taken = self.imports.setdefault(other.file.source, set())
        taken.update(name.id for name in item.names)
        for name in item.names:
            definition = own.get(name.id)
            if definition is not None:
                self._define(module, name, definition, other)
                continue
            if other.incomplete:
                module.incomplete = True
                continue
            module.incomplete = True
            match = nearest(name.id, own)
            names = ", ".join(sorted(own)) or "nothing"
            self.reporter.report(
                "unknown-import",
                f'"{item.path.value}" defines no `{name.id}`',
                name.span,
                "not a block or net of that file",
                [help_(f"did you mean `{match}`?")] if match else [note(f"it defines {names}")],
            )

    def _imported(self, module: Module, item: Import) -> Module | None:
        source = self.reader(module.file.source, item.path.value)
        if isinstance(source, Unreadable):
            self.reporter.report(
                "cannot-import",
                f'cannot import "{item.path.value}": {source.reason}',
                item.path.span,
                source.reason,
                [help_(f'did you mean "{source.instead}"?')] if source.instead else [],
            )
            return None
        if source.name in self._loading:
            chain = [*self._loading[self._loading.index(source.name) :], source.name]
            self.reporter.report(
                "import-cycle",
                f'"{item.path.value}" imports, through its own imports, this file',
                item.path.span,
                "an import that leads back here",
                [note(circle(chain[:-1])), help_("move what both need into a third file")],
            )
            return None
        if source.name in self.modules:
            return self.modules[source.name]
        file, diagnostics = self.parser(source)
        self.syntax.extend(diagnostics)
        return self.load(file)


def _shares(file: File) -> bool:
    # Most texts lack the word, and need not be walked through.
    if "share" not in file.source.text:
        return False
    return any(isinstance(node, Share) for item in file.items for node in statements(item))


def layer_names(module: Module) -> Iterator[str]:
    """Every layer that a statement of the module may name."""
    yield from (name for name, (d, _) in module.names.items() if isinstance(d, Block))
    yield from OPS
