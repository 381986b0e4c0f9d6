"""Where arguments come from: from the layer's statement back to what was written for them.

Names are followed through parameters of blocks, `let`s, repeats and aliases, as the notes of the
elaboration have them. What a layer makes of its arguments is left to `arithmetic`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netspec.analysis.layers import written_arguments
from netspec.analysis.why.answer import Argument, Link
from netspec.analysis.why.expressions import (
    At,
    bound_by,
    equation,
    given_by,
    has_parameter,
    holder,
    names_in,
    short,
    text_of,
    value_of,
)
from netspec.analysis.why.levels import Levels
from netspec.analysis.why.words import iteration, resolved
from netspec.elaborate.frame import Context, Preset
from netspec.elaborate.mentions import nodes
from netspec.elaborate.scope import Environment
from netspec.elaborate.values import UNKNOWN, Layer, Unknown
from netspec.elaborate.watch import Iterated, Made, Spliced, Watch
from netspec.graph.graph import CallNode, Instance, OpNode
from netspec.ops import OPS
from netspec.ops.spec import REQUIRED, Kind
from netspec.record import replace
from netspec.syntax import tree

#: Links of one argument, and steps that one of them goes back.
MOST_LINKS = 24
DEPTH = 64

#: The element of a list that is followed, the one of that, and so on.
Elements = tuple[int, ...]

#: Says of an argument that neither the statement nor a `default` sets it.
OWN = "the layer's own default"


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
        given = given_by(made.statement, [p.name for p in op.parameters], variadic)
        presets = {} if bound is None else bound.presets
        at = At(made.context, made.flow)
        if isinstance(made.statement, tree.Apply):
            yield from self._applied(made.statement, at)
        for parameter in op.parameters:
            name = parameter.name
            value = resolved(node, parameter, values) or written_out.get(name)
            if value is None or parameter.kind is Kind.AXIS:
                known = values.get(name, parameter.default)
                value = "" if known is REQUIRED else text_of(known)
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
        at: At,
        bindings: Mapping[str, object],
        presets: Mapping[str, Preset],
        inside: Context | None,
    ) -> Iterator[Argument]:
        """The arguments of a block's call, in the order of its parameters."""
        given = given_by(call, [p.name.id for p in block.parameters], None)
        for parameter in block.parameters:
            name = parameter.name.id
            value = text_of(bindings.get(name, UNKNOWN))
            if name in given:
                yield self._argument(name, value, given[name], at)
            elif name in presets:
                yield self._preset(name, value, presets[name], at)
            elif parameter.default is None:
                yield Argument(name, value, "")
            else:
                self._begin()
                text = f"{name} = {short(parameter.default.span.text)}"
                self._add(parameter.default, text, f"the default of `{name}`")
                if inside is not None:
                    self._names(parameter.default, At(inside, UNKNOWN), 0)
                yield Argument(name, value, f"the default of `{block.name.id}`", self._end())

    def of_block(self, instance: Instance, made: Made) -> list[Argument]:
        """What layer a name stands for, and the arguments of a block's call."""
        block, call = instance.definition, made.statement
        if not isinstance(block, tree.Block) or not isinstance(call, tree.Apply):
            return []
        at = At(made.context, made.flow)
        inside = self._watch.contexts.get(instance)
        arguments = self.of_call(block, call, at, instance.bindings, made.presets or {}, inside)
        return [*self._applied(call, at), *arguments]

    def of_splice(self, spliced: Spliced, environment: Environment) -> list[Argument]:
        """The same of an inline block's."""
        block, call = spliced.block, spliced.call
        at = At(spliced.context, spliced.flow)
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
        return self._argument("dims", value, statement.dims, At(made.context, made.flow))

    def _applied(self, call: tree.Apply, at: At) -> list[Argument]:
        applied = self.layer(call.layer, at)
        return [] if applied is None else [applied]

    def layer(self, name: tree.Name, at: At) -> Argument | None:
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
        at: At,
        how: str = "written in the statement",
    ) -> Argument:
        self._begin()
        if isinstance(expr, tuple):
            for number, one in enumerate(expr):
                self._add(one, f"{name} = {value}" if not number else "", how)
        else:
            self._chase(name, expr, at, how, 0)
        return Argument(name, value, how, self._end())

    def _preset(self, name: str, value: str, preset: Preset, at: At) -> Argument:
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
        at: At,
        how: str,
        depth: int,
        shown_as: object = UNKNOWN,
        path: Elements = (),
    ) -> None:
        """A link for the expression, then what the names in it come from.

        Of a list, `path` is the element that matters, and the part of that.
        """
        value = shown_as if not isinstance(shown_as, Unknown) else value_of(expr, at)
        self._add(expr, equation(name, expr, value, at), how)
        self._element(expr, at, depth, path)

    def _names(self, expr: tree.Expr, at: At, depth: int, path: Elements = ()) -> None:
        if depth >= DEPTH or len(self._links) >= MOST_LINKS:
            return
        for name in names_in(expr):
            environment = holder(at.context.environment, name.id)
            if environment is None or (environment, name.id, path) in self._seen:
                continue
            self._seen.add((environment, name.id, path))
            self._binding(name.id, environment, at, depth + 1, path)

    def _binding(
        self, name: str, environment: Environment, at: At, depth: int, path: Elements
    ) -> None:
        """Where a name got its value."""
        opened = self._watch.opened.get(environment)
        here = At(replace(at.context, environment=environment), UNKNOWN)
        if isinstance(opened, Iterated) and bound_by(opened.statement, name) is not None:
            self._iterated(name, opened, depth, path)
        elif isinstance(opened, Spliced) and has_parameter(opened.block, name):
            outside = At(opened.context, opened.flow)
            presets = opened.presets
            self._parameter(name, opened.block, opened.call, presets, outside, here, depth, path)
        elif environment in self._watch.roots and self._root(name, environment, here, depth, path):
            pass
        else:
            self._let(name, environment, here, depth, path)

    def _root(
        self, name: str, environment: Environment, here: At, depth: int, path: Elements
    ) -> bool:
        """A parameter of a block or of the net; False where it is none."""
        instance = self._watch.roots[environment]
        definition = instance.definition
        if definition is None or not has_parameter(definition, name):
            return False
        if isinstance(definition, tree.Net):
            self._net(name, definition, here, depth, path)
            return True
        made = self._calls.get(instance)
        if made is None or not isinstance(made.statement, tree.Apply):
            return False
        outside = At(made.context, made.flow)
        presets = made.presets or {}
        self._parameter(name, definition, made.statement, presets, outside, here, depth, path)
        return True

    def _parameter(
        self,
        name: str,
        block: tree.Block,
        call: tree.Apply,
        presets: Mapping[str, Preset],
        outside: At,
        here: At,
        depth: int,
        path: Elements,
    ) -> None:
        given = given_by(call, [p.name.id for p in block.parameters], None)
        whose = f"`{name}` of `{block.name.id}`"
        if name in given:
            expr = given[name]
            assert not isinstance(expr, tuple)
            how = f"{whose}, given by this call"
            self._chase(name, expr, outside, how, depth, path=path)
        elif name in presets:
            preset = presets[name]
            how = f"{whose}, set by this `default`"
            self._chase(name, preset.keyword.value, outside, how, depth, preset.value, path)
        else:
            self._default(name, block, here, f"{whose}, its default", depth, path)

    def _default(
        self,
        name: str,
        definition: tree.Block | tree.Net,
        here: At,
        how: str,
        depth: int,
        path: Elements,
    ) -> None:
        for parameter in definition.parameters:
            if parameter.name.id == name and parameter.default is not None:
                value = here.context.environment.names.get(name, UNKNOWN)
                self._chase(name, parameter.default, here, how, depth, value, path)

    def _net(self, name: str, definition: tree.Net, here: At, depth: int, path: Elements) -> None:
        """A parameter of the net: from outside, from the innermost alias that sets it, its
        default."""
        whose = f"`{name}` of `{definition.name.id}`"
        value = here.context.environment.names.get(name, UNKNOWN)
        if name in self._watch.given:
            given_ = self._watch.given[name]
            self._add(given_, f"{name} = {text_of(value)}", f"{whose}, from -p")
            self._element(given_, At(here.context, UNKNOWN), depth, path)
            return
        left = [p.name.id for p in definition.parameters]
        for alias, outside in reversed(self._watch.aliases):
            given = given_by(alias.target, left, None)
            if name in given:
                expr = given[name]
                assert not isinstance(expr, tuple)
                how = f"{whose}, set by `{alias.name.id}`"
                self._chase(name, expr, At(outside, UNKNOWN), how, depth, value, path)
                return
            left = [one for one in left if one not in given]
        self._default(name, definition, here, f"{whose}, its default", depth, path)

    def _iterated(self, name: str, opened: Iterated, depth: int, path: Elements) -> None:
        statement = opened.statement
        number = iteration(opened.index, opened.plan.count)
        bound = bound_by(statement, name)
        assert bound is not None
        is_index = bound is statement.index or opened.plan.elements is None
        if is_index:
            text = f"{name} = {opened.index}"
            self._add(bound, text, f"`{name}` counts this repeat, in {number}")
            return
        element = opened.plan.elements[opened.index] if opened.plan.elements else UNKNOWN
        parts = getattr(element, "items", element)
        inner = path
        if len(statement.names) > 1 and isinstance(parts, tuple):
            part = statement.names.index(bound)
            element = parts[part]
            # Of what stands in a list as one, a part of it is shown with the whole.
            inner = (part, *path) if path else ()
        self._add(bound, f"{name} = {text_of(element)}", f"`{name}` of this repeat, in {number}")
        outside = At(opened.context, opened.flow)
        self._element(statement.count, outside, depth, (opened.index, *inner))

    def _element(self, expr: tree.Expr, at: At, depth: int, path: Elements) -> None:
        """An element of the list that an expression is, where it is written out somewhere."""
        while isinstance(expr, tree.Group):
            expr = expr.inner
        if path and isinstance(expr, tree.List) and path[0] < len(expr.items):
            whole, name = expr.items[path[0]], f"element {path[0]}"
            self._chase(name, whole, at, "of this list", depth, path=path[1:])
        else:
            self._names(expr, at, depth, path if isinstance(expr, tree.Name) else ())

    def _let(
        self, name: str, environment: Environment, here: At, depth: int, path: Elements
    ) -> None:
        span = environment.spans.get(name)
        if span is None:
            return
        for item in here.context.module.file.items:
            if not (item.span.start <= span.start and span.end <= item.span.end):
                continue
            for node in nodes(item):
                if isinstance(node, tree.Let) and node.name.span == span:
                    value = environment.names.get(name, UNKNOWN)
                    self._chase(name, node.value, here, f"`let {name}`", depth, value, path)
                    return
