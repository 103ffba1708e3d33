"""The stream of a camera, scored against chosen queries while it runs: which of them does the last window look like?

Pictures come in with their moments, JPEG by JPEG; the last window of the encoder's own length is embedded as the windows of a
clip are, so that a score is what the same seconds would have had as a file. Nothing is stored: pictures are kept in memory for
a window and a little more, scores for 30 s, and the file that the embedder reads is removed at once. A camera that stopped
sending is forgotten after a few seconds by itself.

* **similarity**: the centred cosine of the window to the query's prototype, the mean direction of its clips (or the direction
  that words and action names are). A prototype is steadier than single clips, so the number is higher than that of Compare.
* **percentile**: the share of the query's background that is less alike. For a query with clips the background is every *other*
  clip of the library against the same prototype, without the clips of that clip's own source; for words and action names it
  is every clip against every action, as everywhere.
* **leading**: a query stands out from its USUAL_PERCENTth percentile on: at most one in twenty clips that are *not* what it
  names come so near; and never below a similarity of 0, which is as alike as any two clips of the library (in a library of
  two actions everything else is unlike both, but one of them less). Of those that stand out, the most alike leads; where none
  does, nothing stands out, and that is said.
  Clips and directions are alike on scales of their own, so where both are asked for, the percentile decides first.
"""

from __future__ import annotations

import itertools
import math
import shutil
import statistics
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import comparing, encoders
from core.adviser import Adviser
from core.clips import Floats, Window
from core.collecting import Collection
from core.colours import limits
from core.comparing import Side
from core.decoding import stills
from core.embedding import Varied
from core.encoders import ActionHead, EncoderSpec
from core.errors import BadInput, Cancelled
from core.queries import Query
from core.similarity import Similarities, cosines, percentile
from core.workbench import Workbench

HISTORY_SECONDS = 30.0
USUAL_PERCENT = 95.0
MOST_QUERIES = 8
MARGIN_SECONDS = 1.0  # kept beside the window: the picture on screen when it begins is from before it
GAP_SECONDS = 1.0  # without a picture: the camera stood still or the page was hidden, and a window must not reach across
FORGET_SECONDS = 5.0  # after the last picture, all of them are let go
SCORE_SECONDS = 0.5  # how often a score is wanted
WORTHWHILE = 0.7  # of the time that a window takes: less is not worth another encoder
WAIT_SECONDS = 120.0  # the first score loads the network; more is a worker that hangs
MOST_FPS = 25.0  # what the labelled clips were filmed at; more pictures than that no encoder here can tell
MOST_PICTURES = 256  # in one push: ten seconds
MOST_BYTES = 512 * 1024  # of a picture; one of 340 px in good quality has 30 kB
MOST_BYTES_KEPT = 64 * 2**20
FILM = "live.mkv"
MOST_SIDE_PX = 1024
SHORT_SIDES_PX = (224, 340)  # what encoders look at; a camera's 1080 lines would only be scaled down here


@dataclass(frozen=True, slots=True)
class Scores:
    """How alike the window that ends at ``seconds`` (the stream's own clock) is to each of Q queries.

    Args:
        values, percentiles: (Q,) as in the module's text; a percentile is NaN without a background.
        leader: the number of the query that leads, None when nothing stands out.
        took_seconds: how long this score was in the making.
    """

    seconds: float
    values: tuple[float, ...]
    percentiles: tuple[float, ...]
    leader: int | None
    took_seconds: float

    @property
    def ahead(self) -> float:
        """By how much the leader is more alike than the next query; NaN without a leader, or without another query."""
        if self.leader is None or len(self.values) < 2:
            return math.nan
        return self.values[self.leader] - max(value for number, value in enumerate(self.values) if number != self.leader)

    def sentence(self, names: Sequence[str]) -> str:
        """ "walking, ahead of waving by 0.21"."""
        if self.leader is None:
            return "nothing stands out"
        if not self.ahead > 0:  # alone, or ahead by percentile only
            return f"{names[self.leader]} stands out"
        second = max((number for number in range(len(names)) if number != self.leader), key=lambda number: self.values[number])
        return f"{names[self.leader]}, ahead of {names[second]} by {self.ahead:.2f}"


