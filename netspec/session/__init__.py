"""One run of the checker over files and folders, for the command line and for programs.

What is read, judged and fixed is left to `run`; what the command line asks for beside the
configuration to `wishes`, which configuration and baseline hold for a file to `projects`.
"""

from netspec.session.run import Outcome, Session
from netspec.session.wishes import Wishes

__all__ = ["Outcome", "Session", "Wishes"]
