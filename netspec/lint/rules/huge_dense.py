"""A dense layer on a flattened map that holds a great many weights."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject

#: Weights from which a dense layer is called huge.
HUGE = 10_000_000


def _flattened(subject: Subject, site: Site) -> Site | None:
    before = subject.before(site, "dropout")
    if len(before) != 1 or before[0].op != "flatten":
        return None
    shape = before[0].input
    if not all(isinstance(dim, int) for dim in shape.dims) or not shape.spatial:
        return None
    return before[0] if site.node.weights[0].elements >= HUGE else None


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("dense"):
        first = layer.agreed(lambda site: _flattened(subject, site))
        if first is None:
            continue
        units, channels = layer.first.output.channels, first.input.channels
        assert isinstance(units, int) and isinstance(channels, int)
        weights = layer.first.node.weights[0].elements
        if weights == units * channels:
            continue
        yield Finding(
            f"a dense layer of {weights:,} weights on a flattened {first.input}",
            layer.word,
            f"{units:,} weights for each of {weights // units:,} elements",
            (
                *layer.where(),
                note(
                    f"with `global_avgpool` before it, it would be {units} x {channels} = "
                    f"{units * channels:,}",
                    first.node.span,
                    "flattened here",
                ),
                help_("`global_avgpool; flatten` takes any input size, too"),
            ),
        )


RULE = Rule(
    "huge-dense",
    "a dense layer on a flattened map holds more than ten million weights",
    "A dense layer on a flattened map has a weight for each position of each channel. In VGG-16, "
    "one such layer holds 103 of 138 million parameters. Global average pooling before it lets "
    "positions share weights, acts as a regulariser, and makes the net fit any input size.",
    """net Example {
  input 3x48x48
  conv 64 3x3 padding=1; relu
  flatten
  dense 100
}
""",
    """net Example {
  input 3x48x48
  conv 64 3x3 padding=1; relu
  global_avgpool; flatten
  dense 100
}
""",
    _find,
    source="Lin et al., Network In Network (arXiv:1312.4400), section 3.2",
)
