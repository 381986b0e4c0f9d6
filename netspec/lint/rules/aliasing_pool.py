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
    for layer in subject.applied("maxpool", "avgpool"):
        if not all(map(_aliases, layer.sites)):
            continue
        stride = max(layer.first.attributes["stride"])
        remarks = [note("a shift of the image by one pixel then changes what comes out")]
        if layer.op == "maxpool":
            remarks.append(
                help_(f"`maxpool 2x2 stride=1` and `blurpool stride={stride}` do not alias")
            )
        yield Finding(
            f"`{layer.op}` keeps one value of {stride} without overlap or blur",
            layer.at("kernel"),
            "windows beside each other share nothing",
            (*layer.where(), *remarks),
        )


RULE = Rule(
    "aliasing-pool",
    "pooling without overlap aliases",
    "Taking one value of each window of two, without a low-pass filter, violates the sampling "
    "theorem: high frequencies come back as false low ones, and the output changes when the image "
    "is shifted by a pixel. It is off by default, since most published networks pool so.",
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
