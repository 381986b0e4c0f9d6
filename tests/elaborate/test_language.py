"""What each statement and item of the language means, by networks built from text."""

from __future__ import annotations

import time

import pytest

from netspec.analysis.cost import totals
from netspec.elaborate import Request
from netspec.graph.graph import CallNode, RepeatNode
from tests.helpers import elaborated, errors, layers, network, paths, shapes


def net(body: str, before: str = "", size: str = "4x8x8") -> str:
    return f"{before}\nnet Toy {{\n  input {size}\n{body}\n}}\n"


def built(body: str, before: str = "", size: str = "4x8x8") -> list[str]:
    return shapes(network(net(body, before, size)))


# --- flow and values --------------------------------------------------------------------------


def test_sequence_and_empty_braces() -> None:
    assert built("conv 8 3x3; { }; relu") == ["8x6x6", "8x6x6"]


def test_reference_goes_back_to_a_value() -> None:
    # 4 + 8 + 4 channels
    body = "let skip = @; a: conv 8 1x1; b: conv 4 1x1; concat { @skip; @a; identity }"
    assert built(body)[-1] == "16x8x8"


def test_reference_into_scopes_and_blocks() -> None:
    before = "block unit(n) { c: conv n 1x1; relu }\n"
    body = "enc: { unit 6; unit 7 }; relu; concat { @enc.0.c; @enc.1.relu1; @enc }"
    # 6 + 7 + 7
    assert built(body, before)[-1] == "20x8x8"


def test_reference_into_a_repeat() -> None:
    # Each iteration halves nothing: 4 channels throughout; three values of the same repeat.
    body = "enc: repeat 5 { conv 4 1x1; relu }; concat { @enc.2; @enc.7; @enc.8 }"
    flat = layers(network(net(body)))
    merged = flat[-1]
    named = {f.index: f.path for f in flat}
    assert [named[i] for i in merged.inputs] == ["enc.2", "enc.7", "enc.8"]


def test_computed_references() -> None:
    body = """
      repeat 3 as i { branch{i+1}: { @in; conv i+1 1x1 } }
      concat { repeat 3 as i { @branch{i+1} } }
    """
    assert built(body)[-1] == "6x8x8"


def test_sizes_of_values() -> None:
    body = """
      a: conv 2*in.channels 3x3
      let b = @
      conv @.height 1x1
      conv @a.channels + @b.width + in.rank 1x1
    """
    # @.height of 8x6x6 is 6; 8 + 6 + 2
    assert built(body)[-1] == "16x6x6"


def test_value_parameters() -> None:
    before = """
    block up(n, skip) { conv n 1x1; concat { identity; @skip }; conv skip.channels 1x1 }
    """
    body = "a: conv 5 1x1; let b = @; conv 3 1x1; up 6 b; up 7 @a; up 8 a"
    assert built(body, before)[-1] == "5x8x8"


def test_layer_parameters_and_defaults_that_follow_them() -> None:
    before = "block unit(n, act=relu) { conv n 1x1; default act slope=0.3; act }\n"
    flat = layers(network(net("unit 4 act=leaky_relu", before)))
    assert flat[-1].node.op == "leaky_relu"
    assert flat[-1].node.attributes["slope"] == 0.3


def test_layers_in_lists_and_equality() -> None:
    before = """
    block a(n) { conv n 1x1 }
    block b(n) { conv n 3x3; relu }
    """
    body = """
      repeat [[a, 6], [b, 7]] as unit, n {
        if unit == b { maxpool 2x2 }
        unit n
      }
    """
    assert built(body, before) == ["6x8x8", "6x4x4", "7x2x2", "7x2x2"]


def test_words_travel_through_parameters() -> None:
    before = """
    block unit(padding, rounding) {
      conv 4 3x3 padding=padding
      maxpool 3x3 stride=2 rounding=rounding
    }
    """
    assert built("unit half ceil", before) == ["4x8x8", "4x4x4"]


