"""A softmax over a single element."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _single(site: Site) -> bool:
    axis = site.attributes["axis"]
    return bool(site.input.dims[axis] == 1)


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("softmax", "log_softmax"):
        if not all(map(_single, layer.sites)):
            continue
        axis = layer.first.input.axes[layer.first.attributes["axis"]]
        gives = "1" if layer.op == "softmax" else "0"
        yield Finding(
            f"`{layer.op}` along {axis} of {layer.first.input} is always {gives}",
            layer.word,
            "one element to choose from",
            (
                *layer.where(),
                note("exp(x) / exp(x) is 1, whatever x is; no gradient comes back"),
                help_("`sigmoid` turns a single score into a probability"),
            ),
        )


RULE = Rule(
    "softmax-of-one",
    "a softmax along an axis of size 1 is constant",
    "Softmax divides by the sum along its axis. Where that axis has one element, the result is "
    "always 1, and no gradient flows back: the layers before are never trained. A single score "
    "for two classes goes through a sigmoid.",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 1
  mul { identity; softmax }
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=1; relu
  global_avgpool; flatten
  dense 1
  mul { identity; sigmoid }
}
""",
    _find,
)
