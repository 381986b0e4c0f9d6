"""`python -m netspec.reports.schema NAME…` prints schemas, for the files that are kept of them.

What they say is left to the models.
"""

from __future__ import annotations

import sys

from netspec.reports.schema import MODELS, schema_of


def main(names: list[str]) -> int:
    """Print a schema for each name; 2 where one is none."""
    unknown = [name for name in names if name not in MODELS]
    if unknown or not names:
        what = f"there is no schema {unknown[0]}" if unknown else "a schema is named"
        sys.stderr.write(f"{what}; there are {', '.join(MODELS)}\n")
        return 2
    for name in names:
        sys.stdout.write(schema_of(name))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
