"""A file of any length as windows and vectors, chunk by chunk: memory does not grow with it, and work can go on where it was.

A chunk is decoded in one pass, so each of its frames is decoded once for every stream of the encoder, however many windows want
it. At the border of two chunks the frames of half a window are decoded again, and those from the key frame before: about 2 %
with chunks of 64 windows. A window's vector does not depend on where the borders lie.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path

from core.clips import Floats, VideoInfo, Window
from core.decoding import seekable
from core.embedding import LOOK_SECONDS, Embedder, Varied
from core.errors import Cancelled, WorkerDied

CHUNK = 64
"""Windows that are asked for at once: 82 s of film with I3D's stride of 1.28 s, which take that encoder 10-20 s on two cores."""
AHEAD = 2  # chunks that are with the worker at once: the next is decoded while one is computed
TRIES = 2  # of a chunk whose worker died: a file that kills it twice is to blame


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Windows ``first`` to ``first + len(windows)`` of a file: ``vectors`` (W, D)."""

    first: int
    windows: tuple[Window, ...]
    vectors: Floats
    fingerprint: str


def chunk_size(info: VideoInfo, done: int, chunk: int) -> int:
    """How many windows to ask for after ``done``.

    Where a file's index cannot be trusted, every chunk is decoded from the file's beginning: there chunks double, so that all of
    them together decode at most twice the file.
    """
    return chunk if seekable(info) else max(chunk, done)


def read(
    embedder: Embedder,
    path: Path,
    encoder: str,
    info: VideoInfo,
    windows: Sequence[Window],
    *,
    done: int = 0,
    chunk: int = 0,
    on_progress: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Chunk]:
    """The chunks after the first ``done`` windows, in order; ``on_progress`` hears of windows that are computed.

    Raises Cancelled when ``should_stop`` says so, and what ``Embedder.vary`` raises. Left early, what is with the worker is
    cancelled. Interactive questions go ahead of it.
    """
    flights: deque[_Flight] = deque()
    asked = done
    try:
        while asked < len(windows) or flights:
            if should_stop():
                raise Cancelled(f"reading {path.name} was stopped")
            while asked < len(windows) and len(flights) < AHEAD:
                size = chunk_size(info, asked, chunk or CHUNK)
                flights.append(_Flight(embedder, path, encoder, asked, tuple(windows[asked : asked + size]), on_progress))
                asked += len(flights[-1].windows)
            found = flights[0].land(should_stop)
            flight = flights.popleft()
            yield Chunk(flight.first, flight.windows, found.vectors[:, 0], found.fingerprint)
    finally:
        for flight in flights:
            flight.cancel()


class _Flight:
    """A chunk that is with the worker."""

    def __init__(
        self,
        embedder: Embedder,
        path: Path,
        encoder: str,
        first: int,
        windows: tuple[Window, ...],
        on_progress: Callable[[int], None],
    ) -> None:
        self.first, self.windows = first, windows
        self._embedder, self._path, self._encoder, self._on_progress = embedder, path, encoder, on_progress
        self._tries = 0
        self._future = self._send()

    def _send(self) -> Future[Varied]:
        self._tries += 1

        def tell(done: int, total: int) -> None:
            self._on_progress(self.first + done * len(self.windows) // max(total, 1))

        return self._embedder.vary(self._path, self._encoder, self.windows, urgent=False, on_progress=tell)

    def land(self, should_stop: Callable[[], bool]) -> Varied:
        while True:
            while not wait([self._future], timeout=LOOK_SECONDS).done:
                if should_stop():
                    raise Cancelled(f"reading {self._path.name} was stopped")
            try:
                return self._future.result()
            except WorkerDied:
                if self._tries >= TRIES:
                    raise
                self._future = self._send()

    def cancel(self) -> None:
        self._embedder.cancel(self._future)
