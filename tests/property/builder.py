"""Builds a description statement by statement, from choices that Hypothesis draws.

The oracle runs along while a net is drawn, so that what is drawn next can suit the value there is.
Which arguments a layer might be given is left to `arguments.py`, which nets are asked for to
`strategies.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from tests.property.arguments import ACTIVATIONS, Choices, drawn
from tests.property.layers import LAYERS
from tests.property.nets import (
    Annotated,
    Apply,
    Argument,
    Block,
    Braces,
    Default,
    Dims,
    Expr,
    If,
    Labelled,
    Let,
    List,
    Merge,
    Reference,
    Repeat,
    Residual,
    Share,
    Statement,
    ValueOf,
    Word,
    has_labels,
    inside,
    words_of,
)
from tests.property.oracle import Frame, Oracle, Scope
from tests.property.values import Value
from tests.property.windows import Refused

#: Elements of the largest value of a net.
LARGE = 20_000

#: Labels beside `l1`, `l2`, …: words of Python and of nn.Module, and names that netspec gives.
AWKWARD = ("class", "forward", "training", "if", "relu1", "conv1", "weight", "modules", "input")

#: The first ones are drawn most, and are what a failing net shrinks to.
WORDS = ("conv", "maxpool", *(word for word in LAYERS if word not in ("conv", "maxpool")))
MAPPED = tuple(word for word in WORDS if word not in ("dense", "flatten"))
FLAT = (
    "dense", "relu", "gelu", "batchnorm", "layernorm", "groupnorm", "scale", "dropout", "dense",
    "softmax", "log_softmax", "reshape", "select", "slice", "prelu", "tanh", "stochastic_depth",
    "gaussian_noise", "gaussian_dropout", "identity", "hardswish", "pad", "parameter", "multiply",
    "maximum",
)  # fmt: skip

DEFAULTS: tuple[tuple[str, str, Argument], ...] = (
    ("conv", "bias", False),
    ("conv", "padding", Word("half")),
    ("conv", "rounding", Word("floor")),
    ("blurpool", "mode", Word("replicate")),
    ("batchnorm", "affine", False),
    ("avgpool", "include_padding", False),
    ("maxpool", "rounding", Word("ceil")),
    ("dense", "bias", False),
    ("upsample", "mode", Word("bilinear")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands: how deep, whether labels are free, whether slips are drawn."""

    depth: int = 0
    labels: bool = True
    wild: bool = False

    def inner(self, *, labels: bool = True) -> Place:
        return Place(self.depth + 1, self.labels and labels, self.wild)

    def sound(self) -> Place:
        """For what may never run: netspec looks at it all the same, and PyTorch does not."""
        return Place(self.depth, self.labels, False)


