"""Where arguments come from: from the layer's statement back to what was written for them.

Names are followed through parameters of blocks, `let`s, repeats and aliases, as the notes of the
elaboration have them. What a layer makes of its arguments is left to `arithmetic`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netspec.analysis.layers import written_arguments
from netspec.analysis.why.answer import Argument, Link
from netspec.analysis.why.levels import Levels
from netspec.elaborate.evaluate import Evaluator
from netspec.elaborate.frame import Context, Preset
from netspec.elaborate.lookup import Lookup
from netspec.elaborate.mentions import nodes
from netspec.elaborate.report import Problem
from netspec.elaborate.scope import Environment
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Layer, Unknown
from netspec.elaborate.watch import Iterated, Made, Spliced, Watch
from netspec.graph.graph import CallNode, Instance, OpNode
from netspec.ops import OPS
from netspec.ops.spec import REQUIRED, Kind
from netspec.ops.values import has_text, shown
from netspec.ops.wording import written
from netspec.record import record, replace
from netspec.syntax import tree
from netspec.syntax.one_line import one_line

#: Links of one argument, and steps that one of them goes back.
MOST_LINKS = 24
DEPTH = 64
#: Characters of an expression that a link shows.
WIDTH = 60

#: Says of an argument that neither the statement nor a `default` sets it.
OWN = "the layer's own default"


@record(eq=False)
class _At:
    """Where an expression stands."""

    context: Context
    flow: Flow


class Origins:
    """Follows the arguments of the node at the innermost level."""

    def __init__(self, watch: Watch, at: Levels) -> None:
        self._watch = watch
        #: The call of each instance on the way.
        self._calls: dict[Instance, Made] = {}
        for outer in at:
            made = watch.nodes.get(outer.node)
            if isinstance(outer.node, CallNode) and made is not None:
                self._calls[outer.node.instance] = made
        self._links: list[Link] = []
        self._seen: set[object] = set()

    # --- whole statements -------------------------------------------------------------------------

    def of_op(self, node: OpNode, made: Made) -> Iterator[Argument]:
        """The arguments of a layer or merge, in the order of its signature."""
        op, bound = OPS[node.op], made.bound
        values = {**({} if bound is None else bound.values)}
        written_out = written_arguments(node)
        variadic = next((p.name for p in op.parameters if p.variadic), None)
        given = _given(made.statement, [p.name for p in op.parameters], variadic)
        presets = {} if bound is None else bound.presets
        at = _At(made.context, made.flow)
        if isinstance(made.statement, tree.Apply):
            yield from self._applied(made.statement, at)
        for parameter in op.parameters:
            name = parameter.name
            value = written_out.get(name)
            if value is None or parameter.kind is Kind.AXIS:
                known = values.get(name, parameter.default)
                value = "" if known is REQUIRED else _text_of(known)
            if name in given:
                yield self._argument(name, value, given[name], at)
            elif name in presets:
                yield self._preset(name, value, presets[name], at)
            else:
                yield Argument(name, value, OWN)

    def of_call(
        self,
        block: tree.Block,
        call: tree.Apply,
        at: _At,
        bindings: Mapping[str, object],
        presets: Mapping[str, Preset],
        inside: Context | None,
    ) -> Iterator[Argument]:
        """The arguments of a block's call, in the order of its parameters."""
        given = _given(call, [p.name.id for p in block.parameters], None)
        for parameter in block.parameters:
            name = parameter.name.id
            value = _text_of(bindings.get(name, UNKNOWN))
            if name in given:
                yield self._argument(name, value, given[name], at)
            elif name in presets:
                yield self._preset(name, value, presets[name], at)
            elif parameter.default is None:
                yield Argument(name, value, "")
            else:
                self._begin()
                text = f"{name} = {_short(parameter.default.span.text)}"
                self._add(parameter.default, text, f"the default of `{name}`")
                if inside is not None:
                    self._names(parameter.default, _At(inside, UNKNOWN), 0)
                yield Argument(name, value, f"the default of `{block.name.id}`", self._end())

    def of_block(self, instance: Instance, made: Made) -> list[Argument]:
        """What layer a name stands for, and the arguments of a block's call."""
        block, call = instance.definition, made.statement
        if not isinstance(block, tree.Block) or not isinstance(call, tree.Apply):
            return []
        at = _At(made.context, made.flow)
        inside = self._watch.contexts.get(instance)
        arguments = self.of_call(block, call, at, instance.bindings, made.presets or {}, inside)
        return [*self._applied(call, at), *arguments]

    def of_splice(self, spliced: Spliced, environment: Environment) -> list[Argument]:
        """The same of an inline block's."""
        block, call = spliced.block, spliced.call
        at = _At(spliced.context, spliced.flow)
        inside = self._watch.inlined.get(environment)
        bindings = environment.names
        arguments = self.of_call(block, call, at, bindings, spliced.presets, inside)
        return [*self._applied(call, at), *arguments]

    def of_input(self, node: OpNode, made: Made, outside: bool) -> Argument:
        """The size of an input."""
        statement = made.statement
        assert isinstance(statement, tree.Input)
        value = str(node.shape)
        if outside or statement.dims is None:
            return Argument("dims", value, "given by --input")
        return self._argument("dims", value, statement.dims, _At(made.context, made.flow))

    def _applied(self, call: tree.Apply, at: _At) -> list[Argument]:
        applied = self.layer(call.layer, at)
        return [] if applied is None else [applied]

    def layer(self, name: tree.Name, at: _At) -> Argument | None:
        """What layer a parameter stands for that a statement applies; None where it is no name of
        a parameter."""
        if name.id not in at.context.environment:
            return None
        value = at.context.environment.lookup(name.id)
        if not isinstance(value, Layer):
            return None
        return self._argument(name.id, value.name, name, at, f"`{name.id}` is the layer applied")

    def _argument(
        self,
        name: str,
        value: str,
        expr: tree.Expr | tuple[tree.Expr, ...],
        at: _At,
        how: str = "written in the statement",
    ) -> Argument:
        self._begin()
        if isinstance(expr, tuple):
            for number, one in enumerate(expr):
                self._add(one, f"{name} = {value}" if not number else "", how)
        else:
            self._chase(name, expr, at, how, 0)
        return Argument(name, value, how, self._end())

    def _preset(self, name: str, value: str, preset: Preset, at: _At) -> Argument:
        self._begin()
        how = "set by a `default` statement"
        self._chase(name, preset.keyword.value, at, how, 0, shown_as=preset.value)
        return Argument(name, value, how, self._end())

    # --- chains -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._links, self._seen = [], set()

    def _end(self) -> tuple[Link, ...]:
        return tuple(self._links)

    def _add(self, expr: tree.Tree, text: str, how: str) -> None:
        if len(self._links) < MOST_LINKS:
            self._links.append(Link(expr.span, text, how))

    def _chase(
        self,
        name: str,
        expr: tree.Expr,
        at: _At,
        how: str,
        depth: int,
        shown_as: object = UNKNOWN,
    ) -> None:
        """A link for the expression, then what the names in it come from."""
        value = shown_as if not isinstance(shown_as, Unknown) else _value(expr, at)
        self._add(expr, _equation(name, expr, value, at), how)
        self._names(expr, at, depth)

    def _names(self, expr: tree.Expr, at: _At, depth: int) -> None:
        if depth >= DEPTH or len(self._links) >= MOST_LINKS:
            return
        for name in _names_in(expr):
            environment = _holder(at.context.environment, name.id)
            if environment is None or (environment, name.id) in self._seen:
                continue
            self._seen.add((environment, name.id))
            self._binding(name.id, environment, at, depth + 1)

    def _binding(self, name: str, environment: Environment, at: _At, depth: int) -> None:
        """Where a name got its value."""
        opened = self._watch.opened.get(environment)
        here = _At(replace(at.context, environment=environment), UNKNOWN)
        if isinstance(opened, Iterated):
            self._iterated(name, opened, depth)
        elif isinstance(opened, Spliced) and _has(opened.block, name):
            outside = _At(opened.context, opened.flow)
            self._parameter(name, opened.block, opened.call, opened.presets, outside, here, depth)
        elif environment in self._watch.roots and self._root(name, environment, here, depth):
            pass
        else:
            self._let(name, environment, here, depth)

    def _root(self, name: str, environment: Environment, here: _At, depth: int) -> bool:
        """A parameter of a block or of the net; False where it is none."""
        instance = self._watch.roots[environment]
        definition = instance.definition
        if definition is None or not _has(definition, name):
            return False
        if isinstance(definition, tree.Net):
            self._net(name, definition, here, depth)
            return True
        made = self._calls.get(instance)
        if made is None or not isinstance(made.statement, tree.Apply):
            return False
        outside = _At(made.context, made.flow)
        presets = made.presets or {}
        self._parameter(name, definition, made.statement, presets, outside, here, depth)
        return True

    def _parameter(
        self,
        name: str,
        block: tree.Block,
        call: tree.Apply,
        presets: Mapping[str, Preset],
        outside: _At,
        here: _At,
        depth: int,
    ) -> None:
        given = _given(call, [p.name.id for p in block.parameters], None)
        whose = f"`{name}` of `{block.name.id}`"
        if name in given:
            expr = given[name]
            assert not isinstance(expr, tuple)
            self._chase(name, expr, outside, f"{whose}, given by this call", depth)
        elif name in presets:
            preset = presets[name]
            how = f"{whose}, set by this `default`"
            self._chase(name, preset.keyword.value, outside, how, depth, preset.value)
        else:
            self._default(name, block, here, f"{whose}, its default", depth)

    def _default(
        self, name: str, definition: tree.Block | tree.Net, here: _At, how: str, depth: int
    ) -> None:
        for parameter in definition.parameters:
            if parameter.name.id == name and parameter.default is not None:
                value = here.context.environment.names.get(name, UNKNOWN)
                self._chase(name, parameter.default, here, how, depth, value)

    def _net(self, name: str, definition: tree.Net, here: _At, depth: int) -> None:
        """A parameter of the net: from outside, from the innermost alias that sets it, its
        default."""
        whose = f"`{name}` of `{definition.name.id}`"
        value = here.context.environment.names.get(name, UNKNOWN)
        if name in self._watch.given:
            self._add(self._watch.given[name], f"{name} = {_text_of(value)}", f"{whose}, from -p")
            return
        left = [p.name.id for p in definition.parameters]
        for alias, outside in reversed(self._watch.aliases):
            given = _given(alias.target, left, None)
            if name in given:
                expr = given[name]
                assert not isinstance(expr, tuple)
                how = f"{whose}, set by `{alias.name.id}`"
                self._chase(name, expr, _At(outside, UNKNOWN), how, depth, value)
                return
            left = [one for one in left if one not in given]
        self._default(name, definition, here, f"{whose}, its default", depth)

    def _iterated(self, name: str, opened: Iterated, depth: int) -> None:
        statement = opened.statement
        number = f"iteration {opened.index + 1:,} of {opened.plan.count:,}"
        bound = next(
            (n for n in (statement.index, *statement.names) if n is not None and n.id == name),
            None,
        )
        if bound is None:
            return
        is_index = bound is statement.index or opened.plan.elements is None
        if is_index:
            text = f"{name} = {opened.index}"
            self._add(bound, text, f"`{name}` counts this repeat, in {number}")
            return
        element = opened.plan.elements[opened.index] if opened.plan.elements else UNKNOWN
        parts = getattr(element, "items", element)
        if len(statement.names) > 1 and isinstance(parts, tuple):
            element = parts[statement.names.index(bound)]
        self._add(bound, f"{name} = {_text_of(element)}", f"`{name}` of this repeat, in {number}")
        outside = _At(opened.context, opened.flow)
        expr: tree.Expr = statement.count
        while isinstance(expr, tree.Group):
            expr = expr.inner
        if isinstance(expr, tree.List) and opened.index < len(expr.items):
            whole = expr.items[opened.index]
            self._chase(f"element {opened.index}", whole, outside, "of this list", depth)
        else:
            self._names(expr, outside, depth)

    def _let(self, name: str, environment: Environment, here: _At, depth: int) -> None:
        span = environment.spans.get(name)
        if span is None:
            return
        for item in here.context.module.file.items:
            if not (item.span.start <= span.start and span.end <= item.span.end):
                continue
            for node in nodes(item):
                if isinstance(node, tree.Let) and node.name.span == span:
                    value = environment.names.get(name, UNKNOWN)
                    self._chase(name, node.value, here, f"`let {name}`", depth, value)
                    return


