"""``choose`` and ``disagree`` as scripts and people meet them: real processes over a library made beforehand."""

from __future__ import annotations

import pytest

from core.manifest import Item
from core.settings import Settings
from core.store import Library
from core.workbench import Workbench
from tests.core.test_contract import Shell
from tests.faked import FakeEmbedder
from tests.tiny import make_clip

CANDIDATE_KEYS = [
    *("encoder", "found_first", "mean_average_precision", "exam_clips", "exam_sources"),
    *("seconds_per_window", "seconds_per_minute", "engine", "processor_free", "lacking_clips", "missing_clips"),
]
OTHER = "flow"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Twelve clips of two labels and three people, which the toy encoder and, in pretence, another one have embedded."""
    shell = Shell(tmp_path_factory.mktemp("choosing"), MOTIONBOOK_ENCODER="")
    paths = [make_clip(shell.folder / f"{n}.mp4", n) for n in range(12)]
    items = [Item(path, ("run", "walk")[n % 2], f"person {n // 2 % 3}") for n, path in enumerate(paths)]
    settings = Settings.from_environment(home=shell.home, encoder="toy", device="cpu")
    with Workbench(settings, library=Library.open(shell.home, index="memory"), embedder=FakeEmbedder()) as bench:
        for encoder in ("toy", OTHER):
            bench.run_job(bench.enqueue(items, encoder))
        assert [bench.embedded_clips(encoder) for encoder in ("toy", OTHER)] == [12, 12]
    return shell


def test_choose_tells_what_it_measured(filled: Shell) -> None:
    done = filled("choose", "toy", "--measure", "--out", "chart.html")
    assert done.status == 0, done.stderr
    assert list(done.answer) == ["in_use", "take", "sentence", "notes", "frontier", "failures", "encoders", "out"]
    (toy,) = done.answer["encoders"]
    assert list(toy) == CANDIDATE_KEYS and toy["encoder"] == "toy"
    assert (toy["exam_clips"], toy["exam_sources"], toy["lacking_clips"], toy["missing_clips"]) == (12, 3, 0, 0)
    assert 0 <= toy["found_first"]["low"] <= toy["found_first"]["value"] <= toy["found_first"]["high"] <= 1
    assert toy["seconds_per_window"]["median"] > 0 and toy["engine"] == "numpy on CPU, float32"
    assert done.answer["take"] is None and "12 clips of 3 sources" in done.answer["sentence"]
    assert "Speed against quality" in (filled.folder / "chart.html").read_text(encoding="utf-8")


def test_choose_in_words_shows_what_is_known(filled: Shell) -> None:
    done = filled("choose", "toy", OTHER, "--use", "toy", json=False)
    assert done.status == 0, done.stderr
    told = done.stdout.decode()
    assert "toy" in told and OTHER in told and "These labels cannot tell" in told
    assert "In use: toy." in told


def test_disagree_tells_the_pairs(filled: Shell) -> None:
    done = filled("disagree", "toy", OTHER, "--out", "ranks.html")
    assert done.status == 0, done.stderr
    found = done.answer
    assert found["encoders"] == ["toy", OTHER] and (found["clips"], found["sources"]) == (12, 3)
    assert found["pairs"] == found["pairs_in_all"] == 48 and -1 <= found["spearman"] <= 1
    first = found["alike_in_first"][0]
    assert first["percentile"][0] > first["percentile"][1] and len(first["clips"][0]) == 64
    assert (filled.folder / "ranks.html").stat().st_size > 1_000_000
    assert "Alike in toy, not in" in filled("disagree", "toy", OTHER, json=False).stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("disagree", "toy", "toy"), "bad-input"),
        (("choose", "toy", "--out", "chart.png"), "bad-input"),
    ],
)
def test_what_cannot_be_is_named(filled: Shell, arguments: tuple[str, ...], reason: str) -> None:
    done = filled(*arguments)
    assert (done.status, done.reason) == (3, reason)


def test_the_environment_keeps_a_library_from_choosing(filled: Shell) -> None:
    done = Shell(filled.folder)("choose", "toy", "--use", "toy")
    assert (done.status, done.reason) == (3, "bad-setting")
