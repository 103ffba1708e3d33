"""Figures over time and along a line: what is where, what can be clicked, and that they keep their height."""

from __future__ import annotations

import numpy as np
import pytest

from core import figures, sheets
from core.clips import Provenance
from tests.core.test_rasters import similarities
from tests.core.test_sheets import PROVENANCE, SECONDS, peak

EVIL = "<b>x</b> %{x}"


def all_sheets(name: str = "a", stamp: sheets.Stamp = sheets.UNSTAMPED) -> dict[str, sheets.Sheet]:
    """One of every kind."""
    of = {"title": name, "stamp": stamp}
    return {
        "heat": sheets.Heat(values=similarities(3), row_names=[name] * 3, column_names=[name] * 3, **of),
        "many": sheets.Heat(values=similarities(101), row_names=[name] * 101, column_names=[name] * 101, **of),
        "alignment": sheets.Alignment(
            values=similarities(4), row_seconds=SECONDS, column_seconds=SECONDS, path=[(0, 0), (1.5, 1.5)], names=(name, name),
            **of,
        ),
        "self": sheets.SelfSimilarity(values=similarities(4), seconds=SECONDS, period=0.5, name=name, **of),
        "densities": sheets.densities([(name, np.linspace(0, 1, 50), 9, 3), ("few", [0.1], 2, 2)], **of),
        "strip": sheets.Strip(
            seconds=SECONDS, similarity=SECONDS, peaks=[peak(1.0, 1.0)], query=name, clip=name, level=0.5, **of
        ),
        "intervals": sheets.Intervals(rows=[(name, 0.5, 0.4, 0.6), ("b", 0, np.nan, np.nan)], reference=0, **of),
        "background": sheets.Background(values=np.linspace(-1, 1, 99), marks={name: 0.3}, **of),
        "speed": sheets.Speed(names=[name], seconds=[[2, 1, 3]], quality=[[0.9, 0.8, 1]], frontier=(name,), **of),
        "ranks": sheets.Ranks(
            percentiles_a=np.arange(100.0), percentiles_b=np.arange(100.0), names=(name, "b"), alike_in_a=[(9, 1, name)], **of,
        ),
        "places": sheets.Places(
            places=similarities(4)[:, :2], names=[name] * 4, groups=[name, "b", "", name], spans=np.tile([0.0, 1.5], (4, 1)),
            clip_ids=["0123"] * 4, method="UMAP", **of,
        ),
        **{
            kind: sheets.Trade(
                kind=kind, x=[0, 0.5, 1], y=[1, 0.5, 0.2], name=name, positives=9, negatives=20, band_x=[0.5, 1], low=[0.2, 0.1],
                high=[0.9, 0.4], area=(0.6, 0.4, 0.8), mark=(0.5, 0.5, name), **of,
            )
            for kind in ("precision-recall", "detection-error")
        },
        "reliability": sheets.Reliability(
            confidence=[0.1, 0.9], right=[0.2, 0.8], low=[0, 0.5], high=[0.5, 1], counts=[5, 9], error=0.1, name=name, **of,
        ),
        "confusion": sheets.Confusion(
            counts=[[5, 1], [2, 7]], row_names=[name, "b"], column_names=[name, "b"], recalls=[(0.8, 0.4, 1)] * 2, **of,
        ),
        "learning": sheets.Learning(
            counts=[3, 6], scores=[0.5, 0.7], spreads=[0.1, 0.05], predicted=(12, 0.8), sentence=name, **of
        ),
    }  # fmt: skip


@pytest.mark.parametrize("kind", all_sheets())
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_sheet_is_drawn_with_words_and_stamp_and_its_names_are_text(kind: str, theme: str) -> None:
    sheet = all_sheets(EVIL, sheets.Stamp(PROVENANCE, (EVIL,)))[kind]
    figure = figures.of(sheet, theme)
    assert figures.alt_of(figure) == sheet.alt and figure.layout.meta["theme"] == theme
    assert "Motionbook 0.1.0" in figure.layout.xaxis.title.text and "&lt;b&gt;x" in figure.layout.title.text
    written = figure.to_json().replace("\\u003c", "<")
    assert "<b>x" not in written and not [trace for trace in figure.data if EVIL[9:] in str(trace.hovertemplate)]
    bare = figures.of(sheet, theme, bare=True)
    assert "Motionbook" not in str(bare.layout.xaxis.title.text) and not bare.layout.title.text
    assert bare.layout.height <= figure.layout.height


