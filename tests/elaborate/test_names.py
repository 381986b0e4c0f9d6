"""Every rule of grammar/REFERENCE.md's section "Names"."""

from __future__ import annotations

import pytest

from tests.helpers import errors, keys, network, paths


def net(body: str, before: str = "") -> str:
    return f"{before}\nnet Toy {{\n  input 4x8x8\n{body}\n}}\n"


def named(body: str, before: str = "") -> list[str]:
    return paths(network(net(body, before)))


UNIT = "block unit(n=4) { conv n 3x3 padding=1; relu }\n"
INLINE = "inline block pair(n=4) { conv n 1x1; relu }\n"
INLINE_LABELLED = "inline block pair(n=4) { c: conv n 1x1; relu }\n"


def test_label_names_a_layer() -> None:
    assert named("conv1: conv 4 1x1") == ["conv1"]
    assert keys(network(net("conv1: conv 4 1x1"))) == ["conv1.weight", "conv1.bias"]


def test_label_on_a_block_is_its_scope() -> None:
    assert named("a: unit", UNIT) == ["a.0", "a.1"]


def test_label_on_an_inline_block_is_its_scope() -> None:
    assert named("a: pair", INLINE) == ["a.0", "a.1"]


def test_label_on_braces_is_their_scope() -> None:
    assert named("a: { unit; relu }", UNIT) == ["a.0.0", "a.0.1", "a.1"]


def test_a_block_in_labelled_braces_keeps_its_own_scope() -> None:
    # `a: b` gives `a.…`, `a: { b }` gives `a.0.…`.
    assert named("a: { unit }", UNIT) == ["a.0.0", "a.0.1"]


@pytest.mark.parametrize(
    "body",
    [
        "repeat 1 { conv 4 1x1 }; relu",
        "if true { conv 4 1x1 }; relu",
        "{ conv 4 1x1 }; relu",
        "{ { conv 4 1x1; relu } }",
    ],
)
def test_repeat_if_and_unlabelled_braces_are_transparent(body: str) -> None:
    assert named(body) == ["0", "1"]


def test_merges_and_residual_are_transparent() -> None:
    body = "concat { conv 2 1x1; { conv 2 1x1; relu } }; residual { relu } shortcut { conv 4 1x1 }"
    assert named(body) == ["0", "1", "2", "3", "4"]


def test_inline_blocks_are_transparent() -> None:
    assert named("pair; pair", INLINE) == ["0", "1", "2", "3"]


def test_positions_count_every_layer_and_block() -> None:
    assert named("relu; unit; maxpool 2x2; conv 4 1x1", UNIT) == ["0", "1.0", "1.1", "2", "3"]


def test_with_labels_the_unlabelled_are_named_by_layer_and_ordinal() -> None:
    assert named("c: conv 4 1x1; relu; relu; conv 4 1x1; unit; unit", UNIT) == [
        "c", "relu1", "relu2", "conv1", "unit1.0", "unit1.1", "unit2.0", "unit2.1",
    ]  # fmt: skip


def test_ordinals_count_the_unlabelled_of_that_layer_only() -> None:
    assert named("a: relu; relu; b: relu; relu") == ["a", "relu1", "b", "relu2"]


def test_ordinals_pass_over_names_in_use() -> None:
    assert named("relu1: conv 4 1x1; relu; relu") == ["relu1", "relu2", "relu3"]
    # A label further down is in use as well.
    assert named("relu; relu; relu1: conv 4 1x1") == ["relu2", "relu3", "relu1"]


def test_an_untaken_branch_decides_that_a_scope_has_labels() -> None:
    assert named("conv 4 1x1; if false { x: relu }") == ["conv1"]


def test_an_inline_body_decides_that_a_scope_has_labels() -> None:
    assert named("relu; pair", INLINE_LABELLED) == ["relu1", "c", "relu2"]


def test_an_inline_block_passed_as_a_parameter_decides_too() -> None:
    before = INLINE_LABELLED + "inline block twice(f) { relu; f }\n"
    assert named("twice pair", before) == ["relu1", "c", "relu2"]


def test_a_called_block_does_not_decide() -> None:
    before = "block unit() { c: conv 4 1x1; relu }\n"
    assert named("relu; unit", before) == ["0", "1.c", "1.relu1"]


def test_labels_of_an_inline_block_belong_to_the_caller() -> None:
    assert named("pair; @c; relu", INLINE_LABELLED)[0] == "c"


