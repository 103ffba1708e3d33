"""The store: one library on disk. What is named here is its face; nothing else in it is for other rooms.

    library/
    ├── lock             held by the one process that has the library open; its content is that process's id
    ├── ledger.sqlite    the truth: clips, embeddings, jobs, comparisons, notebooks, maps, notes (with -wal and -shm while open)
    ├── media/ab/ab...   each file once, under its sha256
    ├── derived/         <clip id>.jpg and .mp4: thumbnails and browser copies; <clip id>.<what>: what was worked out of it
    ├── incoming/        uploads that a job has not taken in yet
    ├── temp/            files being written; emptied whenever the library opens
    └── index/           generations of the nearest-neighbour cache; CURRENT names the one in use

Importing it does not import chromadb: that happens when an index is first used.
"""

from core.store.clip_rows import Labelling
from core.store.comparisons import Comparison
from core.store.concepts import KeptConcept
from core.store.embedding_rows import StoredEncoder
from core.store.job_book import Job, JobItem
from core.store.library import INDEXES, Library
from core.store.media import StoredMedia
from core.store.notebook_rows import Cell, Notebook, NotebookEntry
from core.store.projections import Projections, StoredProjection
from core.store.repair import RepairReport
from core.store.rules import Rules, StoredFiring, StoredRule
from core.store.scans import Scan, ScanItem, Scans

__all__ = [
    "INDEXES",
    "Cell",
    "Comparison",
    "Job",
    "JobItem",
    "KeptConcept",
    "Labelling",
    "Library",
    "Notebook",
    "NotebookEntry",
    "Projections",
    "RepairReport",
    "Rules",
    "Scan",
    "ScanItem",
    "Scans",
    "StoredEncoder",
    "StoredFiring",
    "StoredMedia",
    "StoredProjection",
    "StoredRule",
]
