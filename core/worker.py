"""The process that computes: ``python -m core.worker``. It embeds a clip, or some sentences, per request and owns nothing else.

A request names the encoders to compute, several for the parts of one that is put together; each reads the clip in its own
way, so each gets a pass of decoding.

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
from core.alterations import AS_FILMED, Alteration, alter, shown
from core.clips import VideoInfo, Window
from core.decoding import Decoder
from core.encoders import Encoder, EncoderSpec
from core.encoders.sentences import Sentences
from core.errors import BadInput, Cancelled, MotionbookError
from core.processes import read_message, write_message
from core.sampling import frame_times, windows
from core.settings import DecodingLimits, Settings

DECODERS = 2
BYTES_AHEAD = 128 * 2**20  # decoded windows that may wait: 26 of I3D's, 4 of 64 frames of 416 x 416
Frames = NDArray[np.uint8]


@dataclass(eq=False)
class Task:
    """One clip on its way through the process."""

    number: int
    path: Path
    encoder: str
    parts: tuple[str, ...]
    """The encoders to compute: ``encoder`` itself, or those of its parts that the library lacks."""
    urgent: bool
    thumbnail_px: int
    asked: tuple[Window, ...] = ()
    """Windows that somebody chose; none means those of the encoder's own sampling."""
    alterations: tuple[Alteration, ...] = (AS_FILMED,)
    """Each window is embedded once for each of them."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    info: VideoInfo | None = None
    windows: tuple[Window, ...] = ()
    rows: dict[str, dict[int, NDArray[np.float32]]] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    thumbnail: bytes = b""

    @property
    def order(self) -> tuple[int, int]:
        return (0 if self.urgent else 1, self.number)

    @property
    def total(self) -> int:
        """Embeddings to make."""
        return len(self.windows) * len(self.alterations) * len(self.parts)

    @property
    def done(self) -> int:
        return sum(len(rows) for rows in self.rows.values())


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One window of ``task`` in one alteration, ready for ``encoder``; ``index`` is its row of the answer."""

    task: Task
    encoder: str
    index: int
    frames: Frames


