"""A kernel wider than the map that it reads."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _wide(site: Site) -> tuple[str, int, int] | None:
    attributes, shape = site.attributes, site.input
    kernel = attributes["kernel"]
    dilation = attributes.get("dilation", (1,) * len(kernel))
    for i, k, d in zip(shape.spatial, kernel, dilation, strict=True):
        size = shape.dims[i]
        if isinstance(size, int) and d * (k - 1) + 1 > size:
            return shape.axes[i], d * (k - 1) + 1, size
    return None


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv", "maxpool", "avgpool"):
        found = [_wide(site) for site in layer.sites]
        first = found[0]
        if first is None or not all(found):
            continue
        axis, extent, size = first
        yield Finding(
            f"a kernel that spans {extent} over {size} of {axis} always reads padding",
            layer.at("kernel"),
            f"the map is {layer.first.input}",
            (
                *layer.where(),
                note("no position lets all its weights meet the input at once"),
                help_("a smaller kernel does the same with fewer weights; or pool later"),
            ),
        )


RULE = Rule(
    "kernel-wider-than-input",
    "a kernel is wider than the map it reads",
    "Where the kernel spans more than the whole map, every window hangs over an edge: part of the "
    "weights meets zeros at each position, and some only ever do. That happens when a network made "
    "for large images is given small ones.",
    """net Example {
  input 3x4x4
  conv 8 5x5 padding=2; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x4x4
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
)
