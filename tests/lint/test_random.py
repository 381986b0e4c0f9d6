"""Every rule runs on random nets, and safe fixes leave their networks as they are.

The nets are those of `tests/property`; what they are worth is judged there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given

from netspec.analysis.cost import totals
from netspec.analysis.examine import Examined, examine
from netspec.diagnostics.fixing import applied, compatible
from netspec.graph.walk import flatten
from netspec.lint.runner import Choice, lint
from netspec.source import SourceFile, Unreadable
from tests.property import strategies
from tests.property.nets import Net, render
from tests.property.running import quick, small_tensors

EVERY = Choice(select=("all",))


@pytest.fixture(autouse=True)
def _small_tensors() -> Iterator[None]:
    with small_tensors():
        yield


def looked_at(text: str) -> Examined:
    return examine(SourceFile("toy.net", text), lambda *_: Unreadable("no such file"))


def measures(examined: Examined) -> dict[str, tuple[object, ...]]:
    """Of each network: parameters, multiply-accumulates, and the shape of every layer."""
    found: dict[str, tuple[object, ...]] = {}
    for name, network in examined.elaboration.networks.items():
        counted = totals(network)
        shapes = [
            str(flat.node.shape) for flat in flatten(network).nodes if flat.node.op != "identity"
        ]
        found[name] = (counted.params, counted.macs, str(network.root.shape), shapes)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "net A { input 3xHxW; conv 16 7x7 stride=2 padding=same; batchnorm; relu; maxpool 2x2; "
        "conv 32 2x2 padding=same; relu; global_avgpool; flatten; dense 10 }",
        "net A { input 3xHxW; conv 256 1x1; conv 16 1x1; conv 16 9x9 padding=4 rounding=floor; "
        "mean height width; dense 10; softmax }",
        "net A { input 4x100; conv 8 11 padding=5; relu; conv 8 4 padding=same; batchnorm; "
        "maxpool 2; dwconv 9 padding=4; conv 4 1 stride=2; global_avgpool; flatten; dense 1 }",
        "net A { input 2x16x32x32; conv 8 5x5x5 padding=2; maxpool 2; relu; global_maxpool; "
        "batchnorm; flatten; dense 10 }",
        "net A { input [7]; dense 8; relu; dense 8; batchnorm; layernorm; dense 2; relu }",
        "net A { input 3x8x8; permute height width channels; dense 16; softmax axis=width; "
        "dense 8; permute channels width height; conv 3 3x3 padding=same; global_avgpool }",
        "net A { a: input 3x64x64; b: input 3x64; concat { { @a; global_avgpool; flatten }; "
        "{ @b; conv 4 3; global_avgpool; flatten } }; x: output when=training { dense 3; relu }; "
        "dense 3; dropout 0.5 }",
        "block u { residual { a: conv 8 3x3 padding=1; b: relu } }\nnet A { input 8x16x16; "
        "s: { repeat 4 { u } }; concat { identity; @s.2.a }; t: conv 16 1x1; share t; batchnorm }",
        "net A { input 8x64x64; repeat 0 { conv 8 3x3 padding=1 }; global_avgpool; flatten }",
        "net A { input 8x64x64; o: output identity; flatten }",
        "net A { input 8x4x4; residual { p: parameter [8, 4, 4] } shortcut { conv 8 1x1 } }",
        "net A { input 8x8x8; residual { }; concat { {}; identity }; add { {} } }",
        "net A { input 8x8; conv_transpose 4 1 stride=3; batchnorm; conv_transpose 4 7 stride=3 }",
        "block u { residual { batchnorm; relu; conv 8 3x3 padding=1; dropout 0.1; "
        "stochastic_depth 0.1 } }\nnet A { input 8x224x224; repeat 1_000_000 { repeat 1_000_000 { "
        "u; conv 8 1x1; maxpool 3x3 stride=1 padding=1; sigmoid } }; global_avgpool; softmax }",
    ],
)
def test_rules_run_on_nets_of_all_kinds(text: str) -> None:
    examined = looked_at(text)
    assert not examined.failed, [d.message for d in examined.diagnostics]
    assert {"unasserted-parameters"} <= {d.name for d in lint(examined, EVERY)}


def test_rules_run_and_safe_fixes_change_nothing() -> None:
    met: Counter[str] = Counter()
    fixed: Counter[str] = Counter()

    @quick(300)
    @given(strategies.nets(slips=0))
    def run(net: Net) -> None:
        text = render(net)
        before = looked_at(text)
        if before.failed:
            return
        found = lint(before, EVERY)
        met.update({d.name for d in found})
        safe = [(d.name, fix) for d in found for fix in d.fixes if fix.safe]
        fixed.update(name for name, _ in safe)
        tries = [[fix] for _, fix in safe] + [compatible(fix for _, fix in safe)]
        for chosen in tries:
            after = looked_at(applied(text, chosen))
            assert not after.failed, chosen
            assert measures(after) == measures(before), chosen

    run()
    assert len(met) >= 20, met
    assert len(fixed) >= 2, fixed
