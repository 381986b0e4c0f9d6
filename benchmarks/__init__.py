"""netspec beside what does the same: `python3 benchmarks/run.py`. No part of the package."""
