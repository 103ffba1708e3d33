"""A camera's pictures watched for concepts while they come: the last window, scored again and again, read as flags.

A window is embedded as those of a clip are (``core.live`` does the same for queries), so a score is what the same seconds would
have had as a file, and the scores of the last HISTORY_SECONDS are read as a file's are. Nothing else is kept: of pictures the
last window and a little more, bounded in bytes too.

A flag is told when it begins, so as soon as it is as long as the reading asks for, and again when it is over. Its seconds are
counted from the first picture.
"""

from __future__ import annotations

import itertools
import shutil
import statistics
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from core.clips import Window
from core.decoding import stills
from core.decoding.streams import Picture
from core.embedding import Varied
from core.encoders import EncoderSpec
from core.errors import Cancelled
from core.flags import Flag
from core.live import FILM, GAP_SECONDS, MARGIN_SECONDS, MOST_BYTES_KEPT, WAIT_SECONDS, wanted_fps, wanted_short_side_px
from core.looking import Looker, Table, Watch, courses_of, flags_of, joined, nothing_of, scored
from core.workbench import Workbench

HISTORY_SECONDS = 60.0
"""Of scores; a flag may last longer: what was told of it is added up."""
LOOK_SECONDS = 0.1  # a machine that is quick looks no more often than a picture in three


