"""The heatmap of Compare in a real browser: hover, keys and zoom, and the way from groups down to moments and up again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.manifest import Item
from tests.browser.driving import browser, cell_place, click_cell, running_app, settle, until
from tests.browser.test_story import listen
from tests.tiny import make_clip, toy_bench

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HOSTILE = "<img src=x onerror=alert(1)>"
QUESTION = "/compare?q=label:running&q=label:jogging&encoder=toy"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Over four clips of 6 s by two people; one name is full of markup."""
    folder, complaints = tmp_path_factory.mktemp("depths"), list[str]()
    people = [("running", "ann"), ("running", "bob"), ("jogging", "ann"), ("jogging", "bob")]
    items = [
        Item(make_clip(folder / f"{number}.mp4", number, count=60), label, who, HOSTILE if number == 3 else f"{label}-{who}.mp4")
        for number, (label, who) in enumerate(people)
    ]
    with toy_bench(folder / "library") as bench:
        assert bench.run_job(bench.enqueue(items)).added == 4
    with running_app(folder / "library", MOTIONBOOK_ENCODER="toy") as address, browser(folder / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(address + QUESTION)
        yield page
    assert complaints == []


def view(page: Page) -> dict[str, float]:
    """What part of the table is seen, in cells."""
    return json.loads(page.locator("[class*=st-key-heat] .sheet").get_attribute("data-plot") or "{}")["view"]


def test_down_to_moments_and_up_again_by_double_click_and_keys(page: Page):
    page.locator(".mb-number").wait_for()
    settle(page)
    page.mouse.dblclick(*cell_place(page, 0, 1))
    page.wait_for_url(re.compile("view=clips"))
    settle(page)
    sheet = page.locator("[class*=st-key-heat] .sheet")
    sheet.focus()
    page.keyboard.press("ArrowLeft")
    spoken = page.locator("[class*=st-key-heat] .unseen[aria-live]").first
    expect(spoken).to_have_text(re.compile(r"^running-ann, jogging-ann: −?[01]\.\d\d$"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"cell=0(%2C|,)2"))
    settle(page)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("view=windows"))
    settle(page)
    click_cell(page, 2, 1)
    page.wait_for_url(re.compile(r"cell=2(%2C|,)1"))
    settle(page)
    expect(page.get_by_text(re.compile(r"of the first and .* of the second"))).to_be_visible()
    page.locator("[class*=st-key-heat] .sheet").focus()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("view=clips"))
    settle(page)
    page.locator("[class*=st-key-heat] .sheet").focus()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "view=" not in url)


def test_a_hover_tells_names_and_value_as_text(page: Page):
    page.goto(page.url.partition("/compare")[0] + QUESTION + "&view=clips")
    page.locator(".mb-number").wait_for()
    settle(page)
    page.mouse.move(*cell_place(page, 0, 3))
    tip = page.locator("[class*=st-key-heat] .tip")
    expect(tip).to_be_visible()
    lines = tip.locator("> *").all_inner_texts()
    assert re.fullmatch(r"−?[01]\.\d\d", lines[0]) and lines[1:] == ["running-ann", HOSTILE.removesuffix(".mp4")]
    assert page.locator("[class*=st-key-heat] img").count() == 0


def test_zoom_keeps_the_cell_below_the_pointer_and_escape_shows_all(page: Page):
    page.goto(page.url.partition("/compare")[0] + QUESTION + "&view=windows")
    page.locator(".mb-number").wait_for()
    settle(page)
    whole = view(page)
    assert whole["wide"] > 4, "too few windows to zoom into"
    click_cell(page, 1, 2)
    settle(page)
    place = cell_place(page, 1, 2)
    page.mouse.wheel(0, -400)
    until(page, lambda: view(page)["wide"] < whole["wide"], "the wheel zooms in")
    assert cell_place(page, 1, 2) == pytest.approx(place, abs=2)
    page.get_by_role("button", name="Show all").click()
    until(page, lambda: view(page) == whole, "the button shows all")
    page.locator("[class*=st-key-heat] .sheet").focus()
    page.keyboard.press("+")
    until(page, lambda: view(page)["wide"] < whole["wide"], "the key zooms in")
    page.keyboard.press("Escape")
    until(page, lambda: view(page) == whole, "Escape shows all")
    assert "view=windows" in page.url, "the first Escape only zooms out"
