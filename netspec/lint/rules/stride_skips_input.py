"""A stride that steps over input which no window reads."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _skipped(site: Site) -> bool:
    kernel, stride = site.attributes["kernel"], site.attributes["stride"]
    dilation = site.attributes.get("dilation", (1,) * len(kernel))
    return any(
        k > 1 and (s > d * (k - 1) + 1 or gcd(s, d) > 1)
        for k, s, d in zip(kernel, stride, dilation, strict=True)
    )


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv", "maxpool", "avgpool"):
        if not all(map(_skipped, layer.sites)):
            continue
        kernel, stride = (
            layer.first.attributes["kernel"],
            layer.first.attributes["stride"],
        )
        dilation = layer.first.attributes.get("dilation", (1,) * len(kernel))
        apart = max(stride)
        if max(d for d in dilation) > 1:
            text = (
                f"stride {apart} and dilation {max(dilation)} leave positions that no window reads"
            )
            label = f"both are multiples of {gcd(apart, max(dilation))}"
        else:
            text = f"stride {apart} leaves gaps between windows of {max(kernel)}"
            label = f"{apart - max(kernel)} of every {apart} positions are never read"
        yield Finding(
            text,
            layer.at("stride", "dilation"),
            label,
            (
                *layer.where(),
                note("what no window reads cannot change the output"),
                help_(f"a stride of at most {max(kernel)} reads every position"),
            ),
        )


RULE = Rule(
    "stride-skips-input",
    "a stride steps over input that no window reads",
    "Where the stride is larger than the kernel, or shares a divisor with the dilation, some rows "
    "and columns of the input reach no window: they are computed by the layers before, and thrown "
    "away. Strided 1x1 convolutions, as in the shortcuts of ResNet, do so on purpose; "
    "`strided-projection` speaks of those.",
    """net Example {
  input 3x32x32
  conv 8 3x3 stride=5 padding=1
  relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 5x5 stride=5 rounding=floor
  relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
)
