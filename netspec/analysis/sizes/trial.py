"""A net at one size of its input: elaborated, what is wrong with it then, and which weights it has.

For what cannot be told of all sizes at once. Which sizes are tried is left to `judge`.
"""

from __future__ import annotations

from collections.abc import Mapping

from netspec.analysis.sizes.answer import Place
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Elaboration, Reader, Request, elaborate
from netspec.graph.graph import OpNode
from netspec.graph.shape import Shape
from netspec.graph.size import Dim
from netspec.graph.walk import flatten
from netspec.ops.survey import Survey
from netspec.record import field, record
from netspec.syntax.tree import Apply, File, Merge, Tree, inside

#: Layers of a net whose weights are compared.
MOST_LAYERS = 100_000


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
class Refused:
    """Why a size does not do: the layer that says so, `name` being the mistake's."""

    place: Place
    message: str
    name: str = ""


@record(eq=False)
class Trial:
    """The first mistake there is at these sizes, None without; the survey of it, and the first
    layer that has other weights there."""

    error: Refused | None
    survey: Survey
    other: Refused | None = None


#: By a tensor's name its shape, and the layer that owns it.
_Weights = dict[str, tuple[tuple[int, ...], OpNode]]


@record(eq=False, frozen=False)
class Trials:
    """The net at one size after the other; `opened` are its inputs with symbols.

    Weights are compared with those at `own` sizes, where these are given; with `inference` without
    those that exist in training only.
    """

    subject: Subject
    opened: Mapping[str, Shape]
    most_lost: int | None
    own: Mapping[str, int]
    inference: bool = False
    _known: dict[tuple[tuple[str, int], ...], Trial] = field(default_factory=dict)
    _weights: _Weights | None = None

    def at(self, sizes: Mapping[str, int]) -> Trial:
        key = tuple(sorted(sizes.items()))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._tried(sizes)
        return known

    def _tried(self, sizes: Mapping[str, int]) -> Trial:
        error, survey, weights = self._elaborated(sizes)
        if error is not None or not self.own:
            return Trial(error, survey)
        if self._weights is None:
            self._weights = self._elaborated(self.own)[2]
        return Trial(error, survey, _other(self._weights, weights, self._own_size()))

    def _elaborated(self, sizes: Mapping[str, int]) -> tuple[Refused | None, Survey, _Weights]:
        survey = Survey(opens=False, most_lost=self.most_lost)
        inputs = {name: _written(shape, sizes) for name, shape in self.opened.items()}
        found = self.subject.surveyed(survey, inputs)
        errors = errors_of(found)
        network = next(iter(found.networks.values()), None)
        weights: _Weights = {}
        if self.own and not errors and network is not None and network.root.size <= MOST_LAYERS:
            for flat in flatten(network).nodes:
                if flat.shares is None and not (self.inference and flat.training):
                    for weight in flat.node.weights:
                        weights[f"{flat.path}.{weight.name}"] = weight.shape, flat.node
        return self._refused(errors[0]) if errors else None, survey, weights

    def _refused(self, error: Diagnostic) -> Refused:
        """The mistake, at the word of the layer or merge that it is in."""
        file, word = self.subject.file, ""
        within: list[Tree] = [file] if error.span.file is file.source else []
        while within:
            node = within.pop()
            if node.span.start <= error.span.start and error.span.end <= node.span.end:
                if isinstance(node, Apply):
                    word = node.layer.id
                elif isinstance(node, Merge):
                    word = node.op
                within = inside(node)
        return Refused(Place(word, "", error.span), error.message, error.name)

    def _own_size(self) -> str:
        shapes = [
            "x".join(str(_number(dim, self.own)) for dim in s.dims) for s in self.opened.values()
        ]
        return ", ".join(shapes)


def _other(own: _Weights, here: _Weights, own_size: str) -> Refused | None:
    """The first layer whose weights differ, in the order of those that are there."""
    for name, (shape, node) in here.items():
        if name not in own:
            return Refused(_place(name, node), f"it has weights, and none at {own_size}")
        if own[name][0] != shape:
            sizes = ("x".join(map(str, each)) for each in (shape, own[name][0]))
            is_, was = sizes
            words = f"its {name.rpartition('.')[2]} is {is_}, and {was} at {own_size}"
            return Refused(_place(name, node), words)
    for name, (_, node) in own.items():
        if name not in here:
            return Refused(_place(name, node), f"it has weights at {own_size}, and none here")
    return None


def _place(name: str, node: OpNode) -> Place:
    return Place(node.op, name.rpartition(".")[0], node.span)


def _written(shape: Shape, sizes: Mapping[str, int]) -> str:
    return f"[{', '.join(str(_number(dim, sizes)) for dim in shape.dims)}]"


def _number(dim: Dim, sizes: Mapping[str, int]) -> int:
    return dim if isinstance(dim, int) else int(dim.evaluate(sizes))
