"""`python -m netspec`. What it does is left to `start`."""

import sys

from netspec.start import main

if __name__ == "__main__":
    sys.exit(main())
