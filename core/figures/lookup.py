"""Exact hover over a heatmap that is drawn as a picture: a page looks a cell's value up in the picture itself.

A picture has a palette in which no two levels have one colour (``core.rasters.palette``), so a pixel is a number. In a page of
HTML a script reads it; on a page of the app, where a figure cannot bring a script, the markers above the picture speak.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.colours import shortened
from core.rasters import LEVELS, Stops, palette

HOVER_LETTERS = 60


def lookup(
    rows: Sequence[str],
    columns: Sequence[str],
    places: tuple[float, float, float, float],
    ends: tuple[float, float],
    stops: Stops,
) -> dict[str, Any]:
    """What the script needs, to be kept in ``layout.meta``.

    Args:
        rows, columns: what to write for each.
        places: where the first row and column stand on their axes, and the steps from one to the next: y0, dy, x0, dx.
        ends: the values of the lowest and the highest level.
    """
    names = [[html.escape(shortened(name, HOVER_LETTERS)) for name in side] for side in (rows, columns)]
    return {
        "rows": names[0],
        "columns": names[1],
        "places": list(places),
        "ends": list(ends),
        "levels": LEVELS,
        "colours": "".join(f"{red:02x}{green:02x}{blue:02x}" for red, green, blue in palette(stops)),
    }


def script(found: Mapping[str, Any] | None) -> str | None:
    """JavaScript for ``to_html(post_script=...)``; None for a figure that needs none."""
    # "<" is written as an escape, so that no name can end the script.
    return None if found is None else _SCRIPT.replace("__FOUND__", json.dumps(dict(found)).replace("<", "\\u003c"))


# {plot_id} is Plotly's own placeholder. ``valueAt`` is there for whoever reads the page by program, and for its test.
_SCRIPT = """
(function () {
  const plot = document.getElementById('{plot_id}'), found = __FOUND__;
  const [y0, dy, x0, dx] = found.places, [low, high] = found.ends, levels = new Map();
  for (let i = 0; i <= found.levels; i++) levels.set(parseInt(found.colours.substr(6 * i, 6), 16), i);
  const picture = new Image(); let pixels = null;
  picture.onload = () => {
    const canvas = document.createElement('canvas');
    canvas.width = picture.naturalWidth; canvas.height = picture.naturalHeight;
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(picture, 0, 0);
    pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  };
  picture.src = plot.data.find(trace => trace.type === 'image').source;
  plot.valueAt = (row, column) => {
    if (!pixels || row < 0 || column < 0 || row >= pixels.height || column >= pixels.width) return undefined;
    const at = 4 * (row * pixels.width + column), data = pixels.data;
    if (data[at + 3] < 128) return NaN;
    return low + levels.get((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]) * (high - low) / found.levels;
  };
  const label = document.createElement('div');
  label.style.cssText = 'position:fixed;pointer-events:none;z-index:9;padding:4px 8px;border-radius:4px;font-size:13px;' +
    'background:#1F2933;color:#fff;display:none;max-width:70vw';
  document.body.appendChild(label);
  plot.addEventListener('mousemove', event => {
    const layout = plot._fullLayout, box = plot.getBoundingClientRect();
    const x = layout.xaxis.p2d(event.clientX - box.left - layout.xaxis._offset);
    const y = layout.yaxis.p2d(event.clientY - box.top - layout.yaxis._offset);
    const row = Math.round((y - y0) / dy), column = Math.round((x - x0) / dx), value = plot.valueAt(row, column);
    label.style.display = value === undefined ? 'none' : 'block';
    if (value === undefined) return;
    const told = Number.isNaN(value) ? 'nothing to compare' : value.toFixed(2).replace('-0.00', '0.00').replace('-', '\\u2212');
    label.innerHTML = found.rows[row] + '<br>' + found.columns[column] + '<br><b>' + told + '</b>';
    label.style.left = Math.min(event.clientX + 14, innerWidth - label.offsetWidth - 8) + 'px';
    label.style.top = Math.min(event.clientY + 14, innerHeight - label.offsetHeight - 8) + 'px';
  });
  plot.addEventListener('mouseleave', () => { label.style.display = 'none'; });
})();
"""
