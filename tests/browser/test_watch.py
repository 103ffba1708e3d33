"""The Watch page in a real browser: one thing of player, timeline and flags, worked by click and by key."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.concepts import NONE, Example
from core.decoding.writing import write_mp4
from core.lessons import Lesson
from core.manifest import Item
from core.teaching import Teacher
from core.watching import Watch, Watcher
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen
from tests.tiny import FPS, frames, make_clip, toy_bench

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SHOWN, REST = 1, 2
"""Seeds of what the concept shows, and of what the rest of the film looks like."""
COURSE = (REST, SHOWN, REST, SHOWN, REST)
PIECE_SECONDS = 4
WAIT_MS = 60_000
AT = "([line, place]) => Math.abs(Number(line.dataset.at) - place) < 0.2"
BEYOND = "([line, place]) => Number(line.dataset.at) > place"


def taught_library(folder: Path) -> list[tuple[float, float]]:
    """A film of 20 s in which a taught look comes twice, scanned; where its flags begin and end."""
    film = folder / "film.mp4"
    write_mp4(film, [picture for seed in COURSE for picture in frames(seed, PIECE_SECONDS * FPS)], FPS)
    items = [Item(make_clip(folder / f"{name}.mp4", seed), name, name) for name, seed in (("shown", SHOWN), ("rest", REST))]
    items += [Item(make_clip(folder / f"other {seed}.mp4", seed), "", f"other {seed}") for seed in (7, 8)]
    with toy_bench(folder / "library") as bench:
        assert bench.run_job(bench.enqueue([*items, Item(film, "", "yard")])).added == 5
        clips = {clip.name: clip.clip_id for clip in bench.library.clips()}
        lesson = Lesson("glow", (Example(clips["shown.mp4"], "glow"), Example(clips["rest.mp4"], NONE)), head="prototype")
        concept = Teacher(bench).teach(lesson)
        watcher = Watcher(bench)
        scan_id = watcher.begin("the film", Watch((concept.name,)), clips=[clips["film.mp4"]], background=False)
        return [(flag.start_seconds, flag.end_seconds) for flag in watcher.run(scan_id).flags]


def cursor(page: Page, where: str, seconds: float) -> None:
    """Wait until the cursor of the timeline is there."""
    page.wait_for_function(where, arg=[page.locator(".w-time").element_handle(), seconds])


def verdicts(page: Page, *wanted: str) -> None:
    """Wait until the list says this of its flags."""
    rows = page.locator(".w-row")
    expect(rows).to_have_count(len(wanted), timeout=WAIT_MS)
    for place, verdict in enumerate(wanted):
        expect(rows.nth(place)).to_have_attribute("data-verdict", verdict, timeout=WAIT_MS)


def test_flags_are_looked_at_judged_and_taken_along(tmp_path: Path):
    spans = taught_library(tmp_path)
    assert len(spans) == 2, spans
    complaints = list[str]()
    with running_app(tmp_path / "library", MOTIONBOOK_ENCODER="toy") as address, browser(tmp_path / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{address}/watch")
        page.locator(".watching[data-ready=yes]").wait_for()
        settle(page)
        verdicts(page, "", "")

        sheet = page.locator(".w-time canvas")
        box = sheet.bounding_box()
        assert box
        sheet.click(position={"x": 0.75 * box["width"], "y": 20})
        cursor(page, AT, 15.0)
        page.keyboard.press(" ")
        cursor(page, BEYOND, 15.4)  # the cursor goes with the film
        page.keyboard.press(" ")
        page.locator(".watching .sync[data-state=paused]").wait_for()

        page.keyboard.press("j")
        cursor(page, AT, spans[1][0] - 0.5)
        page.keyboard.press("k")
        cursor(page, AT, max(spans[0][0] - 0.5, 0))
        page.keyboard.press("a")
        verdicts(page, "accepted", "")
        page.get_by_text("· 1 accepted ·").wait_for()  # the page has it
        page.keyboard.press("r")
        page.get_by_text("· 1 false alarm ·").wait_for()
        verdicts(page, "accepted", "rejected")
        page.keyboard.press("u")
        page.get_by_text("· 0 false alarms ·").wait_for()
        verdicts(page, "accepted", "")

        page.reload()  # the address is the view, and what was decided stays
        page.locator(".watching[data-ready=yes]").wait_for()
        settle(page)
        verdicts(page, "accepted", "")
        page.get_by_role("button", name="Take 2 flags along").click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="JSON").click()
        told = json.loads(Path(waiting.value.path()).read_text())
        assert [(one["start_seconds"], one["verdict"]) for one in told["flags"]] == [(spans[0][0], "accepted"), (spans[1][0], "")]
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Table (CSV)").click()
        lines = [line for line in Path(waiting.value.path()).read_text().splitlines() if not line.startswith("#")]
        assert len(list(csv.DictReader(lines))) == 2
    assert complaints == []
