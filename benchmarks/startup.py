"""Measures how long `netspec check` takes as a whole process, beside what it is compared with.

What the figures should be is left to the reader.

    python benchmarks/startup.py [--rounds 15] [--spec specs/resnet.net]
"""

from __future__ import annotations

import argparse
import importlib.util
import sys

from timing import paired, table

BASE = "python -c pass"


def commands(spec: str) -> dict[str, list[str]]:
    """What is timed, by name; `import torch` only where torch is installed."""
    python = sys.executable
    timed = {
        BASE: [python, "-c", "pass"],
        f"netspec check {spec}": [python, "-m", "netspec", "check", spec],
    }
    if importlib.util.find_spec("torch") is not None:
        timed['python -c "import torch"'] = [python, "-c", "import torch"]
    return timed


def main() -> None:
    """Print the table of `timing`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="times each command is run")
    parser.add_argument("--spec", default="specs/resnet.net", help="what is checked")
    arguments = parser.parse_args()
    print(table(paired(commands(arguments.spec), arguments.rounds), BASE))


if __name__ == "__main__":
    main()
