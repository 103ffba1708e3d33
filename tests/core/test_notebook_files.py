"""A notebook as files: the page opens without a network, the Jupyter notebook gives the same numbers, the CSV holds them all."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pytest
from typer.testing import CliRunner

from core import notebooks
from core.__main__ import app
from core.decoding import Decoder
from core.errors import BadInput
from core.manifest import Item
from core.notebooks import films
from core.store import Cell, Notebook
from core.workbench import Workbench
from tests.tiny import make_clip, toy_bench

HOSTILE = "</script><script>window.hacked = 1</script> \"' <img src=x onerror=window.hacked=2> =1+1"
QUERIES = ["label:running", "label:jogging"]
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of four clips with hostile names, and a notebook of every kind of cell."""
    folder = tmp_path_factory.mktemp("files")
    items = [
        Item(make_clip(folder / f"{number}.mp4", number, count=60), label, f"person {number}", f"{HOSTILE[:60]} {number}")
        for number, label in enumerate(["running", "jogging", "running", "jogging"])
    ]
    with toy_bench(folder / "library") as bench:
        bench.run_job(bench.enqueue(items))
        shelf = bench.library.notebooks
        made = shelf.create(HOSTILE)
        shelf.add(made, Cell("text", "", {"markdown": f"# Why\n\n{HOSTILE}\n\n![x](https://example.org/x.png)"}))
        one = notebooks.pin(bench, made, "comparison", HOSTILE, {"queries": QUERIES, "encoder": "toy"})
        shelf.change(made, one, note=HOSTILE)
        notebooks.pin(bench, made, "heat", "all", {"by": "clip", "encoder": "toy"})
        notebooks.pin(bench, made, "search", "near", {"q": ["label:running"], "top": "2", "encoder": "toy", "moments": "1"})
        notebooks.pin(bench, made, "clips", "some", {"clips": [clip.clip_id for clip in bench.library.clips()[:2]]})
    return folder / "library"


@pytest.fixture(scope="module")
def bench(home: Path) -> Iterator[Workbench]:
    with toy_bench(home) as opened:
        yield opened


@pytest.fixture
def notebook(bench: Workbench) -> Notebook:
    return bench.library.notebooks.get(bench.library.notebooks.all()[-1].notebook_id)


def test_the_csv_holds_every_number(bench: Workbench, notebook: Notebook) -> None:
    rows = list(csv.DictReader(io.StringIO(notebooks.content(bench, notebook, ".csv").decode())))
    kinds = [row["kind"] for row in rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {"comparison": 3, "heat": 10, "search": 2, "clips": 2}
    between = rows[1]
    answer = notebook.cells[1].answer
    assert (between["a"], between["b"], between["pairs"]) == (*QUERIES, "4") and between["encoder"] == "toy"
    assert float(between["similarity"]) == pytest.approx(answer["numbers"][1]["similarity"], abs=1e-6)
    assert all(not value.startswith(("=", "+", "@")) for row in rows for value in row.values())


def test_the_jupyter_notebook_gives_the_same_numbers(home: Path, tmp_path: Path) -> None:
    """Run as a reader would, in a kernel of its own, over a copy of the library that nobody holds open."""
    copy = tmp_path / "library"
    shutil.copytree(home, copy)
    with toy_bench(copy) as opened:
        made = opened.library.notebooks.get(opened.library.notebooks.all()[-1].notebook_id)
        text = notebooks.content(opened, made, ".ipynb").decode()
    before = nbformat.reads(text, as_version=4)
    nbformat.validate(before)
    expected = [outputs[0]["text"] for cell in before.cells if (outputs := cell.get("outputs"))]
    environment = {**os.environ, "MOTIONBOOK_HOME": str(copy), "MOTIONBOOK_ENCODER": "toy", "PYTHONPATH": str(PROJECT)}
    after = nbclient.NotebookClient(before, timeout=120, kernel_name="python3").execute(env=environment, cwd=str(tmp_path))
    printed = [
        "".join(output["text"] for output in cell["outputs"] if output["output_type"] == "stream" and output["name"] == "stdout")
        for cell in after.cells
        if cell["cell_type"] == "code" and cell["outputs"]
    ]
    assert len(expected) == 4 and printed == expected
    assert "running × jogging: similarity" in expected[0]


def test_json_is_taken_in_by_another_library(bench: Workbench, notebook: Notebook) -> None:
    text = notebooks.content(bench, notebook, ".json").decode()
    made = bench.library.notebooks.get(notebooks.take_in(bench, text))
    assert made.title == " ".join(HOSTILE.split())
    assert [(cell.kind, cell.question) for cell in made.cells] == [(cell.kind, cell.question) for cell in notebook.cells]
    assert all(cell.answer is None for cell in made.cells), "answers are the other library's own matter"
    notebooks.run(bench, made.notebook_id)
    assert bench.library.notebooks.get(made.notebook_id).cells[1].answer["numbers"] == notebook.cells[1].answer["numbers"]
    bench.library.notebooks.forget(made.notebook_id)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "other", "title": "x", "cells": []}',
        json.dumps({"format": "motionbook-notebook-1", "title": "x", "cells": [{"kind": "teleport"}]}),
        json.dumps({"format": "motionbook-notebook-1", "title": "x", "cells": [{"kind": "heat", "title": "", "question": 1}]}),
        json.dumps({"format": "motionbook-notebook-1", "title": "x", "cells": [{}] * 500}),
        json.dumps({"format": "motionbook-notebook-1", "title": "x", "cells": [
            {"kind": "text", "title": "", "question": {"markdown": "x" * 30_000}}]}),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_and_makes_nothing(bench: Workbench, text: str) -> None:
    before = len(bench.library.notebooks.all())
    with pytest.raises(BadInput):
        notebooks.take_in(bench, text)
    assert len(bench.library.notebooks.all()) == before


