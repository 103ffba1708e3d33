"""The Search page in a real browser: films play at the right moment, a few at once; keys work; a link restores it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.manifest import Item
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen
from tests.tiny import make_clip, toy_bench

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CLIPS, MOST = 12, 8
FILMS = "all => all.map(one => [one.paused, one.currentTime, one.readyState])"
PLAYING = f"""() => [...document.querySelectorAll("*")]
  .flatMap((one) => [...(one.shadowRoot?.querySelectorAll(".looping video") ?? [])])
  .filter((one) => !one.paused && one.currentTime > 0).length === {MOST}"""
CHIP = re.compile(r"more like \d")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Twelve films of two seconds, all on the screen at once, searched by a moment of the first."""
    folder, complaints = tmp_path_factory.mktemp("search"), list[str]()
    files = [make_clip(folder / f"{number}.mp4", number, count=20) for number in range(CLIPS)]
    with toy_bench(folder / "library") as bench:
        bench.run_job(bench.enqueue([Item(path, "dance", f"dancer {number}") for number, path in enumerate(files)]))
        first = bench.library.clips()[0].clip_id[:12]
    with (
        running_app(folder / "library", MOTIONBOOK_ENCODER="toy") as address,
        browser(folder / "profile", height_px=2400) as context,
    ):
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{address}/search?q=clip:{first}@0-1&own=hide&fold=0")
        page.locator(".card").first.wait_for()
        settle(page)
        yield page
    assert complaints == []


def keys(page: Page) -> list[str]:
    return page.eval_on_selector_all(".card", "all => all.map(one => one.dataset.key)")


def test_a_few_films_play_and_stay_within_their_moment(page: Page):
    assert page.locator(".card").count() == CLIPS - 1
    page.wait_for_function(PLAYING)
    told = page.eval_on_selector_all(".card .line:nth-child(2)", "all => all.map(one => one.textContent)")
    spans = [tuple(float(part) for part in text.split(" s of ")[0].split("–")) for text in told]
    for _ in range(4):
        page.wait_for_timeout(300)
        films = page.eval_on_selector_all(".card .looping video", FILMS)
        assert sum(not paused for paused, _, _ in films) <= MOST
        for (start, end), (_, now, ready) in zip(spans, films, strict=False):
            assert ready < 2 or start - 0.2 <= now <= end + 0.35, "a busy machine looks at the clock late, but goes round"


def test_keys_move_pick_hold_and_give_back_and_a_link_restores_it(page: Page):
    page.locator(".card").first.focus()
    for key in ("ArrowRight", "Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.get_by_text("2 clips picked")).to_be_visible()
    assert page.locator(".card[data-picked=yes]").count() == 2
    page.keyboard.press("p")
    expect(page.locator(".previews")).to_have_attribute("data-still", "yes")
    assert all(paused for paused, _, _ in page.eval_on_selector_all(".card .looping video", FILMS))
    page.keyboard.press("+")
    expect(page.get_by_role("button", name=CHIP)).to_be_visible()
    settle(page)
    page.locator(".card").nth(10).focus()
    page.keyboard.press("-")
    expect(page.locator(".card")).to_have_count(CLIPS - 2)
    settle(page)
    found = keys(page)
    other = page.context.new_page()  # another tab knows nothing but the address
    other.goto(page.url)
    other.locator(".card").first.wait_for()
    expect(other.get_by_role("button", name=CHIP)).to_be_visible()
    assert keys(other) == found and "more=clip" in page.url and "less=clip" in page.url
