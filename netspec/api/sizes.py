"""The input sizes that fit, for Python programs.

They are found by `analysis.sizes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspec.api.arguments import Path, flag, number, number_or_none, parameters_of, told
from netspec.api.networks import SpecError, expressions, refused, shapes_given, text_of

if TYPE_CHECKING:
    from netspec.analysis.sizes import Sizes


#: Which numbers are sizes is said by `analysis.sizes`.
_ANY = -(2**64)


def sizes(
    spec: Path,
    near: int | Sequence[int] | None = None,
    *,
    inputs: Mapping[str, object] | str | None = None,
    span: tuple[int, int] | None = None,
    max_drop: int | None = 0,
    inference: bool = False,
    same_weights: bool = False,
    parameters: Mapping[str, object] | None = None,
    **named: object,
) -> Sizes:
    """The sizes of its input that a network takes, and the layer that rules out each other.

    Spatial sizes that the spec fixes are opened, as `inputs="3xHxW"` would; sizes that `inputs`
    gives beside symbols stay. `near` is the size to look around, or one for each open axis; `span`
    the first and last of the sizes to look at. `max_drop` is how many positions along an axis a
    window of `rounding=exact` may leave unread: none by default, any number where it is None.
    `inference` leaves out what exists in training only. With `same_weights`, a size fits only where
    every layer keeps the weights that it has at the spec's own sizes. Parameters are as those of
    `summarize`.

    Raises SpecError where the spec has mistakes that no size mends, or no such net; FileProblem
    where it cannot be read; ValueError where no size is open, or `near` is not a size for each; and
    TypeError for what is no size, or no spec.
    """
    from netspec.analysis.choose import NoSuchNet
    from netspec.analysis.sizes import Asking, CannotAsk, Failed, sizes_of
    from netspec.reports.text import render

    asking = Asking(
        _near(near),
        _span(span),
        number_or_none("max_drop", max_drop, 0),
        flag("inference", inference),
        flag("same_weights", same_weights),
    )
    texts = expressions(parameters_of(parameters, named))
    try:
        source, files, net = text_of(spec, "sizes")
        reader = files.importer(source)
        given = shapes_given(inputs)
        answer = sizes_of(source, reader, net, texts, given, asking)
    except NoSuchNet as problem:
        raise refused(problem) from None
    except CannotAsk as refusal:
        raise ValueError(str(refusal)) from None
    if isinstance(answer, Failed):
        raise SpecError("\n\n".join(map(render, answer.diagnostics)), answer.diagnostics)
    return answer


def _near(near: object) -> tuple[int, ...]:
    """The wanted size, or one for each open axis."""
    if near is None:
        return ()
    try:
        sizes = list(near) if isinstance(near, Sequence) and not isinstance(near, str) else [near]
        return tuple([number("near", size, _ANY) for size in sizes])
    except TypeError:
        said = f"near takes a size such as 224, or one for each open axis, not {told(near)}"
        raise TypeError(said) from None


def _span(span: object) -> tuple[int, int] | None:
    if span is None:
        return None
    try:
        first, last = span if isinstance(span, Sequence) and not isinstance(span, str) else ()
        return number("span", first, _ANY), number("span", last, _ANY)
    except (TypeError, ValueError) as problem:
        said = f"span takes two sizes such as (200, 260), not {told(span)}"
        raise type(problem)(said) from None
