"""What is alive in random nets, at inference and for the way back, is what PyTorch holds.

The expected values are measured on storages (`tests/analysis/memory/measuring.py`); and the tree of
shared instances gives what the flat list of layers gives. What is said of training's peak, which
depends on the work space of formulas, is held in `tests/analysis/memory`.
"""

from __future__ import annotations

from collections import Counter

import torch
from hypothesis import given

import netspec
from netspec.analysis.memory.alive import peak_of
from netspec.analysis.memory.backward import Backward
from netspec.analysis.memory.forward import Forward
from netspec.analysis.memory.layers import Machine
from netspec.analysis.memory.structure import flat_instance, in_one
from netspec.backends.torch import CannotWrite
from netspec.graph.graph import Instance, Network, OpNode
from tests.analysis.memory.measuring import inference_peak, kept_bytes, one_thread
from tests.property import strategies
from tests.property.nets import Net
from tests.property.running import checked, quick

BATCH = 2
MACHINE = Machine(4, BATCH, "cpu")

#: They give views that do not lie in one piece, of which `flatten` and `reshape` make copies.
SCATTERED = {"permute", "layernorm", "grn", "slice", "crop"}
GATHERED = {"flatten", "reshape"}
#: Modules of several steps: the interpreter of traced graphs frees values between them.
STEPPED = {"scale", "blurpool", "grn", "lrn", "pad", "spatial_dropout"}


def run_forward(network: Network, root: Instance, **options: bool) -> tuple[int, ...]:
    found = Forward(MACHINE, **options)(root)
    return found.peak, found.rise, found.in_place, found.without, found.all_kept


def oversized(node: OpNode) -> bool:
    """In three dimensions, PyTorch's own transposed convolution gives a storage too large."""
    return node.op == "conv_transpose" and node.shape.rank == 4


def dead(flat: Instance) -> bool:
    """Whether a layer is read by no output: PyTorch lets go of what it keeps as soon as it ran."""
    read = {output.value for output in flat.outputs}
    for index in reversed(range(len(flat.nodes))):
        if index in read:
            read.update(flat.nodes[index].inputs)
    return len(read) < len(flat.nodes)


def ops_of(flat: Instance) -> list[OpNode]:
    return [node for node in flat.nodes if isinstance(node, OpNode)]


def stepped(node: OpNode) -> bool:
    padding = node.attributes.get("padding")
    uneven = isinstance(padding, tuple) and any(
        before != after or (2 * before > kernel and "pool" in node.op)
        for (before, after), kernel in zip(padding, node.attributes["kernel"], strict=True)
    )
    return node.op in STEPPED or uneven or len(node.inputs) > 2 or "standardize" in node.attributes


def test_random_nets() -> None:
    met: Counter[str] = Counter()

    @quick(100)
    @given(strategies.nets(slips=0))
    def run(net: Net) -> None:
        result, errors = checked(net)
        assert not errors
        network = result.networks["Toy"]
        root, flat = in_one(network), flat_instance(network)
        for options in ({}, {"in_place": True}, {"training": True}):
            assert run_forward(network, root, **options) == run_forward(network, flat, **options)
        for options in ({}, {"in_place": True, "ordered": True}):
            running = Forward(MACHINE, **options)
            peak = peak_of(running, root)
            # What is listed as alive there is all that is.
            assert sum(value.bytes for value in peak.alive) + peak.work == running(root).peak
        forward, listed = Forward(MACHINE, training=True), Forward(MACHINE, training=True)
        back, expected = Backward(forward)(root), Backward(listed)(flat)
        assert (back.peak, back.rise) == (expected.peak, expected.rise)
        try:
            module = netspec.to_torch(network)
        except CannotWrite:
            return
        ops = ops_of(flat)
        names = {node.op for node in ops}
        if (names & SCATTERED and names & GATHERED) or any(map(oversized, ops)) or dead(flat):
            return
        x = torch.randn(BATCH, *network.root.nodes[network.inputs[0][1]].shape.dims)
        with one_thread():
            assert forward(root).all_kept == kept_bytes(module, [x])
            met["kept"] += 1
            if not any(map(stepped, ops)):
                assert Forward(MACHINE)(root).peak == inference_peak(module, [x], freeing=True)
                met["peak"] += 1

    run()
    assert met["kept"] > 60 and met["peak"] > 15, met
