"""The browser's figures: the numbers that are in them, names that are text and never markup, and clicks."""

from __future__ import annotations

import base64
import io
import json
import re
from types import SimpleNamespace

import numpy as np
import PIL.Image
import plotly.graph_objects as go
import pytest

from core import colours, figures, rasters
from core.clips import Provenance
from tests.core.test_rasters import similarities

PROVENANCE = Provenance("i3d-rgb", "0123456789abcdef", clips=40, sources=5, version="0.1.0")
EVIL = "<b>x</b><a href='http://evil'>y</a> & %{z}"


def named(count: int) -> list[str]:
    return [f"clip {number}" for number in range(count)]


def traces(figure: go.Figure, kind: str, mode: str | None = None) -> list[go.Heatmap | go.Scatter | go.Bar]:
    return [trace for trace in figure.data if trace.type == kind and (mode is None or trace.mode == mode)]


def test_a_heatmap_shows_the_numbers_it_was_given() -> None:
    figure = figures.heatmap(np.array([[0.5, -0.25], [np.nan, 0.0]]), ["a", "b"], ["c", "d"], provenance=PROVENANCE)
    (cells,) = traces(figure, "heatmap")
    np.testing.assert_allclose(cells.z, [[0.5, -0.25], [np.nan, 0.0]])
    (numbers,) = traces(figure, "scatter", "text")
    assert list(numbers.text) == ["0.50", "−0.25", "–", "0.00"]


def test_row_0_is_on_top_and_the_scale_is_symmetric_around_0() -> None:
    figure = figures.heatmap(np.array([[1.0, -0.31], [0.12, 1.0]]), ["a", "b"], ["a", "b"])
    (cells,) = traces(figure, "heatmap")
    assert (cells.zmin, cells.zmax) == (-0.35, 0.35)
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]


def test_a_sequential_scale_runs_from_the_lowest_to_the_highest() -> None:
    (cells,) = traces(figures.heatmap(np.array([[3.0, 97.0]]), ["a"], ["b", "c"], scale="sequential"), "heatmap")
    assert (cells.zmin, cells.zmax) == (3.0, 97.0)


def test_a_matrix_of_another_shape_than_its_names_is_refused() -> None:
    with pytest.raises(ValueError, match="one row per row name"):
        figures.heatmap(np.zeros((2, 3)), ["a", "b"], ["a", "b"])


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(ValueError, match="light, dark"):
        figures.heatmap(np.zeros((1, 1)), ["a"], ["b"], theme="sepia")


def test_names_never_become_markup_or_templates() -> None:
    figure = figures.heatmap(np.eye(2), [EVIL, "b"], ["a", EVIL], title=EVIL, provenance=PROVENANCE, colorbar_title=EVIL)
    strip = figures.background_strip(np.zeros(3), {EVIL: 0.2}, title=EVIL, axis_title=EVIL)
    for part in (figure, strip):
        assert "<a href" not in part.to_json().replace("\\u003c", "<")
    (markers,) = traces(figure, "scatter", "markers")
    assert markers.hovertemplate is None
    assert markers.hovertext[0].startswith("&lt;b&gt;x")


def test_a_name_cannot_end_the_script_of_a_page() -> None:
    page = figures.to_html(figures.heatmap(np.eye(1), ["</script><script>alert(1)</script>"], ["a"]), title="</title>x")
    assert "<script>alert(1)" not in page
    assert "</title>x" not in page


def test_markers_carry_row_and_column() -> None:
    figure = figures.heatmap(np.zeros((2, 3)), ["a", "b"], ["c", "d", "e"])
    (markers,) = traces(figure, "scatter", "markers")
    assert [tuple(cell) for cell in markers.customdata] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert [(y, x) for x, y in zip(markers.x, markers.y, strict=True)] == [tuple(cell) for cell in markers.customdata]
    assert not traces(figures.heatmap(np.zeros((2, 3)), ["a", "b"], ["c", "d", "e"], clickable=False), "scatter", "markers")


