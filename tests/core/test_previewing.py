"""Small films for grids: served whole where that is cheap, cut out in the background otherwise, gone with their clip."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core import previewing
from core.decoding import Decoder
from core.manifest import Item
from core.previewing import Previewer
from core.store import Library
from core.workbench import Workbench
from tests.faked import FakeEmbedder
from tests.tiny import make_clip, toy_settings


@pytest.fixture
def library(home: Path, tmp_path: Path):
    """A bench with one film of three seconds, and a previewer."""
    library = Library.open(home, index="memory")
    with Workbench(toy_settings(home), library=library, embedder=FakeEmbedder()) as bench:
        bench.run_job(bench.enqueue([Item(make_clip(tmp_path / "three.mp4", 1, count=30))]))
        previewer = Previewer(bench)
        yield bench, previewer, bench.library.clips()[0]
        previewer.close()


def made(previewer: Previewer, clip, start: float, end: float):
    deadline = time.monotonic() + 60
    while (found := previewer.get(clip, start, end)) is None and not previewer.failure(clip, start, end):
        assert time.monotonic() < deadline, "no preview came"
        time.sleep(0.02)
    return found


def test_a_small_film_is_its_own_preview_and_a_large_one_is_cut(library, tmp_path, monkeypatch):
    bench, previewer, clip = library
    monkeypatch.setattr(previewing, "playable_in_browser", lambda _: True)  # the pretended embedder knows no pixel format
    whole = previewer.get(clip, 1.0, 2.5)
    assert whole is not None and whole.content == bench.library.media_path(clip.clip_id)
    assert (whole.start_seconds, whole.end_seconds, whole.form) == (1.0, 2.5, "video/mp4")
    monkeypatch.setattr(previewing, "SMALL_BYTES", 0)
    assert previewer.get(clip, 1.0, 2.5) is None and previewer.want([(clip.clip_id, 1.0, 2.5)]) == 1
    cut = made(previewer, clip, 1.0, 2.5)
    assert cut is not None and (cut.start_seconds, cut.end_seconds) == (0.0, 1.5)
    path = tmp_path / "cut.mp4"
    path.write_bytes(cut.content)
    with Decoder(bench.settings.limits) as decoder:
        assert decoder.probe(path).duration_seconds == pytest.approx(1.5, abs=0.11)
    bench.library.erase([clip.clip_id])
    assert not [one for one in bench.settings.home.rglob("*") if clip.clip_id in one.name]


def test_a_film_that_cannot_be_cut_says_why_and_is_not_tried_again(library, monkeypatch):
    bench, previewer, clip = library
    monkeypatch.setattr(previewing, "SMALL_BYTES", 0)
    bench.library.media_path(clip.clip_id).write_bytes(b"no film")
    previewer.want([(clip.clip_id, 0.0, 1.0)])
    assert made(previewer, clip, 0.0, 1.0) is None and previewer.failure(clip, 0.0, 1.0)
    assert previewer.want([(clip.clip_id, 0.0, 1.0)]) == 0
