"""Writes every schema into a folder: `python -m netspec.reports.schema netspec/_schemas`."""

from __future__ import annotations

import os
import sys

from netspec.reports.schema import MODELS, file_name, schema_of
from netspec.writing import write_atomic

if __name__ == "__main__":
    for name in MODELS:
        write_atomic(os.path.join(sys.argv[1], file_name(name)), schema_of(name).encode())
