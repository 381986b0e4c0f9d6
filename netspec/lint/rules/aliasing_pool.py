"""Pooling whose windows do not overlap, so that it aliases."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _aliases(site: Site) -> bool:
    kernel, stride = site.attributes["kernel"], site.attributes["stride"]
    return any(s >= 2 and k <= s for k, s in zip(kernel, stride, strict=True))


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("maxpool"):
        if not all(map(_aliases, layer.sites)):
            continue
        stride = max(layer.first.attributes["stride"])
        window = "x".join(map(str, layer.first.attributes["kernel"]))
        yield Finding(
            f"a `maxpool` with stride {stride} has neither overlap nor blur",
            layer.at("kernel"),
            "windows beside each other share nothing",
            (
                *layer.where(),
                note("a shift of the image by one pixel then changes what comes out"),
                help_(
                    f"`maxpool {window} stride=1`, then `blurpool stride={stride}`, alias far less"
                ),
            ),
        )


RULE = Rule(
    "aliasing-pool",
    "max pooling without overlap aliases",
    "Taking one value of each window of two, without a low-pass filter, violates the sampling "
    "theorem: high frequencies come back as false low ones, and the output changes when the image "
    "is shifted by a pixel. An average is a filter of its own, and not meant. The rule is off by "
    "default, since most published networks pool so.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  maxpool 2x2
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  maxpool 3x3 stride=2 padding=1
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Zhang, Making convolutional networks shift-invariant again (arXiv:1904.11486)",
    default=None,
)
