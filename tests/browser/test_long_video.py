"""The story of a long video in a real browser: where something happens, peaks, and two repetitions played in sync.

The film is of a routine of gymnastics, done four times in 39 seconds. Counted by eye from its frames, a lunge with the right arm
up comes at 2.0, 11.5, 21.0 and 30.5 s: every 9.5 s.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.driving import browser, running_app, settle, until
from tests.browser.storytelling import listen, still, times, upload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PERIOD_SECONDS, LENGTH_SECONDS, WINDOW_SECONDS = 9.5, 39.3, 2.56
READING_MS = 300_000
SCRUB = "(one, share) => { one.value = share; one.dispatchEvent(new Event('input', {bubbles: true})) }"
COMPANY = ("kth/handwaving", "kth/handclapping", "kth/boxing")  # so that the library has a mean to take away


def test_a_long_video_is_searched_aligned_and_played_in_sync(real_clips: Path, tmp_path: Path):
    folder, complaints = tmp_path / "films", list[str]()
    for name in ("long_video/mixed_exercise", *COMPANY):
        shutil.copytree(real_clips / name, folder / Path(name).name)
    with running_app(tmp_path / "library") as address, browser(tmp_path / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{address}/library")
        settle(page)
        upload(page, folder, sum(path.is_file() for path in folder.rglob("*")))
        clip = _clip_of(page, address, "exercise")
        _the_lunge_comes_back(page, f"{address}/time?ask=find&a=clip:{clip}&q=clip:{clip}@1.0-3.6")
        _repetitions_meet(page, f"{address}/time?ask=agree&a=clip:{clip}@9.0-18.4&b=clip:{clip}@18.5-27.9")
        page.close()
    assert complaints == []


def _clip_of(page: Page, address: str, name: str) -> str:
    """The id of the clip, as the address of the Time page names it."""
    page.goto(f"{address}/time")
    settle(page)
    picker = page.get_by_role("combobox", name="First clip")
    picker.click()
    picker.fill(name)
    page.get_by_role("option").filter(has_text=name).click()
    settle(page)
    found = re.search(r"[?&]a=clip(?::|%3A)([0-9a-f]{12})", page.url)
    assert found, page.url
    return found[1]


def _the_lunge_comes_back(page: Page, address: str) -> None:
    """A strip under the player whose peaks are the repetitions; a click on one goes there."""
    page.goto(address)
    settle(page)
    page.get_by_role("button", name="Look more finely").click()
    settle(page)
    for button in ("Cancel", "Look more finely"):  # neither the errand nor the offer of it
        expect(page.get_by_role("button", name=button)).to_have_count(0, timeout=READING_MS)
    settle(page)
    shares = page.locator(".strip .peak").evaluate_all("all => all.map(one => parseFloat(one.style.left) / 100)")
    starts = [share * LENGTH_SECONDS for share in shares]
    expected = [2.3 + repetition * PERIOD_SECONDS for repetition in range(4)]
    found, later = sorted(starts)[:4], sorted(starts)[4:]
    np.testing.assert_allclose(found, expected, atol=WINDOW_SECONDS / 2 + 0.32)  # and half of a step between windows
    assert len(later) <= 1 and all(start > 36 for start in later), "from second 37 on they lunge once more, arms held otherwise"
    page.locator(".strip .peak").nth(1).click()
    until(page, lambda: abs(times(page)[0] - starts[1]) < 0.2, "a click on a peak goes there")


def _repetitions_meet(page: Page, address: str) -> None:
    """Two rounds of the routine along each other: what is 9.5 s apart is on the screen together, still and playing."""
    page.goto(address)
    settle(page)
    page.get_by_role("button", name="Find where they agree").click()
    page.locator(".sync .film video").nth(1).wait_for(timeout=READING_MS)
    settle(page)
    expect(page.get_by_text("That is more than chance")).to_be_visible()
    sync = page.locator(".sync").first
    scrub = sync.locator("input.scrub")
    apart = []
    for seconds in (11.0, 13.0, 15.0, 17.0):
        scrub.evaluate(
            "(one, share) => { one.value = share; one.dispatchEvent(new Event('input', {bubbles: true})) }",
            seconds / LENGTH_SECONDS,
        )
        until(page, lambda seconds=seconds: abs(times(page)[0] - seconds) < 0.2, "the first film is where it was sent")
        first, second = still(page)
        apart.append(second - first)
    assert abs(float(np.median(apart)) - PERIOD_SECONDS) < 0.5, apart
    sync.focus()
    page.keyboard.press("Space")
    until(page, lambda: times(page)[0] > 17.5, "the films play")
    (a, b), state = times(page), sync.get_attribute("data-state")
    assert state == "playing" and abs(b - a - PERIOD_SECONDS) < 1.0, (a, b)
