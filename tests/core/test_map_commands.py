"""``map``, ``clusters``, ``suspects`` and ``leakage`` as scripts meet them: what is printed and written, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas
import PIL.Image
import pytest
from typer.testing import CliRunner

from core.__main__ import app
from core.errors import Cancelled
from tests.core.planted import plant_groups
from tests.tiny import toy_bench

OF = ["encoder", "fingerprint"]
MAP_KEYS = [*OF, "settings", "made_at", "revision", "current", "new", "gone", "notes", "places", "out"]
PLACE_KEYS = ["clip", "window", "start_seconds", "end_seconds", "x", "y"]
CLUSTERS_KEYS = [*OF, "method", "seed", "silhouette", "outside", "why_unnamed", "clusters", "odd", "members"]
CLUSTER_KEYS = ["cluster", "name", "size", "sources", "called", "labels", "unlabelled", "actions", "fit"]
SUSPECTS_KEYS = [*OF, "sentence", "judged", "unjudged", "suspects"]
SUSPECT_KEYS = [
    *("clip", "name", "label", "suggested", "margin", "own", "other", "strong", "votes", "neighbours", "sentence"),
]
DUPLICATES_KEYS = [*OF, "sentence", "least", "pairs", "families"]
LEAKAGE_KEYS = [
    *(*OF, "sides", "clean", "sentence", "clips", "sources", "shared_clips", "shared_sources", "pairs", "unknown", "least"),
]


@pytest.fixture
def ids(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    monkeypatch.setenv("MOTIONBOOK_ENCODER", "toy")
    with toy_bench(home) as bench:
        return plant_groups(bench, tmp_path, ["run", "jog"], 6, windows=2)


def ask(*words: str) -> tuple[int, dict[str, Any]]:
    """The exit status and the one JSON object."""
    done = CliRunner().invoke(app, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout)


@pytest.mark.usefixtures("ids")
def test_a_map_is_made_kept_and_written(tmp_path: Path) -> None:
    picture, page, table = (tmp_path / f"map.{form}" for form in ("png", "html", "csv"))
    status, made = ask("map", "--method", "pca", "--out", str(picture))
    assert status == 0 and list(made) == MAP_KEYS and made["out"] == str(picture)
    assert [list(one) for one in made["places"]] == [PLACE_KEYS] * 12 and made["settings"] == {"method": "pca", "of": "clips"}
    with PIL.Image.open(picture) as image:
        assert "toy" in image.text["Comment"] and "Map of 12 places by PCA" in image.text["Description"]
    _, again = ask("map", "--method", "pca", "--by", "cluster", "--out", str(table))
    assert again["made_at"] == made["made_at"], "kept"
    rows = pandas.read_csv(table, comment="#")
    assert list(rows["clip"]) == [one["clip"] for one in made["places"]] and set(rows["cluster"]) == {"run", "jog"}
    told = CliRunner().invoke(app, ["map", "--method", "pca", "--again", "--of", "moments", "--by", "source", "--out", str(page)])
    assert told.exit_code == 0 and "24 moments by PCA" in told.stdout and "spread" in told.stdout
    text = page.read_text(encoding="utf-8")
    assert "scattergl" in text and "person 3" in text and "Motionbook" in text
    for wrong in (["--method", "som"], ["--by", "day"], ["--out", "map.doc"], ["--weight", "rgb"]):
        status, refused = ask("map", "--method", "pca", *wrong)
        assert (status, refused["error"]["reason"]) == (3, "bad-input")


def test_a_map_that_is_old_is_made_again(ids: dict[str, list[str]], home: Path) -> None:
    _, first = ask("map", "--method", "pca")
    with toy_bench(home) as bench:
        bench.library.delete(ids["run"][:2])
    _, second = ask("map", "--method", "pca")
    assert len(second["places"]) == 10 and second["current"] and second["made_at"] > first["made_at"]


@pytest.mark.usefixtures("ids")
def test_a_map_that_is_interrupted_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_args: object, **_more: object) -> None:
        raise Cancelled("making the map was stopped")

    monkeypatch.setattr("core.mapping.place", stopped)
    status, told = ask("map", "--method", "tsne")
    assert (status, told["error"]["reason"]) == (3, "cancelled")


def test_clusters_suspects_and_leakage(ids: dict[str, list[str]], home: Path) -> None:
    status, found = ask("clusters", "--method", "kmeans", "--k", "2")
    assert status == 0 and list(found) == CLUSTERS_KEYS and [list(one) for one in found["clusters"]] == [CLUSTER_KEYS] * 2
    assert [one["called"] for one in found["clusters"]] == ["all run (6)", "all jog (6)"] and len(found["members"]) == 12
    told = CliRunner().invoke(app, ["clusters"]).stdout
    assert "all run (6)" in told and "no classifier" in told

    with toy_bench(home) as bench:
        bench.library.relabel(ids["run"][:1], label="jog")
    status, found = ask("suspects")
    assert status == 0 and list(found) == SUSPECTS_KEYS and list(found["suspects"][0]) == SUSPECT_KEYS
    assert found["suspects"][0]["clip"] == ids["run"][0] and found["suspects"][0]["suggested"] == "run"
    assert "looks much more like run" in CliRunner().invoke(app, ["suspects"]).stdout

    status, found = ask("leakage", "label:run", "label:jog")
    assert status == 1 and list(found) == LEAKAGE_KEYS and not found["clean"]
    assert [one["source"] for one in found["shared_sources"]] == [f"person {number}" for number in range(1, 6)]
    status, found = ask("leakage", "source:person 1", "source:person 2", "--least", "0.99")
    assert status == 0 and found["clean"] and found["sentence"].startswith("The split is clean")
    assert "The split leaks" in CliRunner().invoke(app, ["leakage", "label:run", "label:jog"]).stdout
    status, found = ask("leakage", "--least", "1")
    assert status == 0 and list(found) == DUPLICATES_KEYS and found["pairs"] == []
    assert ask("leakage", "label:run")[1]["error"]["reason"] == "bad-input"
