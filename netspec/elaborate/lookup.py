"""What names and references mean at one place: values, sizes, labels, and values inside blocks."""

from __future__ import annotations

from netspec.diagnostics import Remark, help_, note
from netspec.elaborate.evaluate import Evaluator
from netspec.elaborate.frame import Context
from netspec.elaborate.inside import find, names_below
from netspec.elaborate.program import Module, layer_names
from netspec.elaborate.report import Problem, nearest
from netspec.elaborate.scope import UNBOUND, Entry, NameScope
from netspec.elaborate.values import UNKNOWN, Flow, Handle, Layer, Unknown, describe
from netspec.graph.graph import CallNode, RepeatNode, TapNode
from netspec.graph.shape import AXIS_NAMES, Shape
from netspec.graph.size import Conditions, Size
from netspec.ops import OPS
from netspec.ops.values import Word
from netspec.source import Span
from netspec.syntax import tree

#: The sizes of a value that have names; `rank` is the number of its spatial axes.
SIZE_NAMES = (*AXIS_NAMES, "rank")

#: Every word that some layer expects.
WORDS = frozenset(
    {"half", "same", "spatial", "training", *AXIS_NAMES}.union(
        *(parameter.choices for op in OPS.values() for parameter in op.parameters)
    )
)


def size_of(shape: Shape, name: str, span: Span, word: Span | None = None) -> object:
    """The size that `value.name` means; `word` is the place of `name` alone."""
    if name == "rank":
        return len(shape.spatial)
    axis = shape.axis(name)
    if axis is not None:
        return shape.dims[axis]
    axes = " and ".join(
        (", ".join(shape.axes[:-1]), shape.axes[-1]) if shape.rank > 1 else shape.axes
    )
    what = f"a vector of {shape}" if shape.rank == 1 else f"a value of {shape}"
    if name not in AXIS_NAMES:
        match = nearest(name, SIZE_NAMES)
        raise Problem(
            "unknown-size",
            f"a value has no `{name}`",
            word or span,
            "not a size",
            [help_(f"did you mean `{match}`?")]
            if match
            else [note("sizes: " + ", ".join(SIZE_NAMES))],
        )
    raise Problem(
        "no-such-axis", f"{what} has no {name}", span, f"{what}", [note(f"it has {axes}")]
    )


