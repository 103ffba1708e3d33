"""Joined footage shows what its truth says, when it says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.footage import Piece, Truth, cut, join, labelled, mixed, repeat
from core.clips import Framing
from core.decoding import Decoder
from core.decoding.writing import write_mp4


def film(path: Path, grey: int, seconds: float, fps: int, size: tuple[int, int] = (48, 64)) -> Path:
    write_mp4(path, [np.full((*size, 3), grey, np.uint8)] * round(seconds * fps), fps)
    return path


def shown(path: Path, moments: list[float]) -> tuple[float, list[float]]:
    """Its length, and how light its pictures are then."""
    with Decoder() as decoder:
        (frames,) = decoder.read_windows(path, [np.array(moments)], Framing(32, 32, "whole"))
        return decoder.probe(path).duration_seconds, frames.mean(axis=(1, 2, 3)).tolist()


def test_the_truth_is_what_is_shown(tmp_path: Path) -> None:
    calm = film(tmp_path / "calm.mp4", 40, 1.0, 10)
    fight = film(tmp_path / "fight.mp4", 200, 0.8, 25, (64, 48))  # upright, another rate: it becomes as the others are
    items = [(calm, "calm"), (fight, "fight"), (fight, "fight"), (calm, "calm")]
    truth = join(items, tmp_path / "joined.mp4", width_px=64, height_px=48)
    assert truth.spans("fight") == ((pytest.approx(1.0), pytest.approx(2.6)),), "what adjoins is one span"
    assert truth.hours_without("fight") == pytest.approx(2.0 / 3600)
    assert Truth.load(tmp_path / "joined.json") == truth
    seconds, light = shown(tmp_path / "joined.mp4", [0.02, 0.98, 1.02, 2.58, 2.62, 3.5])
    assert seconds == pytest.approx(truth.seconds, abs=0.05)
    assert light == pytest.approx([40, 40, 200, 200, 40, 40], abs=6)

    repeat(tmp_path / "joined.mp4", tmp_path / "long.mp4", 3)
    (_, _, last) = truth.repeated(3).spans("fight")
    seconds, light = shown(tmp_path / "long.mp4", [last[0] - 0.02, last[0] + 0.02, last[1] - 0.02, last[1] + 0.02])
    assert seconds == pytest.approx(3 * truth.seconds, abs=0.1)
    assert light == pytest.approx([40, 200, 200, 40], abs=6)


def test_a_part_of_a_clip_is_that_part(tmp_path: Path) -> None:
    write_mp4(tmp_path / "ramp.mp4", [np.full((48, 64, 3), 20 + 4 * at, np.uint8) for at in range(40)], 10)
    pieces = cut(tmp_path / "ramp.mp4", "calm", 4.3, 2.0)
    assert [span for *_, span in pieces] == [(0.0, 2.0), (2.0, 4.0)]
    truth = join([pieces[1], (tmp_path / "ramp.mp4", "fight", (1.0, 1.5))], tmp_path / "parts.mp4", width_px=64, height_px=48)
    assert truth.spans("fight") == ((2.0, pytest.approx(2.5, abs=0.05)),)
    _, light = shown(tmp_path / "parts.mp4", [0.05, 1.95, 2.05, 2.45])
    assert light == pytest.approx([20 + 4 * 20, 20 + 4 * 39, 20 + 4 * 10, 20 + 4 * 14], abs=6)


def test_no_clips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        join([], tmp_path / "none.mp4")


def test_positives_stand_among_negatives() -> None:
    positives, negatives = (
        [(Path(f"{label}{at}"), label) for at in range(count)] for label, count in (("fight", 3), ("calm", 2))
    )
    made = mixed(positives, negatives, seed=1)
    labels = [label for _, label in made]
    assert labels == ["calm", "fight", "calm", "fight", "calm", "fight", "calm"], "two negatives are used twice"
    assert {path for path, _ in made} == {path for path, _ in (*positives, *negatives)}
    assert made == mixed(positives, negatives, seed=1)


def test_taught_files_are_left_out(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.mp4", "c.mp4"):
        (tmp_path / name).touch()
    assert labelled(tmp_path, "x", skip=1) == [(tmp_path / "b.mp4", "x"), (tmp_path / "c.mp4", "x")]


def test_spans_of_a_label_that_never_comes() -> None:
    truth = Truth((Piece(0.0, 2.0, "calm", "a"),))
    assert truth.spans("fight") == () and truth.hours_without("fight") == pytest.approx(2 / 3600)