def test_words_stay_free_as_names() -> None:
    assert built("let half = 6; let same = 3; conv half same") == ["6x6x6"]


def test_defaults_reach_inner_braces_but_not_called_blocks() -> None:
    before = "block unit() { conv 4 1x1 }\n"
    body = "default conv bias=false; { conv 4 1x1 }; unit"
    flat = layers(network(net(body, before)))
    assert [f.node.attributes["bias"] for f in flat] == [False, True]


def test_a_default_ends_with_its_braces_and_may_supply_a_required_parameter() -> None:
    flat = layers(network(net("{ default conv kernel=3x3; conv 4 }; conv 4 1x1")))
    assert [f.node.attributes["kernel"] for f in flat] == [(3, 3), (1, 1)]


def test_defaults_of_blocks() -> None:
    before = "block unit(n, k=1) { conv n k }\n"
    assert built("default unit k=3; unit 5", before) == ["5x6x6"]


def test_inline_blocks_do_not_see_the_callers_lets_and_defaults() -> None:
    before = "inline block pair() { conv k 1x1 }\n"
    assert errors(net("let k = 3; pair", before)) == ["unknown-name"]
    before = "inline block pair() { conv 4 1x1 }\n"
    flat = layers(network(net("default conv bias=false; pair", before)))
    assert flat[0].node.attributes["bias"] is True


def test_in_of_an_inline_block_is_the_value_at_its_call() -> None:
    before = "inline block pair() { conv 2*in.channels 1x1; conv in.channels 1x1; @in }\n"
    assert built("conv 6 1x1; pair; relu", before) == ["6x8x8", "12x8x8", "6x8x8", "6x8x8"]


# --- repeat and if ----------------------------------------------------------------------------


def test_repeat_over_lists() -> None:
    body = """
      repeat [2, 3] as c { conv c 1x1 }
      repeat [[4, 1], [5, 3]] as c, k { conv c k }
      repeat [6, 7] as i: c { conv c + i 1x1 }
    """
    assert built(body) == ["2x8x8", "3x8x8", "4x8x8", "5x6x6", "6x6x6", "8x6x6"]


def test_repeat_zero_times() -> None:
    assert built("repeat 0 { conv 8 1x1 }; relu") == ["4x8x8"]


def test_a_repeat_that_does_not_read_its_index_is_one_body() -> None:
    result = network(net("repeat 10 { conv 4 3x3 padding=1; relu }"))
    kinds = [type(node) for node in result.root.nodes]
    assert kinds.count(RepeatNode) == 1
    assert len(layers(result)) == 20
    # 10 x (4*4*9 + 4)
    assert totals(result.root).params == 1480


def test_a_million_costs_as_two() -> None:
    text = "block unit() { add { { conv 4 3x3 padding=1; relu }; identity } }\n"
    elapsed = {}
    for count in (2, 1_000_000):
        start = time.perf_counter()
        result = network(net(f"conv 4 1x1; repeat {count} {{ unit }}", text))
        elapsed[count] = time.perf_counter() - start
        assert totals(result.root).params == 20 + count * 148
        assert len(result.root.nodes) <= 5
    # Generous: what is asserted is the kind of growth, not a time.
    assert elapsed[1_000_000] < 50 * elapsed[2] + 0.5


def test_a_repeat_reads_outer_values() -> None:
    body = "let skip = @; conv 4 1x1; repeat 6 { add { identity; @skip }; relu }"
    flat = layers(network(net(body)))
    merges = [f for f in flat if f.node.op == "add"]
    assert len(merges) == 6
    # The second operand is the input each time; the first comes from the iteration before.
    assert {f.inputs[1] for f in merges} == {0}
    assert len({f.inputs[0] for f in merges}) == 6


def test_repeats_of_changing_shapes_are_unrolled() -> None:
    assert built("repeat 3 { maxpool 2x2 }") == ["4x4x4", "4x2x2", "4x1x1"]


