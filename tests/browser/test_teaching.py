"""The story of teaching and watching, on some of the real clips in a real browser; ``teaching`` tells it on more of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import teaching
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen, upload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PIECES = 2  # of the footage with fights, which only the long form looks through


def test_a_fight_and_waving_are_taught_and_found_in_footage_of_others(real_clips: Path, tmp_path: Path):
    fight, day = teaching.a_fight(real_clips, tmp_path, most=PIECES), teaching.waving(real_clips, tmp_path, waves=("wave2",))
    complaints = list[str]()
    with running_app(tmp_path / "library") as address, browser(tmp_path / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{address}/library")
        settle(page)
        upload(page, tmp_path / "all", teaching.laid_out(tmp_path / "all", [fight, day]))
        teaching.taught(page, address, fight, "False alarms")
        teaching.told_apart(page)
        teaching.taught(page, address, day, "Automatic")
        flags = teaching.flagged(page, address, day)
        touched, times, false = teaching.found(day, flags)
        assert (touched, times, false) == (2, 2, 0), flags
        assert teaching.judged(page, day, flags) == (len(flags), 0)
        told = teaching.cut_list(page, len(flags))
        assert told.startswith("ffconcat") and told.count("inpoint") == told.count("outpoint") == len(flags)
        page.close()
    assert complaints == []
