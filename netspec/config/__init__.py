"""What a project decides about its checks: settings, and the baseline of what it lives with.

What rules there are is left to `lint`, which asks the settings; what a net costs to `analysis`.
"""

from netspec.config.baseline import Applied, Baseline, Entry
from netspec.config.discovery import Configuration, find, load
from netspec.config.model import Amount, Budget, InputSizes, Settings, matches, relative
from netspec.config.reading import read

__all__ = [
    "Amount",
    "Applied",
    "Baseline",
    "Budget",
    "Configuration",
    "Entry",
    "InputSizes",
    "Settings",
    "find",
    "load",
    "matches",
    "read",
    "relative",
]