def test_too_many_different_iterations() -> None:
    assert errors(net("repeat 10**9 as i { conv 4 1x1; conv i+1 1x1; conv 4 1x1 }")) == [
        "too-many-layers"
    ]
    assert errors(net("repeat 10**30 { relu }")) == ["too-many-layers"]


def test_blocks_that_double() -> None:
    def doubling(levels: int) -> str:
        blocks = "block b0() { conv 4 1x1 }\n" + "".join(
            f"block b{i}() {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, levels)
        )
        return net(f"b{levels - 1}", blocks)

    result = network(doubling(51))
    assert totals(result.root).params == 2**50 * 20
    assert errors(doubling(200)) == ["too-many-layers"]


def test_conditional_expressions() -> None:
    before = """
    block unit(n, wide=false, k=3 if wide else 1) {
      let m = 2*n if wide else n
      conv m (k if wide else 1)
    }
    """
    assert built("unit 4; unit 4 wide=true", before) == ["4x8x8", "8x6x6"]


def test_if_else_if() -> None:
    before = """
    block unit(n) {
      if n == 1 { conv 1 1x1 } else if n == 2 { conv 2 1x1 } else { conv 9 1x1 }
    }
    """
    assert built("unit 1; unit 2; unit 5", before) == ["1x8x8", "2x8x8", "9x8x8"]


# --- merges -----------------------------------------------------------------------------------


def test_merges_and_broadcasting() -> None:
    body = """
      mul { identity; { global_avgpool; conv 4 1x1; sigmoid } }
      max { identity; relu }
      sub { identity; relu; gelu }
    """
    ops = [f.node.op for f in layers(network(net(body))) if not f.path]
    assert ops == ["mul", "max", "sub"]


def test_one_branch_is_that_branch() -> None:
    assert built("concat { conv 5 1x1 }") == ["5x8x8"]


def test_branches_from_repeat_and_if() -> None:
    body = "concat { repeat [2, 3] as c { conv c 1x1 }; if true { identity; conv 1 1x1 } }"
    # 2 + 3 + 4 + 1
    assert built(body)[-1] == "10x8x8"


def test_concat_along_an_axis() -> None:
    assert built("concat axis=height { identity; maxpool 2x1 stride=2x1 }")[-1] == "4x12x8"


def test_residual() -> None:
    body = "residual { conv 4 3x3 padding=1 }; residual { conv 6 1x1 } shortcut { conv 6 1x1 }"
    assert built(body)[-1] == "6x8x8"


def test_a_residual_that_exists_only_where_shapes_agree() -> None:
    before = """
    block unit(filters, stride=1) {
      add {
        conv: { conv filters 3x3 stride=stride padding=1 }
        if stride == 1 and in.channels == filters { identity }
      }
    }
    """
    flat = layers(network(net("unit 4; unit 8; unit 8 stride=2", before)))
    assert [f.node.op for f in flat] == ["conv", "add", "conv", "conv"]


# --- share ------------------------------------------------------------------------------------


def test_share_uses_the_same_weights() -> None:
    result = network(net("a: conv 4 3x3 padding=1; relu; share a; share a"))
    assert [f.shares for f in layers(result)] == [None, None, "a", "a"]
    # 4*4*9 + 4
    assert totals(result.root).params == 148


def test_share_a_block_at_another_size() -> None:
    before = "block unit() { conv 4 3x3 padding=1; relu }\n"
    result = network(net("a: unit; maxpool 2x2; share a", before))
    assert [(f.path, f.shares) for f in layers(result)] == [
        ("a.0", None), ("a.1", None), ("maxpool1", None), ("", "a.0"), ("", "a.1"),
    ]  # fmt: skip
    assert totals(result.root).params == 148


def test_share_keeps_the_defaults_of_its_statement() -> None:
    body = "a: conv 4 3x3 padding=1; default conv bias=false padding=0; share a; conv 4 1x1"
    flat = layers(network(net(body)))
    assert [f.node.attributes["bias"] for f in flat] == [True, True, False]
    assert [str(f.node.shape) for f in flat] == ["4x8x8", "4x8x8", "4x8x8"]


