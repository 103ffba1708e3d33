"""Is the index what the ledger says it must be?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.store.index import Index, Key, directions

SAMPLE = 12  # own vectors looked at on each opening, besides the first and the last
THOROUGH_SAMPLE = 200  # vectors that must find themselves after an unclean end; then every stored one is compared, too
_SAME = 1e-5  # cosine: closer than this, two float32 vectors count as one
_BATCH = 1_000  # vectors read together: 4 MB of 1,024 numbers


class Contents(Protocol):
    """What the ledger says the index must hold."""

    def dimensions(self) -> dict[str, int]:
        """Of every known fingerprint."""

    def windows(self, fingerprint: str) -> dict[str, int]:
        """Number of windows of each live clip."""

    def vectors(self, fingerprint: str, clip_ids: Collection[str] | None = None) -> Iterator[tuple[str, Floats]]:
        """(clip id, (N, D)) of each live clip, or of those of ``clip_ids``."""


def difference(index: Index, contents: Contents, *, thorough: bool) -> str:
    """What the index has that the ledger has not, or the other way round; an empty text when they agree.

    Compared are the sets of keys, the vectors themselves (a sample, or all when ``thorough``) and whether the
    sample's vectors find themselves; of identical vectors, any may be found.
    """
    known = contents.dimensions()
    if strangers := index.fingerprints() - set(known):
        return f"it holds vectors of unknown fingerprints ({', '.join(sorted(strangers))})"
    return next((text for one in known if (text := _difference_of(index, contents, one, thorough))), "")


def catch_up(index: Index, contents: Contents) -> int:
    """Bring in what the index lacks and take out what it has too many, as a kill between ledger and index leaves it.

    How many windows that were. Nothing is done where most are missing: building anew is then the better repair.
    """
    return sum(_catch_up_with(index, contents, fingerprint) for fingerprint in contents.dimensions())


def _catch_up_with(index: Index, contents: Contents, fingerprint: str) -> int:
    expected, found = _expected(contents, fingerprint), index.keys(fingerprint)
    missing, surplus = set(expected) - found, found - set(expected)
    if len(missing) > max(_BATCH, len(expected) // 2):
        return 0
    if surplus:
        index.remove(fingerprint, sorted(surplus))
    if missing:
        for keys, vectors in batches(contents.vectors(fingerprint, {key.clip_id for key in missing})):
            index.upsert(fingerprint, keys, vectors)
    return len(missing) + len(surplus)


def _expected(contents: Contents, fingerprint: str) -> list[Key]:
    return [Key(clip, window) for clip, count in contents.windows(fingerprint).items() for window in range(count)]


def _difference_of(index: Index, contents: Contents, fingerprint: str, thorough: bool) -> str:
    expected, found = _expected(contents, fingerprint), index.keys(fingerprint)
    if found != set(expected):
        missing = len(set(expected) - found)
        return f"of {fingerprint} it lacks {missing} windows and holds {len(found) - len(expected) + missing} too many"
    asked = set(_sample(expected, THOROUGH_SAMPLE if thorough else SAMPLE))
    clip_ids = None if thorough else {key.clip_id for key in asked}
    for keys, vectors in batches(contents.vectors(fingerprint, clip_ids)):
        if not _same(index.stored(fingerprint, keys), vectors).all():
            return f"its vectors of {fingerprint} are not the ledger's"
        rows = [row for row, key in enumerate(keys) if key in asked]
        if rows and not _find_themselves(index, fingerprint, vectors[rows]):
            return f"vectors of {fingerprint} do not find themselves"
    return ""


def _find_themselves(index: Index, fingerprint: str, vectors: Floats) -> bool:
    answers = index.search(fingerprint, vectors, 1)
    if not all(answers):
        return False
    return bool(_same(index.stored(fingerprint, [answer[0] for answer in answers]), vectors).all())


def _same(some: Floats, others: Floats) -> NDArray[np.bool_]:
    if some.shape != others.shape or not np.isfinite(some).all():
        return np.zeros(len(others), np.bool_)
    alike: NDArray[np.bool_] = np.einsum("nd,nd->n", directions(some), directions(others)) > 1 - _SAME
    return alike


def _sample(keys: Sequence[Key], size: int) -> Iterable[Key]:
    """The first, the last, and ``size`` of the others at random: a fixed choice would always miss the same damage."""
    if len(keys) <= size + 2:
        return keys
    chosen = np.random.default_rng().choice(len(keys), size, replace=False)
    return [keys[0], keys[-1], *(keys[row] for row in chosen)]


def batches(vectors: Iterable[tuple[str, Floats]]) -> Iterator[tuple[list[Key], Floats]]:
    """Whole clips, gathered to about a thousand vectors."""
    keys: list[Key] = []
    rows: list[Floats] = []
    for clip_id, part in vectors:
        if not len(part):
            continue
        keys.extend(Key(clip_id, window) for window in range(len(part)))
        rows.append(part)
        if len(keys) >= _BATCH:
            yield keys, np.concatenate(rows)
            keys, rows = [], []
    if keys:
        yield keys, np.concatenate(rows)
