"""Take the screenshots of docs/screens anew: every page, two widths, both themes, with the synthetic samples only.

    python -m tests.browser.screens [FOLDER]

It makes a library of its own with the default encoder, which takes two minutes or so.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.driving import PROJECT, browser, running_app, settle

WIDTHS = {1440: 1000, 390: 844}
MOST_BYTES = 250_000
TALLEST_PX = {1440: 1500, 390: 2400}
PAGES = {
    "home": "/",
    "compare": "/compare?q=label:running&q=label:jogging",
    "clips": "/compare?q=label:running&q=label:jogging&q=label:walking&view=clips",
    "moments": "/compare?q=label:running&q=label:jogging&view=windows",
    "present": "/?present=1",
    "search": "/search?q=label:waving",
    "map": "/map",
    "teach": "/teach?concept=waving&view=quality",
    "watch": "/watch?concept=waving",
    "live": "/live?q=label:waving&q=label:walking",
    "time": "/time",
    "library": "/library",
    "models": "/models",
    "model": "/models?model=x3d_s",
    "choose": "/models?part=Choose",
    "samples": "/samples",
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, running_app(Path(scratch) / "library") as address:
        with browser(Path(scratch) / "first") as context:
            page = context.new_page()
            page.goto(address)
            settle(page)
            save(page, folder / "start-1440-light.png")
            page.get_by_role("button", name="Make sample clips").click()
            page.goto(address + PAGES["library"])
            page.get_by_text("40 added").wait_for(timeout=600_000)
            page.goto(address + PAGES["compare"])
            page.locator(".mb-number").wait_for()
            settle(page)
            page.get_by_role("button", name="Pin to notebook").first.click()  # so that Home is a notebook
            settle(page)
            page.goto(address + PAGES["map"])
            page.get_by_role("button", name="Make the map").click()
            page.locator(".scatter[data-ready=yes]").wait_for(timeout=300_000)
            page.goto(address + "/teach?name=waving&positive=label:waving&negative=label:walking&negative=label:jogging")
            settle(page)
            page.get_by_role("button", name="Teach it", exact=True).click()
            page.get_by_text("Why this head").wait_for(timeout=300_000)
            page.goto(address + PAGES["watch"])
            settle(page)
            page.get_by_role("button", name="Dry run").click()
            page.locator(".watching[data-ready=yes]").wait_for(timeout=300_000)
            page.goto(address + PAGES["time"])
            page.get_by_role("button", name="Find where they agree").click()
            page.locator(".sync .film video").nth(1).wait_for(timeout=300_000)
        for width_px, height_px in WIDTHS.items():
            for dark in (False, True):
                profile = Path(scratch) / f"{width_px}-{dark}"
                with browser(profile, width_px=width_px, height_px=height_px, dark=dark) as context:
                    page = context.new_page()
                    for name, path in PAGES.items():
                        look(page, address + path, width_px, height_px)
                        save(page, folder / f"{name}-{width_px}-{'dark' if dark else 'light'}.png")


def look(page: Page, address: str, width_px: int, height_px: int) -> None:
    """Open the page and make the window as tall as what it shows."""
    page.set_viewport_size({"width": width_px, "height": height_px})
    page.goto(address)
    settle(page)
    tall, wide = _extent(page)
    assert wide <= width_px, f"{address} scrolls sideways: {wide} px in a window of {width_px} px"
    page.set_viewport_size({"width": width_px, "height": min(max(tall, height_px), TALLEST_PX[width_px])})
    settle(page)


def _extent(page: Page) -> tuple[int, int]:
    """Height and width of what is shown, once they have stood still for a second."""
    found, before = (0, 0), (-1, -1)
    while found != before:
        before = found
        page.wait_for_timeout(1000)
        found = tuple(page.eval_on_selector("[data-testid=stMain]", "main => [main.scrollHeight, main.scrollWidth]"))
    return found


def save(page: Page, path: Path) -> None:
    """As PNG of at most MOST_BYTES."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    content = _png(picture)
    while len(content) > MOST_BYTES:
        picture = picture.resize((picture.width * 17 // 20, picture.height * 17 // 20), Image.Resampling.LANCZOS)
        content = _png(picture)
    path.write_bytes(content)
    sys.stdout.write(f"{path.name}: {picture.width} x {picture.height}, {len(content) // 1000} kB\n")


def _png(picture: Image.Image) -> bytes:
    """In full colour where that is small enough, else with 256 colours."""
    for made in (picture, picture.quantize(256), picture.quantize(256, dither=Image.Dither.NONE)):
        stream = io.BytesIO()
        made.save(stream, "PNG", optimize=True)
        if len(stream.getvalue()) <= MOST_BYTES:
            break
    return stream.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "docs" / "screens")
