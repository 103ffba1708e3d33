"""What the examples of a concept scored while their own source was left out: what a threshold and a choice are judged by.

Arrays alone. A row is a window of an example, as a scan will meet it; ``by_example`` makes one row of each example's windows,
its best, because an example is found when any of its windows is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """N windows of examples, each scored by a head that never saw its source (or, of a single source, its clip).

    Args:
        classes: the names of the C classes.
        scores, targets: (N, C) the head's scores, and whether the example that a window is of shows the class.
        sources: N names that statistics must not cross.
        seconds: (N,) how much footage a row stands for: windows overlap, and these together are the examples' length.
        clip_ids: N of them.
        spans: (N, 2) start and end seconds of the windows in their clips.
        examples: (N,) the number of the example that a window is of, in the order of the lesson's.
        by_source: whether whole sources were left out; otherwise single clips, which promises too much.
    """

    classes: tuple[str, ...]
    scores: NDArray[np.float64]
    targets: NDArray[np.bool_]
    sources: tuple[str, ...]
    seconds: NDArray[np.float64]
    clip_ids: tuple[str, ...]
    spans: NDArray[np.float64]
    examples: NDArray[np.int64]
    by_source: bool = True

    def __post_init__(self) -> None:
        count, classes = len(self.sources), len(self.classes)
        shapes = (self.scores.shape, self.targets.shape, self.seconds.shape, self.spans.shape, self.examples.shape)
        if shapes != ((count, classes), (count, classes), (count,), (count, 2), (count,)) or len(self.clip_ids) != count:
            raise ValueError(f"columns of {count} windows and {classes} classes must have one row for each, not {shapes}")

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def negatives(self) -> NDArray[np.bool_]:
        """(N,) the windows of examples that show none of the classes."""
        return np.asarray(~self.targets.any(axis=1))

    def rows(self, wanted: NDArray[np.bool_] | NDArray[np.int64]) -> HeldOut:
        """Those rows alone: a mask (N,) or numbers of rows."""
        kept = np.arange(len(self))[wanted]
        return replace(
            self,
            scores=self.scores[kept],
            targets=self.targets[kept],
            sources=tuple(self.sources[row] for row in kept),
            seconds=self.seconds[kept],
            clip_ids=tuple(self.clip_ids[row] for row in kept),
            spans=self.spans[kept],
            examples=self.examples[kept],
        )

    def by_example(self) -> HeldOut:
        """One row of each example: the best score of its windows for each class, its whole footage, from first to last second."""
        numbers, firsts = np.unique(self.examples, return_index=True)
        groups = [np.flatnonzero(self.examples == number) for number in numbers]
        first = self.rows(firsts)
        return replace(
            first,
            scores=np.asarray([self.scores[group].max(axis=0) for group in groups]).reshape(first.scores.shape),
            seconds=np.asarray([self.seconds[group].sum() for group in groups]),
            spans=np.asarray([(self.spans[group, 0].min(), self.spans[group, 1].max()) for group in groups]).reshape(-1, 2),
        )
