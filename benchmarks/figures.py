"""A thousand by a thousand cells in a browser: Plotly's own heatmap against a picture under Plotly's axes and against our canvas.

    python -m benchmarks.figures [--rows 1000] [--repeats 5] [--rests 12]

All three get the same matrix (noisy similarities of clips of ten actions) and the same names, on one page each in headless
Chromium (1,200 x 900 px), in alternating rounds. Draw: from the call to the second frame after the picture is there and a
value can be asked for. Zoom: from the call that shows a hundredth of the cells to the second frame after it; the median of
eight. Hover: from the mouse coming to rest on a cell to the changed text; the median of ``--rests`` rests. What two frames take
with nothing to do is told below the table. Read back: the largest difference between the matrix and the values that the page
gives for 300 random cells. Then the sizes of PNG files by several encoders, and the times of clustered orders. Markdown tables.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import plotly.graph_objects as go
from numpy.typing import NDArray
from playwright.sync_api import Page

from core import figures, rasters
from core.colours import THEMES, limits
from core.figures.lookup import script
from core.ordering import clustered
from pages.parts import canvas, pieces
from tests.browser.driving import browser

SIZE = (1200, 900)
WAYS = ("go.Heatmap", "picture", "canvas")
Matrix = NDArray[np.float64]


def similarities(rows: int) -> Matrix:
    random = np.random.default_rng(0)
    clips = 0.5 * random.normal(size=(10, 64))[np.sort(random.integers(0, 10, rows))] + random.normal(size=(rows, 64))
    clips -= clips.mean(axis=0)
    clips /= np.linalg.norm(clips, axis=1, keepdims=True)
    return clips @ clips.T


def names(rows: int) -> list[str]:
    return [f"person{row % 25:02}_action{row // 100}_d{row % 4}" for row in range(rows)]


def plain(matrix: Matrix) -> go.Figure:
    """What one writes first: Plotly's heatmap with names, its values in float32."""
    low, high = limits(matrix, "diverging")
    stops = [list(stop) for stop in THEMES["light"].diverging]
    told = names(len(matrix))
    figure = go.Figure(go.Heatmap(z=matrix.astype(np.float32), x=told, y=told, zmin=low, zmax=high, colorscale=stops))
    return figure.update_layout(height=760, yaxis_autorange="reversed")


def picture(matrix: Matrix) -> go.Figure:
    """Ours, as a page of HTML gets it."""
    told = names(len(matrix))
    figure = figures.heatmap(matrix, told, told)
    return go.Figure([trace for trace in figure.data if trace.customdata is None], figure.layout)


def canvas_data(matrix: Matrix) -> dict[str, Any]:
    """What the canvas of the screens gets, its picture as an address of its own."""
    found: dict[str, Any] = {}

    def keep(*, data: dict[str, Any], **_: object) -> dict[str, Any]:
        found.update(data)
        return {}

    def inline(content: Path | bytes, form: str, _: str) -> str:
        assert isinstance(content, bytes)
        return f"data:{form};base64,{base64.b64encode(content).decode()}"

    kept = canvas._piece, pieces.served
    canvas._piece, pieces.served = keep, inline  # type: ignore[assignment]
    try:
        canvas.canvas(matrix, names(len(matrix)), names(len(matrix)), key="benchmark", theme="light", alt="a benchmark")
    finally:
        canvas._piece, pieces.served = kept
    return found


FRAMES = """
const frames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
const timed = async act => { const began = performance.now(); await act(); await frames(); return performance.now() - began; };
"""

PLOTLY = """
const drawn = figure => timed(async () => {
  await Plotly.newPlot('plot', figure.data, figure.layout, {displayModeBar: false});
  START
  await Promise.all([...document.querySelectorAll('image')].map(one => one.decode ? one.decode().catch(() => 0) : 0));
});
const zoomed = (x, y, wide) => timed(() => Plotly.relayout('plot', {'xaxis.range': [x, x + wide], 'yaxis.range': [y + wide, y]}));
const whole = rows => Plotly.relayout('plot', {'xaxis.range': [-0.5, rows - 0.5], 'yaxis.range': [rows - 0.5, -0.5]});
const spot = (row, column) => {
  const plot = document.getElementById('plot'), box = plot.getBoundingClientRect(), full = plot._fullLayout;
  return [box.left + full.xaxis._offset + full.xaxis.c2p(column), box.top + full.yaxis._offset + full.yaxis.c2p(row)];
};
"""

