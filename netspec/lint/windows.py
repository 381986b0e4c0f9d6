"""What the windows of a layer leave unread, as the rules on windows ask it.

The arithmetic is that of `ops.window`; what is an opinion is left to the rules.
"""

from __future__ import annotations

from netspec.analysis.links import Site
from netspec.ops.window import Window, room


def dropped(site: Site) -> dict[str, int] | None:
    """Positions at the end of each axis that no window reads though they are input.

    None where nothing is dropped or sizes are not known.
    """
    if site.attributes.get("rounding") != "floor":
        return None
    windows = _windows(site)
    if windows is None:
        return None
    found: dict[str, int] = {}
    for axis, left, window in windows:
        unread = left - window.after
        if unread > window.gap:
            found[axis] = unread
    return found or None


def room_left(site: Site) -> bool | None:
    """Whether windows leave a remainder along some axis; None where sizes are not known."""
    windows = _windows(site)
    return None if windows is None else any(left for _, left, _ in windows)


def _windows(site: Site) -> list[tuple[str, int, Window]] | None:
    """For each spatial axis its name, what is left over, and the window; None where open."""
    attributes, shape = site.attributes, site.input
    if attributes.get("padding") is None:
        return None
    kernel = attributes["kernel"]
    found: list[tuple[str, int, Window]] = []
    for i, k, s, (p, q), d in zip(
        shape.spatial,
        kernel,
        attributes["stride"],
        attributes["padding"],
        attributes.get("dilation", (1,) * len(kernel)),
        strict=True,
    ):
        window = Window(k, s, p, q, d)
        free = room(shape.dims[i], window)
        if not isinstance(free, int):
            return None
        found.append((shape.axes[i], free % s, window))
    return found
