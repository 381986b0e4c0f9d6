"""How words are written in bash and zsh. fish has its own way, in its own file."""

from __future__ import annotations


def quoted(text: str) -> str:
    """A word of bash or zsh."""
    return "'" + text.replace("'", "'\\''") + "'"