CANVAS = """
let heat;
const drawn = data => timed(async () => {
  heat = new Heatmap(document.getElementById('plot'));
  heat.trigger = () => 0;
  await heat.update(data);
});
const zoomed = (x, y, wide) => timed(async () => heat.look({x, y, wide, tall: wide}));
const whole = async () => heat.reset();
const spot = (row, column) => {
  const box = heat.sheet.getBoundingClientRect();
  return [box.left + heat.across(column + 0.5), box.top + heat.down(row + 0.5)];
};
const valueAt = (row, column) => heat.value(row, column);
const label = () => heat.tip.textContent;
"""
LABELS = {
    "go.Heatmap": "const label = () => document.querySelector('.hoverlayer')?.textContent ?? '';"
    "const valueAt = (row, column) => document.getElementById('plot').calcdata[0][0].z[row][column];",
    "picture": "const label = () => document.body.lastElementChild.textContent;"
    "const valueAt = (row, column) => document.getElementById('plot').valueAt(row, column);",
}
WATCH = """
let rested = 0, waited = null;
const watch = () => {
  const before = label();
  waited = new Promise(done => {
    addEventListener('mousemove', () => { rested = performance.now(); }, {once: true, capture: true});
    const look = () => label() && label() !== before && rested ? done(performance.now() - rested) : setTimeout(look, 0);
    rested = 0; look();
  });
};
"""