@dataclass(frozen=True, slots=True)
class _Picture:
    seconds: float
    jpeg: bytes


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A window that the embedder is busy with: its last moment, and when it was asked for."""

    future: Future[Varied]
    folder: Path
    seconds: float
    began: float


class Live:
    """One stream against up to MOST_QUERIES queries, by one encoder. Safe to use from several threads.

    The queries' prototypes are those of the library as it is now: begin another Live when it changed.
    Raises BadInput without queries or with too many, and what ``Workbench.compare`` raises.
    """

    def __init__(self, bench: Workbench, queries: Sequence[Query], encoder: str | None = None) -> None:
        if not 0 < len(queries) <= MOST_QUERIES:
            raise BadInput(f"queries ({len(queries)}) must be from 1 to {MOST_QUERIES}; choose what to look for")
        self._bench, self.spec = bench, bench.spec(encoder)
        self.sides, self._collection, head = bench.sides(queries, self.spec.name)
        self._fingerprint = bench.fingerprint(self.spec.name)
        self._prototypes = np.vstack([prototype(side.centred) for side in self.sides])
        self._backgrounds = [background(side, self._collection, head) for side in self.sides]
        self._pictures: deque[_Picture] = deque()
        self._size: tuple[int, int] | None = None
        self._history: deque[Scores] = deque()
        self._asked: _Asked | None = None
        self._lock, self._scoring = threading.Lock(), threading.Lock()
        self._forgetting: threading.Timer | None = None

    # -- what it wants and has -----------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """What people call the queries."""
        return tuple(side.title for side in self.sides)

    @property
    def window_seconds(self) -> float:
        return self.spec.sampling.window_seconds

    @property
    def fps(self) -> float:
        """Pictures a second to send; see ``wanted_fps``."""
        return wanted_fps(self.spec)

    @property
    def lacking_seconds(self) -> float:
        """How much longer the camera must run until there is a whole window; 0 when there is one."""
        with self._lock:
            return self._lacking(self._step())

    @property
    def history(self) -> tuple[Scores, ...]:
        """The scores of the last HISTORY_SECONDS, the oldest first."""
        with self._lock:
            return tuple(self._history)

    @property
    def pace_seconds(self) -> float:
        """How far apart the last scores are: how often this machine can score. NaN before there are two."""
        moments = [one.seconds for one in self.history][-12:]
        steps = [later - earlier for earlier, later in itertools.pairwise(moments)]
        return statistics.median(steps) if steps else math.nan

    @property
    def scale_ends(self) -> tuple[float, ...]:
        """Where each query's colours end: at the most alike of all backgrounds of its kind; what a query names goes beyond.

        Clips and directions have scales of their own: on one scale, words would always look pale.
        """
        ends = dict[bool, float]()
        for side, known in zip(self.sides, self._backgrounds, strict=True):
            ends[bool(side.clips)] = max(ends.get(bool(side.clips), 0.0), float(known.max(initial=0.0)))
        return tuple(limits(np.asarray([ends[bool(side.clips)] or 1.0]), "diverging")[1] for side in self.sides)

    @property
    def kept_bytes(self) -> int:
        """Of pictures in memory."""
        with self._lock:
            return sum(len(picture.jpeg) for picture in self._pictures)

    # -- the stream ----------------------------------------------------------------------------------------------------

    def push(self, moments_seconds: Sequence[float], jpegs: Sequence[bytes]) -> None:
        """Take pictures, each with its moment on the stream's own clock.

        What is older than a window and a margin is let go. A camera that stood still, or turned to another size, begins anew.
        Raises BadInput, and then takes none: no JPEG, too large, too many, or a time that does not rise.
        """
        size = _checked(moments_seconds, jpegs)
        if not jpegs:
            return
        with self._lock:
            last = self._pictures[-1].seconds if self._pictures else -math.inf
            if moments_seconds[0] <= last:
                raise BadInput(
                    f"moment ({moments_seconds[0]:g} s) must come after the last one ({last:g} s); begin the stream anew"
                )
            if size != self._size:
                self._pictures.clear()
                self._size = size
            for moment, jpeg in zip(moments_seconds, jpegs, strict=True):
                if self._pictures and moment - self._pictures[-1].seconds > self._gap_seconds:
                    self._pictures.clear()
                self._pictures.append(_Picture(moment, jpeg))
            self._trim()
            self._forget_later()

    def score(self, patience_seconds: float = WAIT_SECONDS) -> Scores | None:
        """Embed the last window and compare it.

        None while there is no whole window, while another thread scores, and when ``patience_seconds`` were not enough: then the
        next call goes on waiting for the same window (``busy``). Raises BadClip for pictures that do not decode, EncoderError,
        WorkerDied, StorageFailed, and Cancelled after WAIT_SECONDS.
        """
        if not self._scoring.acquire(blocking=False):
            return None
        try:
            asked = self._asked or self._ask()
            if asked is None or not self._came(asked, patience_seconds):
                return None
            return self._scored(asked)
        finally:
            self._scoring.release()

    @property
    def busy(self) -> bool:
        """Whether a score is in the making that ``score`` had no patience for."""
        return self._asked is not None

    def forget(self) -> None:
        """Let all pictures and scores go; a new stream may begin."""
        with self._lock:
            asked, self._asked = self._asked, None
            self._history.clear()
            self._forget_pictures()
        if asked is not None:
            self._bench.embedder.cancel(asked.future)

    # -- pictures ------------------------------------------------------------------------------------------------------

    @property
    def _gap_seconds(self) -> float:
        return max(GAP_SECONDS, 3 / self.fps)

    def _step(self) -> float:
        """Seconds from one picture to the next."""
        moments = [picture.seconds for picture in self._pictures]
        steps = [later - earlier for earlier, later in itertools.pairwise(moments)]
        return statistics.median(steps) if steps else 1 / self.fps

    def _lacking(self, step: float) -> float:
        """Half a picture of a window may be missing: cameras are not that exact."""
        if not self._pictures:
            return self.window_seconds
        held = self._pictures[-1].seconds + step - self._pictures[0].seconds
        return max(self.window_seconds - held - step / 2, 0.0)

    def _last_window(self, step: float) -> tuple[list[_Picture], Window]:
        """The pictures from the one on screen when the last window begins, and that window, counted from the first of them.

        The last picture is shown for as long as those before it: the window ends with it.
        """
        pictures = list(self._pictures)
        begins = pictures[-1].seconds + step - self.window_seconds
        first = max(bisect_right([picture.seconds for picture in pictures], begins + 1e-6) - 1, 0)
        start = max(begins - pictures[first].seconds, 0.0)
        return pictures[first:], Window(start, start + self.window_seconds)

    def _trim(self) -> None:
        oldest = self._pictures[-1].seconds - self.window_seconds - MARGIN_SECONDS
        kept = sum(len(picture.jpeg) for picture in self._pictures)
        while self._pictures[0].seconds < oldest or kept > MOST_BYTES_KEPT:
            kept -= len(self._pictures.popleft().jpeg)

    def _forget_later(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = threading.Timer(FORGET_SECONDS, self._forget_pictures)
        self._forgetting.daemon = True
        self._forgetting.start()

    def _forget_pictures(self) -> None:
        self._pictures.clear()
        self._size = None

    # -- scores --------------------------------------------------------------------------------------------------------

    def _ask(self) -> _Asked | None:
        """Send the last window to the embedder; None without a whole one.

        The film lives in the library's folder for uploads, which is also swept after a kill, until the embedder has read it.
        """
        began = time.monotonic()
        with self._lock:
            step = self._step()
            if self._lacking(step) > 0:
                return None
            pictures, window = self._last_window(step)
        moments = [picture.seconds - pictures[0].seconds for picture in pictures]
        folder = self._bench.library.incoming_folder()
        try:
            stills.write_stills(folder / FILM, [picture.jpeg for picture in pictures], moments, 1 / step)
            future = self._bench.embedder.vary(folder / FILM, self.spec.name, [window], urgent=True)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        future.add_done_callback(lambda _: shutil.rmtree(folder, ignore_errors=True))  # also if nobody waits any more
        self._asked = _Asked(future, folder, pictures[-1].seconds, began)
        return self._asked

    def _came(self, asked: _Asked, patience_seconds: float) -> bool:
        if wait([asked.future], timeout=min(patience_seconds, WAIT_SECONDS)).done:
            return True
        if time.monotonic() - asked.began >= WAIT_SECONDS:
            self._asked = None
            self._bench.embedder.cancel(asked.future)
            raise Cancelled(f"a score took longer than {WAIT_SECONDS:g} s and was given up; choose a faster encoder")
        return False

    def _scored(self, asked: _Asked) -> Scores | None:
        """None for a window of a stream that was forgotten meanwhile."""
        shutil.rmtree(asked.folder, ignore_errors=True)  # before anybody is told, which the callback does not promise
        with self._lock:
            if self._asked is not asked:
                return None
            self._asked = None
        varied = asked.future.result()
        comparing.same_fingerprint(varied.fingerprint, self._fingerprint)
        values, percentiles = self._compared(varied.vectors[:, 0])
        first = self._leader(values, percentiles)
        scores = Scores(asked.seconds, values, percentiles, first, time.monotonic() - asked.began)
        with self._lock:
            self._history.append(scores)
            while self._history[0].seconds < scores.seconds - HISTORY_SECONDS:
                self._history.popleft()
        return scores

    def _compared(self, vectors: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
        _, centred = self._collection.place(vectors, ["live"])
        values = cosines(centred, self._prototypes)[0]
        ranks = [float(percentile(np.asarray([value]), known)[0]) for value, known in zip(values, self._backgrounds, strict=True)]
        return tuple(values.tolist()), tuple(ranks)

    def _leader(self, values: Sequence[float], percentiles: Sequence[float]) -> int | None:
        return leader(values, percentiles, mixed=len({bool(side.clips) for side in self.sides}) > 1)


def leader(values: Sequence[float], percentiles: Sequence[float], *, mixed: bool = False) -> int | None:
    """Which query leads; None when nothing stands out, and without a background nothing can.

    ``mixed``: the queries are not of one kind, so that their percentiles are compared before their values.
    """
    unusual = [number for number, percent in enumerate(percentiles) if percent >= USUAL_PERCENT and values[number] > 0]
    return max(unusual, key=lambda number: (percentiles[number] if mixed else 0.0, values[number]), default=None)


def prototype(centred: Floats) -> Floats:
    """(1, D): the mean direction of a side's rows (N, D), made unit; zeros where they cancel out."""
    return comparing.unit_or_zero(centred.mean(axis=0, keepdims=True))


