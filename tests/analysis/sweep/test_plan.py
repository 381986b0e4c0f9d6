"""What a sweep finds is what there is of each variant by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import netspec
from netspec import limits
from netspec.analysis.depth import depth
from netspec.analysis.receptive_field import receptive_field
from netspec.diagnostics import Severity
from tests.helpers import errors

ONE = "net One(k=1, c=1, size=8) { input [c, size, size]; conv 5 k; }\n"

#: Fails at many places, with words that tell of the parameters; blocks are shared and fail, too.
HARD = """# What may go wrong goes wrong somewhere.
block unit(width, stride=1) {
  assert stride < 3 or width < 8
  residual { a: conv width 3x3 stride=stride padding=1; batchnorm } shortcut {
    if stride != 1 or in.channels != width { conv width 1x1 stride=stride }
  }
  conv width 5x5 padding=4
  relu
}
block broken(n) { conv n 2x2 stride=3 }
inline block twice(unit, n) { unit n; unit n }
net Hard(width=8, stride=1, n=2, heads=[10], tail=unit) {
  input 3x17x17
  body: { unit width stride=stride; repeat n as i { unit{i}: unit width + i * stride } }
  twice tail width
  if n > 2 { maxpool 2x2 stride=3 }
  assert params > 2_000
  repeat heads as units { head{units}: output { global_avgpool; flatten; dense units } }
  global_avgpool; flatten; dense 4 // (width - 9)
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.net").write_text(ONE)
    (tmp_path / "hard.net").write_text(HARD)
    return tmp_path


def test_figures_by_arithmetic(folder: Path) -> None:
    """A convolution of k x k from c to 5 channels: 5 (k k c + 1) parameters, and k k c 5 MACs at
    each of (8 - k + 1)^2 places; it reads k."""
    sweep = netspec.sweep("one.net", {"k": range(1, 6), "c": [1, 3, 4]})
    assert len(sweep) == sweep.total == 15 and sweep.complete
    for variant in sweep:
        k, c = variant.parameters["k"], variant.parameters["c"]
        assert isinstance(k, int) and isinstance(c, int)
        assert variant.measures == {
            "params": 5 * (k * k * c + 1),
            "macs": 5 * k * k * c * (9 - k) ** 2,
            "receptive_field": k,
        }
    assert [tuple(v.parameters.values()) for v in sweep][:4] == [(1, 1), (1, 3), (1, 4), (2, 1)]
    # At each k, fewer channels cost less and read as far.
    assert [v.parameters for v in sweep.front] == [{"k": k, "c": 1} for k in range(1, 6)]


def test_other_measures(folder: Path) -> None:
    sweep = netspec.sweep(
        "one.net",
        {"k": [3]},
        measures=["macs / params", "out.height", "k", "k > 2", "[k, 1]"],
    )
    (variant,) = sweep
    # 5 * 9 * 36 = 1,620 MACs, 50 parameters.
    assert list(variant.measures.values()) == [32.4, 6, 3, True, "[3, 1]"]
    assert sweep.objectives == () and sweep.front == ()


def alone(spec: str, parameters: dict[str, object], inputs: dict[str, str]) -> object:
    """What `load` makes of it: its measures, or the name and words of its first mistake."""
    try:
        network = netspec.load(spec, parameters, inputs or None)
    except netspec.SpecError as error:
        first = next(d for d in error.diagnostics if d.severity is Severity.ERROR)
        return first.name, first.message
    sums = netspec.summarize(network).totals
    found = (sums.params, sums.macs, sums.flops, sums.activations)
    return (*found, depth(network), receptive_field(network))


MEASURES = ("params", "macs", "flops", "activations", "depth", "receptive_field")

FAMILIES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    (
        "hard.net",
        {
            "width": "4..10",
            "stride": "1,2,3",
            "n": "0..3",
            "heads": "[10],[2, 3],[2, 2]",
            "tail": "unit,broken,relu",
        },
        {},
    ),
    (
        "zoo:resnet::ResNet",
        {"unit": "basic,bottleneck", "n1": "1,2", "n2": "1,3", "n3": "0,2", "n4": "1"},
        {},
    ),
    ("zoo:densenet121", {"growth": "4,8..32:12", "stem": "7,64"}, {"": ["3x64x64", "3x224x224"]}),
    ("zoo:mobilenet_v2", {"classes": "10"}, {"": ["3x32x32", "3x33x33", "1x64", "3x64x64"]}),
]


@pytest.mark.parametrize(("spec", "parameters", "inputs"), FAMILIES, ids=lambda v: str(v)[:20])
def test_each_variant_is_what_it_is_alone(
    folder: Path, spec: str, parameters: dict[str, object], inputs: dict[str, object]
) -> None:
    """Though blocks are shared from one to the next, and mistakes tell of the values."""
    sweep = netspec.sweep(spec, parameters, inputs=inputs, measures=MEASURES)
    found = {
        (tuple(v.parameters.items()), tuple(v.inputs.items())): tuple(v.measures.values())
        for v in sweep
    }
    found |= {
        (tuple(v.parameters.items()), tuple(v.inputs.items())): (v.error, v.message)
        for v in sweep.failing
    }
    assert len(found) == sweep.total
    for (values, sizes), what in found.items():
        assert what == alone(spec, dict(values), dict(sizes)), (values, sizes)


