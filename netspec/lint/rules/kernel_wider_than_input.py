"""A kernel so wide that some of its weights never meet the input."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject

#: Elements along an axis that are gone through; of longer kernels nothing is said.
LONGEST = 4096


def _reached(k: int, s: int, d: int, p: int, size: int, windows: int) -> int:
    """How many of the k elements of a window meet the input at some position."""
    found = 0
    for j in range(k):
        # At window t, element j reads position t * s - p + j * d; the first that is not before 0.
        first = max(0, -((j * d - p) // s))
        found += first < windows and first * s - p + j * d < size
    return found


def _wide(site: Site) -> tuple[str, int, int, int, int] | None:
    """The first axis with weights that meet padding alone: its extent and size; weights in use."""
    attributes, shape = site.attributes, site.input
    kernel, padding = attributes["kernel"], attributes.get("padding")
    if padding is None:
        return None
    reached, first = [], None
    for i, k, s, d, (p, _) in zip(
        shape.spatial, kernel, attributes["stride"], attributes["dilation"], padding, strict=True
    ):
        size, windows = shape.dims[i], site.output.dims[i]
        if not isinstance(size, int) or not isinstance(windows, int):
            return None
        extent = d * (k - 1) + 1
        reached.append(k if extent <= size or k > LONGEST else _reached(k, s, d, p, size, windows))
        if reached[-1] < k and first is None:
            first = (shape.axes[i], extent, size)
    return None if first is None else (*first, prod(reached), prod(kernel))


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv"):
        first = layer.agreed(_wide)
        if first is None:
            continue
        axis, extent, size, reached, whole = first
        dilated = max(layer.first.attributes["dilation"]) > 1
        yield Finding(
            f"a kernel that spans {extent} over {size} of {axis} has weights without effect",
            layer.at("kernel"),
            f"{whole - reached} of {whole} positions of the kernel only ever meet padding",
            (
                *layer.where(),
                note(f"the map is {layer.first.input}"),
                help_("a smaller dilation lets more weights reach the map")
                if dilated
                else help_("a smaller kernel does the same with fewer weights"),
            ),
        )


RULE = Rule(
    "kernel-wider-than-input",
    "a kernel is so wide that some of its weights only ever meet padding",
    "On a map of one position, a padded 3x3 convolution is a 1x1 one: the other eight weights are "
    "multiplied by zeros and never learn. The same befalls larger and dilated kernels on small "
    "maps, mostly where a network made for large images is given small ones.",
    """net Example {
  input 3x3x3
  conv 8 7x7 padding=3; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x3x3
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Chen et al., Rethinking Atrous Convolution (arXiv:1706.05587), section 3.3",
)