def test_share_of_a_block_that_doubles() -> None:
    blocks = "block b0() { conv 4 1 }\n" + "".join(
        f"block b{i}() {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, 40)
    )
    result = network(net("s: b39; maxpool 2; share s", blocks))
    assert totals(result.root).params == 2**39 * 20


def test_the_size_of_an_inner_value_makes_nothing() -> None:
    before = "block unit(n) { c: conv n 1x1; relu }\n"
    result = network(net("enc: { unit 6 }; conv @enc.0.c.channels 1", before))
    assert [type(node).__name__ for node in result.root.nodes[1:]] == ["CallNode", "OpNode"]


def test_share_and_reference_of_computed_labels() -> None:
    body = "repeat 2 as i { l{i}: conv 4 1x1 }; share l1; add { @l0; @l1 }"
    assert [f.shares for f in layers(network(net(body)))] == [None, None, "l1", None]


def test_share_in_a_repeat_and_of_braces() -> None:
    result = network(net("a: { conv 4 1x1; repeat 3 { conv 4 1x1 } }; repeat 4 { share a }"))
    # 4 convolutions of 4*4 + 4
    assert totals(result.root).params == 80
    assert len(layers(result)) == 20


# --- inputs, outputs, nets --------------------------------------------------------------------


def test_several_inputs_and_outputs() -> None:
    text = """
    net Two {
      left: input 3x8x8
      conv 4 1x1
      let a = @
      right: input 5x8x8
      conv 4 1x1
      add { identity; @a }
      aux: output { global_avgpool; flatten; dense 3 }
      output name=late when=training conv 2 1x1
      relu
    }
    """
    result = network(text)
    assert [name for name, _ in result.inputs] == ["left", "right"]
    outputs = [(o.name, str(result.root.nodes[o.value].shape), o.training) for o in result.outputs]
    assert outputs == [("out", "4x8x8", False), ("aux", "3", False), ("late", "2x8x8", True)]


def test_training_outputs_count_in_params_only() -> None:
    plain = totals(network(net("conv 4 1x1")).root)
    more = totals(network(net("conv 4 1x1; aux: output when=training conv 2 1x1")).root)
    # 4*2 + 2
    assert more.params == plain.params + 10
    assert (more.macs, more.flops, more.activations) == (
        plain.macs, plain.flops, plain.activations,
    )  # fmt: skip


def test_aliases_and_templates() -> None:
    text = """
    block unit(n) { conv n 1x1 }
    net Base(unit, n, classes=10) { input 3x8x8; unit n; flatten; dense classes }
    net Small = Base unit 4
    net Tiny = Small classes=2
    """
    result, diagnostics = elaborated(text)
    assert not diagnostics
    assert result.templates == ("Base",)
    assert {name: str(n.root.shape) for name, n in result.networks.items()} == {
        "Small": "10",
        "Tiny": "2",
    }
    assert dict(result.networks["Small"].parameters) == {"classes": 10}
    assert dict(result.networks["Tiny"].parameters) == {}


def test_parameters_and_inputs_from_outside() -> None:
    text = """
    net Base(n, classes=10) { input 3x8x8; conv n 1x1 -> _x8x8; flatten; dense classes }
    """
    request = Request("Base", {"n": "2 * 3", "classes": "4"}, {"": "3x6x4"})
    result, diagnostics = elaborated(text, requests=[request])
    assert [d.name for d in diagnostics] == ["written-for-other-values"]
    assert shapes(result.networks["Base"]) == ["6x6x4", "144", "4"]
    _, diagnostics = elaborated(text, requests=[Request("Base", {"m": "2"})])
    assert "unknown-parameter" in [d.name for d in diagnostics]


def test_blocks_are_elaborated_once() -> None:
    before = "block unit(n) { conv n 3x3 padding=1 }\n"
    result = network(net("unit 4; relu; unit 4; unit 5", before))
    calls = [node.instance for node in result.root.nodes if isinstance(node, CallNode)]
    assert calls[0] is calls[1] is not calls[2]


