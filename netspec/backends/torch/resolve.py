"""Finds, for the steps of a block, the expressions of the text that hold for all of its uses.

Which steps there are is said by `unify`, where expressions stand by `places`; what is found stands
in a `Sheet`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from netspec.backends.torch.calling import resolve_call
from netspec.backends.torch.channels import (
    REDUCING,
    SAME_CHANNELS,
    channel_axis,
    channels_of,
    fixes_channels,
    literal,
    positions,
    product,
    reduced,
    sliced,
    summed,
)
from netspec.backends.torch.code import Binary, Choice, Expr, Items, Lit, call
from netspec.backends.torch.factories import applied
from netspec.backends.torch.layer import Layer, Refused
from netspec.backends.torch.names import variable_name
from netspec.backends.torch.places import Condition, Place, Site, Walk, key_of
from netspec.backends.torch.rewrite import names_in
from netspec.backends.torch.rounds import resolve_series
from netspec.backends.torch.sheet import (
    ClassInfo,
    Lane,
    Sheet,
    matches,
    negated,
    word_of,
)
from netspec.backends.torch.steps import (
    CallStep,
    LayerStep,
    LoopStep,
    MergeStep,
    ParameterStep,
    Program,
    ScopeStep,
    Step,
    text_of,
)
from netspec.backends.torch.symbols import (
    SIZES,
    Argument,
    Untranslatable,
    evaluate,
    translate,
)
from netspec.backends.torch.table import LOWERINGS
from netspec.backends.torch.unify import Different, Unified

#: The class of the block that a call makes, in one lane.
Called = Callable[[CallStep], ClassInfo]


class Resolver:
    """Fills a sheet; raises `Different` where the lanes cannot be one class."""

    def __init__(
        self,
        unified: Unified,
        walk: Walk,
        lanes: Sequence[Lane],
        called: Called,
        channels: Mapping[int, Expr | None],
        within: Resolver | None = None,
    ) -> None:
        """`channels` are those of the values that come in; `within` resolves what this is in."""
        self.unified = unified
        self.walk = walk
        self.lanes = lanes
        self.called = called
        #: The channels that the text gives for values, right in all lanes or not.
        self._given: dict[int, Expr] = {}
        self.fractions = {
            name for lane in lanes for name, value in lane.values.items() if type(value) is float
        }
        self.used: set[Place] = set() if within is None else within.used
        self.sheet: Sheet = Sheet() if within is None else within.sheet
        self.sheet.lanes.update(unified.lanes)
        self.sheet.channels.update(channels)
        self._program(unified.program, range(len(lanes)))
        if within is None:
            self.sheet.lets = list(self._lets())

    def _lets(self) -> Iterator[tuple[str, Expr]]:
        for name, argument in self.walk.lets:
            try:
                expr = self.translated(argument)
            except Untranslatable:
                continue
            if self.names(expr):
                yield variable_name(name, "value"), expr

    # --- steps --------------------------------------------------------------------------------

    def _program(self, program: Program, among: Sequence[int]) -> None:
        """Resolve the steps; `among` are the lanes that have the scope they stand in."""
        for step in program.steps:
            rows = self.unified.lanes[step]
            lost = set(self.sheet.lost)
            there = [lane for lane in among if rows[lane] is not None]
            place: Place | None = None
            match step:
                case LayerStep():
                    place = self._layer(step, rows)
                case CallStep():
                    place = resolve_call(self, step, rows)
                case MergeStep():
                    self._merge(step)
                    found = self.places(step)
                    place = found[0] if found else None
                case ParameterStep():
                    place = self._parameter(step, rows)
                case LoopStep() if step in self.unified.series:
                    place = resolve_series(self, step, rows)
                    if step in self.sheet.counts:
                        # Where it is missing it goes on for no times.
                        there = list(among)
                case LoopStep():
                    place = self._loop(step, rows, there)
                case ScopeStep():
                    inner = step.body
                    for value, outer in zip(inner.inputs, step.inputs, strict=True):
                        self.sheet.channels[value] = self.sheet.channels.get(outer)
                    self._program(inner, there)
                    for value, made in zip(step.outputs, inner.outputs, strict=True):
                        self.settle(value, self.sheet.channels.get(made))
            if place is not None:
                self.used.add(place)
            if len(there) < len(among):
                self.sheet.present[step] = self._condition(step, rows, place, among)
                self._optional(step, lost)

    def _optional(self, step: Step, lost: set[str]) -> None:
        """The channels after a step that may be missing: what it gives, or else what came in."""
        if len(step.outputs) != 1 or not step.inputs:
            return
        given, coming = self._given.get(step.outputs[0]), self.sheet.channels.get(step.inputs[0])
        if given is None or coming is None or given == coming:
            return
        if self.sheet.channels.get(step.outputs[0]) == given:
            return
        now = set(self.sheet.lost)
        self.sheet.lost = lost
        self.settle(step.outputs[0], Choice(given, self.sheet.present[step], coming), {SIZES})
        if isinstance(self.sheet.channels[step.outputs[0]], Choice):
            return
        self.sheet.lost = now

    def coming(self, step: Step, lanes: Sequence[int]) -> Expr | None:
        """The channels that come to a step, where it is there in these lanes alone."""
        expr = self.sheet.channels.get(step.inputs[0])
        while isinstance(expr, Choice):
            if self.agrees(expr.condition, [(lane, True) for lane in lanes]):
                expr = expr.then
            elif self.agrees(expr.condition, [(lane, False) for lane in lanes]):
                expr = expr.otherwise
            else:
                break
        return expr

    def places(self, step: Step) -> list[Place]:
        texts = [text_of(step), getattr(getattr(step, "node", None), "statement", None)]
        places = next(
            (
                self.walk.places[key_of(text.span)]
                for text in texts
                if text is not None and key_of(text.span) in self.walk.places
            ),
            [],
        )
        # A statement of an inline block has a place for each call: each is some step's.
        return sorted(places, key=lambda place: place in self.used)

    def present(self, rows: Sequence[Step | None]) -> list[tuple[int, Step]]:
        return [(lane, step) for lane, step in enumerate(rows) if step is not None]

    def _value(self, expr: Expr, lane: int) -> object:
        return evaluate(expr, self.lanes[lane].values)

    def agrees(self, expr: Expr, wanted: Sequence[tuple[int, object]]) -> bool:
        """Whether the expression has the wanted value in each of the lanes."""
        try:
            return all(matches(self._value(expr, lane), value) for lane, value in wanted)
        except Untranslatable:
            return False

    def stands(self, place: Place, lanes: Sequence[int]) -> bool:
        """Whether the conditions of a place hold in the lanes that have its step."""
        for condition in place.conditions:
            expr = self._test(condition)
            if expr is None:
                continue
            try:
                if any(bool(self._value(expr, lane)) is not True for lane in lanes):
                    return False
            except Untranslatable:
                continue
        return True

    def translated(self, argument: Argument) -> Expr:
        """In Python; raises `Untranslatable`, also for the number of a repeat that is no loop."""
        expr = translate(argument.expr, argument.scope, self.fractions)
        if names_in(expr) & self.walk.indices - self.lanes[0].values.keys():
            raise Untranslatable
        return expr

    def _test(self, condition: Condition) -> Expr | None:
        try:
            expr = self.translated(condition.test)
        except Untranslatable:
            return None
        return expr if condition.holds else negated(expr)

    # --- layers -------------------------------------------------------------------------------

    def _layer(self, step: LayerStep, rows: Sequence[Step | None]) -> Place | None:
        present = [(lane, s) for lane, s in self.present(rows) if isinstance(s, LayerStep)]
        for place in self.places(step):
            if not self.stands(place, [lane for lane, _ in present]):
                continue
            held = applied(self, step, present, place)
            if held is not None:
                self.sheet.modules[step] = held
                self._out(step, {}, [lane for lane, _ in present])
                return place
            found = self._symbols(place, present)
            if found is None:
                continue
            symbols, used = found
            expr = self._built(step, present, symbols)
            if expr is None:
                continue
            for site, names in used:
                if names <= names_in(expr):
                    self.sheet.captured.add(site)
            self._out(step, symbols, [lane for lane, _ in present])
            return place
        if self._built(step, present, {}) is None:
            raise Different
        self._out(step, {}, [lane for lane, _ in present])
        return None

    def _symbols(
        self, place: Place, present: Sequence[tuple[int, LayerStep]]
    ) -> tuple[dict[str, Expr], list[tuple[Site, set[str]]]] | None:
        """The attributes that are expressions; None where the place is not this layer's."""
        symbols: dict[str, Expr] = {}
        used: list[tuple[Site, set[str]]] = []
        for name, argument in place.arguments.items():
            if name == "amount":
                self._padding(argument, place, present, symbols, used)
                continue
            attributes = [(lane, step.node.attributes.get(name)) for lane, step in present]
            try:
                expr = self.translated(argument)
            except Untranslatable:
                continue
            if attributes[0][1] is None or self._worded(expr):
                continue
            if not self.agrees(expr, attributes):
                return None
            if names_in(expr) & set(self.lanes[0].values):
                symbols[name] = expr
                used.append((place.sites[name], names_in(expr) & set(self.lanes[0].values)))
        self._implied(symbols, place, present)
        return symbols, used

    def _parameter(self, step: ParameterStep, rows: Sequence[Step | None]) -> Place | None:
        """The dims of a learned tensor."""
        wanted: list[tuple[int, object]] = [
            (lane, s.node.attributes["dims"])
            for lane, s in self.present(rows)
            if isinstance(s, ParameterStep)
        ]
        for place in self.places(step):
            argument = place.arguments.get("dims")
            if argument is None:
                continue
            try:
                expr = self.translated(argument)
            except Untranslatable:
                continue
            if isinstance(expr, Items) and self.names(expr) and self.agrees(expr, wanted):
                self.sheet.modules[step] = expr
                self.sheet.captured.add(place.sites["dims"])
                axis = step.node.shape.axes.index("channels")
                self.settle(step.outputs[0], expr.items[axis], self.names(expr))
                return place
        if len({repr(dims) for _, dims in wanted}) > 1:
            raise Different
        self.settle(step.outputs[0], None)
        return None

    def _padding(
        self,
        argument: Argument,
        place: Place,
        present: Sequence[tuple[int, LayerStep]],
        symbols: dict[str, Expr],
        used: list[tuple[Site, set[str]]],
    ) -> None:
        """Channels that `pad … axis=channels` adds: a pair, of which the layer has every axis's."""
        if word_of(place.arguments.get("axis")) != "channels":
            return
        wanted: list[tuple[int, object]] = []
        for lane, step in present:
            axis, amount = step.shapes[0].channel_axis, step.node.attributes["amount"]
            assert isinstance(amount, tuple)
            wanted.append((lane, amount[axis]))
        try:
            expr = self.translated(argument)
        except Untranslatable:
            return
        if isinstance(expr, Items) and len(expr.items) == 1:
            expr = expr.items[0]
        pair = isinstance(expr, Items) and len(expr.items) == 2
        if pair and self.names(expr) and self.agrees(expr, wanted):
            symbols["amount"] = expr
            used.append((place.sites["amount"], self.names(expr)))

    def _worded(self, expr: Expr) -> bool:
        """Whether a word comes in, which means a number only to the layer that it is given to."""
        if isinstance(expr, Lit):
            return isinstance(expr.value, str)
        names = self.names(expr)
        return any(isinstance(lane.values[n], str) for lane in self.lanes for n in names)

    def _implied(
        self,
        symbols: dict[str, Expr],
        place: Place,
        present: Sequence[tuple[int, LayerStep]],
    ) -> None:
        """Attributes that follow from others: a pool's stride, the padding `half`, an end."""
        kernel = symbols.get("kernel")
        dilation = symbols.get("dilation", Lit(1))
        node = present[0][1].node
        if node.op == "slice" and "stop" not in place.arguments:
            symbols["stop"] = Lit(None)
        if kernel is None:
            return
        if node.op in ("maxpool", "avgpool") and "stride" not in place.arguments:
            symbols["stride"] = kernel
        padding = [(lane, step.node.attributes.get("padding")) for lane, step in present]
        if "padding" in symbols or padding[0][1] is None:
            return
        half: Expr = Binary("//", kernel, Lit(2))
        if dilation != Lit(1):
            half = Binary("*", dilation, half)
        given = place.arguments.get("padding")
        implied = given is None and node.op == "blurpool"
        if (implied or word_of(given) == "half") and self.agrees(half, padding):
            symbols["padding"] = half

    def _built(
        self,
        step: LayerStep,
        present: Sequence[tuple[int, LayerStep]],
        symbols: Mapping[str, Expr],
    ) -> Expr | None:
        """The module's expression if it is the same in all lanes."""
        channels = self.coming(step, [lane for lane, _ in present])
        exprs: set[str] = set()
        found: Expr | None = None
        for _, lane in present:
            node = lane.node
            layer = Layer(node.op, node.attributes, lane.shapes, node.shape, node.weights)
            layer.symbols = dict(symbols)
            layer.channels = channels
            try:
                found = LOWERINGS[node.op](layer).expr
            except Refused:
                # Said when the steps were made.
                found = call("nn.Identity")
            exprs.add(repr(found))
        if found is None or len(exprs) != 1:
            return None
        self.sheet.modules[step] = found
        return found

    def _out(self, step: LayerStep, symbols: Mapping[str, Expr], present: Sequence[int]) -> None:
        """The number of channels that comes out."""
        node = step.node
        coming = self.coming(step, present)
        known = symbols.get("filters") or symbols.get("units")
        expr: Expr | None = None
        if node.op in ("conv", "conv_transpose"):
            expr = known or literal(node.attributes["filters"])
        elif node.op == "dense":
            expr = known or literal(node.attributes["units"])
        elif node.op == "dwconv":
            times = symbols.get("multiplier") or literal(node.attributes.get("multiplier", 1))
            expr = coming if times == Lit(1) else product(coming, times)
        elif node.op in SAME_CHANNELS:
            expr = coming
        elif node.op == "flatten":
            shapes = self.unified.lane_shapes(step.inputs[0])
            spatial = {positions(shape) for shape in shapes}
            if len(spatial) == 1:
                expr = product(coming, literal(spatial.pop()))
        elif node.op in REDUCING:
            expr = reduced(node.attributes, step.shapes[0], coming)
        elif node.op == "slice":
            expr = sliced(node.attributes, step.shapes[0], symbols, coming)
        elif node.op == "reshape":
            dims = symbols.get("dims")
            expr = dims.items[0] if isinstance(dims, Items) else None
        self.settle(step.outputs[0], expr, self.names(coming))
        if fixes_channels(node.op, node.attributes, step.shapes[0], symbols):
            self.sheet.lost |= self.names(coming)

    def names(self, expr: Expr | None) -> set[str]:
        return set() if expr is None else names_in(expr) & set(self.lanes[0].values)

    def settle(self, value: int, expr: Expr | None, hangs_on: set[str] | None = None) -> None:
        """Note a value's channels: the expression if it is right everywhere, or the number."""
        if expr is not None:
            self._given[value] = expr
        shapes = self.unified.lane_shapes(value) if self._complete(value) else []
        actual = [channels_of(shape) for shape in shapes]
        if expr is not None and actual:
            try:
                right = all(
                    self._value(expr, lane) == channels for lane, channels in enumerate(actual)
                )
            except Untranslatable:
                right = False
            if not right:
                expr = None
        if expr is None and hangs_on:
            self.sheet.lost |= hangs_on
        if expr is None and actual and isinstance(actual[0], int) and len(set(actual)) == 1:
            expr = Lit(actual[0])
        self.sheet.channels[value] = expr

    def _complete(self, value: int) -> bool:
        return all(value in values for values in self.unified.values)

    # --- merges, loops, conditions ------------------------------------------------------------

    def _merge(self, step: MergeStep) -> None:
        exprs = [self.sheet.channels.get(value) for value in step.inputs]
        hangs_on = {name for expr in exprs for name in self.names(expr)}
        output = step.outputs[0]
        if step.node.op != "concat":
            for expr in exprs:
                self.settle(output, expr)
                if expr is not None and self.sheet.channels[output] == expr:
                    # All are as wide, but for those of one channel.
                    self.sheet.lost |= hangs_on - self.names(expr)
                    return
            self.settle(output, None, hangs_on)
            return
        total: Expr | None = None
        if step.node.attributes["axis"] == channel_axis(step.node.shape):
            total = exprs[0]
            for expr in exprs[1:]:
                total = summed(total, expr)
        else:
            total = exprs[0]
        self.settle(output, total, hangs_on)

    def _loop(
        self, step: LoopStep, rows: Sequence[Step | None], there: Sequence[int]
    ) -> Place | None:
        for value, outer in zip(step.body.inputs, step.inputs, strict=True):
            self.sheet.channels[value] = self.sheet.channels.get(outer)
        self._program(step.body, there)
        self.settle(step.outputs[0], self.sheet.channels.get(step.body.outputs[0]))
        counts: list[tuple[int, object]] = [
            (lane, s.count) for lane, s in self.present(rows) if isinstance(s, LoopStep)
        ]
        # A count of one would need no loop, and one of none no layer at all: other values than
        # these are not what the text would give.
        return self.counted(step, counts, (0, 1))

    def counted(
        self, step: LoopStep, counts: Sequence[tuple[int, object]], less: Sequence[int]
    ) -> Place | None:
        """Note how often a loop goes round: what the text says, or so many times less."""
        for place in self.places(step):
            try:
                total = self.translated(place.arguments["count"])
            except Untranslatable:
                continue
            if not self.names(total):
                continue
            for number in less:
                expr = Binary("-", total, Lit(number)) if number else total
                if self.agrees(expr, counts):
                    self.sheet.counts[step] = expr
                    return place
        if len({number for _, number in counts}) > 1:
            raise Different
        return None

    def _condition(
        self,
        step: Step,
        rows: Sequence[Step | None],
        place: Place | None,
        among: Sequence[int],
    ) -> Expr:
        """When the step is there: a condition of the text that says so for every lane."""
        wanted: list[tuple[int, object]] = [(lane, rows[lane] is not None) for lane in among]
        candidates: list[list[Condition]] = []
        first = place or self._first_place(step)
        if first is not None and first.conditions:
            candidates += [[condition] for condition in reversed(first.conditions)]
            candidates.append(list(first.conditions))
        tests = {
            id(c.test.expr): c for p in self.walk.places.values() for q in p for c in q.conditions
        }
        candidates += [[condition] for condition in tests.values()]
        candidates += [[Condition(c.test, not c.holds)] for c in tests.values()]
        for conditions in candidates:
            exprs = [self._test(condition) for condition in conditions]
            if any(expr is None for expr in exprs):
                continue
            whole = exprs[0]
            for expr in exprs[1:]:
                assert whole is not None and expr is not None
                whole = Binary("and", whole, expr)
            assert whole is not None
            if self.agrees(whole, wanted):
                for site in self.walk.sites:
                    if any(site.argument.expr is c.test.expr for c in conditions):
                        self.sheet.captured.add(site)
                return whole
        raise Different

    def _first_place(self, step: Step) -> Place | None:
        """Where the first layer of a scope stands."""
        while isinstance(step, ScopeStep):
            if not step.body.steps:
                return None
            step = step.body.steps[0]
        places = self.places(step)
        return places[0] if places else None
