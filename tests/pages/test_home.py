"""Home."""

from __future__ import annotations

import os
from pathlib import Path

from core.store import Library
from tests.pages.conftest import press, sound, texts


def test_an_empty_library_says_what_to_do(screen):
    at = sound(screen())
    assert "How alike are two actions?" in texts(at)
    assert [button.label for button in at.button] == ["Make sample clips"]
    assert not at.metric


def test_one_click_makes_samples_and_shows_the_progress(screen, workbench):
    at = sound(press(screen(), "Make sample clips"))
    (job,) = workbench().library.jobs()
    assert (job.kind, job.total) == ("samples", 40)
    assert "Making samples" in str(at.get("progress")[0].proto)
    workbench().library.cancel_job(job.job_id)


def test_it_tells_what_the_library_holds(library, screen):
    at = sound(screen())
    told = {metric.label: metric.value for metric in at.metric}
    assert told["Clips"] == "6" and told["Labels"] == "3" and told["Sources"] == "4"
    assert "1 clip of these is synthetic" in texts(at) and "Toy" in texts(at)
    assert "Compare jogging with running" not in texts(at) and "Compare running with jogging" in texts(at)


def test_the_last_comparisons_are_links(library, screen, workbench):
    sound(screen("compare"))
    at = sound(screen())
    links = {link.proto.label: link.proto for link in at.get("page_link")}
    assert "q=label%3Arunning&q=label%3Ajogging&encoder=toy" in links["running, jogging"].query_string
    assert "Running and jogging: " in texts(at)


def test_a_library_that_another_process_holds_is_told_with_its_pid(home: Path, screen):
    with Library.open(home):
        at = sound(screen())
        assert len(at.error) == 1 and str(os.getpid()) in texts(at)
        assert "reload this page" in texts(at)


def test_a_wrong_setting_is_told_in_words(screen, monkeypatch):
    monkeypatch.setenv("MOTIONBOOK_DEVICE", "abacus")
    at = sound(screen())
    assert "abacus" in texts(at)
