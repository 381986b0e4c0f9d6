"""Which boxes a network has, and which values flow between them."""

from __future__ import annotations

import itertools

import pytest

import netspec
from netspec.analysis.cost import totals
from netspec.analysis.fields import FieldsOnTree
from netspec.reports.drawing import TooManyBoxes
from netspec.reports.drawing.fields import seen
from netspec.reports.drawing.model import Box, Drawing, Graph, drawing
from netspec.reports.drawing.words import beneath, title
from tests.helpers import network


def names(graph: Graph) -> list[str]:
    return [box.name or box.word for box in graph.boxes]


def wires(graph: Graph) -> list[tuple[str, str, str]]:
    called = names(graph)
    return [(called[e.source], called[e.target], str(e.shape)) for e in graph.edges]


def at(drawn: Drawing, path: str) -> Box:
    (found,) = (box for box in drawn.boxes if box.path == path)
    return found


def test_blocks_are_boxes_with_the_shape_on_each_edge() -> None:
    net = network(
        """block unit(n) { residual { conv: conv n 3x3 padding=1; relu } ; relu }
        net A { input 8x6x6; one: unit 8; two: conv 4 2x2 stride=2 }"""
    )
    drawn = drawing(net)
    assert wires(drawn.graph) == [
        ("input", "one", "8x6x6"),
        ("one", "two", "8x6x6"),
        ("two", "out", "4x3x3"),
    ]
    assert at(drawn, "one").holds and at(drawn, "one").inner is None

    inner = at(drawing(net, 2), "one").inner
    assert inner is not None
    # The value that comes in goes to the convolution, and past it to the sum.
    assert wires(inner) == [
        ("port", "conv", "8x6x6"),
        ("port", "add", "8x6x6"),
        ("conv", "relu1", "8x6x6"),
        ("relu1", "add", "8x6x6"),
        ("add", "relu2", "8x6x6"),
        ("relu2", "port", "8x6x6"),
    ]


def test_a_repeat_is_one_box() -> None:
    drawn = drawing(netspec.load("zoo:resnet152"), None)
    layer3 = at(drawn, "layer3").inner
    assert layer3 is not None
    # He et al., table 1: 36 blocks, of which the first changes the shape, and the second is the
    # first that takes the shape it gives.
    boxes = [box for box in layer3.boxes if box.kind != "port"]
    assert sum(box.times for box in boxes) == 36
    assert [(box.name, box.times) for box in boxes] == [("0", 1), ("1", 1), ("2…35", 34)]
    # A million runs are no more boxes than two.
    many = network("net A { input 3x4x4; repeat 1000000 { conv 3 1x1; relu } }")
    assert len(drawing(many, None).boxes) < 20


def test_costs_count_every_run() -> None:
    for name in ("zoo:resnet50", "zoo:densenet121", "zoo:googlenet", "zoo:efficientnet_b0"):
        net = netspec.load(name)
        drawn = drawing(net, None)
        for graph, whole in [
            (drawn.graph, totals(net)),
            *((box.inner, box.totals) for box in drawn.boxes if box.inner is not None),
        ]:
            sums = [box.totals for box in graph.boxes]
            assert sum(part.params for part in sums) == whole.params
            assert sum(part.macs for part in sums) == whole.macs


def test_taps_and_several_outputs() -> None:
    drawn = drawing(netspec.load("zoo:fcn_resnet50"))
    assert ("backbone", "classifier", "2048x65x65") in wires(drawn.graph)
    assert ("backbone", "aux_classifier", "1024x65x65") in wires(drawn.graph)
    (aux,) = (box for box in drawn.graph.boxes if box.name == "aux" and box.kind == "port")
    assert str(aux.shape) == "21x520x520"


