"""The app in a process of its own and a real Chromium to look at it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
START_SECONDS = 90
PATIENCE_MS = 60_000  # with nothing else to do a machine needs a hundredth of it; a busy one must not fail
STILL_MS = 250
LOST_MS = 2000  # some messages to the app have no answer, and a piece may draw for ever
WATCH = """
(() => {
  const seen = { asked: -1, heard: -1, drawn: -1 };
  window.motionbookSeen = seen;
  window.WebSocket = class extends WebSocket {
    constructor(...told) {
      super(...told);
      this.addEventListener('message', () => { seen.heard = performance.now(); });
    }
    send(told) {
      seen.asked = performance.now();
      super.send(told);
    }
  };
  const playing = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest('.sync[data-state=playing]');
  new MutationObserver((changes) => {
    if (!changes.every((one) => playing(one.target))) seen.drawn = performance.now();
  }).observe(document, { childList: true, characterData: true, subtree: true });
})();
"""
"""In every page before its own scripts: when it last asked the app for something, heard from it, and drew something new."""
SETTLED = """
([began, still, lost]) => {
  const state = document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state');
  const { asked, heard, drawn } = window.motionbookSeen, now = performance.now();
  const answered = heard >= 0 && (heard >= asked || now - asked > lost);
  const quiet = now - Math.max(began, asked, heard) >= still && (now - drawn >= still || now - began > lost);
  return state === 'notRunning' && answered && quiet;
}
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_app(home: Path, *, script: str = "app.py", **environment: str) -> Iterator[str]:
    """``streamlit run`` on a free port over the library at ``home``; gives its address. Its log is beside ``home``."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    log = home.with_name(f"{home.name}.log")
    with log.open("ab") as output:
        settings = {**os.environ, "MOTIONBOOK_HOME": str(home), "PYTHONPATH": str(PROJECT), **environment}
        app = subprocess.Popen(command, cwd=PROJECT, env=settings, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", app, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()
            try:
                app.wait(30)
            except subprocess.TimeoutExpired:
                app.kill()
                app.wait()


def _wait_for(address: str, app: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if app.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the app did not start:\n{log.read_text(errors='replace')[-4000:]}")


@contextmanager
def browser(
    profile: Path, *, width_px: int = 1440, height_px: int = 1000, dark: bool = False, flags: Sequence[str] = ()
) -> Iterator[BrowserContext]:
    """``flags`` are given to Chromium as well, say those of ``cameras.camera_of``."""
    assert CHROMIUM, "look for chromium before calling this"
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=CHROMIUM,
            args=[*FLAGS, *flags],
            viewport={"width": width_px, "height": height_px},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        context.add_init_script(WATCH)
        try:
            yield context
        finally:
            context.close()


def settle(page: Page) -> None:
    """Until the script has run and what it drew stands still: nothing asked without an answer, nothing drawn for STILL_MS."""
    page.wait_for_selector("[data-testid=stApp]")
    began = page.evaluate("() => performance.now()")
    page.wait_for_function(SETTLED, arg=[began, STILL_MS, LOST_MS], polling=25)


def until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Look again and again until ``holds()``; ``what`` never came to pass after PATIENCE_MS."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < deadline, what
        page.wait_for_timeout(40)


def cell_place(page: Page, row: float, column: float, heatmap: str = "[class*=st-key-heat]") -> tuple[float, float]:
    """Where the middle of a cell of the heatmap is on the screen."""
    sheet = page.locator(f"{heatmap} .sheet").first
    sheet.scroll_into_view_if_needed()
    page.locator(f"{heatmap} .heatmap[data-ready=yes]").first.wait_for()
    box, plot = sheet.bounding_box(), json.loads(sheet.get_attribute("data-plot") or "{}")
    assert box and plot, "there is no heatmap"
    view = plot["view"]
    across = plot["left"] + (column + 0.5 - view["x"]) / view["wide"] * plot["wide"]
    return box["x"] + across, box["y"] + plot["top"] + (row + 0.5 - view["y"]) / view["tall"] * plot["tall"]


def click_cell(page: Page, row: int, column: int, heatmap: str = "[class*=st-key-heat]") -> None:
    """A mouse click on the middle of a cell of the heatmap."""
    page.mouse.click(*cell_place(page, row, column, heatmap))
