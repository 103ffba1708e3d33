"""Library."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.manifest import Item
from pages.parts.state import key
from tests.pages.conftest import film, press, sound, texts


def wait(bench) -> None:
    """Until all jobs have ended; the test's own time limit ends a hang."""
    while bench.library.jobs(active_only=True):
        time.sleep(0.05)


def names(at) -> list[str]:
    return [box.label.replace("\\", "") for box in at.checkbox]


def test_an_empty_library_says_how_clips_come_in(screen):
    assert "The library is empty" in texts(sound(screen("library")))


def test_clips_are_shown_by_label_and_names_stay_names(library, screen):
    at = sound(screen("library"))
    assert names(at)[:4] == ["jog-ann.mp4", "jog-bob.mp4", "run-ann.mp4", "run-bob.mp4"]
    assert names(at)[-1] == "**bold** :red[x] $y$ <script>.mp4"
    assert r"\*\*bold" in at.checkbox[-1].label
    assert len(at.image) == 6


def test_filters_come_from_the_link(library, screen):
    assert names(sound(screen("library", label="running"))) == ["run-ann.mp4", "run-bob.mp4"]
    assert names(sound(screen("library", source="ann"))) == ["jog-ann.mp4", "run-ann.mp4"]
    assert names(sound(screen("library", text="WAVE"))) == ["wave-cat.mp4"]
    assert names(sound(screen("library", kind="synthetic"))) == ["wave-cat.mp4"]
    assert "None of the 6 clips passes these filters" in texts(sound(screen("library", text="zebra")))
    assert len(names(sound(screen("library", label="no such label")))) == 6


def test_many_are_labelled_by_hand_and_that_can_be_undone(library, screen, workbench):
    at = sound(screen("library", label="running"))
    press(at, "Pick all 2")
    at.selectbox(key=key("set", "label")).set_value("jogging").run()
    at.selectbox(key=key("set", "source")).set_value("cat").run()
    sound(press(at, "Set"))
    bench = workbench()
    assert sorted(clip.source for clip in bench.library.clips() if clip.label == "jogging") == ["ann", "bob", "cat", "cat"]
    sound(press(at, "Undo: "))
    assert sorted(clip.source for clip in bench.library.clips() if clip.label == "running") == ["ann", "bob"]
    assert "Undo" not in texts(at)


def test_setting_nothing_says_so(library, screen):
    at = sound(screen("library"))
    at.checkbox[0].check().run()
    press(at, "Set")
    assert "Choose or type a label" in texts(at)


def test_a_label_that_cannot_be_one_is_told_and_adds_nothing(tmp_path: Path, screen, workbench):
    film(tmp_path / "a.mp4", (9, 99, 200))
    at = sound(screen("library"))
    at.segmented_control(key=key("add", "where")).set_value("A path on this machine").run()
    at.text_input(key=key("add", "path")).input(str(tmp_path)).run()
    at.text_input(key=key("add", "label")).input("bell \x07").run()
    press(at, "Add from this path")
    assert "printable" in texts(at) and not workbench().library.jobs()


def test_deleting_can_be_undone(library, screen, workbench):
    at = sound(screen("library"))
    at.checkbox[0].check().run()
    sound(press(at, "Delete"))
    assert len(names(at)) == 5 and len(workbench().library.clips(deleted=True)) == 1
    sound(press(at, "Undo: "))
    assert len(names(at)) == 6 and not workbench().library.clips(deleted=True)


def test_deleted_clips_come_back_or_go_for_ever(library, screen, workbench):
    bench = workbench()
    first, second, *_ = [clip.clip_id for clip in bench.library.clips()]
    bench.library.delete([first, second])
    at = sound(screen("library"))
    at.multiselect(key=key("bin", "chosen")).set_value([first]).run()
    sound(press(at, "Restore 1 clip"))
    assert [clip.clip_id for clip in bench.library.clips(deleted=True)] == [second]
    at.multiselect(key=key("bin", "chosen")).set_value([]).run()
    press(at, "Erase 1 clip for ever")
    assert "Nothing can bring them back" in texts(at)
    at.button(key=key("erase", "yes")).click().run()
    assert bench.library.find(second) is None and bench.library.find(first) is not None


def test_a_folder_of_this_machine_is_added_with_labels_and_sources(tmp_path: Path, screen, workbench):
    film(tmp_path / "set" / "ann" / "boxing" / "a.mp4", (9, 99, 200))
    film(tmp_path / "set" / "bob" / "boxing" / "b.mp4", (200, 99, 9))
    (tmp_path / "set" / "bob" / "boxing" / "empty.mp4").touch()
    at = sound(screen("library"))
    at.segmented_control(key=key("add", "where")).set_value("A path on this machine").run()
    at.text_input(key=key("add", "path")).input(str(tmp_path / "set")).run()
    sound(press(at, "Add from this path"))
    wait(workbench())
    clips = workbench().library.clips()
    assert sorted((clip.name, clip.label, clip.source) for clip in clips) == [
        ("a.mp4", "boxing", "ann"),
        ("b.mp4", "boxing", "bob"),
    ]
    at = sound(screen("library"))
    assert "2 added, 1 refused" in texts(at)
    (table,) = at.dataframe
    assert table.value["file"].tolist() == ["empty.mp4"] and table.value["reason"][0]


