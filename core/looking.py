"""Where concepts show in clips and files: windows scored, and read as flags.

A clip of the library is scored from its stored vectors, so nothing is decoded. A file that is not in the library is read chunk by
chunk (``core.long_files``). ``core.watching`` does both in the background, with resume.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core import long_files
from core.clips import Clip, Progress, Window
from core.concepts import Concept
from core.decoding import Decoder
from core.errors import BadInput, FingerprintMismatch, NotEnoughData, UnknownName
from core.flagging import NUMBERS, Course, Judge, Judged, Reading, courses, flags, judge, judges
from core.flags import Flag
from core.ingesting import check_file
from core.sampling import windows
from core.teaching import Teacher
from core.workbench import Workbench

__all__ = ["Course", "DryRun", "Looker", "Reading", "Scanned", "Table", "Watch"]

Find = Callable[[str], Concept]
"""The concept of a name; raises UnknownName."""
Report = Callable[[Progress], None]
Stop = Callable[[], bool]
HOUR_SECONDS, DAY_SECONDS = 3600.0, 86400.0


def silent(_: Progress) -> None: ...


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Watch:
    """What to look for, and how.

    Args:
        concepts: names; ``NAME/CLASS`` is one class of a concept of several.
        reading: how scores become flags.
        encoder: each concept is scored by the encoder it was taught with; naming one here only makes sure that it is this.
        thresholds: (name of the flags, score) that replace those of the concepts.
    """

    concepts: tuple[str, ...]
    reading: Reading = field(default_factory=Reading)
    encoder: str = ""
    thresholds: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.concepts:
            raise BadInput("a watch must have a concept to look for; name one, or teach one first")
        object.__setattr__(self, "concepts", tuple(dict.fromkeys(self.concepts)))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What K judges said of the first N windows of a clip: ``spans`` (N, 2) seconds, ``numbers`` (N, K, NUMBERS)."""

    spans: NDArray[np.float64]
    numbers: NDArray[np.float64]

    @property
    def windows(self) -> int:
        return len(self.spans)


Tables = Mapping[str, Table]
"""By encoder."""
NOTHING: Tables = MappingProxyType({})
Keep = Callable[[dict[str, Table], int], None]
"""Hears of what is done so far, and of how many windows in all."""


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """What a scan of one clip or file found.

    Args:
        windows: how many were scored, over all encoders.
        seconds: how long it took.
        duration_seconds: of the footage.
        clip_id: "" for a file that is not in the library; ``path`` is its own then.
    """

    flags: tuple[Flag, ...]
    courses: tuple[Course, ...]
    windows: int
    seconds: float
    duration_seconds: float = 0.0
    name: str = ""
    clip_id: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class DryRun:
    """What a watch would have done with the clips of the library.

    Args:
        seconds: of footage that was looked at, in ``clips`` clips.
        days: from the first to the last of them being added.
        taught: how many of the flags lie in clips that the concepts were taught from: no wonder.
        unseen: clips that an encoder of the concepts has not embedded; they were left out.
    """

    flags: tuple[Flag, ...]
    clips: int
    seconds: float
    days: float
    taught: int = 0
    unseen: int = 0

    @property
    def sentence(self) -> str:
        """ "Would have fired 14 times in 3.2 hours of footage, 4.4 an hour; ..." """
        count, hours = len(self.flags), self.seconds / HOUR_SECONDS
        length = f"{hours:.1f} hours" if hours >= 1 else f"{self.seconds / 60:.1f} minutes"
        said = f"would have fired {count:,} {'time' if count == 1 else 'times'} in {length} of footage"
        if count and hours:
            said += f", {count / hours:.3g} an hour"
        if self.days >= 2:
            said += f"; its clips were added over {self.days:.0f} days, so {count / self.days:.2g} a day"
        if self.taught:
            said += f"; {self.taught:,} of these in clips that it was taught from"
        if self.unseen:
            said += f"; {self.unseen:,} {'clip was' if self.unseen == 1 else 'clips were'} left out: not embedded by its encoder"
        return f"{said[0].upper()}{said[1:]}."


