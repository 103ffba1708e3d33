"""``watch`` as scripts meet it: JSON lines of what begins and ends, rules that act, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.__main__ import app
from core.rules import FLAGGED, Rule, Rulebook
from core.teaching import Teacher
from tests.core.test_acting import receiver
from tests.core.watchable import film, redness
from tests.tiny import toy_bench

FLAG_KEYS = ["event", "concept", "start_seconds", "end_seconds", "peak_seconds", "similarity", "confidence"]


@pytest.fixture
def red(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film that turns red, and a library that knows red."""
    monkeypatch.setenv("MOTIONBOOK_ENCODER", "toy")
    with toy_bench(home) as bench:
        Teacher(bench).keep(redness(bench))
    return film(tmp_path / "läuft.mp4", ("blue", 0.5), ("red", 3))


def ask(*words: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit status and the lines."""
    done = CliRunner().invoke(app, ["watch", *words, "--json"])
    if done.stdout.startswith("{\n"):
        return done.exit_code, [json.loads(done.stdout)]
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_film_is_watched_in_its_own_time_until_a_rule_ends_it(red: Path, home: Path) -> None:
    with receiver(200) as (url, heard):
        with toy_bench(home) as bench:
            made = Rulebook(bench).save(Rule("reds", "red", actions=("webhook", "exit"), webhook=url))
        status, (refusal,) = ask(str(red), "--rule", "reds")
        assert status == 3 and "must be armed" in refusal["error"]["message"]
        with toy_bench(home) as bench:
            Rulebook(bench).arm(Rulebook(bench).rehearsed(made.rule_id, 0, 0.0, "").rule_id)
        status, lines = ask(str(red), "--rule", "reds")
    flags = [line for line in lines if "concept" in line]
    assert status == FLAGGED and [line["event"] for line in flags] == ["began", "ended"] and len(heard) == 1
    assert list(flags[0]) == [*FLAG_KEYS, "late_seconds", "where"] and list(flags[1]) == [*FLAG_KEYS, "where"]
    assert flags[0]["where"] == "läuft.mp4" and 0 <= flags[0]["start_seconds"] < flags[1]["end_seconds"] <= 3.6
    assert lines[-1]["event"] == "end" and lines[-1]["flags"] == 1 and lines[-1]["windows"] > 0
    assert "connected" in [line["words"] for line in lines if line["event"] == "state"]
    with toy_bench(home) as bench:
        (line,) = Rulebook(bench).log()
    assert line.outcome == "webhook delivered (200)" and line.place == "läuft.mp4"


def test_a_folder_is_watched_for_so_long(red: Path) -> None:
    status, lines = ask(str(red.parent), "--concept", "red", "--for", "0.1")
    assert status == 0 and [line["event"] for line in lines] == ["state", "end"]


@pytest.mark.parametrize(
    ("words", "said"),
    [(["x.mp4"], "what to look for"), (["x.mp4", "--concept", "red"], "must be rtsp"), (["f", "--rule", "no"], "no")],
)
@pytest.mark.usefixtures("red")
def test_what_cannot_be_watched_is_told(words: list[str], said: str) -> None:
    status, (answer,) = ask(*words)
    assert status == 3 and said in answer["error"]["message"]
