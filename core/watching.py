"""Scans as jobs: rows of the ledger, worked off in the background, cancelled and resumed without scoring a window twice.

What is done of a file is kept after every chunk of windows, so a kill costs one chunk. A scan remembers thresholds, the way of
reading and what its concepts were; of one that was taught anew meanwhile, what is not finished begins again.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from core import manifest
from core.clips import Clip, Progress
from core.concepts import Example
from core.errors import (
    BadInput,
    Cancelled,
    FingerprintMismatch,
    LibraryError,
    MotionbookError,
    PackageMissing,
    UnknownName,
    WeightsDamaged,
    WeightsMissing,
)
from core.flagging import Course, Judge, Reading
from core.flags import Flag
from core.ingesting import check_file
from core.looking import DryRun, Looker, Report, Scanned, Stop, Table, Tables, Watch, courses_of, flags_of, never, silent
from core.recalibrating import Recalibrated, examples, recalibrate
from core.scan_forms import courses_in, given_in, pack, settings_of, stamp, unpack, versions, watch_in, windows_of
from core.store import Scan, ScanItem
from core.workbench import Workbench

__all__ = ["Course", "DryRun", "Reading", "Recalibrated", "Scan", "ScanItem", "ScanReport", "Scanned", "Watch", "Watcher"]

FOR_EVERY_ITEM = (LibraryError, WeightsMissing, WeightsDamaged, PackageMissing, FingerprintMismatch)
"""What is true for every clip that follows: the scan ends with it, and can be resumed when it is mended."""
PARTS = 1000
"""Steps of a progress that each clip or file counts for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or clip that could not be scanned, or not to its end."""

    name: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class ScanReport:
    """What running a scan came to. ``windows`` counts those that were scored now, ``seconds`` the time it took now."""

    scan_id: int
    state: str
    flags: tuple[Flag, ...]
    refused: tuple[Refused, ...]
    windows: int
    seconds: float


class Watcher(Looker):
    """Looks for concepts, now (see Looker) or as scans. Holds nothing of its own: make one wherever it is needed."""

    # -- scans -------------------------------------------------------------------------------------------------------------

    def begin(
        self,
        title: str,
        watch: Watch,
        *,
        clips: Iterable[str] | None = None,
        paths: Iterable[Path] = (),
        folder: Path | None = None,
        background: bool = True,
    ) -> int:
        """Write a scan down, and do it in the background unless told otherwise (``run`` it then); its id.

        ``clips`` are ids; ``folder`` is searched for videos as adding does it, and so are folders among ``paths``.
        Raises what ``panel`` raises, UnknownName for a clip, BadInput for a folder without videos or for nothing to look through.
        """
        panel = self.panel(watch)
        items = [(self._bench.library.clip(clip_id).clip_id, "") for clip_id in clips or ()]
        for path in [*paths, *([folder] if folder else [])]:
            files = list(manifest.walk(path)) if path.is_dir() else [path]
            if not files:
                raise BadInput(f"folder ({path}) must hold video files; none was found by its suffix")
            items += [("", _storable(file)) for file in files]
        if not items:
            raise BadInput("a scan must have something to look through; name clips, files or a folder")
        with _queue(self._bench).picking:
            scan_id = self._bench.library.scans.add(title.strip() or "Scan", settings_of(watch, panel), dict.fromkeys(items))
            self._begin(scan_id, background)
        return scan_id

    def _begin(self, scan_id: int, background: bool) -> None:
        """The thread leaves alone what somebody else is about to ``run``."""
        held = _queue(self._bench).held
        if background:
            held.discard(scan_id)
            self.work_in_background()
        else:
            held.add(scan_id)

    def scans(self, *, active_only: bool = False, limit: int = 50) -> list[Scan]:
        """Newest first."""
        return self._bench.library.scans.all(active_only=active_only, limit=limit)

    def scan(self, scan_id: int) -> Scan:
        """Raises UnknownName."""
        return self._bench.library.scans.get(scan_id)

    def watch_of(self, scan: Scan) -> Watch:
        """What a scan looks for, thresholds included."""
        return watch_in(scan.settings)

    def items(self, scan_id: int) -> list[ScanItem]:
        """Its clips and files, each with its state, and with words on what was wrong."""
        return self._bench.library.scans.items(scan_id)

    def refused(self, scan_id: int) -> tuple[Refused, ...]:
        """What could not be scanned, or not to its end."""
        return tuple(map(_refused, self._bench.library.scans.items(scan_id, state="refused")))

    def progress(self, scan_id: int) -> Progress:
        """How far a scan is: PARTS for each clip or file, and in words. Raises UnknownName."""
        scan, here = self.scan(scan_id), _queue(self._bench).current.get(scan_id)
        open_items = [item for item in self.items(scan_id) if item.state in ("queued", "running") and item.total]
        parts = sum(PARTS * item.windows // item.total for item in open_items)
        kept = Progress(PARTS * scan.done + parts, PARTS * scan.total, f"{scan.done:,} of {scan.total:,}")
        return here if scan.active and here is not None and here.done >= kept.done else kept

    def cancel(self, scan_id: int) -> None:
        """Stop a scan after the chunk under way; what it found stays, and ``resume`` goes on from there."""
        self._bench.library.scans.set_state(scan_id, "cancelled", only_from=("queued", "running"))

    def resume(self, scan_id: int, *, background: bool = True) -> None:
        """Go on with a scan that was cancelled or failed. Raises UnknownName."""
        self.scan(scan_id)
        with _queue(self._bench).picking:
            self._bench.library.scans.set_state(scan_id, "queued", only_from=("cancelled", "failed"))
            self._begin(scan_id, background)

    def forget(self, scan_id: int) -> None:
        """Remove a scan and its flags for good."""
        self.cancel(scan_id)
        self._bench.library.scans.forget(scan_id)

    def work_in_background(self) -> None:
        """From now on scans are done by a thread of this process, unfinished ones of earlier processes included."""
        _queue(self._bench).start(self)

    def run(self, scan_id: int, progress: Report = silent, should_stop: Stop = never) -> ScanReport:
        """Do one scan here and now, to its end, its cancellation, or until ``should_stop``: it then waits for the next run.

        Raises UnknownName and what FOR_EVERY_ITEM names; the scan has failed then, and can be resumed.
        """
        held = _queue(self._bench).held
        held.add(scan_id)
        try:
            return _Run(self, self._bench, scan_id, progress, should_stop).run()
        finally:
            held.discard(scan_id)

    def fail(self, scan_id: int, message: str) -> bool:
        """Mark a scan as failed; False where the disk refuses even that: the next start tries it again then."""
        with contextlib.suppress(MotionbookError):
            self._bench.library.scans.set_state(scan_id, "failed", message, only_from=("queued", "running"))
            return True
        return False

    # -- flags -------------------------------------------------------------------------------------------------------------

    def flags(
        self,
        scan_id: int | None = None,
        *,
        concept: str = "",
        verdict: str | None = None,
        clip_id: str = "",
        path: str = "",
        limit: int | None = None,
    ) -> list[Flag]:
        """The flags that fit, by scan, place and time; ``concept`` means all of its classes."""
        return self._bench.library.scans.flags(scan_id, concept=concept, verdict=verdict, clip_id=clip_id, path=path, limit=limit)

    def decide(self, flag_ids: int | Iterable[int], verdict: str) -> dict[int, str]:
        """ "accepted", "rejected", or "" to take it back; what each had before, to undo it. Raises UnknownName, BadInput."""
        return self._bench.library.scans.decide([flag_ids] if isinstance(flag_ids, int) else flag_ids, verdict)

    def recalibrate(self, name: str) -> Recalibrated:
        """Choose a concept's thresholds anew, with what was said of its flags as further examples, and keep them.

        Taking a verdict back and calling it again brings back what was. Raises UnknownName, and what teaching it again raises.
        """
        return recalibrate(self._bench, name)

    def examples(self, name: str) -> tuple[Example, ...]:
        """The flags of clips that were looked at, as examples for teaching a concept again. Raises UnknownName."""
        return examples(self._bench, self._find(name))

    def courses(self, scan_id: int, clip_id: str = "", path: str = "", *, smooth: bool = True) -> tuple[Course, ...]:
        """What a scan scored in one clip or file so far, for strips; smoothed as its flags were read, unless told otherwise."""
        found = [one for one in self.items(scan_id) if (one.clip_id == clip_id if clip_id else one.path == path)]
        if not found:
            return ()
        settings = self.scan(scan_id).settings
        lines = courses_in(settings, self._bench.library.scans.scores(scan_id, found[0].position))
        seconds = watch_in(settings).reading.smoothing_seconds
        return tuple(line.smoothed(seconds) for line in lines) if smooth else lines


class _Run:
    """One run of one scan."""

    def __init__(self, watcher: Watcher, bench: Workbench, scan_id: int, progress: Report, should_stop: Stop) -> None:
        self._watcher, self._bench, self._book, self._scan_id = watcher, bench, bench.library.scans, scan_id
        self._progress, self._asked_to_stop = progress, should_stop
        self._clips: list[Clip] = []
        self._windows = 0
        self._place = (0, 0)

    def run(self) -> ScanReport:
        began, scan = time.monotonic(), self._book.get(self._scan_id)
        if self._book.set_state(self._scan_id, "running", only_from=("queued", "running")):
            try:
                self._work(scan)
            except MotionbookError as error:
                self._watcher.fail(self._scan_id, str(error))
                raise
        state = self._book.state(self._scan_id)
        found = self._book.flags(self._scan_id)
        refused = self._watcher.refused(self._scan_id)
        return ScanReport(self._scan_id, state, tuple(found), refused, self._windows, time.monotonic() - began)

    def _work(self, scan: Scan) -> None:
        watch, panel, note = self._prepared(scan)
        self._clips = self._bench.library.clips()
        while not self._stopping():
            item = self._book.next_item(self._scan_id)
            if item is None:
                self._book.set_state(self._scan_id, "done", note, only_from=("running",))
                return
            self._place = (item.position, scan.total)
            self._do(item, watch, panel)
        self._book.set_state(self._scan_id, "queued", only_from=("running",))

    def _prepared(self, scan: Scan) -> tuple[Watch, dict[str, tuple[Judge, ...]], str]:
        """The watch and its judges; where a concept is not what it was when the scan began, with its new thresholds."""
        watch = watch_in(scan.settings)
        now = self._watcher.panel(watch)
        if versions(now) == scan.settings["versions"]:
            return watch, now, ""
        asked = Watch(watch.concepts, watch.reading, watch.encoder, given_in(scan.settings["given"]))
        panel = self._watcher.panel(asked)
        settings = settings_of(asked, panel)
        self._book.set_settings(self._scan_id, settings)
        return (
            watch_in(settings),
            panel,
            "A concept was taught anew meanwhile: what was not finished then was scanned with the new one.",
        )

    def _stopping(self) -> bool:
        return self._asked_to_stop() or self._book.state(self._scan_id) != "running"

    def _do(self, item: ScanItem, watch: Watch, panel: Mapping[str, Sequence[Judge]]) -> None:
        try:
            clip, path, tables = self._tables(item, panel)
        except Cancelled:
            self._book.finish_item(item.scan_id, item.position, "queued")
            return
        except FOR_EVERY_ITEM:
            self._book.finish_item(item.scan_id, item.position, "queued")
            raise
        except MotionbookError as error:
            self._refuse(item, watch, panel, error)
            return
        clip_id = clip.clip_id if clip else ""
        found = flags_of(courses_of(tables, panel), watch.reading, clip_id=clip_id, path="" if item.clip_id else str(path))
        self._book.finish_item(
            item.scan_id,
            item.position,
            "done",
            clip_id=clip_id,
            scores=pack(tables, b"" if clip else stamp(path)),
            windows=windows_of(tables),
            found=found,
        )
        self._tell(Progress(1, 1, clip.name if clip else path.name))

    def _tables(self, item: ScanItem, panel: Mapping[str, Sequence[Judge]]) -> tuple[Clip | None, Path, dict[str, Table]]:
        """The clip that the item is, if it is one, its file, and what the judges say of it."""
        clip, path = self._source(item)
        tables = self._watcher.stored(clip, panel) if clip is not None else {}
        if len(tables) == len(panel):
            return clip, path, tables
        kept, of_file = unpack(self._book.scores(item.scan_id, item.position))
        mine = b"" if clip else stamp(path)
        known = {encoder: table for encoder, table in kept.items() if encoder in panel} if of_file == mine else {}
        before = windows_of(known) + windows_of(tables)

        def keep(done: Tables, total: int) -> None:
            self._windows = count + windows_of(done) - before
            self._book.keep_scores(item.scan_id, item.position, pack(done, mine), windows_of(done), total)

        count = self._windows
        made = self._watcher.tables(
            path, panel, known={**known, **tables}, keep=keep, progress=self._tell, should_stop=self._stopping
        )
        return clip, path, made

    def _source(self, item: ScanItem) -> tuple[Clip | None, Path]:
        if item.clip_id:
            clip = next((one for one in self._clips if one.clip_id == item.clip_id), None)
            if clip is None:
                raise UnknownName(f"clip ({item.clip_id[:12]}) must be in the library to be scanned; restore it")
            return clip, self._bench.library.media_path(clip.clip_id)
        path = Path(item.path)
        check_file(path, self._bench.settings.limits)
        return self._watcher.twin(path, self._clips), path

    def _refuse(self, item: ScanItem, watch: Watch, panel: Mapping[str, Sequence[Judge]], error: MotionbookError) -> None:
        """It could not be scanned, or not to its end; what was scored before counts."""
        tables, _ = unpack(self._book.scores(item.scan_id, item.position))
        said = f"{error.reason}: {error}"
        found: tuple[Flag, ...] = ()
        if set(tables) == set(panel) and (reached := _reached(tables)):
            found = flags_of(courses_of(tables, panel), watch.reading, clip_id=item.clip_id, path=item.path)
            said += f" (its first {reached:.0f} s were scanned)"
        self._book.finish_item(item.scan_id, item.position, "refused", message=said, found=found)

    def _tell(self, step: Progress) -> None:
        position, total = self._place
        parts = PARTS * step.done // max(step.total, 1)
        label = f"{position + 1:,} of {total:,}: {step.label}" if total > 1 else step.label
        self._progress(Progress(PARTS * position + parts, PARTS * total, label))


# -- the background ------------------------------------------------------------------------------------------------------------


class _Queue:
    """Does the scans of one workbench, the oldest first, in one thread."""

    def __init__(self, bench: Workbench) -> None:
        self._lock, self._wake, self._closing = threading.Lock(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._stuck: set[int] = set()
        self.picking = threading.Lock()
        self.held: set[int] = set()
        """Scans that somebody runs, or will."""
        self.current: dict[int, Progress] = {}
        bench.endings.append(self.close)

    def start(self, watcher: Watcher) -> None:
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._work_forever, args=(watcher,), name="scans", daemon=True)
                self._thread.start()
            self._stuck.clear()
        self._wake.set()

    def close(self) -> None:
        """The scan under way waits for the next process."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=60)

    def _work_forever(self, watcher: Watcher) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            while not self._closing.is_set() and (scan_id := self._next(watcher)):
                self._work_on(watcher, scan_id)

    def _next(self, watcher: Watcher) -> int:
        """The oldest scan that waits; 0 when there is none, or when the ledger cannot be read: the next start tries again."""
        with contextlib.suppress(MotionbookError), self.picking:
            waiting = watcher.scans(active_only=True, limit=1_000_000)
            return next((scan.scan_id for scan in reversed(waiting) if scan.scan_id not in self._stuck | self.held), 0)
        return 0

    def _work_on(self, watcher: Watcher, scan_id: int) -> None:
        """A scan that cannot go on is marked as failed; nothing ends the thread that all later scans need."""

        def note(progress: Progress) -> None:
            self.current[scan_id] = progress

        try:
            watcher.run(scan_id, note, self._closing.is_set)
        except Exception as error:
            message = str(error) if isinstance(error, MotionbookError) else f"something unexpected happened: {error!r}"
            if not watcher.fail(scan_id, message):
                self._stuck.add(scan_id)
        finally:
            self.current.pop(scan_id, None)


_QUEUES: WeakKeyDictionary[Workbench, _Queue] = WeakKeyDictionary()
_MAKING = threading.Lock()


def _queue(bench: Workbench) -> _Queue:
    with _MAKING:
        if bench not in _QUEUES:
            _QUEUES[bench] = _Queue(bench)
        return _QUEUES[bench]


def _refused(item: ScanItem) -> Refused:
    reason, _, message = item.message.partition(": ")
    return Refused(item.path or item.clip_id, reason, message)


def _storable(path: Path) -> str:
    return os.fsencode(path.absolute()).decode("utf-8", "replace")


def _reached(tables: Tables) -> float:
    return min((float(table.spans[-1, 1]) for table in tables.values() if table.windows), default=0.0)
