"""Where rules must speak, and where they must not, beside their own examples."""

from __future__ import annotations

import pytest

from netspec.analysis.examine import examine
from netspec.diagnostics import Diagnostic
from netspec.lint.runner import Choice, lint
from netspec.source import SourceFile, Unreadable


def found(rule: str, text: str) -> list[Diagnostic]:
    """What one rule says of a text, or of the statements of a net."""
    if "net " not in text:
        text = f"net Example {{\n  {text}\n}}\n"
    examined = examine(SourceFile("example.net", text), lambda *_: Unreadable("none"))
    assert not examined.failed, [d.message for d in examined.diagnostics]
    return lint(examined, Choice(select=(rule,)))


@pytest.mark.parametrize(
    ("statements", "label"),
    [
        ("conv 8 3x3 stride=5 padding=1", "2 of every 5 positions are never read"),
        # The height is read whole: 3 of 3. Of the width, 2 of 3.
        ("conv 8 3x2 stride=3x3 rounding=floor", "1 of every 3 positions is never read"),
        # Windows read 0, 2 and 4 of each 4: the odd ones never.
        (
            "conv 8 3x3 stride=4 dilation=2 rounding=floor",
            "2 of every 4 positions are never read",
        ),
        # Windows read 0, 3 and 6 of each 7, though the stride is no wider than a window.
        (
            "conv 8 3x3 stride=7 dilation=3 rounding=floor",
            "4 of every 7 positions are never read",
        ),
    ],
)
def test_positions_that_a_stride_skips(statements: str, label: str) -> None:
    (one,) = found("stride-skips-input", f"input 3x32x32; {statements}")
    assert one.label == label


@pytest.mark.parametrize(
    ("statements", "label"),
    [
        ("input 3x1x1; conv 8 3x3 padding=1", "8 of 9"),
        # Along the height the outer two of 7 weights stand 3 from the middle of 3 rows: 5 meet
        # the input somewhere. The width is wide enough.
        ("input 3x3x32; conv 8 7x7 padding=3", "14 of 49"),
        ("input 3x10x10; conv 8 3x3 padding=12 dilation=12", "8 of 9"),
        ("input 3x2x2; conv 8 4x4 stride=2 padding=1", "12 of 16"),
    ],
)
def test_weights_that_never_meet_the_input(statements: str, label: str) -> None:
    (one,) = found("kernel-wider-than-input", statements)
    assert one.label == f"{label} positions of the kernel only ever meet padding"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        # Each weight meets the map at one position or another.
        ("kernel-wider-than-input", "input 3x2x2; conv 8 3x3 padding=1"),
        ("kernel-wider-than-input", "input 3x4x4; conv 8 5x5 padding=2"),
        ("kernel-wider-than-input", "input 3xHxW; conv 8 9x9 padding=4"),
        ("kernel-wider-than-input", "input 3x9; conv 8 2_000_000_000 padding=2_000_000_000"),
        # A dense layer, written as a convolution.
        ("large-kernel", "input 64x7x7; conv 64 7x7"),
        # Through as many channels as come in, the stack is no cheaper.
        ("large-kernel", "input 64x32x32; conv 3 9x9 padding=4"),
        # What is projected is not the residual's input.
        (
            "needless-projection",
            "input 8x8x8; residual { conv 8 1x1; avgpool 2x2 } "
            "shortcut { avgpool 2x2; conv 8 1x1 }",
        ),
        (
            "needless-projection",
            "block short(w) { avgpool 2x2; conv w 1x1 }\n"
            "net A { input 8x8x8; residual { conv 8 1x1; avgpool 2x2 } shortcut { short 8 } }",
        ),
        # An inception module's thin branch, as GoogLeNet's of 16 out of 480.
        (
            "narrow-bottleneck",
            "input 480x14x14; relu; concat { conv 192 1x1; "
            "{ conv 16 1x1; relu; conv 48 5x5 padding=2; relu } }",
        ),
        # A layer scale stands between the drop and the merge.
        (
            "stochastic-depth-without-residual",
            "input 8x8x8; residual { conv 8 1x1; stochastic_depth 0.1; "
            "mul { identity; gamma: parameter [8, 1, 1] init=1e-6 } }",
        ),
        # A gate that looks at the whole map is no head.
        (
            "receptive-field-small",
            "input 3x224x224; conv 8 3x3 padding=1; mul { identity; { global_avgpool; sigmoid } }",
        ),
        # The default of `layer` is that of what it stands for.
        (
            "default-written-out",
            "block b(layer=conv) { default layer bias=false; conv 8 1x1 bias=true }\n"
            "net A { input 8x8x8; b }",
        ),
        ("even-kernel-same", "input 8x100; conv 8 16 padding=same"),
        ("aliasing-pool", "input 8x8x8; avgpool 2x2"),
        (
            "dropout-before-batchnorm",
            "input 8x8x8; dropout 0.3; conv 8 3x3 bias=false; batchnorm",
        ),
    ],
)
def test_rules_are_silent(rule: str, text: str) -> None:
    assert found(rule, text) == []


