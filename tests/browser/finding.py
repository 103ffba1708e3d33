"""The story of finding in a real browser: a dropped clip, words, a take with the camera, the map and its two halves.

    python -m tests.browser.finding HOME FOLDER

tells it on all of the real clips: HOME is a library that holds them (``python -m core add --manifest .../manifest.csv``), FOLDER
gets a screenshot of each step. tests/browser/test_finding.py tells it on a few of them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.cameras import camera_of
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen, playing
from tests.conftest import clips_folder

LOOKING_MS = 120_000
FETCHING_MS = 300_000
Shot = Callable[[Page, str], None]


def by_a_dropped_clip(page: Page, address: str, clip: Path, label: str, *, own: str = "") -> None:
    """Whoever drops a clip finds its action first, with films that play; nothing of it comes into the library."""
    page.goto(f"{address}/search" + (f"?own={own}" if own else ""))
    settle(page)
    _open_own_clip(page)
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(str(clip))
    first_match(page, label)
    expect(page).to_have_url(re.compile("q=take(:|%3A)"))
    cards(page).first.scroll_into_view_if_needed()
    _one_plays(page)


def by_words(page: Page, address: str, words: str) -> None:
    """What the words were understood as stands above what was found."""
    page.goto(f"{address}/search?q=text:%22{words.replace(' ', '%20')}%22")
    settle(page)
    fetch = page.get_by_role("button", name="Fetch what reads words")
    if fetch.count():  # the first time on a machine
        fetch.click()
    cards(page).first.wait_for(timeout=FETCHING_MS)
    settle(page)
    expect(page.get_by_text("was understood as").first).to_be_visible()


def by_a_take(page: Page, address: str, label: str, seconds: int) -> None:
    """Two seconds before the camera find the action that was done."""
    page.goto(f"{address}/search")
    settle(page)
    _open_own_clip(page)
    webcam = page.locator(".webcam")
    webcam.scroll_into_view_if_needed()
    webcam.get_by_role("button", name="Use the camera", exact=True).click()
    page.locator(".webcam[data-step=ready]").wait_for()
    webcam.locator("input").first.fill(str(seconds))
    webcam.get_by_role("button", name="Record", exact=True).click()
    page.locator(".webcam[data-step=review]").wait_for()
    webcam.get_by_role("button", name="Use this take", exact=True).click()
    first_match(page, label)


def the_map(page: Page, address: str, *, method: str) -> None:
    """Made as an errand, drawn, and there when the page is opened again."""
    page.goto(f"{address}/map?method={method}")
    settle(page)
    make = page.get_by_role("button", name="Make the map")
    if make.count():
        make.click()
    page.locator(".scatter[data-ready=yes]").wait_for(timeout=LOOKING_MS)
    page.reload()
    page.locator(".scatter[data-ready=yes]").wait_for()
    settle(page)


def two_halves(page: Page) -> None:
    """A lasso around the left half, one around the right, and the two compared."""
    _lasso(page, 0.0, 0.5)
    page.get_by_role("button", name="Keep as A, to compare two selections").click()
    settle(page)
    _lasso(page, 0.5, 1.0)
    page.get_by_role("link", name="Compare A with B").click()
    page.locator(".mb-number").wait_for(timeout=LOOKING_MS)
    settle(page)
    expect(page).to_have_url(re.compile(r"compare.*q=clips.*q=clips"))


def cards(page: Page) -> Locator:
    return page.locator(".previews article.card")


def first_match(page: Page, label: str) -> None:
    """The best match is of this action."""
    cards(page).first.wait_for(timeout=LOOKING_MS)
    settle(page)
    expect(cards(page).first).to_contain_text(f"{label} ·")


def _one_plays(page: Page) -> None:
    """Within a few looks: small films are cut in the background, one after the other."""
    for _ in range(20):
        if page.locator(".previews video").count() and any(playing(page)):
            return
        page.wait_for_timeout(500)
    raise AssertionError("none of the films that were found plays")


def _open_own_clip(page: Page) -> None:
    page.get_by_text("Search with a clip of your own").first.click()
    settle(page)


def _lasso(page: Page, left: float, right: float) -> None:
    """Around everything between two shares of the map's width; some dots of it are then chosen, not all."""
    sheet = page.locator(".scatter .sheet")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    corners = [(left, 0.0), (right, 0.0), (right, 1.0), (left, 1.0), (left, 0.02)]
    places = [(box["x"] + 2 + x * (box["width"] - 4), box["y"] + 2 + y * (box["height"] - 4)) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"^\d+ clips? chosen$")).first).to_be_visible()
    settle(page)


def tell(page: Page, address: str, clips: Path, shot: Shot) -> None:
    """On all of the clips: the dropped one is of another data set than most, and hides its own recording."""
    by_a_dropped_clip(page, address, next((clips / "weizmann" / "wave2").glob("eli*")), "wave2", own="hide")
    shot(page, "dropped")
    by_words(page, address, "two people shaking hands")
    shot(page, "words")
    by_a_take(page, address, "walk", 3)
    shot(page, "take")
    the_map(page, address, method="umap")
    shot(page, "map")
    two_halves(page)
    shot(page, "halves")


def main(home: Path, folder: Path) -> None:
    clips = clips_folder()
    assert clips, "set MOTIONBOOK_CLIPS to the folder of the real clips"
    folder.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, running_app(home) as address:
        camera = camera_of(next((clips / "weizmann" / "walk").glob("ira*")), Path(scratch) / "camera.y4m")
        with browser(Path(scratch) / "profile", flags=camera) as context:
            page = context.new_page()
            listen(page, complaints)
            tell(page, address, clips, lambda page, name: page.screenshot(path=folder / f"find-{name}.png", full_page=True))
            page.close()
    sys.exit("\n".join(complaints) or None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
