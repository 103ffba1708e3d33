"""Errands: one at a time, told as they go."""

from __future__ import annotations

import threading

import pytest

from core.clips import Progress
from core.errands import Errands
from core.errors import BadInput, Cancelled, DownloadFailed


def test_progress_and_end_are_seen_from_outside():
    errands, go_on, reported = Errands(), threading.Event(), threading.Event()

    def work(report, _should_stop):
        report(Progress(3, 9, "half"))
        reported.set()
        assert go_on.wait(30)

    assert errands.state is None
    errands.start("a walk", work)
    assert reported.wait(30)
    assert errands.state.title == "a walk" and errands.state.progress == Progress(3, 9, "half") and not errands.state.ended
    with pytest.raises(BadInput, match="before it has ended"):
        errands.start("another", work)
    go_on.set()
    errands.join(30)
    assert errands.state.ended and not errands.state.error


def test_stop_is_passed_on():
    def work(_report, should_stop):
        while not should_stop():
            threading.Event().wait(0.01)
        raise Cancelled("stopped")

    errands = Errands()
    errands.start("a walk", work)
    errands.stop()
    errands.join(30)
    assert errands.state.ended and errands.state.error == "It was stopped."


@pytest.mark.parametrize(("failure", "told"), [(DownloadFailed("no line"), "no line"), (ZeroDivisionError("oh"), "unexpected")])
def test_failures_are_kept_in_words(failure, told):
    def work(_report, _should_stop):
        raise failure

    errands = Errands()
    errands.start("a walk", work)
    errands.join(30)
    assert told in errands.state.error
    errands.start("again", lambda _report, _should_stop: None)
    errands.join(30)
    assert not errands.state.error
