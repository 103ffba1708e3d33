"""Films with skeletons and flow drawn over them, by the process that draws them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.clips import Framing, Progress
from core.decoding import Decoder
from core.errors import BadClip, BadInput, Cancelled, WeightsMissing
from core.manifest import Item
from core.overlaying import FPS, draw_over
from core.overlays import DRAWING
from core.workbench import Workbench
from tests.tiny import make_clip, toy_bench, toy_settings


def test_flow_is_drawn_over_every_moment(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", 3, count=30)
    steps: list[Progress] = []
    draw_over(clip, tmp_path / "over.mp4", "flow", toy_settings(tmp_path / "home"), report=steps.append)
    with Decoder() as decoder:
        before, after = decoder.probe(clip), decoder.probe(tmp_path / "over.mp4")
        times, framing = [np.array([0.5])], Framing(32, 32, "whole")
        plain, drawn = (next(decoder.read_windows(path, times, framing))[0] for path in (clip, tmp_path / "over.mp4"))
    assert (after.codec, after.pixel_format) == ("h264", "yuv420p") and after.fps == pytest.approx(FPS)
    assert after.duration_seconds == pytest.approx(before.duration_seconds, abs=2 / FPS)
    assert after.width_px / after.height_px == pytest.approx(before.width_px / before.height_px, rel=0.02)
    assert np.abs(plain.astype(int) - drawn).max() > 60, "something is drawn"
    assert steps[-1].done == steps[-1].total == int(before.duration_seconds * FPS)


def test_what_cannot_be_drawn_is_refused_by_name(tmp_path: Path) -> None:
    settings = toy_settings(tmp_path / "home")
    clip, text = make_clip(tmp_path / "a.mp4", 1), tmp_path / "text.mp4"
    text.write_text("not a film")
    with pytest.raises(BadInput, match="skeleton, flow"):
        draw_over(clip, tmp_path / "over.mp4", "aura", settings)
    with pytest.raises(BadClip):
        draw_over(text, tmp_path / "over.mp4", "flow", settings)
    with pytest.raises(Cancelled):
        draw_over(clip, tmp_path / "over.mp4", "flow", settings, should_stop=lambda: True)


def test_the_workbench_draws_once_keeps_it_and_erases_it_with_the_clip(tmp_path: Path) -> None:
    with toy_bench(tmp_path / "home") as bench:
        bench.run_job(bench.enqueue([Item(make_clip(tmp_path / "a.mp4", 5), "running", "anna")]))
        clip_id = bench.library.clips()[0].clip_id
        assert bench.overlays.path(clip_id, "flow") is None
        drawn = draw(bench, clip_id)
        assert draw(bench, clip_id) == drawn, "the second time there is nothing to do"
        bench.library.delete([clip_id])
        bench.library.erase([clip_id])
        assert not drawn.exists()


def draw(bench: Workbench, clip_id: str) -> Path:
    bench.overlays.draw([clip_id], "flow")
    bench.errands.join(60)
    state = bench.errands.state
    assert state is not None and state.title == DRAWING and (state.ended, state.error) == (True, "")
    found = bench.overlays.path(clip_id, "flow")
    assert found is not None
    return found


def test_without_the_weights_nothing_is_begun(tmp_path: Path) -> None:
    with toy_bench(tmp_path / "home") as bench:
        empty = bench.settings.__class__.from_environment(home=tmp_path / "other", cache=tmp_path / "cache", encoder="toy")
        with Workbench(empty) as other, pytest.raises(WeightsMissing, match="weights fetch skeleton"):
            other.overlays.draw(["0" * 64], "skeleton")