def test_values_of_a_scope_that_others_read() -> None:
    net = network(
        """net A {
          input 3x8x8
          enc: { a: conv 4 1x1; b: conv 4 1x1 }
          mid: conv 4 1x1
          add { identity; @enc }
        }"""
    )
    assert ("enc", "add", "4x8x8") in wires(drawing(net).graph)
    inner = at(drawing(net, 2), "enc").inner
    assert inner is not None
    assert wires(inner)[-1] == ("b", "port", "4x8x8")


@pytest.mark.parametrize(
    ("spec", "path", "size", "stride"),
    [
        # Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks"
        # (Distill, 2019), table of models.
        ("zoo:vgg16", "features", "212x212", "32"),
        ("zoo:alexnet", "features", "195x195", "32"),
        # The table's 483 is of the paper's strides; torchvision's are 56 fewer, as
        # tests/analysis/test_receptive_field.py has it.
        ("zoo:resnet50", "layer4", "427x427", "32"),
        # By hand: 7, then 4 further for the pool; 2 positions of stride 4 for each 3x3.
        ("zoo:resnet50", "maxpool1", "11x11", "4"),
        ("zoo:resnet50", "layer1.0", "19x19", "4"),
        ("zoo:resnet50", "layer1.1.conv2", "27x27", "4"),
    ],
)
def test_receptive_fields(spec: str, path: str, size: str, stride: str) -> None:
    net = netspec.load(spec)
    (field,) = seen(net, FieldsOnTree(net), at(drawing(net, None), path))
    assert (field.size, field.stride) == (size, stride)


def test_what_is_read_from_end_to_end() -> None:
    text = """net A {
      input 3x9x9
      a: conv 4 3x3 padding=1
      gate: mul { identity; { global_avgpool; conv 4 1x1 } }
      pool: global_avgpool
    }"""
    net = network(text)
    drawn = drawing(net)
    sizes = {box.name: seen(net, FieldsOnTree(net), box) for box in drawn.graph.boxes}
    assert [sizes[name][0].size for name in ("a", "gate", "pool")] == ["3x3", "3 + all", "all"]
    assert sizes["pool"][0].parts == ((9, 0, 9), (9, 0, 9))
    # The output in the middle, the fifth of nine, reads the fourth to the sixth.
    assert sizes["a"][0].parts == ((9, 3, 6), (9, 3, 6))


def test_a_field_in_a_repeat_is_that_of_the_last_run() -> None:
    net = network("net A { input 3x9x9; repeat 5 { conv 3 3x3 padding=1; relu } }")
    drawn = drawing(net, None)
    boxes = [box for box in drawn.boxes if box.word == "conv"]
    # Each 3x3 reads two positions more: 1 + 5 * 2.
    assert seen(net, FieldsOnTree(net), boxes[-1])[0].size == "11x11"


def test_too_many_boxes() -> None:
    # 2 ** 14 uses of one block.
    text = "block b0() { relu }\n"
    text += "\n".join(f"block b{n}() {{ b{n - 1}; b{n - 1} }}" for n in range(1, 15))
    net = network(f"{text}\nnet A {{ input 3x4x4; b14 }}", "A")
    with pytest.raises(TooManyBoxes, match="more than 10,000 boxes; a lower --depth has fewer"):
        drawing(net, None)
    assert len(drawing(net, 3).boxes) < 20


@pytest.mark.parametrize(
    "text",
    [
        "net A { input 3x4x4 }",
        "net A { input 3x4x4; repeat 0 { conv 3 1x1 } }",
        "block none() { }\nnet A { input 3x4x4; x: none; relu }",
        "net A { a: input 3x4x4; b: input 3x4x4; add { @a; @b } }",
        "net A { input 7; dense 3 }",
        "net A { input 3xLx1xW; conv 4 1x1x1 }",
        "net A { input 4x16; conv 4 3; output name=x { relu } }",
    ],
)
def test_small_and_odd_nets(text: str) -> None:
    net = network(text, "A")
    drawn = drawing(net, None)
    (last,) = (box for box in drawn.graph.boxes if box.name == "out" and box.kind == "port")
    assert drawn.graph.boxes.index(last) in {edge.target for edge in drawn.graph.edges}


