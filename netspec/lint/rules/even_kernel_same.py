"""An even kernel with `padding=same`, which shifts the map."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject

#: Kernels from which half a position is little beside what they read.
LONG = 8


def _shifts(site: Site) -> bool:
    attributes = site.attributes
    if attributes.get("padding_word") != "same":
        return False
    kernel, stride = attributes["kernel"], attributes["stride"]
    return any(k % 2 == 0 and k < LONG and s == 1 for k, s in zip(kernel, stride, strict=True))


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dwconv", "maxpool", "avgpool"):
        if not all(map(_shifts, layer.sites)):
            continue
        kernel = "x".join(map(str, layer.first.attributes["kernel"]))
        odd = "x".join(str(k + 1 - k % 2) for k in layer.first.attributes["kernel"])
        yield Finding(
            f"a kernel of {kernel} with `padding=same` shifts the map by half a position",
            layer.at("kernel", "padding"),
            "an even kernel has no middle",
            (
                *layer.where(),
                note("the odd element of padding goes after the map; several such layers add up"),
                help_(f"a kernel of {odd} is centred"),
            ),
        )


RULE = Rule(
    "even-kernel-same",
    "an even kernel with `padding=same` shifts the map by half a position",
    "An even kernel has no middle element, so `same` pads one side more than the other and each "
    "output stands half a position beside its input. Over many layers the features drift towards "
    "one corner, which costs accuracy unless the sides alternate. Long kernels, as on signals, "
    "are not meant.",
    """net Example {
  input 3x32x32
  conv 8 2x2 padding=same; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 8 3x3 padding=same; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Wu et al., Convolution with even-sized kernels and symmetric padding "
    "(arXiv:1903.08385)",
)
