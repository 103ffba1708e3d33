"""Comparing encoders from end to end: pretended embeddings for the machinery, and the toy encoder for the real way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import machine, speed
from core.adviser import SPEED_NOTES, Adviser
from core.clips import Progress
from core.errors import BadInput, Cancelled, MotionbookError, NotEnoughData, UnknownName
from core.manifest import Item
from core.settings import Settings
from core.store import Library
from core.workbench import Workbench
from tests.faked import FakeEmbedder, by_chance
from tests.tiny import make_clip, toy_bench

ACTIONS, PEOPLE, TAKES = ("jump", "run", "walk"), 5, 2
CLIPS = 30
SEEING, BLIND = "x3d_s", "toy"


def draw(content: bytes, encoder: str) -> np.ndarray:
    """SEEING puts clips of one action together, with a little of everything else; BLIND sees nothing but chance."""
    numbers = by_chance(content, encoder)
    if encoder == SEEING:
        numbers = 0.3 * numbers
        numbers[ACTIONS.index(content.split(b" ")[0].decode())] += 3
    return numbers


class Slowly(FakeEmbedder):
    def submit(self, path, encoder, **values):  # type: ignore[no-untyped-def]
        time.sleep(0.004 if encoder == SEEING else 0.001)
        return super().submit(path, encoder, **values)


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "MOST_FILES", 4)
    monkeypatch.setattr(machine, "free_share", lambda: 1.0)


@pytest.fixture
def bench(home: Path, tmp_path: Path) -> Iterator[Workbench]:
    settings = Settings.from_environment(home=home, encoder=BLIND, random_weights=True)
    with Workbench(settings, library=Library.open(home, index="memory"), embedder=Slowly(draw)) as made:
        items = []
        for action in ACTIONS:
            for person in range(PEOPLE):
                for take in range(TAKES):
                    path = tmp_path / f"{action}-{person}-{take}.mp4"
                    path.write_bytes(f"{action} {person} {take}".encode())
                    items.append(Item(path, action, f"person {person}"))
        made.run_job(made.enqueue(items))
        yield made


def test_nothing_is_known_before_it_is_measured(bench: Workbench) -> None:
    found = Adviser(bench).verdict([BLIND, SEEING])
    blind, seeing = found.candidates
    assert blind.exam is not None and blind.speed is None and (blind.lacking, blind.missing) == (0, 0)
    assert seeing.exam is None and (seeing.lacking, seeing.missing) == (CLIPS, CLIPS)
    assert found.advice.take == BLIND and any("30 of its clips" in note for note in found.advice.notes)
    assert (found.exam_clips, found.labelled_clips) == (CLIPS, CLIPS)


def test_measuring_leads_to_the_advice(bench: Workbench) -> None:
    heard: list[Progress] = []
    found = Adviser(bench).measure([BLIND, SEEING], report=heard.append)
    blind, seeing = found.candidates
    assert seeing.quality > 0.9 > 0.6 > blind.quality and found.advice.take == SEEING
    assert seeing.speed is not None and blind.speed is not None and blind.seconds_per_minute < seeing.seconds_per_minute
    assert seeing.speed.engine == f"pretence of {SEEING}"
    assert f"Take {SEEING}" in found.advice.sentence
    assert found.failures == () and "30 clips from 5 sources" in found.stamp and machine.processor() in found.stamp
    assert heard[0].label == f"1 of 2, {BLIND}: loading" and any("embedding clips of the exam" in step.label for step in heard)
    assert bench.missing(SEEING) == [], "what was embedded for the exam stays"
    assert Adviser(bench).verdict([BLIND, SEEING]).advice == found.advice


def test_a_sample_is_enough(bench: Workbench) -> None:
    found = Adviser(bench).measure([BLIND, SEEING], most=15)
    blind, seeing = found.candidates
    assert bench.library.count_embedded(bench.fingerprint(SEEING)) == 15 == found.exam_clips
    assert (seeing.lacking, seeing.missing) == (0, 15) and seeing.quality > 0.9
    assert blind.exam is not None and seeing.exam is not None and blind.exam.clip_ids == seeing.exam.clip_ids
    assert {len(bench.library.clip(clip_id).label) for clip_id in seeing.exam.clip_ids} == {3, 4}
    whole = Adviser(bench).verdict([BLIND], most=0)
    assert whole.candidates[0].exam is not None and len(whole.candidates[0].exam.clip_ids) == CLIPS


def test_speeds_are_kept_for_this_machine_and_these_weights(bench: Workbench) -> None:
    adviser = Adviser(bench)
    kept = adviser.measure_speed(BLIND)
    assert adviser.speeds() == {BLIND: kept}
    (name,) = bench.library.notes(SPEED_NOTES)
    assert name.endswith(kept.fingerprint) and machine.processor() in name
    elsewhere = name.replace(machine.processor(), "a quicker machine")
    bench.library.remember_note(elsewhere, kept.as_dict())
    older = name.replace(kept.fingerprint, "toy-0000")
    bench.library.remember_note(older, {**kept.as_dict(), "fingerprint": "toy-0000"})
    bench.library.remember_note(name.replace(kept.fingerprint, "gone-1"), {**kept.as_dict(), "encoder": "gone"})
    assert adviser.speeds() == {BLIND: kept}


def test_one_encoder_that_fails_does_not_spoil_the_others(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = FakeEmbedder.submit

    def broken(self: FakeEmbedder, path: Path, encoder: str, **values: object) -> object:
        if encoder == BLIND:
            raise MotionbookError("the network failed")
        return real(self, path, encoder, **values)

    monkeypatch.setattr(FakeEmbedder, "submit", broken)
    found = Adviser(bench).measure([BLIND, SEEING])
    assert found.failures == (f"{BLIND}: the network failed",)
    assert found.candidates[1].speed is not None


def test_stopping_keeps_what_was_measured(bench: Workbench) -> None:
    adviser = Adviser(bench)
    with pytest.raises(Cancelled):
        adviser.measure([BLIND, SEEING], should_stop=lambda: bench.library.count_embedded(bench.fingerprint(SEEING)) > 5)
    assert set(adviser.speeds()) == {BLIND, SEEING}
    assert 5 < bench.library.count_embedded(bench.fingerprint(SEEING)) < CLIPS
    (job_id,) = bench.unfinished()
    bench.run_job(job_id)
    assert adviser.verdict([SEEING]).candidates[0].lacking == 0


def wait(bench: Workbench) -> None:
    deadline = time.monotonic() + 60
    while bench.errands.state is not None and not bench.errands.state.ended and time.monotonic() < deadline:
        time.sleep(0.02)


def test_as_an_errand_the_embedding_is_a_job(bench: Workbench) -> None:
    adviser = Adviser(bench)
    adviser.start([SEEING])
    with pytest.raises(BadInput, match="errand"):
        adviser.start([BLIND])
    wait(bench)
    assert bench.errands.state is not None and bench.errands.state.error == ""
    assert bench.library.jobs()[0].encoder == SEEING and bench.library.jobs()[0].state == "done"
    assert adviser.verdict([SEEING]).candidates[0].exam is not None


def test_stopping_the_errand_cancels_its_job(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    adviser = Adviser(bench)
    real = bench.run_job

    def run_job(*values: object, **named: object) -> object:
        bench.errands.stop()
        time.sleep(0.5)
        return real(*values, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(bench, "run_job", run_job)
    adviser.start([SEEING])
    wait(bench)
    assert bench.errands.state is not None and bench.errands.state.error == "It was stopped."
    assert bench.library.jobs()[0].state == "cancelled" and SEEING in adviser.speeds()


def test_disagreement_is_of_the_two_collections(bench: Workbench) -> None:
    adviser = Adviser(bench)
    with pytest.raises(NotEnoughData, match=SEEING):
        adviser.disagree(BLIND, SEEING)
    bench.run_job(bench.enqueue(bench.missing(SEEING), SEEING))
    found = adviser.disagree(SEEING, BLIND)
    assert (found.clips, found.sources) == (CLIPS, 5) and abs(found.spearman) < 0.3
    top = found.alike_in_a[0]
    assert top.same_label and bench.library.media_path(top.first.clip_id).exists()


def test_an_empty_library_says_what_to_do(home: Path) -> None:
    with Workbench(Settings.from_environment(home=home, encoder=BLIND), embedder=FakeEmbedder()) as bench:
        with pytest.raises(NotEnoughData, match="add clips"):
            Adviser(bench).measure([BLIND])
        with pytest.raises(UnknownName):
            Adviser(bench).measure(["nothing"])
        found = Adviser(bench).verdict([BLIND])
        assert found.advice.take is None and found.exam_clips == 0 and "add clips" in found.advice.sentence


def test_the_toy_encoder_is_really_timed_and_examined(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        items = [Item(make_clip(tmp_path / f"{n}.mp4", n), ("run", "walk")[n % 2], f"person {n // 2 % 5}") for n in range(10)]
        bench.run_job(bench.enqueue(items))
        (toy,) = Adviser(bench).measure(["toy"]).candidates
        assert toy.speed is not None and toy.speed.seconds_per_window.median > 0 and "numpy" in toy.speed.engine.casefold()
        assert toy.exam is not None and len(toy.exam.clip_ids) == 10