def test_a_head_of_several_nets_is_told_once() -> None:
    text = (
        "net A(n) { input 3x64x64; repeat n { conv 8 3x3 padding=1; relu }; "
        "global_avgpool; flatten }\nnet B = A 1\nnet C = A 2\n"
    )
    assert len(found("receptive-field-small", text)) == 1


@pytest.mark.parametrize(
    ("layer", "label"),
    [
        ("relu", "scores below zero are lost"),
        ("leaky_relu", "scores below zero are squeezed"),
        ("dropout", "the scores of classes are dropped at random"),
    ],
)
def test_what_happens_to_logits(layer: str, label: str) -> None:
    (one,) = found("activation-on-logits", f"input 3x8x8; flatten; dense 10; {layer}")
    assert one.label == label


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        # 0.2 * sqrt(784) = 5.6 is flat for tanh, not for sigmoid; 0.01 * 28 = 0.28 for neither.
        ("init normal std=0.2; input 784; dense 64; tanh; dense 10", True),
        ("init normal std=0.2; input 784; dense 64; sigmoid; dense 10", False),
        ("init normal std=0.3; input 784; dense 64; sigmoid; dense 10", True),
        ("init normal std=0.01; input 784; dense 64; tanh; dense 10", False),
        # Evenly within 0.2 has the standard deviation 0.2 / sqrt(3): 0.115 * 28 = 3.2.
        ("init uniform bound=0.2; input 784; dense 64; tanh; dense 10", True),
        ("init uniform bound=0.18; input 784; dense 64; tanh; dense 10", False),
        # The methods that count inputs, with the gain that is advised for tanh.
        ("init he; input 784; dense 64; tanh; dense 10", False),
        ("init xavier gain=5/3.0; input 784; dense 64; tanh; dense 10", False),
        ("init orthogonal gain=4; input 64; dense 64; tanh; dense 10", True),
        # A norm or a rectifier in between, and layers of other statements.
        ("init normal std=1; input 3x9x9; conv 64 3x3; batchnorm; tanh; flatten; dense 4", False),
        ("init normal std=1; input 784; dense 64; relu; dense 10", False),
        ("init normal std=1; init a xavier; input 784; a: dense 64; tanh; dense 10", False),
        ("init normal std=1; input 784; dense 64; dropout; tanh; dense 10", True),
    ],
)
def test_weights_that_saturate(statements: str, said: bool) -> None:
    assert bool(found("tanh-large-weights", statements)) is said


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ("init xavier; input 64; repeat 3 { dense 64; relu }; dense 10", True),
        ("init glorot; input 64; repeat 3 { dense 64; relu6 }; dense 10", True),
        ("init dense glorot; input 64; repeat 9 { dense 64; dropout; relu }; dense 10", True),
        # Two layers, tanh, a gain that makes up for it, a norm between.
        ("init xavier; input 64; repeat 2 { dense 64; relu }; dense 10", False),
        ("init xavier; input 64; repeat 3 { dense 64; tanh }; dense 10", False),
        ("init xavier gain=1.414; input 64; repeat 3 { dense 64; relu }; dense 10", False),
        ("init xavier; input 3x64x64; repeat 3 { conv 8 3x3; batchnorm; relu }", False),
        ("init xavier; init dense he; input 64; repeat 3 { dense 64; relu }", False),
    ],
)
def test_rectifiers_behind_xavier(statements: str, said: bool) -> None:
    assert bool(found("rectifier-xavier", statements)) is said
