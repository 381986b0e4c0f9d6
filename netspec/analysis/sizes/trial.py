"""A net at one size of its input: elaborated, and what is wrong with it then.

For what cannot be told of all sizes at once. Which sizes are tried is left to `judge`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Elaboration, Reader, Request, elaborate
from netspec.graph.shape import Shape
from netspec.ops.survey import Survey
from netspec.record import record
from netspec.syntax.tree import File


@record
class Subject:
    """The net that is asked about: in which file, with which parameters and sizes from outside."""

    file: File
    reader: Reader
    net: str
    parameters: Mapping[str, str]
    inputs: Mapping[str, str]

    def surveyed(self, survey: Survey, inputs: Mapping[str, str] | None = None) -> Elaboration:
        """The net with what it asks of its input written into the survey."""
        given = self.inputs if inputs is None else inputs
        request = Request(self.net, self.parameters, given, survey=survey)
        return elaborate(self.file, self.reader, requests=[request])


def errors_of(elaboration: Elaboration) -> list[Diagnostic]:
    return [d for d in elaboration.diagnostics if d.severity is Severity.ERROR]


@record(eq=False)
class Trials:
    """The net at one size after the other; `opened` are its inputs with symbols."""

    subject: Subject
    opened: Mapping[str, Shape]
    most_lost: int | None
    _known: dict[tuple[tuple[str, int], ...], tuple[Diagnostic | None, Survey]]

    @staticmethod
    def of(subject: Subject, opened: Mapping[str, Shape], most_lost: int | None) -> Trials:
        return Trials(subject, opened, most_lost, {})

    def at(self, sizes: Mapping[str, int]) -> tuple[Diagnostic | None, Survey]:
        """The first mistake there is with these sizes, None without; and the survey of it."""
        key = tuple(sorted(sizes.items()))
        known = self._known.get(key)
        if known is None:
            survey = Survey(opens=False, most_lost=self.most_lost)
            inputs = {name: _written(shape, sizes) for name, shape in self.opened.items()}
            errors = errors_of(self.subject.surveyed(survey, inputs))
            known = self._known[key] = (errors[0] if errors else None, survey)
        return known


def _written(shape: Shape, sizes: Mapping[str, int]) -> str:
    dims = [dim if isinstance(dim, int) else int(dim.evaluate(sizes)) for dim in shape.dims]
    return f"[{', '.join(map(str, dims))}]"
