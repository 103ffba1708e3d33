"""Every figure as PNG, SVG and CSV: read back by others, with its stamp inside."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas
import PIL.Image
import pytest

from core import exporting, figures, pictures, sheets
from core.colours import THEMES
from core.ordering import clustered
from tests.core.test_figures_time import all_sheets
from tests.core.test_rasters import similarities
from tests.core.test_sheets import PROVENANCE, STAMP

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", all_sheets())
def test_every_sheet_is_a_png_that_says_what_it_is_of(kind: str) -> None:
    sheet = all_sheets("$\\frac{ <b>", STAMP)[kind]
    image = PIL.Image.open(io.BytesIO(pictures.picture(sheet, theme="dark")))
    assert 700 < image.width < 1700 and 300 < image.height < 1500
    assert image.text["Software"] == "Motionbook 0.1.0" and image.text["Description"] == sheet.alt
    assert json.loads(image.text["Comment"]) == STAMP.fields() and image.text["Title"] == sheet.title
    ground = tuple(int(THEMES["dark"].paper[at : at + 2], 16) for at in (1, 3, 5))
    assert image.getpixel((0, 0))[:3] == ground
    assert len(image.convert("RGB").getcolors(1 << 24)) > 20, "something is drawn"


@pytest.mark.parametrize("kind", all_sheets())
def test_every_sheet_is_an_svg_whose_texts_are_texts(kind: str) -> None:
    sheet = all_sheets("läuft <b>", STAMP)[kind]
    svg = pictures.picture(sheet, "svg")
    root = ElementTree.fromstring(svg)
    written = [text for node in root.iter(f"{SVG}text") if (text := "".join(node.itertext()).strip())]
    assert "läuft <b>" in written, "the title"
    assert any("40 clips from 5 sources" in text for text in written), "the stamp"
    about = {node.tag.rpartition("}")[2]: "".join(node.itertext()).strip() for node in root.iter()}
    assert about["description"] == sheet.alt and "fingerprint: fused-1-0123abcd" in svg.decode()


def test_the_same_sheet_gives_the_same_bytes() -> None:
    sheet = all_sheets()["intervals"]
    for form in pictures.FORMS:
        assert pictures.picture(sheet, form) == pictures.picture(sheet, form)


@pytest.mark.parametrize("kind", all_sheets())
def test_every_sheet_is_a_csv_that_others_read_and_no_spreadsheet_runs(kind: str) -> None:
    sheet = all_sheets("=1+1 # x", STAMP)[kind]
    text = exporting.sheet_csv(sheet)
    lines = text.splitlines()
    told = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    assert told["encoder"] == "fused" and told["query 2"] == 'text:"a b"' and told["about"] == sheet.alt.replace("\n", " ")
    table = pandas.read_csv(io.StringIO(text), comment="#", keep_default_na=False, na_values=[""])
    header, rows = sheet.table()
    assert table.shape == (len(rows), len(header))
    assert not [cell for cell in table.to_numpy().ravel() if isinstance(cell, str) and cell[:1] in "=+-@" and cell]
    assert not [line for line in lines if line.lstrip('"')[:1] in tuple("=+@")]


def test_numbers_in_a_csv_are_those_of_the_figure() -> None:
    values = similarities(30)
    names = [f"clip {number}" for number in range(30)]
    text = exporting.sheet_csv(sheets.Heat(values=values, row_names=names, column_names=names))
    table = pandas.read_csv(io.StringIO(text), comment="#", index_col=0)
    np.testing.assert_allclose(table.to_numpy(), values, atol=5e-7)
    assert list(table.index) == list(table.columns) == names


def test_clips_in_a_clustered_order_are_told_apart_by_a_legend() -> None:
    names, groups = [f"clip {n}" for n in range(60)], [("run", "walk", "")[n % 3] for n in range(60)]
    together = sheets.Heat(
        values=similarities(60), row_names=names, column_names=names, row_groups=sorted(groups), column_groups=sorted(groups)
    )
    scattered = sheets.Heat(values=similarities(60), row_names=names, column_names=names, row_groups=groups, column_groups=groups)
    found = []
    for sheet in (together, scattered):
        root = ElementTree.fromstring(pictures.picture(sheet, "svg"))
        written = ["".join(node.itertext()).strip() for node in root.iter(f"{SVG}text")]
        found.append([written.count(name) for name in ("run", "walk", "no label")])
    assert found == [[2, 2, 2], [1, 1, 1]], "on both axes, or once below"


def test_a_stamp_that_is_long_is_whole_in_the_file() -> None:
    stamp = sheets.Stamp(PROVENANCE, tuple(f"label:action number {n}" for n in range(40)))
    image = PIL.Image.open(io.BytesIO(pictures.picture(all_sheets(stamp=stamp)["strip"])))
    assert json.loads(image.text["Comment"])["query 40"] == "label:action number 39"


EMPTY = {
    "heat": sheets.Heat(values=np.full((1, 1), np.nan), row_names=["a"], column_names=["a"]),
    "alignment": sheets.Alignment(values=np.zeros((0, 0)), row_seconds=[], column_seconds=[]),
    "self": sheets.SelfSimilarity(values=np.zeros((1, 1)), seconds=[0.5]),
    "densities": sheets.densities([]),
    "strip": sheets.Strip(seconds=[], similarity=[]),
    "intervals": sheets.Intervals(rows=[]),
    "background": sheets.Background(values=[], marks={}),
    "speed": sheets.Speed(names=[], seconds=[], quality=[]),
    "ranks": sheets.Ranks(percentiles_a=[], percentiles_b=[], names=("a", "b")),
    "precision-recall": sheets.Trade(kind="precision-recall", x=[], y=[]),
    "detection-error": sheets.Trade(kind="detection-error", x=[], y=[]),
    "reliability": sheets.Reliability(confidence=[], right=[], low=[], high=[], counts=[]),
    "confusion": sheets.Confusion(counts=np.zeros((1, 1)), row_names=["a"], column_names=["a"]),
    "learning": sheets.Learning(counts=[], scores=[], spreads=[]),
}


@pytest.mark.parametrize("kind", EMPTY)
def test_empty_figures_are_drawn_too(kind: str) -> None:
    assert pictures.picture(EMPTY[kind]).startswith(b"\x89PNG") and exporting.sheet_csv(EMPTY[kind])
    assert figures.of(EMPTY[kind]).to_json() and EMPTY[kind].alt


def test_an_unknown_form_or_theme_is_refused() -> None:
    sheet = all_sheets()["intervals"]
    with pytest.raises(ValueError, match="png, svg"):
        pictures.picture(sheet, "pdf")
    with pytest.raises(ValueError, match="light, dark"):
        pictures.picture(sheet, theme="sepia")


def test_a_clustered_order_brings_its_tree() -> None:
    values = similarities(12)
    found, names = clustered(values), [f"clip {number}" for number in range(12)]
    ordered = values[np.ix_(found.order, found.order)]
    told = {"values": ordered, "row_names": names, "column_names": names}
    bare, with_tree = (pictures.picture(sheets.Heat(**told, tree=tree), "svg").decode() for tree in (None, found.lines))
    assert with_tree.count('id="LineCollection') == bare.count('id="LineCollection') + 1
