"""Why: what is said can be checked: sums come to what they say, links lead to what was written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.analysis.choose import choose
from netspec.analysis.cost import layer_totals
from netspec.analysis.why import ALONE
from netspec.analysis.why.ask import answer
from netspec.analysis.why.levels import MOST_READERS
from netspec.elaborate import elaborate
from netspec.elaborate.watch import Watch
from netspec.files import Files
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.walk import flatten
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse
from netspec.zoo import names as zoo
from tests.analysis.sums import check


def nowhere(*_: object) -> Unreadable:
    return Unreadable("there is no other file")


def watched(source: SourceFile, reader: object, net: str | None) -> tuple[Network, Watch]:
    watch = Watch()
    chosen = choose(source, reader, net, alone=ALONE, watch=watch)
    assert not chosen.failed, chosen.diagnostics
    return chosen.networks[0], watch


def every_path(network: Network) -> Iterator[tuple[str, Shape | None]]:
    """Paths of all layers, once each, of their tensors, of inputs and outputs."""
    seen = set()
    for flat in flatten(network).nodes:
        name = flat.path or flat.shares or ""
        if not name or name in seen or flat.node.op == "input" or flat.shares:
            continue
        seen.add(name)
        yield name, flat.node.shape


def every_scope(network: Network) -> set[str]:
    """Blocks and labelled scopes, and merges without a label."""
    found = set()
    for flat in flatten(network).nodes:
        names = flat.path.split(".")
        found |= {".".join(names[:end]) for end in range(1, len(names))}
        if not flat.path and not flat.shares and flat.node.inputs:
            found.add(f"{flat.scope}.({flat.node.op})".removeprefix("."))
    return found


def check_network(network: Network, watch: Watch, every: int = 1) -> int:
    """All layers, or each so many, with costs as the layers themselves have them."""
    sizes = dict(network.conditions.example())
    count = 0
    flat = {f.path: f for f in flatten(network).nodes if f.path}
    values = {f.index: f.node.shape for f in flatten(network).nodes}
    for name, shape in list(every_path(network))[::every]:
        found = answer(network, watch, name)
        if found.what in ("add", "concat", "mul", "max", "sub") or not found.arguments:
            assert found.output == shape
        check(found, shape, sizes)
        node = flat[name]
        inputs = tuple(values[i] for i in node.inputs)
        assert tuple(n.shape for n in found.inputs) == inputs or node.node.op == "parameter"
        own = layer_totals(node.node, inputs)
        if found.of == name and not found.inside:
            assert (found.params.value if found.params else 0) == own.params
            assert (found.macs.value if found.macs else 0) == own.macs
            trainable = [w.elements for w in node.node.weights if w.trainable]
            assert sum(trainable) == own.params
        for weight in node.node.weights:
            if weight.name:
                tensor = answer(network, watch, f"{name}.{weight.name}")
                (one,) = tensor.tensors
                assert one.value == (1 if weight.counter else weight.elements)
        count += 1
    for around in sorted(every_scope(network))[::every]:
        found = answer(network, watch, around)
        check(found, found.output, sizes)
        assert found.way[-1].kind != "net"
    ports = [*network.inputs, *((output.name, output.value) for output in network.outputs)]
    # A layer or scope of that name goes before the port.
    labels = {name.partition(".")[0] for name in [*flat, *every_scope(network)]}
    for name, index in ports:
        if name not in labels:
            assert answer(network, watch, name).output == network.root.nodes[index].shape
    return count


def every_merge(network: Network) -> Iterator[str]:
    """Merges without a label, counted by their kind in each block, in execution order."""
    counts: dict[tuple[str, str], int] = {}
    for flat in flatten(network).nodes:
        if not flat.path and not flat.shares and flat.node.inputs:
            key = flat.scope, flat.node.op
            number = counts[key] = counts.get(key, 0) + 1
            name = f"({flat.node.op}){number if number > 1 else ''}"
            yield f"{flat.scope}.{name}".removeprefix(".")


def check_neighbours(network: Network, watch: Watch, every: int = 1) -> int:
    """Who reads a value takes it, and what a value takes is read by it, or by a block around it."""
    names = [*(name for name, _ in every_path(network)), *every_merge(network)][::every]
    for name in names:
        found = answer(network, watch, name)
        assert found.of == name
        for reader in found.readers:
            if reader.what != "output" and not reader.use:
                taken = [n.path for n in answer(network, watch, reader.path).inputs]
                assert any(name == path or name.startswith(f"{path}.") for path in taken)
        for taker in found.inputs:
            # A label may be called as the input is; long lists of readers end somewhere.
            if taker.use or taker.what == "input":
                continue
            readers = [n.path for n in answer(network, watch, taker.path).readers]
            by_name = any(name == path or name.startswith(f"{path}.") for path in readers)
            assert by_name or len(readers) == MOST_READERS
    return len(names)


def _complete() -> Iterator[str]:
    """What ships, the templates left out."""
    files = Files()
    for _, nets in zoo.matching(None):
        source = files.read(f"zoo:{min(nets).lower()}")
        file, _ = parse(source)
        templates = elaborate(file, files.importer(source), requests=[]).templates
        yield from (f"zoo:{net.lower()}" for net in sorted(nets) if net not in templates)


NETS = [spec for spec in _complete() if zoo.net_of(spec) is not None]


def shipped(spec: str) -> tuple[Network, Watch]:
    files = Files()
    source = files.read(spec)
    return watched(source, files.importer(source), zoo.net_of(spec))


@pytest.mark.parametrize("spec", NETS[::12])
def test_some_layers_of_some_shipped_networks(spec: str) -> None:
    network, watch = shipped(spec)
    assert check_network(network, watch, every=9)
    assert check_neighbours(network, watch, every=9)


@pytest.mark.slow
@pytest.mark.parametrize("spec", NETS)
def test_every_layer_of_every_shipped_network(spec: str) -> None:
    network, watch = shipped(spec)
    assert check_network(network, watch)
    assert check_neighbours(network, watch)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_random_networks(data: st.DataObject) -> None:
    from tests.property.nets import render
    from tests.property.strategies import nets

    text = render(data.draw(nets(slips=0)))
    watch = Watch()
    chosen = choose(SourceFile("a.net", text), nowhere, None, alone=ALONE, watch=watch)
    if not chosen.failed:
        check_network(chosen.networks[0], watch)
        check_neighbours(chosen.networks[0], watch)
