"""The one command of the benchmarks: `python3 benchmarks/run.py --help`. `suite` does the work."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    runpy.run_module("benchmarks.suite", run_name="__main__")