def test_the_hard_family_is_hard(folder: Path) -> None:
    """So that the test above looks at many kinds of mistakes, and at nets without."""
    _, parameters, _ = FAMILIES[0]
    sweep = netspec.sweep("hard.net", parameters)
    assert len(sweep) > 20
    assert len({v.error for v in sweep.failing}) >= 5
    assert len({v.message for v in sweep.failing}) >= 10


def test_what_is_kept_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing that is found depends on it."""
    _, parameters, _ = FAMILIES[0]
    before = netspec.sweep("hard.net", parameters)
    monkeypatch.setattr(limits, "SWEEP_BLOCKS", 3)
    after = netspec.sweep("hard.net", parameters)
    assert list(after) == list(before) and list(after.failing) == list(before.failing)


def test_layers_of_one_variant_are_counted_for_each(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a variant shares with those before counts among its own: alone it is too large, too."""
    (folder / "many.net").write_text(
        "block part(i) { conv 1 1x1; repeat 6 as j { if j < i { relu }; conv 1 1x1 } }\n"
        "net Many(n=1) { input 1x8x8; repeat n as i { part i } }\n"
    )
    monkeypatch.setattr(limits, "UNROLLED_LAYERS", 60)
    sweep = netspec.sweep("many.net", {"n": range(1, 9)})
    assert {v.error for v in sweep.failing} == {"too-many-layers"}
    for variant in (*sweep, *sweep.failing):
        alone_ = alone("many.net", dict(variant.parameters), {})
        assert (alone_[0] == "too-many-layers") is (variant.error == "too-many-layers")


# --- constraints ----------------------------------------------------------------------------------

NET = """block wide(n) {{ conv n 3x3 padding=1; relu }}
net Judged(width={width}, depth={depth}) {{
  input 3x16x16
  let half = width // 2
  stem: conv width 3x3 padding=1
  repeat depth {{ wide width }}
  tail: {{ conv half 1x1; relu }}
  {asserted}
}}
"""

NUMBERS = st.sampled_from(
    [
        *("params", "macs", "flops", "activations", "depth", "receptive_field", "width"),
        *("out.channels", "out.height", "in.channels", "@stem.channels", "half", "@.rank"),
        *("max(width, 3 * depth)", "macs // params", "3", "1K", "5.5", "0"),
    ]
)
SUMS = st.one_of(
    NUMBERS,
    st.tuples(NUMBERS, st.sampled_from(["+", "-", "*", "//", "%", "/"]), NUMBERS).map(" ".join),
)
COMPARED = st.tuples(SUMS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), SUMS).map(" ".join)
CONDITIONS = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda t: f"({t[0]}) {t[1]} ({t[2]})"
        ),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=4,
)


@given(CONDITIONS, st.integers(2, 9), st.integers(0, 3))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_constraint_is_an_assert(folder: Path, condition: str, width: int, depth: int) -> None:
    """It holds where the same text holds as the last statement of the net, and is as mistaken."""
    text = NET.format(width=width, depth=depth, asserted=f"assert {condition}")
    said = errors(text)
    (folder / "judged.net").write_text(NET.format(width=3, depth=1, asserted=""))
    given_here = {"width": width, "depth": depth}
    if said in ([], ["assert-failed"]):
        sweep = netspec.sweep("judged.net", given_here, where=condition)
        assert (len(sweep), sweep.rejected) == ((1, 0) if not said else (0, 1))
    else:
        with pytest.raises(netspec.SpecError) as problem:
            netspec.sweep("judged.net", given_here, where=condition)
        assert problem.value.diagnostics[0].name in said


