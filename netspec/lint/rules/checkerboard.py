"""A transposed convolution whose kernel is no multiple of its stride."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _uneven(site: Site) -> bool:
    kernel, stride = site.attributes["kernel"], site.attributes["stride"]
    return any(k % s for k, s in zip(kernel, stride, strict=True))


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv_transpose"):
        if not all(map(_uneven, layer.sites)):
            continue
        kernel, stride = (
            layer.first.attributes["kernel"],
            layer.first.attributes["stride"],
        )
        k, s = next((k, s) for k, s in zip(kernel, stride, strict=True) if k % s)
        better = "x".join(
            str(max(1, round(a / b)) * b) for a, b in zip(kernel, stride, strict=True)
        )
        yield Finding(
            f"a kernel of {k} with stride {s} overlaps unevenly",
            layer.at("kernel"),
            f"some outputs meet {-(-k // s)} of its weights, their neighbours {k // s}",
            (
                *layer.where(),
                note("the uneven overlap shows as a checkerboard in what is generated"),
                help_(f"a kernel of {better} overlaps evenly; `upsample` and `conv` never overlap"),
            ),
        )


RULE = Rule(
    "checkerboard",
    "a transposed convolution overlaps unevenly",
    "Where the kernel of a transposed convolution is no multiple of its stride, neighbouring "
    "outputs are sums over different numbers of weights. Networks could learn to balance that, "
    "and rarely do so fully: images come out with a checkerboard pattern.",
    """net Example {
  input 8x16x16
  conv_transpose 8 3x3 stride=2 padding=1 output_padding=1
  relu
  conv 3 3x3 padding=1
}
""",
    """net Example {
  input 8x16x16
  conv_transpose 8 4x4 stride=2 padding=1
  relu
  conv 3 3x3 padding=1
}
""",
    _find,
    source="Odena et al., Deconvolution and checkerboard artifacts (doi:10.23915/distill.00003)",
)
