"""How results are shown, one format a file. What they are is left to `analysis`."""
