"""Concepts in the ledger, forgotten ones included until somebody else takes their name or erases what they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core import concept_files
from core.concepts import Concept, Example
from core.errors import BadInput, LibraryDamaged, UnknownName
from core.store.ledger import Ledger
from core.store.schema import concept_examples, concepts, now_seconds


@dataclass(frozen=True, slots=True, eq=False)
class KeptConcept:
    """A concept as the ledger has it.

    Args:
        payload: ``core.concept_files.payload``.
        arrays: empty when an example was erased: it must be taught again from the ``examples`` that are left.
    """

    concept_id: int
    name: str
    encoder: str
    fingerprint: str
    payload: str
    arrays: bytes
    examples: tuple[Example, ...]
    made_at: float
    changed_at: float

    @property
    def whole(self) -> bool:
        return bool(self.arrays)

    def concept(self) -> Concept:
        """Raises LibraryDamaged for one that is not whole."""
        try:
            made = concept_files.concept(self.payload, self.arrays, self.examples, self.concept_id)
        except (ValueError, BadInput) as error:
            raise LibraryDamaged(f"concept {self.name} has lost its shape ({error}); teach it again") from error
        return replace(made, name=self.name, made_at=self.made_at)


class Concepts:
    """Safe to call from any thread. What changes the answer of a ``concept:`` query is a change of the library."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, concept: Concept) -> Concept:
        """Keep it in place of the one with its id, or with its name; as it is kept. Raises BadInput for a name that is taken."""
        now, numbers = now_seconds(), concept_files.arrays(concept)
        with self._ledger.reading() as connection:
            before = _live(connection, concept.name)
        changes = before is None or before.arrays != numbers  # other thresholds alone change no answer about clips
        with self._ledger.writing(change=changes) as connection:
            known = _live(connection, concept.name)
            concept_id = concept.concept_id or (known.concept_id if known is not None else 0)
            made = replace(concept, made_at=concept.made_at or now)
            values = {
                "name": made.name,
                "encoder": made.encoder,
                "fingerprint": made.fingerprint,
                "payload": concept_files.payload(made),
                "arrays": numbers,
                "made_at": made.made_at,
                "changed_at": now,
            }
            if known is not None and known.concept_id != concept_id:
                raise BadInput(f"concept name ({made.name[:60]}) must be one that no other concept has; choose another")
            if concept_id:
                connection.execute(update(concepts).where(concepts.c.concept_id == concept_id).values(**values, deleted_at=None))
            else:
                concept_id = _inserted(connection, values)
            _write_examples(connection, concept_id, made.examples)
        return replace(made, concept_id=concept_id)

    def all(self) -> list[KeptConcept]:
        """By name."""
        with self._ledger.reading() as connection:
            rows = connection.execute(select(concepts).where(concepts.c.deleted_at.is_(None)).order_by(concepts.c.name)).all()
            return [_kept(connection, row) for row in rows]

    def names(self) -> list[str]:
        with self._ledger.reading() as connection:
            wanted = select(concepts.c.name).where(concepts.c.deleted_at.is_(None)).order_by(concepts.c.name)
            return list(connection.execute(wanted).scalars())

    def find(self, name: str) -> KeptConcept | None:
        with self._ledger.reading() as connection:
            row = _live(connection, name)
            return _kept(connection, row) if row is not None else None

    def forget(self, name: str) -> None:
        """Raises UnknownName. ``restore`` undoes it."""
        with self._ledger.writing(change=True) as connection:
            known = _live(connection, name)
            if known is None:
                raise _not_here(name)
            connection.execute(update(concepts).where(concepts.c.concept_id == known.concept_id).values(deleted_at=now_seconds()))

    def restore(self, name: str) -> None:
        """The last one of this name that was forgotten. Raises UnknownName, and BadInput where the name is taken by now."""
        with self._ledger.writing(change=True) as connection:
            if _live(connection, name) is not None:
                raise BadInput(f"concept name ({name[:60]}) must be free to bring one of that name back; rename the other")
            gone = select(concepts.c.concept_id).where(concepts.c.name == name, concepts.c.deleted_at.is_not(None))
            found = connection.execute(gone.order_by(concepts.c.deleted_at.desc()).limit(1)).scalar()
            if found is None:
                raise _not_here(name)
            connection.execute(update(concepts).where(concepts.c.concept_id == found).values(deleted_at=None))


def erase(connection: Connection, clip_ids: Iterable[str]) -> None:
    """Remove the clips from all examples, and what was learnt from them: a head is a trace of its examples, too."""
    for clip_id in clip_ids:
        touched = select(concept_examples.c.concept_id).where(concept_examples.c.clip_id == clip_id)
        connection.execute(update(concepts).where(concepts.c.concept_id.in_(touched)).values(arrays=b""))
        connection.execute(delete(concept_examples).where(concept_examples.c.clip_id == clip_id))


def _not_here(name: str) -> UnknownName:
    return UnknownName(f"concept ({name[:60]!r}) must be one that is here; teach it, or look at the list of concepts")


def _live(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(concepts).where(concepts.c.name == name, concepts.c.deleted_at.is_(None))).first()


def _inserted(connection: Connection, values: dict[str, Any]) -> int:
    key = connection.execute(insert(concepts).values(**values)).inserted_primary_key
    assert key is not None  # the table has one
    return int(key[0])


def _write_examples(connection: Connection, concept_id: int, examples: Iterable[Example]) -> None:
    connection.execute(delete(concept_examples).where(concept_examples.c.concept_id == concept_id))
    rows = [
        {
            "concept_id": concept_id,
            "position": position,
            "clip_id": one.clip_id,
            "start_seconds": one.span[0] if one.span else None,
            "end_seconds": one.span[1] if one.span else None,
            "name": one.name,
            "origin": one.origin,
        }
        for position, one in enumerate(examples)
    ]
    if rows:
        connection.execute(insert(concept_examples), rows)


def _kept(connection: Connection, row: Row[Any]) -> KeptConcept:
    wanted = select(concept_examples).where(concept_examples.c.concept_id == row.concept_id)
    examples = tuple(
        Example(one.clip_id, one.name, None if one.start_seconds is None else (one.start_seconds, one.end_seconds), one.origin)
        for one in connection.execute(wanted.order_by(concept_examples.c.position))
    )
    return KeptConcept(
        row.concept_id,
        row.name,
        row.encoder,
        row.fingerprint,
        row.payload,
        row.arrays,
        examples,
        row.made_at,
        row.changed_at,
    )
