"""ChromaDB, and nothing else knows ChromaDB: one collection per fingerprint, cosine space.

Its HNSW graph is approximate. Collections of fewer than ``exact_below`` vectors are therefore answered from an exact
copy in memory; larger ones from the graph with a wide search, its candidates ranked again by their exact cosine.
Tried out with 12,000 x 1,024 through the graph: the top 10 of 100 queries were exact search's where vectors gather in
60 groups, as those of actions do; of pure noise, where nothing is near anything, 94 % were. ``search`` always asks the
graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.clips import Floats
from core.errors import LibraryDamaged, MotionbookError
from core.store.graph_files import blank_unused
from core.store.index import Found, Key, MemoryIndex, directions, ranked, require_dimension

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

EXACT_BELOW = 50_000  # vectors; 200 MB of 1,024 numbers, and some 10 ms a query
SPARE = 40  # candidates asked for beyond k, so that the exact ranking can reorder what the graph saw as near ties
_PAGE = 4_000  # ids in one request: SQLite's limit on variables lies at 32,766 and Chroma spends several per record
_HNSW = {"space": "cosine", "ef_construction": 120, "max_neighbors": 24, "ef_search": 400}


class ChromaIndex:
    """The index in ``folder``, which must be new or one that a ChromaIndex closed.

    Everything Chroma throws, panics of its Rust part included, comes out as LibraryDamaged: this is a cache, whatever
    is wrong with it is mended by building another.
    """

    def __init__(self, folder: Path, *, exact_below: int = EXACT_BELOW, hnsw: dict[str, Any] | None = None) -> None:
        self._folder, self._exact_below, self._hnsw = folder, exact_below, _HNSW | (hnsw or {})
        self._collections: dict[str, Collection] = {}
        self._twin = MemoryIndex()
        self._twinned: set[str] = set()
        self._cleaned: dict[Path, tuple[int, int]] = {}
        with _walled("opening"):
            from chromadb import PersistentClient
            from chromadb.config import Settings

            settings = Settings(anonymized_telemetry=False)
            self._client: Any = PersistentClient(path=str(folder), settings=settings)
            self._batch = min(_PAGE, self._client.get_max_batch_size())
            for collection in self._client.list_collections():
                self._collections[collection.metadata["fingerprint"]] = self._client.get_collection(
                    collection.name, embedding_function=None
                )

    def upsert(self, fingerprint: str, keys: Sequence[Key], vectors: Floats) -> None:
        rows = directions(vectors)
        if not len(keys):
            return
        collection = self._made(fingerprint, rows.shape[1])
        require_dimension(fingerprint, collection.metadata["dimension"], rows.shape[1])
        with _walled("writing"):
            for start in range(0, len(keys), self._batch):
                part = slice(start, start + self._batch)
                collection.upsert(ids=_names(keys[part]), embeddings=rows[part])
        if fingerprint in self._twinned:
            self._twin.upsert(fingerprint, keys, rows)
        self._clean()

    def remove(self, fingerprint: str, keys: Sequence[Key]) -> None:
        collection = self._collections.get(fingerprint)
        if collection is None or not len(keys):
            return
        with _walled("removing"):
            for start in range(0, len(keys), self._batch):
                collection.delete(ids=_names(keys[start : start + self._batch]))
        self._twin.remove(fingerprint, keys)
        self._clean()

    def fingerprints(self) -> set[str]:
        with _walled("counting"):
            return {fingerprint for fingerprint, collection in self._collections.items() if collection.count()}

    def keys(self, fingerprint: str) -> set[Key]:
        found: set[Key] = set()
        for names, _ in self._pages(fingerprint, include=[]):
            found.update(names)
        self._clean()
        return found

    def stored(self, fingerprint: str, keys: Sequence[Key]) -> Floats:
        rows: dict[Key, Any] = {}
        wanted = list(dict.fromkeys(keys))  # Chroma refuses a name said twice
        with _walled("reading"):
            for start in range(0, len(wanted), self._batch):
                page = self._collections[fingerprint].get(ids=_names(wanted[start : start + self._batch]), include=["embeddings"])
                rows.update(zip(_keys(page["ids"]), _embeddings(page), strict=True))
            return np.array([rows[key] for key in keys], np.float32)

    def nearest(self, fingerprint: str, vector: Floats, k: int) -> list[Found]:
        query = directions(vector[np.newaxis])
        collection = self._collections.get(fingerprint)
        if collection is None or k < 1:
            return []
        require_dimension(fingerprint, collection.metadata["dimension"], query.shape[1])
        with _walled("counting"):
            count = collection.count()
        if not count:
            return []
        if count < self._exact_below:
            self._fill_twin(fingerprint)
            return self._twin.nearest(fingerprint, query[0], k)
        self._drop_twin(fingerprint)
        with _walled("searching"):
            answer = collection.query(query_embeddings=query, n_results=min(k + SPARE, count), include=["embeddings"])
            candidates, rows = _keys(answer["ids"][0]), np.asarray((answer["embeddings"] or [[]])[0], np.float32)
        return ranked(candidates, rows, query[0], k)

    def search(self, fingerprint: str, vectors: Floats, k: int) -> list[list[Key]]:
        collection = self._collections.get(fingerprint)
        with _walled("searching"):
            count = collection.count() if collection is not None else 0
            if collection is None or not count or not len(vectors):
                return [[] for _ in vectors]
            answer = collection.query(query_embeddings=directions(vectors), n_results=min(k, count), include=[])
        self._clean()
        return [_keys(names) for names in answer["ids"]]

    def _clean(self) -> None:
        """See graph_files. Files that have not changed since are left alone."""
        with _walled("cleaning"):
            for header in self._folder.glob("*/header.bin"):
                now = header.stat().st_mtime_ns, (header.parent / "data_level0.bin").stat().st_mtime_ns
                if self._cleaned.get(header) != now:
                    blank_unused(header.parent)
                    vectors_ns = (header.parent / "data_level0.bin").stat().st_mtime_ns
                    self._cleaned[header] = header.stat().st_mtime_ns, vectors_ns

    def close(self) -> None:
        client, self._client = self._client, None
        self._collections.clear()
        self._twin.close()
        if client is not None:
            with _walled("closing"):
                client.close()
            self._clean()

    def _made(self, fingerprint: str, dimension: int) -> Collection:
        if fingerprint not in self._collections:
            with _walled("creating"):
                self._collections[fingerprint] = self._client.create_collection(
                    f"windows-{hashlib.sha256(fingerprint.encode()).hexdigest()[:40]}",  # Chroma allows few signs in names
                    metadata={"fingerprint": fingerprint, "dimension": dimension},
                    configuration={"hnsw": self._hnsw},
                    embedding_function=None,
                )
        return self._collections[fingerprint]

    def _pages(self, fingerprint: str, include: list[Any]) -> Iterator[tuple[list[Key], Any]]:
        collection = self._collections.get(fingerprint)
        with _walled("reading"):
            count = collection.count() if collection else 0
            for offset in range(0, count, self._batch):
                assert collection is not None
                page = collection.get(limit=self._batch, offset=offset, include=include)
                yield _keys(page["ids"]), page

    def _fill_twin(self, fingerprint: str) -> None:
        if fingerprint not in self._twinned:
            for keys, page in self._pages(fingerprint, include=["embeddings"]):
                self._twin.upsert(fingerprint, keys, _embeddings(page))
            self._twinned.add(fingerprint)

    def _drop_twin(self, fingerprint: str) -> None:
        if fingerprint in self._twinned:
            self._twinned.discard(fingerprint)
            self._twin.remove(fingerprint, list(self._twin.keys(fingerprint)))


def _names(keys: Sequence[Key]) -> list[str]:
    return [f"{key.clip_id}:{key.window}" for key in keys]


def _keys(names: Sequence[str]) -> list[Key]:
    return [Key(clip_id, int(window)) for clip_id, _, window in (name.rpartition(":") for name in names)]


def _embeddings(page: Any) -> Floats:
    return np.asarray(page["embeddings"], np.float32)


@contextmanager
def _walled(what: str) -> Iterator[None]:
    """Translate everything Chroma throws. A panic of its Rust part is a BaseException, not an Exception."""
    try:
        yield
    except (MotionbookError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise LibraryDamaged(f"{what} the index failed ({type(error).__name__}: {error}); it will be built anew") from error