def test_a_strip_can_be_clicked_at_its_peaks_and_moments() -> None:
    peaks = [peak(0.5, 0.4), peak(1.5, 0.9)]
    figure = figures.similarity_strip(SECONDS, [0, 0.4, 0.1, 0.9], peaks, level=0.3)
    line, marks = figure.data
    clicked = [
        figures.cell_of({"selection": {"points": [{"customdata": data}]}}) for data in (*line.customdata, *marks.customdata)
    ]
    assert clicked == [(1, 0), (1, 1), (1, 2), (1, 3), (0, 0), (0, 1)]
    assert (list(marks.x), list(marks.text)) == ([0.5, 1.5], ["1", "2"])
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"] == [(-0.5, 1.5), (0.5, 2.5)]
    assert figure.layout.height == figures.similarity_strip([], []).layout.height == figures.TIME_STRIP_HEIGHT_PX


def test_an_alignment_has_row_0_on_top_and_its_path_over_it() -> None:
    values = similarities(4)
    figure = figures.alignment(values[:, :3], SECONDS, SECONDS[:3], [(0, 0), (1.5, 1.0)], names=("a.mp4", "b.mp4"))
    cells, _, path = figure.data
    np.testing.assert_allclose(cells.z, values[:, :3], atol=1e-4)
    assert list(figure.layout.yaxis.range) == [1.75, -0.25] and list(figure.layout.xaxis.range) == [-0.25, 1.25]
    assert (list(path.x), list(path.y)) == ([0, 1.0], [0, 1.5]), "columns go across"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("seconds of b.mp4", "seconds of a.mp4")


def test_many_windows_are_a_picture_unless_they_are_unevenly_far_apart() -> None:
    seconds = 3 + np.arange(110) * 0.25
    even = figures.self_similarity(similarities(110), seconds, 2.0)
    assert (even.data[0].type, even.data[0].x0, even.data[0].dy) == ("image", 3, 0.25)
    assert even.layout.meta["lookup"]["rows"][1] == "3.2 s" and even.layout.meta["theme"] == "light"
    uneven = figures.self_similarity(similarities(110), np.concatenate([seconds[:-1], [99]]))
    assert uneven.data[0].type == "heatmap"


def test_the_period_is_drawn_on_both_sides_of_the_diagonal_when_it_fits() -> None:
    figure = figures.self_similarity(np.eye(4), SECONDS, 0.5)
    ends = {(shape.x0, shape.y0, shape.x1, shape.y1) for shape in figure.layout.shapes}
    assert ends == {(0.5, 0, 1.5, 1.0), (0, 0.5, 1.0, 1.5)}
    for period in (None, 0, 99.0):
        assert not figures.self_similarity(np.eye(4), SECONDS, period).layout.shapes
    assert not figures.self_similarity(np.zeros((0, 0)), []).layout.shapes


def test_intervals_stand_in_their_order_and_write_their_numbers() -> None:
    figure = figures.intervals([("running", 166, 158, 172), ("b", 110, np.nan, np.nan)], measure="steps per minute", digits=0)
    (points,) = figure.data
    assert (list(points.x), list(points.error_x.array), list(points.error_x.arrayminus)) == ([166, 110], [6, 0], [8, 0])
    assert [note.text for note in figure.layout.annotations] == ["166 (158 to 172)", "110"]
    assert figure.layout.yaxis.range == (1.5, -0.5) and figure.layout.height == figures.intervals_height_px(2)
    figures.intervals([]).to_json()


def test_densities_are_drawn_with_their_pairs_and_told_apart_without_colour() -> None:
    figure = figures.of(all_sheets()["densities"])
    curve, rug, none, few = figure.data
    assert curve.name == "a: 50 pairs of 9 clips, 3 sources" and few.name == "few: 1 pair of 2 clips, 2 sources"
    assert (len(curve.x), len(rug.x), len(none.x), list(few.x)) == (201, 50, 0, [0.1])
    assert curve.line.dash != none.line.dash and rug.y[0] > few.y[0]
    assert [trace.showlegend for trace in figure.data] == [True, False, False, True]


def test_a_stamp_that_needs_more_lines_gets_them() -> None:
    short = figures.of(all_sheets(stamp=sheets.Stamp(note="short"))["strip"])
    long = figures.of(all_sheets(stamp=sheets.Stamp(Provenance("e", "f", 1, 1, "9"), ("label:" + "x" * 60,)))["strip"])
    assert long.layout.height > short.layout.height == figures.TIME_STRIP_HEIGHT_PX
    assert long.layout.xaxis.title.text.count("<br>") >= 2
