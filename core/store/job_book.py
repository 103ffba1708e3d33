"""Jobs: work that outlives a page, a reload and a kill, as rows of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update

from core.clips import clean_label
from core.errors import BadInput, UnknownName
from core.store.clip_rows import in_chunks
from core.store.files import remove_file
from core.store.ledger import Ledger
from core.store.schema import job_items, jobs, now_seconds

ITEM_STATES = ("queued", "running", "added", "duplicate", "refused", "cancelled")
FINAL_STATES = ITEM_STATES[2:]
JOB_STATES = ("queued", "running", "done", "failed", "cancelled")
_UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True)
class JobItem:
    """One file of a job. ``temporary``: an upload in the library's incoming folder, removed once the item is final."""

    path: str
    label: str = ""
    source: str = ""
    name: str = ""
    temporary: bool = False
    synthetic: bool = False
    job_id: int = 0
    position: int = 0
    state: str = "queued"
    clip_id: str | None = None
    reason: str | None = None
    message: str | None = None
    windows: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """``counts`` has every one of ITEM_STATES; times are seconds since 1970, UTC."""

    job_id: int
    kind: str
    encoder: str
    state: str
    message: str
    created_at: float
    started_at: float | None
    finished_at: float | None
    counts: dict[str, int] = field(default_factory=dict)
    windows: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return sum(self.counts[state] for state in FINAL_STATES)

    @property
    def active(self) -> bool:
        return self.state in _UNFINISHED


class JobBook:
    """The jobs of a library; the part of Library that deals with them. Safe from any thread."""

    def __init__(self, ledger: Ledger, incoming: Path) -> None:
        self._ledger, self._incoming = ledger, incoming

    def add_job(self, kind: str, encoder: str, items: Iterable[JobItem]) -> int:
        """Write a job down; its id. Raises BadLabel for a label, source or name that cannot be one."""
        rows = [_item_values(position, item) for position, item in enumerate(items)]
        with self._ledger.writing() as connection:
            values = {"kind": kind, "encoder": encoder, "state": "queued", "message": "", "created_at": now_seconds()}
            added = connection.execute(insert(jobs).values(values)).inserted_primary_key
            job_id = int(added[0]) if added else 0
            if rows:
                connection.execute(insert(job_items), [{**row, "job_id": job_id} for row in rows])
        return job_id

    def jobs(self, *, active_only: bool = False, limit: int = 50) -> list[Job]:
        """Newest first."""
        statement = select(jobs).order_by(jobs.c.job_id.desc()).limit(limit)
        if active_only:
            statement = statement.where(jobs.c.state.in_(_UNFINISHED))
        with self._ledger.reading() as connection:
            rows = list(connection.execute(statement).mappings())
            return _with_counts(connection, rows)

    def job(self, job_id: int) -> Job:
        """Raises UnknownName."""
        with self._ledger.reading() as connection:
            found = _with_counts(connection, list(connection.execute(select(jobs).where(jobs.c.job_id == job_id)).mappings()))
        if not found:
            raise UnknownName(f"job ({job_id}) must be one of this library; see the Library page")
        return found[0]

    def job_items(self, job_id: int, *, state: str | None = None) -> list[JobItem]:
        """In the order they were given. Raises UnknownName."""
        statement = select(job_items).where(job_items.c.job_id == job_id).order_by(job_items.c.position)
        if state is not None:
            statement = statement.where(job_items.c.state == _checked_state(state, ITEM_STATES))
        self.job(job_id)
        with self._ledger.reading() as connection:
            return [JobItem(**row) for row in connection.execute(statement).mappings()]

    def next_item(self, job_id: int) -> JobItem | None:
        """Claim the next queued item (it is then "running"); None when there is none left or the job has ended."""
        with self._ledger.writing() as connection:
            row = connection.execute(_next_queued(job_id)).mappings().first()
            if row is None:
                return None
            connection.execute(_this_item(job_id, row["position"]).values(state="running"))
            started = func.coalesce(jobs.c.started_at, now_seconds())
            connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(state="running", started_at=started))
            return JobItem(**{**row, "state": "running"})

    def finish_item(
        self,
        job_id: int,
        position: int,
        state: str,
        *,
        clip_id: str | None = None,
        reason: str | None = None,
        message: str | None = None,
        windows: int = 0,
    ) -> None:
        """Write down how an item ended; a temporary file of it is then removed. "queued" puts it back instead."""
        _checked_state(state, ("queued", *FINAL_STATES))
        with self._ledger.writing() as connection:
            path = finish(connection, job_id, position, state, clip_id=clip_id, reason=reason, message=message, windows=windows)
        if state in FINAL_STATES:
            self._drop_uploads([path])

    def cancel_job(self, job_id: int) -> None:
        """No further item will be claimed. One that is running now may still finish by itself."""
        with self._ledger.writing() as connection:
            waiting = (job_items.c.job_id == job_id) & (job_items.c.state == "queued")
            uploads = list(connection.execute(select(job_items.c.path).where(waiting, job_items.c.temporary)).scalars())
            connection.execute(update(job_items).where(waiting).values(state="cancelled"))
            _end(connection, job_id, "cancelled", "")
        self._drop_uploads(uploads)

    def finish_job(self, job_id: int, *, state: str = "done", message: str = "") -> None:
        """Nothing happens when it has ended already, so a cancelled job stays cancelled."""
        _checked_state(state, JOB_STATES[2:])
        with self._ledger.writing() as connection:
            _end(connection, job_id, state, message)

    def _drop_uploads(self, paths: Iterable[str | None]) -> None:
        """Only ever inside our incoming folder: a wrong flag must not cost somebody a file of theirs."""
        for path in paths:
            if path and (here := Path(path).resolve()).is_relative_to(self._incoming.resolve()):
                remove_file(here)


