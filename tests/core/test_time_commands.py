"""``align``, ``cadence`` and ``find`` as scripts meet them; in this process, since starting them takes longer than they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from core.__main__ import app
from core.decoding.writing import write_mp4
from core.manifest import Item
from core.settings import Settings
from core.workbench import Workbench


def colours(path: Path, seconds: float) -> Path:
    """From red through green to blue in so many seconds."""
    moments = np.linspace(0, 1, int(20 * seconds))
    mixed = np.stack([np.interp(moments, (0, 0.5, 1), values) for values in ((220, 40, 40), (40, 220, 40), (40, 40, 220))], 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mp4(path, [np.full((32, 48, 3), colour, np.uint8) for colour in mixed.round().astype(np.uint8)], 20)
    return path


class Timed:
    """A library with a slow and a fast film, and the commands over it."""

    def __init__(self, folder: Path) -> None:
        self.environment = {"MOTIONBOOK_HOME": str(folder / "library"), "MOTIONBOOK_ENCODER": "toy", "MOTIONBOOK_DEVICE": "cpu"}
        items = [Item(colours(folder / f"{name}.mp4", seconds), name, name) for name, seconds in (("slow", 4.0), ("fast", 2.6))]
        with Workbench(Settings.from_environment(self.environment)) as bench:
            assert bench.run_job(bench.enqueue(items)).added == 2
            self.ids = {clip.label: clip.clip_id for clip in bench.library.clips()}

    def __call__(self, *arguments: str) -> dict[str, Any]:
        done = CliRunner().invoke(app, [*arguments, "--json"], env=self.environment)
        return dict(json.loads(done.stdout))

    def reason(self, *arguments: str) -> str:
        return str(self(*arguments)["error"]["reason"])


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Timed:
    return Timed(tmp_path_factory.mktemp("timed"))


def test_align(timed: Timed) -> None:
    ids = timed.ids
    found = timed("align", ids["slow"][:10], f"clip:{ids['fast']}")
    assert list(found) == [*("encoder", "fingerprint", "a", "b", "inside", "path", "similarity", "speed", "chance", "table")]
    assert (found["a"]["clip"], found["b"]["clip"], found["inside"]) == (ids["slow"], ids["fast"], False)
    assert np.shape(found["table"]) == (len(found["a"]["seconds"]), len(found["b"]["seconds"]))
    path = np.array(found["path"])
    assert (np.diff(path, axis=0) > 0).all() and found["speed"] == pytest.approx(1.7, abs=0.2)
    assert found["chance"]["smallest_p"] >= 0.01 and found["similarity"] > found["chance"]["similarity"]
    part = timed("align", f"{ids['fast']}@0.5-2.0", ids["slow"], "--inside")
    assert part["inside"] and part["a"]["span"] == [0.5, 2.0]


def test_cadence(timed: Timed) -> None:
    ids = timed.ids
    (told,) = timed("cadence", ids["slow"])["clips"]
    assert list(told) == [
        *("clip", "name", "label", "span", "per_minute", "low", "high", "confidence", "moving_seconds", "reason"),
    ]
    assert told["per_minute"] is None and told["reason"]


def test_find(timed: Timed) -> None:
    ids = timed.ids
    found = timed("find", "label:fast", ids["slow"])
    assert list(found) == [*("query", "clip", "encoder", "own_source", "seconds", "similarity", "exact", "peaks")]
    assert len(found["seconds"]) == len(found["similarity"]) == len(found["exact"]) > 5
    fast = timed("find", "label:fast", ids["slow"], "--fast")
    assert len(fast["seconds"]) < len(found["seconds"])
    for peak in found["peaks"]:
        assert list(peak) == ["start_seconds", "end_seconds", "peak_seconds", "similarity"]


def test_mistakes_have_names(timed: Timed) -> None:
    ids = timed.ids
    assert timed.reason("align", "label:slow", ids["fast"]) == "bad-input"
    assert timed.reason("align", f"{ids['fast']}@0.5-0.9", ids["slow"]) == "not-enough-data"
    assert timed.reason("find", "label:nobody", ids["slow"]) == "unknown-name"
    assert timed.reason("find", "label:slow", f"{ids['slow']}@0-1") == "bad-input"
