"""Films that play together, in a real browser with real clips: where both stand after a seek, while playing, in a loop."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.alignment import follow
from core.decoding import Decoder
from core.settings import Settings
from tests.browser import storytelling
from tests.browser.driving import browser, click_cell, running_app, settle, until
from tests.browser.storytelling import listen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FRAME = 1 / 25
PATH = ((0.5, 0.25), (1.5, 2.25), (3.0, 3.0), (4.5, 4.5), (6.0, 7.5))
"""Twice as fast, half as fast, as fast, twice as fast."""
SCRIPT = """
import json
from pathlib import Path
from types import SimpleNamespace
import numpy as np
import streamlit as st
from pages.parts.sync import Film, Heat, Mark, sync

told = json.loads(Path(__file__).with_suffix(".json").read_text())
films = [Film(Path(path), "video/mp4", title, 16.0, 25.0) for path, title in told["films"]]
moments = np.arange(16) / 2 + 0.25
peaks = [SimpleNamespace(start_seconds=at - 1, end_seconds=at + 1, peak_seconds=at, similarity=0.5) for at in (3.0, 9.0)]
strip = SimpleNamespace(seconds=moments, similarity=np.cos(moments), peaks=peaks)
mark = Mark(1, 4.0, 5.0, "a stretch")
st.button("Run anew")
with st.container(key="heat"):
    heat = Heat.of(np.cos(np.subtract.outer(moments, moments)), moments, moments)
    sync(films, key="two", path=told["path"], heat=heat, strip=strip, marks=[mark])
with st.container(key="broken"):
    sync([Film(Path(__file__), "video/mp4", "no film", 1, 25), Film(Path("gone.mp4"), "video/mp4", "gone", 1, 25)], key="none")
"""
FILMS = ".st-key-heat .film video"
times, still = (partial(of, films=FILMS) for of in (storytelling.times, storytelling.still))
"""Where both films stand, all read at one moment; and once no seek is under way."""


@pytest.fixture(scope="module")
def films(real_clips: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Somebody who jogs and somebody who walks, 16 and 22 s at 25 frames a second, as any browser plays them."""
    folder, decoder = tmp_path_factory.mktemp("films"), Decoder(Settings.from_environment(home=Path("unused")).limits)
    for action in ("jogging", "walking"):
        (clip,) = (real_clips / "kth" / action).glob("mohitkumarahuja*")
        decoder.transcode(clip, folder / f"{action}.mp4")
    decoder.close()
    return [folder / "jogging.mp4", folder / "walking.mp4"]


