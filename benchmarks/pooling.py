"""Which moments, framing and pooling serve best? The trial behind the defaults of i3d-rgb in core/encoders/rows/i3d.py.

    python -m benchmarks.pooling [--datasets weizmann ut_interaction] [--keep FOLDER]

Each way of sampling is tried on each set alone: nearest neighbour from another source (raw and after the set's mean is
taken away), mean average precision and a linear probe that leaves one source out. Embeddings are kept in FOLDER, so a
second run costs seconds; the first costs about a minute per way and set on two cores.
Needs the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import clips_folder, items_of
from core import encoders, weights
from core.clips import Floats, Framing
from core.decoding import Decoder
from core.encoders import Encoder, EncoderSpec, building, registry
from core.manifest import Item
from core.sampling import Sampling, frame_times, windows
from core.settings import Settings
from core.similarity import centre, cosines, unit
from core.statistics import linear_probe, retrieval

WHOLE_CLIP_SECONDS = 1e6
FRAMINGS = {
    "whole": Framing(224, 256, "whole"),
    "crop of 256": Framing(224, 256),
    "crop of 224": Framing(224, 224),
}


@dataclass(frozen=True)
class Way:
    """One way to turn a clip into a vector. Windows overlap by half; 0 seconds mean the whole clip."""

    framing: str
    frames: int
    window_seconds: float
    short: str = "stretch"
    flip: bool = False

    def spec(self) -> EncoderSpec:
        seconds = self.window_seconds or WHOLE_CLIP_SECONDS
        sampling = Sampling(seconds, seconds / 2, short=self.short)
        return dataclasses.replace(
            encoders.spec("i3d-rgb"), frames=self.frames, sampling=sampling, framing=FRAMINGS[self.framing]
        )

    def __str__(self) -> str:
        window = f"{self.window_seconds} s" if self.window_seconds else "whole clip"
        marks = [f"short: {self.short}"] * (self.short != "stretch") + ["and mirrored"] * self.flip
        return ", ".join([self.framing, f"T = {self.frames}", window, *marks])


WAYS = (
    Way("whole", 16, 0),
    Way("whole", 32, 0),
    Way("whole", 64, 0),
    Way("whole", 16, 1.28),
    Way("whole", 32, 2.56),
    Way("whole", 64, 2.56),
    Way("whole", 32, 2.56, flip=True),
    Way("crop of 256", 32, 2.56),
    Way("crop of 224", 32, 2.56),
    Way("crop of 224", 32, 2.56, short="loop"),
    Way("crop of 224", 32, 2.56, short="hold"),
    Way("crop of 224", 32, 2.56, flip=True),
)
POOLINGS = ("mean of unit vectors", "mean", "maximum")


def pooled(vectors: Floats, owners: NDArray[np.int64], pooling: str) -> Floats:
    """One unit vector per clip (N, D)."""
    parts = [vectors[owners == clip] for clip in range(owners.max() + 1)]
    if pooling == "maximum":
        return unit(np.stack([part.max(axis=0) for part in parts]))
    if pooling == "mean":
        return unit(np.stack([part.mean(axis=0) for part in parts]))
    return unit(np.stack([unit(part).mean(axis=0) for part in parts]))


def measured(rows: Floats, items: list[Item]) -> str:
    labels, sources = [item.label for item in items], [item.source for item in items]
    centred = centre(rows, rows.mean(axis=0))
    raw = retrieval(cosines(rows, rows), labels, sources)
    found = retrieval(cosines(centred, centred), labels, sources)
    numbers = (
        raw.recall_at_1,
        found.recall_at_1,
        found.mean_average_precision,
        linear_probe(centred, labels, sources),
    )
    return " / ".join(f"{number:.2f}" for number in numbers)


def embedded(way: Way, items: list[Item], keep: Path) -> tuple[Floats, NDArray[np.int64]]:
    """Vectors (N, D) of all windows of all clips and, for each, the index of its clip; from ``keep`` when they are there."""
    told = repr((way, [item.path.name for item in items]))
    file = keep / f"{hashlib.sha256(told.encode()).hexdigest()[:16]}.npz"
    if not file.exists():
        encoder = encoder_for(way.spec())
        with Decoder() as decoder:
            rows = [(index, row) for index, item in enumerate(items) for row in rows_of(way, item.path, encoder, decoder)]
        np.savez(file, vectors=np.stack([row for _, row in rows]), owners=np.array([index for index, _ in rows]))
    with np.load(file) as kept:
        return kept["vectors"], kept["owners"]


def encoder_for(spec: EncoderSpec) -> Encoder:
    """I3D with the real weights and the sampling of the trial, as the product would run it on a CPU."""
    cache = Settings.from_environment().cache
    path = weights.fetch(encoders.spec(spec.name), cache)
    assert path is not None
    row = dataclasses.replace(registry.row(spec.name), spec=spec)
    return building.with_weights(row, path, cache / "engines" / "trials", "cpu")


def rows_of(way: Way, path: Path, encoder: Encoder, decoder: Decoder) -> Iterator[Floats]:
    spec = encoder.spec
    spans = windows(decoder.probe(path).duration_seconds, spec.sampling)
    for frames in decoder.read_windows(path, [frame_times(span, spec.frames, spec.sampling) for span in spans], spec.framing):
        row = encoder.embed(frames[None])[0]
        yield row + encoder.embed(frames[None, :, :, ::-1].copy())[0] if way.flip else row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", nargs="+", default=["weizmann", "ut_interaction"])
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "motionbook-pooling")
    chosen = parser.parse_args()
    chosen.keep.mkdir(parents=True, exist_ok=True)
    print("Each cell: R@1 raw / R@1 centred / mAP centred / linear probe.\n")
    print(f"| sampling | pooling | {' | '.join(chosen.datasets)} |\n|---|---|{'---|' * len(chosen.datasets)}")
    for way in WAYS:
        sets = [items_of(clips_folder(), dataset) for dataset in chosen.datasets]
        found = [embedded(way, items, chosen.keep) for items in sets]
        for pooling in POOLINGS if way.window_seconds else POOLINGS[:1]:
            cells = [measured(pooled(*pair, pooling), items) for pair, items in zip(found, sets, strict=True)]
            print(f"| {way} | {pooling} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
