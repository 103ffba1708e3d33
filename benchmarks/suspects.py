"""How good are suggested label errors? Labels of a library are exchanged at random, and the suggestions looked at.

    MOTIONBOOK_HOME=LIBRARY python -m benchmarks.suspects [--encoder i3d-rgb fused] [--seeds 20]

A share of the labelled clips gets another label of the library, drawn at random; only clips that can be judged count (their new
label and their old one stand in another source too). Per seed: how many suggestions, which share of them were exchanged clips
(precision), which share of the exchanged clips were suggested (recall), how often the suggested label is the true one, and the
precision among the first as many suggestions as there were exchanged clips. Only those with margins above the least one count.
The labels as they came are taken for right, and some are not, or are two names of one action: precision is a lower bound.
A plain vote of the 10 nearest clips stands beside it.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from core.settings import Settings
from core.similarity import cosines, different
from core.suspects import by_label
from core.workbench import Workbench

MARGINS = (0.0, 0.05, 0.1, 0.2, 0.3)


def by_class(alike: np.ndarray, labels: list[str]) -> tuple[np.ndarray, list[str]]:
    own, other, names = by_label(alike, labels, labels)
    return np.where(np.isfinite(own), other - own, -np.inf), names


def by_vote(alike: np.ndarray, labels: list[str]) -> tuple[np.ndarray, list[str]]:
    margins, names = np.full(len(labels), -np.inf), list(labels)
    for row, label in enumerate(labels):
        near = [labels[at] for at in np.argsort(-alike[row], kind="stable")[:10] if np.isfinite(alike[row, at])]
        votes = Counter(near)
        own = votes.pop(label, 0)
        if votes and any(label == other and np.isfinite(alike[row, at]) for at, other in enumerate(labels)):
            names[row], best = max(votes.items(), key=lambda item: item[1])
            margins[row] = (best - own) / len(near)
    return margins, names


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--encoder", nargs="+", default=["i3d-rgb", "fused"])
    arguments.add_argument("--seeds", type=int, default=20)
    asked = arguments.parse_args()
    with Workbench(Settings.from_environment()) as bench:
        print("| encoder | exchanged | way | margin above | suggested | precision | recall | right label | first as many |")
        print("|---|---:|---|---:|---:|---:|---:|---:|---:|")
        for encoder in asked.encoder:
            collection = bench.collection(encoder)
            kept = [row for row, clip in enumerate(collection.clips) if clip.label]
            truth, sources = [collection.labels[row] for row in kept], [collection.sources[row] for row in kept]
            alike = np.where(different(sources, sources), cosines(*2 * (collection.centred[kept],)), -np.inf)
            for share in (0.05, 0.1):
                for way, ask, margins in (("nearest of each label", by_class, MARGINS), ("vote of 10", by_vote, (0.0,))):
                    for margin in margins:
                        rows = np.asarray([trial(alike, truth, sources, share, seed, ask, margin) for seed in range(asked.seeds)])
                        told = " | ".join(f"{value:.2f}" for value in np.nanmean(rows[:, 1:], axis=0))
                        print(f"| {encoder} | {share:.0%} | {way} | {margin:g} | {rows[:, 0].mean():.0f} | {told} |", flush=True)


def trial(alike, truth, sources, share, seed, ask, margin) -> tuple[float, ...]:
    """Suggested, precision, recall, right label, precision among the first as many as there were exchanged."""
    random, labels, names = np.random.default_rng(seed), list(truth), sorted(set(truth))
    shared = {name for name in names if len({s for s, label in zip(sources, truth, strict=True) if label == name}) > 1}
    wanted = [row for row, label in enumerate(truth) if label in shared]
    exchanged = random.choice(wanted, round(share * len(wanted)), replace=False)
    for row in exchanged:
        labels[row] = str(random.choice([name for name in sorted(shared) if name != truth[row]]))
    margins, suggested = ask(alike, labels)
    wrong = np.zeros(len(labels), bool)
    wrong[exchanged] = True
    picked, order = margins > margin, np.argsort(-margins, kind="stable")
    right = [suggested[row] == truth[row] for row in exchanged if picked[row]]
    return (
        float(picked.sum()),
        float(wrong[picked].mean()) if picked.any() else np.nan,
        float(picked[exchanged].mean()),
        float(np.mean(right)) if right else np.nan,
        float(wrong[order[: len(exchanged)]].mean()),
    )


if __name__ == "__main__":
    main()