class Lookup:
    """`Names` of one place, with the value that is current there."""

    __slots__ = ("context", "flow")

    def __init__(self, context: Context, flow: Flow) -> None:
        self.context = context
        self.flow = flow

    @property
    def conditions(self) -> Conditions:
        return self.context.frame.conditions

    def bound(self, name: str) -> bool:
        return name in self.context.environment

    def name(self, expr: tree.Name) -> object:
        name = expr.id
        context = self.context
        value = context.environment.find(name)
        if value is not UNBOUND:
            return value
        if name == "in":
            return self._incoming(expr.span)
        layer = find_layer(context, name)
        if layer is not None:
            return layer
        if name in WORDS:
            return Word(name)
        entry = self._label(name)
        if entry is not None and entry.value is not None:
            if isinstance(entry.value, Handle):
                self._usable(entry.value, expr.span)
            return entry.value
        if context.guessing or context.module.incomplete or _uncertain(context.scope):
            return UNKNOWN
        if len(name) == 1 and name.isupper() and name in self.conditions.symbols:
            return Size.symbol(name)
        sizes = name.split("x")
        if len(sizes) > 1 and all(s.isdigit() or s in context.environment for s in sizes):
            raise Problem(
                "dims-with-name",
                f"`{name}` is one name, not dims",
                expr.span,
                "dims hold numbers and single capitals",
                [help_(f"where a size is computed, a list does the same: `[{', '.join(sizes)}]`")],
            )
        candidates = {*context.environment.all_names(), *layer_names(context.module), *WORDS}
        match = nearest(name, candidates)
        raise Problem(
            "unknown-name",
            f"nothing here is called `{name}`",
            expr.span,
            "not a number, a layer or a word known here",
            [help_(f"did you mean `{match}`?")] if match else [],
        )

    def attribute(self, expr: tree.Attribute) -> object:
        name, attribute = expr.name.id, expr.attribute
        if name == "in":
            value: object = self._incoming(expr.name.span)
        else:
            value = self.name(expr.name)
        if isinstance(value, Unknown):
            if attribute.id not in SIZE_NAMES:
                size_of(Shape.of(1), attribute.id, expr.span, attribute.span)
            return UNKNOWN
        if not isinstance(value, Handle):
            raise Problem(
                "wrong-type",
                f"`{name}` is {describe(value)}, which has no sizes",
                expr.name.span,
                f"this is {describe(value)}",
            )
        return size_of(value.shape, attribute.id, expr.span, attribute.span)

    def _incoming(self, span: Span) -> Flow:
        value = self.context.incoming
        if value is None:
            if self.context.guessing:
                return UNKNOWN
            raise Problem(
                "missing-input",
                "`in` is what came in, and nothing has: a net begins with `input`",
                span,
                "no input yet",
            )
        return value

    # --- references ---------------------------------------------------------------------------

    def reference(self, ref: tree.Ref) -> object:
        """A Handle, a size, or unknown."""
        if ref.path is None:
            if ref.attribute is None:
                return self.flow
            if isinstance(self.flow, Unknown):
                if ref.attribute.id not in SIZE_NAMES:
                    size_of(Shape.of(1), ref.attribute.id, ref.span, ref.attribute.span)
                return UNKNOWN
            return size_of(self.flow.shape, ref.attribute.id, ref.span, ref.attribute.span)
        segments = self.segments(ref.path)
        if segments is None:
            return UNKNOWN
        value = self._resolve(segments, ref)
        if isinstance(value, Handle):
            self._usable(value, ref.span)
        return UNKNOWN if value is None else value

    def _usable(self, value: Handle, span: Span) -> None:
        """What exists in training only cannot be read by what inference needs."""
        frame = self.context.frame
        if frame.nodes[value.index].training and not frame.training:
            raise Problem(
                "training-only-value",
                "a value that exists in training only is read by what inference needs",
                span,
                "inference leaves this value out",
                [
                    note(
                        "it is made by an output `when=training`",
                        frame.nodes[value.index].span,
                    ),
                    help_("make the value before that output, and let the output refer to it"),
                ],
            )

    def value(self, ref: tree.Ref) -> Flow:
        """As `reference`, where a value of the network is needed."""
        value = self.reference(ref)
        if isinstance(value, (Handle, Unknown)):
            return value
        raise Problem(
            "not-a-value",
            f"`{ref.span.text}` is {describe(value)}, not a value of the network",
            ref.span,
            f"this is {describe(value)}",
        )

    def segments(self, path: tree.Path) -> tuple[str, ...] | None:
        """The names of a path, its expressions evaluated; None where one is unknown."""
        if len(path.segments) == 1 and (literal := path.segments[0].literal) is not None:
            return (literal,)
        names: list[str] = []
        for template in path.segments:
            text = self.template(template)
            if text is None:
                return None
            names.append(text)
        return tuple(names)

    def template(self, template: tree.Template) -> str | None:
        literal = template.literal
        if literal is not None:
            return literal
        pieces: list[str] = []
        for part in template.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            value = Evaluator(self)(part)
            if isinstance(value, Unknown):
                return None
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if whole or isinstance(value, (Word, str)):
                pieces.append(str(value))
            else:
                raise Problem(
                    "wrong-type",
                    f"a label takes whole numbers from 0 on, and words, not {describe(value)}",
                    part.span,
                    f"this is {describe(value)}",
                )
        return "".join(pieces)

    def _resolve(self, segments: tuple[str, ...], ref: tree.Ref) -> object | None:
        first, rest = segments[0], segments[1:]
        context = self.context
        assert ref.path is not None
        last = ref.path.segments[-1].span
        if first == "in" or first in context.environment:
            value: object = (
                self._incoming(ref.span) if first == "in" else context.environment.lookup(first)
            )
            if isinstance(value, Unknown):
                return value
            if not isinstance(value, Handle):
                raise Problem(
                    "not-a-value",
                    f"`{first}` is {describe(value)}, not a value of the network",
                    ref.span,
                    f"this is {describe(value)}",
                    [note("`@` yields values of the network alone")],
                )
            if not rest:
                return value
            if len(rest) == 1 and rest[0] in SIZE_NAMES:
                return size_of(value.shape, rest[0], ref.span)
            raise Problem(
                "unknown-label",
                f"`{first}` is one value, and has no `{'.'.join(rest)}`",
                last,
                f"`{first}` names a value, not a scope",
            )
        entry = self._label(first)
        if entry is None and first == "input":
            entry = self._unlabelled_input()
        if entry is None:
            return self._undefined(segments, ref)
        found = self._inside(entry, first, rest, ref)
        if found is None and rest and rest[-1] in SIZE_NAMES:
            found = self._inside(entry, first, rest[:-1], ref, size_only=True)
            if isinstance(found, Handle):
                return size_of(found.shape, rest[-1], ref.span)
        if found is None:
            return self._no_such_part(first, rest, entry, ref)
        return found

    def _unlabelled_input(self) -> Entry | None:
        """A net's single input without a label is named `input`."""
        frame = self.context.frame
        for name, index, span in frame.inputs:
            if name == "input":
                return Entry(Handle(index, frame.nodes[index].shape), span)
        return None

    def _label(self, name: str) -> Entry | None:
        scope: NameScope | None = self.context.scope
        while scope is not None:
            if name in scope.entries:
                return scope.entries[name]
            scope = scope.parent
        return None

    def _inside(
        self,
        entry: Entry,
        first: str,
        rest: tuple[str, ...],
        ref: tree.Ref,
        *,
        size_only: bool = False,
    ) -> Flow | None:
        """What stands at a path inside of a label; nothing is made of it if its size is all."""
        if not rest:
            if entry.value is None:
                raise Problem(
                    "reference-to-itself",
                    f"`@{first}` is used inside of `{first}`",
                    ref.span,
                    "its value is not there yet",
                    [
                        note("labelled here", entry.span),
                        help_("`let before = @` names the value at that place"),
                    ],
                )
            scope = self.context.frame.instance.scopes.get(entry.path)
            if scope is not None and scope.kind in ("labels", "branches"):
                raise Problem(
                    "not-a-value",
                    f"`{first}` is a scope of several values, not a value",
                    ref.span,
                    "names no single value",
                    [note("made here", entry.span)],
                )
            return entry.value
        inner = entry.scope
        if inner is not None and rest[0] in inner.entries:
            part = inner.entries[rest[0]]
            return self._inside(part, rest[0], rest[1:], ref, size_only=size_only)
        if isinstance(entry.value, Unknown) or (inner is not None and inner.uncertain):
            return UNKNOWN
        scope_path = inner.path if inner is not None else entry.path
        frame = self.context.frame
        found = find(frame.instance, (*scope_path, *rest))
        if found is None:
            return None
        steps, index = found
        if not steps:
            return Handle(index, frame.nodes[index].shape)
        reached = frame.instance
        for at, _ in steps:
            node = reached.nodes[at]
            assert isinstance(node, (CallNode, RepeatNode))
            reached = node.instance if isinstance(node, CallNode) else node.body
        shape = reached.nodes[index].shape
        if size_only:
            return Handle(-1, shape)
        return frame.append(
            TapNode(
                inputs=(steps[0][0],),
                shape=shape,
                span=ref.span,
                steps=steps,
                value=index,
            )
        )

    def _undefined(self, segments: tuple[str, ...], ref: tree.Ref) -> object:
        context = self.context
        if context.guessing or _uncertain(context.scope):
            return UNKNOWN
        name = segments[0]
        remarks: list[Remark] = []
        label = "no value of that name comes before"
        scope: NameScope | None = context.scope
        known: set[str] = {n for n in context.environment.all_names()}
        later = False
        while scope is not None:
            known |= set(scope.entries)
            later = later or name in scope.text.literal
            scope = scope.parent
        if later:
            message = f"`@{name}` is used before `{name}` is computed"
            label = f"`{name}` comes later"
            remarks.append(note("a value flows onwards only: a reference looks back"))
        else:
            message = f"no value is called `{name}` here"
            match = nearest(name, known)
            if match:
                remarks.append(help_(f"did you mean `@{match}`?"))
            if not context.frame.net:
                remarks.append(
                    note(
                        "references look outward to the border of the block, never into its caller"
                    )
                )
        assert ref.path is not None
        raise Problem("unknown-label", message, ref.path.segments[0].span, label, remarks)

    def _no_such_part(
        self, first: str, rest: tuple[str, ...], entry: Entry, ref: tree.Ref
    ) -> object:
        frame = self.context.frame
        base = entry.scope.path if entry.scope is not None else entry.path
        names = sorted(set(names_below(frame.instance, base)), key=_natural)
        match = nearest(rest[0], names)
        remarks = [help_(f"did you mean `@{first}.{match}`?")] if match else []
        if names:
            listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
            remarks.append(note(f"`{first}` holds {listed}"))
        raise Problem(
            "unknown-label",
            f"`{first}` holds no `{'.'.join(rest)}`",
            ref.span,
            "no such part",
            remarks,
        )


