"""A strided 1x1 convolution, which ignores most of its input."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _strided(site: Site) -> bool:
    kernel, stride = site.attributes["kernel"], site.attributes["stride"]
    return bool(max(kernel) == 1 and max(stride) > 1)


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv"):
        if not all(map(_strided, layer.sites)):
            continue
        stride = layer.first.attributes["stride"]
        window = "x".join(map(str, stride))
        read = 1
        for step in stride:
            read *= step
        yield Finding(
            f"a strided 1x1 convolution reads 1 of every {read} positions",
            layer.at("stride"),
            f"{read - 1} of {read} positions are left out",
            (
                *layer.where(),
                note("ResNet-D averages before it projects, and gains accuracy at no weights"),
                help_(f"`avgpool {window}` before it, and no stride here, reads them all"),
            ),
        )


RULE = Rule(
    "strided-projection",
    "a 1x1 convolution with a stride reads a fraction of its input",
    "A 1x1 convolution with stride 2 reads one position of four. In the shortcut of a residual, "
    "an average pool before an unstrided projection keeps what the stride throws away. It is off "
    "by default: ResNet and most networks after it do just that, and work.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  conv 16 1x1 stride=2; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  avgpool 2x2
  conv 16 1x1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="He et al., Bag of Tricks for Image Classification (arXiv:1812.01187), section 4.2",
    default=None,
)
