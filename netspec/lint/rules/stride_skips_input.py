"""A stride that steps over positions which no window reads."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _skipped(site: Site) -> tuple[int, int, int, int] | None:
    """Kernel, stride and dilation along the first axis that is not read whole, and what is read.

    Of every `stride` positions, the k elements of a window meet k different ones, or stride / gcd
    where the dilation leads back to the same.
    """
    kernel, stride = site.attributes["kernel"], site.attributes["stride"]
    dilation = site.attributes.get("dilation", (1,) * len(kernel))
    for i, k, s, d in zip(site.output.spatial, kernel, stride, dilation, strict=True):
        read = min(k, s // gcd(s, d))
        if k > 1 and read < s and site.output.dims[i] != 1:
            return k, s, d, read
    return None


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv", "maxpool", "avgpool"):
        first = layer.agreed(_skipped)
        if first is None:
            continue
        k, s, d, read = first
        if d > 1:
            text = f"stride {s} and dilation {d} leave positions that no window reads"
            repair = f"a stride of at most {k} that shares no divisor with {d} reads every position"
        else:
            text = f"stride {s} leaves gaps between windows of {k}"
            repair = f"a stride of at most {k} reads every position"
        yield Finding(
            text,
            layer.at("stride", "dilation"),
            f"{s - read} of every {s} positions {'is' if s - read == 1 else 'are'} never read",
            (
                *layer.where(),
                note("what no window reads cannot change the output"),
                help_(repair),
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
