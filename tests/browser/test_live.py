"""Live mode in a real browser whose camera is a film: asked for by a click, scored, stopped, and gone with the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.cameras import camera_of
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen
from tests.pages.conftest import film, made_library  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

LEDS = "all => all.filter(one => one.dataset.led === 'yes').map(one => one.querySelector('.name').textContent)"

WATCHED = """
window.asked = 0;
window.tracks = [];
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (...all) => {
  window.asked += 1;
  const got = await real(...all);
  window.tracks.push(...got.getTracks());
  return got;
};
"""
"""Counts how often the camera is asked for, and keeps what it gave."""


def test_the_camera_is_scored_until_it_is_stopped_or_the_page_left(made_library: Path, tmp_path: Path):  # noqa: F811
    complaints: list[str] = []
    flags = camera_of(film(tmp_path / "green.mp4", (32, 198, 32), seconds=3), tmp_path / "green.y4m", seconds=3)
    with (
        running_app(made_library, MOTIONBOOK_ENCODER="toy") as address,
        browser(tmp_path / "profile", flags=flags) as context,
    ):
        page = context.new_page()
        listen(page, complaints)
        page.add_init_script(WATCHED)
        page.goto(f"{address}/live?q=label:running&q=label:jogging&encoder=toy")
        settle(page)
        page.evaluate("window.same = true")
        assert page.evaluate("window.asked") == 0, "a camera is asked for by a click alone"
        page.get_by_role("button", name="Start the camera").click()
        live = page.locator(".live")
        expect(live.locator(".leader")).to_have_text("jogging", timeout=30_000)
        expect(live.locator(".told")).to_contain_text("Scored every", timeout=30_000)
        assert live.locator("li").evaluate_all(LEDS) == ["jogging"]
        assert live.locator(".unseen").inner_text().startswith("jogging, ahead of running")
        page.get_by_role("button", name="Stop").click()
        expect(live.locator(".told")).to_contain_text("forgotten")
        assert int(live.get_attribute("data-scores") or 0) > 0, "what was scored stays to be looked at"
        assert list(made_library.rglob("live*")) == [], "nothing is stored"
        page.get_by_role("button", name="Start the camera").click()
        expect(live.locator(".leader")).to_have_text("Watching")
        page.locator(".st-key-navigation").get_by_role("link", name="Library").click()
        live.wait_for(state="detached")
        assert page.evaluate("[window.same, window.asked, window.tracks.length]") == [True, 2, 2]
        assert page.evaluate("window.tracks.every(one => one.readyState === 'ended')"), "the camera goes with the page"
    assert complaints == []
