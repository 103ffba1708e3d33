"""Run by test_kills: adds clips to a library for ever, with an index that persists as often as Chroma allows.

    python upserting.py HOME

Prints the id of each clip once the library has acknowledged it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from core.store import Library, keeper, library
from core.store.chroma import ChromaIndex
from tests.core.store.conftest import Maker

OFTEN = {"batch_size": 20, "sync_threshold": 40}


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(home: Path) -> None:
    library.ChromaIndex = lambda folder: ChromaIndex(folder, hnsw=OFTEN)  # type: ignore[misc, assignment]
    keeper.LATE_VECTORS = 40
    with Library.open(home) as opened:
        maker = Maker(home.parent / "takes", seed=np.random.SeedSequence().entropy)  # type: ignore[arg-type]
        say("ready")
        while True:
            say(maker.add(opened, 40, path=maker.file(200)))


main(Path(sys.argv[1]))
