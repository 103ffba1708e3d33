"""``teach`` and ``concepts`` as scripts meet them; in this process, since starting them takes longer than they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.__main__ import app
from core.settings import Settings
from core.workbench import Workbench
from tests.core.planted import plant_groups


class Shell:
    """The commands over a library of planted clips."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"MOTIONBOOK_HOME": str(folder / "library"), "MOTIONBOOK_ENCODER": "toy", "MOTIONBOOK_DEVICE": "cpu"}
        with Workbench(Settings.from_environment(self.environment)) as bench:
            self.ids = plant_groups(bench, folder, ["run", "jog", "wave"], 4, windows=3, noise=0.1)

    def __call__(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        done = CliRunner().invoke(app, [*arguments, "--json"], env=self.environment)
        assert done.exit_code == status, done.output
        return dict(json.loads(done.stdout))

    def told(self, *arguments: str) -> str:
        return CliRunner().invoke(app, arguments, env=self.environment).stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("shell"))


def test_teach_show_and_carry(shell: Shell) -> None:
    part = f"clip:{shell.ids['run'][0]}@0-1.5"
    made = shell(
        "teach", "fight", "--positive", part, "--positive", f"clips:{','.join(shell.ids['run'][1:3])}", "--negative", "label:jog"
    )
    assert (made["concept"], made["encoder"], made["negatives"], made["kept"], made["stale"]) == ("fight", "toy", 4, True, None)
    assert made["classes"][0]["examples"] == 3 and made["classes"][0]["target"] is None and made["classes"][0]["sentence"]
    assert [set(one) for one in made["heads"]] == [{"head", "average_precision", "low", "high", "auc"}] * 5
    assert made["head"] in made["why"]
    found = shell("concepts", "show", "fight")
    assert found["examples"][0] == {
        "clip": shell.ids["run"][0], "class": "fight", "start_seconds": 0.0, "end_seconds": 1.5, "origin": "taught"
    }  # fmt: skip
    assert shell("search", "concept:fight")["matches"][0]["clip"] == shell.ids["run"][3]
    out = shell.folder / "fight.concept"
    assert shell("concepts", "export", "fight", str(out))["bytes"] == out.stat().st_size
    assert shell("concepts", "import", str(out), status=3)["error"]["reason"] == "bad-input"
    assert shell("concepts", "import", str(out), "--name", "brawl")["concept"] == "brawl"
    assert shell("concepts", "rename", "brawl", "scrap")["classes"][0]["class"] == "scrap"
    shell("concepts", "forget", "scrap")
    assert [one["concept"] for one in shell("concepts", "list")["concepts"]] == ["fight"]
    assert shell("concepts", "restore", "scrap")["concept"] == "scrap"
    assert shell("concepts", "reteach", "scrap")["head"] == made["head"]
    assert "fight from" in shell.told("concepts", "show", "fight") and "scrap" in shell.told("concepts", "list")


def test_teach_from_a_label_several_classes_and_without_keeping(shell: Shell) -> None:
    tried = shell("teach", "waving", "--label", "wave", "--target", "precision:0.5", "--head", "svm", "--dry-run")
    assert (tried["kept"], tried["negatives"], tried["head"], tried["classes"][0]["target"]) == (False, 8, "svm", "precision:0.5")
    assert "concept:waving" in shell.told("teach", "waving", "--label", "wave")
    made = shell("teach", "gait", "--class", "running=label:run", "--class", "jogging=label:jog", "--negative", "label:wave")
    assert [(one["class"], one["examples"]) for one in made["classes"]] == [("running", 4), ("jogging", 4)]


@pytest.mark.parametrize(
    ("arguments", "reason", "hint"),
    [
        (["x"], "bad-input", "examples of x"),
        (["x", "--positive", "label:nothing"], "unknown-name", "try"),
        (["x", "--positive", "label:run", "--target", "often"], "bad-input", "target"),
        (["x", "--positive", "label:run", "--head", "forest"], "bad-input", "head"),
        (["x", "--positive", "label:run", "--class", "a=label:jog"], "bad-input", "--class"),
        (["x", "--class", "label:jog"], "bad-input", "NAME=QUERY"),
        (["x", "--positive", "label:run", "--negative", "label:run"], "bad-input", "either"),
        (["a/b", "--positive", "label:run"], "bad-input", "slash"),
        (["x", "--words", "running", "--dry-run"], "no-action-head", "classifier"),
    ],
)
def test_what_cannot_be_taught_says_why(shell: Shell, arguments: list[str], reason: str, hint: str) -> None:
    error = shell("teach", *arguments, status=3)["error"]
    assert error["reason"] == reason and hint in error["message"]
