"""What should the default RGB network look at, and how should its vectors be scaled? The trial behind docs/quality.md.

    python -m benchmarks.views [--datasets weizmann ut_interaction surv_fight arid_dark] [--keep FOLDER]

Each view of the picture is tried with each scaling of the vectors, on each set alone: nearest neighbour from another
source. Windows are those of i3d-rgb; a clip's vector is the mean direction of its windows. A view costs about a minute per
set and look on two idle cores; embeddings are kept in FOLDER, so a second run costs seconds.
Needs the labelled test clips (MOTIONBOOK_CLIPS) and the weights of i3d-rgb and, for "person", of skeleton.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.pooling import encoder_for
from benchmarks.quality import clips_folder, items_of
from core import encoders, weights
from core.clips import Floats, Framing
from core.decoding import Decoder
from core.encoders import Encoder
from core.encoders.skeleton import watcher
from core.manifest import Item
from core.motion.images import lit, picture_area
from core.motion.skeleton_watching import Watcher
from core.sampling import frame_times, windows
from core.settings import Settings
from core.similarity import centre, cosines, pool, unit
from core.statistics import retrieval

Frames = NDArray[np.uint8]
SIDE_PX = 224
WHOLE = Framing(448, 448, "pad")  # room for the shorter side of a 2:1 picture at the network's own size
MARGIN = 1.3  # around the people: arms and what they hold move outside of their boxes
SHRINKAGE = 0.3  # towards the identity: fifty clips do not tell the covariance of a thousand numbers


def square(frames: Frames, x: float, y: float, side: float) -> Frames:
    """(T, 224, 224, 3): the square around (x, y), moved and shrunk to lie inside the picture."""
    height, width = frames.shape[1:3]
    side = min(side, height, width)
    left = round(min(max(x - side / 2, 0), width - side))
    top = round(min(max(y - side / 2, 0), height - side))
    cut = frames[:, top : top + round(side), left : left + round(side)]
    return np.stack([cv2.resize(frame, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA) for frame in cut])


def middle(frames: Frames) -> list[Frames]:
    height, width = frames.shape[1:3]
    return [square(frames, width / 2, height / 2, min(height, width))]


def three(frames: Frames) -> list[Frames]:
    height, width = frames.shape[1:3]
    side = min(height, width)
    places = [(side / 2, side / 2), (width / 2, height / 2), (width - side / 2, height - side / 2)]
    return [square(frames, x, y, side) for x, y in places]


def mirrored(frames: Frames) -> list[Frames]:
    (seen,) = middle(frames)
    return [seen, np.ascontiguousarray(seen[:, :, ::-1])]


@functools.cache
def people() -> Watcher:
    located = weights.fetch(encoders.spec("skeleton"), Settings.from_environment().cache)
    assert located is not None
    return watcher(located)


def person(frames: Frames) -> list[Frames]:
    """The square around everybody who is seen in a third of the frames; the middle when nobody is."""
    boxes = [found.box[:4] for moment in people().people_of(frames[::3]) for found in moment]
    if len(boxes) < len(frames) / 9:
        return middle(frames)
    low, high = np.percentile([box[:2] for box in boxes], 5, axis=0), np.percentile([box[2:] for box in boxes], 95, axis=0)
    x, y = (low + high) / 2
    return [square(frames, x, y, MARGIN * max(high - low))]


def in_light(frames: Frames) -> list[Frames]:
    return middle(lit(frames))


VIEWS: dict[str, Callable[[Frames], list[Frames]]] = {
    "middle square": middle,
    "middle square, and mirrored": mirrored,
    "three squares": three,
    "square around the people": person,
    "middle square, dark clips made light": in_light,
}


def as_is(rows: Floats) -> Floats:
    return rows


def powered(rows: Floats) -> Floats:
    return unit(np.sign(rows) * np.sqrt(np.abs(rows)))


def standardised(rows: Floats) -> Floats:
    return unit((rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-3) + 1e-9)


def whitened(rows: Floats) -> Floats:
    """Directions in which the whole set varies most count less."""
    spread = rows - rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(spread, full_matrices=False)
    variances = sizes**2 / len(rows)
    scales = 1 / np.sqrt((1 - SHRINKAGE) * variances + SHRINKAGE * variances.mean())
    return unit(((spread @ directions.T) * scales) @ directions)


SCALINGS = {"centred": as_is, "square roots, centred": powered, "standardised": standardised, "whitened": whitened}


def measured(rows: Floats, items: list[Item]) -> str:
    labels, sources = [item.label for item in items], [item.source for item in items]
    centred = centre(rows, rows.mean(axis=0))
    found = retrieval(cosines(centred, centred), labels, sources)
    return f"{found.recall_at_1:.2f} / {found.mean_average_precision:.2f}"


def embedded(view: str, items: list[Item], keep: Path) -> Floats:
    """One unit vector per clip (N, D); from ``keep`` when they are there."""
    file = keep / f"{hashlib.sha256(repr((view, [item.path.name for item in items])).encode()).hexdigest()[:16]}.npy"
    if not file.exists():
        encoder = the_encoder()
        with Decoder() as decoder:
            rows = [(item.path.as_posix(), row) for item in items for row in rows_of(view, item.path, encoder, decoder)]
        np.save(file, pool(np.stack([row for _, row in rows]), [owner for owner, _ in rows])[1])
    kept: Floats = np.load(file)
    return kept


@functools.cache
def the_encoder() -> Encoder:
    """Without the light that i3d-rgb makes for itself: here that is a view of its own."""
    spec = encoders.spec("i3d-rgb")
    return encoder_for(dataclasses.replace(spec, framing=Framing(SIDE_PX, SIDE_PX), lighten=False))


def rows_of(view: str, path: Path, encoder: Encoder, decoder: Decoder) -> Iterator[Floats]:
    spec = encoder.spec
    spans = windows(decoder.probe(path).duration_seconds, spec.sampling)
    for frames in decoder.read_windows(path, [frame_times(span, spec.frames, spec.sampling) for span in spans], WHOLE):
        top, bottom, left, right = picture_area(frames)
        looks = VIEWS[view](frames[:, top:bottom, left:right])
        yield unit(encoder.embed(np.stack(looks))).mean(axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", nargs="+", default=["weizmann", "ut_interaction", "surv_fight", "arid_dark"])
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "motionbook-views")
    chosen = parser.parse_args()
    chosen.keep.mkdir(parents=True, exist_ok=True)
    print("Each cell: R@1 / mAP, the set's mean taken away.\n")
    print(f"| view | scaling | {' | '.join(chosen.datasets)} |\n|---|---|{'---|' * len(chosen.datasets)}")
    for view in VIEWS:
        sets = [items_of(clips_folder(), dataset) for dataset in chosen.datasets]
        found = [embedded(view, items, chosen.keep) for items in sets]
        for name, scale in SCALINGS.items():
            cells = [measured(scale(rows), items) for rows, items in zip(found, sets, strict=True)]
            print(f"| {view} | {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
