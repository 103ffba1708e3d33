"""Armed rules on the Watch page: whether somebody acts on them is said, started and stopped there."""

from __future__ import annotations

from pathlib import Path

from core.guarding import PlaceState, guard_of
from core.rules import Rule, Rulebook, Where
from core.teaching import Teacher
from pages.parts.watch_guard import line
from tests.core.watchable import redness
from tests.pages.conftest import press, sound, texts


def test_armed_rules_wait_until_watching_is_started(library: Path, screen, workbench, tmp_path: Path) -> None:
    bench, book = workbench(), Rulebook(workbench())
    Teacher(bench).keep(redness(bench))
    at = sound(screen("watch", view="rules"))
    assert "Start watching" not in [button.label for button in at.button], "no rule is armed"
    made = book.save(Rule("reds", "red", Where("folder", str(tmp_path))))
    book.arm(book.rehearsed(made.rule_id, 0, 0.0, "").rule_id)
    at = sound(screen("watch", view="rules"))
    assert "armed rules do nothing until you start it" in texts(at)
    sound(press(at, "Start watching"))
    assert guard_of(bench).running
    assert "for 1 armed rule" in texts(at)
    sound(press(at, "Stop watching"))
    assert not guard_of(bench).running and bench.library.note("guard:on") is False


def test_a_place_is_a_line() -> None:
    assert line(PlaceState("clips", "", "watching", 1, 0)) == ":material/video_library: New clips: watching · 1 clip, 0 flags"
    told = line(PlaceState("camera", "rtsp://cam/[a](b)", "connected", 250, 1, 1.25))
    assert told.endswith("connected · 250 pictures, 1 flag, the last 1.2 s after its picture") and "[a](b)" not in told
