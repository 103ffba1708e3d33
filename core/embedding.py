"""The client of the worker process: a path goes in, the embeddings of that clip come out as a Future."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from core import encoders
from core.clips import ClipEmbeddings, VideoInfo, Window
from core.errors import WorkerDied, from_reason
from core.processes import Child, Payload
from core.settings import Settings

THUMBNAIL_PX = 320
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

    def cancel(self, future: Future[Embedded]) -> None:
        """Stop working for ``future``; it ends with Cancelled, or with its result when that was faster."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Pending:
    future: Future[Embedded]
    child: Child
    encoder: str
    known: Mapping[str, ClipEmbeddings]
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
        with self._lock:
            if self._closed:
                raise WorkerDied("the worker was closed; open the library again")
            number, child = next(self._numbers), self._running()
            self._pending[number] = _Pending(future, child, encoder, known, on_progress)
            header = {
                "op": "embed",
                "id": number,
                "path": str(path.absolute()),
                "encoder": encoder,
                "parts": to_compute(encoder, known),
                "urgent": urgent,
                "thumbnail_px": THUMBNAIL_PX if thumbnail else 0,
            }
            try:
                child.send(header)
            except WorkerDied as error:
                self._pending.pop(number, None)
                if not future.done():
                    future.set_exception(error)
        return future

    def cancel(self, future: Future[Embedded]) -> None:
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
            pending.future.set_result(_embedded(header, payload, pending.encoder, pending.known))
        except Exception as error:  # a vector that ClipEmbeddings refuses is the caller's to hear about, not this thread's end
            pending.future.set_exception(error)


def to_compute(encoder: str, known: Mapping[str, ClipEmbeddings]) -> list[str]:
    """The encoders that the worker has to run. An unknown name goes to the worker, which refuses it by name."""
    parts = encoders.spec(encoder).parts if encoder in encoders.names() else ()
    return [part for part in parts if part not in known] if parts else [encoder]


def _embedded(header: dict[str, Any], payload: Payload, encoder: str, known: Mapping[str, ClipEmbeddings]) -> Embedded:
    spans = tuple(Window(start, end) for start, end in header["windows"])
    info, made, done = VideoInfo(**header["info"]), dict[str, ClipEmbeddings](), 0
    for part in header["parts"]:
        shape = (len(spans), part["dimension"])
        vectors = np.frombuffer(payload, "<f4", shape[0] * shape[1], done).reshape(shape).astype(np.float32)
        made[part["encoder"]] = ClipEmbeddings(part["fingerprint"], spans, vectors)
        done += vectors.nbytes
    thumbnail, engine = bytes(payload[done:]), "; ".join(dict.fromkeys(part["engine"] for part in header["parts"]))
    if encoder in made:
        return Embedded(info, made[encoder], thumbnail, engine=engine)
    return Embedded(info, encoders.join(encoder, {**known, **made}), thumbnail, tuple(made.values()), engine)
