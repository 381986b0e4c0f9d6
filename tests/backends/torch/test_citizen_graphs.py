"""What traces a module or compiles it gets all of it as one graph, good for other batches.

No compiler of C++ is asked for: kernels are made from a graph, and the graph is what netspec's code
decides.
"""

from __future__ import annotations

import pytest
import torch
from torch._dynamo.testing import CompileCounterWithBackend
from torch.export import Dim, export
from torch.fx import symbolic_trace

from tests.backends.torch.citizens import FAMILIES, Citizen, assert_same, citizen, tensors

NETS = list(FAMILIES)
#: Their graphs take seconds to compile: CI alone does that.
LONG = ("densenet", "convnext", "regnet", "inception_v3")


@pytest.mark.parametrize("name", NETS)
def test_symbolic_trace(name: str) -> None:
    c = citizen(name)
    traced = symbolic_trace(c.net)
    assert_same(traced(c.x), c.net(c.x))
    assert_same(traced(c.other(3)), c.net(c.other(3)))
    # As it is in training, auxiliary outputs and all.
    torch.manual_seed(1)
    found = symbolic_trace(c.net.train())(c.x)
    torch.manual_seed(1)
    assert_same(found, c.net(c.x))


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in NETS]
)
def test_compile_full_graph(name: str) -> None:
    c = citizen(name)
    torch._dynamo.reset()
    counter = CompileCounterWithBackend("eager")
    compiled = torch.compile(c.net, fullgraph=True, dynamic=True, backend=counter)
    with torch.no_grad():
        assert_same(compiled(c.x), c.net(c.x))
        made = counter.frame_count
        assert_same(compiled(c.other(3)), c.net(c.other(3)))
    # What was made first does for other batches.
    assert counter.frame_count == made > 0


#: Nets in which training is another thing than inference: what is dropped, auxiliary outputs.
DIFFERING = ["googlenet", "efficientnet", "convnext"]


@pytest.mark.parametrize("name", DIFFERING)
def test_compile_in_training(name: str) -> None:
    """Down to the operators of its backward pass."""
    c = citizen(name)
    torch._dynamo.reset()
    compiled = torch.compile(c.net.train(), fullgraph=True, backend="aot_eager")
    found = tensors(compiled(c.x))
    assert [t.shape for t in found] == [t.shape for t in tensors(c.net(c.x))]
    sum(t.sum() for t in found).backward()  # type: ignore[union-attr]
    assert all(p.grad is not None for p in c.net.parameters())


@pytest.mark.parametrize("name", NETS)
def test_export_with_any_batch(name: str) -> None:
    c = citizen(name)
    with torch.no_grad():
        program = export(c.net, (c.x,), dynamic_shapes=({0: Dim("batch")},))
        for batch in (1, 5):
            assert_same(program.module()(c.other(batch)), c.net(c.other(batch)))


@pytest.mark.parametrize("sizes", [(20, 28), (32, 16)])
def test_export_with_any_size(sizes: tuple[int, int]) -> None:
    """Where the spec's sizes are symbolic, those of the graph are."""
    c = citizen("symbolic sizes")
    check_sizes(c, sizes)


# Its input is 3x520x520, and the scores follow it all the same.
def test_export_of_what_follows_the_image() -> None:
    check_sizes(citizen("fcn"), (40, 48))


def check_sizes(c: Citizen, sizes: tuple[int, int]) -> None:
    # Sizes go down by strides: those that the stated condition allows are multiples.
    height, width = 4 * Dim("height", min=2, max=64), 4 * Dim("width", min=2, max=64)
    with torch.no_grad():
        program = export(
            c.net, (c.other(2, 24, 40),), dynamic_shapes=({0: Dim("batch"), 2: height, 3: width},)
        )
        x = c.other(3, *sizes)
        expected = c.net(x)
        assert_same(program.module()(x), expected)
    assert tensors(expected)[0].shape[2:] == torch.Size(sizes)