def test_markers_are_thinned_out_above_ten_thousand_cells() -> None:
    (few,) = traces(figures.heatmap(np.zeros((100, 100)), named(100), named(100)), "scatter")
    assert len(few.x) == 10_000
    _, many = traces(figures.heatmap(np.eye(240), named(240), named(240)), "scatter")
    assert 5_000 < len(many.x) <= 10_000
    assert [many.hovertext[place] for place in (0, 81)] == ["clip 0<br>clip 0<br>1.00", "clip 3<br>clip 3<br>1.00"]


def test_many_cells_are_a_picture_that_holds_them_all() -> None:
    values = similarities(240)
    values[3, 5] = np.nan
    figure = figures.heatmap(values, named(240), named(240), provenance=PROVENANCE)
    assert not traces(figure, "heatmap")
    (picture,) = traces(figure, "image")
    cells = read_indexed(base64.b64decode(picture.source.partition(",")[2]))
    low, high = colours.limits(values, "diverging")
    wanted = np.clip(values, low, high)
    assert np.nanmax(np.abs(rasters.restored(cells, low, high) - wanted)) <= rasters.quantisation(low, high) * (1 + 1e-9)
    assert np.argwhere(cells == 0).tolist() == [[3, 5]]
    assert list(figure.layout.yaxis.range) == [239.5, -0.5] and (picture.x0, picture.y0, picture.dx, picture.dy) == (0, 0, 1, 1)
    bar = traces(figure, "scatter")[0].marker
    assert (bar.cmin, bar.cmax) == (low, high)
    assert len(figure.to_json()) < 1_500_000, "markers and their texts are the most of it"


def read_indexed(png: bytes) -> np.ndarray:
    """(R, C) palette numbers of a PNG."""
    return np.asarray(PIL.Image.open(io.BytesIO(png)))


def test_a_page_of_many_cells_brings_what_its_script_reads() -> None:
    page = figures.to_html(figures.heatmap(np.eye(120), ["</script><b>x"] * 120, named(120)))
    found = json.loads(re.search(r"found = (\{.*?\});$", page, re.MULTILINE).group(1).replace("\\u003c", "<"))
    assert found["columns"][7] == "clip 7" and found["rows"][0] == "&lt;/script&gt;&lt;b&gt;x"
    assert found["places"] == [0, 1, 0, 1] and len(found["colours"]) == 6 * 255
    assert "</script><b>x" not in page.partition("found = ")[2].partition("\n")[0]
    assert "valueAt" not in figures.to_html(figures.heatmap(np.eye(2), ["a", "b"], ["a", "b"])).rpartition("</script>")[2]


def test_hover_tells_names_and_number_and_takes_other_texts() -> None:
    (markers,) = traces(figures.heatmap(np.array([[-0.004]]), ["first"], ["second"]), "scatter", "markers")
    assert markers.hovertext[0] == "first<br>second<br>0.00"
    (markers,) = traces(figures.heatmap(np.array([[0.5]]), ["a"], ["b"], hover=[["one\n<two>"]]), "scatter", "markers")
    assert markers.hovertext[0] == "one<br>&lt;two&gt;"


def test_many_clips_are_named_by_their_groups() -> None:
    groups = ["running"] * 100 + ["waving"] * 100
    figure = figures.heatmap(np.zeros((200, 200)), named(200), named(200), row_groups=groups, column_groups=groups)
    assert list(figure.layout.yaxis.ticktext) == ["running", "waving"]
    assert list(figure.layout.yaxis.tickvals) == [49.5, 149.5]
    assert {shape.y0 for shape in figure.layout.shapes if shape.xref == "paper"} == {99.5}


