"""Free words for questions: the sentence encoder, fetched once, and what words are read as with one classifier's names."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from core.clips import Floats
from core.downloads import Report, ShouldStop
from core.embedding import Embedder
from core.encoders import ActionHead, EncoderSpec, kinetics400, sentences
from core.errands import Errands
from core.errors import BadQuery
from core.mixing import Understood, as_written, understand
from core.queries import Query

ERRAND = "Fetching what reads words"
LONGEST = 200  # characters; more is a story, and its vector says little of any one action
_MOST_KEPT = 512


class Words:
    """What words mean to a classifier. Vectors of its names are kept in the cache, those of words in memory. Thread-safe."""

    def __init__(self, cache: Path, embedder: Embedder, errands: Errands) -> None:
        self._cache, self._embedder, self._errands = cache, embedder, errands
        self._lock = threading.Lock()
        self._texts: dict[str, Floats] = {}
        self._names: dict[str, Floats] = {}

    @property
    def ready(self) -> bool:
        """Whether the sentence encoder is on this machine."""
        return sentences.is_here(self._cache)

    @property
    def download_bytes(self) -> int:
        return sentences.SOURCE.size_bytes

    def fetch(self, report: Report = lambda _step: None, should_stop: ShouldStop = lambda: False) -> Path:
        """Bring the sentence encoder, when it is not here. Raises WeightsMissing, WeightsDamaged, StorageFailed, Cancelled."""
        return sentences.fetch(self._cache, report, should_stop)

    def begin_to_fetch(self) -> None:
        """The same as an errand. Raises BadInput while another one goes on."""

        def work(report: Report, should_stop: ShouldStop) -> None:
            self.fetch(report, should_stop)

        self._errands.start(ERRAND, work)

    def understand(self, query: Query, names: Sequence[str]) -> Understood:
        """What a text query is read as: its own mix where it has one, else the names nearest to its words.

        Raises UnknownName for a mix of other names, BadQuery for too many words, WeightsMissing before anything was fetched.
        """
        if query.mix:
            return as_written(query, names)
        text = self._vectors([_short(query)])[0]
        return understand(query.value, self._of_names(names) @ text, names)

    def waits(self, spec: EncoderSpec, queries: Iterable[Query]) -> bool:
        """Whether ``queries`` hold words whose reader has to be fetched first; an encoder that speaks reads them itself."""
        words = any(leaf.kind == "text" and not leaf.mix for query in queries for leaf in query.leaves())
        return words and not spec.speaks and not self.ready

    def spoken(self, query: Query, spec: EncoderSpec) -> Floats:
        """The direction (1, D) of a text in the space of an encoder that speaks. Raises BadQuery, WeightsMissing."""
        return self._embedder.sentences([_short(query)], spec.name).result()

    def spoken_head(self, spec: EncoderSpec, fingerprint: str) -> ActionHead:
        """The names of Kinetics-400 as an encoder that speaks places them: what words and clips are measured against there.

        Names stand as they are, since X-CLIP was trained on them so (Ni et al. 2022, section 4.1).
        """
        names = kinetics400()
        mark = hashlib.sha256("\n".join((fingerprint, *names)).encode()).hexdigest()[:16]
        rows = self._once(mark, spec.dimension, lambda: self._embedder.sentences(names, spec.name).result(), len(names))
        return ActionHead(names, rows, np.zeros(len(names), np.float32))

    def _vectors(self, texts: Sequence[str]) -> Floats:
        with self._lock:
            lacking = [text for text in dict.fromkeys(texts) if text not in self._texts]
        if lacking:
            rows = self._embedder.sentences(lacking).result()
            with self._lock:
                if len(self._texts) > _MOST_KEPT:
                    self._texts.clear()
                self._texts.update(zip(lacking, rows, strict=True))
                return np.stack([self._texts[text] for text in texts])
        with self._lock:
            return np.stack([self._texts[text] for text in texts])

    def _of_names(self, names: Sequence[str]) -> Floats:
        """(A, 384): from memory, else from the cache, else computed and kept there under what they depend on."""
        told = "\n".join((sentences.SOURCE.sha256, *names))
        mark = hashlib.sha256(told.encode()).hexdigest()[:16]
        return self._once(mark, sentences.DIMENSION, lambda: self._embedder.sentences(names).result(), len(names))

    def _once(self, mark: str, dimension: int, compute: Callable[[], Floats], count: int) -> Floats:
        """(``count``, ``dimension``): from memory, else from the cache, else computed and kept there."""
        if mark not in self._names:
            file = sentences.folder(self._cache) / f"names-{mark}.npy"
            rows = _kept(file, (count, dimension))
            if rows is None:
                rows = compute()
                _keep(file, rows)
            self._names[mark] = rows
        return self._names[mark]


def _short(query: Query) -> str:
    if len(query.value) > LONGEST:
        raise BadQuery(f"text ({query.value[:40]!r}...) must be at most {LONGEST} characters; say it in fewer words")
    return query.value


def _kept(file: Path, shape: tuple[int, int]) -> Floats | None:
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = found.shape == shape and found.dtype == np.float32 and np.isfinite(found).all()
    return found if fits else None


def _keep(file: Path, rows: Floats) -> None:
    """Whole or not at all; a disk that refuses costs a second at the next start, no more."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".names-")
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, rows)
        Path(name).replace(file)
    except OSError:
        pass
