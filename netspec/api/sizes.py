"""The input sizes that fit, for Python programs.

They are found by `analysis.sizes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspec.api.networks import Path, SpecError, expressions, refused, shapes_given, text_of

if TYPE_CHECKING:
    from netspec.analysis.sizes import Sizes


def sizes(
    spec: Path,
    near: int | Sequence[int] | None = None,
    *,
    inputs: Mapping[str, object] | str | None = None,
    span: tuple[int, int] | None = None,
    max_drop: int | None = 0,
    inference: bool = False,
    same_weights: bool = False,
    **parameters: object,
) -> Sizes:
    """The sizes of its input that a network takes, and the layer that rules out each other.

    Spatial sizes that the spec fixes are opened, as `inputs="3xHxW"` would; sizes that `inputs`
    gives beside symbols stay. `near` is the size to look around, or one for each open axis; `span`
    the first and last of the sizes to look at. `max_drop` is how many positions along an axis a
    window of `rounding=exact` may leave unread: none by default, any number where it is None.
    `inference` leaves out what exists in training only. With `same_weights`, a size fits only where
    every layer keeps the weights that it has at the spec's own sizes.

    Raises SpecError where the spec has mistakes that no size mends, or no such net; FileProblem
    where it cannot be read; and ValueError where no size is open, or `near` is not a size for each.
    """
    from netspec.analysis.choose import NoSuchNet
    from netspec.analysis.sizes import Asking, CannotAsk, Failed, sizes_of
    from netspec.reports.text import render

    wanted = () if near is None else (near,) if isinstance(near, int) else tuple(near)
    asking = Asking(wanted, span, max_drop, inference, same_weights)
    try:
        source, files, net = text_of(spec)
        reader = files.importer(source)
        given = shapes_given(inputs)
        answer = sizes_of(source, reader, net, expressions(parameters), given, asking)
    except NoSuchNet as problem:
        raise refused(problem) from None
    except CannotAsk as refusal:
        raise ValueError(str(refusal)) from None
    if isinstance(answer, Failed):
        raise SpecError("\n\n".join(map(render, answer.diagnostics)), answer.diagnostics)
    return answer