@dataclass(slots=True)
class Builder:
    choices: Choices
    blocks: dict[str, Block] = field(default_factory=dict)
    oracle: Oracle = field(init=False)
    counter: int = 0
    labels_used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.blocks)

    def fresh(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}{self.counter}"

    # --- sequences ----------------------------------------------------------------------------

    def sequence(
        self, frame: Frame, value: Value, length: int, place: Place
    ) -> tuple[tuple[Statement, ...], Value | None]:
        """Statements, and the value after them; None if the last one cannot be."""
        statements: list[Statement] = []
        for _ in range(length):
            chosen, result = self.next(frame, value, place)
            statements.append(chosen)
            if result is None:
                return tuple(statements), None
            value = result
        return tuple(statements), value

    def next(self, frame: Frame, value: Value, place: Place) -> tuple[Statement, Value | None]:
        """The next statement; one that cannot be is only kept where slips are drawn."""
        for _ in range(3):
            kept = dict(self.blocks)
            statement = self.statement(frame, value, place)
            if place.labels and self.choices.chance(15) and _labelable(statement):
                statement = Labelled(self.label(), statement)
            tried = frame.inner()
            try:
                result = self.oracle.run(statement, tried, value)
                if prod(result.shape) > LARGE:
                    self.restore(kept)
                    continue
                if self.choices.chance(8) and _labelable(_core(statement)):
                    statement = self.annotated(statement, result, place)
                    tried = frame.inner()
                    self.oracle.run(statement, tried, value)
            except Refused:
                if place.wild:
                    return statement, None
                self.restore(kept)
                continue
            frame.names, frame.labels = tried.names, tried.labels
            frame.defaults = tried.defaults
            return statement, result
        return Apply("relu"), self.oracle.run(Apply("relu"), frame, value)

    def restore(self, blocks: dict[str, Block]) -> None:
        """Forgets the blocks that only a statement used which is not kept."""
        for name in list(self.blocks):
            if name not in blocks:
                del self.blocks[name]

    def used(self, statements: tuple[Statement, ...]) -> tuple[Block, ...]:
        """The blocks that these call, directly or through others."""
        found: set[str] = set()
        words = [word for statement in statements for word in words_of(statement)]
        while words:
            word = words.pop()
            if word in self.blocks and word not in found:
                found.add(word)
                words += words_of(self.blocks[word].body)
        return tuple(block for block in self.blocks.values() if block.name in found)

    def annotated(self, statement: Statement, result: Value, place: Place) -> Statement:
        dims: list[int | None] = list(result.shape)
        if place.wild and self.choices.chance(30):
            dims[0] = result.shape[0] + 1
        elif self.choices.chance(50) and len(dims) > 1:
            dims[self.choices.number(0, len(dims) - 1)] = None
        shown: Dims | List = Dims(tuple(dims)) if len(dims) > 1 else List(tuple(result.shape))
        if isinstance(statement, Labelled):
            return Labelled(statement.label, Annotated(statement.statement, shown))
        return Annotated(statement, shown)

    def label(self) -> str:
        name = self.choices.pick(AWKWARD)
        if name in self.labels_used or self.choices.chance(70):
            name = self.fresh("l")
        self.labels_used.add(name)
        return name

    # --- statements ---------------------------------------------------------------------------

    def statement(self, frame: Frame, value: Value, place: Place) -> Statement:
        roll = self.choices.number(0, 99)
        if roll < 55:
            return self.layer(frame, value, place)
        if roll < 61:
            return self.reference(frame, value, place)
        if roll < 64:
            layer, keyword, setting = self.choices.pick(DEFAULTS)
            return Default(layer, keyword, setting)
        if place.depth >= 3:
            return self.layer(frame, value, place)
        if roll < 76:
            return self.merge(frame, value, place)
        if roll < 82:
            return self.residual(frame, value, place)
        if roll < 91:
            return self.call(frame, value, place)
        if roll < 95:
            return self.repeat(frame, value, place)
        if roll < 98:
            return self.condition(frame, value, place)
        return self.braces(frame, value, place)

    def layer(self, frame: Frame, value: Value, place: Place) -> Statement:
        named = [
            name for name, held in frame.names.items() if isinstance(held, str) and held in LAYERS
        ]
        if named and self.choices.chance(40):
            return Apply(self.choices.pick(named))
        wild = place.wild and self.choices.chance(50)
        if wild:
            word = self.choices.pick(WORDS)
        else:
            word = self.choices.pick(MAPPED if len(value.axes) > 1 else FLAT)
        return self.dressed(word, frame, value, place, wild)

    def dressed(self, word: str, frame: Frame, value: Value, place: Place, wild: bool) -> Statement:
        """A layer with arguments; `parameter` with its label, merged into the flow.

        (A net whose output no input reaches is none.) Where labels are not free, another layer.
        """
        if word == "parameter" and not place.labels:
            word = "scale"
        numbers = {name: n for name, n in frame.names.items() if type(n) is int}
        maps = [name for name, held in frame.names.items() if isinstance(held, Value)]
        applied = drawn(self.choices, word, value, frame.entered, numbers, maps, wild)
        if word != "parameter":
            return applied
        op = self.choices.pick(("mul", "add", "max", "sub", "concat"))
        return Merge(op, (Apply("identity"), Labelled(self.fresh("p"), applied)))

    def reference(self, frame: Frame, value: Value, place: Place) -> Statement:
        values = [name for name, held in frame.names.items() if isinstance(held, Value)]
        shared = [label for label, (inner, _, _) in frame.labels.items() if self.steady(inner)]
        if shared and self.choices.chance(50):
            return Share(self.choices.pick(shared))
        if values and self.choices.chance(50):
            return Reference(self.choices.pick(values))
        return Let(self.fresh("v"))

    def steady(self, statement: Statement) -> bool:
        """Whether it goes the same way for every input, and makes no named tensor."""
        if isinstance(statement, If):
            return False
        if isinstance(statement, Apply):
            if statement.word in self.blocks:
                return self.steady(self.blocks[statement.word].body)
            return statement.word != "parameter"
        return all(map(self.steady, inside(statement)))

    def braces(self, frame: Frame, value: Value, place: Place) -> Braces:
        length = self.choices.number(0, 3)
        items, _ = self.sequence(frame.inner(), value, length, place.inner())
        return Braces(items)

    # --- merges -------------------------------------------------------------------------------

    def merge(self, frame: Frame, value: Value, place: Place) -> Statement:
        op = self.choices.pick(("concat", "add", "mul", "max", "sub"))
        axis = None
        if op == "concat" and self.choices.chance(30):
            axis = self.choices.pick(value.axes)
        branches: list[Statement] = []
        for _ in range(self.choices.number(1, 3)):
            branches.append(self.branch(op, axis, frame, value, place))
        if self.choices.chance(15):
            count = self.choices.number(0, 2)
            within = place.sound() if count == 0 else place
            inner = tuple(self.branch(op, axis, frame, value, within) for _ in range(2))
            named = self.fresh("i") if self.choices.chance(30) else None
            if not any(has_labels(item) for item in inner):
                branches.append(Repeat(count, named, Braces(inner)))
        return Merge(op, tuple(branches), axis)

    def branch(
        self, op: str, axis: str | None, frame: Frame, value: Value, place: Place
    ) -> Statement:
        """Something that goes with the value itself: of its shape, or of its other sizes."""
        if place.wild and self.choices.chance(15):
            return self.braces(frame, value, place)
        names = [
            name
            for name, held in frame.names.items()
            if isinstance(held, Value) and held.axes == value.axes
        ]
        roll = self.choices.number(0, 9)
        if roll < 2:
            return Apply("identity")
        if roll < 4 and names:
            return Reference(self.choices.pick(names))
        if "channels" not in value.axes:
            return Apply("relu")
        if op == "concat" and axis is None and roll < 8 and value.sizes:
            return Apply("conv", (self.choices.number(1, 6), 1))
        if op == "mul" and roll < 7 and value.sizes:
            gate = (
                Apply("global_avgpool"),
                Apply("conv", (Expr("@.channels"), 1)),
                Apply("sigmoid"),
            )
            return Braces(gate)
        return Braces(self.preserving(value, self.choices.number(1, 3)))

    def preserving(self, value: Value, length: int) -> tuple[Statement, ...]:
        """Layers that give back the shape that they take."""
        items: list[Statement] = []
        for _ in range(length):
            options: list[Apply] = [Apply(self.choices.pick(ACTIVATIONS)), Apply("batchnorm")]
            if value.sizes:
                kernel = self.choices.pick((1, 3))
                padding = ("padding", Word(self.choices.pick(("half", "same"))))
                conv = ("stride", 1), padding, ("dilation", self.choices.number(1, 2))
                options += [
                    Apply("conv", (value.channels, kernel), conv),
                    Apply("conv", (Expr("@.channels"), kernel), (padding,)),
                    Apply("dwconv", (kernel,), (padding,)),
                    Apply("maxpool", (kernel,), (("stride", 1), padding)),
                    Apply("instancenorm"),
                ]
            items.append(self.choices.pick(options))
        return tuple(items)

    def residual(self, frame: Frame, value: Value, place: Place) -> Statement:
        if (place.wild and self.choices.chance(30)) or "channels" not in value.axes:
            return Residual(self.braces(frame, value, place), None)
        if value.sizes and self.choices.chance(40):
            filters, stride = self.choices.number(1, 8), self.choices.number(1, 2)
            settings = ("stride", stride), ("rounding", Word("floor"))
            conv = Apply("conv", (filters, 3), (*settings, ("padding", 1)))
            body: tuple[Statement, ...] = (conv, Apply("batchnorm"))
            shortcut = Braces((Apply("conv", (filters, 1), settings),))
            return Residual(Braces(body), shortcut)
        body = self.preserving(value, self.choices.number(1, 3))
        shortcut_items = self.preserving(value, self.choices.number(0, 1))
        return Residual(Braces(body), Braces(shortcut_items) if self.choices.chance(40) else None)

    # --- blocks, repeats, conditions ----------------------------------------------------------

    def call(self, frame: Frame, value: Value, place: Place) -> Statement:
        if self.blocks and self.choices.chance(40):
            block = self.choices.pick(list(self.blocks.values()))
        else:
            block = self.block(frame, value, place)
        arguments: list[Argument] = []
        keywords: list[tuple[str, Argument]] = []
        for name, default in block.parameters:
            if default is not None and self.choices.chance(50):
                continue
            given = self.given(name, frame)
            if default is None and not keywords:
                arguments.append(given)
            else:
                keywords.append((name, given))
        if place.wild and self.choices.chance(5):
            keywords.append(("nothing", 1))
        return Apply(block.name, tuple(arguments), tuple(keywords))

    def given(self, name: str, frame: Frame) -> Argument:
        """An argument for a block's parameter: the first letter tells its kind."""
        if name.startswith("a"):
            return Word(self.choices.pick(ACTIVATIONS))
        if name.startswith("s"):
            return self.choices.number(1, 2)
        if name.startswith("t"):
            values = [n for n, held in frame.names.items() if isinstance(held, Value)]
            return ValueOf(self.choices.pick(values)) if values else Word("in")
        return self.choices.number(1, 8)

    def block(self, frame: Frame, value: Value, place: Place) -> Block:
        """A new block, its body drawn for the value that it is first called with."""
        parameters: list[tuple[str, Argument | None]] = []
        names: dict[str, object] = {}
        for kind in self.choices.some("wast"):
            name = self.fresh(kind)
            default = None
            given = self.given(name, frame)
            if kind != "t" and self.choices.chance(40):
                default = given
            names[name] = self.oracle._evaluate(given, frame, value)
            parameters.append((name, default))
        # What is required stands first.
        parameters.sort(key=lambda parameter: parameter[1] is not None)
        inline = self.choices.chance(20)
        inside = Frame(value, Scope(), names)
        within = Place(place.depth + 1, not inline, place.wild)
        items, _ = self.sequence(inside, value, self.choices.number(1, 4), within)
        block = Block(self.fresh("unit"), tuple(parameters), Braces(items), inline)
        self.blocks[block.name] = block
        return block

    def repeat(self, frame: Frame, value: Value, place: Place) -> Statement:
        name = self.fresh("i") if self.choices.chance(50) else None
        over: int | tuple[int, ...] = self.choices.number(0, 3)
        if name is not None and self.choices.chance(40):
            over = tuple(self.choices.number(1, 6) for _ in range(self.choices.number(1, 3)))
        inside = frame.inner()
        if name is not None:
            inside.names[name] = over[0] if isinstance(over, tuple) else 0
        if self.choices.chance(50) and "channels" in value.axes:
            items = self.preserving(value, self.choices.number(1, 3))
        else:
            length = self.choices.number(1, 3)
            within = place.inner(labels=False)
            items, _ = self.sequence(inside, value, length, within if over else within.sound())
        return Repeat(over, name, Braces(items))

    def condition(self, frame: Frame, value: Value, place: Place) -> Statement:
        numbers = [name for name, held in frame.names.items() if type(held) is int]
        left = Expr("in.rank")
        if "channels" in value.axes and self.choices.chance(50):
            left = Expr("@.channels")
        elif numbers:
            left = Expr(self.choices.pick(numbers), self.choices.number(1, 2))
        right = self.choices.number(1, 8)
        sign = self.choices.pick(("==", "!=", "<", "<=", ">", ">="))
        sound = place.inner().sound()
        then, _ = self.sequence(frame.inner(), value, self.choices.number(0, 2), sound)
        other, _ = self.sequence(frame.inner(), value, self.choices.number(0, 2), sound)
        otherwise = Braces(other) if self.choices.chance(60) else None
        return If(left, sign, right, Braces(then), otherwise)


def _core(statement: Statement) -> Statement:
    return statement.statement if isinstance(statement, Labelled) else statement


def _labelable(statement: Statement) -> bool:
    return isinstance(statement, Apply | Braces | Merge | Residual | If | Repeat)
