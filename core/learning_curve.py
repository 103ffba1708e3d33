"""How good a concept is with fewer examples than it has, and what more would give: its learning curve.

The error (1 - average precision on sources left out) of learners falls about as a power of the number of examples (Cortes et al.
1994; Hestness et al. 2017): a line through the logarithms says what twice as many would give. Where the measured errors do not
fall, nothing is predicted, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import judging
from core.augmenting import Augmenter
from core.clips import Progress
from core.errors import BadInput, Cancelled
from core.heads import Flat, fit, flatten
from core.judging import Windows
from core.lessons import AUTO, Lesson, material
from core.workbench import Workbench

REPEATS = 8  # random choices of examples of each size
SHARES = (0.25, 0.375, 0.5, 0.75, 1.0)
"""Of the examples that there are."""
LEAST_ERROR = 0.01  # a smaller error is not told apart from none by so few examples
LEAST_SLOPE = 0.05  # errors that fall by less, as a power, halve only with a million times the examples


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Average precision on sources left out, by number of examples.

    Args:
        counts: how many examples, growing; the last is all of them.
        scores, spreads: mean and standard deviation over random choices of so many.
        predicted: (how many, what they would give); None where the power law does not hold.
        power: of the error; 0 where nothing is predicted.
    """

    counts: tuple[int, ...]
    scores: tuple[float, ...]
    spreads: tuple[float, ...]
    predicted: tuple[int, float] | None
    sentence: str
    power: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "counts": list(self.counts),
            "average_precision": list(self.scores),
            "spread": list(self.spreads),
            "predicted": list(self.predicted) if self.predicted else None,
            "sentence": self.sentence,
        }


def predict(counts: Sequence[int], scores: Sequence[float], wanted: int) -> tuple[float, float] | None:
    """What ``wanted`` examples would score, and the power of the error; None where errors do not fall, or of two sizes only."""
    errors = 1.0 - np.asarray(scores, np.float64)
    if len(set(counts)) < 3 or errors[-1] < LEAST_ERROR:
        return None
    slope, _ = np.polyfit(np.log(counts), np.log(np.maximum(errors, LEAST_ERROR)), 1, w=np.sqrt(counts))
    if slope > -LEAST_SLOPE:
        return None
    error = errors[-1] * (wanted / counts[-1]) ** slope  # from the last point on, which is measured best, at the line's slope
    return float(1.0 - error), float(-slope)


def told(counts: Sequence[int], scores: Sequence[float], spreads: Sequence[float]) -> LearningCurve:
    """A curve with its prediction for twice as many examples, and its sentence."""
    have = counts[-1]
    found = predict(counts, scores, 2 * have)
    text = f"{have} examples give {scores[-1]:.2f} \u00b1 {spreads[-1]:.2f}"
    if found:
        sentence = f"{text}; {have} more would give about {found[0]:.2f}."
    elif scores[-1] >= 1 - LEAST_ERROR:
        sentence = f"{text}: more examples of these kinds can hardly raise it; look for clips that it gets wrong."
    elif len(set(counts)) < 3:
        sentence = f"{text}; how it grows cannot be told from so few."
    else:
        sentence = f"{text}; more of them did not raise it so far, so what more would give cannot be told."
    predicted = (2 * have, found[0]) if found else None
    return LearningCurve(tuple(counts), tuple(scores), tuple(spreads), predicted, sentence, found[1] if found else 0.0)


def learning_curve(
    bench: Workbench,
    lesson: Lesson,
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> LearningCurve:
    """Of a lesson's examples, by the head that is best with all of them.

    Raises what ``material`` raises, BadInput where nothing can be left out, and Cancelled.
    """
    windows = material(bench, lesson, Augmenter(bench).altered(lesson, lesson.augment, progress, should_stop)).windows
    split = judging.splits(windows)
    if not split.tests:
        raise BadInput(f"examples of {lesson.name} must be two positives and two negatives at least; give more for a curve")
    flat = flatten(windows.rows)
    kind = judging.judge(windows, split).kind if lesson.head == AUTO else lesson.head
    return of_windows(kind, windows, flat, progress, should_stop)


def of_windows(
    kind: str,
    windows: Windows,
    flat: Flat,
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> LearningCurve:
    """Fewer examples are learnt from, all are judged: each by a head that never saw its source. Raises Cancelled.

    The spread is that of drawing other examples and other sources; with all examples, of other sources alone.
    """
    whole = len(windows.sources)
    sizes = sorted({max(4, round(share * whole)) for share in SHARES} | {whole})
    random, means, spreads, counts = np.random.default_rng(0), list[float](), list[float](), list[int]()
    steps = [(size, at) for size in sizes for at in range(1 if size == whole else REPEATS)]
    found: dict[int, list[NDArray[np.float64]]] = {}
    for done, (size, _) in enumerate(steps):
        if should_stop():
            raise Cancelled("the learning curve was stopped; nothing was kept")
        progress(Progress(done, len(steps), f"{size} examples"))
        told_by = _scored(kind, windows, flat, _drawn(windows.targets, size, random))
        if told_by is not None:
            found.setdefault(size, []).append(told_by)
    for size, values in found.items():
        counts.append(size)
        means.append(float(np.mean([one[0] for one in values])))
        spreads.append(float(np.nanstd(np.concatenate([one[1:] for one in values]))))
    if not counts:
        raise BadInput("examples must be so many that some can be left out; give more from other sources")
    return told(counts, means, spreads)


def _drawn(targets: NDArray[np.bool_], size: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """(E,) about ``size`` examples: of each class, and of none, its share, two at least."""
    kinds = [*targets.T, ~targets.any(axis=1)]
    kept = np.zeros(len(targets), bool)
    for kind in kinds:
        own = np.flatnonzero(kind)
        wanted = min(len(own), max(2, round(size * len(own) / len(targets))))
        kept[random.permutation(own)[:wanted]] = True
    return kept


def _scored(kind: str, windows: Windows, flat: Flat, kept: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Average precision of all examples, then of draws of their sources; None where too few were learnt from.

    Examples that are not ``kept`` are judged and never learnt from.
    """
    learnt = kept[windows.examples]
    shown, weights, split = windows.shown, windows.weights, judging.splits(windows)
    scores, scored = np.zeros(shown.shape), np.zeros(len(shown), bool)
    for test in split.tests:
        train = learnt & ~test
        own = shown[train]
        if not len(own) or not own.any(axis=0).all() or not (~own).any(axis=0).all():
            continue
        asked = test & ~windows.aside
        scores[asked] = fit(kind, flat.rows[train], own, weights[train]).scores(flat.rows[asked].astype(np.float32))
        scored |= asked
    if not scored.any():
        return None
    examples = np.unique(windows.examples[scored])
    best = np.stack([scores[windows.examples == at].max(axis=0) for at in examples])
    targets, sources = windows.targets[examples], [windows.sources[at] for at in examples]
    drawn = np.vstack([np.ones((1, len(examples))), judging.draws(sources)])
    each = np.stack([judging.average_precisions(best[:, at], targets[:, at], drawn) for at in range(targets.shape[1])])
    known = np.isfinite(each)  # a draw may lack a class, or all of them
    values = np.where(known, each, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    return None if np.isnan(values[0]) else np.asarray(values)