def background(side: Side, collection: Collection, head: ActionHead | None) -> Similarities:
    """What similarities to ``side`` are usual here; see the module's text.

    A clip meets the prototype without the rows of its own source, as nowhere a source is compared with itself. Where the side
    has all the clips, or all the sources, that there are, the background is every pair of clips.
    """
    if not side.clips:
        return comparing.background((False, True), collection, head)
    inside, sources = {clip.clip_id for clip in side.clips}, np.asarray(side.sources, dtype=object)
    others = [row for row, clip in enumerate(collection.clips) if clip.clip_id not in inside]
    by_source: dict[str, list[int]] = {}
    for row in others:
        by_source.setdefault(collection.clips[row].split_source, []).append(row)
    known = [
        cosines(collection.centred[rows], prototype(side.centred[sources != source])).ravel()
        for source, rows in by_source.items()
        if (sources != source).any()
    ]
    return np.concatenate(known) if known else comparing.background((False, False), collection, head)


def quicker(bench: Workbench, encoder: str | None = None) -> tuple[EncoderSpec, str] | None:
    """An encoder to take instead where ``encoder`` is slow here, and why in words; None where it is not, or none is known.

    It must be ready and have seen as many clips. Speeds are those that ``Adviser.measure_speed`` kept for this machine; an
    encoder with parts that was not timed is slower than any of its parts, which needs no timing.
    """
    spec, speeds = bench.spec(encoder), {name: one.seconds_per_window.median for name, one in Adviser(bench).speeds().items()}
    seen = bench.library.count_embedded(bench.fingerprint(spec.name))
    others = [
        one
        for one in bench.encoders()
        if one.name not in (spec.name, "toy") and bench.library.count_embedded(bench.fingerprint(one.name)) >= max(seen, 1)
    ]
    mine = speeds.get(spec.name, math.inf if spec.parts else 0.0)
    if mine <= SCORE_SECONDS:
        return None
    timed = min((one for one in others if one.name in speeds), key=lambda one: speeds[one.name], default=None)
    if timed is not None and speeds[timed.name] < WORTHWHILE * mine:
        took = "" if math.isinf(mine) else f" instead of {mine:.1f} s"
        return timed, f"{timed.title} takes {speeds[timed.name]:.1f} s for a window on this machine{took}"
    part = next((one for name in spec.parts for one in others if one.name == name), None)
    return None if part is None or not math.isinf(mine) else (part, f"{part.title} is a part of it and takes less time")


