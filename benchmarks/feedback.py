"""Is a list better after one round of "more like this, not this"? Labelled clips look for their own action among other sources.

    python -m benchmarks.feedback [--encoder fused] [--shown 10]

Takes the library at MOTIONBOOK_HOME. Each clip whose action is filmed by others too searches with its own source hidden. Of the
first ``shown`` matches somebody says "more" to at most three of the same label and "not this" to at most three others, best
first. What was judged is then taken out of both lists (the residual collection of Salton and Buckley 1990), so that the round
cannot be praised for repeating what it was told: precision@10 of what nobody has seen yet, before and after. Beside it the whole
lists, as somebody sees them. The interval draws sources anew, 2,000 times. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.clips import Clip
from core.queries import Query
from core.searching import Found, Search, Searcher
from core.settings import Settings
from core.workbench import Workbench

MOST_JUDGED = 3
DRAWS = 2000


def precision(found: Sequence[Found], label: str, at: int = 10) -> float:
    return sum(one.clip.label == label for one in found[:at]) / at


def judged(found: Sequence[Found], label: str, shown: int) -> tuple[tuple[Query, ...], tuple[Query, ...]]:
    liked = [one.query for one in found[:shown] if one.clip.label == label]
    others = [one.query for one in found[:shown] if one.clip.label != label]
    return tuple(liked[:MOST_JUDGED]), tuple(others[:MOST_JUDGED])


def one_round(searcher: Searcher, clip: Clip, shown: int) -> dict[str, tuple[float, float]]:
    """Precision@10 before and after, by what was said and how it is counted."""
    first = Search((Query("clip", clip.clip_id),), own="hide", fold=False, top=500)
    before = searcher.find(first).matches
    liked, others = judged(before, clip.label, shown)
    told: dict[str, tuple[float, float]] = {}
    for name, more, less in (("more", liked, ()), ("not this", (), others), ("both", liked, others)):
        after = searcher.find(replace(first, more=more, less=less)).matches
        seen = {query.value for query in (*more, *less)}
        residual = [[one for one in found if one.clip.clip_id not in seen] for found in (before, after)]
        told[f"{name}, unseen"] = (precision(residual[0], clip.label), precision(residual[1], clip.label))
        told[f"{name}, whole list"] = (precision(before, clip.label), precision(after, clip.label))
    return told


def interval(gains: np.ndarray, sources: Sequence[str]) -> tuple[float, float]:
    """95 % of the mean gain, whole sources drawn anew."""
    groups = [np.flatnonzero(np.array(sources) == source) for source in sorted(set(sources))]
    chance = np.random.default_rng(0)
    means = [
        gains[np.concatenate([groups[pick] for pick in chance.integers(0, len(groups), len(groups))])].mean()
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="fused")
    parser.add_argument("--shown", type=int, default=10)
    asked = parser.parse_args()
    with Workbench(Settings.from_environment(encoder=asked.encoder)) as bench:
        clips = bench.collection().clips
        sources = Counter((clip.label, clip.split_source) for clip in clips if clip.label)
        labels = Counter(label for label, _ in sources)
        asking = [clip for clip in clips if clip.label and labels[clip.label] > 1]
        searcher = Searcher(bench)
        rounds = [one_round(searcher, clip, asked.shown) for clip in asking]
    print(f"{asked.encoder}: {len(asking)} of {len(clips)} clips ask; their action is filmed from another source too.\n")
    print("| said | precision@10 before | after | gain | 95 % | better / worse |")
    print("|---|---:|---:|---:|---|---:|")
    for name in rounds[0]:
        before, after = np.array([one[name] for one in rounds]).T
        gains = after - before
        low, high = interval(gains, [clip.split_source for clip in asking])
        counts = f"{int((gains > 0).sum())} / {int((gains < 0).sum())}"
        print(
            f"| {name} | {before.mean():.3f} | {after.mean():.3f} | {gains.mean():+.3f} | {low:+.3f} to {high:+.3f} | {counts} |"
        )


if __name__ == "__main__":
    main()