def test_imports() -> None:
    imports = {"lib.net": "block unit(n) { helper n }\nblock helper(n) { conv n 1x1; relu }\n"}
    result, diagnostics = elaborated(
        'from "lib.net" import unit\n' + net("unit 7"), imports=imports
    )
    assert not diagnostics
    assert shapes(result.networks["Toy"])[-1] == "7x8x8"
    # What is not imported is not known.
    _, diagnostics = elaborated('from "lib.net" import unit\n' + net("helper 7"), imports=imports)
    assert [d.name for d in diagnostics] == ["unknown-layer"]


# --- dimensions and symbols -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "expected"),
    [("4x9", "8x7"), ("4x9x9", "8x7x7"), ("4x9x9x9", "8x7x7x7")],
)
def test_one_two_and_three_dimensions(size: str, expected: str) -> None:
    assert built("conv 8 3", size=size) == [expected]


def test_symbolic_sizes() -> None:
    result = network(net("conv 8 3x3 stride=2 padding=1; maxpool 2x2; relu", size="3xHxW"))
    # floor((H + 2 - 3)/2) + 1, then halved; exactly divisible under the exact rule.
    assert shapes(result)[0] == "8 x floor((H + 1)/2) x floor((W + 1)/2)"
    assert errors(net("if in.height == 3 { relu }", size="3xHxW")) == ["symbol-decides"]
    assert errors(net("repeat in.height { relu }", size="3xHxW")) == ["symbol-decides"]


def test_symbolic_unet_closes() -> None:
    body = """
      a: conv 4 3x3 padding=1
      maxpool 2x2
      conv 8 3x3 padding=1
      upsample 2
      concat { @a; identity }
    """
    assert shapes(network(net(body, size="3xHxW")))[-1] == "12 x H x W"


def test_annotations() -> None:
    assert errors(net("conv 8 3x3 -> 8x6x6; conv 8 3x3 -> _x4x_; flatten -> [8*4*4]")) == []
    assert errors(net("conv 8 3x3 -> 8x6x7")) == ["annotation-differs"]


# --- calls between blocks ---------------------------------------------------------------------


def test_notes_name_the_calls() -> None:
    text = """
    block inner(n) { conv n 3x3 stride=2 }
    block outer(n) { relu; inner n }
    net Toy { input 4x8x8; stage: { outer 4; outer 5 } }
    """
    _, diagnostics = elaborated(text)
    assert [d.name for d in diagnostics] == ["stride-drops-input"]
    notes = [note for note in diagnostics[0].notes if "called" in note]
    assert notes == [
        "called here as stage.0.1 with 4x8x8",
        "called here as stage.0 with 4x8x8",
    ]


def test_paths_of_a_real_layout() -> None:
    before = "block unit(n) { c: conv n 1x1; relu }\n"
    body = "stem: { conv 4 1x1; relu }; layer1: { repeat 3 { unit 4 } }; fc: dense_head"
    text = net(body, before + "inline block dense_head() { flatten; dense 3 }\n")
    assert paths(network(text)) == [
        "stem.0", "stem.1",
        "layer1.0.c", "layer1.0.relu1", "layer1.1.c", "layer1.1.relu1",
        "layer1.2.c", "layer1.2.relu1",
        "fc.0", "fc.1",
    ]  # fmt: skip


def test_a_size_that_is_too_large_is_said_to_be() -> None:
    """2^40 is the largest: 1,099,511,627,776."""
    text = "net A { input 3x1099511627777x1; relu }"
    _, (written,) = elaborated(text)
    assert written.message == "an input's sizes are at most 1,099,511,627,776, not 1099511627777"
    given = Request("A", {}, {"": "3x1099511627777x1"})
    _, diagnostics = elaborated("net A { input 3x8x8; relu }", requests=[given])
    assert diagnostics[0].message.startswith("an input's sizes are at most 1,099,511,627,776, not")
    assert elaborated("net A { input 3x1099511627776x1; relu }")[1] == []
