"""How alike is a clip to a copy of itself, and how alike are clips that are no copies? What NEARLY_THE_SAME stands between.

    python -m benchmarks.duplicates [--clips 20] [--encoder i3d-rgb]

Takes clips of the library at MOTIONBOOK_HOME, one of each source, writes copies of them (compressed as usual and hard, half the
size, without their first 0.3 s, the last three at once), embeds these and prints, for the encoder and each of its parts, the raw
cosines of copies and their originals, and of the most alike clips of the library itself. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from core.clips import Clip
from core.duplicates import NEARLY_THE_SAME
from core.embedding import Embedded
from core.settings import Settings
from core.similarity import cosines
from core.workbench import Workbench

COPIES = {  # quality (H.264 CRF, higher is worse), scale, seconds cut off
    "compressed as usual": (23, 1.0, 0.0),
    "compressed hard": (35, 1.0, 0.0),
    "half the size": (23, 0.5, 0.0),
    "0.3 s cut off": (23, 1.0, 0.3),
    "the last three": (35, 0.5, 0.3),
}


def chosen(bench: Workbench, count: int) -> list[Clip]:
    """One clip of each source, spread over the sources, each long enough to be cut."""
    first: dict[str, Clip] = {}
    for clip in bench.collection().clips:
        if 1.2 <= clip.info.duration_seconds <= 6:
            first.setdefault(clip.split_source, clip)
    clips = [first[source] for source in sorted(first)]
    return [clips[round(place)] for place in np.linspace(0, len(clips) - 1, min(count, len(clips)))]


def copy(original: Path, destination: Path, crf: int, scale: float, cut_seconds: float) -> Path:
    with av.open(str(original)) as film, av.open(str(destination), "w") as out:
        source = film.streams.video[0]
        rate = source.average_rate or 25
        stream = out.add_stream("libx264", rate=rate, options={"crf": str(crf)})
        stream.width, stream.height = (max(2, round(side * scale) // 2 * 2) for side in (source.width, source.height))
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(_after(film.decode(source), cut_seconds)):
            picture = frame.reformat(stream.width, stream.height, "yuv420p")
            picture.pts, picture.time_base = number, 1 / rate
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
    return destination


def _after(frames: Iterator[av.VideoFrame], seconds: float) -> Iterator[av.VideoFrame]:
    first: float | None = None
    for frame in frames:
        at = float(frame.time or 0.0)
        first = at if first is None else first
        if at - first >= seconds:
            yield frame


def similarities(bench: Workbench, encoder: str, originals: list[Clip], copies: list[Embedded]) -> np.ndarray:
    """Raw cosine of each copy with its original, in one encoder's space."""
    collection, fingerprint = bench.collection(encoder), bench.fingerprint(encoder)
    at = {clip.clip_id: row for row, clip in enumerate(collection.clips)}
    found = []
    for clip, made in zip(originals, copies, strict=True):
        vectors = next(one.vectors for one in (made.embeddings, *made.parts) if one.fingerprint == fingerprint)
        raw, _ = collection.place(vectors, ["copy"] * len(vectors))
        found.append(float(cosines(raw, collection.raw[[at[clip.clip_id]]])[0, 0]))
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--encoder", default="i3d-rgb")
    asked = parser.parse_args()
    with Workbench(Settings.from_environment(encoder=asked.encoder)) as bench, tempfile.TemporaryDirectory() as folder:
        originals = chosen(bench, asked.clips)
        made: dict[str, list[Embedded]] = {}
        for name, how in COPIES.items():
            paths = [
                copy(bench.library.media_path(clip.clip_id), Path(folder) / f"{row}.mp4", *how)
                for row, clip in enumerate(originals)
            ]
            made[name] = [bench.embedder.submit(path, asked.encoder).result() for path in paths]
        print(f"{len(originals)} clips of as many sources, {len(bench.collection().clips)} in the library.\n")
        print(f"| encoder | copies | lowest | median | at {NEARLY_THE_SAME} or above | most alike of other clips |")
        print("|---|---|---:|---:|---:|---:|")
        for encoder in (asked.encoder, *bench.spec(asked.encoder).parts):
            raw = bench.collection(encoder).raw
            others = cosines(raw, raw)[np.triu_indices(len(raw), k=1)].max()
            for name, copies in made.items():
                found = similarities(bench, encoder, originals, copies)
                folded = int((found >= NEARLY_THE_SAME).sum())
                told = f"{found.min():.3f} | {np.median(found):.3f} | {folded} of {len(found)} | {others:.3f}"
                print(f"| {encoder} | {name} | {told} |")


if __name__ == "__main__":
    main()
