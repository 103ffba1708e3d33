"""Examples as other cameras might have shown them: mirrored, in other light, askew, nearer, faster or slower.

Each choice gives one or two more embeddings of an example's windows, which the head learns from as further windows of the same
example; what a head is judged by is never altered. Whether that helps is not known before it is tried: a choice is taken only
where average precision on sources left out rises by more than the rise's own spread over sources (measured in docs/teach.md).
``Teacher.teach`` takes what a lesson names (``Lesson.augment``). Altered embeddings are kept beside the clip until it is erased.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core import judging
from core.alterations import Alteration
from core.clips import ClipEmbeddings, Floats, Progress, Window
from core.embedding import vary_until
from core.errors import BadInput, Cancelled
from core.heads import flatten
from core.lessons import Altered, Lesson, inside, material
from core.statistics import LEVEL, Interval
from core.workbench import Workbench

CHOICES = {
    "mirror": ("mirrored",),
    "light": ("brighter", "darker"),
    "tilt": ("tilted-left", "tilted-right"),
    "closer": ("closer",),
    "speed": ("faster", "slower"),
}
"""What may be chosen, and what each does to a window."""
SPEEDS = {"faster": 1.25, "slower": 0.8}
"""Length of the window that is read in place of an encoder's own, about its middle: the same frames show more or less time."""
MOST_WINDOWS = 2  # of an example, evenly spread, are altered
ALL_RIGHT = 0.995  # average precision from which on nothing is tried
VERSION = 1
"""Raised when an alteration changes, so that nobody reads an old vector as a new one."""
STOPPED = "augmenting was stopped; what was embedded so far is kept"

