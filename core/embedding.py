"""The client of the worker process: a path goes in, the embeddings of that clip come out as a Future."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from core import encoders
from core.alterations import AS_FILMED, Alteration
from core.clips import ClipEmbeddings, Floats, VideoInfo, Window
from core.errors import BadInput, Cancelled, WorkerDied, from_reason
from core.processes import Child, Payload
from core.settings import Settings

THUMBNAIL_PX = 320
LOOK_SECONDS = 0.1  # how often a wait looks up whether somebody wants to stop
NOTHING: Mapping[str, ClipEmbeddings] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """What the worker found in one file. ``thumbnail`` is a JPEG, empty when none was asked for.

    ``parts`` are the embeddings that were computed on the way to those of an encoder with parts: worth keeping.
    ``engine`` says in words what computed: library, device and precision.
    """

    info: VideoInfo
    embeddings: ClipEmbeddings
    thumbnail: bytes
    parts: tuple[ClipEmbeddings, ...] = ()
    engine: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Varied:
    """Chosen windows of one file, each embedded as filmed or altered: ``vectors`` (W, A, D) float32, W windows, A alterations.

    ``fingerprint`` is the encoder's. Windows of the encoder's own length, as filmed, may be compared with the library's vectors
    of that fingerprint; windows of another length or altered ones only among themselves and with care. None is ever stored as
    a clip's embedding.
    """

    info: VideoInfo
    windows: tuple[Window, ...]
    vectors: Floats
    fingerprint: str


class Embedder(Protocol):
    """Turns files into embeddings; the one thing that ingesting and comparing know of networks."""

    def submit(
        self,
        path: Path,
        encoder: str,
        *,
        known: Mapping[str, ClipEmbeddings] = NOTHING,
        urgent: bool = False,
        thumbnail: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Future[Embedded]:
        """Embed one file; ``known`` are its embeddings by parts of ``encoder`` that need not be computed again.

        The future raises BadClip, EncoderError, WorkerDied or Cancelled; progress is windows of windows.
        """
        ...

    def vary(
        self,
        path: Path,
        encoder: str,
        windows: Sequence[Window],
        alterations: Sequence[Alteration] = (AS_FILMED,),
        *,
        urgent: bool = True,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Future[Varied]:
        """Embed windows of one's own choice, each as every alteration has it. The future raises as that of ``submit``.

        BadInput at once without windows or alterations; a window may begin anywhere before the clip's end.
        """
        ...

    def sentences(self, texts: Sequence[str], encoder: str = "") -> Future[Floats]:
        """Sentences as unit vectors (N, 384) float32, at least one. The future raises WeightsMissing, BadInput, WorkerDied.

        With the name of an ``encoder`` that speaks, its own text tower gives their directions (N, D) among its embeddings.
        """
        ...

    def cancel(self, future: Future[Any]) -> None:
        """Stop working for ``future``; it ends with Cancelled, or with its result when that was faster."""
        ...

    def close(self) -> None: ...


def vary_until(
    embedder: Embedder,
    path: Path,
    encoder: str,
    windows: Sequence[Window],
    alterations: Sequence[Alteration] = (AS_FILMED,),
    *,
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
    stopped: str,
) -> Floats:
    """The vectors (W, A, D) of ``Embedder.vary``, waited for; raises Cancelled(``stopped``) as soon as it should stop."""
    if should_stop():
        raise Cancelled(stopped)
    future = embedder.vary(path, encoder, windows, alterations, on_progress=on_progress)
    while not wait([future], timeout=LOOK_SECONDS).done:
        if should_stop():
            embedder.cancel(future)
            raise Cancelled(stopped)
    return future.result().vectors


@dataclass(slots=True, eq=False)
class _Pending:
    future: Future[Any]
    child: Child
    read: Callable[[dict[str, Any], Payload], object]
    """Makes the future's result out of the answer."""
    on_progress: Callable[[int, int], None] | None


