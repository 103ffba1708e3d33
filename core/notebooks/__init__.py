"""Notebooks: cells that keep a question with its answer, ask it again, say what changed, and leave as files.

asking     question -> answer, both JSON, by kind of cell
running    cells of one notebook, kept in the ledger
changes    an answer against the one before it
drawing    answer -> figure
prose      Markdown -> safe HTML
carrying   a notebook as a file: webpage (HTML), jupyter (.ipynb), tables (CSV), JSON there and back
films      the small films in such files
"""

from core.notebooks.asking import ASKERS, KIND_NAMES, ask, compared, searched
from core.notebooks.carrying import FORMS, as_json, content, read, take_in
from core.notebooks.changes import changes
from core.notebooks.drawing import alt, enlarged, figure, picture, sheet
from core.notebooks.films import spots
from core.notebooks.jupyter import ipynb_of, numbers_text
from core.notebooks.prose import html_of
from core.notebooks.question import Report, Stop
from core.notebooks.running import SLOW, pin, run, runnable, shown, stale
from core.notebooks.tables import csv_of
from core.notebooks.webpage import estimated_bytes, html_page
from core.notebooks.wording import stamp

__all__ = [
    "ASKERS",
    "FORMS",
    "KIND_NAMES",
    "SLOW",
    "Report",
    "Stop",
    "alt",
    "as_json",
    "ask",
    "changes",
    "compared",
    "content",
    "csv_of",
    "enlarged",
    "estimated_bytes",
    "figure",
    "html_of",
    "html_page",
    "ipynb_of",
    "numbers_text",
    "picture",
    "pin",
    "read",
    "run",
    "runnable",
    "searched",
    "sheet",
    "shown",
    "spots",
    "stale",
    "stamp",
    "take_in",
]