def page_of(way: str, matrix: Matrix, folder: Path) -> tuple[Path, str, int]:
    """The page, the call that draws, and the bytes that describe the figure."""
    if way == "canvas":
        found = canvas_data(matrix)
        content = json.dumps(found)
        lines = [pieces.script("canvas").replace("export default", "const piece ="), CANVAS]
        style, pixels = pieces.style("canvas"), base64.b64decode(found["png"].partition(",")[2])
        bytes_ = len(content) - len(found["png"]) + len(pixels)
    else:
        figure = plain(matrix) if way == "go.Heatmap" else picture(matrix)
        content = figure.to_json()
        lookup = (figure.layout.meta or {}).get("lookup")
        start = (script(lookup) or "").replace("{plot_id}", "plot") if way == "picture" else ""
        ready = "while (document.getElementById('plot').valueAt(0, 0) === undefined) await frames();" if start else ""
        lines, style, bytes_ = [PLOTLY.replace("START", start + ready), LABELS[way]], "", len(content)
        (folder / "plotly.js").write_text(_plotly(), encoding="utf-8")
    head = '<script src="plotly.js"></script>' if way != "canvas" else ""
    (folder / f"{WAYS.index(way)}.js").write_text(f"const content = {content};", encoding="utf-8")
    text = "\n".join([FRAMES, *lines, WATCH])
    path = folder / f"{WAYS.index(way)}.html"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><style>{style}</style>{head}<script src="{WAYS.index(way)}.js"></script>'
        f'<body><div id="plot" style="width:1150px"></div><script>{text}</script></body>',
        encoding="utf-8",
    )
    return path, "drawn(content)", bytes_


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def measured(page: Page, path: Path, draw: str, matrix: Matrix, rests: int, seed: int) -> dict[str, float]:
    rows = len(matrix)
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    found = {"empty": float(page.evaluate("timed(async () => 0)")), "draw": float(page.evaluate(draw))}
    random, wide = np.random.default_rng(seed), rows // 10
    corners = random.integers(0, rows - wide, (8, 2))
    found["zoom"] = statistics.median(float(page.evaluate(f"zoomed({x}, {y}, {wide})")) for x, y in corners)
    page.evaluate(f"whole({rows})")
    page.wait_for_timeout(600)
    found["hover"] = statistics.median(_hover(page, *cell) for cell in random.integers(rows // 8, rows * 7 // 8, (rests, 2)))
    low, high = limits(matrix, "diverging")
    cells = random.integers(0, rows, (300, 2))
    told = page.evaluate(f"{json.dumps(cells.tolist())}.map(cell => valueAt(cell[0], cell[1]))")
    wanted = np.clip(matrix[cells[:, 0], cells[:, 1]], low, high)
    found["error"] = float(np.abs(np.clip(told, low, high) - wanted).max())
    return found


def _hover(page: Page, row: int, column: int) -> float:
    x, y = page.evaluate(f"spot({row}, {column})")
    page.evaluate("watch()")
    page.mouse.move(x, y)
    return float(page.evaluate("waited"))


def encoders(rows: int) -> None:
    """What the encoders of PNG files make of three kinds of tables."""
    wave = np.arange(rows) * 0.03
    smooth = np.stack([np.sin(wave * pace + pace) for pace in (1, 1.7, 2.3, 5, 0.4, 0.9)], axis=1)
    smooth /= np.linalg.norm(smooth, axis=1, keepdims=True)
    noisy = similarities(rows)
    holes = np.where(np.random.default_rng(0).random(noisy.shape) < 0.3, np.nan, noisy)
    print("\n| PNG of one byte a cell, MB | ours | Pillow | OpenCV |")
    print("|---|---|---|---|")
    for name, table in (("noisy similarities", noisy), ("smooth, over time", smooth @ smooth.T), ("noisy with holes", holes)):
        low, high = float(np.nanmin(table)), float(np.nanmax(table))
        cells, target = rasters.quantised(table, low, high), io.BytesIO()
        PIL.Image.fromarray(cells).save(target, "PNG")
        _, other = cv2.imencode(".png", cells)
        sizes = (len(rasters.grey_png(table, low, high)), len(target.getvalue()), len(other))
        print(f"| {name} | {' | '.join(f'{size / 1e6:.2f}' for size in sizes)} |")


def orders() -> None:
    """How long a clustered order takes."""
    print("\n| clips in clustered order | seconds |")
    print("|---|---|")
    clustered(similarities(100))  # scipy is imported here
    for rows in (250, 500, 1000, 3000):
        matrix = similarities(rows)
        began = time.perf_counter()
        clustered(matrix)
        print(f"| {rows:,} | {time.perf_counter() - began:.2f} |")


def spread(values: list[float], form: Callable[[float], str]) -> str:
    return f"{form(statistics.median(values))} ({form(min(values))} to {form(max(values))})"


def milliseconds(value: float) -> str:
    return f"{value:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rests", type=int, default=12)
    options = parser.parse_args()
    matrix = similarities(options.rows)
    with tempfile.TemporaryDirectory() as kept, browser(Path(kept) / "profile", width_px=SIZE[0], height_px=SIZE[1]) as context:
        folder = Path(kept)
        pages = {way: page_of(way, matrix, folder) for way in WAYS}
        rounds: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for number in range(options.repeats):
            for way in WAYS:
                page = context.new_page()
                rounds[way].append(measured(page, pages[way][0], pages[way][1], matrix, options.rests, number))
                page.close()
    report({way: bytes_ for way, (_, _, bytes_) in pages.items()}, rounds, matrix)
    encoders(options.rows)
    orders()


def report(sizes: dict[str, int], rounds: dict[str, list[dict[str, float]]], matrix: Matrix) -> None:
    low, high = limits(matrix, "diverging")
    rows, repeats = len(matrix), len(rounds[WAYS[0]])
    print(f"{rows:,} x {rows:,} cells, {repeats} rounds; milliseconds: median (lowest to highest).\n")
    print("| way | MB to the browser | draw | zoom | hover | read back, largest error |")
    print("|---|---|---|---|---|---|")
    for way in WAYS:
        told = [spread([one[what] for one in rounds[way]], milliseconds) for what in ("draw", "zoom", "hover")]
        print(f"| {way} | {sizes[way] / 1e6:.2f} | {' | '.join(told)} | {max(one['error'] for one in rounds[way]):.5f} |")
    empty = [one["empty"] for way in WAYS for one in rounds[way]]
    floor, step = spread(empty, milliseconds), rasters.quantisation(low, high)
    print(f"\nTwo empty frames take {floor} ms; half a step of 8 bits is {step:.5f}.\n")
    print("| go.Heatmap takes, times | MB | draw | zoom | hover |")
    print("|---|---|---|---|---|")
    for way in WAYS[1:]:
        ratios = [
            spread([a[what] / b[what] for a, b in zip(rounds[WAYS[0]], rounds[way], strict=True)], lambda value: f"{value:.1f}")
            for what in ("draw", "zoom", "hover")
        ]
        print(f"| as {way} | {sizes[WAYS[0]] / sizes[way]:.1f} | {' | '.join(ratios)} |")


if __name__ == "__main__":
    main()
