"""Overlapping windows of a long film: sharing convolutions against embedding window by window.

    python -m benchmarks.dense [--frames 320] [--strides 4 16] [--cuts Mixed_3c Mixed_4f] [--rounds 3] [--clips FILE ...]

Both ways run in float32 on the product's CPU engine, on the same decoded frames (one every 0.08 s, the interval of
i3d-rgb), in alternating rounds; the ratio is that of each round. Cosines compare the same windows. Without --clips it takes
the long films among the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import clips_folder, items_of
from core import encoders, weights
from core.clips import Floats
from core.decoding import Decoder
from core.encoders import Encoder
from core.encoders.dense import CUTS, DenseEncoder
from core.settings import Settings

ENCODER = "i3d-rgb"
Frames = NDArray[np.uint8]


def film(path: Path, frames: int) -> Frames:
    """(N, H, W, 3), decoded once, at the encoder's interval; at most ``frames``."""
    spec = encoders.spec(ENCODER)
    interval_seconds = spec.sampling.window_seconds / spec.frames
    with Decoder() as decoder:
        there = int(decoder.probe(path).duration_seconds / interval_seconds)
        moments = (np.arange(min(frames, there)) + 0.5) * interval_seconds
        return next(iter(decoder.read_windows(path, [moments], spec.framing)))


def naive(encoder: Encoder, frames: Frames, stride: int) -> Floats:
    length = encoder.spec.frames
    starts = range(0, len(frames) - length + 1, stride)
    return np.concatenate([encoder.embed(frames[None, start : start + length]) for start in starts])


def cosines(one: Floats, other: Floats) -> Floats:
    products: Floats = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return products


def timed(way: object, *arguments: object) -> tuple[float, Floats]:
    assert callable(way)
    began = time.perf_counter()
    found = way(*arguments)
    return time.perf_counter() - began, found


def line(name: str, frames: Frames, encoder: Encoder, dense: DenseEncoder, told: str, stride: int, rounds: int) -> str:
    shares, seconds = [], []
    for _ in range(rounds):
        plain_seconds, plain = timed(naive, encoder, frames, stride)
        dense_seconds, shared = timed(dense.embed, frames)
        shares.append(dense_seconds / plain_seconds)
        seconds.append(plain_seconds)
    overlap = f"{100 * (1 - stride / encoder.spec.frames):.1f} %"
    what = [f"{name}, {len(frames)} frames, {len(plain)} windows", overlap, told, f"{statistics.median(seconds):.1f}"]
    rows = [[*what, f"{statistics.median(shares):.3f} ({min(shares):.3f} to {max(shares):.3f})", *closeness(shared, plain)]]
    for every in (2, 4):
        drawn = [*what[:2], f"nothing: 1 of {every}, the rest interpolated", what[3], f"{1 / every:.3f}"]
        rows.append([*drawn, *closeness(interpolated(plain, every), plain)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def closeness(vectors: Floats, plain: Floats) -> list[str]:
    """Cosines as two cells. Those that are equal by construction do not count."""
    other = (vectors != plain).any(axis=1)
    mean = plain.mean(axis=0)
    near = (cosines(vectors[other], plain[other]), cosines(vectors[other] - mean, plain[other] - mean))
    return [f"{found.min():.3f} / {np.median(found):.3f}" for found in near]


def interpolated(plain: Floats, every: int) -> Floats:
    """Only every so many windows embedded, and the last; the vectors between them on straight lines."""
    known = sorted({*range(0, len(plain), every), len(plain) - 1})
    moments = np.arange(len(plain))
    columns = [np.interp(moments, known, column[known]) for column in plain.T]
    found: Floats = np.stack(columns, axis=1).astype(np.float32)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=320)
    parser.add_argument("--strides", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--cuts", nargs="+", choices=list(CUTS), default=["Mixed_3c", "Mixed_4f"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clips", nargs="+", type=Path)
    chosen = parser.parse_args()
    clips = chosen.clips or [item.path for item in items_of(clips_folder(), "long_video")]
    cache = Settings.from_environment().cache
    path = weights.fetch(encoders.spec(ENCODER), cache)
    assert path is not None
    encoder = encoders.build(ENCODER, weights=path, cache=cache, device="cpu")
    print(f"{ENCODER}, {encoder.engine}; cosines: lowest / median, plain and after the film's mean is taken away.\n")
    print("| film | overlap | shared up to | naive, seconds | share of its time | cosine | cosine, centred |")
    print("|---|---|---|---|---|---|---|", flush=True)
    films = {clip.name: film(clip, chosen.frames) for clip in clips}
    for stride in chosen.strides:
        for cut in chosen.cuts:
            dense = DenseEncoder.of(ENCODER, path, stride_frames=stride, cut=cut)
            for name, frames in films.items():
                print(line(name, frames, encoder, dense, cut, stride, chosen.rounds), flush=True)


if __name__ == "__main__":
    main()