def test_several_constraints(folder: Path) -> None:
    """k k c <= 20 of (1, 4, 9) x (1, 3): all but 27; of those, above 3: 4, 12, 9."""
    sweep = netspec.sweep(
        "one.net",
        {"k": [1, 2, 3], "c": [1, 3]},
        where=["k * k * c <= 20", "params > 5 * (3 + 1)"],
    )
    assert [tuple(v.parameters.values()) for v in sweep] == [(2, 1), (2, 3), (3, 1)]
    assert sweep.rejected == 3
    assert repr(sweep) == "<Sweep of One: 6 of 6 variants, 3 meet, 3 rejected, 0 failing>"


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "more", "said"),
    [
        ({"kk": [1]}, {}, "did you mean `k`?"),
        ({"k": "1,1/0"}, {}, "division by zero"),
        ({"k": [1]}, {"where": "parms < 3"}, "did you mean `params`?"),
        ({"k": [1]}, {"where": "params"}, "a condition is true or false"),
        ({"k": [1]}, {"where": "params <"}, "--where:1"),
        ({"k": [1]}, {"measures": ["out"]}, "`out` is a value"),
        ({"k": [1]}, {"measures": [""]}, "--measure has an empty place"),
        ({"k": [1]}, {"best": "max"}, "--best needs numbers, and max is the layer `max`"),
        ({"k": [1]}, {"pareto": ["k > 1"]}, "--pareto needs numbers, and k > 1 is false"),
        ({"k": [1]}, {"refine": 1}, "--refine looks around the best"),
        ({"k": [1]}, {"refine": 1, "random": 1, "best": "macs"}, "one of them goes"),
        ({}, {}, "nothing to sweep over"),
        ({"k": [1]}, {"inputs": "3x,4"}, "--input"),
        ({"k": range(10**7)}, {}, "a grid of 10,000,000 variants"),
        ({"k": []}, {}, "-p k has no values"),
    ],
)
def test_mistakes_in_what_is_asked(
    folder: Path, parameters: dict[str, object], more: dict[str, object], said: str
) -> None:
    with pytest.raises(netspec.SpecError) as problem:
        netspec.sweep("one.net", parameters, **more)
    assert said in str(problem.value)


def test_mistakes_of_the_spec(folder: Path) -> None:
    """One that is there whatever the values are is told once, and nothing is swept."""
    (folder / "bad.net").write_text(ONE + "block b() { cnv 3 1x1 }\n")
    with pytest.raises(netspec.SpecError, match="there is no layer or block `cnv`"):
        netspec.sweep("bad.net", {"k": [1, 2]})
    (folder / "bad.net").write_text("net One(k=1) { input 3x8x8; conv k 1x1 ")
    with pytest.raises(netspec.SpecError) as problem:
        netspec.sweep("bad.net", {"k": [1, 2]})
    assert problem.value.diagnostics
    with pytest.raises(netspec.SpecError, match="there is no net `Two`"):
        netspec.sweep("one.net::Two", {"k": [1, 2]})
    with pytest.raises(netspec.FileProblem):
        netspec.sweep("none.net", {"k": [1, 2]})
    (folder / "two.net").write_text(ONE + ONE.replace("One", "Two"))
    with pytest.raises(netspec.SpecError, match="needs one net"):
        netspec.sweep("two.net", {"k": [1, 2]})


def test_a_template_needs_its_parameters() -> None:
    sweep = netspec.sweep("zoo:resnet::ResNet", {"unit": "basic", "n1": [1, 2]})
    assert [v.error for v in sweep.failing] == ["missing-argument"] * 2


def test_open_sizes(folder: Path) -> None:
    """Measures are expressions then: they are shown, and cannot be compared."""
    (folder / "open.net").write_text("net Open(c=1) { input 3xHxW; conv c 1x1 }\n")
    (variant,) = netspec.sweep("open.net", {"c": [2]}, pareto=["params"])
    assert variant.measures["macs"] == "6*H*W"
    for more in ({}, {"pareto": [], "where": "macs < 5"}, {"best": "macs", "pareto": []}):
        with pytest.raises(netspec.SpecError, match=r"--input 3x224x224 gives them numbers"):
            netspec.sweep("open.net", {"c": [2]}, **more)


def test_nets_of_other_files(folder: Path) -> None:
    """The definition stands in what is imported: constraints are asked there as well."""
    (folder / "alias.net").write_text('from "one.net" import One\nnet Mine = One c=2\n')
    sweep = netspec.sweep("alias.net", {"k": [1, 2, 3]}, where="c == 2 and params > 20")
    # 5 (k k 2 + 1): 15, 45, 95.
    assert [v.measures["params"] for v in sweep] == [45, 95]
    with pytest.raises(netspec.SpecError, match="did you mean `params`"):
        netspec.sweep("alias.net", {"k": [1]}, where="parms > 1")
    with pytest.raises(netspec.SpecError, match="has no parameter `c`"):
        netspec.sweep("alias.net", {"c": [1]})


def test_refined_and_drawn(folder: Path) -> None:
    """The largest that fits: 5 (k k + 1) parameters of at most 5,000 for k up to 31."""
    sweep = netspec.sweep(
        "one.net",
        {"k": range(1, 101)},
        inputs="1x100x100",
        where="params <= 5_000",
        best="max params",
        refine=5,
    )
    best = sweep.best
    assert best is not None and best.parameters == {"k": 31} and best.best
    assert sweep.done < 25
    some = netspec.sweep("one.net", {"k": range(1, 9), "c": range(1, 9)}, random=10, seed=3)
    again = netspec.sweep("one.net", {"k": range(1, 9), "c": range(1, 9)}, random=20, seed=3)
    assert some.done == 10 and again.done == 20
    points = [tuple(v.parameters.values()) for v in some]
    assert points == sorted(set(points))
    assert set(points) < {tuple(v.parameters.values()) for v in again}
