"""The samples as a job."""

from __future__ import annotations

from pathlib import Path

from core import starting
from core.settings import Settings
from core.workbench import Workbench


def test_only_samples_that_are_not_there_yet_become_items(tmp_path: Path):
    every = starting.sample_items(tmp_path, 2)
    assert len(every) == 16 and all(item.synthetic and item.name.startswith("synthetic-") for item in every)
    assert len({item.label for item in every[:8]}) == 8 and len({item.source for item in every[:8]}) == 1
    fewer = starting.sample_items(tmp_path, 2, {every[0].name, every[5].name})
    assert [item.name for item in fewer] == [item.name for item in every if item not in (every[0], every[5])]


def test_a_job_draws_embeds_and_cleans_up(home: Path):
    settings = Settings.from_environment({"MOTIONBOOK_HOME": str(home), "MOTIONBOOK_ENCODER": "toy"})
    with Workbench(settings) as bench:
        job_id = bench.enqueue_samples(1)
        drawn: list[str] = []
        bench.run_job(job_id, on_progress=lambda step: drawn.append(step.label), should_stop=lambda: len(drawn) > 2)
        report = bench.run_job(job_id)  # goes on where it was stopped
        assert report.added == 8 and not report.refused
        assert {clip.label for clip in bench.library.clips()} >= {"running", "jogging"}
        assert all(clip.synthetic and clip.source == "synthetic-anna" for clip in bench.library.clips())
        assert not [path for path in (home / "incoming").rglob("*") if path.is_file()]
        assert not bench.library.job_items(bench.enqueue_samples(1))
