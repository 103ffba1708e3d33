"""Run by test_crash: adds a folder of clips as `python -m core add` does, and says what is acknowledged.

    python crashing.py HOME FOLDER

First whatever an earlier run left unfinished; only when there was nothing of that, the clips of FOLDER. A line
``ACK <clip id>`` follows each commit of the ledger that ends an item as added, and never comes before it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from core.clips import Progress
from core.manifest import expand
from tests.tiny import toy_bench


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(home: Path, folder: Path) -> None:
    with toy_bench(home) as bench:
        say("OPEN")
        for job_id in bench.unfinished() or [bench.enqueue(expand([folder], label=folder.name))]:
            told: set[str | None] = set()

            def tell(_step: Progress, job_id: int = job_id, told: set[str | None] = told) -> None:
                for item in bench.library.job_items(job_id, state="added"):
                    if item.clip_id not in told:
                        told.add(item.clip_id)
                        say(f"ACK {item.clip_id}")

            bench.run_job(job_id, on_progress=tell)
    say("DONE")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
