"""The guard: a thread that looks at watched folders, new clips and cameras for what armed rules look for, and lets them act.

What it has seen is remembered across restarts. A file or clip is marked as seen after its rules have acted: a kill in between
lets them act twice rather than never.
"""

from __future__ import annotations

import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

from core.acting import Messenger
from core.arrivals import Arrivals
from core.concepts import Concept
from core.decoding import streams
from core.decoding.streams import Stream
from core.errors import BadClip, MotionbookError
from core.flags import Flag
from core.onlooking import Onlooker, Seen
from core.rules import Firing, Rule, Rulebook
from core.watching import Watch, Watcher
from core.workbench import Workbench

LOOK_SECONDS = 1.0  # between two looks at folders and new clips
REST = 5.0  # a look that took long is followed by a rest of so many times as long: a large folder must not fill the disk's time
MOST_CAMERAS = 4  # each decodes all the time
TAKE_SECONDS = 0.25  # how long a camera is waited for before somebody may stop it
MOST_TROUBLE = 5  # scores in a row that failed, then a camera is given up until its rules change
ON, CLIPS, FOLDER = "guard:on", "guard:clips", "guard:folder:"
"""Names of notes: whether it shall run, up to when clips were looked at, the marks of a folder's files by a hash of its path."""
Find = Callable[[str], Concept]


@dataclass(frozen=True, slots=True)
class PlaceState:
    """What the guard does at one place; ``words`` for people.

    ``seen`` counts files, clips, or a camera's pictures; ``late_seconds`` is how late a camera's last flag came.
    """

    kind: str
    place: str
    words: str
    seen: int = 0
    flags: int = 0
    late_seconds: float = 0.0
    sound: bool = True


@dataclass(frozen=True, slots=True)
class GuardState:
    """``trouble`` says in words what went wrong last, "" when nothing did."""

    running: bool
    places: tuple[PlaceState, ...] = ()
    trouble: str = ""


