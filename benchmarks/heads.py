"""Which head, learnt from windows or from whole clips, and what choosing is worth: a few examples of each label of a library.

    python -m benchmarks.heads --library LIBRARY --encoder fused --examples 6

Draws as many positives of a label as asked for and as many negatives of other labels, the sources taking turns; teaches every
kind of head; judges by average precision on all clips of sources that were not drawn. A clip scores as its best window does.
``auto`` is the head that leaving out the drawn sources in turn chose.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core import heads, judging
from core.concepts import HEADS, Space
from core.judging import Windows
from core.settings import Settings
from core.workbench import Workbench

FEWEST_SOURCES = 5
DRAWS = 8
KINDS_OF_ROWS = ("windows", "clips")


class Gallery:
    """All windows and whole clips of a library in one encoder's space, in few coordinates."""

    def __init__(self, bench: Workbench, encoder: str) -> None:
        collection = bench.collection(encoder)
        space, fingerprint = Space(collection.mean, collection.sections), bench.fingerprint(encoder)
        windows = [bench.library.embeddings(clip.clip_id, fingerprint) for clip in collection.clips]
        placed = [space.place(one.vectors) for one in windows if one is not None]
        flat = heads.flatten(np.vstack([*placed, collection.centred])).rows
        self.owners = np.repeat(np.arange(len(placed)), [len(rows) for rows in placed])
        self.windows, self.clips = flat[: len(self.owners)], flat[len(self.owners) :]
        self.labels, self.sources = np.asarray(collection.labels), np.asarray(collection.sources)


def tasks(here: Gallery) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Labels that enough sources have: the clips that show it, and all others."""
    for label in sorted(set(here.labels)):
        own = here.labels == label
        if label and len(set(here.sources[own])) >= FEWEST_SOURCES:
            yield label, np.flatnonzero(own), np.flatnonzero(~own & (here.labels != ""))


def drawn(random: np.random.Generator, clips: np.ndarray, sources: np.ndarray, count: int) -> list[int]:
    """``count`` clips, the sources taking turns."""
    order = random.permutation(clips)
    turns: dict[str, int] = defaultdict(int)
    ranked = []
    for clip in order:
        ranked.append((turns[sources[clip]], len(ranked), int(clip)))
        turns[sources[clip]] += 1
    return [clip for _, _, clip in sorted(ranked)[:count]]


def lesson(here: Gallery, positives: Sequence[int], negatives: Sequence[int]) -> Windows:
    examples = [*positives, *negatives]
    rows = np.concatenate([np.flatnonzero(here.owners == clip) for clip in examples])
    numbers = np.concatenate([np.full((here.owners == clip).sum(), at) for at, clip in enumerate(examples)])
    return Windows(
        here.windows[rows].astype(np.float32),
        numbers,
        np.zeros((len(rows), 2)),
        np.ones(len(rows)),
        np.zeros(len(rows), bool),
        ("it",),
        (np.arange(len(examples)) < len(positives))[:, None],
        tuple(here.sources[examples]),
        tuple(str(clip) for clip in examples),
    )


def judged(here: Gallery, head: heads.Head, asked: np.ndarray, positives: np.ndarray) -> float:
    rows = np.isin(here.owners, asked)
    scores = head.scores(here.windows[rows].astype(np.float32))[:, 0]
    best = np.asarray([scores[here.owners[rows] == clip].max() for clip in asked])
    return float(judging.average_precisions(best, np.isin(asked, positives), np.ones((1, len(asked))))[0])


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reading.add_argument("--library", type=Path, required=True)
    reading.add_argument("--encoder", default="fused")
    reading.add_argument("--examples", type=int, default=6)
    reading.add_argument("--draws", type=int, default=DRAWS)
    given = reading.parse_args()
    with Workbench(Settings.from_environment(home=given.library)) as bench:
        here = Gallery(bench, given.encoder)
    random, found, labels = np.random.default_rng(0), defaultdict[tuple[str, str], list[float]](list), 0
    for _label, positives, negatives in tasks(here):
        labels += 1
        values = defaultdict[tuple[str, str], list[float]](list)
        for _ in range(given.draws):
            own_sources = len(set(here.sources[positives]))
            own = drawn(random, positives, here.sources, min(given.examples, own_sources - 2))
            other = drawn(random, negatives, here.sources, given.examples)
            taught = set(here.sources[[*own, *other]])
            asked = np.asarray([clip for clip in (*positives, *negatives) if here.sources[clip] not in taught])
            if not np.isin(asked, positives).any():
                continue
            windows = lesson(here, own, other)
            pooled = np.concatenate([here.clips[own], here.clips[other]])
            for kind in HEADS:
                fits = {
                    "windows": heads.fit(kind, windows.rows, windows.shown, windows.weights),
                    "clips": heads.fit(kind, pooled, windows.targets),
                }
                for rows, head in fits.items():
                    values[kind, rows].append(judged(here, head, asked, positives))
            split = judging.splits(windows)
            auto = judging.judge(windows, split).kind if split.tests else "prototype"
            values["auto", "windows"].append(values[auto, "windows"][-1])
        for name, each in values.items():
            found[name].append(float(np.mean(each)))
    print(f"{given.encoder}, {given.examples} and {given.examples} examples, {labels} labels, {given.draws} draws of each")
    for kind in (*HEADS, "auto"):
        told = [f"{rows} {np.mean(found[kind, rows]):.3f}" for rows in KINDS_OF_ROWS if found[kind, rows]]
        print(f"{kind:10} {', '.join(told)}")


if __name__ == "__main__":
    main()
