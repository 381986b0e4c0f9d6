"""The colours of a picture, light and dark, by the family of a layer.

A box says in words what it is, too; the colours only help. Text has a contrast of at least 7 to 1
on every fill, and an edge or a bar of 3 to 1 (WCAG 2.2, 1.4.6 and 1.4.11).
"""

from __future__ import annotations

from netspec.record import record


@record
class Colours:
    """Of one family in one theme: the inside of a box, and its edge and bar."""

    fill: str
    line: str


@record
class Theme:
    """`text` and `muted` are letters, `ground` is behind all, `wire` an edge between boxes."""

    ground: str
    text: str
    muted: str
    wire: str
    families: dict[str, Colours]


LIGHT = Theme(
    ground="#ffffff",
    text="#16191d",
    muted="#474e57",
    wire="#68707a",
    families={
        "conv": Colours("#e3edfb", "#2f6fc4"),
        "dense": Colours("#efe6fa", "#7a48b8"),
        "norm": Colours("#e3f2ef", "#37796f"),
        "activation": Colours("#fbf1dc", "#94660c"),
        "pool": Colours("#e4f3e2", "#37802f"),
        "merge": Colours("#fbe6ea", "#b8405c"),
        "reshape": Colours("#eeeff2", "#68707c"),
        "resize": Colours("#e0f1f8", "#217594"),
        "noise": Colours("#f3eee8", "#856a50"),
        "group": Colours("#f4f6f9", "#57606a"),
        "input": Colours("#ffffff", "#57606a"),
        "port": Colours("#ffffff", "#57606a"),
    },
)
DARK = Theme(
    ground="#0f1318",
    text="#eef2f6",
    muted="#b9c2cc",
    wire="#8d97a3",
    families={
        "conv": Colours("#16263d", "#6ea8ff"),
        "dense": Colours("#2a1d3d", "#b48cf2"),
        "norm": Colours("#14302c", "#5fb8aa"),
        "activation": Colours("#33280f", "#e0b04c"),
        "pool": Colours("#17301a", "#74c56d"),
        "merge": Colours("#3a1820", "#f08aa2"),
        "reshape": Colours("#23272e", "#9aa4b2"),
        "resize": Colours("#102f3a", "#5fbfe0"),
        "noise": Colours("#2d251d", "#c2a382"),
        "group": Colours("#191e25", "#9aa4b2"),
        "input": Colours("#0f1318", "#9aa4b2"),
        "port": Colours("#0f1318", "#9aa4b2"),
    },
)


def variables(theme: Theme) -> str:
    """The theme as custom properties of a style sheet: `--conv-fill`, `--text`, …"""
    found = [f"--{name}: {getattr(theme, name)};" for name in ("ground", "text", "muted", "wire")]
    for family, colours in theme.families.items():
        found.append(f"--{family}-fill: {colours.fill}; --{family}-line: {colours.line};")
    return " ".join(found)
