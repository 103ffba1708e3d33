"""The stories of a newcomer in a real browser: from a folder of clips to a notebook that opens anywhere; links; weights."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.driving import browser, click_cell, running_app, settle
from tests.browser.storytelling import films_play, listen, upload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

ACTIONS = ("running", "jogging", "walking")
# Of the KTH and web clips those that are quick to decode; each is a recording of its own.
CLIPS = (
    *("kth/running", "kth/jogging", "kth/walking"),
    *("web_mixed/running/omartarek198__running.mp4", "web_mixed/running/BellamyCeleman__running.mp4"),
    "web_mixed/walking/dalgu90__walking.mp4",
)


@pytest.fixture
def complaints() -> list[str]:
    return []


def test_from_a_folder_of_clips_to_a_notebook_that_opens_anywhere(real_clips: Path, tmp_path: Path, complaints: list[str]):
    folder, home = tmp_path / "actions", tmp_path / "library"
    count = _gather(real_clips, folder)
    with browser(tmp_path / "profile") as context:
        with running_app(home) as address:
            page = _page(context, complaints)
            page.goto(f"{address}/library")
            settle(page)
            upload(page, folder, count)
            settle(page)
            _labels_are_the_folders(page)
            link, number = _compare(page)
            page.close()

        with running_app(home) as address:  # the machine was restarted
            page = _page(context, complaints)
            page.goto(re.sub(r"^http://[^/]+", address, link))
            page.locator(".mb-number").wait_for()
            settle(page)
            assert page.locator(".mb-number").inner_text() == number
            _pin(page)
            page.goto(f"{address}/compare?q=label:running&q=label:walking&q=label:jogging")
            page.locator(".mb-number").wait_for()
            settle(page)
            _pin(page)
            page.goto(address)
            settle(page)
            _write(page, "**Seen from the side**, running is not walking.")
            numbers = _three_cells(page)
            _present(page)
            exported = _export(page, tmp_path / "notebook.html")
            page.close()
    assert complaints == []
    _opens_offline(exported, tmp_path / "elsewhere", numbers)


def _gather(real_clips: Path, folder: Path) -> int:
    """The clips in one folder for each action; how many there are."""
    for name in CLIPS:
        found = real_clips / name
        action = folder / (found.name if found.is_dir() else found.parent.name)
        action.mkdir(parents=True, exist_ok=True)
        for clip in [found] if found.is_file() else found.iterdir():
            shutil.copy(clip, action / clip.name)
    return sum(path.is_file() for path in folder.rglob("*"))


def _page(context: BrowserContext, complaints: list[str]) -> Page:
    page = context.new_page()
    listen(page, complaints)
    return page


def _labels_are_the_folders(page: Page) -> None:
    for action in ACTIONS:
        assert page.locator("[class*=st-key-card-]").get_by_text(re.compile(rf"^{action} ·")).count() >= 1


def _compare(page: Page) -> tuple[str, str]:
    """Running against jogging: cells, films, and a page that comes back as it was; its address and its number."""
    page.get_by_role("link", name="Compare").click()
    page.locator(".mb-number").wait_for()
    settle(page)
    expect(page.get_by_text("Running and jogging", exact=True).first).to_be_visible()
    number = page.locator(".mb-number").inner_text()
    films_play(page)

    click_cell(page, 0, 0)
    page.wait_for_url(re.compile(r"cell=0%2C0|cell=0,0"))
    settle(page)
    expect(page.get_by_text("Within running", exact=True).first).to_be_visible()

    click_cell(page, 1, 0)
    page.wait_for_url(re.compile(r"cell=1%2C0|cell=1,0"))
    settle(page)
    assert page.locator(".mb-number").inner_text() == number
    films_play(page)

    link = page.url
    page.reload()
    page.locator(".mb-number").wait_for()
    settle(page)
    assert page.url == link and page.locator(".mb-number").inner_text() == number
    films_play(page)
    return link, number


def _pin(page: Page) -> None:
    page.get_by_role("button", name="Pin to notebook").first.click()
    page.get_by_role("button", name="Pinned").wait_for()
    settle(page)


def _write(page: Page, text: str) -> None:
    """A third cell, in one's own words."""
    page.locator(".st-key-notebook-tools").get_by_role("button", name="Add").click()
    page.get_by_role("menuitem", name="Text").or_(page.get_by_text("Text", exact=True)).first.click()
    field = page.get_by_label("Text (Markdown)")
    field.fill(text)
    field.press("Control+Enter")
    settle(page)
    page.get_by_role("button", name="Done").first.click()
    settle(page)