class Looker:
    """Looks for concepts in the clips of one workbench and in files. Holds nothing of its own: make one wherever it is needed.

    ``find`` gives the concept of a name; the library's own unless given.
    """

    def __init__(self, bench: Workbench, find: Find | None = None) -> None:
        self._bench = bench
        self._find = find or Teacher(bench).get

    def panel(self, watch: Watch) -> dict[str, tuple[Judge, ...]]:
        """The judges of ``watch``, by the encoder that they need.

        Raises UnknownName for a concept or class, WeightsMissing for an encoder that is not here, FingerprintMismatch for one
        that is not what it was when the concept was taught.
        """
        found: dict[str, list[Judge]] = defaultdict(list)
        for name in watch.concepts:
            concept, only = self.concept(name)
            if watch.encoder and concept.encoder != watch.encoder:
                raise BadInput(
                    f"encoder ({watch.encoder}) must be the one that concept {concept.name} was taught with ({concept.encoder}); "
                    "leave it out, or teach the concept again with the other"
                )
            if (now := self._bench.fingerprint(concept.encoder)) != concept.fingerprint:
                raise FingerprintMismatch(
                    f"concept ({concept.name}) must be taught by {concept.encoder} as it is now ({now[:40]}), not as it was "
                    f"({concept.fingerprint[:40]}); teach it again"
                )
            found[concept.encoder] += judges(concept, only, dict(watch.thresholds))
        return {encoder: tuple({one.name: one for one in panel}.values()) for encoder, panel in found.items()}

    def concept(self, name: str) -> tuple[Concept, str]:
        """The concept that ``name`` asks for, and the one class of it ("" for all). Raises UnknownName."""
        try:
            return self._find(name), ""
        except UnknownName:
            concept, slash, only = name.rpartition("/")
            if not slash:
                raise
            return self._find(concept), only

    def scan_clip(self, clip_id: str, watch: Watch, progress: Report = silent, should_stop: Stop = never) -> Scanned:
        """A clip of the library. Nothing is decoded where its vectors by the concepts' encoders are kept.

        Raises as ``panel`` and ``scan_file`` do.
        """
        began, panel = time.monotonic(), self.panel(watch)
        clip = self._bench.library.clip(clip_id)
        tables = self.stored(clip, panel)
        if len(tables) < len(panel):
            media = self._bench.library.media_path(clip.clip_id)
            tables = self.tables(media, panel, known=tables, progress=progress, should_stop=should_stop)
        return self._read(tables, panel, watch, began, clip.info.duration_seconds, clip.name, clip_id=clip.clip_id)

    def scan_file(self, path: Path, watch: Watch, progress: Report = silent, should_stop: Stop = never) -> Scanned:
        """A file wherever it is; of one whose content is in the library the stored vectors are taken.

        Raises as ``panel`` does, BadClip for what is no video, WorkerDied, and Cancelled when ``should_stop`` says so.
        """
        began, panel = time.monotonic(), self.panel(watch)
        check_file(path, self._bench.settings.limits)
        if (clip := self.twin(path)) is not None:
            return replace(self.scan_clip(clip.clip_id, watch, progress, should_stop), path=str(path.absolute()))
        tables = self.tables(path, panel, progress=progress, should_stop=should_stop)
        end = max((float(table.spans[-1, 1]) for table in tables.values() if table.windows), default=0.0)
        return self._read(tables, panel, watch, began, end, path.name, path=str(path.absolute()))

    def twin(self, path: Path, clips: Sequence[Clip] | None = None) -> Clip | None:
        """The clip of the library with the same content as ``path``; None when there is none."""
        size_bytes = path.stat().st_size
        alike = {one.clip_id: one for one in (self._bench.library.clips() if clips is None else clips) if one.bytes == size_bytes}
        if not alike:
            return None
        with path.open("rb") as stream:
            return alike.get(hashlib.file_digest(stream, "sha256").hexdigest())

    def tables(
        self,
        path: Path,
        panel: Mapping[str, Sequence[Judge]],
        *,
        known: Tables = NOTHING,
        keep: Keep = lambda _tables, _total: None,
        progress: Report = silent,
        should_stop: Stop = never,
        chunk: int = 0,
    ) -> dict[str, Table]:
        """Score all windows of a file, for each encoder in turn, after those that are ``known``; ``chunk`` 0 is the usual.

        ``keep`` is called after every chunk. Memory: a chunk's pictures and vectors, and 8 numbers a window.
        """
        info = _decoder(self._bench).probe(path)
        found = {encoder: known.get(encoder, nothing_of(of)) for encoder, of in panel.items()}
        wanted = {encoder: windows(info.duration_seconds, self._bench.spec(encoder).sampling) for encoder in panel}
        total = sum(map(len, wanted.values()))
        for encoder, of in panel.items():
            others = sum(table.windows for name, table in found.items() if name != encoder)

            def tell(done: int, others: int = others) -> None:
                progress(Progress(others + done, total, path.name))

            done = found[encoder].windows
            tell(done)
            for piece in long_files.read(
                self._bench.embedder,
                path,
                encoder,
                info,
                wanted[encoder],
                done=done,
                chunk=chunk,
                on_progress=tell,
                should_stop=should_stop,
            ):
                found[encoder] = joined(found[encoder], scored(of, piece.windows, piece.vectors, piece.fingerprint))
                keep(found, total)
        return found

    def stored(self, clip: Clip, panel: Mapping[str, Sequence[Judge]]) -> dict[str, Table]:
        """What the judges say of a clip, for each encoder that has embedded it."""
        return {encoder: table for encoder, of in panel.items() for _, table in self._stored_tables(encoder, of, [clip.clip_id])}

    def _read(
        self,
        tables: Tables,
        panel: Mapping[str, Sequence[Judged]],
        watch: Watch,
        began: float,
        duration_seconds: float,
        name: str,
        *,
        clip_id: str = "",
        path: str = "",
    ) -> Scanned:
        lines = courses_of(tables, panel)
        found = flags_of(lines, watch.reading, clip_id=clip_id, path=path)
        count = sum(table.windows for table in tables.values())
        return Scanned(found, lines, count, time.monotonic() - began, duration_seconds, name, clip_id, path)

    def course(self, clip_id: str, concept: str) -> tuple[Course, ...]:
        """The scores of a concept over one clip of the library, for strips: a course for each class.

        Raises NotEnoughData where its encoder has not embedded the clip, and as ``panel`` does.
        """
        clip = self._bench.library.clip(clip_id)
        panel = self.panel(Watch((concept,)))
        tables = self.stored(clip, panel)
        if len(tables) < len(panel):
            raise NotEnoughData(f"{clip.name} must be embedded by {', '.join(panel)} to be scored; embed the missing clips first")
        return courses_of(tables, panel)

    def dry_run(self, watch: Watch, clips: Iterable[str] | None = None) -> DryRun:
        """What ``watch`` would have done with the library, or with these clips, from stored vectors alone."""
        panel = self.panel(watch)
        wanted = None if clips is None else frozenset(clips)
        here = [clip for clip in self._bench.library.clips() if wanted is None or clip.clip_id in wanted]
        tables: dict[str, dict[str, Table]] = defaultdict(dict)
        for encoder, of in panel.items():
            for clip_id, table in self._stored_tables(encoder, of, [clip.clip_id for clip in here]):
                tables[clip_id][encoder] = table
        seen = [clip for clip in here if len(tables[clip.clip_id]) == len(panel)]
        found = tuple(
            flag
            for clip in seen
            for flag in flags_of(courses_of(tables[clip.clip_id], panel), watch.reading, clip_id=clip.clip_id)
        )
        taught = {example.clip_id for of in panel.values() for one in of for example in one.concept.examples}
        added = [clip.added_at for clip in seen]
        return DryRun(
            found,
            len(seen),
            sum(clip.info.duration_seconds for clip in seen),
            (max(added) - min(added)) / DAY_SECONDS if added else 0.0,
            taught=sum(flag.clip_id in taught for flag in found),
            unseen=len(here) - len(seen),
        )

    def _stored_tables(self, encoder: str, of: Sequence[Judge], clip_ids: Sequence[str]) -> Iterable[tuple[str, Table]]:
        """The tables of those clips that are embedded, some clips' vectors in memory at a time."""
        fingerprint = self._bench.fingerprint(encoder)
        for first in range(0, len(clip_ids), CLIPS_AT_ONCE):
            gallery = self._bench.library.gallery(fingerprint, clip_ids[first : first + CLIPS_AT_ONCE])
            numbers = judge(of, gallery.vectors, fingerprint)
            spans = np.stack([gallery.start_seconds, gallery.end_seconds], axis=1)
            owners = np.asarray(gallery.clip_ids)
            edges = [0, *(np.flatnonzero(owners[1:] != owners[:-1]) + 1).tolist(), len(owners)] if len(owners) else [0]
            for begin, end in pairwise(edges):
                yield gallery.clip_ids[begin], Table(spans[begin:end], numbers[begin:end])


