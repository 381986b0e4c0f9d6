"""Runs one command from start to end, and prints what it took.

A program of its own, that imports next to nothing: what the parent of a process holds when it is
started counts as held by the process. Commands are chosen and figures read by `timing`.

    python -I -S meter.py OUTPUT ERRORS COMMAND [ARGUMENT...]
"""

import os
import sys
import time

if __name__ == "__main__":
    output, errors, *command = sys.argv[1:]
    written = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    began = time.perf_counter()
    process = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, output, written, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, errors, written, 0o600),
        ],
    )
    # The usage of this child alone, which subprocess does not tell.
    _, status, usage = os.wait4(process, 0)
    taken = time.perf_counter() - began
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(
        taken,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / unit,
        os.waitstatus_to_exitcode(status),
    )
