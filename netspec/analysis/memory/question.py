"""What a network takes: weights, activations at inference and in training, movement, batches.

It puts together what the other modules of this folder find; how it is shown is left to `reports`.
"""

from __future__ import annotations

from netspec.analysis.memory.alive import Peak, lowest, peak_of, reordered, rewriting
from netspec.analysis.memory.backward import Backward
from netspec.analysis.memory.fit import largest_batch, line
from netspec.analysis.memory.forward import Forward
from netspec.analysis.memory.layers import DEVICES, DTYPES, TRAINED, Machine
from netspec.analysis.memory.structure import ends, in_one
from netspec.analysis.memory.traffic import Movement, Traffic, layer_traffic
from netspec.analysis.summary import LISTED_LAYERS, TooManyLayers
from netspec.graph.graph import Instance, Network
from netspec.graph.shape import Shape
from netspec.graph.walk import flatten
from netspec.ops.wording import listed
from netspec.record import record
from netspec.showing import Shown

#: Tensors as large as the trainable weights that an optimiser keeps: none, the momentum
#: (Polyak, 1964), or the two moments of Adam (Kingma and Ba, 2015).
OPTIMIZERS = {"sgd": 0, "momentum": 1, "adam": 2}

#: Names that are listed, where there may be very many.
LISTED = 20


class OpenSizes(Exception):
    """The memory of a network whose sizes are open was asked for; the message says what to give."""


@record
class Inference:
    """Bytes at inference for the whole batch, weights not counted.

    `inputs` are the net's own, which the caller holds throughout. `peak` is the most that is alive
    beside them, in the order `schedule` ("text", or "branches": those first that need much and
    leave little), with the `in_place` rectifiers that write over an input nobody else reads.
    `reordered` names where the order is another than the text's. Of the rectifiers, `matter` is the
    number of those without which the peak would be higher, `named` the names of the first.
    `peak_in_text_order` and `peak_without_in_place` change one of the two, `peak_plain` both.
    `fixed + each * batch` is what weights, inputs and peak come to.
    """

    inputs: int
    peak: Peak
    schedule: str
    reordered: tuple[tuple[str, tuple[str, ...]], ...]
    in_place: int
    matter: int
    named: tuple[str, ...]
    peak_in_text_order: int
    peak_without_in_place: int
    peak_plain: int
    fixed: int
    each: int
    total: int


@record
class Training:
    """Bytes of one step of training for the whole batch, in the order of the text, not in place.

    `weights` are those of inference and what exists in training only, `state` what the optimiser
    keeps. `kept` is what autograd keeps for the way back when the forward pass has ended.
    `activations` is the most that is alive beside weights, state and inputs: what is kept,
    gradients of activations, and the gradients of weights as far as there are any then. It is
    reached in the `phase` "forward" or "backward" of the layer `path`. `gradients` are those of all
    weights, there at the end of the step. `total` is the peak with everything; near this batch, it
    is `fixed + each * batch`.
    """

    optimizer: str
    inputs: int
    weights: int
    gradients: int
    state: int
    kept: int
    activations: int
    phase: str
    path: str
    fixed: int
    each: int
    total: int


@record
class Fit:
    """The largest batches that fit into `memory` bytes, 0 where one example is too many.

    `training` is None where the dtype cannot be trained.
    """

    memory: int
    inference: int
    training: int | None


@record
class Moved:
    """What one layer moves: its full name and kind, its output, and its traffic for the batch."""

    path: str
    op: str
    output: Shape
    traffic: Traffic


@record
class Memory(Shown):
    """The answer for a network: bytes, for `batch` examples of `dtype` on `device`.

    `traffic` adds up weights, movement and FLOPs of the whole net. `training` is None for int8,
    `fit` where no amount of memory was given. `layers` are those that move something, in execution
    order, where they were asked for.
    """

    net: str
    batch: int
    dtype: str
    device: str
    traffic: Traffic
    inference: Inference
    training: Training | None
    fit: Fit | None = None
    layers: tuple[Moved, ...] = ()

    def __repr__(self) -> str:
        parts = [f"batch {self.batch:,}", self.dtype, f"{self.inference.total:,} bytes"]
        if self.training is not None:
            parts.append(f"{self.training.total:,} in training")
        return f"<Memory {self.net}: {', '.join(parts)}>"


