"""What a project decides about its checks: settings, and the baseline of what it lives with.

What rules there are is left to `lint`, which asks the settings; what a net costs to `analysis`.
`baseline` and `reading` are imported where there is something to read: most runs have neither.
"""

from netspec.config.discovery import Configuration, find, load
from netspec.config.model import Amount, Budget, InputSizes, Settings, matches, relative

__all__ = [
    "Amount",
    "Budget",
    "Configuration",
    "InputSizes",
    "Settings",
    "find",
    "load",
    "matches",
    "relative",
]
