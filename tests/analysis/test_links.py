"""Which layers give and take a value: through calls, repeats, references and outputs."""

from __future__ import annotations

from netspec.analysis.examine import examine
from netspec.analysis.links import Links, Site
from netspec.source import SourceFile, Unreadable


def links(text: str) -> Links:
    examined = examine(SourceFile("example.net", text), lambda *_: Unreadable("none"))
    assert not examined.failed, examined.diagnostics
    return Links(tuple(examined.elaboration.networks.values()))


def only(found: Links, op: str) -> Site:
    (site,) = [s for s in found.sites.values() if s.op == op]
    return site


def before(found: Links, op: str) -> list[str]:
    return sorted(s.op for s in found.producers(only(found, op)))


def after(found: Links, op: str) -> tuple[list[str], bool]:
    uses = found.uses(only(found, op))
    return sorted(s.op for s in uses.sites), uses.leaves


def test_in_a_row() -> None:
    found = links("net A { input 3x8x8; conv 8 3x3; relu }")
    assert before(found, "conv") == []
    assert before(found, "relu") == ["conv"]
    assert after(found, "conv") == (["relu"], False)
    assert after(found, "relu") == ([], True)
    assert found.path(only(found, "relu")) == "1"


def test_into_and_out_of_blocks() -> None:
    found = links(
        "block inner { relu }\nblock outer { inner; tanh }\n"
        "net A { input 3x8x8; sigmoid; a: outer; gelu }"
    )
    assert before(found, "relu") == ["sigmoid"]
    assert after(found, "relu") == (["tanh"], False)
    assert after(found, "tanh") == (["gelu"], False)
    assert before(found, "gelu") == ["tanh"]
    assert found.path(only(found, "relu")) == "a.0.0"


def test_a_block_that_two_calls_share_has_the_neighbours_of_both() -> None:
    found = links("block b { relu }\nnet A { input 3x8x8; tanh; b; sigmoid; b; gelu }")
    assert before(found, "relu") == ["sigmoid", "tanh"]
    assert after(found, "relu") == (["gelu", "sigmoid"], False)


def test_a_block_that_passes_its_value_on() -> None:
    found = links("block nothing { {} }\nnet A { input 3x8x8; tanh; nothing; gelu }")
    assert before(found, "gelu") == ["tanh"]
    assert after(found, "tanh") == (["gelu"], False)


def test_a_repeat_feeds_itself() -> None:
    found = links("net A { input 3x8x8; tanh; repeat 1_000_000 { relu; selu }; gelu }")
    # The first turn is a layer of its own, the others one that stands for all.
    relus = [s for s in found.sites.values() if s.op == "relu"]
    assert {p.op for s in relus for p in found.producers(s)} == {"tanh", "selu"}
    assert before(found, "gelu") == ["selu"]
    selus = [s for s in found.sites.values() if s.op == "selu"]
    assert {u.op for s in selus for u in found.uses(s).sites} == {"relu", "gelu"}


def test_branches_and_references() -> None:
    found = links(
        "block b { x: relu; tanh }\n"
        "net A { input 3x8x8; gelu; y: b; add { identity; @y.x; { silu; mish } } }"
    )
    assert before(found, "add") == ["mish", "relu", "tanh"]
    assert after(found, "relu") == (["add", "tanh"], False)
    assert after(found, "tanh") == (["add", "silu"], False)
    assert [p.op for p in found.producers(only(found, "add"), 1)] == ["relu"]


def test_values_that_a_block_is_given() -> None:
    found = links(
        "block b(other) { add { identity; @other } }\n"
        "net A { input 3x8x8; relu; let kept = @; tanh; b @kept; gelu }"
    )
    assert [p.op for p in found.producers(only(found, "add"), 0)] == ["tanh"]
    assert [p.op for p in found.producers(only(found, "add"), 1)] == ["relu"]
    assert after(found, "relu") == (["add", "tanh"], False)


def test_side_outputs_leave() -> None:
    found = links("net A { input 3x8x8; relu; side: output tanh; gelu }")
    assert after(found, "relu") == (["gelu", "tanh"], False)
    assert after(found, "tanh") == ([], True)


def test_a_circle_of_passages_ends() -> None:
    found = links("block n { {} }\nnet A { input 3x8x8; relu; repeat 5 { repeat 3 { n } }; gelu }")
    assert before(found, "gelu") == ["relu"]
