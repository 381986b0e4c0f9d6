"""A batch normalisation of a 1x1 map."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _single(site: Site) -> bool:
    shape = site.input
    return bool(shape.spatial) and all(shape.dims[i] == 1 for i in shape.spatial)


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("batchnorm"):
        if not all(map(_single, layer.sites)):
            continue
        yield Finding(
            f"`batchnorm` of {layer.first.input} has one value a channel for each image",
            layer.word,
            "statistics of the batch alone",
            (
                *layer.where(),
                note("a batch of one has no variance: PyTorch refuses to train on it"),
                help_("`layernorm` or `groupnorm` need no batch; or leave it out here"),
            ),
        )


RULE = Rule(
    "batchnorm-on-one-position",
    "a batch normalisation of a 1x1 map depends on the batch size",
    "On a map of one position, a channel has one value for each example. With small batches its "
    "mean and variance are noise, and with a batch of one PyTorch raises `Expected more than 1 "
    "value per channel when training`, often in the last, incomplete batch of an epoch.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool
  conv 8 1x1 bias=false; batchnorm; relu
  flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool
  conv 8 1x1; relu
  flatten
  dense 10
}
""",
    _find,
    source="Wu and He, Group Normalization (arXiv:1803.08494)",
)