def test_the_page_is_inert_and_whole(bench: Workbench, notebook: Notebook) -> None:
    page = notebooks.content(bench, notebook, ".html").decode()
    assert "default-src 'none'" in page and "connect-src 'none'" in page and "unsafe-eval" not in page
    head = page[: page.index("</head>")]
    assert "<img" not in head and page.count("<script") == page.count("</script>") == 4, "two figures' data, Plotly, drawing"
    assert "<img src=x" not in page and "https://example.org/x.png" in page and '<img src="https' not in page
    assert page.count("data:video/mp4;base64,") == 6 and page.count('class="poster"') == 6
    assert "@media print" in page and page.count('class="still"') == 2
    pictures = notebooks.content(bench, notebook, ".html", films=False)
    assert b"data:video" not in pictures and b"<video" not in pictures and len(pictures) < len(page.encode())
    films = len(notebooks.spots(bench, notebook))
    assert abs(notebooks.estimated_bytes(films, "none") / len(pictures) - 1) < 0.2


def test_the_archive_has_the_films_beside_the_page(bench: Workbench, notebook: Notebook) -> None:
    content = notebooks.content(bench, notebook, ".zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        page = archive.read("notebook.html").decode()
    assert names[0] == "notebook.html" and len(names) == len(set(names)) == 5, "two clips, and two moments of one"
    assert all(f'src="{name}"' in page for name in names[1:]) and "data:video" not in page
    assert all(".." not in name and name.isascii() and " " not in name for name in names)


def test_small_films_are_short_and_small(bench: Workbench, notebook: Notebook) -> None:
    (place, *_) = notebooks.spots(bench, notebook)
    made = films.make(bench, [place])[place]
    kept = bench.library.derived(place[0], "small.0-4000.mp4")
    assert made.mp4 == kept and made.poster[:2] == b"\xff\xd8"
    path = bench.settings.home / "derived" / f"{place[0]}.small.0-4000.mp4"
    with Decoder(bench.settings.limits) as decoder:
        info = decoder.probe(path)
    assert info.duration_seconds == pytest.approx(4.0, abs=0.15) and max(info.width_px, info.height_px) <= films.SIDE_PX


def test_small_films_are_erased_with_their_clip(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "library"
    shutil.copytree(home, copy)
    with toy_bench(copy) as opened:
        which = opened.library.notebooks.all()[-1].notebook_id
        places = notebooks.spots(opened, opened.library.notebooks.get(which))
        films.make(opened, places)
        doomed = places[0][0]
        assert list(copy.rglob(f"{doomed}.small.*"))
        opened.library.erase([doomed])
        assert not [
            path for path in copy.rglob("*") if path.is_file() and doomed.encode() in str(path).encode() + path.read_bytes()
        ]
        assert "clips" not in [cell.kind for cell in opened.library.notebooks.get(which).cells], "it asked about that clip"


def test_an_unknown_form_is_refused(bench: Workbench, notebook: Notebook) -> None:
    with pytest.raises(BadInput, match="html"):
        notebooks.content(bench, notebook, ".docx")


def test_the_commands_list_run_export_and_import(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "library"
    shutil.copytree(home, copy)
    monkeypatch.setenv("MOTIONBOOK_HOME", str(copy))
    monkeypatch.setenv("MOTIONBOOK_ENCODER", "toy")

    def told(*words: str, status: int = 0) -> dict:
        done = CliRunner().invoke(app, ["notebook", *words, "--json"])
        assert done.exit_code == status, done.output
        return json.loads(done.stdout)

    which = str(told("list")["notebooks"][-1]["notebook"])
    shown = told("show", which)
    assert [cell["kind"] for cell in shown["cells"]] == ["text", "comparison", "heat", "search", "clips"]
    ran = told("run", which)
    assert ran["cells"][1]["answer"]["numbers"] == shown["cells"][1]["answer"]["numbers"] and ran["cells"][1]["changes"] == []
    out = told("export", which, str(tmp_path / "questions.json"))
    assert out["bytes"] == (tmp_path / "questions.json").stat().st_size and out["cells"] == 5
    made = told("import", str(tmp_path / "questions.json"))
    assert [cell["question"] for cell in made["cells"]] == [cell["question"] for cell in shown["cells"]]
    assert told("export", which, str(tmp_path / "x.docx"), status=3)["error"]["reason"] == "bad-input"
    assert told("show", "999", status=3)["error"]["reason"] == "unknown-name"
