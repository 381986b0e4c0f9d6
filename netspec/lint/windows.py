"""What the windows of a layer leave unread, as the rules on windows ask it.

The arithmetic is that of `ops.window`; what is an opinion is left to the rules.
"""

from __future__ import annotations

from netspec.analysis.links import Site


def dropped(site: Site) -> dict[str, int] | None:
    """Positions at the end of each axis that no window reads though they are input.

    None where nothing is dropped or sizes are not known.
    """
    found: dict[str, int] = {}
    attributes, shape = site.attributes, site.input
    if attributes.get("rounding") != "floor" or attributes.get("padding") is None:
        return None
    kernel = attributes["kernel"]
    dilation = attributes.get("dilation", (1,) * len(kernel))
    for i, k, s, (p, q), d in zip(
        shape.spatial, kernel, attributes["stride"], attributes["padding"], dilation, strict=True
    ):
        size = shape.dims[i]
        if not isinstance(size, int):
            return None
        extent = d * (k - 1) + 1
        left = (size + p + q - extent) % s - q
        if left > max(0, s - extent):
            found[shape.axes[i]] = left
    return found or None


def room_left(site: Site) -> bool | None:
    """Whether windows leave a remainder along some axis; None where sizes are not known."""
    attributes, shape = site.attributes, site.input
    if attributes.get("padding") is None:
        return None
    kernel = attributes["kernel"]
    dilation = attributes.get("dilation", (1,) * len(kernel))
    for i, k, s, (p, q), d in zip(
        shape.spatial, kernel, attributes["stride"], attributes["padding"], dilation, strict=True
    ):
        size = shape.dims[i]
        if not isinstance(size, int):
            return None
        if (size + p + q - (d * (k - 1) + 1)) % s:
            return True
    return False
