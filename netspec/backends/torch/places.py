"""Where the statements of a block or net stand: under which names, defaults and conditions.

Inline blocks are gone through where they are called, so a statement of theirs has a place for each
call. What comes of a statement is known from the network's nodes; here is only the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from netspec.backends.torch.code import Name
from netspec.backends.torch.names import fresh, index_name
from netspec.backends.torch.symbols import Argument, Binding, Constant, Opaque, Scope
from netspec.graph.graph import Network
from netspec.ops import OPS
from netspec.record import field, record
from netspec.source import SourceFile, Span
from netspec.syntax import tree

#: (layer's name, argument) to the expression that a `default` gives, and its names.
Defaults = dict[tuple[str, str], Argument]
Key = tuple[int, int, int]

_DEPTH = 200
_PLACES = 20_000


@record
class Condition:
    """A condition that a place stands under; `holds` is what it must come to."""

    test: Argument
    holds: bool


@record(eq=False)
class Site:
    """An expression that a network hangs on; `decides` marks conditions and counts."""

    argument: Argument
    decides: bool = False


@record(eq=False)
class Place:
    """One occurrence of a statement. `arguments` are those of a layer or block, by name."""

    statement: tree.Statement
    scope: Scope
    arguments: dict[str, Argument]
    conditions: tuple[Condition, ...]
    sites: dict[str, Site] = field(default_factory=dict)


def key_of(span: Span) -> Key:
    return (id(span.file), span.start, span.end)


class Library:
    """The blocks that the files of some networks know, by the names that they have there."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._blocks: dict[SourceFile, Mapping[str, tree.Block]] = {}
        for network in networks:
            self._blocks.update(network.blocks)

    def block(self, file: SourceFile, name: str) -> tree.Block | None:
        """The block that a name of a file stands for."""
        return self._blocks.get(file, {}).get(name)


#: Whether the condition is the same in all lanes: True, False, or None where that is open.
Decide = Callable[[Argument], bool | None]


