"""The benchmarks' own code, which runs on Python alone: environments, timing, tables, a plot."""
