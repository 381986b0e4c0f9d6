"""Text from outside as a terminal may safely show it, and how wide it is there.

Nothing from a spec reaches a terminal raw: what would move the cursor, hide, or turn text around is
written as an escape. Other formats escape for themselves.
"""

from __future__ import annotations

#: Blanks up to the next multiple of this for a tab.
TAB = 4


def escape(text: str) -> str:
    """The text in one line, each character that a terminal would not simply show escaped."""
    return text if _plain(text) else "".join(map(_shown, text))


def width(text: str) -> int:
    """Columns that an escaped text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_width, text))


def cells(line: str) -> list[tuple[str, int]]:
    """Each character of a line as it is shown, with its width; tabs become blanks."""
    if _plain(line) and line.isascii():
        return [(character, 1) for character in line]
    found: list[tuple[str, int]] = []
    column = 0
    for character in line:
        shown = " " * (TAB - column % TAB) if character == "\t" else _shown(character)
        wide = width(shown)
        found.append((shown, wide))
        column += wide
    return found


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _shown(character: str) -> str:
    if character.isascii():
        plain = character.isprintable()
    else:
        import unicodedata

        # Controls, formats (which turn or hide text), surrogates, line ends, what has no meaning.
        plain = unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")
    if plain:
        return character
    code = ord(character)
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def _width(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata

    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
