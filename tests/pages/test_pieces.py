"""What Python hands to the heatmap and the players, and what it believes of what they say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.colours import THEMES
from core.rasters import quantised
from pages.parts import canvas, pieces, sync

SCRIPTS = sorted(pieces.HERE.glob("*.js"))
NAMESPACE = "http://www.w3.org/2000/svg"

anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_the_scripts_make_no_html_of_text_and_fetch_nothing():
    assert {path.name for path in SCRIPTS} >= {"heat.js", "heatmap.js", "canvas.js", "players.js", "sync.js"}
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
        if path.name == "scatter.js":  # the dots of the map come as bytes, from an address of pieces.served
            text = text.replace("await fetch(url)", "", 1)
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text), path.name
        assert not re.search(r"https?:|\bfetch\(|XMLHttpRequest|\bimport\b|WebSocket", text), path.name
    for path in pieces.HERE.glob("*.css"):
        assert "url(" not in path.read_text(encoding="utf-8") and "@import" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("scale", ["diverging", "sequential"])
def test_a_table_has_256_colours_and_ends_where_the_scale_ends(theme, scale):
    table = pieces.colour_table(scale, theme)
    stops = getattr(THEMES[theme], scale)
    assert len(table) == 256 * 6
    assert table[6:12].upper() == stops[0][1].lstrip("#") and table[-6:].upper() == stops[-1][1].lstrip("#")


def data(values: np.ndarray, **look: object) -> dict:
    names = [f"n{number}" for number in range(len(values))]
    return canvas.data_of(values, names, names, key="k", alt="A table.", theme="light", **look)


def test_few_cells_go_over_exactly_and_many_as_levels():
    few = data(np.array([[1.0, -0.1234561], [np.nan, 0.5]]))
    assert few["exact"] == [1.0, -0.123456, None, 0.5] and few["columnNames"] is None and few["beyond"]
    many = data(np.zeros((65, 65)))
    assert many["exact"] is None and not many["beyond"]


def test_a_level_is_off_by_half_a_step_at_most():
    values = np.linspace(-0.6, 0.6, 400).reshape(20, 20)
    levels = quantised(values, -0.6, 0.6).astype(float)
    told = -0.6 + (levels - 1) / 254 * 1.2  # as heat.js has it (valueOf)
    assert np.abs(told - values).max() <= 1.2 / 508 + 1e-12


def test_a_thousand_by_a_thousand_cells_of_noise_are_one_megabyte():
    values = np.random.default_rng(0).normal(0, 0.25, (1000, 1000)).clip(-1, 1)
    assert len(canvas.grey_png(values, -0.9, 0.9)) < 1_000_000


def test_labels_become_numbers_names_and_colours():
    told = data(np.zeros((3, 3)), row_groups=["run", "", "run"])
    assert told["rowGroups"] == [1, 0, 1] and told["groupNames"] == ["no label", "run"] and told["columnGroups"] is None
    assert len(set(told["palette"])) == 2


def test_names_must_fit_the_table():
    with pytest.raises(ValueError, match="one row per row name"):
        canvas.data_of(np.zeros((2, 2)), ["a"], ["a", "b"], key="k", alt="", theme="light")


@given(anything)
def test_a_browser_can_say_what_it_likes(told):
    choice = canvas._choice(told, (3, 4))
    assert choice is None or (choice.row < 3 and choice.column < 4)
    for kind in ("cell", "out", "peak", "x"):
        sync._event({"kind": kind, "row": told, "first": told})
    assert canvas._choice({"kind": "cell", "row": 2, "column": 3}, (3, 4)) == canvas.Choice("cell", 2, 3)
    assert canvas._choice({"kind": "cell", "row": 3, "column": 3}, (3, 4)) is None


def test_a_path_that_goes_back_is_refused():
    assert sync._knots([(0, 1), (1.00004, 1), (2, 3)]) == [[0.0, 1.0], [1.0, 1.0], [2.0, 3.0]]
    with pytest.raises(ValueError, match="must rise in both films"):
        sync._knots([(0, 1), (1, 0.5)])


def test_a_film_that_is_not_there_has_a_sentence_in_its_place():
    told = sync.told_film(sync.Film(None, "", "a", 1, 25, "Because."), "p")
    assert told["sorry"] == "Because." and told["url"] == ""
    assert "not here" in sync.told_film(sync.Film(None, "", "a", 1, 25), "p")["sorry"]
    assert Path(pieces.HERE / "sync.js").is_file()