@pytest.fixture(scope="module")
def page(films: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("sync")
    script, complaints = folder / "script.py", list[str]()
    script.write_text(SCRIPT)
    told = {"films": [(str(films[0]), "jogging <b>&"), (str(films[1]), "walking")], "path": PATH}
    script.with_suffix(".json").write_text(json.dumps(told))
    with running_app(folder / "library", script=str(script)) as address, browser(folder / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(address)
        settle(page)
        page.locator(".st-key-heat .sync[data-state=paused]").wait_for()
        yield page
    assert complaints == []


@pytest.fixture
def player(page: Page) -> Page:
    """Standing at the beginning, aligned, without a loop, focused."""
    page.locator(".st-key-heat .sync").focus()
    if page.locator(".st-key-heat .sync").get_attribute("data-state") == "playing":
        page.keyboard.press("Space")
    for name, wanted in (("Loop", "false"), ("Aligned", "true")):
        button = page.locator(".st-key-heat .sync").get_by_role("button", name=name, exact=True)
        if button.get_attribute("aria-pressed") != wanted:
            page.keyboard.press(name[0].lower())
    page.keyboard.press("Home")
    still(page)
    return page


def rates_of(page: Page) -> list[float]:
    return page.eval_on_selector_all(".st-key-heat .film video", "all => all.map(one => one.playbackRate)")


def off(first: float, second: float) -> float:
    """How far the second film is from where the path has it, in frames; before its own beginning no film can be."""
    return abs(second - max(float(follow(np.asarray(PATH), first)), 0)) / FRAME


def test_after_a_seek_both_are_within_a_frame_of_the_path(player: Page):
    seen = []
    for row in (1, 3, 5, 8, 11):  # of the heatmap: cells near the path, and some far from it
        for column in (row, 15):
            click_cell(player, row, column, ".st-key-heat")
            seen.append(still(player))
    player.locator(".st-key-heat .sync").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Shift+ArrowLeft", "End", "Home"):
        player.keyboard.press(key)
        seen.append(still(player))
    assert [round(off(*pair), 2) for pair in seen if off(*pair) > 1] == []
    assert len({round(first, 1) for first, _ in seen}) >= 8


def test_aligned_films_stay_together_while_they_play(player: Page):
    player.keyboard.press("Space")
    seen = list[list[float]]()

    def played() -> bool:
        player.wait_for_timeout(300)
        seen.append(times(player))
        return len(seen) >= 9 and seen[-1][0] > 1.5

    until(player, played, "the films play")
    player.keyboard.press("Space")
    drifts = [off(*pair) for pair in seen]
    assert np.median(drifts) <= 1 and max(drifts) <= 3, drifts
    assert off(*still(player)) <= 1


def test_keys_step_seek_and_switch(player: Page):
    start = still(player)[0]
    player.keyboard.press("ArrowRight")
    one = still(player)[0]
    player.keyboard.press("ArrowRight")
    two = still(player)[0]
    assert 0 < one - start < 2 * FRAME and two - one == pytest.approx(FRAME, abs=0.002)
    player.keyboard.press("ArrowLeft")
    assert still(player)[0] == pytest.approx(one, abs=0.002)
    player.keyboard.press("Shift+ArrowRight")
    assert still(player)[0] == pytest.approx(one + 1, abs=0.002)
    player.keyboard.press("a")
    first, second = still(player)
    assert first == pytest.approx(second, abs=FRAME)
    player.keyboard.press(".")
    first, second = still(player)
    assert second - first == pytest.approx(FRAME, abs=0.002)
    box = player.locator(".st-key-heat .sync")
    player.keyboard.press("Space")
    expect(box).to_have_attribute("data-state", "playing")
    player.keyboard.press("Space")
    expect(box).to_have_attribute("data-state", "paused")


def test_a_cell_of_the_heatmap_moves_both_where_they_are_free(player: Page):
    player.keyboard.press("a")
    still(player)
    click_cell(player, 3, 9, ".st-key-heat")
    assert still(player) == pytest.approx([1.75, 4.75], abs=FRAME)
    player.locator(".st-key-heat .sync").focus()
    player.keyboard.press("Space")
    until(player, lambda: times(player)[0] > 1.9, "the films play")
    first, second = times(player)
    player.keyboard.press("Space")
    assert second - first == pytest.approx(3, abs=3 * FRAME), "they go on that far apart"


def test_a_loop_stays_inside(player: Page):
    player.keyboard.press("Shift+ArrowRight")
    still(player)
    player.keyboard.press("[")
    start = times(player)[0]
    for _ in range(15):
        player.keyboard.press("ArrowRight")
        still(player)
    player.keyboard.press("]")
    end = times(player)[0]
    player.keyboard.press("Space")
    seen = list[float]()

    def round_it_went() -> bool:
        player.wait_for_timeout(130)
        seen.append(times(player)[0])
        return len(seen) >= 14 and any(later < earlier for earlier, later in itertools.pairwise(seen))

    until(player, round_it_went, "it goes round")
    player.keyboard.press("Space")
    late = 3 * FRAME  # a busy machine looks at the clock that much later
    assert min(seen) >= start - FRAME and max(seen) <= end + late, (start, end, seen)


def test_peaks_marks_the_slider_and_rates(player: Page):
    box = player.locator(".st-key-heat .sync")
    box.get_by_role("button", name="Peak 2: 9.00 s").click()
    assert still(player)[0] == pytest.approx(9, abs=FRAME)
    box.get_by_role("button", name="a stretch: 4.00 s to 5.00 s").click()  # of the second film: the first goes where it belongs
    assert still(player) == pytest.approx([4, 4], abs=FRAME)
    box.locator(".scrub").fill("0.5")
    first, second = still(player)
    assert first == pytest.approx(16.2 / 2, abs=0.1) and off(first, second) <= 1
    box.get_by_role("combobox", name="Speed").select_option("0.5")
    box.get_by_role("button", name="Play").click()
    until(player, lambda: rates_of(player)[0] == 0.5, "half as fast")
    rates = rates_of(player)
    box.get_by_role("combobox", name="Speed").select_option("1")
    box.get_by_role("button", name="Pause").click()
    assert 0.2 < rates[1] < 0.8


def test_a_run_of_the_page_keeps_films_and_time(player: Page):
    player.keyboard.press("Shift+ArrowRight")
    before = still(player)
    player.eval_on_selector_all(".st-key-heat .film video", "all => all.forEach(one => { one.dataset.mine = 'yes' })")
    player.get_by_role("button", name="Run anew").click()
    settle(player)
    assert times(player) == before
    assert player.locator(".st-key-heat .film video[data-mine=yes]").count() == 2


def test_what_cannot_be_played_is_told_in_its_place(player: Page):
    told = player.locator(".st-key-broken .sorry")
    expect(told.first).to_have_text("This browser cannot play this film.")
    expect(told.last).to_contain_text("cannot be read any more")
    assert player.locator(".st-key-broken .transport button:enabled").count() == 0


def test_names_are_only_text_and_films_come_in_ranges(player: Page):
    assert player.locator(".st-key-heat .name").first.inner_text() == "jogging <b>&"
    address = player.locator(".st-key-heat .film video").first.evaluate("one => one.src")
    found = player.request.get(address, headers={"Range": "bytes=0-99"})
    assert found.status == 206 and len(found.body()) == 100
