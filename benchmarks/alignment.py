"""How exactly do windows of which length and stream find the same moment in two films? The trial behind core/timelines.py.

    python -m benchmarks.alignment [--keep FOLDER] [--encoders i3d-rgb skeleton flow] [--windows 0.64 1.28 2.56]

A stretch of a real clip is laid along itself after it was re-timed (a half at 0.7 of its speed, a half at 1.4), cut to its
middle nine tenths and made lighter: the true moment of each is known. The same with two repetitions of one exercise by the same
people, of which a person has noted the moments that correspond (REPETITIONS). Told are the median and the 90th percentile of how
far, in seconds, the path lies from the truth. Vectors are kept in FOLDER; the first run takes minutes per encoder.
Needs the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import clips_folder
from core.alignment import align, follow, seconds
from core.clips import Floats, Framing, Window
from core.decoding import Decoder
from core.decoding.writing import write_mp4
from core.embedding import WorkerEmbedder
from core.settings import Settings
from core.similarity import centre, cosines, unit

STRIDE_SECONDS = 0.25
SPEEDS = (0.7, 1.4)
FPS = 25
SIDE_PX = 384
EXERCISE = "long_video/mixed_exercise/felixchenfy__exercise.avi"
STRETCHES = (
    (EXERCISE, 17.0, 27.0),
    ("kth/boxing/sudchaudhary__boxing.avi", 0.0, 6.0),
    ("web_mixed/running/omartarek198__running.mp4", 0.0, 6.5),
    ("weizmann/bend/daria_bend.avi", 0.0, 2.9),
    ("weizmann/jack/daria_jack.avi", 0.0, 3.4),
)
"""Clip, first and last second: exercises, blows, a run, and actions as short as a window."""
REPETITIONS = (
    (EXERCISE, (8.0, 14.0), (17.5, 23.5), ((8.9, 18.4), (10.15, 19.6), (11.45, 20.9), (12.6, 22.1))),
)  # fmt: skip
"""Clip, two ranges of it, and the moments at which the same lunge is deepest, read off the pictures to a tenth of a second."""


@dataclass(frozen=True)
class Trial:
    """Two spans of two files and moments that correspond: ``truth`` (M, 2) seconds."""

    name: str
    files: tuple[Path, Path]
    spans: tuple[tuple[float, float], tuple[float, float]]
    truth: NDArray[np.float64]


def retimed(path: Path, span: tuple[float, float], destination: Path) -> NDArray[np.float64]:
    """Write ``span`` of a film at two speeds, cut and lighter; (M, 2) moments of the film and of what was written."""
    first, last = span
    middle = (first + last) / 2
    ends = np.cumsum([0.0, (middle - first) / SPEEDS[0], (last - middle) / SPEEDS[1]])
    times = (np.arange(int(ends[-1] * FPS)) + 0.5) / FPS
    origin = np.interp(times, ends, (first, middle, last))
    with Decoder() as decoder:
        frames = np.concatenate(list(decoder.read_windows(path, [origin], Framing(SIDE_PX, SIDE_PX, "pad"))))
    margin = SIDE_PX // 40 * 2
    lighter = np.minimum(frames[:, margin:-margin, margin:-margin].astype(np.int16) + 20, 255).astype(np.uint8)
    write_mp4(destination, lighter, FPS)
    return np.stack([origin, times], axis=1)


def trials(clips: Path, folder: Path) -> Iterator[Trial]:
    for name, first, last in STRETCHES:
        path = clips / name
        copy = folder / f"{hashlib.sha256(f'{name} {first} {last}'.encode()).hexdigest()[:12]}.mp4"
        truth = retimed(path, (first, last), copy)
        yield Trial(f"{path.stem} re-timed", (path, copy), ((first, last), (0.0, float(truth[-1, 1]))), truth)
    for name, one, other, pairs in REPETITIONS:
        path = clips / name
        yield Trial(f"{path.stem} repeated", (path, path), (one, other), np.array(pairs))


def windows(span: tuple[float, float], window_seconds: float) -> list[Window]:
    """As many as fit, STRIDE_SECONDS apart; a window longer than the span shrinks to half of it."""
    length = min(window_seconds, (span[1] - span[0]) / 2)
    return [Window(start, start + length) for start in np.arange(span[0], span[1] - length + 1e-6, STRIDE_SECONDS)]


class Vectors:
    """Window vectors, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._embedder = folder, WorkerEmbedder(Settings.from_environment())

    def of(self, path: Path, encoder: str, chosen: list[Window]) -> Floats:
        question = f"{path.name} {encoder} {[(one.start_seconds, one.end_seconds) for one in chosen]}"
        kept = self._folder / f"{hashlib.sha256(question.encode()).hexdigest()[:16]}.npy"
        if not kept.exists():
            np.save(kept, self._embedder.vary(path, encoder, chosen).result().vectors[:, 0])
        return np.asarray(np.load(kept), np.float32)

    def close(self) -> None:
        self._embedder.close()


def centred(a: Floats, b: Floats, how: str) -> tuple[Floats, Floats]:
    """ "own": each minus its own mean; "both": minus the mean of both; "raw": as they are."""
    a, b = unit(a), unit(b)
    if how == "raw":
        return a, b
    means = (a.mean(axis=0), b.mean(axis=0)) if how == "own" else (np.concatenate([a, b]).mean(axis=0),) * 2
    return centre(a, means[0]), centre(b, means[1])


def errors(
    trial: Trial, tables: tuple[Floats, Floats], chosen: tuple[list[Window], list[Window]], how: str
) -> NDArray[np.float64]:
    middles = [np.array([(one.start_seconds + one.end_seconds) / 2 for one in side]) for side in chosen]
    knots = seconds(align(cosines(*centred(*tables, how))), *middles)
    inside = (trial.truth[:, 0] >= knots[0, 0]) & (trial.truth[:, 0] <= knots[-1, 0])
    truth = trial.truth[inside]
    return np.abs(follow(knots, truth[:, 0]) - truth[:, 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--encoders", nargs="+", default=["i3d-rgb", "skeleton", "flow"])
    parser.add_argument("--windows", nargs="+", type=float, default=[0.64, 1.28, 2.56])
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    vectors, everything = Vectors(folder), list(trials(clips_folder(), folder))
    print("| encoder | window | centred | median s | 90 % s | " + " | ".join(trial.name for trial in everything) + " |")
    for encoder in asked.encoders:
        for length in asked.windows:
            found: dict[str, list[NDArray[np.float64]]] = {"own": [], "both": [], "raw": []}
            for trial in everything:
                chosen = (windows(trial.spans[0], length), windows(trial.spans[1], length))
                tables = tuple(vectors.of(file, encoder, side) for file, side in zip(trial.files, chosen, strict=True))
                for how, told in found.items():
                    told.append(errors(trial, (tables[0], tables[1]), chosen, how))
            for how, told in found.items():
                every, each = np.concatenate(told), [f"{np.median(one):.2f}" for one in told]
                summary = f"{np.median(every):.2f} | {np.percentile(every, 90):.2f}"
                print(f"| {encoder} | {length:g} | {how} | {summary} | {' | '.join(each)} |", flush=True)
    vectors.close()


if __name__ == "__main__":
    main()