Report = Callable[[Progress], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Gain:
    """What a choice, or several together, changed: average precision on sources left out without and with it, and the rise."""

    names: tuple[str, ...]
    without: float
    rise: Interval
    taken: bool

    @property
    def sentence(self) -> str:
        told = f"{' and '.join(self.names)}: {self.without:.2f} \u2192 {self.without + self.rise.value:.2f}"
        return f"{told} ({self.rise.low:+.2f} to {self.rise.high:+.2f}), {'taken' if self.taken else 'not taken'}"


@dataclass(frozen=True, slots=True)
class Augmentation:
    """``names`` are the choices taken, possibly none; ``gains`` what each was worth, as they were tried; none where none was."""

    names: tuple[str, ...]
    gains: tuple[Gain, ...]

    @property
    def sentence(self) -> str:
        if not self.gains:
            return "None was tried: every source left out is told right already, so there is nothing to raise."
        taken = f"Taken: {', '.join(self.names)}." if self.names else "None was taken: none raised it by more than its spread."
        return f"{taken} Average precision on sources left out, {'; '.join(one.sentence for one in self.gains)}."


class Augmenter:
    """Alters the examples of ``bench``'s concepts."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def choose(
        self,
        lesson: Lesson,
        names: Iterable[str] = tuple(CHOICES),
        progress: Report = lambda _: None,
        should_stop: Stop = lambda: False,
    ) -> Augmentation:
        """Which of ``names`` to take, by the head that is best without any. What is not embedded yet is embedded now.

        Raises what ``material`` raises, BadInput for an unknown name, or where no source can be left out, and Cancelled.
        """
        wanted = _known(names)
        plain = material(self._bench, lesson).windows
        split = judging.splits(plain)
        if not split.tests:
            raise BadInput(f"examples of {lesson.name} must come from two sources at least to try this; give another source")
        kind = judging.judge(plain, split).kind if lesson.head == "auto" else lesson.head
        bare = _judged(kind, plain)
        if bare.value >= ALL_RIGHT:
            return Augmentation((), ())
        gains = list[Gain]()
        for at, name in enumerate(wanted):

            def step(now: Progress, at: int = at, name: str = name) -> None:
                progress(Progress(at * now.total + now.done, len(wanted) * now.total, f"{name}: {now.label}"))

            altered = self.altered(lesson, (name,), step, should_stop)
            gains.append(_gain((name,), bare, _judged(kind, material(self._bench, lesson, altered).windows)))
        good = tuple(one.names[0] for one in gains if one.taken)
        best = max((one for one in gains if one.taken), key=lambda one: one.rise.value, default=None)
        if best is None or len(good) == 1:
            return Augmentation(good, tuple(gains))
        together = self.altered(lesson, good, should_stop=should_stop)
        both = _gain(good, bare, _judged(kind, material(self._bench, lesson, together).windows))
        both = replace(both, taken=both.rise.value > best.rise.value)
        return Augmentation(good if both.taken else best.names, (*gains, both))

    def altered(
        self, lesson: Lesson, names: Iterable[str], progress: Report = lambda _: None, should_stop: Stop = lambda: False
    ) -> Altered:
        """The altered vectors of a lesson's examples, by their number, as ``material`` takes them. Raises BadInput, Cancelled."""
        kinds = [kind for name in _known(names) for kind in CHOICES[name]]
        encoder, made = lesson.encoder or None, dict[int, Floats]()
        clips = {clip.clip_id: clip for clip in self._bench.collection(encoder).clips}
        here = [one for one in lesson.examples if one.clip_id in clips]  # numbered as ``material`` numbers them
        for number, one in enumerate(here):
            found = self._bench.library.embeddings(one.clip_id, self._bench.fingerprint(encoder))
            if found is None or not kinds:
                continue
            if should_stop():
                raise Cancelled(STOPPED)
            progress(Progress(number, len(here), clips[one.clip_id].name))
            spans = _spread([found.windows[row] for row in inside(found.windows, one.span)])
            whole = clips[one.clip_id].info.duration_seconds
            made[number] = np.concatenate(
                [self._vectors(one.clip_id, found, spans, kind, whole, encoder, should_stop) for kind in kinds]
            )
        progress(Progress(len(here), len(here), "done"))
        return made

    def lacking(self, lesson: Lesson, names: Iterable[str] = tuple(CHOICES)) -> int:
        """Windows that are still to be embedded for ``names``."""
        encoder, count = lesson.encoder or None, 0
        for one in lesson.examples:
            found = self._bench.library.embeddings(one.clip_id, self._bench.fingerprint(encoder))
            spans = _spread([found.windows[row] for row in inside(found.windows, one.span)]) if found else []
            kinds = [kind for name in _known(names) for kind in CHOICES[name]]
            count += sum(len(spans) for kind in kinds if spans and found and self._kept(one.clip_id, found, spans, kind) is None)
        return count

    def _vectors(
        self,
        clip_id: str,
        found: ClipEmbeddings,
        spans: Sequence[Window],
        kind: str,
        whole_seconds: float,
        encoder: str | None,
        should_stop: Stop,
    ) -> Floats:
        kept = self._kept(clip_id, found, spans, kind)
        if kept is not None:
            return kept
        vectors = vary_until(
            self._bench.embedder,
            self._bench.library.media_path(clip_id),
            self._bench.spec(encoder).name,
            [retimed(one, SPEEDS[kind], whole_seconds) for one in spans] if kind in SPEEDS else spans,
            [Alteration("none" if kind in SPEEDS else kind)],
            on_progress=lambda _done, _total: None,
            should_stop=should_stop,
            stopped=STOPPED,
        )[:, 0]
        target = io.BytesIO()
        np.savez(target, vectors=vectors)
        self._bench.library.keep_derived(clip_id, _name(found, spans, kind), target.getvalue())
        return vectors

    def _kept(self, clip_id: str, found: ClipEmbeddings, spans: Sequence[Window], kind: str) -> Floats | None:
        content = self._bench.library.derived(clip_id, _name(found, spans, kind))
        if content is None:
            return None
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                vectors: Floats = kept["vectors"]
        except (ValueError, KeyError, OSError, EOFError):
            return None
        return vectors if vectors.shape == (len(spans), found.vectors.shape[1]) else None


def retimed(window: Window, factor: float, whole_seconds: float) -> Window:
    """A window ``factor`` times as long about the same middle, within a clip of ``whole_seconds``."""
    middle, half = (window.start_seconds + window.end_seconds) / 2, factor * (window.end_seconds - window.start_seconds) / 2
    start = max(0.0, min(middle - half, whole_seconds - 2 * half))
    return Window(start, min(start + 2 * half, max(whole_seconds, window.end_seconds)))


def _known(names: Iterable[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(names))
    if strange := [name for name in wanted if name not in CHOICES]:
        raise BadInput(f"augmentation ({strange[0][:40]}) must be one of {', '.join(CHOICES)}; choose one of these")
    return wanted


def _spread(spans: Sequence[Window]) -> list[Window]:
    if len(spans) <= MOST_WINDOWS:
        return list(spans)
    return [spans[int((place + 0.5) * len(spans) / MOST_WINDOWS)] for place in range(MOST_WINDOWS)]


def _name(found: ClipEmbeddings, spans: Sequence[Window], kind: str) -> str:
    told = ",".join(f"{one.start_seconds:.3f}-{one.end_seconds:.3f}" for one in spans)
    return (
        f"augmented-{VERSION}.{found.fingerprint.rpartition('-')[2]}.{kind}.{hashlib.sha256(told.encode()).hexdigest()[:12]}.npz"
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Average precision on sources left out, as it is and over draws of whole sources."""

    value: float
    drawn: judging.Numbers


def _judged(kind: str, windows: judging.Windows) -> _Judged:
    told = judging.hold_out(kind, windows, judging.splits(windows), flatten(windows.rows)).by_example()
    weights = judging.draws(told.sources)
    once = judging.mean_average_precision(told, np.ones((1, weights.shape[1])))
    return _Judged(float(once[0]), judging.mean_average_precision(told, weights))


def _gain(names: tuple[str, ...], bare: _Judged, now: _Judged) -> Gain:
    """Taken where the rise is above one standard deviation over draws of sources, the same draws for both."""
    rises, rise = now.drawn - bare.drawn, now.value - bare.value
    low, high = np.nanquantile(rises, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    taken = rise > max(float(np.nanstd(rises)), 1e-9)
    return Gain(names, bare.value, Interval(rise, min(float(low), rise), max(float(high), rise)), taken)
