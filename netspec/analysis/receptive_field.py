"""The receptive field: how many input positions an output position may depend on.

The rule of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks"
(Distill, 2019): an extent grows by (e - 1) times the jump of the positions that it spans. What a
single layer reads is said by its family in `ops`, how paths are composed by `paths`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil

from netspec.analysis.memo import PerInstance
from netspec.analysis.paths import Paths
from netspec.graph.graph import Instance, Network, Node, OpNode, RepeatNode
from netspec.graph.size import Dim, Size
from netspec.graph.walk import callee
from netspec.ops import OPS
from netspec.ops.spec import pointwise
from netspec.record import record

#: A number, an `int` where it is whole: nearly all are, and fractions take ten times as long.
Number = int | Fraction
#: A number, or an expression over symbolic sizes.
Amount = Number | Size

#: Beyond 2^BITS, and finer than 2^-BITS, jumps and extents are rounded: no map is so large.
BITS = 128
MOST = 2 ** (2 * BITS)
#: Symbolic extents are compared at this size of every symbol.
COMPARED_AT = 2**20


@record
class Axis:
    """Along one axis: positions read beyond the first, and the distance of neighbouring outputs."""

    beyond: Amount
    jump: Number

    def then(self, second: Axis) -> Axis:
        """A value that reads this one as `second` says."""
        if second.jump == 1 and second.beyond == 0:
            return self
        return Axis(
            _sum(self.beyond, _product(second.beyond, self.jump)), tame(self.jump * second.jump)
        )

    def best(self, other: Axis) -> Axis:
        """The larger of two paths; branches are taken to be aligned."""
        return Axis(_larger(self.beyond, other.beyond), max(self.jump, other.jump))

    def times(self, count: int) -> Axis:
        """beyond * (1 + jump + … + jump^(count-1)), jump^count."""
        if self.jump == 1:
            return Axis(_product(self.beyond, count), self.jump)
        if self.jump == 0:
            return self
        result: Axis | None = None
        power = self
        while count:
            if count & 1:
                result = power if result is None else result.then(power)
            power, count = power.then(power), count >> 1
        return result if result is not None else Axis(0, 1)


def tame(number: Number) -> Number:
    if isinstance(number, int):
        return number if number <= MOST else MOST
    if number.numerator.bit_length() > 2 * BITS:
        number = Fraction(2 ** (2 * BITS)) if number > 2 ** (2 * BITS) else number
    if number.denominator.bit_length() > BITS:
        number = Fraction(round(number * 2**BITS), 2**BITS)
    return exact(number)


def exact(number: Number) -> Number:
    return number.numerator if number.denominator == 1 else number


def _sum(a: Amount, b: Amount) -> Amount:
    if isinstance(a, Size) or isinstance(b, Size):
        return amount_of(Size.of(a) + Size.of(b))
    return tame(a + b)


def _product(a: Amount, by: Number) -> Amount:
    return amount_of(a * Size.of(by)) if isinstance(a, Size) else tame(a * by)


def _larger(a: Amount, b: Amount) -> Amount:
    return a if at_large(a) >= at_large(b) else b


def at_large(amount: Amount) -> Number:
    if not isinstance(amount, Size):
        return amount
    return amount.evaluate(dict.fromkeys(amount.symbols(), COMPARED_AT))


def amount_of(dim: Dim) -> Amount:
    if isinstance(dim, int) or dim.symbols():
        return dim
    return exact(dim.evaluate({}))


#: By the name of each spatial axis of the input.
Field = dict[str, Axis]


class _Reading:
    """What a value reads of an input, for each spatial axis of that input."""

    def start(self, instance: Instance, node: OpNode) -> Field:
        shape = node.shape
        return {shape.axes[i]: Axis(0, 1) for i in shape.spatial}

    def step(self, instance: Instance, node: OpNode) -> Field:
        inputs = tuple(instance.nodes[i].shape for i in node.inputs)
        reach = OPS[node.op].reach(node.attributes, inputs, node.shape)
        return {
            axis: Axis(amount_of(extent - 1), exact(jump))
            for axis, (extent, jump) in reach.axes.items()
        }

    def then(self, first: Field, second: Field) -> Field:
        if not second:
            return first
        return {
            axis: own.then(second[axis]) if axis in second else own for axis, own in first.items()
        }

    def best(self, one: Field, other: Field) -> Field:
        return {axis: own.best(other[axis]) if axis in other else own for axis, own in one.items()}

    def times(self, once: Field, count: int) -> Field:
        return {axis: own.times(count) for axis, own in once.items()}


_paths = Paths(_Reading())


def fields(of: Instance | Network, place: int = 0) -> dict[str, Dim]:
    """At the last value, from the input of that place: positions along each spatial axis.

    Not bounded by the input's size; global pooling and `flatten` read an axis from end to end.
    Empty where the input has no spatial axis or does not reach the last value.
    """
    instance = of.root if isinstance(of, Network) else of
    return fields_at(instance, instance.result, place)


def fields_at(instance: Instance, value: int, place: int = 0) -> dict[str, Dim]:
    """What `fields` gives, at any value of an instance."""
    found = _paths.to(instance, value).get(place, {})
    return {axis: _whole(_sum(own.beyond, 1)) for axis, own in found.items()}


def receptive_field(of: Instance | Network) -> Dim:
    """The smallest over the spatial axes, 1 where there are none.

    Of a block, from its `in`; of a net with several inputs, from the one that is seen furthest.
    """
    instance = of.root if isinstance(of, Network) else of
    places = range(sum(isinstance(n, OpNode) and n.op == "input" for n in instance.nodes))
    least: list[Amount] = []
    for place in places if instance.outputs else (0,):
        found = [amount_of(dim) for dim in fields(instance, place).values()]
        if found:
            least.append(min(found, key=at_large))
    return _whole(max(least, key=at_large)) if least else 1


def _whole(amount: Amount) -> Dim:
    return amount if isinstance(amount, Size) else ceil(amount)


@record
class _Chain:
    """What a value reads of one input along the first of its inputs each time, on every axis."""

    extent: int
    jump: Number
    place: int

    def before(self, extent: int, jump: Number) -> _Chain:
        """With one more layer in front."""
        jump = exact(jump)
        longer = extent + int((self.extent - 1) * jump)
        return _Chain(longer, exact(self.jump * jump), self.place)


def at_least(instance: Instance, value: int) -> int:
    """A lower bound of what `fields_at` gives, on every axis: that of a single path, found fast."""
    chain = _followed(instance, value, _CHAINS)
    return 1 if chain is None else chain.extent


def _chain(instance: Instance, answers: Mapping[Instance, _Chain | None]) -> _Chain | None:
    return _followed(instance, instance.result, lambda inner: answers[inner])


def _followed(
    instance: Instance, value: int, of: Callable[[Instance], _Chain | None]
) -> _Chain | None:
    """Back from a value to an input; None where the way is not known to be one of windows."""
    chain = _Chain(1, 1, value)
    while True:
        node = instance.nodes[value]
        if value < instance.inputs or (isinstance(node, OpNode) and node.op == "input"):
            return _Chain(chain.extent, chain.jump, value)
        if isinstance(node, OpNode):
            flowing = [i for i in node.inputs if i < instance.inputs or _flows(instance.nodes[i])]
            if not flowing:
                return None
            op = OPS[node.op]
            if op.reach is pointwise:
                value = max(flowing)
                continue
            inputs = tuple([instance.nodes[i].shape for i in node.inputs])
            reach = op.reach(node.attributes, inputs, node.shape).axes.values()
            extents = [extent for extent, _ in reach]
            if reach and len(reach) == len(inputs[0].spatial):
                if not all(isinstance(extent, int) for extent in extents):
                    return None
                least = min(extent for extent in extents if isinstance(extent, int))
                chain = chain.before(least, min(exact(jump) for _, jump in reach))
            elif reach:
                return None
            # Of several, the one that is made last is most often the longest way.
            value = max(flowing)
            continue
        inner = callee(node)
        once = None if inner is None else of(inner)
        if once is None:
            return None
        if isinstance(node, RepeatNode) and (node.count == 0 or once.jump < 1):
            return None
        # Of a repeat, one turn is enough for a lower bound.
        chain = chain.before(once.extent, once.jump)
        value = node.inputs[once.place]


def _flows(node: Node) -> bool:
    """Whether it depends on something: learned parameters do not."""
    return bool(node.inputs) or (isinstance(node, OpNode) and node.op == "input")


_CHAINS: PerInstance[_Chain | None] = PerInstance(_chain)
