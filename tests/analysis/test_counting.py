"""Counting conventions give the figures of the tools that they are named after.

The figures are recorded in tests/truth/counting.json, of torchvision's networks and of single
layers, by tests/truth/measure_counting.py; torch's own counter is asked here too.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.analysis.cost import totals
from netspec.analysis.counting.amounts import PRODUCTS
from netspec.analysis.counting.tally import CONVENTIONS, count
from netspec.graph.graph import Network
from netspec.graph.size import Size
from netspec.ops import OPS
from netspec.reports.counting import printed
from tests.zoo.facts import TRUTH, ZOO, Entry, papers

FACTS = json.loads((TRUTH / "counting.json").read_text(encoding="utf-8"))
TOOLS = ("flopcounter", "fvcore", "ptflops", "ptflops-pytorch", "thop", "torchinfo")
NETWORKS = [e for e in ZOO if e.torchvision in FACTS["networks"]]


@cache
def network(target: str) -> Network:
    return netspec.load(target)


def test_the_figures_of_the_tools_for_resnet_50() -> None:
    """As they are known, whatever was recorded."""
    known = {
        "macs": 4_089_184_256,
        "flopcounter": 8_178_368_512,
        "fvcore": 4_111_512_576,
        "ptflops": 4_089_185_256,
        "thop": 4_133_742_592,
        "torchinfo": 4_089_238_376,
    }
    assert {name: netspec.count("zoo:resnet50", name).total for name in known} == known
    recorded = FACTS["networks"]["resnet50"]
    assert {name: recorded[name]["total"] for name in known if name != "macs"} == {
        name: figure for name, figure in known.items() if name != "macs"
    }


# --- what a tool counts otherwise in torchvision's own code ---------------------------------------


def _convnext(name: str) -> int:
    """Elements of the norms whose class is derived from nn.LayerNorm: behind the stem, before each
    of the three reductions, and the last one; widths of 96, 128 and 192 (arXiv:2201.03545)."""
    width = {"tiny": 96, "small": 96, "base": 128, "large": 192}[name.removeprefix("convnext_")]
    sizes = [(1, 56), (1, 56), (2, 28), (4, 14), (8, 1)]
    return sum(width * times * size * size for times, size in sizes)


#: Channels that the last pool, of 7x7, and the rectifier before it take; both called as functions.
_DENSENET = {"densenet121": 1024, "densenet161": 2208, "densenet169": 1664, "densenet201": 1920}
#: Elements that inception_v3's average pools read: 192, 256 and 288 channels of 35x35, 768 of 17x17
#: four times, 1280 and 2048 of 8x8. Each has as many outputs.
_INCEPTION_AVGPOOL = (192 + 256 + 288) * 35**2 + 4 * 768 * 17**2 + (1280 + 2048) * 8**2
#: And its reductions' maximum pools: 288 channels of 35x35, 768 of 17x17.
_INCEPTION_MAXPOOL = 288 * 35**2 + 768 * 17**2


def otherwise(tool: str, entry: Entry) -> int:
    """By how much a tool's figure is less than that for modules of torch's own classes.

    Functions count nothing in thop, and once, not twice, in ptflops' default backend; classes that
    are derived from torch's count nothing in either.
    """
    name = str(entry.torchvision)
    pytorch = tool == "ptflops-pytorch"
    if tool not in ("thop", "ptflops-pytorch"):
        return 0
    if name.startswith("convnext"):
        return _convnext(name) * (1 if pytorch else 4)
    if name in _DENSENET:
        last = _DENSENET[name] * 49
        return 2 * last if pytorch else last + _DENSENET[name]
    if name == "mobilenet_v2":
        return 1280 * 49 if pytorch else 1280 * 50
    if name == "inception_v3":
        if not pytorch:
            return _INCEPTION_AVGPOOL
        return _INCEPTION_AVGPOOL + _INCEPTION_MAXPOOL + _rectified(entry)
    if name == "googlenet":
        return _rectified(entry) if pytorch else 0
    if name in ("r3d_18", "mc3_18"):
        return _derived(name)
    return 0


def _rectified(entry: Entry) -> int:
    """Outputs of the convolutions, each of which a rectifier follows there (and a norm, of which
    fvcore counts 2 an element)."""
    return int(FACTS["networks"][entry.torchvision]["fvcore"]["batch_norm"]) // 2


def _derived(name: str) -> int:
    """Multiply-accumulates of `Conv3DSimple` and `Conv3DNoTemporal`, which torchinfo tells apart;
    they have no biases."""
    found = FACTS["networks"][name]["torchinfo"]
    return sum(n for kind, n in found.items() if kind.startswith("Conv3D"))


@pytest.mark.parametrize("entry", NETWORKS, ids=str)
def test_each_tool_of_each_network(entry: Entry) -> None:
    """To the unit: 78 networks, six tools."""
    recorded = FACTS["networks"][entry.torchvision]
    found = {t: count(network(entry.target), CONVENTIONS[t]).total for t in TOOLS}
    assert found == {t: recorded[t]["total"] + otherwise(t, entry) for t in TOOLS}


def test_the_record_is_whole() -> None:
    """Every network of torchvision; four of the six tools agree on all of them."""
    assert len(NETWORKS) == len(FACTS["networks"]) == 78
    exact = {t: sum(otherwise(t, e) == 0 for e in NETWORKS) for t in TOOLS}
    assert exact == {
        "flopcounter": 78,
        "fvcore": 78,
        "ptflops": 78,
        "torchinfo": 78,
        "thop": 66,
        "ptflops-pytorch": 65,
    }


# --- layers one by one ----------------------------------------------------------------------------


def _net(folder: Path, sizes: list[int], text: str) -> Network:
    dims = "x".join(map(str, sizes)) if len(sizes) > 1 else f"[{sizes[0]}]"
    path = folder / "a.net"
    path.write_text(f"net A {{\n  input {dims}\n  {text}\n}}\n", encoding="utf-8")
    return netspec.load(path)


@pytest.mark.parametrize("name", FACTS["layers"])
def test_each_tool_of_each_layer(name: str, tmp_path: Path) -> None:
    case = FACTS["layers"][name]
    net = _net(tmp_path, case["input"], case["spec"])
    found = {tool: count(net, CONVENTIONS[tool]).total for tool in case["figures"]}
    expected = dict(case["figures"])
    if name == "dense-map":
        # Right behind a permute, torch adds the bias of 7 units on 4x5 positions by itself.
        expected["ptflops"] += 7 * 4 * 5
    assert found == expected


def test_terms_are_those_of_the_tools() -> None:
    """fvcore and thop tell by what they count; here for all networks."""
    kinds = {
        "conv": ("conv", "dwconv", "conv_transpose"),
        "linear": ("dense",),
        "batch_norm": ("batchnorm",),
        "layer_norm": ("layernorm",),
        "adaptive_avg_pool2d": ("global_avgpool", "adaptive_avgpool"),
        "upsample_bilinear2d": ("upsample", "resize"),
    }
    for entry in NETWORKS:
        recorded = dict(FACTS["networks"][entry.torchvision]["fvcore"])
        del recorded["total"]
        found: dict[str, Any] = {}
        for term in count(network(entry.target), CONVENTIONS["fvcore"]).terms:
            (kind,) = (k for k, layers in kinds.items() if term.layer in layers)
            found[kind] = found.get(kind, 0) + term.amount
        assert found == recorded, entry


# --- torch's own counter, asked here --------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["zoo:resnet18", "zoo:alexnet", "zoo:shufflenet_v2_x0_5", "zoo:convnext_tiny"]
)
def test_flop_counter_mode(target: str) -> None:
    net = netspec.load(target)
    with torch.device("meta"):
        module, image = netspec.to_torch(net), torch.empty(1, 3, 224, 224)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module.to("meta").eval()(image)
    assert counter.get_total_flops() == netspec.count(net, "flopcounter").total


@pytest.mark.parametrize(
    "text",
    [
        "conv 8 3x3 padding=same stride=2 standardize=1e-10; groupnorm 2; relu",
        "blurpool; conv_transpose 4 4x4 stride=2 padding=1; grn",
        "permute height width channels; dense 8; layernorm; dense 3 bias=false",
        "repeat 3 { dwconv 3x3 padding=1 }; upsample 2 mode=bilinear; global_avgpool",
        "a: conv 6 1x1; share a; maxpool 2x2; out2: output { conv 2 1x1 }; softmax",
    ],
)
def test_flop_counter_mode_of_other_layers(text: str, tmp_path: Path) -> None:
    net = _net(tmp_path, [6, 8, 8], text)
    module = netspec.to_torch(net).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(torch.zeros(1, 6, 8, 8))
    assert counter.get_total_flops() == netspec.count(net, "flopcounter").total


# --- the language's own, and papers ---------------------------------------------------------------


@pytest.mark.parametrize("entry", ZOO, ids=str)
def test_own_measures(entry: Entry) -> None:
    net = network(entry.target)
    assert count(net, CONVENTIONS["macs"]).total == entry.macs
    assert count(net, CONVENTIONS["paper"]).total == entry.macs
    assert count(net, CONVENTIONS["flops"]).total == totals(net).flops


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (4_089_184_256, "4.09 x 10^9"),
        (11_282_415_616, "11.3 x 10^9"),
        (127_517_815_680, "128 x 10^9"),
        (1_234_567_000_000, "1,235 x 10^9"),
        (40_551_040, "40.6 x 10^6"),
        (999_499, "999 x 10^3"),
        # Three digits of it are those of a million, and of a billion.
        (999_999, "1.00 x 10^6"),
        (999_999_999, "1.00 x 10^9"),
        (1_000_000, "1.00 x 10^6"),
        (1_005_000, "1.01 x 10^6"),
        (108_288, "108 x 10^3"),
        (1_005, "1.01 x 10^3"),
        (999, "999"),
    ],
)
def test_as_papers_print(amount: int, text: str) -> None:
    assert printed(amount) == text


@pytest.mark.parametrize("layers", ["18", "34", "50", "101", "152"])
def test_table_1_of_the_resnet_paper(layers: str) -> None:
    """Its figures are ours, some cut off and some rounded to one decimal: 3.664 is printed as 3.6,
    7.570 as 7.6."""
    spec = f"zoo:resnet{layers}" + ("paper" if int(layers) >= 50 else "")
    total = netspec.count(spec, "paper").total
    stated = papers()["resnet_imagenet"]["flops_1e9"][layers]
    assert isinstance(total, int)
    cut, rounded = total // 10**8 / 10, round(total / 10**8) / 10
    assert stated in (cut, rounded)


def test_ops_of_the_googlenet_paper() -> None:
    """Table 1 has `ops` in 10^6 for each row; those that agree with its own widths are ours."""
    rows = papers()["googlenet"]["rows"]
    net = netspec.load("zoo:googlenetpaper")
    amounts = {node.path[0]: count_of(net, node.path[0]) for node in net.root.nodes if node.path}
    found = sorted(amount for amount in amounts.values() if amount)
    for row in rows:
        if row.get("ops_row_agrees"):
            assert any(abs(amount - row["ops_m"] * 10**6) < 10**6 for amount in found), row


def count_of(net: Network, name: object) -> int:
    """What a top-level name of a net comes to, as its papers count."""
    from netspec.analysis.counting.tally import amount

    own = (
        amount(net.root, n, CONVENTIONS["paper"]) for n in net.root.nodes if n.path[:1] == (name,)
    )
    return sum(a for a in own if isinstance(a, int))


# --- terms, totals, explanations ------------------------------------------------------------------


@pytest.mark.parametrize("entry", ZOO[::7], ids=str)
def test_explanations_add_up(entry: Entry) -> None:
    counts = [count(network(entry.target), c) for c in CONVENTIONS.values()]
    for one in counts:
        assert one.total == sum(term.amount for term in one.terms)
        for other in counts:
            found = one.beside(other)
            assert found.total == sum(d.amount for d in found.differences)
            assert other.total == one.total + found.total
            for layer in one.uncounted:
                assert all(term.layer != layer for term in one.terms)


def test_a_repeat_costs_as_much_as_one(tmp_path: Path) -> None:
    once = _net(tmp_path, [8, 4, 4], "conv 8 3x3 padding=1; batchnorm; relu")
    often = _net(tmp_path, [8, 4, 4], "repeat 1_000_000 { conv 8 3x3 padding=1; batchnorm; relu }")
    for convention in CONVENTIONS.values():
        one, many = count(once, convention), count(often, convention)
        assert many.total == 1_000_000 * one.total
        assert many.uncounted == one.uncounted


def test_nothing_is_nothing(tmp_path: Path) -> None:
    net = _net(tmp_path, [8, 4, 4], "repeat 0 { conv 8 3x3 }; identity")
    assert [count(net, c).total for c in CONVENTIONS.values()] == [0] * len(CONVENTIONS)


def test_what_exists_in_training_only_counts_nothing(tmp_path: Path) -> None:
    plain = _net(tmp_path, [8, 4, 4], "conv 8 3x3; relu")
    headed = _net(
        tmp_path, [8, 4, 4], "conv 8 3x3; relu; aux: output when=training { conv 2 1x1; relu }"
    )
    for convention in CONVENTIONS.values():
        assert count(plain, convention) == count(headed, convention)


@pytest.mark.parametrize("spec", ["zoo:vgg16", "zoo:resnet50", "zoo:mobilenet_v3_small"])
def test_symbolic_sizes(spec: str) -> None:
    """A closed form that gives, at 224x224, what the network of that size gives."""
    symbolic, fixed = netspec.load(spec, inputs="3xHxW"), netspec.load(spec)
    for convention in CONVENTIONS.values():
        total = count(symbolic, convention).total
        value = total.evaluate({"H": 224, "W": 224}) if isinstance(total, Size) else total
        assert value == count(fixed, convention).total
        parts = sum(term.amount for term in count(symbolic, convention).terms)
        assert parts == total


def test_every_layer_that_has_a_cost_has_a_term() -> None:
    """The language's own FLOPs leave no layer out."""
    from netspec.ops.spec import free

    costly = {name for name, op in OPS.items() if op.cost is not free}
    assert set(CONVENTIONS["flops"].terms) >= costly
    for convention in CONVENTIONS.values():
        assert set(convention.terms) <= set(OPS)
        assert set(PRODUCTS) <= set(convention.terms)


def test_a_convention_that_is_not_there() -> None:
    with pytest.raises(netspec.NoSuchConvention, match="'thip'; there are macs, flops"):
        netspec.count("zoo:lenet", "thip")
