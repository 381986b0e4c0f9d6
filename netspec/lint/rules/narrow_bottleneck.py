"""A bottleneck of less than an eighth of the channels."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import ACTIVATIONS, NORMS, Subject

#: Layers that may stand between the reduction and the convolution.
PASSED = (*NORMS, *ACTIVATIONS)


def _narrow(subject: Subject, site: Site) -> tuple[int, int] | None:
    """Channels before and after a 1x1 reduction in front of this spatial convolution."""
    if max(site.attributes["kernel"]) == 1:
        return None
    before = subject.before(site, *PASSED)
    if len(before) != 1 or before[0].op != "conv":
        return None
    first = before[0]
    wide, narrow = first.input.channels, first.output.channels
    if max(first.attributes["kernel"]) > 1 or not isinstance(wide, int):
        return None
    if not isinstance(narrow, int) or narrow * 8 >= wide:
        return None
    # Where others read the same map, as in an inception module, what is left out here goes by them.
    for source in subject.links.producers(first):
        if any(u is not first and u.op != "add" for u in subject.links.uses(source).sites):
            return None
    after = subject.links.uses(site)
    return (wide, narrow) if not after.leaves else None


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv"):
        first = layer.agreed(lambda site: _narrow(subject, site))
        if first is None:
            continue
        wide, narrow = first
        yield Finding(
            f"a bottleneck of {narrow} out of {wide} channels",
            layer.word,
            f"1/{wide / narrow:.3g} of what comes in",
            (
                *layer.where(),
                note("ResNet's bottlenecks keep a quarter; less is easily too little"),
                help_(f"{wide // 4} channels before this layer"),
            ),
        )


RULE = Rule(
    "narrow-bottleneck",
    "a bottleneck keeps less than an eighth of the channels",
    "All that a spatial convolution can use passes through the 1x1 convolution before it. "
    "Published bottlenecks keep a quarter (ResNet) or half (ResNeXt); extreme compression in the "
    "middle of a net loses what later layers cannot bring back. Branches of an inception module, "
    "beside which others read the same map, are not meant.",
    """net Example {
  input 3x32x32
  conv 256 3x3 padding=1; relu
  conv 16 1x1; relu
  conv 16 3x3 padding=1; relu
  conv 256 1x1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 256 3x3 padding=1; relu
  conv 64 1x1; relu
  conv 64 3x3 padding=1; relu
  conv 256 1x1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Szegedy et al., Rethinking the Inception Architecture (arXiv:1512.00567), section 2, "
    "principle 1",
)
