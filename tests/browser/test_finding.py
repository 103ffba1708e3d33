"""The story of finding, on a few real clips of four people in a real browser; ``finding`` tells it on all of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.browser import finding
from tests.browser.cameras import camera_of
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen, upload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ACTIONS, PEOPLE = ("wave2", "walk", "bend"), ("daria", "denis", "eli")


def test_an_action_is_found_by_a_clip_by_words_by_the_camera_and_on_the_map(real_clips: Path, tmp_path: Path):
    folder, complaints = tmp_path / "actions", list[str]()
    for action in ACTIONS:
        (folder / action).mkdir(parents=True)
        for person in PEOPLE:
            shutil.copy(real_clips / "weizmann" / action / f"{person}_{action}.avi", folder / action)
    camera = camera_of(real_clips / "weizmann" / "walk" / "ira_walk.avi", tmp_path / "camera.y4m")
    with running_app(tmp_path / "library") as address, browser(tmp_path / "profile", flags=camera) as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{address}/library")
        settle(page)
        upload(page, folder, len(ACTIONS) * len(PEOPLE))
        finding.by_a_dropped_clip(page, address, real_clips / "weizmann" / "wave2" / "ira_wave2.avi", "wave2")
        finding.by_words(page, address, "somebody walks")
        finding.by_a_take(page, address, "walk", 2)
        finding.the_map(page, address, method="pca")
        finding.two_halves(page)
        page.close()
    assert complaints == []
