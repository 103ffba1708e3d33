"""How well does an encoder separate labelled actions? Fresh libraries, the product's own way from file to number.

    python -m benchmarks.quality [--encoder i3d-rgb] [--datasets weizmann ut_interaction ...]

Needs the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv whose column ``dataset`` names the set.
Each set becomes a library of its own, so that the mean that is taken away is that set's. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
from pathlib import Path

from core import manifest
from core.errors import NotEnoughData
from core.settings import DEFAULT_ENCODER, Settings
from core.similarity import cosines
from core.statistics import retrieval
from core.workbench import Workbench

DATASETS = ("weizmann", "ut_interaction", "surv_fight", "arid_dark")


def clips_folder() -> Path:
    folder = Path(os.environ.get("MOTIONBOOK_CLIPS") or Path(__file__).resolve().parents[2] / "shared" / "clips")
    if not (folder / "manifest.csv").is_file():
        raise SystemExit("the labelled test clips are not here: set MOTIONBOOK_CLIPS to the folder that holds their manifest.csv")
    return folder


def items_of(folder: Path, dataset: str) -> list[manifest.Item]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["dataset"] == dataset]
    return [manifest.Item(folder / row["path"], row["label"], row["group"]) for row in rows]


def measure(folder: Path, dataset: str, encoder: str) -> str:
    with tempfile.TemporaryDirectory() as home, Workbench(Settings.from_environment(home=Path(home), encoder=encoder)) as bench:
        report = bench.run_job(bench.enqueue(items_of(folder, dataset)))
        try:
            result = bench.evaluate()
        except NotEnoughData as error:
            return f"| {dataset} | {report.added} | | | | | {error} |"
        collection = bench.collection()
        raw = retrieval(cosines(collection.raw, collection.raw), collection.labels, collection.sources)
    labels = len({item.label for item in items_of(folder, dataset)})
    numbers = (
        raw.recall_at_1,
        result.recall_at_1,
        result.recall_at_5,
        result.mean_average_precision,
        result.linear_probe_accuracy,
    )
    what = f"{result.clips} of {result.sources} sources, {labels} labels"
    return f"| {dataset} | {what} | {' | '.join(f'{number:.3f}' for number in numbers)} |"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--encoder", default=DEFAULT_ENCODER)
    arguments.add_argument("--datasets", nargs="+", default=list(DATASETS))
    chosen = arguments.parse_args()
    print(f"Encoder {chosen.encoder}; nearest neighbours and probe never cross a source.\n")
    print("| set | clips | R@1 raw | R@1 centred | R@5 | mAP | linear probe |\n|---|---|---|---|---|---|---|")
    for dataset in chosen.datasets:
        print(measure(clips_folder(), dataset, chosen.encoder), flush=True)


if __name__ == "__main__":
    main()
