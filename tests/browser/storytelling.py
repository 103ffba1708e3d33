"""What the stories share: a watch on the browser's console and network, films that play, files that are taken along."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.driving import settle, until

EMBEDDING_MS = 400_000
# Streamlit 1.67 asks for its health below a deep link first and takes the 404 for an answer; nothing of ours.
NOT_OURS = re.compile(r"/[a-z]+/_stcore/")
FILMS = ".film video"


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
    if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "file://", "data:", "blob:")):
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
    until(page, lambda: playing(page) == [True, True], "both films play")


def upload(page: Page, folder: Path, count: int) -> None:
    """Drop a whole folder on the Library page and wait until its files are in; labels are its folders' names."""
    page.get_by_role("radio", name="A folder").or_(page.get_by_text("A folder", exact=True)).first.click()
    takes_folders = page.locator("[data-testid=stFileUploader] input[type=file][webkitdirectory]")
    takes_folders.wait_for(state="attached")
    settle(page)  # the field that it takes the place of is gone by then
    takes_folders.set_input_files(str(folder))
    page.get_by_role("button", name=f"Add {count} files").click()
    page.get_by_text(f"{count} added").wait_for(timeout=EMBEDDING_MS)


def times(page: Page, films: str = FILMS) -> list[float]:
    """Where each film of the players stands, in seconds, all read at one moment."""
    found: list[float] = page.eval_on_selector_all(films, "all => all.map(one => one.currentTime)")
    return found


def still(page: Page, films: str = FILMS) -> list[float]:
    """The same, once no film is on its way to another moment."""
    page.wait_for_timeout(60)  # until a key that was pressed has set them on their way
    seeking = "all => all.some(one => one.seeking)"
    until(page, lambda: not page.eval_on_selector_all(films, seeking), "films arrive")
    return times(page, films)