#: What an `assert` reads of the block or net that it stands in.
MEASURES = ("params", "macs", "flops", "activations", "depth", "receptive_field")


class AssertLookup(Lookup):
    """Names of an `assert` before anything is measured: measures are unknown, misspellings not."""

    __slots__ = ()

    def name(self, expr: tree.Name) -> object:
        if expr.id in MEASURES:
            return UNKNOWN
        if expr.id == "out":
            raise Problem(
                "wrong-type",
                "`out` is a value, which has no size as a whole",
                expr.span,
                "a value, not a number",
                [help_("its sizes are `out.channels`, `out.height` and so on")],
            )
        try:
            return super().name(expr)
        except Problem as problem:
            match = nearest(expr.id, MEASURES)
            if problem.name == "unknown-name" and match:
                problem.remarks = (help_(f"did you mean `{match}`?"),)
            raise

    def attribute(self, expr: tree.Attribute) -> object:
        if expr.name.id != "out":
            return super().attribute(expr)
        if expr.attribute.id not in SIZE_NAMES:
            size_of(Shape.of(1), expr.attribute.id, expr.span, expr.attribute.span)
        return UNKNOWN


def _natural(name: str) -> tuple[int, str]:
    return (len(name), name) if name.isdigit() else (1 << 30, name)