def test_the_field_of_the_first_of_two_in_the_middle() -> None:
    """Of eight outputs the fourth: it reads the third to the fifth position, a stride of 2 two on.

    Of one axis that is gone, all positions are read.
    """
    net = network(
        "net A { input 3x8x8; a: conv 4 3 padding=1; b: conv 4 2 stride=2; m: mean width }"
    )
    drawn = drawing(net)
    fields = {box.name: seen(net, FieldsOnTree(net), box)[0] for box in drawn.graph.boxes[:4]}
    assert fields["a"].parts == ((8, 2, 5), (8, 2, 5))
    # The second of four, of positions 3 and 4 of `a`, which read 2 to 5.
    assert fields["b"].parts == ((8, 1, 5), (8, 1, 5))
    assert (fields["b"].size, fields["b"].stride) == ("4x4", "2")
    assert (fields["m"].size, fields["m"].stride) == ("4 x all", "2x-")


def test_what_is_for_training_within_what_is_not() -> None:
    text = """net A { input 3x8x8
      b: { conv 4 1; aux: output when=training { conv 2 1 }; relu }; relu }"""
    drawn = drawing(network(text), None)
    assert [at(drawn, path).training for path in ("b", "b.aux")] == [False, True]


def test_outputs_within_a_scope_leave_it() -> None:
    net = network("net A { input 3x8x8; heads: { a: output { conv 2 1 }; b: output { relu } } }")
    assert {(s, t) for s, t, _ in wires(drawing(net).graph)} == {
        *(("input", "heads"), ("heads", "a"), ("heads", "b"), ("input", "out")),
    }


def test_names_within_repeats() -> None:
    net = network("block u { c: conv 4 1 }\nnet A { input 4x8x8; h: { repeat 5 { u; relu } } }")
    paths = [box.path for box in drawing(net, None).boxes if box.word == "conv"]
    assert paths == ["h.0.c", "h.2…8.c"]


def test_scopes_within_scopes_and_labelled_merges() -> None:
    """A scope is of the line of its own label; the name of a merge is that of what is around it."""
    text = """net A { input 3x8x8
      o: { relu
        i: { conv 4 1; relu } }
      m: add { identity; relu }
      heads: { a: output { conv 2 1 }; b: output { relu } } }"""
    drawn = drawing(network(text), None)
    assert [(at(drawn, p).word, at(drawn, p).span.line) for p in ("o", "o.i", "m")] == [
        ("sequence", 2),
        ("sequence", 3),
        ("add", 4),
    ]
    merge, heads = at(drawn, "m").inner, at(drawn, "heads").inner
    assert merge is not None and heads is not None
    assert [box.name for box in merge.boxes if box.word == "add"] == [""]
    # What is put out within it leaves it, too.
    assert {(s, t) for s, t, _ in wires(heads) if t == "port"} == {("a", "port"), ("b", "port")}


# --- scopes that do not run in one go -------------------------------------------------------------


def in_order(graph: Graph) -> bool:
    """Whether each value goes on to what stands later."""
    return all(edge.source < edge.target for edge in graph.edges)


def said(graph: Graph) -> list[str]:
    """The boxes as they are told, without inputs and outputs."""
    kinds = ("input", "port")
    boxes = (box for box in graph.boxes if box.kind not in kinds)
    return [f"{box.name}: {beneath(box)}" for box in boxes]


