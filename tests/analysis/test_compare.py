"""What changed between two networks. Figures are arithmetic, or recorded of torchvision."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
import torch
from torch import nn

import netspec
from netspec.analysis.align import WEIGHED_PAIRS, align
from netspec.analysis.compare import Comparison, compare
from netspec.analysis.layers import layers_of
from netspec.analysis.loading import Verdict
from netspec.analysis.summary import TooManyLayers
from netspec.reports import diff_groups, diff_markdown, diff_text, patterns
from tests.helpers import network
from tests.zoo.facts import ZOO, torchvision


def diff(old: str, new: str) -> Comparison:
    return compare(network(old), network(new))


def told(comparison: Comparison) -> dict[str, dict[str, tuple[str, str]]]:
    """The changes of each layer, by its new name."""
    return {
        change.new.name: {c.what: (c.old, c.new) for c in change.changes}
        for change in comparison.changed
        if change.changes
    }


def renames(comparison: Comparison) -> dict[str, str]:
    return {c.old.path: c.new.path for c in comparison.changed if c.renamed}


BASE = """net A {
  input 3x8x8
  c1: conv 4 3x3 padding=1; b1: batchnorm; relu
  c2: conv 8 3x3 padding=1; relu
  flatten
  fc: dense 10
}"""


def test_nothing_differs() -> None:
    found = diff(BASE, BASE.replace("net A", "net B"))
    assert found.same
    assert found.weights.verdict is Verdict.STRICT
    assert (found.added, found.removed, found.changed) == ((), (), ())
    # conv, batchnorm, relu, conv, relu, flatten, dense
    assert found.unchanged == found.new.layers == 7


def test_a_stride_and_what_follows() -> None:
    found = diff(
        BASE,
        BASE.replace("c2: conv 8 3x3 padding=1", "c2: conv 8 3x3 stride=2 padding=1").replace(
            "3x8x8", "3x9x9"
        ),
    )
    assert told(found) == {"c2": {"stride": ("1", "2")}}
    assert found.old.inputs["input"].dims == (3, 8, 8)
    assert found.ports_differ
    fc = next(c for c in found.changed if c.new.path == "fc")
    # 8 channels of 8x8, then of 5x5.
    assert (fc.old.totals.params, fc.new.totals.params) == (8 * 64 * 10 + 10, 8 * 25 * 10 + 10)
    assert [key.key for key in found.weights.reshaped] == ["fc.weight"]
    assert found.weights.verdict is Verdict.FAILS


@pytest.mark.parametrize(
    ("old", "new", "layer", "changes", "behaves"),
    [
        ("b1: batchnorm", "b1: batchnorm eps=1e-3", "b1", {"eps": ("1e-5", "0.001")}, True),
        (
            "b1: batchnorm",
            "b1: batchnorm momentum=0.2",
            "b1",
            {"momentum": ("0.1", "0.2")},
            False,
        ),
        (
            "c2: conv 8 3x3 padding=1",
            "c2: conv 8 3x3 padding=2 dilation=2",
            "c2",
            {"padding": ("1", "2"), "dilation": ("1", "2")},
            True,
        ),
        ("b1: batchnorm; relu", "b1: batchnorm; gelu", "gelu1", {"layer": ("relu", "gelu")}, True),
    ],
)
def test_what_alters_the_function_and_not_the_weights(
    old: str, new: str, layer: str, changes: dict[str, tuple[str, str]], behaves: bool
) -> None:
    found = diff(BASE, BASE.replace(old, new))
    assert told(found) == {layer: changes}
    assert [c.behaves for c in found.changed if c.changes] == [behaves]
    assert found.weights.verdict is Verdict.STRICT
    assert not found.same


def test_a_renamed_layer_keeps_its_weights() -> None:
    found = diff(BASE, BASE.replace("fc:", "head:"))
    assert renames(found) == {"fc": "head"}
    assert not found.added and not found.removed
    assert found.weights.moved == (("fc.weight", "head.weight"), ("fc.bias", "head.bias"))
    assert found.weights.missing == ("head.weight", "head.bias")
    assert found.weights.unexpected == ("fc.weight", "fc.bias")
    assert found.weights.verdict is Verdict.LOOSE


def test_ordinals_that_shift_are_no_change() -> None:
    found = diff(BASE, BASE.replace("c1: conv", "relu; c1: conv"))
    assert [layer.op for layer in found.added] == ["relu"]
    assert found.changed == ()
    assert found.unchanged == 7


def test_positions_that_moved_are_renames() -> None:
    """VGG with batchnorm: each convolution is known again, whatever the positions say."""
    found = compare(netspec.load("zoo:vgg16"), netspec.load("zoo:vgg16_bn"))
    assert [layer.op for layer in found.added] == ["batchnorm"] * 13
    assert found.removed == ()
    old, new = (torchvision()[name] for name in ("vgg16", "vgg16_bn"))
    assert (found.old.measures.params, found.new.measures.params) == (old["params"], new["params"])
    # The 13 convolutions, in order: in `state_dict` those with weights of four axes.
    convolutions = [
        [key.removesuffix(".weight") for key, shape in fact["state_dict"] if len(shape) == 4]
        for fact in (old, new)
    ]
    moved = {a: b for a, b in zip(*convolutions, strict=True) if a != b}
    assert {a: b for a, b in renames(found).items() if a in moved} == moved
    # features.10 was the convolution of 128 to 256, and is that of 128 to 128.
    assert "features.10.weight" in [key.key for key in found.weights.reshaped]
    # It was the bias of the fourth, and would be that of the third.
    assert "features.7.bias" in found.weights.elsewhere


def test_blocks_that_were_added() -> None:
    found = compare(netspec.load("zoo:resnet50"), netspec.load("zoo:resnet101"))
    # 17 blocks of three convolutions, batchnorms and rectifiers, and a sum.
    assert len(found.added) == 17 * 10
    assert (found.removed, found.changed) == ((), ())
    old, new = (torchvision()[name] for name in ("resnet50", "resnet101"))
    assert sum(layer.totals.params for layer in found.added) == new["params"] - old["params"]
    assert sum(layer.totals.macs for layer in found.added) == new["macs"] - old["macs"]
    assert (found.old.measures.depth, found.new.measures.depth) == (50, 101)
    assert found.grown == ("params", "macs", "activations")


def test_branches_and_where_a_layer_reads() -> None:
    two = "net A { input 4x4x4; a: conv 4 1x1; b: conv 4 1x1; add { @b; @a }; c: conv 4 1x1 }"
    assert diff(two, two.replace("@b; @a", "@a; @b")).same
    other = diff(two, two.replace("add { @b; @a }", "add { @b; @b; @a }"))
    assert told(other) == {"(add)": {"branches": ("2", "3")}}
    skipped = diff(
        "net A { input 4x4x4; a: conv 4 1x1; b: conv 4 1x1; add { @b; @a } }",
        "net A { input 4x4x4; a: conv 4 1x1; b: conv 4 1x1; add { @b; @in } }",
    )
    assert told(skipped) == {"(add)": {"from": ("b, a", "b, in")}}
    # What stands between is not what is read.
    assert told(diff(BASE, BASE.replace("c2: conv", "dropout; c2: conv"))) == {}


def test_what_is_shared_and_what_is_trained_only() -> None:
    once = "net A { input 4x4x4; c: conv 4 1x1; share c }"
    assert diff(once, once).same
    assert [x.shared for x in diff(once, once.replace("; share c", "")).removed] == [True]
    plain = "net A { input 4x4x4; c: conv 4 1x1 }"
    found = diff(plain, plain.replace(" }", "; aux: output when=training { conv 2 1x1 } }"))
    assert [x.training for x in found.added] == [True]
    assert not found.ports_differ
    assert found.weights.missing == ("aux.0.weight", "aux.0.bias")


def test_outputs_and_symbolic_sizes() -> None:
    one = "net A { input 3xHxW; c: conv 4 1x1 }"
    assert diff(one, one).same
    more = diff(one, one.replace("c: conv 4 1x1", "c: conv 8 1x1"))
    assert more.grown == ("params", "macs", "activations")
    assert more.ports_differ
    halved = diff(one, one.replace("1x1", "2x2 stride=2"))
    assert halved.old.conditions != halved.new.conditions
    named = diff(one, one.replace("conv 4 1x1", "conv 4 1x1; mask: output { relu }"))
    assert list(named.new.outputs) == ["out", "mask"]
    assert named.ports_differ


def test_blocks_that_became_other_blocks() -> None:
    """Basic blocks to bottlenecks: what they have in common keeps its block."""
    found = compare(netspec.load("zoo:resnet18"), netspec.load("zoo:resnet50"))
    assert found.removed == ()
    assert all(c.old.scope == c.new.scope for c in found.changed)
    # Blocks 2 and on of each stage are new as a whole: 16 blocks less the 8 that there were.
    whole = {x.scope for x in found.added} - {x.scope for x in found.everyone[0]}
    assert len(whole) == 16 - 8
    assert sum(x.scope in whole for x in found.added) == 8 * 10


def _zoo() -> list[str]:
    """Each net that ships, the dearest of a family left out."""
    return [f"zoo:{entry.file}::{entry.net}" for entry in ZOO if entry.params < 30_000_000]


def test_any_two_networks() -> None:
    """Every layer is accounted for once, whatever the two have in common."""
    networks = [netspec.load(spec) for spec in _zoo()]
    for old, new in pairwise(networks):
        found = compare(old, new)
        kept = found.unchanged + len(found.changed)
        assert kept + len(found.removed) == found.old.layers
        assert kept + len(found.added) == found.new.layers
        have = {key for key, _ in _tensors(found, 0)}
        want = {key for key, _ in _tensors(found, 1)}
        weights = found.weights
        both = {*weights.loads, *(key.key for key in weights.reshaped)}
        assert both == have & want
        assert set(weights.unexpected) == have - want
        # Each figure is the sum of what changed.
        more = sum(x.totals.params for x in found.added) - sum(
            x.totals.params for x in found.removed
        )
        more += sum(c.new.totals.params - c.old.totals.params for c in found.changed)
        assert more == found.new.measures.params - found.old.measures.params
        for text in (diff_text.render(found), diff_markdown.render([found])):
            assert max(map(len, text.splitlines())) < 500
            assert len(text.splitlines()) < 150


def _tensors(found: Comparison, side: int) -> list[tuple[str, tuple[int, ...]]]:
    return [
        (f"{layer.path}.{name}" if name else layer.path, shape)
        for layer in found.everyone[side]
        if not layer.shared
        for name, shape in layer.shapes
    ]


def test_a_block_with_two_sums_is_one_entry() -> None:
    text = """
    block b() { residual { c: conv 4 1x1 }; residual { d: conv 4 1x1 }; relu }
    net A { input 4x4x4; x: conv 4 1x1; repeat 3 as i { "b{i}": b } }
    """
    found = diff(text, text.replace("repeat 3", "repeat 5"))
    (entry,) = diff_groups.entries(found.added, found.everyone[1])
    assert entry.where == "b3, b4"
    assert entry.what == f"2 {diff_groups.TIMES} (2 conv, 2 add, relu)"
    assert entry.totals.params == 2 * 2 * (4 * 4 + 4)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["a.0", "a.1"], "a.0, a.1"),
        (["a.0", "a.1", "a.2"], "a.{0..2}"),
        (["a.0", "a.2", "a.5"], "a.{0,2,5}"),
        (["a.1.c1", "a.1.c2", "a.2.c1", "a.2.c2"], "a.{1,2}.c{1,2}"),
        (["a.1.0", "a.1.1", "a.2.0"], "a.1.{0,1}, a.2.0"),
        (["fc", "a.1", "a.2", "a.3"], "fc, a.{1..3}"),
        (["b1.b1-0", "b2.b2-0", "b3.b3-0"], "b*.b*-0"),
    ],
)
def test_names_in_few_words(given: list[str], told: str) -> None:
    assert patterns.names(given) == told


# --- bounds ---------------------------------------------------------------------------------------


def test_too_many_layers() -> None:
    text = "block b() { c: conv 4 1x1 }\nnet A { input 4x1x1; repeat 1_000_001 { b } }"
    with pytest.raises(TooManyLayers, match="1,000,001 layers"):
        diff(text, text)


def test_long_lists_without_names_in_common() -> None:
    """Renamed as a whole, and too long to weigh every pair."""
    count = 4_000
    assert count**2 > WEIGHED_PAIRS
    body = f"input 1x1x1; old: {{ repeat {count} {{ b }} }}"
    text = f"block b() {{ c: conv 1 1x1; relu }}\nnet A {{ {body} }}"
    other = text.replace("old:", "new:").replace("relu", "gelu; relu")
    old, new = layers_of(network(text)), layers_of(network(other))
    began = time.perf_counter()
    pairs = align(old, new)
    assert time.perf_counter() - began < 5
    assert len(pairs) == 1 + 2 * count
    assert all(old[a].op == new[b].op for a, b in pairs)


# --- against PyTorch ------------------------------------------------------------------------------

PAIRS = {
    "same": (BASE, BASE),
    "renamed": (BASE, BASE.replace("fc:", "head:")),
    "wider": (BASE, BASE.replace("conv 8", "conv 16")),
    "no bias": (BASE, BASE.replace("conv 8 3x3", "conv 8 3x3 bias=false")),
    "with bias": (BASE.replace("conv 8 3x3", "conv 8 3x3 bias=false"), BASE),
    # A batchnorm's counter is unexpected where it is too many, and never missing.
    "a batchnorm more": (BASE, BASE.replace("padding=1; relu", "padding=1; b2: batchnorm; relu")),
    "a batchnorm less": (BASE.replace("padding=1; relu", "padding=1; b2: batchnorm; relu"), BASE),
    "a batchnorm for a rectifier": (
        "net A { input 3x8x8; conv 4 1x1; relu; conv 4 1x1 }",
        "net A { input 3x8x8; conv 4 1x1; batchnorm; conv 4 1x1 }",
    ),
    "no affine": (BASE, BASE.replace("b1: batchnorm", "b1: batchnorm affine=false")),
    "a parameter": (
        "net A { input 4x4x4; c: conv 4 1x1 }",
        "net A { input 4x4x4; c: conv 4 1x1; mul { identity; s: parameter [4, 1, 1] } }",
    ),
    "shared": (
        "net A { input 4x4x4; c: conv 4 1x1; share c }",
        "net A { input 4x4x4; c: conv 4 1x1; d: conv 4 1x1 }",
    ),
    "another kind": (
        "net A { input 4x4x4; c: conv 4 1x1; flatten }",
        "net A { input 4x4x4; flatten; c: dense 4 }",
    ),
    "moved": ("zoo:vgg11", "zoo:vgg11_bn"),
    "deeper": ("zoo:resnet18", "zoo:resnet34"),
    "another family": ("zoo:resnet18", "zoo:squeezenet1_1"),
    "heads": ("zoo:googlenet", "zoo:googlenetaux"),
}


def _loaded(spec: str) -> netspec.Network:
    return netspec.load(spec) if spec.startswith("zoo:") else network(spec)


def _torchs(old: nn.Module, new: nn.Module) -> tuple[set[str], set[str], set[str]]:
    """Keys of another shape, missing and unexpected ones, as PyTorch says."""
    state, own = old.state_dict(), new.state_dict()
    shapes = {key for key in own if key in state and own[key].shape != state[key].shape}
    if shapes:
        with pytest.raises(RuntimeError) as refusal:
            new.load_state_dict(state, strict=False)
        said = str(refusal.value)
        assert said.count("size mismatch for") == len(shapes)
        assert all(f"size mismatch for {key}:" in said for key in shapes)
    for key in shapes:
        state[key] = own[key]
    found = new.load_state_dict(state, strict=False)
    return shapes, set(found.missing_keys), set(found.unexpected_keys)


# On the meta device nothing is copied, and PyTorch warns of it.
@pytest.mark.filterwarnings("ignore:.*which is a no-op:UserWarning")
@pytest.mark.parametrize("name", PAIRS)
def test_weights_load_as_pytorch_says(name: str) -> None:
    old, new = map(_loaded, PAIRS[name])
    weights = compare(old, new).weights
    with torch.device("meta"):
        modules = netspec.to_torch(old), netspec.to_torch(new)
    shapes, missing, unexpected = _torchs(*modules)
    assert {key.key for key in weights.reshaped} == shapes
    assert set(weights.missing) == missing
    assert set(weights.unexpected) == unexpected
    strict = not (shapes or missing or unexpected)
    assert (weights.verdict is Verdict.STRICT) == strict
    assert (weights.verdict is Verdict.FAILS) == bool(shapes)
    kept = [key for key in weights.loads if "num_batches" not in key]
    assert weights.loaded == sum(modules[1].state_dict()[key].numel() for key in kept)


def test_another_beginning_is_a_change_that_old_weights_do_not_feel() -> None:
    text = "net T {{ {} input 3x8x8; conv 8 3x3; batchnorm; flatten; dense 4 }}"
    old, new = (
        network(text.format(init))
        for init in ("init he;", "init conv xavier gain=0.5; init batchnorm zeros bias=1;")
    )
    found = compare(old, new)
    said = {
        c.new.path: (c.changes[0].what, c.changes[0].old, c.changes[0].new) for c in found.changed
    }
    assert said == {
        "0": ("init", "he", "xavier gain=0.5"),
        "1": ("init", "none", "zeros bias=1"),
        "3": ("init", "he", "none"),
    }
    assert not any(change.behaves for change in found.changed)
    assert found.weights.verdict is Verdict.STRICT
