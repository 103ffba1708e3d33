"""The import rules of docs/architecture.md, proved on the sources: downward only, one foreign library per room."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

# A module may import rooms of lower rank only, and its own room. Rooms of one rank do not know each other.
RANKS = {
    "core.errors": 0,
    "core.clips": 1,
    "core.sampling": 2,
    "core.alterations": 3,
    "core.machine": 2,
    "core.similarity": 2,
    "core.addresses": 1,
    "core.settings": 2,
    "core.processes": 2,
    "core.colours": 2,
    "core.rasters": 2,
    "core.downloads": 2,
    "core.errands": 2,
    "core.queries": 2,
    "core.filtering": 2,
    "core.feedback": 3,
    "core.searches": 5,
    "core.spaces": 8,
    "core.searching": 9,
    "core.manifest": 2,
    "core.motion": 2,
    "core.flags": 2,
    "core.flagging": 4,
    "core.long_files": 5,
    "core.concepts": 2.5,
    "core.concept_files": 2.7,
    "core.heads": 3,
    "core.looking": 9,
    "core.scan_forms": 9.2,
    "core.recalibrating": 9.3,
    "core.watching": 9.5,
    "core.held_out": 2,
    "core.operating": 4,
    "core.promises": 4,
    "core.calibrating": 5,
    "core.judging": 4,
    "core.lessons": 8,
    "core.concept_sides": 6,
    "core.teaching": 8.5,
    "core.curves": 6,
    "core.alignment": 3,
    "core.strips": 3,
    "core.cadence": 3,
    "core.pacing": 5,
    "core.takes": 6.5,
    "core.timelines": 8,
    "core.live": 9,
    "core.cutting": 8,
    "core.cutlists": 9,
    "core.previewing": 8,
    "core.statistics": 3,
    "core.quantising": 3,
    "core.scanning": 4,
    "core.resampling": 3,
    "core.separating": 3,
    "core.verdicts": 6,
    "core.evidence": 7,
    "core.ordering": 3,
    "core.agreement": 3,
    "core.decoding": 3,
    "core.encoders": 3,
    "core.store": 3,
    "core.sheets": 3,
    "core.figures": 4,
    "core.pictures": 4,
    "core.drawing": 3,
    "core.kth": 3,
    "core.weights": 4,
    "core.serving": 4,
    "core.shelf": 5,
    "core.samples": 4,
    "core.starting": 5,
    "core.embedding": 4,
    "core.worker": 5,
    "core.speed": 5,
    "core.disagreeing": 5,
    "core.collecting": 4,
    "core.overlaying": 5,
    "core.overlays": 6,
    "core.mixing": 4,
    "core.words": 5,
    "core.comparing": 5,
    "core.evaluating": 6,
    "core.pairing": 6,
    "core.exporting": 6,
    "core.ingesting": 6,
    "core.workbench": 7,
    "core.choosing": 7,
    "core.adviser": 8,
    "core.projecting": 3,
    "core.projector": 4,
    "core.mapping": 8,
    "core.affinity": 9,
    "core.grouping": 3,
    "core.clustering": 9,
    "core.suspects": 9,
    "core.asking": 10,
    "core.augmenting": 8.2,
    "core.learning_curve": 10,
    "core.duplicates": 3,
    "core.leakage": 9,
    "core.occluding": 4,
    "core.explained": 5,
    "core.surviving": 6,
    "core.explaining": 8,
    "core.checkup": 8,
    "core.answers": 8,
    "core.acting": 3,
    "core.rules": 10,
    "core.arrivals": 3,
    "core.onlooking": 9.5,
    "core.guarding": 11,
    "core.map_answers": 10,
    "core.teach_answers": 10,
    "core.notebooks": 10,
    "core.commands": 12,
    "core.__main__": 13,
}

# Foreign libraries that exactly one room knows.
OWNERS = {
    "av": {"core.decoding"},
    "chromadb": {"core.store"},
    "sqlalchemy": {"core.store"},
    "torch": {"core.encoders"},
    "pytorchvideo": {"core.encoders"},
    "openvino": {"core.encoders"},
    "safetensors": {"core.encoders", "core.concept_files"},
    "transformers": {"core.encoders"},
    "tensorflow": {"core.encoders"},
    "plotly": {"core.figures"},
    "matplotlib": {"core.pictures"},
    "cv2": {"core.drawing", "core.motion"},
    "numkong": {"core.quantising"},
    "sklearn": {"core.statistics", "core.projecting", "core.grouping", "core.heads"},
    "umap": {"core.projecting"},
    "threadpoolctl": {"core.projecting", "core.grouping"},
    "markdown_it": {"core.notebooks"},
    "nbformat": {"core.notebooks"},
    "typer": {"core.__main__", "core.commands"},
    "rich": {"core.__main__", "core.commands"},
}


def modules() -> dict[str, Path]:
    found = {}
    for path in [PROJECT / "app.py", *sorted(PROJECT.glob("core/**/*.py")), *sorted(PROJECT.glob("pages/**/*.py"))]:
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; write the room's name"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def room_of(name: str) -> str:
    return ".".join(name.split(".")[:2])


MODULES = modules()
CORE = sorted(name for name in MODULES if name.startswith("core."))


def test_there_are_modules_to_look_at() -> None:
    assert len(CORE) > 30
    assert any(name.startswith("pages.") for name in MODULES)
    assert {room_of(name) for name in CORE} == set(RANKS), "a new room needs its rank here and in docs/architecture.md"


@pytest.mark.parametrize("name", CORE)
def test_core_imports_downward_only(name: str) -> None:
    room = room_of(name)
    for used in {room_of(used) for used in imports(MODULES[name]) if used.startswith("core.") and room_of(used) in RANKS}:
        assert used == room or RANKS[used] < RANKS[room], f"{name} must not import {used}: it stands at the same height or above"


@pytest.mark.parametrize("name", CORE)
def test_core_knows_no_screen(name: str) -> None:
    assert not {used for used in imports(MODULES[name]) if used.split(".")[0] in ("streamlit", "pages", "app")}


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_one_room_per_foreign_library(library: str) -> None:
    users = {room_of(name) for name, path in MODULES.items() if any(used.split(".")[0] == library for used in imports(path))}
    assert users == OWNERS[library]


@pytest.mark.parametrize(
    "name", sorted(name for name in MODULES if name.startswith("pages.") and not name.startswith("pages.parts"))
)
def test_pages_stay_thin(name: str) -> None:
    lines = MODULES[name].read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 100, f"{name} has {len(lines)} lines; move pieces to pages/parts or the core"