CELL = "[class*='st-key-cell-']"


def _three_cells(page: Page) -> list[str]:
    """The cells as they stand; the large numbers that they show."""
    expect(page.locator(f"{CELL}:has([data-testid=stMarkdownContainer])").first).to_be_visible()
    expect(page.get_by_text("Seen from the side").first).to_be_visible()
    expect(page.get_by_text("Running and jogging").first).to_be_visible()
    numbers = page.locator(".mb-headline").all_inner_texts()
    assert len(numbers) == 2, "two comparisons, each with its number"
    return numbers


def _present(page: Page) -> None:
    """One cell a screen, by the arrow keys, and back."""
    page.get_by_role("button", name="Present").click()
    page.wait_for_url(re.compile("present=1"))
    settle(page)
    seen = [page.locator(".mb-dots").get_attribute("aria-label")]
    for key in ("ArrowRight", "ArrowRight", "Home"):
        page.keyboard.press(key)
        settle(page)
        seen.append(page.locator(".mb-dots").get_attribute("aria-label"))
    assert seen == [f"Cell {place} of 3" for place in (1, 2, 3, 1)]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Present").wait_for()
    settle(page)


def _export(page: Page, destination: Path) -> Path:
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Make the file").click()
    button = page.get_by_role("button", name="Download")
    button.wait_for(timeout=120_000)
    settle(page)
    with page.expect_download() as waiting:
        button.click()
    waiting.value.save_as(destination)
    return destination


def _opens_offline(exported: Path, profile: Path, numbers: list[str]) -> None:
    """In another browser without a network: the words, the numbers, figures that answer and films that play."""
    complaints: list[str] = []
    with browser(profile) as context:
        context.set_offline(True)
        page = _page(context, complaints)
        page.goto(exported.as_uri())
        expect(page.get_by_text("Seen from the side")).to_be_visible()
        text = page.locator("body").inner_text()
        assert [number for number in numbers if number not in text] == []
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
        page.wait_for_function("() => [...document.querySelectorAll('video')].some(one => one.currentTime > 0.2)")
        assert page.locator("video").count() >= 4
        page.close()
    assert complaints == []


def test_deep_links_lead_where_they_say(tmp_path: Path, complaints: list[str]):
    with running_app(tmp_path / "library", MOTIONBOOK_ENCODER="toy") as address, browser(tmp_path / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        for path, title in (
            ("/library?label=running", "Library"),
            ("/samples", "Samples"),
            ("/models?family=TSM&ready=true", "Models"),
            ("/compare?q=label:x&cell=9,9", "Compare"),
        ):
            page.goto(address + path)
            settle(page)
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
            assert page.title() == f"{title} · Motionbook"
        page.goto(address)
        settle(page)
        expect(page.get_by_role("button", name="Make sample clips")).to_be_visible()
    assert complaints == []


def test_weights_that_cannot_be_fetched_are_carried_here(tmp_path: Path, complaints: list[str]):
    """A proxy that is not there stands for a machine without internet."""
    environment = {"MOTIONBOOK_ENCODER": "toy", "MOTIONBOOK_CACHE": str(tmp_path / "cache"), "HTTPS_PROXY": "http://127.0.0.1:9"}
    (tmp_path / "X3D_S.pyth").write_bytes(b"not the weights")
    with running_app(tmp_path / "library", **environment) as address, browser(tmp_path / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(f"{address}/models?has=x3d_s")
        settle(page)
        page.get_by_text("Import weights that were carried here").click()  # and it stays open, whatever comes above it
        settle(page)
        page.get_by_role("button", name="Details").first.click()
        expect(page.get_by_role("dialog").get_by_text("Without internet")).to_be_visible()
        page.get_by_role("button", name="Download the weights").click()
        expect(page.get_by_text("Fetching the weights of x3d_s did not work.")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(tmp_path / "X3D_S.pyth"))
        page.get_by_role("button", name="Import 1 dropped").click()
        expect(page.get_by_text("0 files imported of 1 looked at, 1 refused.")).to_be_visible(timeout=60_000)
        page.close()
    assert complaints == []