class Room:
    """Bytes that may wait decoded. One window always finds room, however large it is."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit, self._used, self._change = limit_bytes, 0, threading.Condition()

    def take(self, size_bytes: int) -> None:
        with self._change:
            self._change.wait_for(lambda: self._used == 0 or self._used + size_bytes <= self._limit)
            self._used += size_bytes

    def give(self, size_bytes: int) -> None:
        with self._change:
            self._used -= size_bytes
            self._change.notify_all()


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
        self._decoded: queue.PriorityQueue[tuple[tuple[int, int], int, Decoded]] = queue.PriorityQueue()
        self._rooms = {urgent: Room(BYTES_AHEAD) for urgent in (True, False)}  # an ingest must not keep urgent windows out
        self._ticket = itertools.count()
        self._encoders: dict[str, Encoder] = {}
        self._loading = threading.Lock()
        self._sentences: Sentences | None = None
        self._speaking = threading.Lock()

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
        if header["op"] == "sentences":  # beside the queue: a few words must not wait behind a long ingest
            threading.Thread(target=self._encode, args=(header["id"], header["texts"], header["encoder"]), daemon=True).start()
            return
        task = Task(
            number=header["id"],
            path=Path(header["path"]),
            encoder=header["encoder"],
            parts=tuple(header["parts"]),
            urgent=header["urgent"],
            thumbnail_px=header["thumbnail_px"],
            asked=tuple(Window(*span) for span in header["windows"]),
            alterations=tuple(Alteration(kind, tuple(region), tuple(span)) for kind, region, span in header["alterations"]),
        )
        self._tasks[task.number] = task
        self._waiting[task.urgent].put((task.order, task))

    def _encode(self, number: int, texts: list[str], encoder: str) -> None:
        """Answers the vectors of sentences; their network is loaded at its first use, and tried again after a failure."""
        try:
            with self._speaking:
                vectors = self._by_tower(texts, encoder) if encoder else self._by_sentences(texts)
        except Exception as error:
            reason = error.reason if isinstance(error, MotionbookError) else MotionbookError.reason
            message = str(error) if isinstance(error, MotionbookError) else f"the words could not be read: {error!r}"
            self._answer({"id": number, "reason": reason, "message": message})
            return
        self._answer({"id": number, "dimension": vectors.shape[1]}, vectors.astype("<f4").tobytes())

    def _by_sentences(self, texts: list[str]) -> NDArray[np.float32]:
        self._sentences = self._sentences or Sentences(self._settings.cache)
        return self._sentences.encode(texts)

    def _by_tower(self, texts: list[str], encoder: str) -> NDArray[np.float32]:
        """Built anew each time: it is asked once for all names and then now and then, and holds a gigabyte."""
        from core.encoders import xclip_words  # which imports torch and transformers; only this needs them here

        spec = encoders.spec(encoder)
        weights_file = weights.locate(spec, self._settings.cache)
        assert weights_file is not None  # an encoder that speaks has weights
        return xclip_words.text_directions(spec, weights_file, texts, xclip_words.fetch_vocabulary(self._settings.cache))

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
        task.windows = task.asked or windows(task.info.duration_seconds, spec.sampling)
        if (last := max(window.start_seconds for window in task.windows)) >= task.info.duration_seconds:
            raise BadInput(
                f"window start ({last:g} s) must lie before the end of {task.path.name} ({task.info.duration_seconds:g} s); "
                "choose an earlier one"
            )
        if task.thumbnail_px:
            middle_seconds = task.info.duration_seconds / 2
            task.thumbnail = decoder.thumbnail(task.path, width_px=task.thumbnail_px, at_seconds=middle_seconds)
        if not task.parts:
            self._report(task)  # the library has them all; what was missing is what the probe told
        for part in task.parts:
            self._decode_for(decoder, task, encoders.spec(part))

    def _decode_for(self, decoder: Decoder, task: Task, spec: EncoderSpec) -> None:
        assert task.info is not None
        times = [frame_times(window, spec.frames, spec.sampling) for window in task.windows]
        place = shown(spec.framing, task.info.width_px, task.info.height_px)
        with contextlib.closing(decoder.read_windows(task.path, times, spec.framing)) as reading:
            altered = (alter(frames, alteration, place=place) for frames in reading for alteration in task.alterations)
            for row, frames in enumerate(altered):
                if task.cancelled.is_set():
                    raise Cancelled(f"{task.path.name} was cancelled")
                self._rooms[task.urgent].take(frames.nbytes)
                self._decoded.put((task.order, next(self._ticket), Decoded(task, spec.name, row, frames)))

    def _compute_forever(self) -> None:
        while True:
            batch = [self._take()]
            encoder = self._encoder_for(batch[0])
            if encoder is None:
                continue
            while len(batch) < encoder.batch and (more := self._take_same(batch[0].encoder)):
                batch.append(more)
            self._embed(encoder, batch)

    def _take(self) -> Decoded:
        _, _, window = self._decoded.get()
        self._give_room(window)
        return window

    def _take_same(self, encoder: str) -> Decoded | None:
        """Another decoded window for the same encoder, if one waits now."""
        try:
            entry = self._decoded.get_nowait()
        except queue.Empty:
            return None
        if entry[2].encoder != encoder:
            self._decoded.put(entry)
            return None
        self._give_room(entry[2])
        return entry[2]

    def _give_room(self, window: Decoded) -> None:
        self._rooms[window.task.urgent].give(window.frames.nbytes)

    def _encoder_for(self, window: Decoded) -> Encoder | None:
        """The encoder, loaded at its first use; on failure its clips are refused and it is tried again next time."""
        if window.task.number not in self._tasks:
            return None  # refused or cancelled while its windows waited
        try:
            if window.encoder not in self._encoders:
                self._encoders[window.encoder] = _load(encoders.spec(window.encoder), self._settings)
            return self._encoders[window.encoder]
        except MotionbookError as error:
            self._refuse(window.task, error)
        except Exception as error:
            self._refuse(window.task, MotionbookError(f"encoder {window.encoder} could not be loaded: {error!r}"))
        return None

    def _embed(self, encoder: Encoder, batch: list[Decoded]) -> None:
        wanted = [window for window in batch if window.task.number in self._tasks]
        if not wanted:
            return
        try:
            vectors = encoder.embed(np.stack([window.frames for window in wanted]))
        except Exception as error:
            refusal = error if isinstance(error, MotionbookError) else MotionbookError(f"the network failed: {error!r}")
            for window in wanted:
                self._refuse(window.task, refusal)
            return
        for window, vector in zip(wanted, vectors, strict=True):
            window.task.fingerprints[window.encoder] = encoder.fingerprint
            window.task.engines[window.encoder] = encoder.engine
            window.task.rows.setdefault(window.encoder, {})[window.index] = vector
            self._report(window.task)

    def _report(self, task: Task) -> None:
        """Progress while windows are missing, the whole answer with the last one."""
        if task.done < task.total:
            self._answer({"id": task.number, "done": task.done, "total": task.total})
            return
        if self._tasks.pop(task.number, None) is None:
            return
        assert task.info is not None
        rows = range(len(task.windows) * len(task.alterations))
        vectors = [np.stack([task.rows[part][row] for row in rows]) for part in task.parts]
        header = {
            "id": task.number,
            "info": asdict(task.info),
            "windows": [[window.start_seconds, window.end_seconds] for window in task.windows],
            "parts": [
                {
                    "encoder": part,
                    "fingerprint": task.fingerprints[part],
                    "engine": task.engines[part],
                    "dimension": table.shape[1],
                }
                for part, table in zip(task.parts, vectors, strict=True)
            ],
        }
        self._answer(header, b"".join(table.astype("<f4").tobytes() for table in vectors) + task.thumbnail)

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
    encoders.learn(settings.encoders)  # what is wrong there, the workbench tells
    Worker(settings, sys.stdin.buffer, answers).run()
    os._exit(0)  # daemon threads may be inside native code that must not be torn down under them


if __name__ == "__main__":
    main()
