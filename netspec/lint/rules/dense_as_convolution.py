"""A dense head that an equivalent convolution could replace."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _map(subject: Subject, site: Site) -> Site | None:
    before = subject.before(site, "dropout")
    if len(before) != 1 or before[0].op != "flatten":
        return None
    shape = before[0].input
    fits = all(isinstance(dim, int) for dim in shape.dims) and shape.spatial
    return before[0] if fits and any(shape.dims[i] != 1 for i in shape.spatial) else None


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("dense"):
        first = layer.agreed(lambda site: _map(subject, site))
        if first is None:
            continue
        shape = first.input
        window = "x".join(str(shape.dims[i]) for i in shape.spatial)
        yield Finding(
            f"a dense layer on a flattened {shape} takes this one size of input",
            layer.word,
            f"a {window} convolution computes the same",
            (
                *layer.where(),
                note("the same weights, reshaped; a larger image then gives a map of scores"),
                help_(f"`conv {layer.first.output.channels} {window}` on the map"),
            ),
        )


RULE = Rule(
    "dense-as-convolution",
    "a dense layer on a flattened map is a convolution that fixes the input size",
    "A dense layer on a flattened map equals a convolution whose kernel is the whole map, with "
    "the same weights. As a convolution it slides over larger images and gives a map of scores, "
    "as all-convolutional and fully convolutional networks use it. It is off by default.",
    """net Example {
  input 3x32x32
  conv 8 3x3 stride=2 padding=1; relu
  flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 stride=2 padding=1; relu
  conv 10 16x16
  flatten
}
""",
    _find,
    source="Springenberg et al., Striving for Simplicity: The All Convolutional Net "
    "(arXiv:1412.6806)",
    default=None,
)
