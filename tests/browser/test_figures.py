"""A heatmap of many cells as a page of its own, in a real browser and offline: every cell gives its value back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core import figures, rasters
from core.colours import limits
from tests.browser.driving import browser
from tests.core.test_rasters import similarities

pytestmark = pytest.mark.browser


def test_a_page_names_every_cell_of_a_picture(tmp_path: Path) -> None:
    values = similarities(130)
    values[3, 5] = np.nan
    names = [f"clip <{number}>" for number in range(130)]
    page_file = tmp_path / "heatmap.html"
    page_file.write_text(figures.to_html(figures.heatmap(values, names, names)), encoding="utf-8")
    with browser(tmp_path / "profile") as context:
        context.set_offline(True)
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(page_file.as_uri())
        page.wait_for_function("document.querySelector('.plotly-graph-div')?.valueAt?.(0, 0) !== undefined")
        told = page.evaluate(
            "(() => { const plot = document.querySelector('.plotly-graph-div');"
            " return [...Array(130).keys()].map(row => [...Array(130).keys()].map(column => plot.valueAt(row, column))); })()"
        )
        low, high = limits(values, "diverging")
        found = np.array(told, float)
        assert np.argwhere(np.isnan(found)).tolist() == [[3, 5]]
        assert np.nanmax(np.abs(found - np.clip(values, low, high))) <= rasters.quantisation(low, high) * (1 + 1e-6)
        spot = page.evaluate(
            "(() => { const plot = document.querySelector('.plotly-graph-div'), box = plot.getBoundingClientRect();"
            " const {xaxis, yaxis} = plot._fullLayout;"
            " return [box.left + xaxis._offset + xaxis.c2p(40), box.top + yaxis._offset + yaxis.c2p(90)]; })()"
        )
        page.mouse.move(*spot)
        label = page.locator("body > div").last
        assert label.is_visible()
        assert label.inner_text().split("\n")[:2] == ["clip <90>", "clip <40>"]
        assert abs(float(label.inner_text().split("\n")[2].replace("−", "-")) - values[90, 40]) < 0.01
        assert page.locator(".hoverlayer text").count() == 0, "one label, not two"
        assert complaints == []
