from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.errors import BadInput, BadLabel, UnknownName
from core.store import JobItem, Library
from tests.core.store.conftest import Maker


def add_job(library: Library, count: int = 3) -> int:
    items = [
        JobItem(f"/films/{row}.mp4", label="running", source="anna", name=f"take {row}", synthetic=row == 0)
        for row in range(count)
    ]
    return library.add_job("add", "toy", items)


def test_items_are_claimed_in_order_and_once(library: Library) -> None:
    job_id = add_job(library)
    assert library.job(job_id).state == "queued" and library.job(job_id).started_at is None
    first = library.next_item(job_id)
    assert first == JobItem(
        "/films/0.mp4", "running", "anna", "take 0", synthetic=True, job_id=job_id, position=0, state="running"
    )
    assert [library.next_item(job_id).position for _ in range(2)] == [1, 2]
    assert library.next_item(job_id) is None
    job = library.job(job_id)
    assert (job.state, job.total, job.done, job.counts["running"], job.started_at is None, job.active) == (
        "running",
        3,
        0,
        3,
        False,
        True,
    )


def test_many_threads_never_claim_the_same_item(library: Library) -> None:
    job_id = add_job(library, 60)
    claimed: list[int] = []

    def work() -> None:
        while (item := library.next_item(job_id)) is not None:
            claimed.append(item.position)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == list(range(60))


def test_each_end_is_counted(library: Library, maker: Maker) -> None:
    job_id = add_job(library, 5)
    for _ in range(4):
        library.next_item(job_id)
    clip_id = maker.add(library, 4, job=(job_id, 0))
    library.finish_item(job_id, 1, "duplicate", clip_id=clip_id)
    library.finish_item(job_id, 2, "refused", reason="no-frames", message="nothing in it")
    library.finish_item(job_id, 3, "queued")
    job = library.job(job_id)
    assert job.counts == {"queued": 2, "running": 0, "added": 1, "duplicate": 1, "refused": 1, "cancelled": 0}
    assert (job.windows, job.done, job.total) == (4, 3, 5)
    assert [item.reason for item in library.job_items(job_id, state="refused")] == ["no-frames"]
    assert [item.clip_id for item in library.job_items(job_id)] == [clip_id, clip_id, None, None, None]
    library.finish_job(job_id)
    assert (library.job(job_id).state, library.job(job_id).active, library.next_item(job_id)) == ("done", False, None)


def test_a_clip_and_its_items_end_are_one_transaction(library: Library, maker: Maker) -> None:
    job_id = add_job(library, 1)
    library.next_item(job_id)
    with pytest.raises(UnknownName, match="job item"):
        maker.add(library, job=(job_id, 7))
    assert library.clips() == [] and library.job(job_id).counts["running"] == 1


def test_cancelling_leaves_what_runs_alone(library: Library) -> None:
    job_id = add_job(library)
    library.next_item(job_id)
    library.cancel_job(job_id)
    library.finish_job(job_id)
    job = library.job(job_id)
    assert (job.state, job.counts["running"], job.counts["cancelled"]) == ("cancelled", 1, 2)
    assert library.next_item(job_id) is None
    library.finish_item(job_id, 0, "added")
    assert library.job(job_id).counts["added"] == 1


def test_jobs_are_listed_newest_first(library: Library) -> None:
    jobs = [add_job(library, row) for row in range(4)]
    library.finish_job(jobs[3], state="failed", message="the disk is full")
    assert [job.job_id for job in library.jobs()] == jobs[::-1]
    assert [job.job_id for job in library.jobs(active_only=True, limit=2)] == [jobs[2], jobs[1]]
    assert library.job(jobs[3]).message == "the disk is full"
    assert library.job(jobs[0]).total == 0


def test_unfinished_jobs_are_found_again(library: Library) -> None:
    interrupted, cancelled, done = add_job(library), add_job(library), add_job(library)
    for job_id in (interrupted, cancelled, done):
        library.next_item(job_id)
    library.cancel_job(cancelled)
    library.finish_item(done, 0, "added")
    library.finish_job(done)
    library.close()
    with Library.open(library.home, index="memory") as again:
        assert again.repaired.jobs_requeued == 1
        assert [job.job_id for job in again.jobs(active_only=True)] == [interrupted]
        assert again.job(interrupted).state == "queued" and again.job(interrupted).counts["queued"] == 3
        assert again.job(cancelled).counts["cancelled"] == 3
        assert again.next_item(interrupted).position == 0


def test_uploads_go_when_their_item_ends(library: Library, maker: Maker) -> None:
    folder = library.incoming_folder()
    paths = [folder / f"{row}.mp4" for row in range(4)]
    for path in paths:
        path.write_bytes(b"upload")
    job_id = library.add_job("add", "toy", [JobItem(str(path), temporary=True) for path in paths])
    for _ in range(2):
        library.next_item(job_id)
    maker.add(library, job=(job_id, 0))
    assert [path.exists() for path in paths] == [False, True, True, True]
    library.finish_item(job_id, 1, "queued")
    assert paths[1].exists()
    library.finish_item(job_id, 1, "refused")
    assert [path.exists() for path in paths] == [False, False, True, True]
    library.cancel_job(job_id)
    assert [path.exists() for path in paths] == [False] * 4


def test_only_uploads_are_ever_removed(library: Library, tmp_path: Path) -> None:
    own = tmp_path / "own.mp4"
    own.write_bytes(b"somebody's only copy")
    sneaky = library.home / "incoming" / ".." / ".." / "own.mp4"
    job_id = library.add_job("add", "toy", [JobItem(str(own), temporary=True), JobItem(str(sneaky), temporary=True)])
    library.next_item(job_id)
    library.finish_item(job_id, 0, "added")
    library.cancel_job(job_id)
    assert own.exists()


def test_wrong_states_and_names_are_refused(library: Library) -> None:
    job_id = add_job(library)
    with pytest.raises(BadInput, match="one of queued, added"):
        library.finish_item(job_id, 0, "finished")
    with pytest.raises(BadInput, match="one of done, failed"):
        library.finish_job(job_id, state="running")
    for call in (library.job, library.job_items):
        with pytest.raises(UnknownName, match=r"job \(99\)"):
            call(99)
    with pytest.raises(BadLabel):
        library.add_job("add", "toy", [JobItem("a", label="x" * 500)])
