"""One run of the checker over files and folders, for the command line and for programs.

What is read, judged and fixed is left to `run`; what the command line asks for beside the
configuration to `wishes`, which configuration and baseline hold for a file to `projects`. How the
verdicts on files are come by is left to `verdicts`: kept ones, or in several processes.
"""

from netspec.session.means import Lost, Means
from netspec.session.run import Outcome, Session
from netspec.session.wishes import Wishes

__all__ = ["Lost", "Means", "Outcome", "Session", "Wishes"]
