"""Two linear layers with nothing nonlinear between them."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import DROPOUTS, Subject

#: Layers between two that change nothing at inference.
PASSED = ("identity", *DROPOUTS)


def _plain(site: Site) -> bool:
    return site.op in ("conv", "dense") and site.attributes.get("groups", 1) == 1


def _pointwise(site: Site) -> bool:
    return bool(max(site.attributes.get("kernel", (1,))) == 1)


def _first(subject: Subject, site: Site) -> Site | None:
    """The linear layer before, where both could be one without loss."""
    if not _plain(site):
        return None
    before = subject.before(site, *PASSED)
    if len(before) != 1 or not _plain(before[0]):
        return None
    first = before[0]
    if not (_pointwise(site) or _pointwise(first)) or first.node.shares is not None:
        return None
    if len(subject.links.uses(first).sites) != 1 or subject.links.uses(first).leaves:
        return None
    # Through fewer channels than it takes and gives, a pair is a factorised layer, and no slip.
    into, between, out = first.input.channels, first.output.channels, site.output.channels
    if not (isinstance(into, int) and isinstance(between, int) and isinstance(out, int)):
        return None
    return first if between >= min(into, out) else None


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dense"):
        first = layer.agreed(lambda site: _first(subject, site))
        if first is None:
            continue
        yield Finding(
            f"this `{layer.op}` follows a `{first.op}` with nothing nonlinear between",
            layer.word,
            "the two are one linear layer",
            (
                *layer.where(),
                note("a product of two matrices is a matrix", first.node.span, "the first of them"),
                help_("an activation between them, such as `relu`, or one layer in place of both"),
            ),
        )


RULE = Rule(
    "linear-after-linear",
    "two linear layers follow each other without a nonlinearity",
    "Convolutions and dense layers are linear, and a linear function of a linear function is "
    "linear: the pair can express nothing that a single layer could not, at more cost. Pairs that "
    "pass through fewer channels, depthwise ones and ones that split a kernel (1x7, then 7x1) are "
    "factorisations, and are not meant.",
    """net Example {
  input 3x32x32
  conv 16 3x3 padding=1
  conv 32 1x1
  relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 16 3x3 padding=1
  relu
  conv 32 1x1
  relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
)