def _item_values(position: int, item: JobItem) -> dict[str, Any]:
    values: dict[str, Any] = {
        "position": position,
        "path": item.path,
        "temporary": item.temporary,
        "synthetic": item.synthetic,
        "state": "queued",
        "windows": 0,
    }
    return values | {name: clean_label(getattr(item, name), what=name) for name in ("label", "source", "name")}


def _checked_state(state: str, allowed: Sequence[str]) -> str:
    if state not in allowed:
        raise BadInput(f"state ({state!r}) must be one of {', '.join(allowed)}")
    return state


def _this_item(job_id: int, position: int) -> Any:
    return update(job_items).where(job_items.c.job_id == job_id, job_items.c.position == position)


def _next_queued(job_id: int) -> Any:
    return (
        select(job_items)
        .join(jobs, jobs.c.job_id == job_items.c.job_id)
        .where(job_items.c.job_id == job_id, job_items.c.state == "queued", jobs.c.state.in_(_UNFINISHED))
        .order_by(job_items.c.position)
        .limit(1)
    )


def _end(connection: Connection, job_id: int, state: str, message: str) -> None:
    values = {"state": state, "message": message, "finished_at": now_seconds()}
    connection.execute(update(jobs).where(jobs.c.job_id == job_id, jobs.c.state.in_(_UNFINISHED)).values(values))


def _with_counts(connection: Connection, rows: Sequence[RowMapping]) -> list[Job]:
    wanted = [row["job_id"] for row in rows]
    statement = (
        select(job_items.c.job_id, job_items.c.state, func.count(), func.sum(job_items.c.windows))
        .where(job_items.c.job_id.in_(wanted))
        .group_by(job_items.c.job_id, job_items.c.state)
    )
    counts = {job_id: dict.fromkeys(ITEM_STATES, 0) for job_id in wanted}
    windows = dict.fromkeys(wanted, 0)
    for job_id, state, count, sum_of_windows in connection.execute(statement):
        counts[job_id][state] = count
        windows[job_id] += sum_of_windows
    return [Job(**row, counts=counts[row["job_id"]], windows=windows[row["job_id"]]) for row in rows]


def finish(connection: Connection, job_id: int, position: int, state: str, **values: Any) -> str | None:
    """Set an item's end inside the caller's transaction; the path of its upload, if it is one. Raises UnknownName."""
    found = connection.execute(
        select(job_items.c.path, job_items.c.temporary).where(job_items.c.job_id == job_id, job_items.c.position == position)
    ).first()
    if found is None:
        raise UnknownName(f"job item ({job_id}, {position}) must be one of this library")
    connection.execute(_this_item(job_id, position).values(state=state, **values))
    return str(found.path) if found.temporary else None


def requeue(connection: Connection) -> int:
    """After an end without goodbye: put running items of live jobs back, close those of ended ones; how many jobs were live."""
    live = select(jobs.c.job_id).where(jobs.c.state.in_(_UNFINISHED))
    running = job_items.c.state == "running"
    connection.execute(update(job_items).where(running, job_items.c.job_id.in_(live)).values(state="queued"))
    connection.execute(update(job_items).where(running).values(state="cancelled"))
    connection.execute(update(jobs).where(jobs.c.state == "running").values(state="queued"))
    return int(connection.execute(select(func.count()).select_from(live.subquery())).scalar_one())


def waiting_paths(connection: Connection) -> set[str]:
    """Paths that unfinished items still need."""
    return set(connection.execute(select(job_items.c.path).where(job_items.c.state.in_(_UNFINISHED))).scalars())


def erase(connection: Connection, clip_ids: Iterable[str], paths: Iterable[str] = (), names: Iterable[str] = ()) -> None:
    """Remove the items that name these clips or files, and the jobs that have no item left by it.

    ``names``: items of that name which became no clip, such as an earlier try that was refused, go too.
    """
    touched: set[int] = set()
    became_nothing = job_items.c.state.in_(("refused", "cancelled"))
    for chunk in in_chunks([*clip_ids, *paths, *names]):
        same_name = became_nothing & job_items.c.name.in_(chunk)
        condition = or_(job_items.c.clip_id.in_(chunk), job_items.c.path.in_(chunk), same_name)
        touched.update(connection.execute(select(job_items.c.job_id).where(condition)).scalars())
        connection.execute(delete(job_items).where(condition))
    empty = jobs.c.job_id.in_(touched) & jobs.c.job_id.not_in(select(job_items.c.job_id))
    connection.execute(delete(jobs).where(empty))
