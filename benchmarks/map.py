"""The map's piece against ``st.plotly_chart`` of a plain ``go.Scattergl``: the same dots, the same browser, in turns.

    python -m benchmarks.map [--dots 50000] [--times 5]

Of each: the bytes that came (answers and messages), the seconds from opening the page, with an empty cache, to the first picture
with dots, and how often a second the browser draws, and takes a move of the mouse, while the map is dragged for some seconds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.driving import browser, running_app

DRAG_SECONDS = 4.0
DOTS = """
import sys
sys.path.insert(0, {project!r})
import numpy as np
import streamlit as st
st.set_page_config(layout="wide")
draw = np.random.default_rng(0)
groups = draw.integers(0, 16, {dots})
places = (6 * draw.normal(size=(16, 2))[groups] + draw.normal(size=({dots}, 2))).astype(np.float32)
"""
OURS = """
from pages.parts.scatter import Groups, scatter
scatter(places, Groups(tuple(f"group {number}" for number in range(16)), groups), key="map", alt="Dots.")
"""
PLOTLY = """
import plotly.graph_objects as go
marks = go.Scattergl(x=places[:, 0], y=places[:, 1], mode="markers", marker={"size": 3, "color": groups, "colorscale": "Viridis"})
quiet = {"visible": False}
figure = go.Figure(marks, {"dragmode": "pan", "height": 600, "xaxis": quiet, "yaxis": quiet, "margin": dict(l=0, r=0, t=0, b=0)})
st.plotly_chart(figure, config={"scrollZoom": True})
"""
SHOWN = {
    "the piece": "() => [...document.querySelectorAll('*')]"
    ".some((one) => one.shadowRoot?.querySelector('.scatter[data-ready=yes]'))",
    "st.plotly_chart": "() => document.querySelector('.js-plotly-plot .gl-canvas')?.width > 0"
    " && document.querySelector('.js-plotly-plot')._fullData?.length > 0",
}
PLACES = {"the piece": ".scatter .sheet", "st.plotly_chart": ".js-plotly-plot .nsewdrag"}
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
COUNT = """() => {
  window.drawn = 0;
  const each = () => { window.drawn += 1; requestAnimationFrame(each); };
  requestAnimationFrame(each);
}"""


def measured(name: str, address: str) -> dict[str, float]:
    """One fresh browser, one look, one drag."""
    with tempfile.TemporaryDirectory() as profile, browser(Path(profile), width_px=1280, height_px=900) as context:
        page = context.new_page()
        sizes: list[int] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))
        began = time.monotonic()
        page.goto(address)
        page.wait_for_function(SHOWN[name], polling=20)
        page.evaluate(DRAWN)
        seconds = time.monotonic() - began
        page.wait_for_timeout(1500)
        if name == "the piece":
            page.get_by_role("button", name="Move: drag the map").click()
        frames, moves = dragged(page, PLACES[name])
        return {
            "bytes": sum(sizes),
            "seconds to the first picture": seconds,
            "pictures a second": frames,
            "moves a second": moves,
        }


def dragged(page: Page, place: str) -> tuple[float, float]:
    box = page.locator(place).first.bounding_box()
    assert box, "there is nothing to drag"
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(COUNT)
    began, moves = time.monotonic(), 0
    while time.monotonic() - began < DRAG_SECONDS:
        moves += 1
        page.mouse.move(x + 120 * ((moves % 40) / 20 - 1), y + 60 * ((moves % 26) / 13 - 1))
    drawn = page.evaluate("() => window.drawn")
    passed = time.monotonic() - began
    page.mouse.up()
    return drawn / passed, moves / passed


def told(values: list[float], form: Callable[[float], str]) -> str:
    return f"{form(statistics.median(values))} ({form(min(values))} to {form(max(values))})"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--dots", type=int, default=50_000)
    options.add_argument("--times", type=int, default=5)
    given = options.parse_args()
    project = str(Path(__file__).resolve().parents[1])
    found: dict[str, list[dict[str, float]]] = {"the piece": [], "st.plotly_chart": []}
    with tempfile.TemporaryDirectory() as folder:
        scripts = {name: Path(folder) / f"{number}.py" for number, name in enumerate(found)}
        for name, text in (("the piece", OURS), ("st.plotly_chart", PLOTLY)):
            scripts[name].write_text(DOTS.format(project=project, dots=given.dots) + text, encoding="utf-8")
        for _ in range(given.times):
            for name, script in scripts.items():
                with running_app(Path(folder) / "library", script=str(script)) as address:
                    measured(name, address) if not found[name] else None  # the first look of all warms the disk's cache
                    found[name].append(measured(name, address))
    print(f"{given.dots:,} dots, {given.times} times in turns, median (least to most):")
    for what, form in (
        ("bytes", lambda value: f"{value / 1e6:.2f} MB"),
        ("seconds to the first picture", lambda value: f"{value:.2f} s"),
        ("pictures a second", lambda value: f"{value:.1f}"),
        ("moves a second", lambda value: f"{value:.1f}"),
    ):
        ours, theirs = ([one[what] for one in found[name]] for name in found)
        ratios = [theirs[at] / ours[at] for at in range(given.times)]
        ratio = told(ratios, lambda value: f"{value:.2f}")
        print(f"{what}: the piece {told(ours, form)}; st.plotly_chart {told(theirs, form)}; ratio {ratio}")


if __name__ == "__main__":
    main()
