"""Clips as courses over time: a vector every quarter of a second, and the questions that are asked of such courses.

Where do two clips agree (``align``)? How does a clip repeat itself (``self_similarity``)? Where in a long clip does something
happen (``strip``)? Short windows tell moments apart but may be compared only among themselves: the first two use windows of
MOMENT_SECONDS. A strip compares with the library, so its windows are those of the encoder; the ledger has every other one.

Windows stand on one grid over the whole clip, and what was computed is kept beside it (``Library.keep_derived``) until the clip
is erased: another range of the same clip, or another question, computes only what is missing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import alignment, pacing, strips
from core import cadence as cadences
from core.alignment import Chance, WarpPath
from core.cadence import Cadence
from core.clips import Clip, Floats, Progress, Section, Window
from core.comparing import Side
from core.embedding import vary_until
from core.errors import BadInput, NotEnoughData
from core.motion.course import mirrored
from core.queries import Query
from core.similarity import Similarities, centre, cosines, different, unit, weigh
from core.strips import Strip
from core.workbench import Workbench

MOMENT_SECONDS = 0.64
"""Of a window of ``align``: of those tried, the shortest finds moments most exactly (docs/time.md)."""
MOMENT_STRIDE_SECONDS = 0.25
STRIP_STEPS = 2  # windows of a strip to a stride of the encoder: the ledger has the first of each
MOST_WINDOWS = 480
"""Of one range: two minutes of moments, three minutes of computing without a GPU. A longer range gets a coarser grid."""
SHOWN_SECONDS = 8.0  # of a clip against itself, picture by picture: a dozen steps, each of which can still be seen
READING = "Reading the clips moment by moment"
"""Title of the errand."""
_BATCH = 16  # windows asked of the worker at a time: somebody else's question waits no longer than these
_LOOK_SECONDS = 0.1
_NO_NEWS: Callable[[Progress], None] = lambda _: None  # noqa: E731
_NEVER: Callable[[], bool] = lambda: False  # noqa: E731

Span = tuple[float, float]
Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Windows of ``window_seconds`` that begin at every multiple of ``stride_seconds``."""

    window_seconds: float
    stride_seconds: float

    def rows(self, span: Span) -> list[int]:
        """Numbers of the windows that lie within ``span``, at most MOST_WINDOWS of them, evenly spread."""
        first = int(np.ceil(span[0] / self.stride_seconds - 1e-6))
        last = int(np.floor((span[1] - self.window_seconds) / self.stride_seconds + 1e-6))
        every = max(1, -(-(last - first + 1) // MOST_WINDOWS))
        return [row for row in range(first, last + 1) if row % every == 0]

    def window(self, row: int) -> Window:
        return Window(row * self.stride_seconds, row * self.stride_seconds + self.window_seconds)

    @property
    def name(self) -> str:
        return f"every-{round(1000 * self.stride_seconds)}-of-{round(1000 * self.window_seconds)}"


MOMENTS = Grid(MOMENT_SECONDS, MOMENT_STRIDE_SECONDS)


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """A clip, or a range of it, as vectors (W, D) of W windows by one encoder."""

    clip: Clip
    encoder: str
    fingerprint: str
    span: Span
    windows: tuple[Window, ...]
    vectors: Floats
    sections: tuple[Section, ...]

    @property
    def start_seconds(self) -> Seconds:
        return np.array([window.start_seconds for window in self.windows])

    @property
    def end_seconds(self) -> Seconds:
        return np.array([window.end_seconds for window in self.windows])

    @property
    def seconds(self) -> Seconds:
        """(W,) the middles of the windows: the moments that they stand for."""
        return (self.start_seconds + self.end_seconds) / 2

    @property
    def stride_seconds(self) -> float:
        return float(np.diff(self.start_seconds).min()) if len(self.windows) > 1 else MOMENT_STRIDE_SECONDS

    @property
    def own(self) -> Floats:
        """(W, D) directions after the range's own mean was taken away, stream by stream: what changes, not where it is."""
        streams = [unit(self.vectors[:, at.start : at.stop]) for at in self.sections]
        return weigh(np.hstack([centre(rows, rows.mean(axis=0)) for rows in streams]), self.sections)


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Two ranges laid along each other.

    Args:
        similarity: (Wa, Wb) of every moment of ``a`` with every moment of ``b``, each clip's own mean taken away.
        found: the path through it; its score is the mean similarity along it.
        chance: what the same search finds when ``a`` is cut up and shuffled.
        within: whether the shorter was looked for inside the longer, instead of both being laid along each other whole.
    """

    a: Timeline
    b: Timeline
    similarity: Similarities
    found: WarpPath
    chance: Chance
    within: bool

    @property
    def knots(self) -> Seconds:
        """(K, 2) seconds of ``a`` and of ``b`` that belong together, both rising; linear between them."""
        return alignment.seconds(self.found, self.a.seconds, self.b.seconds)

    @property
    def path(self) -> list[tuple[float, float]]:
        """The same for a player."""
        return [(float(a), float(b)) for a, b in self.knots]

    @property
    def score(self) -> float:
        return self.found.score

    @property
    def speed(self) -> float:
        """Of ``b`` against ``a`` along the path: 2 means that b takes half as long for the same."""
        knots = self.knots
        return float((knots[-1, 0] - knots[0, 0]) / (knots[-1, 1] - knots[0, 1])) if len(knots) > 1 else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Repetition:
    """A cadence, and every picture against every other of the SHOWN_SECONDS in which somebody moves most.

    Args:
        seconds: (n,) moments.
        similarity: (n, n) of the motion then.
    """

    cadence: Cadence
    seconds: Seconds
    similarity: Similarities


class Timelines:
    """Questions about time in one library. What takes long reports and may be stopped, so that an errand can run it."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def timeline(
        self,
        clip_id: str,
        encoder: str | None = None,
        span: Span | None = None,
        *,
        progress: Callable[[Progress], None] = _NO_NEWS,
        should_stop: Callable[[], bool] = _NEVER,
    ) -> Timeline:
        """The moments of a clip, or of the seconds ``span`` of it; only those that nobody has asked for yet are computed.

        Raises NotEnoughData for a range without two moments, UnknownName, BadClip, EncoderError, WorkerDied and Cancelled.
        """
        return self._timeline(clip_id, encoder, span, MOMENTS, 2, progress, should_stop)

    def missing(self, clip_id: str, encoder: str | None = None, span: Span | None = None) -> int:
        """How many windows ``timeline`` would have to compute. Raises NotEnoughData as it does."""
        clip = self._bench.library.clip(clip_id)
        return len(set(_rows(clip, MOMENTS, span, 2)) - set(self._kept(clip, self._bench.fingerprint(encoder), MOMENTS)))

    def align(
        self,
        a: Timeline,
        b: Timeline,
        *,
        within: bool | None = None,
    ) -> Alignment:
        """Lay two timelines of one encoder along each other, from end to end, or ``within``: all of ``a`` somewhere in ``b``.

        None means within where b is more than twice as long. Raises BadInput where a is the longer of very unlike ones.
        """
        if a.fingerprint != b.fingerprint:
            raise BadInput(f"timelines ({a.encoder}, {b.encoder}) must be of one encoder to be aligned; choose one")
        table = cosines(a.own, b.own)
        if within is None:
            within = table.shape[1] > 2 * table.shape[0]
        found = alignment.inside(table) if within else alignment.align(table)
        block = max(1, round(2 * MOMENT_SECONDS / a.stride_seconds))
        return Alignment(a, b, table, found, alignment.chance(table, found, block=block, within=within), within)

    def self_similarity(self, timeline: Timeline) -> Similarities:
        """(W, W): every moment of a clip against every other. Stripes beside the diagonal are repetition."""
        return cosines(timeline.own, timeline.own)

    def strip(
        self,
        query: Query,
        clip_id: str,
        encoder: str | None = None,
        *,
        finer: bool = True,
        progress: Callable[[Progress], None] = _NO_NEWS,
        should_stop: Callable[[], bool] = _NEVER,
    ) -> Strip:
        """How alike ``query`` each moment of a clip is, centred in the library, with peaks.

        Clips of the long clip's own source do not count, as everywhere, unless the query has no others. Without ``finer`` only
        the windows that the library has already are used. Raises as ``timeline`` and ``Workbench.compare`` do.
        """
        clip = self._bench.library.clip(clip_id)
        answer = self._bench.compare([query], encoder)
        side = answer.sides[0]
        windows, vectors = self._library_windows(clip, encoder)
        if finer:
            line = self.timeline_for_strip(clip_id, encoder, progress=progress, should_stop=should_stop)
            windows, vectors = list(line.windows), line.vectors
        collection = self._bench.collection(encoder)
        if len(answer.sections) > 1:  # an action is known to one stream alone: the windows count in it as the query does
            collection = collection.weighed({section.stream: section.weight for section in answer.sections})
        _, placed = collection.place(vectors, [str(row) for row in range(len(vectors))])
        similar = cosines(placed, side.centred)
        counting, others = _others(side, clip)
        return strips.strip(windows, similar[:, counting].mean(axis=1), clip.info.duration_seconds, own_source=not others)

    def timeline_for_strip(
        self,
        clip_id: str,
        encoder: str | None = None,
        *,
        progress: Callable[[Progress], None] = _NO_NEWS,
        should_stop: Callable[[], bool] = _NEVER,
    ) -> Timeline:
        """The windows of the encoder's own length that a finer ``strip`` compares. Raises as ``timeline`` does."""
        return self._timeline(clip_id, encoder, None, self._strip_grid(encoder), 1, progress, should_stop)

    def strip_missing(self, clip_id: str, encoder: str | None = None) -> int:
        """How many windows a finer ``strip`` would have to compute."""
        clip, grid = self._bench.library.clip(clip_id), self._strip_grid(encoder)
        known = {*self._kept(clip, self._bench.fingerprint(encoder), grid), *self._from_ledger(clip, encoder, grid)}
        return len(set(_rows(clip, grid, None, 1)) - known)

    def cadence(
        self,
        clip_id: str,
        span: Span | None = None,
        *,
        progress: Callable[[Progress], None] = _NO_NEWS,
        should_stop: Callable[[], bool] = _NEVER,
    ) -> Cadence:
        """How often a minute the movement of a clip, or of a range of it, repeats. Watched once, then kept beside the clip.

        Of a longer clip the first ``pacing.MOST_SECONDS``. Raises UnknownName, BadClip, WorkerDied and Cancelled.
        """
        return self.repetition(clip_id, span, progress=progress, should_stop=should_stop).cadence

    def repetition(
        self,
        clip_id: str,
        span: Span | None = None,
        *,
        progress: Callable[[Progress], None] = _NO_NEWS,
        should_stop: Callable[[], bool] = _NEVER,
    ) -> Repetition:
        """The same, with the table that shows it. Raises as ``cadence`` does."""
        clip, name = self._bench.library.clip(clip_id), _course_name(span)
        content = self._bench.library.derived(clip.clip_id, name)
        if content is None:
            path, limits = self._bench.library.media_path(clip.clip_id), span or (0.0, clip.info.duration_seconds)
            seen = pacing.watch(path, self._bench.settings, limits, report=progress, should_stop=should_stop)
            content = pacing.packed(seen)
            self._bench.library.keep_derived(clip.clip_id, name, content)
        course = pacing.unpacked(content)
        told = cadences.cadence(course.rows, course.activity, course.fps, mirror=mirrored(course.rows))
        first, last = cadences.liveliest(course.activity, course.fps, SHOWN_SECONDS)
        shown = course.rows[first:last]
        table = cosines(*[centre(shown, shown.mean(axis=0))] * 2) if len(shown) else np.zeros((0, 0))
        return Repetition(told, np.asarray(course.start_seconds + (np.arange(first, last) + 0.5) / course.fps), table)

    def cadence_known(self, clip_id: str, span: Span | None = None) -> bool:
        """Whether ``cadence`` would answer at once."""
        return self._bench.library.derived(clip_id, _course_name(span)) is not None

    # -- computing and keeping ---------------------------------------------------------------------------------------

    def _strip_grid(self, encoder: str | None) -> Grid:
        sampling = self._bench.spec(encoder).sampling
        return Grid(sampling.window_seconds, sampling.stride_seconds / STRIP_STEPS)

    def _timeline(
        self,
        clip_id: str,
        encoder: str | None,
        span: Span | None,
        grid: Grid,
        least: int,
        progress: Callable[[Progress], None],
        should_stop: Callable[[], bool],
    ) -> Timeline:
        clip, spec, fingerprint = self._bench.library.clip(clip_id), self._bench.spec(encoder), self._bench.fingerprint(encoder)
        wanted = _rows(clip, grid, span, least)
        known = dict(self._kept(clip, fingerprint, grid))
        if grid != MOMENTS:
            known = {**self._from_ledger(clip, encoder, grid), **known}
        lacking = [row for row in wanted if row not in known]
        try:
            for start in range(0, len(lacking), _BATCH):
                some = lacking[start : start + _BATCH]

                def tell(done: int, _total: int, start: int = start) -> None:
                    progress(Progress(start + done, len(lacking), clip.name))

                known.update(zip(some, self._compute(clip, spec.name, grid, some, tell, should_stop), strict=True))
                progress(Progress(start + len(some), len(lacking), clip.name))
        finally:
            if lacking:
                self._keep(clip, fingerprint, grid, known)
        windows = tuple(_fitted(grid.window(row), clip) for row in wanted)
        vectors = np.stack([known[row] for row in wanted])
        limits = (max(span[0], 0.0), min(span[1], clip.info.duration_seconds)) if span else (0.0, clip.info.duration_seconds)
        return Timeline(clip, spec.name, fingerprint, limits, windows, vectors, self._bench.sections(spec.name))

    def _compute(
        self,
        clip: Clip,
        encoder: str,
        grid: Grid,
        rows: Sequence[int],
        tell: Callable[[int, int], None],
        should_stop: Callable[[], bool],
    ) -> Floats:
        vectors = vary_until(
            self._bench.embedder,
            self._bench.library.media_path(clip.clip_id),
            encoder,
            [_fitted(grid.window(row), clip) for row in rows],
            on_progress=tell,
            should_stop=should_stop,
            stopped=f"reading {clip.name} was stopped; what was read is kept",
        )
        return np.asarray(vectors[:, 0], np.float32)

    def _library_windows(self, clip: Clip, encoder: str | None) -> tuple[list[Window], Floats]:
        found = self._bench.library.embeddings(clip.clip_id, self._bench.fingerprint(encoder))
        if found is None:
            raise NotEnoughData(f"{clip.name} is not embedded by {self._bench.spec(encoder).name} yet; embed it, then ask again")
        return list(found.windows), found.vectors

    def _from_ledger(self, clip: Clip, encoder: str | None, grid: Grid) -> Mapping[int, Floats]:
        found = self._bench.library.embeddings(clip.clip_id, self._bench.fingerprint(encoder))
        if found is None:
            return {}
        rows = [round(window.start_seconds / grid.stride_seconds) for window in found.windows]
        same = [grid.window(row).start_seconds for row in rows]
        return {
            row: vector
            for row, start, window, vector in zip(rows, same, found.windows, found.vectors, strict=True)
            if abs(start - window.start_seconds) < 1e-6
        }

    def _kept(self, clip: Clip, fingerprint: str, grid: Grid) -> Mapping[int, Floats]:
        content = self._bench.library.derived(clip.clip_id, _file_name(fingerprint, grid))
        if content is None:
            return {}
        with np.load(io.BytesIO(content), allow_pickle=False) as kept:
            return dict(zip(kept["rows"].tolist(), kept["vectors"], strict=True))

    def _keep(self, clip: Clip, fingerprint: str, grid: Grid, known: Mapping[int, Floats]) -> None:
        rows, content = sorted(known), io.BytesIO()
        if rows:
            np.savez(content, rows=np.asarray(rows), vectors=np.stack([known[row] for row in rows]))
            self._bench.library.keep_derived(clip.clip_id, _file_name(fingerprint, grid), content.getvalue())


def _rows(clip: Clip, grid: Grid, span: Span | None, least: int) -> list[int]:
    """Windows of the grid within ``span`` of a clip. A clip shorter than a window is one window where one is enough."""
    end = clip.info.duration_seconds
    first, last = (max(span[0], 0.0), min(span[1], end)) if span else (0.0, end)
    rows = grid.rows((first, last))
    if len(rows) < least and least == 1 and first == 0.0:
        rows = [0]
    if len(rows) < least:
        needed = grid.window_seconds + (least - 1) * grid.stride_seconds
        raise NotEnoughData(
            f"range ({first:.2f} to {last:.2f} s of {clip.name}) must be at least {needed:.2f} s long; choose a longer one"
        )
    return rows


def _fitted(window: Window, clip: Clip) -> Window:
    return Window(window.start_seconds, min(window.end_seconds, clip.info.duration_seconds))


def _file_name(fingerprint: str, grid: Grid) -> str:
    letters = "".join(letter if letter.isalnum() else "-" for letter in fingerprint)
    return f"{grid.name}.{letters}.npz"


def _course_name(span: Span | None) -> str:
    range_name = f"-from-{round(1000 * span[0])}-to-{round(1000 * span[1])}" if span else ""
    return f"course-{pacing.VERSION}{range_name}.npz"


def _others(side: Side, clip: Clip) -> tuple[NDArray[np.bool_], bool]:
    """Which rows of a side count against ``clip``, and whether they are of other sources than its own."""
    mask = different([clip.split_source], side.sources)[0]
    return (mask, True) if mask.any() else (np.ones(len(side.sources), bool), False)