class Walk:
    """Goes through a definition's text and notes every place."""

    def __init__(
        self,
        statements: Sequence[tree.Statement],
        scope: Scope,
        library: Library,
        decide: Decide,
        taken: Iterable[str] = (),
        held: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """`taken` are names that no variable of a loop may have.

        `held` are the layers that the class's parameters hold in one use.
        """
        self._held = held
        #: The variables that number the iterations of repeats.
        self.indices: set[str] = set()
        self.lets: list[tuple[str, Argument]] = []
        self._taken = frozenset(taken)
        self.places: dict[Key, list[Place]] = {}
        self.sites: list[Site] = []
        #: False where the text came to more places than are worth looking at.
        self.complete = True
        self._library = library
        self._decide = decide
        self._count = 0
        self._body(statements, scope, {}, (), 0)

    def _site(self, expr: tree.Expr, scope: Scope, *, decides: bool = False) -> Site:
        site = Site(Argument(expr, scope), decides)
        self.sites.append(site)
        return site

    def _body(
        self,
        statements: Sequence[tree.Statement],
        scope: Scope,
        defaults: Defaults,
        conditions: tuple[Condition, ...],
        depth: int,
    ) -> None:
        names = dict(scope.names)
        defaults = dict(defaults)
        scope = Scope(names, scope.incoming)
        if depth > _DEPTH or self._count > _PLACES:
            self.complete = False
            return
        for statement in statements:
            self._statement(statement, scope, names, defaults, conditions, depth)

    def _statement(
        self,
        statement: tree.Statement,
        scope: Scope,
        names: dict[str, Binding],
        defaults: Defaults,
        conditions: tuple[Condition, ...],
        depth: int,
    ) -> None:
        self._count += 1
        frozen = Scope(dict(names), scope.incoming)

        def inside(statements: Sequence[tree.Statement]) -> None:
            self._body(statements, frozen, defaults, conditions, depth + 1)

        match statement:
            case tree.Labelled(label=label, statement=inner):
                self._templates(label, frozen)
                self._statement(inner, scope, names, defaults, conditions, depth)
            case tree.Annotated(statement=inner) | tree.Output(statement=inner):
                self._statement(inner, scope, names, defaults, conditions, depth)
            case tree.Braces(statements=statements):
                inside(statements)
            case tree.Let(name=name, value=value):
                ref = isinstance(value, tree.Ref) and value.attribute is None
                names[name.id] = Opaque() if ref else Argument(value, frozen)
                if not ref:
                    self.lets.append((name.id, Argument(value, frozen)))
            case tree.Default(layer=layer, keywords=keywords):
                target = self._layer_name(layer, frozen)
                for keyword in keywords:
                    defaults[target, keyword.name.id] = Argument(keyword.value, frozen)
            case tree.Apply():
                self._apply(statement, frozen, defaults, conditions, depth)
            case tree.Repeat():
                self._repeat(statement, frozen, defaults, conditions, depth)
            case tree.If():
                self._if(statement, frozen, defaults, conditions, depth)
            case tree.Merge(body=body, keywords=keywords):
                for keyword in keywords:
                    if not isinstance(keyword.value, tree.Name):
                        self._site(keyword.value, frozen)
                self._note(Place(statement, frozen, {}, conditions))
                inside(body.statements)
            case tree.Residual(body=body, shortcut=shortcut):
                self._note(Place(statement, frozen, {}, conditions))
                inside(body.statements)
                if shortcut is not None:
                    inside(shortcut.statements)
            case tree.Yield(ref=ref):
                if ref.path is not None:
                    self._templates(ref.path, frozen)
            case tree.Share(target=target_path):
                self._templates(target_path, frozen)
            case tree.Input(dims=dims):
                if dims is not None:
                    self._site(dims, frozen)

    def _note(self, place: Place) -> None:
        self.places.setdefault(key_of(place.statement.span), []).append(place)

    def _templates(self, path: tree.Path, scope: Scope) -> None:
        for template in path.segments:
            for part in template.parts:
                if not isinstance(part, str):
                    self._site(part, scope)

    def _apply(
        self,
        call: tree.Apply,
        scope: Scope,
        defaults: Defaults,
        conditions: tuple[Condition, ...],
        depth: int,
    ) -> None:
        name = self._layer_name(call.layer, scope)
        last, value = self._resolved(call.layer, scope)
        target = getattr(value, "target", None)
        if isinstance(target, tree.Block):
            block: tree.Block | None = target
        else:
            file = call.span.file if name == call.layer.id else last.span.file
            block = self._library.block(file, name)
        op = OPS.get(name)
        open_ = self._is_parameter(call.layer, scope)
        if block is not None:
            parameters = [p.name.id for p in block.parameters]
        else:
            parameters = [p.name for p in op.parameters] if op is not None else []
        # Of several arguments for one parameter, all but the first count as further ones.
        variadic = block is None and op is not None and any(p.variadic for p in op.parameters)
        positional = parameters[:1] if variadic else parameters
        arguments = {
            parameter: Argument(expr, scope)
            for parameter, expr in zip(positional, call.arguments, strict=False)
        }
        for keyword in call.keywords:
            arguments[keyword.name.id] = Argument(keyword.value, scope)
        for parameter in parameters:
            given = defaults.get((name, parameter))
            if given is not None:
                arguments.setdefault(parameter, given)
        # What a parameter of the class holds is for its callers to say.
        if block is None or not block.inline or open_:
            sites = {key: self._site(a.expr, a.scope) for key, a in arguments.items()}
            for extra in call.arguments[len(positional) :]:
                self._site(extra, scope)
            self._note(Place(call, scope, arguments, conditions, sites))
            return
        inner: dict[str, Binding] = dict(arguments)
        within = Scope(inner, scope.incoming)
        for parameter_ in block.parameters:
            if parameter_.name.id not in inner:
                default = parameter_.default
                if default is None:
                    inner[parameter_.name.id] = Opaque()
                else:
                    inner[parameter_.name.id] = Argument(default, within)
        self._body(block.body.statements, within, {}, conditions, depth + 1)

    def _resolved(self, name: tree.Name, scope: Scope) -> tuple[tree.Name, object]:
        """A name of a layer followed through parameters: the last one, or the layer as a value."""
        for _ in range(_DEPTH):
            binding = scope.names.get(name.id)
            if isinstance(binding, Constant):
                return name, binding.value
            if isinstance(binding, Name):
                return name, self._held.get(binding.id)
            if not isinstance(binding, Argument) or not isinstance(binding.expr, tree.Name):
                break
            name, scope = binding.expr, binding.scope
        return name, None

    def _is_parameter(self, name: tree.Name, scope: Scope) -> bool:
        for _ in range(_DEPTH):
            binding = scope.names.get(name.id)
            if not isinstance(binding, Argument) or not isinstance(binding.expr, tree.Name):
                return isinstance(binding, Name)
            name, scope = binding.expr, binding.scope
        return False

    def _layer_name(self, name: tree.Name, scope: Scope) -> str:
        last, value = self._resolved(name, scope)
        found = getattr(value, "name", None)
        return found if isinstance(found, str) else last.id

    def _repeat(
        self,
        statement: tree.Repeat,
        scope: Scope,
        defaults: Defaults,
        conditions: tuple[Condition, ...],
        depth: int,
    ) -> None:
        body = statement.body.statements
        if all(isinstance(s, tree.Assert) for s in body):
            return
        site = self._site(statement.count, scope, decides=True)
        self._note(Place(statement, scope, {"count": site.argument}, conditions, {"count": site}))
        bound = [n.id for n in statement.names]
        index = self.index_of(statement)
        self.indices.add(index)
        if self._counts(statement, scope):
            counted = Scope({**scope.names, bound[0]: Name(index)}, scope.incoming)
            self._body(body, counted, defaults, conditions, depth + 1)
            return
        for names in self._elements(statement.count, scope, bound):
            inner = {**scope.names, **names}
            if statement.index is not None:
                inner[statement.index.id] = Opaque()
            self._body(body, Scope(inner, scope.incoming), defaults, conditions, depth + 1)

    def index_of(self, statement: tree.Repeat) -> str:
        """The variable that numbers the iterations of `repeat n as i`, or `repeat n`."""
        named = statement.names[0].id if len(statement.names) == 1 else "i"
        return fresh(index_name(named), self._taken)

    def _counts(self, statement: tree.Repeat, scope: Scope) -> bool:
        """Whether it may be that a number is repeated over, and its one name counts."""
        if len(statement.names) != 1 or statement.index is not None:
            return False
        expr: tree.Expr | None = statement.count
        for _ in range(_DEPTH):
            if isinstance(expr, tree.Group):
                expr = expr.inner
            elif isinstance(expr, tree.Name):
                match scope.names.get(expr.id):
                    case Argument(expr=inner, scope=outer):
                        expr, scope = inner, outer
                    case Constant(value=value):
                        return isinstance(value, int | float)
                    case Name():
                        return True
                    case _:
                        return False
            else:
                break
        return not isinstance(expr, tree.List | tree.Dims)

    def _elements(
        self, expr: tree.Expr, scope: Scope, names: Sequence[str]
    ) -> list[dict[str, Binding]]:
        """What the names stand for, in each repetition where the text tells that."""
        opaque: dict[str, Binding] = {name: Opaque() for name in names}
        for _ in range(_DEPTH):
            if isinstance(expr, tree.Group):
                expr = expr.inner
            elif isinstance(expr, tree.Name) and isinstance(
                found := scope.names.get(expr.id), Argument
            ):
                expr, scope = found.expr, found.scope
            else:
                break
        if isinstance(expr, tree.Name):
            binding = scope.names.get(expr.id)
            if not isinstance(binding, Constant) or not isinstance(binding.value, tuple):
                return [opaque]
            return [_taken_apart(names, item) or opaque for item in binding.value] or [opaque]
        if not isinstance(expr, tree.List) or not names:
            return [opaque]
        found_: list[dict[str, Binding]] = []
        for item in expr.items:
            if len(names) == 1:
                found_.append({names[0]: Argument(item, scope)})
            elif isinstance(item, tree.List) and len(item.items) == len(names):
                parts = zip(names, item.items, strict=True)
                found_.append({name: Argument(part, scope) for name, part in parts})
            else:
                found_.append(opaque)
        return found_ or [opaque]

    def _if(
        self,
        statement: tree.If,
        scope: Scope,
        defaults: Defaults,
        conditions: tuple[Condition, ...],
        depth: int,
    ) -> None:
        under = conditions
        for test, body in statement.branches:
            argument = Argument(test, scope)
            known = self._decide(argument)
            if known is False:
                continue
            if known is True:
                self._body(body.statements, scope, defaults, under, depth + 1)
                return
            self._site(test, scope, decides=True)
            taken = (*under, Condition(argument, True))
            self._body(body.statements, scope, defaults, taken, depth + 1)
            under = (*under, Condition(argument, False))
        if statement.otherwise is not None:
            self._body(statement.otherwise.statements, scope, defaults, under, depth + 1)


def _taken_apart(names: Sequence[str], item: object) -> dict[str, Binding] | None:
    if len(names) == 1:
        return {names[0]: Constant(item)}
    if isinstance(item, tuple) and len(item) == len(names):
        return {name: Constant(part) for name, part in zip(names, item, strict=True)}
    return None