def test_a_manifest_of_this_machine_tells_labels_and_sources(tmp_path: Path, screen, workbench):
    film(tmp_path / "a.mp4", (9, 99, 200))
    (tmp_path / "m.csv").write_text("path,label,group,other\na.mp4,boxing,ann,1\n")
    at = sound(screen("library"))
    at.segmented_control(key=key("add", "where")).set_value("A path on this machine").run()
    at.text_input(key=key("add", "path")).input(str(tmp_path / "m.csv")).run()
    sound(press(at, "Add from this path"))
    wait(workbench())
    assert [(clip.label, clip.source) for clip in workbench().library.clips()] == [("boxing", "ann")]


@pytest.mark.parametrize("path", ["", "/no/such/folder", "\x00", "~nobody-here/x", "EMPTY", "BAD.csv"])
def test_a_wrong_path_is_told_and_adds_nothing(tmp_path: Path, screen, workbench, path):
    (tmp_path / "EMPTY").mkdir()
    (tmp_path / "BAD.csv").write_text("")
    at = sound(screen("library"))
    at.segmented_control(key=key("add", "where")).set_value("A path on this machine").run()
    at.text_input(key=key("add", "path")).input(str(tmp_path / path) if path.isupper() or "csv" in path else path).run()
    press(at, "Add from this path")
    assert len(at.error) == 1 and "must" in texts(at)
    assert not sound(at).exception and not workbench().library.jobs()


def test_uploads_are_copied_at_once_and_added_with_their_facts(tmp_path: Path, screen, workbench):
    content = film(tmp_path / "a.mp4", (9, 99, 200)).read_bytes()
    table = b"path,label,group\nset/x.mp4,boxing,ann\n"
    at = sound(screen("library"))
    at.file_uploader[0].set_value(
        [("set/x.mp4", content, "video/mp4"), ("m.csv", table, "text/csv"), ("../../evil <b>.mp4", b"", "video/mp4")]
    ).run()
    assert "2 files ready" in texts(sound(at)) and "with 1 manifest" in texts(at)
    incoming = workbench().settings.home / "incoming"
    assert sorted(path.name for path in incoming.rglob("*.*")) == ["00000.mp4", "00001.csv", "00002.mp4"]
    sound(press(at, "Add 2 files"))
    wait(workbench())
    assert [(clip.name, clip.label, clip.source) for clip in workbench().library.clips()] == [("x.mp4", "boxing", "ann")]
    at = sound(screen("library"))
    assert "1 added, 1 refused" in texts(at)


def test_an_unusable_manifest_among_the_uploads_stops_the_adding(screen, workbench):
    at = sound(screen("library"))
    at.file_uploader[0].set_value([("x.mp4", b"0", "video/mp4"), ("m.csv", b"file,what\n1,2\n", "text/csv")]).run()
    assert "column named path" in texts(at)
    press(at, "Add 1 file")
    assert "column named path" in texts(at) and not workbench().library.jobs()
    sound(press(at, "Discard"))
    assert "ready" not in texts(at)


def test_duplicates_are_told_with_the_name_they_are_here_by(library, screen, workbench):
    bench = workbench()
    clip = bench.library.clips()[0]
    again = library.parent / "again.mp4"
    again.write_bytes(bench.library.media_path(clip.clip_id).read_bytes())
    bench.enqueue([Item(again)])
    wait(bench)
    at = sound(screen("library"))
    assert "0 added, 1 duplicate" in texts(at)
    assert at.dataframe[0].value.to_dict("records") == [{"file": "again.mp4", "already here as": "run-ann.mp4"}]


def test_a_running_job_can_be_cancelled(screen, workbench):
    workbench().enqueue_samples(2)
    at = sound(screen("library"))
    press(at, "Cancel")
    assert workbench().library.jobs()[0].state == "cancelled"


def test_a_clip_plays_in_a_dialog(library, screen):
    at = sound(screen("library", label="running"))
    play = next(button for button in at.button if button.label == "Play")
    sound(play.click().run())
    assert len(at.get("video")) == 1


def test_a_damaged_thumbnail_costs_only_itself(library, screen, workbench):
    bench = workbench()
    bench.library.thumbnail_path(bench.library.clips()[0].clip_id).write_bytes(b"no picture at all")
    at = sound(screen("library"))
    assert len(names(at)) == 6 and len(at.image) == 5 and "no picture" in texts(at)
