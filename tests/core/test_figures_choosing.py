"""Figures for choosing an encoder: the numbers that are in them, in words too, and names that are text."""

from __future__ import annotations

import numpy as np
import pytest

from core import figures

NAMES = ["slow", "quick", "<b>poor</b>"]
SECONDS = np.array([[40.0, 39.0, 44.0], [0.5, 0.4, 0.6], [5.0, 4.0, 6.0]])
QUALITY = np.array([[0.96, 0.92, 0.99], [0.8, 0.7, 0.88], [0.5, 0.4, 0.6]])


def test_speed_and_quality_are_where_they_should_be() -> None:
    figure = figures.speed_quality(NAMES, SECONDS, QUALITY, take="slow", frontier=("quick", "slow"), stamp="110 clips & more")
    line, points = figure.data
    assert (list(line.x), list(line.y)) == ([0.5, 40.0], [0.8, 0.96])
    assert list(points.text) == ["quick", "&lt;b&gt;poor&lt;/b&gt;", "slow"], "the quickest first"
    assert (list(points.x), list(points.y)) == ([0.5, 5.0, 40.0], [0.8, 0.5, 0.96])
    np.testing.assert_allclose(points.error_y.array, [0.08, 0.1, 0.03])
    np.testing.assert_allclose(points.error_y.arrayminus, [0.1, 0.1, 0.04])
    np.testing.assert_allclose(points.error_x.array, [0.1, 1.0, 4.0])
    assert (
        points.hovertext[2] == "slow<br>finds the same action first: 0.96 (0.92 to 0.99)<br>40 s for a minute of video (39 to 44)"
    )
    assert points.marker.size[2] > points.marker.size[0]
    assert "110 clips &amp; more" in figure.layout.xaxis.title.text
    assert figure.layout.xaxis.type == "log" and figure.layout.xaxis.range[0] < np.log10(0.4)


def test_speed_and_quality_in_words() -> None:
    said = figures.alt_of(figures.speed_quality(NAMES, SECONDS, QUALITY, take="slow"))
    assert said == (
        "Speed against quality of 3 encoders, the quickest first. quick: 0.80 at 0.5 s a minute; "
        "<b>poor</b>: 0.50 at 5.0 s a minute; slow: 0.96 at 40 s a minute. Advised: slow."
    )
    many = figures.speed_quality([str(n) for n in range(20)], np.tile(SECONDS[:1], (20, 1)), np.tile(QUALITY[:1], (20, 1)))
    assert "and 8 more" in figures.alt_of(many)
    assert figures.alt_of(figures.go.Figure()) == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_measured_is_an_empty_figure_of_the_same_height(theme: str) -> None:
    empty = figures.speed_quality([], np.zeros((0, 3)), np.zeros((0, 3)), theme=theme)
    full = figures.speed_quality(NAMES, SECONDS, QUALITY, theme=theme)
    assert empty.layout.height == full.layout.height == figures.SPEED_HEIGHT_PX
    assert full.layout.paper_bgcolor == "rgba(0,0,0,0)" and full.layout.meta["theme"] == theme


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one row of three"):
        figures.speed_quality(["a"], SECONDS, QUALITY)
    with pytest.raises(ValueError, match="one length"):
        figures.rank_agreement(np.zeros(3), np.zeros(4), ("a", "b"))


def test_pairs_fall_into_their_cells_and_one_is_chance() -> None:
    random = np.random.default_rng(0)
    a = random.uniform(0, 100, 40_000)
    cells, *_ = figures.rank_agreement(a, random.permutation(a), ("a", "b")).data
    assert np.nanmean(cells.z) == pytest.approx(1.0, abs=0.01) and cells.z.shape == (40, 40)
    same, *_ = figures.rank_agreement(a, a, ("a", "b")).data
    assert np.isnan(same.z).sum() == 40 * 39 and np.diag(same.z).mean() == pytest.approx(40, rel=0.01)
    above, *_ = figures.rank_agreement(np.full(500, 10.0), np.full(500, 90.0), ("a", "b")).data
    row, column = np.argwhere(np.isfinite(above.z))[0]
    assert (above.y[row], above.x[column]) == (93.75, 6.25), "a goes across and b goes up"


def test_marked_pairs_can_be_clicked_and_are_text() -> None:
    figure = figures.rank_agreement(
        np.arange(100.0),
        np.arange(100.0),
        ("<i>a</i>", "b"),
        alike_in_a=[(95, 4, "x <b>\ny")],
        alike_in_b=[(3, 80, "p"), (9, 99, "q")],
    )
    _, first, second = figure.data
    assert (list(first.x), list(first.y), list(first.hovertext)) == ([95], [4], ["x &lt;b&gt;<br>y"])
    assert [figures.cell_of({"selection": {"points": [{"customdata": data}]}}) for data in second.customdata] == [(1, 0), (1, 1)]
    assert (
        figure.layout.xaxis.title.text == "percentile in &lt;i&gt;a&lt;/i&gt;"
        and figure.layout.yaxis.title.text == "percentile in b"
    )


def test_agreement_in_words() -> None:
    a = np.linspace(0, 100, 1000)
    assert "for 100% of them" in figures.alt_of(figures.rank_agreement(a, a, ("a", "b")))
    assert "for 0% of them" in figures.alt_of(figures.rank_agreement(np.zeros(9), np.full(9, 90.0), ("a", "b")))
    assert figures.alt_of(figures.rank_agreement(np.zeros(0), np.zeros(0), ("a", "b"))).endswith("(up).")
