"""Reads an index in a process of its own: ``python -m core.store.probing FOLDER``.

After a kill or a power cut the files of an index may hold anything, and native code that follows a wrong number in
them does not raise, it dies. Whatever dies here is a child.
"""

from __future__ import annotations

import sys
from pathlib import Path

from core.errors import LibraryDamaged, MotionbookError, WorkerDied
from core.processes import Child, write_message

PROBE_SECONDS = 60.0  # reading 100,000 vectors takes a few; a damaged graph can make a search run in circles
_PAGE = 2_000


def try_out(folder: Path) -> None:
    """Read everything in the index of ``folder`` in a child process. Raises LibraryDamaged when it fails or dies."""
    child = Child("core.store.probing", [str(folder)], quiet=True)
    try:
        answer, _ = child.receive(PROBE_SECONDS)
    except (WorkerDied, TimeoutError) as error:
        raise LibraryDamaged(f"a process that tried to read the index did not come back ({error})") from error
    finally:
        child.kill()
    if answer.get("problem"):
        raise LibraryDamaged(str(answer["problem"]))


def main(folder: Path) -> None:
    """Answer one message: what is wrong, or an empty text."""
    problem = ""
    try:
        read_everything(folder)
    except MotionbookError as error:
        problem = str(error)
    write_message(sys.stdout.buffer, {"problem": problem})


def read_everything(folder: Path) -> None:
    """Every vector, and a search of the graph from each page of them. Raises LibraryDamaged."""
    from core.store.chroma import ChromaIndex

    index = ChromaIndex(folder)
    for fingerprint in index.fingerprints():
        keys = sorted(index.keys(fingerprint))
        for start in range(0, len(keys), _PAGE):
            vectors = index.stored(fingerprint, keys[start : start + _PAGE])
            index.search(fingerprint, vectors[:: max(1, len(vectors) // 100)], 10)
    index.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