def _uncertain(scope: NameScope | None) -> bool:
    while scope is not None:
        if scope.uncertain:
            return True
        scope = scope.parent
    return False


def value_of(expr: tree.Expr, context: Context, flow: Flow) -> object:
    """What an expression is worth at a place, `flow` being the current value; raises Problem."""
    # Most arguments are a number or a name, for which little needs to be set up.
    if isinstance(expr, tree.Number):
        return expr.value
    if isinstance(expr, tree.Name):
        return Lookup(context, flow).name(expr)
    return Evaluator(Lookup(context, flow))(expr)


def visible_value(context: Context, name: str) -> bool:
    """Whether a name is a label or value that `@name` would yield here."""
    if name in context.environment:
        return isinstance(context.environment.lookup(name), Handle)
    scope: NameScope | None = context.scope
    while scope is not None:
        if name in scope.entries:
            return True
        scope = scope.parent
    return False


def find_layer(context: Context, name: str) -> Layer | None:
    """A block that the file at hand knows, or a built-in layer."""
    return layer_in(context.module, name)


def layer_in(module: Module, name: str) -> Layer | None:
    """A block that a file knows, or a built-in layer."""
    found = module.names.get(name)
    if found is None:
        return _BUILT_IN.get(name)
    return Layer(found[0]) if isinstance(found[0], tree.Block) else None


_BUILT_IN = {name: Layer(op) for name, op in OPS.items()}