def test_many_names_without_groups_are_thinned_so_that_they_do_not_overlap() -> None:
    written = colours.ticks(named(400), None, most=40)
    assert len(written.texts) == 40
    assert min(np.diff(written.positions)) >= 10


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_says_what_it_is_of(theme: str) -> None:
    values = np.linspace(-1, 1, 50)
    for figure in (
        figures.heatmap(np.eye(2), ["a", "b"], ["a", "b"], provenance=PROVENANCE, theme=theme),
        figures.background_strip(values, {"a": 0.2}, provenance=PROVENANCE, theme=theme),
        figures.heatmap(np.eye(101), named(101), named(101), provenance=PROVENANCE, theme=theme),
    ):
        stamp = figure.layout.xaxis.title.text
        assert "i3d-rgb" in stamp
        assert "40 clips from 5 sources" in stamp
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_the_height_depends_on_the_number_of_rows_alone() -> None:
    sparse = figures.heatmap(np.full((8, 8), np.nan), named(8), named(8))
    full = figures.heatmap(np.eye(8), [name * 9 for name in named(8)], named(8), title="t")
    assert sparse.layout.height == full.layout.height == figures.heatmap_height_px(8)
    assert figures.background_strip(np.array([]), {}).layout.height == figures.STRIP_HEIGHT_PX


def test_a_strip_holds_the_background_and_its_marks() -> None:
    background = np.concatenate([np.linspace(-0.5, 0.5, 200), [np.nan]])
    figure = figures.background_strip(background, {"running × jogging": 0.42, "none": float("nan")})
    (bars,) = traces(figure, "bar")
    assert sum(bars.y) == pytest.approx(1.0)
    assert [shape.x0 for shape in figure.layout.shapes] == [0.42]
    assert figure.layout.annotations[0].text == "running × jogging <b>0.42</b>"


@pytest.mark.parametrize("values", [np.array([]), np.array([np.nan]), np.array([0.3])])
def test_strips_stand_empty_and_constant_values(values: np.ndarray) -> None:
    figures.background_strip(values, {"a": 0.3}).to_json()
    assert figures.background_strip(values, {}).layout.height == figures.STRIP_HEIGHT_PX


@pytest.mark.parametrize(
    ("event", "cell"),
    [
        (
            {"selection": {"points": [{"curve_number": 1, "customdata": [3, 7]}], "point_indices": [5], "box": [], "lasso": []}},
            (3, 7),
        ),
        ({"selection": {"points": [{"customdata": {"0": 3, "1": 7}}]}}, (3, 7)),
        (SimpleNamespace(selection=SimpleNamespace(points=[{"customdata": [2.0, 0]}])), (2, 0)),
        ({"selection": {"points": [{"x": 1}, {"customdata": [0, 1]}]}}, (0, 1)),
        ({"selection": {"points": []}}, None),
        ({"selection": {"points": [{"customdata": [-1, 0]}]}}, None),
        ({"selection": {"points": [{"customdata": ["a", "b"]}]}}, None),
        ({"selection": {"points": [{"customdata": None}]}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_click_names_its_cell(event: object, cell: tuple[int, int] | None) -> None:
    assert figures.cell_of(event) == cell


def test_a_page_needs_no_network() -> None:
    page = figures.to_html(figures.heatmap(np.eye(2), ["a", "b"], ["a", "b"], theme="dark"), title="Two")
    assert "<title>Two</title>" in page
    assert 'src="http' not in page
    assert colours.THEMES["dark"].paper in page


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return float(np.dot([0.2126, 0.7152, 0.0722], [channel**2.2 for channel in channels]))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", colours.SCALES)
def test_numbers_can_be_read_on_every_colour_of_the_scale(theme: str, scale: str) -> None:
    for place, colour in getattr(colours.THEMES[theme], scale):
        text, ground = luminance(colours.ink(place, (0.0, 1.0), getattr(colours.THEMES[theme], scale))), luminance(colour)
        contrast = (max(text, ground) + 0.05) / (min(text, ground) + 0.05)
        assert contrast >= 4.3, (place, colour)


def test_a_long_name_keeps_both_ends() -> None:
    assert colours.shortened("synthetic-anna-running-in-the-park.mp4", 20) == "synthetic-…-park.mp4"
    assert colours.shortened("short.mp4") == "short.mp4"
