"""A small real library (toy encoder, flat films) for the screens, and a fresh process state for each test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.decoding.writing import write_mp4
from core.manifest import Item
from core.settings import Settings
from core.workbench import Workbench
from pages.parts import bench as benches

PROJECT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


def film(path: Path, colour: tuple[int, int, int], seconds: float = 1.2) -> Path:
    """A film of one colour whose brightness grows: the toy encoder tells colours apart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = [np.full((48, 64, 3), colour, np.uint8) // 2 + np.uint8(4 * number) for number in range(int(10 * seconds))]
    write_mp4(path, frames, 10)
    return path


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No workbench of another test, and none left open."""
    monkeypatch.setenv("MOTIONBOOK_ENCODER", "toy")
    monkeypatch.chdir(PROJECT)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()  # closes the workbench (on_release)


@pytest.fixture(scope="session")
def made_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Running and jogging by two people, one clip without label, one whose name is full of markup."""
    folder = tmp_path_factory.mktemp("films")
    home = folder / "library"
    reds, greens = (200, 30, 30), (30, 200, 30)
    items = [
        Item(film(folder / "run-ann.mp4", reds), "running", "ann"),
        Item(film(folder / "run-bob.mp4", (190, 40, 30)), "running", "bob"),
        Item(film(folder / "jog-ann.mp4", greens), "jogging", "ann"),
        Item(film(folder / "jog-bob.mp4", (40, 190, 30)), "jogging", "bob"),
        Item(film(folder / "wave-cat.mp4", (30, 30, 200)), "waving <b>&[x](y)", "cat", synthetic=True),
        Item(film(folder / "plain.mp4", (90, 90, 90)), name="**bold** :red[x] $y$ <script>.mp4"),
    ]
    with Workbench(Settings.from_environment({"MOTIONBOOK_HOME": str(home), "MOTIONBOOK_ENCODER": "toy"})) as bench:
        report = bench.run_job(bench.enqueue(items))
        assert report.added == len(items), report
    return home


@pytest.fixture
def library(made_library: Path, home: Path) -> Path:
    """A copy that the test may change."""
    shutil.copytree(made_library, home)
    return home


@pytest.fixture
def screen() -> Open:
    """``screen("compare", q=[...])``: that page, run once."""

    def show(page: str = "", **params: object) -> AppTest:
        at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        if page:
            at.switch_page(f"pages/{page}.py")
        for name, value in params.items():
            at.query_params[name] = value
        return at.run()

    return show


@pytest.fixture
def workbench() -> Callable[[], Workbench]:
    """The one that the screens use."""
    return benches.workbench


def texts(at: AppTest) -> str:
    """Everything that is written on the screen, one line each, as people read it: without the marks that escape Markdown."""
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.info, at.warning, at.error, at.metric, at.toast)
    lines = [str(element.value) for kind in kinds for element in kind]
    lines += [*(str(button.label) for button in at.button), *(str(box.label) for box in at.expander)]
    return "\n".join(lines).replace("\\", "").replace("\u00a0", " ")


def pieces(at: AppTest, name: str) -> list[dict]:
    """What the pieces drawn by our own scripts were given: "motionbook_sync" or "motionbook_heatmap"."""
    found = [element.proto for element in at.get("bidi_component")]
    return [json.loads(proto.json) for proto in found if proto.component_name == name]


def films(at: AppTest) -> list[dict]:
    """The films that the page plays together."""
    return [film for piece in pieces(at, "motionbook_sync") for film in piece["films"]]


def press(at: AppTest, label: str) -> AppTest:
    """Press the one button whose label begins so, and run."""
    found = [button for button in at.button if button.label.startswith(label)]
    assert len(found) == 1, f"{label!r} among {[button.label for button in at.button]}"
    return found[0].click().run()


def sound(at: AppTest) -> AppTest:
    """No defect: neither a traceback nor the sentence that stands for one."""
    assert not at.exception, at.exception
    assert not [error.value for error in at.error if "unexpected" in error.value]
    return at
