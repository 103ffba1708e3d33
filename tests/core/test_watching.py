"""Concepts looked for in clips and files, by the toy encoder in films of plain colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.concepts import Example
from core.embedding import WorkerEmbedder
from core.errors import BadClip, BadInput, Cancelled, FingerprintMismatch, UnknownName
from core.manifest import Item
from core.watching import Reading, Watch, Watcher
from core.workbench import Workbench
from tests.core.watchable import colours, film, finder, redness
from tests.tiny import toy_bench

AS_IT_IS = Reading(smoothing_seconds=0, minimum_seconds=0, gap_seconds=0)
RED = Watch(("red",), AS_IT_IS)


@pytest.fixture
def bench(home: Path, toy_worker: WorkerEmbedder) -> Iterator[Workbench]:
    with toy_bench(home, toy_worker) as opened:
        yield opened


def spans(found: Any) -> list[tuple[float, float]]:
    return [(flag.start_seconds, flag.end_seconds) for flag in found.flags]


def test_a_file_is_flagged_where_it_is_red(bench: Workbench, tmp_path: Path) -> None:
    path = film(tmp_path / "long.mp4", ("blue", 4), ("red", 3), ("blue", 4), ("red", 2), ("blue", 3))
    watcher = Watcher(bench, finder(redness(bench)))
    found = watcher.scan_file(path, RED)
    assert np.allclose(spans(found), [(4, 7), (11, 13)], atol=0.51), "within half a stride"
    assert (found.windows, found.path, found.clip_id) == (31, str(path), "")
    assert all(flag.path == str(path) and flag.confidence > 0.9 for flag in found.flags)


def test_a_clip_of_the_library_is_scored_from_what_is_stored(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "clip.mp4", ("blue", 3), ("red", 3))
    bench.run_job(bench.enqueue([Item(path, "door", "cam")]))
    (clip,) = bench.library.clips()
    watcher = Watcher(bench, finder(redness(bench)))
    streamed = watcher.tables(path, watcher.panel(RED))["toy"]
    monkeypatch.setattr(bench.embedder, "vary", None)  # would fail if it were asked
    found, again = watcher.scan_clip(clip.clip_id, RED), watcher.scan_file(path, RED)
    assert spans(found) == spans(again)
    assert (again.clip_id, found.flags[0].clip_id) == (clip.clip_id, clip.clip_id)
    (line,) = watcher.course(clip.clip_id, "red")
    assert np.allclose(line.scores, streamed.numbers[:, 0, 0], atol=1e-6), "a file is read as a clip is"


def test_chunks_do_not_change_what_is_found(bench: Workbench, tmp_path: Path) -> None:
    path = film(tmp_path / "long.mp4", ("blue", 5), ("red", 4), ("blue", 5))
    watcher = Watcher(bench, finder(redness(bench)))
    panel = watcher.panel(RED)
    whole, pieces = (watcher.tables(path, panel, chunk=chunk)["toy"] for chunk in (1000, 4))
    assert np.array_equal(whole.spans, pieces.spans)
    assert np.allclose(whole.numbers, pieces.numbers, atol=1e-6)


def test_a_scan_goes_on_where_it_was(bench: Workbench, tmp_path: Path) -> None:
    """Stopped after some chunks, it asks for the windows that are left and for no other."""
    path = film(tmp_path / "long.mp4", ("blue", 10), ("red", 4), ("blue", 6))
    watcher = Watcher(bench, finder(redness(bench)))
    panel = watcher.panel(RED)
    kept: list[Any] = []
    with pytest.raises(Cancelled):
        watcher.tables(path, panel, chunk=4, keep=lambda tables, _: kept.append(dict(tables)), should_stop=lambda: len(kept) >= 3)
    asked = 0
    vary = bench.embedder.vary

    def counting(path: Path, encoder: str, windows: Any, *others: Any, **more: Any) -> Any:
        nonlocal asked
        asked += len(windows)
        return vary(path, encoder, windows, *others, **more)

    bench.embedder.vary = counting  # type: ignore[method-assign]
    resumed = watcher.tables(path, panel, chunk=4, known=kept[-1])["toy"]
    assert 0 < kept[-1]["toy"].windows < resumed.windows
    assert asked == resumed.windows - kept[-1]["toy"].windows
    bench.embedder.vary = vary  # type: ignore[method-assign]
    assert np.allclose(resumed.numbers, watcher.tables(path, panel)["toy"].numbers, atol=1e-6)


def test_a_concept_of_several_classes_fires_by_class(bench: Workbench, tmp_path: Path) -> None:
    path = film(tmp_path / "long.mp4", ("blue", 3), ("red", 3), ("green", 3))
    watcher = Watcher(bench, finder(colours(bench, "safety", ("red", "green"))))
    assert [flag.concept for flag in watcher.scan_file(path, Watch(("safety",), AS_IT_IS)).flags] == [
        "safety/red",
        "safety/green",
    ]
    assert [flag.concept for flag in watcher.scan_file(path, Watch(("safety/green",), AS_IT_IS)).flags] == ["safety/green"]
    with pytest.raises(UnknownName, match="red, green"):
        watcher.scan_file(path, Watch(("safety/purple",)))


def test_a_dry_run_tells_what_a_watch_would_have_done(bench: Workbench, tmp_path: Path) -> None:
    paths = [
        film(tmp_path / f"{number}.mp4", *stretches)
        for number, stretches in enumerate([(("blue", 2),), (("red", 2),), (("blue", 1), ("red", 2.5))])
    ]
    bench.run_job(bench.enqueue([Item(path, "door", "cam") for path in paths]))
    blue, red, both = sorted(bench.library.clips(), key=lambda clip: clip.name)
    concept = redness(bench, examples=(Example(red.clip_id, "red"),))
    found = Watcher(bench, finder(concept)).dry_run(RED)
    assert {flag.clip_id for flag in found.flags} == {red.clip_id, both.clip_id}
    assert (found.clips, found.taught, found.unseen) == (3, 1, 0)
    assert found.seconds == pytest.approx(7.5)
    assert found.sentence == (
        "Would have fired 2 times in 0.1 minutes of footage, 960 an hour; 1 of these in clips that it was taught from."
    )
    assert not Watcher(bench, finder(concept)).dry_run(RED, [blue.clip_id]).flags


def test_what_cannot_be_scanned_is_told(bench: Workbench, tmp_path: Path) -> None:
    concept = redness(bench)
    watcher, text = Watcher(bench, finder(concept)), tmp_path / "note.mp4"
    text.write_text("no video")
    with pytest.raises(BadClip) as refused:
        watcher.scan_file(text, RED)
    assert refused.value.reason == "not-a-video"
    with pytest.raises(BadClip, match="opened"):
        watcher.scan_file(tmp_path / "nowhere.mp4", RED)
    with pytest.raises(UnknownName, match="must be one of red"):
        watcher.scan_file(text, Watch(("blu",)))
    with pytest.raises(BadInput, match="taught with"):
        watcher.scan_file(text, Watch(("red",), encoder="i3d-rgb"))
    with pytest.raises(BadInput, match="a concept to look for"):
        Watch(())
    from dataclasses import replace

    old = Watcher(bench, finder(replace(concept, fingerprint="toy:earlier")))
    with pytest.raises(FingerprintMismatch, match="teach it again"):
        old.scan_file(text, RED)
