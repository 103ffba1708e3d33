"""The notebook in a real browser: its file opens without a network and plays, and the arrow keys lead through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from core import notebooks
from core.manifest import Item
from core.store import Cell
from tests.browser.driving import browser, running_app, settle
from tests.tiny import make_clip, toy_bench

pytestmark = pytest.mark.browser
HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror=window.hacked=2>"
ASKED = {"queries": ["label:running", "label:jogging"], "encoder": "toy"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``library`` with a notebook of three cells, and its files."""
    made = tmp_path_factory.mktemp("notebook")
    clips = [make_clip(made / f"{number}.mp4", number, count=20) for number in range(4)]
    labels = ["running", "jogging"] * 2
    items = [
        Item(path, label, f"person {row}", HOSTILE[:70] + str(row))
        for row, (path, label) in enumerate(zip(clips, labels, strict=True))
    ]
    with toy_bench(made / "library") as bench:
        bench.run_job(bench.enqueue(items))
        shelf = bench.library.notebooks
        which = shelf.create(HOSTILE)
        shelf.add(which, Cell("text", "", {"markdown": f"# First\n\n{HOSTILE}\n\n![x](https://example.org/x.png)"}))
        notebooks.pin(bench, which, "comparison", HOSTILE, ASKED)
        notebooks.pin(bench, which, "heat", "Last", {"by": "clip", "encoder": "toy"})
        for form in (".html", ".zip"):
            (made / f"notebook{form}").write_bytes(notebooks.content(bench, shelf.get(which), form))
    return made


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def opened(context: BrowserContext) -> tuple[Page, list[str]]:
    page, complaints = context.new_page(), []
    page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def test_the_file_opens_without_a_network_and_prints(folder: Path, context: BrowserContext) -> None:
    page, complaints = opened(context)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    context.set_offline(True)
    try:
        page.goto((folder / "notebook.html").as_uri())
        page.wait_for_function("document.querySelectorAll('.plot .main-svg').length >= 2")
        page.wait_for_function("[...document.querySelectorAll('video')].every(film => film.currentTime > 0 && !film.paused)")
    finally:
        context.set_offline(False)
    assert page.locator("video").count() == 2 and page.locator("h2").first.inner_text() == HOSTILE
    assert page.evaluate("window.hacked") is None and complaints == []
    assert [url for url in asked if not url.startswith("data:")] == [(folder / "notebook.html").as_uri()]
    page.evaluate("fetch('https://example.org/').catch(() => { window.refused = true; })")
    page.wait_for_function("window.refused")
    page.emulate_media(media="print")
    shown = "(name) => [...document.querySelectorAll(name)].filter(one => one.offsetParent !== null).length"
    assert [page.evaluate(shown, name) for name in ("video", ".plot", ".still", ".poster")] == [0, 0, 2, 2]
    page.close()


def test_the_arrow_keys_lead_through_what_is_presented(folder: Path, context: BrowserContext) -> None:
    with running_app(folder / "library", MOTIONBOOK_ENCODER="toy") as address:
        page, _ = opened(context)
        page.goto(f"{address}/?present=1&cell=1")
        settle(page)
        assert page.get_by_role("heading", name="First").is_visible()
        assert not page.get_by_text("Everything stays on this machine").is_visible()
        for key, cell in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowRight", 3), ("Home", 1), ("End", 3), ("ArrowLeft", 2)):
            page.keyboard.press(key)
            page.wait_for_function(f"new URLSearchParams(location.search).get('cell') === '{cell}'")
            settle(page)
        assert page.locator(".mb-headline").is_visible() and page.locator("video").count() == 2
        page.keyboard.press("Escape")
        page.wait_for_function("!location.search.includes('present')")
        settle(page)
        assert page.get_by_label("Title of the notebook").input_value() == HOSTILE
        assert page.evaluate("window.hacked") is None
        page.close()
