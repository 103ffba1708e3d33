"""Rules and their log in the ledger: bounded, and gone with the clips they speak of."""

from __future__ import annotations

import pytest

from core.store import Library
from core.store import rules as keeping
from tests.core.store.conftest import Maker


def test_the_log_keeps_so_many_lines(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_FIRINGS", 3)
    for number in range(5):
        library.rules.log(1, "", {"number": number}, "logged", seen=True)
    assert [line.payload["number"] for line in library.rules.firings()] == [4, 3, 2]


def test_the_lines_of_a_clip_go_with_it_and_leave_no_byte(library: Library, maker: Maker) -> None:
    gone, stays = maker.add(library, name='geheim "1".mp4'), maker.add(library, name="other.mp4")
    for clip_id in (gone, stays):
        library.rules.log(1, clip_id, {"flag": {"clip_id": clip_id}}, "logged", seen=True)
    library.rules.log(1, "", {"flag": {"path": '/inbox/geheim "1".mp4'}}, "logged", seen=True)
    library.erase([gone])
    assert [line.clip_id for line in library.rules.firings()] == [stays]
    files = [path for path in library.home.rglob("*") if path.is_file()]
    assert not [path for path in files if gone.encode() in path.read_bytes() or b"geheim" in path.read_bytes()]
