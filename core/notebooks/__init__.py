"""Notebooks: cells that keep a question with its answer, ask it again, say what changed, and leave as files.

asking     question -> answer, both JSON, by kind of cell
running    cells of one notebook, kept in the ledger
changes    an answer against the one before it
drawing    answer -> figure
"""

from core.notebooks.asking import ASKERS, KIND_NAMES, Report, Stop, ask
from core.notebooks.changes import changes
from core.notebooks.drawing import alt, enlarged, figure
from core.notebooks.prose import html_of
from core.notebooks.running import SLOW, pin, run, runnable, shown, stale
from core.notebooks.wording import stamp

__all__ = [
    "ASKERS",
    "KIND_NAMES",
    "SLOW",
    "Report",
    "Stop",
    "alt",
    "ask",
    "changes",
    "enlarged",
    "figure",
    "html_of",
    "pin",
    "run",
    "runnable",
    "shown",
    "stale",
    "stamp",
]
