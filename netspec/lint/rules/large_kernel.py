"""A large kernel where a stack of 3x3 costs less."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject

#: Weights below which a large kernel is no matter.
FEW = 10_000


def _figures(site: Site) -> tuple[int, int, int] | None:
    """The kernel's size, its weights, and those of a stack of 3x3 that reads as far."""
    attributes = site.attributes
    kernel, inner, outer = attributes["kernel"], site.input.channels, site.output.channels
    size = kernel[0]
    if len(kernel) != 2 or set(kernel) != {size} or size < 5 or size % 2 == 0:
        return None
    if max(attributes["stride"]) > 1 or max(attributes["dilation"]) > 1:
        return None
    if attributes["groups"] != 1 or not isinstance(inner, int) or not isinstance(outer, int):
        return None
    if all(site.output.dims[i] == 1 for i in site.output.spatial):
        return None  # one window: a dense layer, written as a convolution
    # As wide between as at the wider end: nothing is lost on the way.
    wide = max(inner, outer)
    stack = 9 * inner * outer + (size // 2 - 1) * 9 * wide * wide
    return (size, size * size * inner * outer, stack)


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv"):
        found = [_figures(site) for site in layer.sites]
        first = found[0]
        if first is None or not all(f and f[2] < f[1] and f[1] >= FEW for f in found):
            continue
        size, weights, stack = first
        padded = any(p or q for p, q in layer.first.attributes["padding"] or [(1, 1)])
        unit = "conv … 3x3 padding=1; relu" if padded else "conv … 3x3; relu"
        yield Finding(
            f"a {size}x{size} kernel of {weights:,} weights",
            layer.at("kernel"),
            f"{size // 2} layers of 3x3 read as far with {stack:,}",
            (
                *layer.where(),
                note("the stack has a nonlinearity more for each layer more"),
                help_(f"`repeat {size // 2} {{ {unit} }}`"),
            ),
        )


RULE = Rule(
    "large-kernel",
    "a large kernel costs more than a stack of 3x3 with the same receptive field",
    "Two 3x3 convolutions read 5x5, three read 7x7, with 18 and 27 weights for each pair of "
    "channels instead of 25 and 49, and with nonlinearities between. Depthwise and strided "
    "convolutions are not meant: there large kernels are cheap.",
    """net Example {
  input 64x32x32
  conv 64 7x7 padding=3; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 64x32x32
  repeat 3 { conv 64 3x3 padding=1; relu }
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Simonyan and Zisserman, Very Deep Convolutional Networks (arXiv:1409.1556), "
    "section 2.3",
)
