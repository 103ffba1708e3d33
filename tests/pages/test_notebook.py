"""The notebook on the Home page, and presenting it."""

from __future__ import annotations

import pytest

from core import notebooks
from core.store import Cell
from pages.parts.state import key
from tests.pages.conftest import pieces, sound, texts

ASKED = {"queries": ["label:running", "label:jogging"], "encoder": "toy"}
HOSTILE = "**bold** :red[x] $y$ <script>alert(1)</script>"


def click(at, *parts: object):
    return sound(at.button(key=key(*parts)).click().run())


def bodies(at) -> str:
    """What ``st.html`` drew."""
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.fixture
def made(library, workbench) -> int:
    """A notebook of a comparison, a text and a search."""
    bench = workbench()
    notebook_id = bench.library.notebooks.create("Running and jogging")
    notebooks.pin(bench, notebook_id, "comparison", HOSTILE, ASKED)
    bench.library.notebooks.add(notebook_id, Cell("text", "", {"markdown": "# Why\n\n<script>alert(1)</script>"}))
    notebooks.pin(bench, notebook_id, "search", "near", {"query": "label:running", "count": 2, "encoder": "toy"})
    return notebook_id


def order(workbench, notebook_id: int) -> list[str]:
    return [cell.kind for cell in workbench().library.notebooks.get(notebook_id).cells]


def test_the_home_page_is_the_notebook(made, screen):
    at = sound(screen())
    assert at.text_input(key=key("notebook", "title")).value == "Running and jogging"
    told = texts(at)
    assert "Whether running and jogging differ cannot be said yet" in told and "most like running is" in told
    assert HOSTILE in told, "as people read it: nothing of it became markup"
    assert "toy · 6 clips of 4 sources in the library" in told
    assert len(at.get("plotly_chart")) >= 1 and len(at.get("video")) == 2
    (moments,) = pieces(at, "motionbook_previews")
    assert len(moments["cards"]) == 2 and all(card["start"] < card["end"] and card["figure"] for card in moments["cards"])
    assert "<h1>Why</h1>" in bodies(at) and "<script>" not in bodies(at)
    assert {metric.label: metric.value for metric in at.metric}["Clips"] == "6", "the library is below"


def test_cells_move_are_deleted_and_come_back(made, screen, workbench):
    at = sound(screen())
    shelf = workbench().library.notebooks
    first = shelf.get(made).cells[0].cell_id
    at = click(at, "cell", first, "Move down")
    assert order(workbench, made) == ["text", "comparison", "search"]
    at = click(at, "cell", first, "Delete")
    assert order(workbench, made) == ["text", "search"]
    at = click(at, "notebook", "Undo")
    assert order(workbench, made) == ["text", "comparison", "search"] and "Taken back: deleted a cell" in texts(at)
    at = click(at, "notebook", "Undo")
    at = click(at, "notebook", "Redo")
    assert order(workbench, made) == ["text", "comparison", "search"]


def test_texts_and_titles_are_kept_when_their_field_is_left(made, screen, workbench):
    at = sound(screen())
    comparison, text, _ = (cell.cell_id for cell in workbench().library.notebooks.get(made).cells)
    at = sound(at.text_input(key=key("notebook", "title")).set_value("Another").run())
    at = click(at, "cell", text, "Edit")
    at = sound(at.text_area(key=key("cell", text, "markdown")).set_value("## New").run())
    at = click(at, "cell", text, "Done")
    at = click(at, "cell", comparison, "Edit")
    at = sound(at.text_area(key=key("cell", comparison, "note")).set_value("a *note*").run())
    at = click(at, "cell", comparison, "Done")
    found = workbench().library.notebooks.get(made)
    assert (found.title, found.cell(text).question, found.cell(comparison).note) == (
        "Another",
        {"markdown": "## New"},
        "a *note*",
    )
    assert "<h2>New</h2>" in bodies(at) and "a <em>note</em>" in bodies(at)
    at = sound(at.text_input(key=key("notebook", "title")).set_value("   ").run())
    assert "title ('') must have 1 to 200 characters" in texts(at) and workbench().library.notebooks.get(made).title == "Another"


def test_run_all_marks_what_changed_and_an_error_stays_in_its_cell(made, screen, workbench):
    at = sound(screen())
    at = click(at, "notebook", "run")
    assert "Nothing changed" in texts(at)
    clips = workbench().library.clips()
    workbench().library.delete([clips[1].clip_id])
    at = sound(at.run())
    assert "the library has changed since" in texts(at)
    at = click(at, "notebook", "run")
    assert "1 clip fewer in label:running." in bodies(at)
    workbench().library.relabel([clip.clip_id for clip in clips if clip.label == "jogging"], label="trotting")
    at = click(at, "notebook", "run")
    assert "Label ('jogging') must be one that is here" in texts(at) and "What was answered" in texts(at)
    assert "most like running is" in texts(at), "the other cell has an answer"


def test_notebooks_are_made_chosen_duplicated_and_deleted_with_undo(made, screen, workbench):
    at = click(screen(), "notebook", "New notebook")
    assert at.text_input(key=key("notebook", "title")).value == "Notebook 2" and "This notebook is empty" in texts(at)
    at = click(at, "notebook", "open", made)
    at = click(at, "notebook", "Duplicate this notebook")
    assert at.text_input(key=key("notebook", "title")).value == "Running and jogging (copy)"
    at = click(at, "notebook", "Delete this notebook")
    assert "Running and jogging (copy) was deleted." in texts(at)
    at = click(at, "notebook", "undelete")
    assert at.text_input(key=key("notebook", "title")).value == "Running and jogging (copy)"
    assert len(workbench().library.notebooks.all()) == 3


def test_a_link_opens_a_cell_to_present_and_the_keys_lead_through(made, screen):
    at = sound(screen(notebook=str(made), present="1", cell="2"))
    assert "<h1>Why</h1>" in bodies(at) and not at.metric and not at.text_input
    assert 'aria-label="Cell 2 of 3"' in bodies(at)
    keys = {button.key: button.proto.shortcut for button in at.button}
    wanted = {"Back": "left", "On": "right", "First": "home", "Last": "end", "end": "escape"}
    assert {name: keys[key("present", name)] for name in wanted} == wanted
    at = click(at, "present", "On")
    assert "".join(at.query_params["cell"]) == "3" and len(pieces(at, "motionbook_previews")) == 1
    assert "".join(click(at, "present", "On").query_params["cell"]) == "3"
    at = click(at, "present", "First")
    assert "".join(at.query_params["cell"]) == "1" and "mb-headline" in bodies(at)
    at = click(at, "present", "end")
    assert "present" not in at.query_params and at.text_input(key=key("notebook", "title")).value == "Running and jogging"


@pytest.mark.parametrize("cell", ["-3", "99999999999999", "²"])
def test_a_link_to_no_cell_opens_the_nearest(made, screen, cell):
    at = sound(screen(notebook=str(made), present="1", cell=cell))
    assert "Cell 1 of 3" in bodies(at)


def test_an_empty_library_with_a_notebook_still_shows_it(made, screen, workbench):
    workbench().library.delete([clip.clip_id for clip in workbench().library.clips()])
    at = sound(screen())
    assert at.text_input(key=key("notebook", "title")).value == "Running and jogging"
    assert "no longer in the library" in texts(at)
