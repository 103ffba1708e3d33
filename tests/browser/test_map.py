"""The map in a real browser: a lasso chooses, a pointer that rests is shown the film, keys do the same."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.manifest import Item
from core.mapping import Layout, Mapper
from tests.browser.driving import browser, running_app, settle
from tests.browser.test_story import listen
from tests.tiny import make_clip, toy_bench

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SPOKEN = """(line) => {
  window.spoken = [];
  new MutationObserver(() => window.spoken.push(line.textContent)).observe(line, { childList: true });
}"""
PLAYING = "(film) => film.currentTime > 0 && !film.paused"


def place_of(page: Page, dot: int, places: list[list[float]]) -> tuple[float, float]:
    """Where a dot is on the screen."""
    sheet = page.locator(".scatter .sheet")
    box, view = sheet.bounding_box(), json.loads(sheet.get_attribute("data-view") or "{}")
    assert box and view, "there is no map"
    x, y = places[dot]
    across, down = (x - view["x"]) * view["scale"], (y - view["y"]) * view["scale"]
    return box["x"] + 1 + (box["width"] - 2) / 2 + across, box["y"] + 1 + (box["height"] - 2) / 2 - down


def test_a_lasso_chooses_and_a_pointer_that_rests_is_shown_the_film(tmp_path: Path):
    items = [Item(make_clip(tmp_path / f"{number}.mp4", number, count=20), "waving", f"who {number}") for number in range(6)]
    with toy_bench(tmp_path / "library") as bench:
        assert bench.run_job(bench.enqueue(items)).added == 6
        made = Mapper(bench).make(Layout("pca"))
        places = made.places.tolist()
        names = [bench.library.clip(clip_id).name for clip_id in made.clip_ids]
    complaints = list[str]()
    with running_app(tmp_path / "library", MOTIONBOOK_ENCODER="toy") as address, browser(tmp_path / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{address}/map?method=pca")
        page.locator(".scatter[data-ready=yes]").wait_for()
        settle(page)
        page.mouse.move(*place_of(page, 3, places))
        card = page.locator(".scatter .card")
        card.get_by_text(names[3], exact=True).wait_for()
        film = card.locator("video")
        film.wait_for(state="attached")
        page.wait_for_function(PLAYING, arg=film.element_handle())

        x, y = place_of(page, 3, places)
        page.mouse.move(x + 9, y)
        page.mouse.down()
        for step in range(1, 14):
            page.mouse.move(x + 9 * math.cos(step / 2), y + 9 * math.sin(step / 2))
        page.mouse.up()
        page.get_by_text("1 clip chosen").wait_for()
        page.locator(".scatter .legend button").click()
        page.get_by_text("6 clips chosen").wait_for()
        page.locator(".scatter .sheet").focus()
        page.keyboard.press("Escape")
        page.get_by_text("Nothing is chosen").wait_for()
        page.keyboard.press("ArrowRight")
        page.locator(".scatter .unseen").evaluate(SPOKEN)
        page.keyboard.press("Space")
        page.get_by_text("1 clip chosen").wait_for()
        assert "1 of 6 chosen" in page.evaluate("window.spoken")

        page.locator(".scatter .sheet").focus()
        page.keyboard.press("+")
        page.locator(".scatter .sheet[data-zoomed=yes]").wait_for()
        page.get_by_role("link", name="Library").first.click()
        page.get_by_role("heading", name="Library").wait_for()
        page.go_back()
        page.locator(".scatter[data-ready=yes] .sheet[data-zoomed=yes]").wait_for()  # it is found as it was left
    assert complaints == []
