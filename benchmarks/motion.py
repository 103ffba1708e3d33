"""Streams that see motion, side by side: the encoders themselves, how much each stream should count, and what was tried and lost.

    python -m benchmarks.motion [--encoders skeleton ...] [--sets weizmann ...]
    python -m benchmarks.motion --weights
    python -m benchmarks.motion --candidates

Needs the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv. Each set becomes a library of its own, so that the
mean that is taken away is that set's; nearest neighbours never cross a source. Prints Markdown.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import flow_candidates, skeleton_candidates
from benchmarks.quality import clips_folder, items_of
from core import manifest
from core.clips import Floats
from core.settings import Settings
from core.similarity import centre, cosines
from core.statistics import Retrieval, retrieval
from core.workbench import Workbench

ENCODERS = ("i3d-rgb", "flow", "skeleton", "two-stream", "fused")
STREAMS = ("i3d-rgb", "flow", "skeleton")
SETS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "weizmann": (("weizmann", ()),),
    "ut_interaction": (("ut_interaction", ()),),
    "arid_dark": (("arid_dark", ()),),
    "surv_fight": (("surv_fight", ()),),
    "kth+web": (("kth", ("running", "walking", "jogging")), ("web_mixed", ("running", "walking", "jogging"))),
}
"""Sets to judge by: of each folder the labels named, or all."""
STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
"""Weights that are tried for flow and skeleton; RGB counts 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A set in one encoder's space: ``raw`` and ``centred`` are (N, D) unit rows; cost in CPU seconds a clip, all processes."""

    raw: Floats
    centred: Floats
    labels: list[str]
    sources: list[str]
    cpu_seconds: float


def items(folder: Path, name: str) -> list[manifest.Item]:
    return [item for part, labels in SETS[name] for item in items_of(folder, part) if not labels or item.label in labels]


def embed(wanted: Sequence[manifest.Item], encoder: str) -> Embedded:
    """A fresh library of ``wanted``, the product's own way from file to vector. Clips come in the order of their paths."""
    before = _cpu_seconds()
    with tempfile.TemporaryDirectory() as home, Workbench(Settings.from_environment(home=Path(home), encoder=encoder)) as bench:
        bench.run_job(bench.enqueue(list(wanted)))
        collection = bench.collection()
    order = sorted(range(len(collection.clips)), key=lambda row: collection.clips[row].clip_id)
    return Embedded(
        collection.raw[order],
        collection.centred[order],
        [collection.labels[row] for row in order],
        [collection.sources[row] for row in order],
        (_cpu_seconds() - before) / max(len(order), 1),
    )


def _cpu_seconds() -> float:
    return sum(
        used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def judge(similarity: np.ndarray, of: Embedded) -> Retrieval:
    return retrieval(similarity, of.labels, of.sources)


def print_encoders(folder: Path, sets: Sequence[str], encoders: Sequence[str]) -> None:
    print("| set | encoder | R@1 raw | R@1 centred | R@5 | mAP | CPU s a clip |\n|---|---|---|---|---|---|---|")
    for name, encoder in itertools.product(sets, encoders):
        found = embed(items(folder, name), encoder)
        raw, centred = (judge(cosines(rows, rows), found) for rows in (found.raw, found.centred))
        numbers = (raw.recall_at_1, centred.recall_at_1, centred.recall_at_5, centred.mean_average_precision)
        cells = " | ".join(f"{number:.3f}" for number in numbers)
        print(f"| {name} | {encoder} | {cells} | {found.cpu_seconds:.1f} |", flush=True)


def print_candidates(folder: Path, sets: Sequence[str]) -> None:
    print("| set | candidate | R@1 raw | R@1 centred | R@1 z-scored | mAP centred |\n|---|---|---|---|---|---|")
    for name in sets:
        wanted = items(folder, name)
        labels, sources = [item.label for item in wanted], [item.source for item in wanted]
        for candidate, vectors in (skeleton_candidates.embed(wanted) | flow_candidates.embed(wanted)).items():
            rows = (vectors, centre(vectors, vectors.mean(axis=0)), skeleton_candidates.standardised(vectors))
            found = [retrieval(cosines(each, each), labels, sources) for each in rows]
            cells = " | ".join(f"{one.recall_at_1:.3f}" for one in found)
            print(f"| {name} | {candidate} | {cells} | {found[1].mean_average_precision:.3f} |", flush=True)


def print_weights(folder: Path, sets: Sequence[str]) -> None:
    """For each set the weights that the *other* sets choose, and what they give on it."""
    found = {name: {stream: embed(items(folder, name), stream) for stream in STREAMS} for name in sets}
    for flow_only, title in ((True, "two-stream"), (False, "fused")):
        print(
            f"\n| {title}: set left out | weights the others choose | R@1 RGB | R@1 | mAP RGB | mAP |\n|---|---|---|---|---|---|"
        )
        for name in sets:
            weights = choose({other: streams for other, streams in found.items() if other != name}, flow_only)
            rgb, fused = fuse(found[name], (1.0, 0.0, 0.0)), fuse(found[name], weights)
            numbers = (rgb.recall_at_1, fused.recall_at_1, rgb.mean_average_precision, fused.mean_average_precision)
            print(f"| {name} | {weights} | {' | '.join(f'{number:.3f}' for number in numbers)} |", flush=True)
        print(f"\nAll sets together choose {choose(found, flow_only)}.")


def fuse(streams: Mapping[str, Embedded], weights: Sequence[float]) -> Retrieval:
    """As a joined encoder does: the weighted mean of the streams' centred cosines."""
    rows = [streams[stream].centred for stream in STREAMS]
    total = np.sum([weight * cosines(each, each) for weight, each in zip(weights, rows, strict=True)], axis=0)
    return judge(total, streams["i3d-rgb"])


def choose(found: Mapping[str, Mapping[str, Embedded]], flow_only: bool) -> tuple[float, float, float]:
    """Weights of RGB, flow and skeleton with which no set loses to RGB in R@1, or as little as possible; of these, the ones of
    the largest mean gain in R@1 and mean average precision together.
    """
    tried = [(1.0, flow, skeleton) for flow in STEPS for skeleton in ((0.0,) if flow_only else STEPS)]
    alone = {name: _worth(fuse(streams, (1.0, 0.0, 0.0))) for name, streams in found.items()}

    def gains(weights: tuple[float, float, float]) -> tuple[float, float]:
        each = np.array([_worth(fuse(streams, weights)) for streams in found.values()]) - np.array(list(alone.values()))
        return round(min(0.0, float(each[:, 0].min())), 4), float(each.sum(axis=1).mean())

    return max(tried, key=gains)


def _worth(found: Retrieval) -> tuple[float, float]:
    return found.recall_at_1, found.mean_average_precision


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--encoders", nargs="+", default=list(ENCODERS))
    arguments.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    arguments.add_argument("--weights", action="store_true")
    arguments.add_argument("--candidates", action="store_true")
    chosen = arguments.parse_args()
    if chosen.candidates:
        print_candidates(clips_folder(), chosen.sets)
    elif chosen.weights:
        print_weights(clips_folder(), chosen.sets)
    else:
        print_encoders(clips_folder(), chosen.sets, chosen.encoders)


if __name__ == "__main__":
    main()