def test_a_scope_that_is_used_again_is_drawn_where_it_runs() -> None:
    """With its own sizes, and no parameters: 4 * 4 * 9 + 4 of the convolution, 1 of the slope."""
    drawn = drawing(
        network(
            """net A {
              input 4x16x16
              tied: { conv 4 3x3 padding=1; prelu }
              maxpool 2
              share tied
              share tied
              maxpool 2
              t2: share tied
            }"""
        ),
        None,
    )
    assert said(drawn.graph) == [
        "tied: sequence",
        "maxpool1: maxpool 2x2 stride=2",
        "tied: sequence (shared)",
        "tied: sequence (shared)",
        "maxpool2: maxpool 2x2 stride=2",
        "tied: sequence (shared)",
    ]
    assert [str(edge.shape) for edge in drawn.graph.edges] == [
        "4x16x16", "4x16x16", "4x8x8", "4x8x8", "4x8x8", "4x4x4", "4x4x4",
    ]  # fmt: skip
    assert in_order(drawn.graph)
    uses = [box for box in drawn.graph.boxes if box.name == "tied"]
    assert [use.totals.params for use in uses] == [149, 0, 0, 0]
    assert [title(use) for use in uses] == ["tied sequence", *["tied sequence (shared)"] * 3]
    for use in uses:
        assert use.inner is not None
        assert names(use.inner) == ["port", "0", "1", "port"]


def test_a_layer_that_its_scope_uses_again_stays_in_it() -> None:
    drawn = drawing(
        network("net A { input 4x8x8; a: { x: conv 4 1; relu; share x; share x }; share a; tanh }"),
        None,
    )
    assert said(drawn.graph) == ["a: sequence", "a: sequence (shared)", "tanh1: tanh"]
    for box in drawn.graph.boxes[1:3]:
        assert box.inner is not None
        assert len(box.inner.boxes) == 1 + 4 + 1


def test_a_scope_that_others_interrupt_is_drawn_in_parts() -> None:
    """What runs in order is drawn in order: `g0`, `g1`, `g0`, `g1`."""
    drawn = drawing(
        network(
            """net A {
              input 4x16x16
              repeat 2 as i {
                repeat 2 as j {
                  repeat [1, 2] as dil {
                    "g{j}.{i}.d{dil}": conv 4 3x3 padding=dil dilation=dil
                  }
                  relu
                }
              }
            }"""
        ),
        None,
    )
    assert said(drawn.graph) == [
        "g0: scope, part 1 of 2",
        "relu1: relu",
        "g1: scope, part 1 of 2",
        "relu2: relu",
        "g0: scope, part 2 of 2",
        "relu3: relu",
        "g1: scope, part 2 of 2",
        "relu4: relu",
    ]
    called = names(drawn.graph)
    assert wires(drawn.graph) == [
        (source, target, "4x16x16") for source, target in itertools.pairwise(called)
    ]
    # Two convolutions of 4 * 4 * 9 + 4 parameters in each.
    assert [b.totals.params for b in drawn.graph.boxes if b.word == "scope"] == [296] * 4


def test_scopes_that_read_from_each_other() -> None:
    """Neither of them reads what flows out of it by itself, and yet one has to wait."""
    drawn = drawing(
        network(
            """net A {
              input 4x8x8
              "a.1": conv 4 1
              "b.1": dense_free 4 @in
              "b.2": dense_free 4 @a.1
              "a.2": dense_free 4 @b.1
              add { @a.2; @b.2 }
            }
            inline block dense_free(n, from) { { @from; conv n 1 } }""",
            "A",
        ),
        1,
    )
    assert in_order(drawn.graph)
    assert [box.name for box in drawn.graph.boxes if box.kind == "group"] == ["a", "b", "a"]


def test_a_scope_that_waits_stands_behind_what_it_reads() -> None:
    """`a` begins before `b`, and ends behind it."""
    drawn = drawing(
        network(
            """net A {
              input 4x8x8
              "a.1": conv 4 1
              let x = @
              { @in; b: conv 4 1; "a.2": conv 4 1 }
              add { identity; @x }
            }"""
        ),
        1,
    )
    assert in_order(drawn.graph)
    assert [box.name for box in drawn.graph.boxes if box.word != "add"] == [
        "input", "b", "a", "out",
    ]  # fmt: skip