def wanted_fps(spec: EncoderSpec) -> float:
    """Pictures a second that ``spec`` can use: twice those it looks at, so that each is near its moment; MOST_FPS at most."""
    parts = [encoders.spec(name) for name in spec.parts] or [spec]
    return min(2 * max(part.frames / part.sampling.window_seconds for part in parts), MOST_FPS)


def wanted_short_side_px(spec: EncoderSpec) -> int:
    """The short side of the pictures to send, within SHORT_SIDES_PX."""
    parts = [encoders.spec(name) for name in spec.parts] or [spec]
    return min(max(SHORT_SIDES_PX[0], *(part.framing.short_side_px for part in parts)), SHORT_SIDES_PX[1])


def _checked(moments: Sequence[float], jpegs: Sequence[bytes]) -> tuple[int, int]:
    """The one size of all pictures, (0, 0) of none. Raises BadInput."""
    if len(moments) != len(jpegs):
        raise BadInput(f"moments ({len(moments)}) must be as many as pictures ({len(jpegs)}); send one with each")
    if len(jpegs) > MOST_PICTURES:
        raise BadInput(f"pictures ({len(jpegs)}) must be at most {MOST_PICTURES} at a time; send them more often")
    if not all(math.isfinite(moment) and moment >= 0 for moment in moments):
        raise BadInput("moments must be seconds from 0 on; send the stream's own clock")
    for earlier, later in itertools.pairwise(moments):
        if later <= earlier:
            raise BadInput(f"moment ({later:g} s) must come after the one before it ({earlier:g} s); send pictures in order")
    sizes = {_size(jpeg) for jpeg in jpegs}
    if len(sizes) > 1:
        raise BadInput(f"pictures ({len(sizes)} sizes) must be of one size at a time; send the others by themselves")
    return sizes.pop() if sizes else (0, 0)


def _size(jpeg: bytes) -> tuple[int, int]:
    if len(jpeg) > MOST_BYTES:
        raise BadInput(f"picture ({len(jpeg):,} bytes) must be at most {MOST_BYTES:,}; scale it down")
    size = stills.jpeg_size(jpeg)
    if max(size) > MOST_SIDE_PX:
        raise BadInput(f"picture ({size[0]}x{size[1]}) must be at most {MOST_SIDE_PX} px a side; scale it down")
    return size
