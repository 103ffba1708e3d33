"""Samples."""

from __future__ import annotations

import time

from core.errors import DownloadFailed
from pages.parts.state import key
from tests.pages.conftest import press, sound, texts


def test_the_samples_are_called_synthetic(screen):
    at = sound(screen("samples"))
    assert "They are drawn, not filmed" in texts(at) and "40 clips" in texts(at)


def test_the_number_of_people_is_taken_up(screen, workbench):
    at = sound(screen("samples"))
    at.slider(key=key("samples", "people")).set_value(2).run()
    assert "16 clips" in texts(at)
    sound(press(at, "Make sample clips"))
    (job,) = workbench().library.jobs()
    assert job.total == 16
    assert next(button for button in at.button if button.label == "Make sample clips").disabled
    workbench().library.cancel_job(job.job_id)


def test_kth_tells_its_size_and_terms_before_anything_is_fetched(screen):
    text = texts(sound(screen("samples")))
    assert "150 to 250 MB" in text and "non-commercial" in text and "ICPR 2004" in text


def test_a_fetch_without_internet_ends_in_words(screen, workbench):
    def work(_report, _should_stop):
        raise DownloadFailed("archive (x) must be reachable; check the internet connection and try again")

    bench = workbench()
    bench.errands.start("Fetching the KTH clips", work)
    bench.errands.join(10)
    at = sound(screen("samples"))
    assert "check the internet connection" in texts(at)


def test_a_fetch_under_way_can_be_stopped(screen, workbench):
    def work(_report, should_stop):
        while not should_stop():
            time.sleep(0.01)

    bench = workbench()
    bench.errands.start("Fetching the KTH clips", work)
    at = sound(screen("samples"))
    sound(press(at, "Cancel"))
    bench.errands.join(10)
    assert bench.errands.state.ended