@dataclass(frozen=True, slots=True)
class Seen:
    """A flag that began, or (``over``) ended.

    ``late_seconds``: from the last picture of the window that made it known to this being told.
    """

    flag: Flag
    over: bool
    late_seconds: float
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A window that the embedder is busy with; ``until`` is the moment of its last picture."""

    encoder: str
    future: Future[Varied]
    folder: Path
    window: Window
    until: float
    asked_at: float


class Onlooker:
    """Watches one stream. Not for several threads at once.

    Raises as ``Looker.panel`` does: UnknownName, WeightsMissing, FingerprintMismatch.
    """

    def __init__(self, bench: Workbench, watch: Watch, looker: Looker | None = None) -> None:
        self._bench, self._watch = bench, watch
        self._panel = (looker or Looker(bench)).panel(watch)
        self._specs: dict[str, EncoderSpec] = {name: bench.spec(name) for name in self._panel}
        self._pictures: deque[Picture] = deque()
        self._size = (0, 0)
        self._began: float | None = None
        self._scored_until = 0.0
        self._events: dict[int, Seen] = {}
        self._asked: list[_Asked] = []
        self._numbers = itertools.count(1)
        self.windows = 0
        """How many were scored."""
        self._forget()

    @property
    def fps(self) -> float:
        """Pictures a second that its encoders can use."""
        return max(map(wanted_fps, self._specs.values()))

    @property
    def short_side_px(self) -> int:
        return max(map(wanted_short_side_px, self._specs.values()))

    @property
    def window_seconds(self) -> float:
        return max(spec.sampling.window_seconds for spec in self._specs.values())

    @property
    def kept_bytes(self) -> int:
        """Of pictures."""
        return sum(len(picture.jpeg) for picture in self._pictures)

    def push(self, pictures: Sequence[Picture]) -> tuple[Seen, ...]:
        """Take pictures, in order; what is too old is let go. Flags that a gap in the stream ended.

        Raises BadInput for what is no JPEG.
        """
        over: list[Seen] = []
        for picture in pictures:
            size = stills.jpeg_size(picture.jpeg)
            last = self._pictures[-1].seconds if self._pictures else picture.seconds
            if size != self._size or picture.seconds - last > max(GAP_SECONDS, 3 / self.fps):
                over += self.end()
                self._size = size
            self._began = picture.seconds if self._began is None else self._began
            self._pictures.append(picture)
        self._trim()
        return tuple(over)

    def look(self, patience_seconds: float = WAIT_SECONDS) -> tuple[Seen, ...]:
        """Score the last window, if there is a whole and a new one: what began and what is over.

        Nothing when ``patience_seconds`` were not enough: the next call goes on waiting for the same window, and pictures can be
        pushed meanwhile, so that a slow machine looks less often and misses no picture of the windows that it looks at.
        Raises BadClip for pictures that do not decode, EncoderError, WorkerDied, and Cancelled after WAIT_SECONDS.
        """
        if not self._asked:
            self._ask()
        asked = self._asked
        if not asked:
            return ()
        if wait([one.future for one in asked], timeout=patience_seconds).not_done:
            if time.monotonic() - asked[0].asked_at < WAIT_SECONDS:
                return ()
            self._let_go()
            raise Cancelled(f"a score took longer than {WAIT_SECONDS:g} s and was given up; choose a faster encoder")
        try:
            for one in asked:
                self._add(one, one.future.result())
        finally:
            self._let_go()
        return self._told(asked[0].until)

    def end(self) -> tuple[Seen, ...]:
        """The stream is over, or has a gap: all pictures and scores go; the flags that ended with it."""
        found = tuple(self._over(event) for event in list(self._events.values()) if not event.over)
        self._forget()
        return found

    # -- pictures ------------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._let_go()
        self._pictures.clear()
        self._events.clear()
        self._tables = {encoder: nothing_of(of) for encoder, of in self._panel.items()}

    def _step(self) -> float:
        """Seconds from one picture to the next."""
        steps = [later.seconds - earlier.seconds for earlier, later in itertools.pairwise(self._pictures)]
        return statistics.median(steps) if steps else 1 / self.fps

    def _trim(self) -> None:
        kept = self.kept_bytes
        while self._pictures and (
            self._pictures[0].seconds < self._pictures[-1].seconds - self.window_seconds - MARGIN_SECONDS
            or kept > MOST_BYTES_KEPT
        ):
            kept -= len(self._pictures.popleft().jpeg)

    # -- scores --------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Send the last window to the embedder, for each encoder, where there is a whole and a new one."""
        if not self._pictures or self._pictures[-1].seconds - self._scored_until < LOOK_SECONDS:
            return
        self._scored_until = until = self._pictures[-1].seconds
        step, pictures = self._step(), list(self._pictures)
        for encoder, spec in self._specs.items():
            length = spec.sampling.window_seconds
            if until + 1.5 * step - pictures[0].seconds >= length:  # half a picture may be missing: cameras are not that exact
                self._asked.append(self._sent(encoder, pictures, step, length))

    def _sent(self, encoder: str, pictures: Sequence[Picture], step: float, length: float) -> _Asked:
        assert self._began is not None  # there are pictures
        ends = pictures[-1].seconds + step
        first = max(bisect_right([one.seconds for one in pictures], ends - length + 1e-6) - 1, 0)
        used = pictures[first:]
        start = max(ends - length - used[0].seconds, 0.0)
        moments = [one.seconds - used[0].seconds for one in used]
        folder = self._bench.library.incoming_folder()
        try:
            stills.write_stills(folder / FILM, [one.jpeg for one in used], moments, 1 / step)
            future = self._bench.embedder.vary(folder / FILM, encoder, [Window(start, start + length)], urgent=True)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        window = Window(max(ends - length - self._began, 0.0), ends - self._began)
        return _Asked(encoder, future, folder, window, pictures[-1].seconds, time.monotonic())

    def _add(self, asked: _Asked, made: Varied) -> None:
        """Add what the judges say of a window to the table of its encoder."""
        shutil.rmtree(asked.folder, ignore_errors=True)
        self.windows += 1
        new = scored(self._panel[asked.encoder], [asked.window], made.vectors[:, 0], made.fingerprint)
        table = joined(self._tables[asked.encoder], new)
        recent = table.spans[:, 1] > asked.window.end_seconds - HISTORY_SECONDS
        self._tables[asked.encoder] = Table(table.spans[recent], table.numbers[recent])

    def _let_go(self) -> None:
        """Nobody waits for these scores any more."""
        asked, self._asked = self._asked, []
        for one in asked:
            self._bench.embedder.cancel(one.future)
            shutil.rmtree(one.folder, ignore_errors=True)

    # -- flags ---------------------------------------------------------------------------------------------------------

    def _told(self, until: float) -> tuple[Seen, ...]:
        assert self._began is not None  # there are pictures
        late = time.monotonic() - until
        found, told = flags_of(courses_of(self._tables, self._panel), self._watch.reading), list[Seen]()
        for flag in found:
            known = next((event for event in self._events.values() if self._same(event.flag, flag)), None)
            if known is None:
                number = next(self._numbers)
                self._events[number] = Seen(flag, False, late, number)
                told.append(self._events[number])
            elif not known.over:
                self._events[known.number] = replace(known, flag=_both(known.flag, flag), late_seconds=late)
        now = until - self._began
        for event in list(self._events.values()):
            quiet = now - event.flag.end_seconds
            if not event.over and quiet > self._ending_seconds:
                told.append(self._over(event))
            elif event.over and quiet > HISTORY_SECONDS + self.window_seconds:
                del self._events[event.number]
        return tuple(told)

    @property
    def _ending_seconds(self) -> float:
        """Without it for so long, a flag is over: the windows that could still join it have been seen."""
        reading = self._watch.reading
        return self.window_seconds / 2 + reading.gap_seconds + reading.smoothing_seconds

    def _same(self, known: Flag, flag: Flag) -> bool:
        """Whether both are of one stretch."""
        gap = self._watch.reading.gap_seconds
        near = flag.start_seconds <= known.end_seconds + gap and flag.end_seconds >= known.start_seconds - gap
        return near and known.concept == flag.concept

    def _over(self, event: Seen) -> Seen:
        ended = replace(event, over=True)
        self._events[event.number] = ended
        return ended


def _both(known: Flag, flag: Flag) -> Flag:
    """What was told of a stretch, and what is known of it now: an earlier start may be older than the scores that are kept."""
    peak = known if known.score > flag.score and known.peak_seconds <= flag.end_seconds else flag
    start = min(known.start_seconds, flag.start_seconds)
    return replace(peak, start_seconds=start, end_seconds=flag.end_seconds)