CLIPS_AT_ONCE = 256
_DECODERS: WeakKeyDictionary[Workbench, Decoder] = WeakKeyDictionary()
_MAKING = threading.Lock()


def _decoder(bench: Workbench) -> Decoder:
    """One of a workbench's own: a folder of a thousand files should not start a thousand processes to look at them."""
    with _MAKING:
        if bench not in _DECODERS:
            _DECODERS[bench] = Decoder(bench.settings.limits)
            bench.endings.append(_DECODERS[bench].close)
        return _DECODERS[bench]


def nothing_of(panel: Sequence[Judge]) -> Table:
    """The table before the first window."""
    return Table(np.zeros((0, 2)), np.zeros((0, len(panel), NUMBERS)))


def scored(panel: Sequence[Judge], of: Sequence[Window], vectors: NDArray[np.float32], fingerprint: str) -> Table:
    """What the judges say of windows and their vectors. Raises FingerprintMismatch."""
    spans = np.asarray([(one.start_seconds, one.end_seconds) for one in of], np.float64).reshape(-1, 2)
    return Table(spans, judge(panel, vectors, fingerprint))


def joined(first: Table, second: Table) -> Table:
    return Table(np.concatenate([first.spans, second.spans]), np.concatenate([first.numbers, second.numbers]))


def courses_of(tables: Tables, panel: Mapping[str, Sequence[Judged]]) -> tuple[Course, ...]:
    """A course for each judge."""
    return tuple(line for encoder, of in panel.items() for line in courses(of, tables[encoder].spans, tables[encoder].numbers))


def flags_of(lines: Iterable[Course], reading: Reading, *, clip_id: str = "", path: str = "") -> tuple[Flag, ...]:
    """The flags of all courses of one clip or file, in time order."""
    found = [replace(flag, clip_id=clip_id, path=path) for line in lines for flag in flags(line, reading)]
    return tuple(sorted(found, key=lambda flag: (flag.start_seconds, flag.concept)))
