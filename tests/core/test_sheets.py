"""What figures say: their words, tables and shapes, and distributions against scipy's own."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import gaussian_kde, norm

from core import sheets
from core.clips import Provenance
from core.sheets.heat import time_limits

PROVENANCE = Provenance("fused", "fused-1-0123abcd", clips=40, sources=5, version="0.1.0")
STAMP = sheets.Stamp(PROVENANCE, ("label:running", 'text:"a\nb"'), "first half")
SECONDS = np.arange(4) * 0.5


def peak(at: float, similarity: float) -> SimpleNamespace:
    return SimpleNamespace(start_seconds=at - 1, end_seconds=at + 1, peak_seconds=at, similarity=similarity)


def test_a_stamp_is_a_line_for_pictures_and_fields_for_files() -> None:
    assert STAMP.line == (
        'label:running against text:"a\nb" · first half · '
        "fused · 40 clips from 5 sources · fingerprint 0123abcd · Motionbook 0.1.0"
    )
    assert STAMP.fields() == {
        "software": "Motionbook 0.1.0",
        "encoder": "fused",
        "fingerprint": "fused-1-0123abcd",
        "clips": "40",
        "sources": "5",
        "query 1": "label:running",
        "query 2": 'text:"a b"',
        "note": "first half",
    }
    long = sheets.Stamp(queries=tuple(f"label:action number {n}" for n in range(30)))
    assert len(long.line) < 120 and len(long.fields()) == 31, "cut in the picture, whole in the file"


def test_a_heatmap_in_words_names_its_extremes_and_not_the_diagonal() -> None:
    values = np.array([[1, 0.4, np.nan], [0.4, 1, -0.2], [np.nan, -0.2, 1]])
    sheet = sheets.Heat(values=values, row_names=["a", "b", "c"], column_names=["a", "b", "c"])
    assert sheet.alt == "Heatmap of similarity, 3 rows by 3 columns: a, b, c. Highest 0.40 (a and b), lowest −0.20 (b and c)."
    assert sheet.table() == (["", "a", "b", "c"], [["a", 1, 0.4, None], ["b", 0.4, 1, -0.2], ["c", None, -0.2, 1]])
    empty = sheets.Heat(values=np.full((1, 1), np.nan), row_names=["a"], column_names=["b"])
    assert empty.alt.endswith("against b. No cell has a value.")
    alone = sheets.Heat(values=np.ones((1, 1)), row_names=["a"], column_names=["a"])
    assert "Highest 1.00 (a and a)" in alone.alt


def test_densities_are_scipys_with_a_width_by_clips() -> None:
    random = np.random.default_rng(0)
    values = random.normal(0.2, 0.1, 400)
    sheet = sheets.densities([("between", values, 40, 5), ("within", [0.1, np.nan, 0.3], 3, 3)])
    between, within = sheet.curves
    np.testing.assert_allclose(between.y, gaussian_kde(values, bw_method=40**-0.2)(between.x))
    assert np.trapezoid(between.y, between.x) == pytest.approx(1, abs=0.005), "no tail is cut off"
    assert within.values.tolist() == [0.1, 0.3] and within.y.size == within.x.size == 0, "two pairs have no shape"
    assert between.made_of == "400 pairs of 40 clips, 5 sources"
    assert sheet.alt.startswith(
        "Distributions of similarity. between: 400 pairs of 40 clips, 5 sources, median 0.19; within: 2 pairs"
    )
    header, rows = sheet.table()
    assert header[0] == "set" and sum(row[4] == "pair" for row in rows) == 402
    assert sum(row[4] == "density" for row in rows) == 201


def test_many_pairs_give_the_same_curve_as_all_of_them() -> None:
    values = np.random.default_rng(0).normal(0, 0.2, 60_000)
    (curve,) = sheets.densities([("all", values, 300, 40)]).curves
    wide = np.sqrt(0.2**2 + (0.2 * 300**-0.2) ** 2)
    np.testing.assert_allclose(curve.y, norm.pdf(curve.x, 0, wide), atol=0.03 * norm.pdf(0, 0, wide))
    assert len(curve.rug) == 300 and (curve.rug[0], curve.rug[-1]) == (values.min(), values.max())


def test_curves_end_where_a_cosine_does_unless_values_are_others() -> None:
    high = np.linspace(0.5, 0.99, 40)
    (curve,) = sheets.densities([("alike", high, 20, 5)]).curves
    assert curve.x[-1] == 1.0 and curve.x[0] < 0.5
    (shares,) = sheets.densities([("percentiles", 100 * high, 20, 5)], bounds=(0, 100)).curves
    assert shares.x[-1] == 100


@pytest.mark.parametrize("values", [[], [np.nan], [0.3], [0.3] * 10])
def test_densities_of_nothing_and_of_equals_have_no_curve(values: list[float]) -> None:
    (curve,) = sheets.densities([("a", values, 2, 1)]).curves
    assert curve.y.size == 0
    assert sheets.densities([("a", [], 0, 0)]).alt == "Distributions of similarity: no pairs."


def test_a_strip_tells_its_peaks_and_writes_them_down() -> None:
    sheet = sheets.Strip(
        seconds=SECONDS, similarity=[0, 0.1, 0.7, 0.2], peaks=[peak(1.0, 0.7)], query="label:running", clip="long.mp4"
    )
    assert sheet.alt == "Similarity of label:running to 4 moments of long.mp4. Peaks: 1 at 1.0 s, 0.70."
    _, rows = sheet.table()
    assert rows[2] == ["window", 1.0, 0.7, 1, None, None] and rows[4] == ["peak", 1.0, 0.7, 1, 0.0, 2.0] and len(rows) == 5
    assert sheets.Strip(seconds=[], similarity=[]).alt.endswith("no peak.")


def test_an_alignment_marks_its_path() -> None:
    sheet = sheets.Alignment(
        values=np.zeros((4, 3)), row_seconds=SECONDS, column_seconds=SECONDS[:3], path=[(0, 0), (0.5, 0.5), (1.5, 1.0)], score=0.5
    )
    assert sheet.alt.endswith("from 0.0 s and 0.0 s to 1.5 s and 1.0 s, mean similarity 0.50 along it.")
    assert [row[:2] for row in sheet.table()[1] if row[3]] == [[0, 0], [0.5, 0.5], [1.5, 1.0]]


def test_self_similarity_tells_its_period() -> None:
    sheet = sheets.SelfSimilarity(values=np.eye(4), seconds=SECONDS, period=0.74, name="a.mp4")
    assert sheet.alt == "Similarity of 4 windows of a.mp4 with each other; it repeats every 0.74 s."
    assert len(sheet.table()[1]) == 10, "half the table and the diagonal"
    assert sheets.SelfSimilarity(values=np.eye(4), seconds=SECONDS).alt.endswith("no repetition found.")


def test_intervals_in_words() -> None:
    sheet = sheets.Intervals(rows=[("a", 0.5, 0.4, 0.6), ("b", -0.1, np.nan, np.nan)])
    assert sheet.alt == "Similarity with 95 % intervals. a 0.50 (0.40 to 0.60); b −0.10."
    assert sheet.table()[1] == [["a", 0.5, 0.4, 0.6], ["b", -0.1, None, None]]


def test_a_background_counts_all_pairs() -> None:
    sheet = sheets.Background(values=[[0.0, 0.1], [0.2, np.nan]], marks={"a": 0.15, "gone": np.nan})
    assert sheet.alt == "Histogram of the similarity of 3 pairs of the library. Marked: a 0.15, above 67%."
    assert sheet.shares().sum() == pytest.approx(1) and sheet.table()[1][-1] == ["mark", "a", 0.15, 0.15, None]
    assert sheets.Background(values=[], marks={}).shares().sum() == 0


def test_the_scale_of_time_tables_is_not_decided_by_single_cells() -> None:
    values = np.full((100, 100), 0.2)
    values[0, :5] = -0.9
    assert time_limits(values, "diverging") == (-0.2, 0.2)
    assert time_limits(np.array([[0.1, 0.4]]), "sequential") == (0.1, 0.4)


@pytest.mark.parametrize(
    "make",
    [
        lambda: sheets.Heat(values=np.eye(2), row_names=["a"], column_names=["a", "b"]),
        lambda: sheets.Strip(seconds=[0, 1], similarity=[0]),
        lambda: sheets.Strip(seconds=[1, 0], similarity=[0, 0]),
        lambda: sheets.Alignment(values=np.eye(2), row_seconds=[0, 1], column_seconds=[0]),
        lambda: sheets.SelfSimilarity(values=np.eye(2), seconds=[0, 0]),
    ],
)
def test_shapes_that_do_not_fit_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match="must"):
        make()  # type: ignore[operator]
