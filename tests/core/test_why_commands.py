"""``why`` and ``scenery`` as scripts meet them: what is printed, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.__main__ import app
from core.manifest import Item
from core.surviving import KINDS
from tests.tiny import make_clips, toy_bench

WHY_KEYS = ["encoder", "fingerprint", "similarity", "maps", "shared_actions", "passes", "seconds", "sentence"]
MAP_KEYS = ["clip", "window", "similarity", "view", "places", "moments", "windows", "course"]
SCENERY_KEYS = [
    *("encoder", "fingerprint", "clips", "similarity", "chance", "references", "survivals", "streams", "sentence"),
]
SURVIVAL_KEYS = ["kind", "similarity", "survives", "itself", "chance"]


@pytest.fixture
def ids(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("MOTIONBOOK_ENCODER", "toy")
    with toy_bench(home) as bench:
        bench.run_job(bench.enqueue([Item(path) for path in make_clips(tmp_path / "clips", 5)]))
        return [clip.clip_id for clip in bench.library.clips()]


def ask(*words: str) -> tuple[int, dict[str, Any]]:
    """The exit status and the one JSON object."""
    done = CliRunner().invoke(app, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_the_answers_and_how_they_are_kept(ids: list[str]) -> None:
    first, second, *_ = ids
    status, why = ask("why", first, second[:12])
    assert status == 0 and list(why) == WHY_KEYS and [list(one) for one in why["maps"]] == [MAP_KEYS] * 2
    assert [one["clip"] for one in why["maps"]] == [first, second]
    assert why["passes"] == 90 and len(why["maps"][0]["places"]) == 7 and why["sentence"].endswith(".")
    _, again = ask("why", second, first)
    assert again["maps"] == why["maps"][::-1] and again["seconds"] == why["seconds"], "kept, and turned"

    status, scenery = ask("scenery", first, second)
    assert status == 0 and list(scenery) == SCENERY_KEYS
    assert [one["kind"] for one in scenery["survivals"]] == list(KINDS)
    assert [list(one) for one in scenery["survivals"]] == [SURVIVAL_KEYS] * len(KINDS)
    assert scenery["clips"] == [first, second] and scenery["references"] == 3 and scenery["streams"] == []
    for command, told in (("why", "hundredths of similarity"), ("scenery", "as filmed")):
        assert told in CliRunner().invoke(app, [command, first, second]).stdout

    assert ask("why", first, first)[1]["error"]["reason"] == "bad-input"
    status, unknown = ask("scenery", first, "0" * 64)
    assert (status, unknown["error"]["reason"]) == (3, "unknown-name")