# --- expressions ----------------------------------------------------------------------------------


def _given(
    statement: tree.Tree, names: Sequence[str], variadic: str | None
) -> dict[str, tree.Expr | tuple[tree.Expr, ...]]:
    """The expressions of a statement by the parameters that they are for."""
    found: dict[str, tree.Expr | tuple[tree.Expr, ...]] = {}
    if isinstance(statement, tree.Input):
        return {} if statement.dims is None else {"dims": statement.dims}
    if isinstance(statement, tree.Apply):
        for index, argument in enumerate(statement.arguments):
            if variadic is not None and index == names.index(variadic):
                found[variadic] = statement.arguments[index:]
                break
            if index < len(names):
                found[names[index]] = argument
    if isinstance(statement, (tree.Apply, tree.Merge)):
        for keyword in statement.keywords:
            if keyword.name.id in names:
                found.setdefault(keyword.name.id, keyword.value)
    return found


def _value(expr: tree.Expr, at: _At) -> object:
    """What it is worth there; unknown where that cannot be told any more."""
    try:
        return Evaluator(_Looking(at.context, at.flow))(expr)
    except (Problem, IndexError):
        # What stands in a repeat that is one node has moved, and with it what it refers to.
        return UNKNOWN


class _Looking(Lookup):
    """Looks names up, and leaves nothing behind: a reference into a block appends a node."""

    __slots__ = ()

    def reference(self, ref: tree.Ref) -> object:
        nodes_ = self.context.frame.nodes
        before = len(nodes_)
        try:
            return super().reference(ref)
        finally:
            del nodes_[before:]