class Guard:
    """Watches for one workbench; make one and keep it. Safe to use from several threads.

    ``find`` gives the concept of a name; the library's own unless given.
    """

    def __init__(self, bench: Workbench, find: Find | None = None) -> None:
        self._bench, self._find = bench, find
        self._watcher, self._book = Watcher(bench, find), Rulebook(bench)
        self._lock, self._stopping = threading.RLock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._arrivals: dict[str, Arrivals] = {}
        self._places: dict[tuple[str, str], PlaceState] = {}
        self._eyes: dict[str, Eye] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._messenger: Messenger | None = None
        self._trouble = ""
        bench.endings.append(self.close)

    @property
    def state(self) -> GuardState:
        with self._lock:
            eyes = tuple(eye.state for eye in self._eyes.values())
            return GuardState(self.running, (*self._places.values(), *eyes), self._trouble)

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin, and begin again whenever the app does (``resume``). Nothing happens while it runs."""
        with self._lock:
            self._bench.library.remember_note(ON, True)
            if self.running:
                return
            self._stopping.clear()
            self._trouble = ""
            self._messenger = Messenger()
            self._thread = threading.Thread(target=self._run, name="guard", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End, and stay ended until somebody starts it."""
        self._bench.library.remember_note(ON, False)
        self.close()

    def resume(self) -> None:
        """Start if it was running when the last process ended."""
        if self._bench.library.note(ON):
            self.start()

    def close(self) -> None:
        """End until the app starts again. Safe to call twice."""
        with self._lock:
            self._stopping.set()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=60)
        if self._messenger is not None:
            self._messenger.close()
            self._messenger = None

    # -- in the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                self._trouble = "; ".join(dict.fromkeys(self._look()))
                took = time.monotonic() - began
                self._stopping.wait(max(LOOK_SECONDS, min(REST * took, 60.0)))
        finally:
            self._wanted(())

    def _look(self) -> list[str]:
        """One look at everything; what went wrong, in words. What fails at one place does not keep the others waiting."""
        said: list[str] = []

        def tried(look: Callable[[], object]) -> None:
            try:
                look()
            except Exception as error:
                said.append(_words(error))

        rules: list[Rule] = []
        tried(lambda: rules.extend(self._book.armed()))
        folders = sorted({rule.where.value for rule in rules if rule.where.kind == "folder"})
        with self._lock:
            self._places = {at: place for at, place in self._places.items() if at[0] == "clips" or at[1] in folders}
        for address in self._wanted(rules):
            tried(lambda address=address: self._open(address, rules))  # type: ignore[misc]
        for folder in folders:
            tried(lambda folder=folder: self._folder(folder, rules))  # type: ignore[misc]
        tried(lambda: self._new_clips([rule for rule in rules if rule.where.kind in ("all", "label", "source")]))
        return said

    # -- folders -------------------------------------------------------------------------------------------------------

    def _folder(self, folder: str, armed: Sequence[Rule]) -> None:
        rules = [rule for rule in armed if rule.where.holds(folder=folder)]
        note = FOLDER + hashlib.sha256(folder.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        if folder not in self._arrivals:
            self._arrivals[folder] = Arrivals(Path(folder), self._bench.library.note(note))
        arrivals = self._arrivals[folder]
        before = arrivals.marks
        if not arrivals.folder.is_dir():
            self._tell("folder", folder, "is not there at the moment", sound=False)
            return
        for path in arrivals.look(time.monotonic()):
            if self._stopping.is_set():
                return
            self._tell("folder", folder, f"looking at {path.name}")
            found, said = self._scan(f"New in {arrivals.folder.name}: {path.name}", rules, paths=[path])
            for flag in found:
                self._fire(self._book.matching(flag, folder=folder, rules=rules), flag, path.name)
            arrivals.done(path)
            self._bench.library.remember_note(note, arrivals.marks)
            self._tell("folder", folder, said or "watching", seen=1, flags=len(found), sound=not said)
        if arrivals.marks != before:  # also at the first look, and when files went away
            self._bench.library.remember_note(note, arrivals.marks)
        growing = f"; {arrivals.waiting} still growing" if arrivals.waiting else ""
        self._tell("folder", folder, f"watching{growing}")

    def _scan(
        self, title: str, rules: Sequence[Rule], *, clips: Iterable[str] | None = None, paths: Iterable[Path] = ()
    ) -> tuple[tuple[Flag, ...], str]:
        """The flags of one file or clip, kept as a scan for the Watch page; and what was wrong with it, in words.

        Raises what is true for every file: then this one stays new.
        """
        watch = watch_of(rules)
        scan_id = self._watcher.begin(title, watch, clips=clips, paths=paths, background=False)
        try:
            report = self._watcher.run(scan_id, should_stop=self._stopping.is_set)
        except MotionbookError:
            self._watcher.forget(scan_id)
            raise
        if report.state != "done":
            self._watcher.forget(scan_id)
            raise MotionbookError("it was stopped before a file was looked at to its end; that file waits")
        if not report.flags and not report.refused:
            self._watcher.forget(scan_id)  # a camera's folder gets a file a minute: most have nothing to tell
        return report.flags, "; ".join(f"{one.name}: {one.message}" for one in report.refused)

    # -- clips ---------------------------------------------------------------------------------------------------------

    def _new_clips(self, rules: Sequence[Rule]) -> None:
        library, mark = self._bench.library, self._bench.library.note(CLIPS)
        if mark is None or not rules:  # what is here before there is a rule is history, and had its dry run
            library.remember_note(CLIPS, max((clip.added_at for clip in library.clips()), default=0.0))
            return
        for clip in [clip for clip in library.clips() if clip.added_at > mark]:
            if self._stopping.is_set():
                return
            mine = [rule for rule in rules if rule.where.holds(clip)]
            if mine:
                self._tell("clips", "", f"looking at {clip.name}")
                found, said = self._scan(f"New: {clip.name}", mine, clips=[clip.clip_id])
                for flag in found:
                    self._fire(self._book.matching(flag, clip, rules=mine), flag, clip.name)
                self._tell("clips", "", said or "watching", seen=1, flags=len(found), sound=not said)
            library.remember_note(CLIPS, clip.added_at)
        self._tell("clips", "", "watching")

    # -- cameras -------------------------------------------------------------------------------------------------------

    def _wanted(self, rules: Sequence[Rule]) -> list[str]:
        """The cameras to open now; those that are watched for other rules than these are closed."""
        wanted = list(dict.fromkeys(rule.where.value for rule in rules if rule.where.kind == "camera"))[:MOST_CAMERAS]
        for address in [one for one in self._eyes if one not in wanted or self._rules[one] != _of(one, rules)]:
            with self._lock:
                eye = self._eyes.pop(address)
            eye.close()
        return [address for address in wanted if address not in self._eyes]

    def _open(self, address: str, armed: Sequence[Rule]) -> None:
        rules = _of(address, armed)

        def act(seen: Seen) -> None:
            if not seen.over:
                self._fire(self._book.matching(seen.flag, camera=address, rules=rules), seen.flag, streams.shown(address))

        hosts = self._bench.settings.stream_hosts
        eye = Eye(self._bench, address, watch_of(rules), act, watcher=self._watcher, hosts=hosts)
        with self._lock:
            self._eyes[address], self._rules[address] = eye, rules

    # -- acting --------------------------------------------------------------------------------------------------------

    def _fire(self, rules: Sequence[Rule], flag: Flag, place: str) -> None:
        for rule in rules:
            act(self._book, self._messenger, rule, flag, place)

    def _tell(self, kind: str, place: str, words: str, *, seen: int = 0, flags: int = 0, sound: bool = True) -> None:
        with self._lock:
            before = self._places.get((kind, place), PlaceState(kind, place, ""))
            self._places[(kind, place)] = dataclasses.replace(
                before, words=words, seen=before.seen + seen, flags=before.flags + flags, sound=sound
            )


_guards: WeakKeyDictionary[Workbench, Guard] = WeakKeyDictionary()
_finding = threading.Lock()


def guard_of(bench: Workbench) -> Guard:
    """The one guard of a workbench, made when it is first asked for."""
    with _finding:
        if bench not in _guards:
            _guards[bench] = Guard(bench)
            bench.endings.append(partial(_forget, bench))  # a guard holds its bench, so that neither would go
        return _guards[bench]


def _forget(bench: Workbench) -> None:
    _guards.pop(bench, None)


def _of(address: str, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.where.holds(camera=address))


def watch_of(rules: Sequence[Rule]) -> Watch:
    """What these rules together look for."""
    return Watch(tuple(dict.fromkeys(rule.concept for rule in rules)))


def act(book: Rulebook, messenger: Messenger | None, rule: Rule, flag: Flag, place: str) -> Firing:
    """Write a firing down, show its notice, and send its webhook when its turn comes."""
    firing = book.fire(rule, flag, place=place)
    if "webhook" in rule.actions and (messenger is None or not messenger.send(lambda: book.deliver(rule, firing))):
        return book.note(firing, "webhook not sent: too many others wait")
    return firing


class Eye:
    """One camera, watched in a thread of its own from the beginning to ``close``.

    Args:
        act: hears of what begins and ends, in that thread.
        hosts: where cameras may be besides this machine.
    """

    def __init__(
        self,
        bench: Workbench,
        address: str,
        watch: Watch,
        act: Callable[[Seen], object],
        *,
        watcher: Watcher | None = None,
        hosts: Sequence[str] = (),
    ) -> None:
        self.address = address
        self.onlooker = Onlooker(bench, watch, watcher)
        fps, side = self.onlooker.fps, self.onlooker.short_side_px
        self.stream = Stream(address, fps=fps, short_side_px=side, hosts=hosts, limits=bench.settings.limits)
        self._act, self._stopping = act, threading.Event()
        self._flags, self._late, self._trouble = 0, 0.0, ""
        self._thread = threading.Thread(target=self._run, name="eye", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether nothing more will come: a file ended, or it was given up."""
        return not self._thread.is_alive()

    @property
    def state(self) -> PlaceState:
        """In words: how the stream is, or what is wrong."""
        stream = self.stream.state
        words = self._trouble or stream.words
        return PlaceState(
            "camera", streams.shown(self.address), words, stream.pictures, self._flags, self._late, stream.connected
        )

    def close(self) -> None:
        self._stopping.set()
        self.stream.close()
        self._thread.join(timeout=60)

    def _run(self) -> None:
        failures = 0
        with self.stream:
            while not self._stopping.is_set() and failures < MOST_TROUBLE:
                over = self.stream.state.over
                try:
                    for seen in self._seen(last=over):
                        self._hear(seen)
                    failures = 0
                except BadClip as error:  # pictures that do not decode, as a camera sends them when its network is bad
                    self._trouble = str(error)
                except Exception as error:
                    self._trouble, failures = _words(error), failures + 1
                else:
                    self._trouble = ""
                if over:
                    break
            for seen in self.onlooker.end():
                self._hear(seen)

    def _seen(self, *, last: bool) -> Iterator[Seen]:
        """What the newest pictures tell; of the ``last`` ones all is waited for."""
        yield from self.onlooker.push(self.stream.take(TAKE_SECONDS))
        yield from self.onlooker.look(patience_seconds=0)
        if last:
            yield from self.onlooker.look()  # a window that was asked for before
            yield from self.onlooker.look()

    def _hear(self, seen: Seen) -> None:
        if not seen.over:
            self._flags, self._late = self._flags + 1, seen.late_seconds
        self._act(seen)


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, MotionbookError) else f"something unexpected happened: {error!r}"
