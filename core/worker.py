"""The process that computes: ``python -m core.worker``. It embeds one clip per request and owns nothing else.

Decoding runs ahead of the network: two threads, each with a decoder process of its own, fill a bounded queue of
windows, and the main thread feeds them to the network in batches that may span clips. An urgent request has a decoder
of its own and goes to the front of the queue, so nobody waits behind a long ingest. It never touches the library.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core import encoders, weights
from core.clips import VideoInfo, Window
from core.decoding import Decoder
from core.encoders import Encoder, EncoderSpec
from core.errors import Cancelled, MotionbookError
from core.processes import read_message, write_message
from core.sampling import frame_times, windows
from core.settings import DecodingLimits, Settings

DECODERS = 2
WINDOWS_AHEAD = 24  # decoded windows that may wait: 4.8 MB each at 32 x 224 x 224, so about 115 MB
Frames = NDArray[np.uint8]


@dataclass(eq=False)
class Task:
    """One clip on its way through the process."""

    number: int
    path: Path
    encoder: str
    urgent: bool
    thumbnail_px: int
    cancelled: threading.Event = field(default_factory=threading.Event)
    info: VideoInfo | None = None
    windows: tuple[Window, ...] = ()
    rows: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    thumbnail: bytes = b""

    @property
    def order(self) -> tuple[int, int]:
        return (0 if self.urgent else 1, self.number)


class Worker:
    """Requests in, embeddings out. ``run`` returns when the requests end."""

    def __init__(self, settings: Settings, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._settings, self._requests, self._answers = settings, requests, answers
        self._answering = threading.Lock()
        self._tasks: dict[int, Task] = {}
        self._waiting: dict[bool, queue.PriorityQueue[tuple[tuple[int, int], Task]]] = {
            True: queue.PriorityQueue(),
            False: queue.PriorityQueue(),
        }
        self._decoded: queue.PriorityQueue[tuple[tuple[int, int], int, Task, int, Frames]] = queue.PriorityQueue()
        self._room = threading.BoundedSemaphore(WINDOWS_AHEAD)
        self._ticket = itertools.count()
        self._encoders: dict[str, Encoder] = {}
        self._loading = threading.Lock()

    def run(self) -> None:
        for urgent in [True] + [False] * DECODERS:
            threading.Thread(target=self._decode_forever, args=(urgent,), daemon=True).start()
        threading.Thread(target=self._compute_forever, daemon=True).start()
        while message := read_message(self._requests):
            self._accept(message[0])

    def _accept(self, header: dict[str, Any]) -> None:
        if header["op"] == "cancel":
            task = self._tasks.get(header["id"])
            if task:
                task.cancelled.set()
            return
        task = Task(header["id"], Path(header["path"]), header["encoder"], header["urgent"], header["thumbnail_px"])
        self._tasks[task.number] = task
        self._waiting[task.urgent].put((task.order, task))

    def _decode_forever(self, urgent: bool) -> None:
        with Decoder(self._settings.limits) as decoder:
            while True:
                _, task = self._waiting[urgent].get()
                try:
                    self._decode(decoder, task)
                except MotionbookError as error:
                    self._refuse(task, error)
                except Exception as error:  # a defect of ours must cost one clip, not the queue behind it
                    self._refuse(task, MotionbookError(f"{task.path.name} could not be embedded: {error!r}"))

    def _decode(self, decoder: Decoder, task: Task) -> None:
        spec = encoders.spec(task.encoder)
        task.info = decoder.probe(task.path)
        task.windows = windows(task.info.duration_seconds, spec.sampling)
        if task.thumbnail_px:
            middle_seconds = task.info.duration_seconds / 2
            task.thumbnail = decoder.thumbnail(task.path, width_px=task.thumbnail_px, at_seconds=middle_seconds)
        times = [frame_times(window, spec.frames, spec.sampling) for window in task.windows]
        with contextlib.closing(decoder.read_windows(task.path, times, spec.framing)) as reading:
            for index, frames in enumerate(reading):
                if task.cancelled.is_set():
                    raise Cancelled(f"{task.path.name} was cancelled")
                if not task.urgent:
                    self._room.acquire()
                self._decoded.put((task.order, next(self._ticket), task, index, frames))

    def _compute_forever(self) -> None:
        while True:
            batch = [self._take()]
            encoder = self._encoder_for(batch[0][0])
            if encoder is None:
                continue
            while len(batch) < encoder.batch and (more := self._take_same(batch[0][0].encoder)):
                batch.append(more)
            self._embed(encoder, batch)

    def _take(self) -> tuple[Task, int, Frames]:
        _, _, task, index, frames = self._decoded.get()
        if not task.urgent:
            self._room.release()
        return task, index, frames

    def _take_same(self, encoder: str) -> tuple[Task, int, Frames] | None:
        """Another decoded window for the same encoder, if one waits now."""
        try:
            entry = self._decoded.get_nowait()
        except queue.Empty:
            return None
        if entry[2].encoder != encoder:
            self._decoded.put(entry)
            return None
        if not entry[2].urgent:
            self._room.release()
        return entry[2], entry[3], entry[4]

    def _encoder_for(self, task: Task) -> Encoder | None:
        """The encoder, loaded at its first use; on failure its clips are refused and it is tried again next time."""
        if task.number not in self._tasks:
            return None  # refused or cancelled while its windows waited
        try:
            if task.encoder not in self._encoders:
                self._encoders[task.encoder] = _load(encoders.spec(task.encoder), self._settings)
            return self._encoders[task.encoder]
        except MotionbookError as error:
            self._refuse(task, error)
        except Exception as error:
            self._refuse(task, MotionbookError(f"encoder {task.encoder} could not be loaded: {error!r}"))
        return None

    def _embed(self, encoder: Encoder, batch: list[tuple[Task, int, Frames]]) -> None:
        wanted = [entry for entry in batch if entry[0].number in self._tasks]
        if not wanted:
            return
        try:
            vectors = encoder.embed(np.stack([frames for _, _, frames in wanted]))
        except Exception as error:
            refusal = error if isinstance(error, MotionbookError) else MotionbookError(f"the network failed: {error!r}")
            for task, _, _ in wanted:
                self._refuse(task, refusal)
            return
        for (task, index, _), vector in zip(wanted, vectors, strict=True):
            task.rows[index] = vector
            self._report(task, encoder)

    def _report(self, task: Task, encoder: Encoder) -> None:
        """Progress while windows are missing, the whole answer with the last one."""
        if len(task.rows) < len(task.windows):
            self._answer({"id": task.number, "done": len(task.rows), "total": len(task.windows)})
            return
        if self._tasks.pop(task.number, None) is None:
            return
        assert task.info is not None
        vectors = np.stack([task.rows[index] for index in range(len(task.windows))])
        header = {
            "id": task.number,
            "fingerprint": encoder.fingerprint,
            "info": asdict(task.info),
            "windows": [[window.start_seconds, window.end_seconds] for window in task.windows],
            "shape": list(vectors.shape),
        }
        self._answer(header, vectors.astype("<f4").tobytes() + task.thumbnail)

    def _refuse(self, task: Task, error: MotionbookError) -> None:
        if self._tasks.pop(task.number, None) is not None:
            self._answer({"id": task.number, "reason": error.reason, "message": str(error)})

    def _answer(self, header: dict[str, Any], payload: bytes = b"") -> None:
        try:
            with self._answering:
                write_message(self._answers, header, payload)
        except OSError:
            os._exit(0)  # the parent is gone; nobody is left to answer


def _load(spec: EncoderSpec, settings: Settings) -> Encoder:
    random = settings.random_weights
    path = None if random or spec.weights is None else weights.locate(spec, settings.cache)
    return encoders.build(
        spec.name, weights=path, cache=settings.cache, device=settings.device, precision=settings.precision, random_weights=random
    )


def main() -> None:
    """Answers go out on the original standard output; whatever libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    first = read_message(sys.stdin.buffer)
    if first is None:
        return
    values = first[0]
    settings = Settings(
        home=Path(values["home"]),
        cache=Path(values["cache"]),
        encoder=values["encoder"],
        device=values["device"],
        precision=values["precision"],
        random_weights=values["random_weights"],
        limits=DecodingLimits(**values["limits"]),
    )
    Worker(settings, sys.stdin.buffer, answers).run()
    os._exit(0)  # daemon threads may be inside native code that must not be torn down under them


if __name__ == "__main__":
    main()
