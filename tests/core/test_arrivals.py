"""A watched folder: what is new is told once it is whole, and once only, a restart in between or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.arrivals import STILL_SECONDS, Arrivals


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    (made / "old.mp4").write_bytes(b"old")
    return made


def put(folder: Path, name: str, content: bytes = b"new") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def test_what_is_there_at_first_is_history_and_what_comes_is_new_when_it_is_whole(folder: Path) -> None:
    arrivals = Arrivals(folder)
    assert arrivals.look(0.0) == []
    new = put(folder, "day 2/new.mp4")
    put(folder, ".hidden.mp4"), put(folder, "notes.txt"), put(folder, "half.mp4.part")
    assert arrivals.look(1.0) == [] and arrivals.waiting == 1
    assert arrivals.look(1.0 + STILL_SECONDS / 2) == []
    assert arrivals.look(1.0 + STILL_SECONDS) == [new]
    assert arrivals.look(2.0 + STILL_SECONDS) == [new], "nobody has dealt with it yet"
    arrivals.done(new)
    assert arrivals.look(3.0 + STILL_SECONDS) == [] and arrivals.waiting == 0


def test_a_file_that_grows_waits(folder: Path) -> None:
    arrivals = Arrivals(folder)
    arrivals.look(0.0)
    for second in range(5):
        put(folder, "growing.mp4", b"x" * (second + 1))
        assert arrivals.look(float(second)) == []
    assert len(arrivals.look(4.0 + STILL_SECONDS)) == 1


def test_a_restart_forgets_nothing_and_keeps_no_name(folder: Path) -> None:
    first = Arrivals(folder)
    first.look(0.0)
    done = put(folder, "geheim.mp4")
    first.look(1.0)
    first.look(1.0 + STILL_SECONDS)
    first.done(done)
    late = put(folder, "while it was down.mp4")
    again = Arrivals(folder, first.marks)
    assert again.look(0.0) == [] and again.look(STILL_SECONDS) == [late]
    assert "geheim" not in "".join(first.marks)


def test_a_file_that_changed_is_new_again_and_one_that_left_is_forgotten(folder: Path) -> None:
    arrivals = Arrivals(folder)
    arrivals.look(0.0)
    changed = put(folder, "old.mp4", b"another")
    arrivals.look(1.0)
    assert arrivals.look(1.0 + STILL_SECONDS) == [changed]
    arrivals.done(changed)
    changed.unlink()
    arrivals.look(9.0)
    assert arrivals.marks == []


def test_a_link_leads_nowhere(folder: Path, tmp_path: Path) -> None:
    arrivals = Arrivals(folder)
    arrivals.look(0.0)
    (folder / "link.mp4").symlink_to(put(tmp_path, "elsewhere.mp4"))
    arrivals.look(1.0)
    assert arrivals.look(9.0) == []


def test_a_folder_that_went_away_is_empty(folder: Path) -> None:
    arrivals = Arrivals(folder)
    arrivals.look(0.0)
    (folder / "old.mp4").unlink()
    folder.rmdir()
    assert arrivals.look(1.0) == []
