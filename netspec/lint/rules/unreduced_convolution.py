"""A spatial convolution on many channels without a 1x1 reduction."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject

#: Channels from which a spatial convolution is expensive.
MANY = 256


def _figures(site: Site) -> tuple[int, int] | None:
    """The weights as they are, and those of a bottleneck of a quarter of the channels."""
    attributes = site.attributes
    inner, outer, area = site.input.channels, site.output.channels, 1
    for k in attributes["kernel"]:
        area *= k
    if attributes["groups"] != 1 or not isinstance(inner, int) or not isinstance(outer, int):
        return None
    if area < 9 or inner < MANY:
        return None
    middle = inner // 4
    return area * inner * outer, inner * middle + area * middle * middle + middle * outer


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv"):
        found = [_figures(site) for site in layer.sites]
        first = found[0]
        if first is None or not all(f and f[1] < f[0] for f in found):
            continue
        weights, reduced = first
        inner, kernel = layer.first.input.channels, layer.first.attributes["kernel"]
        assert isinstance(inner, int)
        window = "x".join(map(str, kernel))
        yield Finding(
            f"a {window} convolution on {inner} channels has {weights:,} weights",
            layer.at("kernel"),
            f"through a bottleneck of {inner // 4} channels, {reduced:,}",
            (
                *layer.where(),
                help_(f"`conv {inner // 4} 1x1`, then {window}, then 1x1 back to the channels"),
            ),
        )


RULE = Rule(
    "unreduced-convolution",
    "a spatial convolution on many channels has no 1x1 reduction before it",
    "A 1x1 convolution that first reduces the channels makes the spatial one cheaper by the "
    "square of the reduction, as in inception modules and bottlenecks. It is off by default: VGG "
    "and the smaller ResNets do without, at a price that they state.",
    """net Example {
  input 512x14x14
  conv 512 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 512x14x14
  conv 128 1x1; relu
  conv 128 3x3 padding=1; relu
  conv 512 1x1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Szegedy et al., Going Deeper with Convolutions (arXiv:1409.4842), section 4",
    default=None,
)
