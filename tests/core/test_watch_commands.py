"""``scan`` and ``flags`` as scripts meet them: what is printed and written, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas
import pytest
from typer.testing import CliRunner

from core import workbench
from core.__main__ import app
from core.embedding import WorkerEmbedder
from core.manifest import Item
from core.rules import FLAGGED
from core.watching import Watcher
from tests.core.watchable import film, redness
from tests.tiny import KeptOpen, toy_bench

FLAG_KEYS = [
    *("concept", "start_seconds", "end_seconds", "peak_seconds", "similarity", "confidence"),
    *("score", "verdict", "flag", "scan", "file", "clip"),
]


def ask(*words: str | Path) -> tuple[int, dict[str, Any]]:
    """The exit status and the one JSON object."""
    done = CliRunner().invoke(app, [*map(str, words), "--json"])
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def yard(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_worker: WorkerEmbedder) -> Path:
    """A folder with a film that is in the library, and a text by a film's name; a library that knows red."""
    monkeypatch.setenv("MOTIONBOOK_ENCODER", "toy")
    monkeypatch.setattr(workbench, "WorkerEmbedder", lambda _: KeptOpen(toy_worker))
    path = film(tmp_path / "yard" / "gate.mp4", ("blue", 2), ("red", 3))
    (path.parent / "note.mp4").write_text("no video")
    with toy_bench(home) as bench:
        bench.run_job(bench.enqueue([Item(path, "gate", "cam")]))
        bench.library.concepts.keep(redness(bench))
    return path.parent


def test_a_folder_is_scanned_and_its_flags_are_judged_and_taken_along(yard: Path, tmp_path: Path) -> None:
    status, found = ask("scan", yard, "--concept", "red")
    assert status == 1, "a file was refused"
    (flag,) = found["flags"]
    assert list(flag)[-2:] == ["file", "clip"] and flag["file"] == str(yard / "gate.mp4") and flag["clip"]
    assert (found["state"], [one["reason"] for one in found["refused"]]) == ("done", ["not-a-video"])
    status, listed = ask("flags", "list", "--scan", str(found["scan"]))
    (kept,) = listed["flags"]
    assert (status, list(kept), kept["verdict"]) == (0, FLAG_KEYS, "")
    number = str(kept["flag"])
    assert ask("flags", "reject", number) == (0, {"verdict": "rejected", "flags": [{"flag": kept["flag"], "before": ""}]})
    assert ask("flags", "accept", number)[1]["flags"][0]["before"] == "rejected"
    assert ask("flags", "list", "--verdict", "open")[1] == {"flags": []}
    table = tmp_path / "flags.csv"
    assert ask("flags", "export", table, "--verdict", "accepted") == (0, {"out": str(table), "flags": 1})
    assert list(pandas.read_csv(table, comment="#")["concept"]) == ["red"]
    status, told = ask("flags", "recalibrate", "red")
    assert (status, told["accepted"], told["rejected"]) == (0, 1, 0) and "1 of 1 would fire again" in told["sentence"]
    status, told = ask("flags", "learn", "red")
    assert (status, told.get("learnt"), told.get("examples")) == (0, 1, 1), told
    assert ask("flags", "reopen", number)[0] == 0
    assert ask("flags", "learn", "red")[1]["error"]["reason"] == "bad-input"
    told = CliRunner().invoke(app, ["flags", "list"])
    assert "gate.mp4" in told.stdout
    assert [one["flags"] for one in ask("flags", "scans")[1]["scans"]] == [1]


@pytest.mark.usefixtures("yard")
def test_clips_of_a_query_are_scanned_and_tried_dry() -> None:
    status, found = ask("scan", "label:gate", "--concept", "red")
    assert (status, len(found["flags"]), found["refused"]) == (0, 1, [])
    status, dry = ask("scan", "source:cam", "--concept", "red", "--dry-run")
    assert (status, dry["clips"], len(dry["flags"])) == (0, 1, 1)
    assert dry["sentence"].startswith("Would have fired 1 time in 0.1 minutes")
    assert ask("scan", "--concept", "red", "--dry-run", "--fail-on-flag")[0] == FLAGGED
    assert len(ask("flags", "list")[1]["flags"]) == 1, "a dry run keeps nothing"


@pytest.mark.usefixtures("yard")
def test_an_interrupted_scan_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = film(tmp_path / "long.mp4", ("blue", 2), ("red", 2))
    with monkeypatch.context() as interrupted:
        run = Watcher.run
        interrupted.setattr(Watcher, "run", lambda watcher, scan_id, progress, _: run(watcher, scan_id, progress, lambda: True))
        done = CliRunner().invoke(app, ["scan", str(long), "--concept", "red"])
    assert done.exit_code == 1 and "--resume 1" in done.stderr
    status, found = ask("scan", "--resume", "1")
    assert (status, found["state"], found["windows"], len(found["flags"])) == (0, "done", 7, 1)


def test_what_cannot_be_done_is_named(yard: Path) -> None:
    for words, reason in (
        ([yard / "note.mp4", "--concept", "red"], "not-a-video"),
        ([yard / "gate.mp4"], "bad-input"),
        ([yard / "gate.mp4", "--concept", "rad"], "unknown-name"),
        ([yard / "nothing.mp4", "--concept", "red"], "bad-input"),
        (["label:none", "--concept", "red"], "unknown-name"),
        (["action:running", "--concept", "red"], "bad-input"),
        (["--concept", "red"], "bad-input"),
        (["--resume", "99"], "unknown-name"),
        ([yard / "gate.mp4", "--concept", "red", "--off", "0"], "bad-input"),
        ([yard / "gate.mp4", "--concept", "red", "--dry-run"], "bad-input"),
    ):
        status, told = ask("scan", *words)
        assert (status, told["error"]["reason"]) == (3, reason), words
