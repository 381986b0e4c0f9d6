"""A number of channels that wastes part of the hardware's tiles."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import Subject


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv", "dense", "conv_transpose"):
        sizes = [site.output.channels for site in layer.sites]
        if not all(isinstance(size, int) and size % 8 for size in sizes):
            continue
        if any(_is_head(subject, site) for site in layer.sites):
            continue
        size = sizes[0]
        assert isinstance(size, int)
        better = max(8, round(size / 8) * 8)
        yield Finding(
            f"{size} channels are no multiple of 8",
            layer.at("filters", "units"),
            f"{-(-size // 8) * 8 - size} of {-(-size // 8) * 8} lanes stay idle",
            (
                *layer.where(),
                note("matrix units work on tiles of 8 half-precision numbers or more"),
                help_(f"{better} is near; `make_divisible(x, 8)` computes such a number"),
            ),
        )


def _is_head(subject: Subject, site: Site) -> bool:
    """Whether the layer gives the output: classes are as many as there are."""
    stack, seen = [site], {site}
    while stack:
        uses = subject.links.uses(stack.pop())
        if uses.leaves:
            return True
        for use in uses.sites:
            changes = use.op in ("conv", "dense", "conv_transpose", "dwconv")
            if not changes and use not in seen:
                seen.add(use)
                stack.append(use)
    return False


RULE = Rule(
    "channels-not-multiple-of-8",
    "a number of channels is no multiple of 8",
    "Matrix units of GPUs and most accelerators work on tiles of 8, 16 or more channels; other "
    "numbers are padded up, or fall back to slower kernels. It is off by default: it matters for "
    "speed alone, and to those who measure it.",
    """net Example {
  input 3x32x32
  conv 30 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 32 3x3 padding=1; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="NVIDIA, Deep Learning Performance: Matrix Multiplication Background, section "
    "on tensor core requirements",
    default=None,
)