class Question:
    """The memory of one network, for batches of any size."""

    def __init__(
        self,
        network: Network,
        dtype: str = "float32",
        optimizer: str = "momentum",
        device: str = "cuda",
    ) -> None:
        """Raises OpenSizes, TooManyLayers (see `structure.in_one`), and ValueError for a dtype, an
        optimiser or a device that is none."""
        for what, word, words in (
            ("dtype", dtype, DTYPES),
            ("optimizer", optimizer, OPTIMIZERS),
            ("device", device, DEVICES),
        ):
            if word not in words:
                raise ValueError(f"{what} is one of {', '.join(words)}, not {word}")
        if network.conditions.symbols:
            raise OpenSizes(_open(network))
        self.network, self.dtype, self.optimizer, self.device = network, dtype, optimizer, device
        self.root: Instance = in_one(network)
        self.trained = dtype in TRAINED

    def machine(self, batch: int) -> Machine:
        return Machine(DTYPES[self.dtype], batch, self.device)

    def forward(self, batch: int) -> Forward:
        """The schedule of inference: the better order, rectifiers in place."""
        return Forward(self.machine(batch), in_place=True, ordered=True)

    def inputs(self, batch: int) -> int:
        machine = self.machine(batch)
        return sum(
            machine.bytes(self.root.nodes[i].shape)
            for i in self.forward(batch).structures(self.root).inputs
        )

    def weights(self) -> Traffic:
        return Movement(self.machine(1)).total(self.root)

    def at_inference(self, batch: int) -> int:
        """Bytes needed: weights, inputs, and the peak of activations."""
        peak = self.forward(batch)(self.root).peak
        return self.weights().weights + self.inputs(batch) + peak

    def in_training(self, batch: int) -> int:
        """Bytes needed: weights, the optimiser's state, inputs, and the peak of a step."""
        held = self.weights()
        width = DTYPES[self.dtype]
        state = OPTIMIZERS[self.optimizer] * width * held.trainable
        forward = Forward(self.machine(batch), training=True)
        found, back = forward(self.root), Backward(forward)(self.root)
        active = max(found.peak, found.rise + back.peak)
        return held.weights + held.extra + state + self.inputs(batch) + active

    def answer(self, batch: int, memory: int | None = None, layers: bool = False) -> Memory:
        """All of it for a batch; with `memory`, what fits into so many bytes; with `layers`, what
        each layer moves. Raises TooManyLayers where those are too many to list."""
        machine = self.machine(batch)
        training = Forward(machine, training=True)
        movement = Movement(machine, training)
        fit = None
        if memory is not None:
            trained = largest_batch(self.in_training, memory) if self.trained else None
            fit = Fit(memory, largest_batch(self.at_inference, memory), trained)
        return Memory(
            self.network.name,
            batch,
            self.dtype,
            self.device,
            movement.total(self.root),
            self._inference(batch),
            self._training(batch) if self.trained else None,
            fit,
            tuple(moved_by_layers(self.network, machine)) if layers else (),
        )

    def _inference(self, batch: int) -> Inference:
        machine = self.machine(batch)
        root = self.root
        best = self.forward(batch)
        peak = peak_of(best, root)
        text = Forward(machine, in_place=True)(root).peak
        by_text = text == peak.bytes
        matter, named = rewriting(best, root, peak.bytes, LISTED)
        fixed, each = line(self.at_inference, batch)
        return Inference(
            self.inputs(batch),
            peak,
            "text" if by_text else "branches",
            () if by_text else tuple(reordered(best, root, LISTED)),
            best(root).in_place,
            matter,
            tuple(named),
            text,
            Forward(machine, ordered=True)(root).peak,
            Forward(machine)(root).peak,
            fixed,
            each,
            self.at_inference(batch),
        )

    def _training(self, batch: int) -> Training:
        held = self.weights()
        width = DTYPES[self.dtype]
        forward = Forward(self.machine(batch), training=True)
        backward = Backward(forward)
        found, back = forward(self.root), backward(self.root)
        outputs = {
            forward.structures(self.root).root[value]: value for value in ends(self.root, True)
        }
        out = sum(self.machine(batch).bytes(self.root.nodes[v].shape) for v in outputs.values())
        on_way_back = found.rise + back.peak >= found.peak
        if on_way_back:
            path, _ = lowest(forward, backward, self.root)
        else:
            path = peak_of(forward, self.root).path
        fixed, each = line(self.in_training, batch)
        return Training(
            self.optimizer,
            self.inputs(batch),
            held.weights + held.extra,
            width * held.trainable,
            OPTIMIZERS[self.optimizer] * width * held.trainable,
            max(0, found.rise - out),
            max(found.peak, found.rise + back.peak),
            "backward" if on_way_back else "forward",
            path,
            fixed,
            each,
            self.in_training(batch),
        )


def memory(
    network: Network,
    batch: int = 1,
    dtype: str = "float32",
    *,
    optimizer: str = "momentum",
    device: str = "cuda",
    memory: int | None = None,
    layers: bool = False,
) -> Memory:
    """What a network takes, for a batch; see `Memory`. Raises what `Question` and `answer` do."""
    if batch < 1:
        raise ValueError(f"a batch has at least one example, not {batch}")
    return Question(network, dtype, optimizer, device).answer(batch, memory, layers)


def moved_by_layers(network: Network, machine: Machine) -> list[Moved]:
    """What each layer moves at inference, calls and repeats expanded. Raises TooManyLayers."""
    if network.root.size > LISTED_LAYERS:
        raise TooManyLayers(
            f"{network.name} expands to {network.root.size:,} layers; "
            f"at most {LISTED_LAYERS:,} are listed one by one"
        )
    shapes: list[Shape] = []
    found: list[Moved] = []
    for flat in flatten(network).nodes:
        node = flat.node
        shapes.append(node.shape)
        if flat.training:
            continue
        traffic = layer_traffic(node, [shapes[i] for i in flat.inputs], machine)
        traffic = traffic.seen(training=False, shared=flat.shares is not None)
        if traffic.moved:
            where = f"{flat.scope}." if flat.scope else ""
            name = flat.path or flat.shares or f"{where}({node.op})"
            found.append(Moved(name, node.op, node.shape, traffic))
    return found


def _open(network: Network) -> str:
    symbols = network.conditions.symbols
    example = network.conditions.example()
    nodes = network.root.nodes
    words: list[str] = []
    for name, index in network.inputs:
        dims = (
            str(dim if isinstance(dim, int) else dim.evaluate(example) if example else dim)
            for dim in nodes[index].shape.dims
        )
        several = f"{name}=" if len(network.inputs) > 1 else ""
        words.append(f"--input {several}{'x'.join(dims)}")
    verb = "is" if len(symbols) == 1 else "are"
    return (
        f"the memory of {network.name} is known once {listed(list(symbols))} {verb}, "
        f"as with {' '.join(words)}"
    )
