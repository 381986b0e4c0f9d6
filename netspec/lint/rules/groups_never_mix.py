"""Grouped convolutions in a row whose groups never exchange anything."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.links import Site
from netspec.diagnostics import help_, note
from netspec.lint.rule import Finding, Rule
from netspec.lint.subject import ACTIVATIONS, NORMS, Subject


def _groups(site: Site) -> int:
    groups = site.attributes.get("groups")
    return groups if isinstance(groups, int) and site.op == "conv" else 1


def _first(subject: Subject, site: Site) -> Site | None:
    channels = site.input.channels
    if not (isinstance(channels, int) and 1 < _groups(site) < channels):
        return None
    before = subject.before(site, *NORMS, *ACTIVATIONS)
    if len(before) != 1 or _groups(before[0]) != _groups(site):
        return None
    return before[0]


def _find(subject: Subject) -> Iterator[Finding]:
    for layer in subject.applied("conv"):
        first = layer.agreed(lambda site: _first(subject, site))
        if first is None:
            continue
        groups = _groups(layer.first)
        yield Finding(
            f"two convolutions of {groups} groups in a row",
            layer.at("groups"),
            f"{groups} separate networks side by side",
            (
                *layer.where(),
                note("no group sees what another has found", first.node.span, "the first of them"),
                help_(f"`channel_shuffle {groups}` between them, or a dense 1x1 convolution"),
            ),
        )


RULE = Rule(
    "groups-never-mix",
    "grouped convolutions follow each other without mixing their groups",
    "A grouped convolution sees its own group of channels alone. Two in a row with the same "
    "groups are separate networks side by side: each output depends on a fraction of the input "
    "channels. A shuffle or a 1x1 convolution between them lets information cross.",
    """net Example {
  input 3x32x32
  conv 32 3x3 padding=1; relu
  conv 32 3x3 padding=1 groups=4; relu
  conv 32 3x3 padding=1 groups=4; relu
  global_avgpool; flatten
  dense 10
}
""",
    """net Example {
  input 3x32x32
  conv 32 3x3 padding=1; relu
  conv 32 3x3 padding=1 groups=4; relu
  channel_shuffle 4
  conv 32 3x3 padding=1 groups=4; relu
  global_avgpool; flatten
  dense 10
}
""",
    _find,
    source="Zhang et al., ShuffleNet (arXiv:1707.01083), section 3.1",
)
