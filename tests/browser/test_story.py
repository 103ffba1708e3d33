"""The whole story in a real browser: upload a folder, label, compare, click, watch, reload."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driving import browser, click_cell, running_app, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

ACTIONS = ("running", "jogging", "boxing")  # the shortest of them: embedding costs a second or two each on two cores
EMBEDDING_MS = 400_000
# Streamlit 1.67 asks for its health below a deep link first and takes the 404 for an answer; nothing of ours.
NOT_OURS = re.compile(r"/(library|compare|models|samples)/_stcore/")


@pytest.fixture
def complaints() -> list[str]:
    return []


def listen(page: Page, complaints: list[str]) -> None:
    """Everything that a developer's console would show in red, and every request that left this machine or failed."""
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.on("console", lambda said: _console(said, complaints))
    page.on("requestfailed", lambda asked: _failed(asked, complaints))
    page.on("request", lambda asked: _foreign(asked.url, complaints))


def _console(said, complaints: list[str]) -> None:
    if said.type == "error" and not NOT_OURS.search(str(said.location.get("url", ""))):
        complaints.append(f"console: {said.text} ({said.location.get('url')})")


def _failed(asked, complaints: list[str]) -> None:
    if asked.failure != "net::ERR_ABORTED":  # a film or a page that was left before it had loaded
        complaints.append(f"request: {asked.url} {asked.failure}")


def _foreign(url: str, complaints: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
        complaints.append(f"left this machine: {url}")


def playing(page: Page) -> list[bool]:
    """For each film on the page: does its time go on?"""
    before = page.eval_on_selector_all("video", "all => all.map(one => one.currentTime)")
    page.wait_for_timeout(700)
    after = page.eval_on_selector_all("video", "all => all.map(one => one.currentTime)")
    assert len(before) == len(after)
    return [earlier != later for earlier, later in zip(before, after, strict=True)]


def films_play(page: Page) -> None:
    """Both, from one set of controls."""
    page.locator(".sync[data-state=playing]").wait_for()
    page.locator(".film video").nth(1).wait_for()
    assert page.locator(".film video").count() == 2
    assert playing(page) == [True, True]


def test_from_a_folder_of_clips_to_two_films_side_by_side(real_clips: Path, tmp_path: Path, complaints: list[str]):
    folder = tmp_path / "kth"
    for action in ACTIONS:
        shutil.copytree(real_clips / "kth" / action, folder / action)
    clips = [path for path in folder.rglob("*") if path.is_file()]
    home = tmp_path / "library"
    with browser(tmp_path / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        with running_app(home) as address:
            page.goto(f"{address}/library")
            settle(page)
            _upload(page, folder, len(clips))
            page.get_by_text(f"{len(clips)} added").wait_for(timeout=EMBEDDING_MS)
            settle(page)
            _labels_are_the_folders(page)

            page.get_by_role("link", name="Compare").click()
            page.locator(".mb-number").wait_for()
            settle(page)
            expect(page.get_by_text("Running and jogging", exact=True)).to_be_visible()
            number = page.locator(".mb-number").inner_text()
            films_play(page)

            click_cell(page, 1, 1)
            page.wait_for_url(re.compile(r"cell=1%2C1|cell=1,1"))
            settle(page)
            expect(page.get_by_text("Within jogging", exact=True)).to_be_visible()

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
            page.close()

        with running_app(home) as address:  # the machine was restarted
            page = context.new_page()
            listen(page, complaints)
            page.goto(re.sub(r"^http://[^/]+", address, link))
            page.locator(".mb-number").wait_for()
            settle(page)
            assert page.locator(".mb-number").inner_text() == number
            page.goto(address)
            settle(page)
            expect(page.get_by_text("Last comparisons")).to_be_visible()
            expect(page.get_by_text(f"Running and jogging: {number}.")).to_be_visible()
            page.close()
    assert complaints == []


def _upload(page: Page, folder: Path, count: int) -> None:
    page.get_by_role("radio", name="A folder").or_(page.get_by_text("A folder", exact=True)).first.click()
    settle(page)
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(folder))
    page.get_by_role("button", name=f"Add {count} files").click()


def _labels_are_the_folders(page: Page) -> None:
    for action in ACTIONS:
        assert page.locator("[class*=st-key-card-]").get_by_text(re.compile(rf"^{action} ·")).count() >= 1


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
        page.get_by_role("button", name="Details").first.click()
        expect(page.get_by_role("dialog").get_by_text("Without internet")).to_be_visible()
        page.get_by_role("button", name="Download the weights").click()
        expect(page.get_by_text("Fetching the weights of x3d_s did not work.")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_text("Import weights that were carried here").click()
        settle(page)  # the page that the download's end drew anew would lose a file dropped before it stands
        page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(tmp_path / "X3D_S.pyth"))
        page.get_by_role("button", name="Import 1 dropped").click()
        expect(page.get_by_text("0 files imported of 1 looked at, 1 refused.")).to_be_visible(timeout=60_000)
        page.close()
    assert complaints == []