def test_what_neither_counts_nor_takes_a_name() -> None:
    body = """
      let k = 1
      default conv bias=false
      let skip = @
      conv 4 k
      assert params > 0
      add { identity; @skip }
      @skip
      relu
      share_me: { conv 4 1 }
    """
    assert named(body.replace("share_me: { conv 4 1 }", "")) == ["0", "1"]


def test_share_takes_no_name() -> None:
    assert named("a: conv 4 1x1; share a; relu; share a") == ["a", "relu1"]


def test_an_identity_that_is_a_whole_branch_does_not_count() -> None:
    assert named("add { identity; conv 4 1x1 }; relu") == ["0", "1"]
    # Elsewhere it is a layer like any other.
    assert named("identity; conv 4 1x1") == ["0", "1"]
    assert named("add { { identity; relu }; conv 4 1x1 }") == ["0", "1", "2"]


def test_labels_on_inputs_references_and_outputs_make_no_labels() -> None:
    text = """
    net Toy {
      image: input 4x8x8
      conv 4 1x1
      again: @image
      aux: output relu
      relu
    }
    """
    assert paths(network(text)) == ["0", "aux", "1"]


def test_a_labelled_output_names_its_parameters() -> None:
    assert named("conv 4 1x1; aux: output { conv 2 1x1; relu }; relu") == [
        "0", "aux.0", "aux.1", "1",
    ]  # fmt: skip
    assert named("conv 4 1x1; aux: output unit; relu", UNIT) == ["0", "aux.0", "aux.1", "1"]


def test_an_unlabelled_output_is_transparent() -> None:
    assert named("conv 4 1x1; output name=aux conv 2 1x1; relu") == ["0", "1", "2"]


def test_label_templates_and_strings() -> None:
    body = 'repeat 2 as i { layer{i+1}: conv 4 1x1 }; repeat 2 as k { "block{k}-0": relu }'
    assert named(body) == ["layer1", "layer2", "block0-0", "block1-0"]


def test_a_dot_in_a_label_enters_a_scope() -> None:
    body = 'repeat 2 as i { "convs.{i}": conv 4 1x1; "acts.{i}": relu }'
    assert named(body) == ["convs.0", "acts.0", "convs.1", "acts.1"]


def test_keywords_are_labels_too() -> None:
    assert named("in: conv 4 1x1; default: relu; forward: relu") == ["in", "default", "forward"]


def test_a_nested_label_of_a_merge_is_its_scope() -> None:
    body = "branches: concat { conv 2 1x1; b: { conv 2 1x1; relu } }; relu"
    assert named(body) == ["branches.conv1", "branches.b.0", "branches.b.1", "branches", "relu1"]


def test_a_parameter_is_named_by_its_label_alone() -> None:
    body = "mul { identity; gamma: parameter [in.channels, 1, 1] init=1e-6 }"
    assert keys(network(net(body))) == ["gamma"]


def test_the_same_name_twice_is_an_error() -> None:
    assert errors(net("a: relu; a: relu")) == ["duplicate-label"]
    assert errors(net("repeat 2 { a: relu }")) == ["duplicate-label"]
    assert errors(net("repeat 1 { a: relu }")) == []
    assert errors(net("if true { a: relu } else { a: gelu }")) == []
    # Different scopes may hold the same name.
    assert errors(net("a: { x: relu }; b: { x: relu }")) == []


def test_a_repeat_counts_on(  # what is packed into one body is named as if written out
) -> None:
    assert named("relu; repeat 4 { conv 4 1x1; relu }; gelu") == [str(i) for i in range(10)]
    assert named("c: relu; repeat 3 { conv 4 1x1; relu }; relu") == [
        "c", "conv1", "relu1", "conv2", "relu2", "conv3", "relu3", "relu4",
    ]  # fmt: skip
    assert named("repeat 3 { repeat 3 { conv 4 1x1 }; relu }") == [str(i) for i in range(12)]


def test_a_repeat_passes_over_names_in_use() -> None:
    assert named("relu4: gelu; repeat 5 { relu }") == [
        "relu4", "relu1", "relu2", "relu3", "relu5", "relu6",
    ]  # fmt: skip


def test_a_label_on_a_repeat_is_its_scope() -> None:
    assert named("a: repeat 3 { conv 4 1x1; relu }") == [f"a.{i}" for i in range(6)]


def test_scopes_of_one_block_called_twice() -> None:
    assert keys(network(net("a: unit; b: unit", UNIT))) == [
        "a.0.weight", "a.0.bias", "b.0.weight", "b.0.bias",
    ]  # fmt: skip
