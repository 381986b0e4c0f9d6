"""`python -m netspec`. What it does is left to `cli`."""

import sys

from netspec.cli import main

if __name__ == "__main__":
    sys.exit(main())
