"""Measures how long checking every network that ships takes, beside importing torch (installed).

The whole zoo is checked in one process, parser, parameters and asserts included.

    python benchmarks/zoo.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import sys

from timing import paired, table

BASE = "import torch"


def main() -> None:
    """Print the table of `timing`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="times each command is run")
    arguments = parser.parse_args()
    python = sys.executable
    commands = {
        BASE: [python, "-c", "import torch"],
        "netspec check zoo:": [python, "-m", "netspec", "check", "zoo:"],
        "netspec zoo": [python, "-m", "netspec", "zoo"],
    }
    print(table(paired(commands, arguments.rounds), BASE))


if __name__ == "__main__":
    main()