class WorkerEmbedder:
    """An Embedder over one worker process, started at the first request and started again after its death.

    Whatever was on its way when the worker died ends with WorkerDied; the caller decides whether to ask again.
    Safe to use from several threads.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._child: Child | None = None
        self._closed = False

    def submit(
        self,
        path: Path,
        encoder: str,
        *,
        known: Mapping[str, ClipEmbeddings] = NOTHING,
        urgent: bool = False,
        thumbnail: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Future[Embedded]:
        future: Future[Embedded] = Future()
        asked = {**_request(path, encoder, urgent=urgent), "parts": to_compute(encoder, known)}
        asked["thumbnail_px"] = THUMBNAIL_PX if thumbnail else 0
        return self._send(future, asked, lambda header, payload: _embedded(header, payload, encoder, known), on_progress)

    def vary(
        self,
        path: Path,
        encoder: str,
        windows: Sequence[Window],
        alterations: Sequence[Alteration] = (AS_FILMED,),
        *,
        urgent: bool = True,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Future[Varied]:
        if not windows or not alterations:
            raise BadInput(f"windows and alterations ({len(windows)}, {len(alterations)}) must be at least one each; name some")
        future: Future[Varied] = Future()
        asked = _request(path, encoder, urgent=urgent)
        asked["windows"] = [[window.start_seconds, window.end_seconds] for window in windows]
        asked["alterations"] = [[one.kind, one.region, one.span] for one in alterations]
        return self._send(future, asked, lambda header, payload: varied(header, payload, encoder, len(alterations)), on_progress)

    def sentences(self, texts: Sequence[str], encoder: str = "") -> Future[Floats]:
        future: Future[Floats] = Future()
        return self._send(future, {"op": "sentences", "texts": list(texts), "encoder": encoder}, _rows, None)

    def _send(
        self,
        future: Future[Any],
        asked: dict[str, Any],
        read: Callable[[dict[str, Any], Payload], object],
        on_progress: Callable[[int, int], None] | None,
    ) -> Future[Any]:
        with self._lock:
            if self._closed:
                raise WorkerDied("the worker was closed; open the library again")
            number, child = next(self._numbers), self._running()
            self._pending[number] = _Pending(future, child, read, on_progress)
            try:
                child.send({**asked, "id": number})
            except WorkerDied as error:
                self._pending.pop(number, None)
                if not future.done():
                    future.set_exception(error)
        return future

    def cancel(self, future: Future[Any]) -> None:
        with self._lock:
            for number, pending in self._pending.items():
                if pending.future is future:
                    try:
                        pending.child.send({"op": "cancel", "id": number})
                    except WorkerDied:
                        pass  # its death ends the future by itself

    def close(self) -> None:
        with self._lock:
            self._closed, child = True, self._child
        if child is not None:
            child.close(timeout_seconds=1.0)

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None before the first request."""
        return self._child.pid if self._child else None

    def _running(self) -> Child:
        if self._child is None or not self._child.alive:
            values = asdict(self._settings)
            child = Child("core.worker")
            child.send({**values, "home": str(self._settings.home), "cache": str(self._settings.cache)})
            self._child = child
            threading.Thread(target=self._listen, args=(child,), daemon=True).start()
        return self._child

    def _listen(self, child: Child) -> None:
        while True:
            try:
                header, payload = child.receive()
            except WorkerDied as error:
                self._fail_all(child, error)
                return
            self._dispatch(header, payload)

    def _fail_all(self, child: Child, error: WorkerDied) -> None:
        """Whatever ``child`` still owed ends; another child may have taken its place already."""
        with self._lock:
            failed = [number for number, pending in self._pending.items() if pending.child is child]
            owed = [self._pending.pop(number) for number in failed]
            if child is self._child:
                self._child = None
        child.close()
        for pending in owed:
            pending.future.set_exception(error)

    def _dispatch(self, header: dict[str, Any], payload: Payload) -> None:
        number = header["id"]
        if "done" in header:
            pending = self._pending.get(number)
            if pending and pending.on_progress:
                pending.on_progress(header["done"], header["total"])
            return
        with self._lock:
            pending = self._pending.pop(number, None)
        if pending is None:
            return
        if "reason" in header:
            pending.future.set_exception(from_reason(header["reason"], header["message"]))
            return
        try:
            pending.future.set_result(pending.read(header, payload))
        except Exception as error:  # a vector that ClipEmbeddings refuses is the caller's to hear about, not this thread's end
            pending.future.set_exception(error)


def to_compute(encoder: str, known: Mapping[str, ClipEmbeddings]) -> list[str]:
    """The encoders that the worker has to run. An unknown name goes to the worker, which refuses it by name."""
    parts = encoders.spec(encoder).parts if encoder in encoders.names() else ()
    return [part for part in parts if part not in known] if parts else [encoder]


def _request(path: Path, encoder: str, *, urgent: bool) -> dict[str, Any]:
    """What the worker is asked where nothing else is said: the windows of the encoder's own sampling, as filmed."""
    return {
        "op": "embed",
        "path": str(path.absolute()),
        "encoder": encoder,
        "parts": to_compute(encoder, NOTHING),
        "urgent": urgent,
        "thumbnail_px": 0,
        "windows": [],
        "alterations": [[AS_FILMED.kind, AS_FILMED.region, AS_FILMED.span]],
    }


def _rows(header: dict[str, Any], payload: Payload) -> Floats:
    """The worker's answer to ``sentences``."""
    return np.frombuffer(payload, "<f4").reshape(-1, header["dimension"]).astype(np.float32)


def varied(header: dict[str, Any], payload: Payload, encoder: str, alterations: int) -> Varied:
    """The worker's answer to ``vary``; parts are put together as in the library."""
    windows, made, _ = _parts(header, payload, alterations)
    whole = made[encoder] if encoder in made else encoders.join(encoder, made)
    vectors = whole.vectors.reshape(len(windows), alterations, -1)
    return Varied(VideoInfo(**header["info"]), windows, vectors, whole.fingerprint)


def _embedded(header: dict[str, Any], payload: Payload, encoder: str, known: Mapping[str, ClipEmbeddings]) -> Embedded:
    _, made, done = _parts(header, payload, 1)
    info, thumbnail = VideoInfo(**header["info"]), bytes(payload[done:])
    engine = "; ".join(dict.fromkeys(part["engine"] for part in header["parts"]))
    if encoder in made:
        return Embedded(info, made[encoder], thumbnail, engine=engine)
    return Embedded(info, encoders.join(encoder, {**known, **made}), thumbnail, tuple(made.values()), engine)


def _parts(
    header: dict[str, Any], payload: Payload, alterations: int
) -> tuple[tuple[Window, ...], dict[str, ClipEmbeddings], int]:
    """The windows, what each encoder made of them (a row for each window and alteration), and how many bytes that took."""
    windows = tuple(Window(start, end) for start, end in header["windows"])
    rows = tuple(window for window in windows for _ in range(alterations))
    made, done = dict[str, ClipEmbeddings](), 0
    for part in header["parts"]:
        shape = (len(rows), part["dimension"])
        vectors = np.frombuffer(payload, "<f4", shape[0] * shape[1], done).reshape(shape).astype(np.float32)
        made[part["encoder"]] = ClipEmbeddings(part["fingerprint"], rows, vectors)
        done += vectors.nbytes
    return windows, made, done
