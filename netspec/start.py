"""Where a process begins: what `check` said is said again, as long as it sees the same files.

It imports next to nothing: everything else is left to `cli`, which runs where nothing was kept that
still holds. What follows from what is not asked here but in `seen`, `store` and `transcript`.
"""

from __future__ import annotations

import gc
import os
import sys

from netspec import seen, store, transcript

TYPE_CHECKING = False
if TYPE_CHECKING:
    from netspec.store import Store

#: The exit code of a command that was interrupted.
INTERRUPTED = 130
#: Objects made, less those freed, before the garbage collector runs.
COLLECTED_AFTER = 200_000
#: Variables of the environment that a check looks at.
VARIABLES = ("GITHUB_ACTIONS", "NO_COLOR", "TERM")
#: What makes a check read or write something else, or run without an end: to look for an answer
#: would be in vain, and `cli.check` keeps none.
_APART = (
    "-h",
    "--help",
    "--no-cache",
    "--watch",
    "--fix",
    "--diff",
    "--write-baseline",
    "--output-file",
    "--stdin-filename",
)


def main() -> int:
    """Run the command of the process; its exit code."""
    # The collector would go through modules and a growing network again and again, and next to
    # nothing of them can be freed.
    gc.set_threshold(COLLECTED_AFTER)
    try:
        arguments = sys.argv[1:]
        kept = store.usual() if _may_be_kept(arguments) else None
        if kept is not None:
            return _kept(kept, arguments)
        from netspec.cli import main as run

        return run()
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        # What there is goes with the process: to look through it once more takes a while.
        gc.freeze()


def _may_be_kept(arguments: list[str]) -> bool:
    """Whether it is a check that reads files alone; `cli.check`, which knows, says so again."""
    return (
        arguments[:1] == ["check"]
        and not any(a.partition("=")[0] in _APART or a == "-" or a[:3] == "-::" for a in arguments)
        and hasattr(sys.stdout, "reconfigure")
        and hasattr(sys.stderr, "reconfigure")
    )


def _kept(kept: Store, arguments: list[str]) -> int:
    key = _key(arguments)
    entry = _unpacked(kept.get(key) or b"")
    if entry is not None and seen.still_so(entry[1]):
        try:
            return transcript.say(entry[0])
        except (OSError, KeyboardInterrupt) as failure:
            from netspec.cli import ended

            return ended(failure)
    from netspec.cli import main as run

    notes, written = seen.Notes(), transcript.Transcript()
    seen.note_in(notes)
    code = run(transcript=written)
    seen.note_in(None)
    said, looks = written.packed(code), notes.packed()
    if said is not None and looks is not None:
        kept.put(key, _packed(said, looks))
    return code


def _key(arguments: list[str]) -> str | None:
    """Of all that a check follows from, besides netspec itself and what it sees on the disk."""
    try:
        folder = os.getcwd()
    except OSError:
        return None
    terminals = "".join("ny"[stream.isatty()] for stream in (sys.stdout, sys.stderr))
    environment = [f"={value}" if (value := os.environ.get(n)) else "" for n in VARIABLES]
    parts = [folder, sys.getfilesystemencoding(), terminals, *environment, *arguments]
    return store.key("check", *map(os.fsencode, parts))


def _packed(*groups: list[bytes]) -> bytes:
    """Fields in groups: of each group how many, then each field behind its length."""
    made: list[bytes] = []
    for group in groups:
        made.append(b"%d:" % len(group))
        for field in group:
            made += (b"%d:" % len(field), field)
    return b"".join(made)


def _unpacked(data: bytes) -> tuple[list[bytes], list[bytes]] | None:
    """The two groups; None where there are none."""
    at = 0

    def number() -> int:
        nonlocal at
        end = data.index(b":", at)
        found, at = int(data[at:end]), end + 1
        return found

    def group() -> list[bytes]:
        nonlocal at
        fields = []
        for _ in range(number()):
            size = number()
            fields.append(data[at : at + size])
            at += size
        return fields

    try:
        return group(), group()
    except ValueError:
        return None
