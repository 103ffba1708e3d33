"""The ledger as the index sees it: live vectors by fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from core.clips import Floats
from core.store import embedding_rows
from core.store.clip_rows import in_chunks
from core.store.ledger import Ledger


class LedgerContents:
    """Each method reads in a transaction of its own."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def dimensions(self) -> dict[str, int]:
        with self._ledger.reading() as connection:
            return {row.fingerprint: row.dimension for row in embedding_rows.known_encoders(connection)}

    def windows(self, fingerprint: str) -> dict[str, int]:
        with self._ledger.reading() as connection:
            return embedding_rows.window_counts(connection, fingerprint)

    def vectors(self, fingerprint: str, clip_ids: Collection[str] | None = None) -> Iterator[tuple[str, Floats]]:
        with self._ledger.reading() as connection:
            if clip_ids is None:
                yield from embedding_rows.of_encoder(connection, fingerprint)
                return
            for chunk in in_chunks(clip_ids):
                yield from embedding_rows.of_encoder(connection, fingerprint, chunk)