def _equation(name: str, expr: tree.Expr, value: object, at: _At) -> str:
    """`filters = 4*width = 4*256 = 1024`: the text, with its numbers, what it comes to."""
    text = _short(expr.span.text)
    if isinstance(value, Unknown):
        return f"{name} = {text}"
    result = _text_of(value)
    sides = [name, text]
    substituted = _substituted(expr, at)
    if substituted is not None and substituted != text:
        sides.append(_short(substituted))
    if sides[-1] != result:
        sides.append(result)
    return " = ".join(dict.fromkeys(sides))


def _substituted(expr: tree.Expr, at: _At) -> str | None:
    """The text with the values of the names in it; None where one has none that could be shown."""
    span = expr.span
    pieces: list[str] = []
    end = span.start
    parts = sorted(_parts(expr), key=lambda part: part.span.start)
    for part in parts:
        if part.span.start < end:
            continue
        value = _value(part, at)
        if isinstance(value, (Unknown, Handle)) or not (
            has_text(value) or isinstance(value, Layer)
        ):
            return None
        pieces += [span.file.text[end : part.span.start], _text_of(value)]
        end = part.span.end
    return "".join([*pieces, span.file.text[end : span.end]])


def _parts(expr: tree.Expr) -> Iterator[tree.Expr]:
    """Names and sizes that an expression reads."""
    stack: list[tree.Tree] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (tree.Name, tree.Attribute, tree.Ref)):
            yield node
        elif isinstance(node, tree.FunctionCall):
            stack += node.arguments
        else:
            stack += tree.inside(node)


def _names_in(expr: tree.Expr) -> list[tree.Name]:
    """Bare names, in the order of the text."""
    found = [part for part in _parts(expr) if isinstance(part, tree.Name)]
    found += [p.name for p in _parts(expr) if isinstance(p, tree.Attribute) and p.name.id != "in"]
    return sorted(found, key=lambda name: name.span.start)


def _holder(environment: Environment, name: str) -> Environment | None:
    here: Environment | None = environment
    while here is not None:
        if name in here.names:
            return here
        here = here.parent
    return None


def _has(definition: tree.Block | tree.Net, name: str) -> bool:
    return any(parameter.name.id == name for parameter in definition.parameters)


def _text_of(value: object) -> str:
    """A value as the language writes it, long ones cut short."""
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, Layer):
        return value.name
    if isinstance(value, (tuple, int, str)) and has_text(value):
        return _short(written(value) if not isinstance(value, str) else value)
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-")
    return _short(shown(value))


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1].rstrip()}…"
