"""A stream of pictures against queries, with the toy encoder: its window is one second."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core import encoders
from core import live as living
from core.clips import Window
from core.decoding import stills
from core.decoding.writing import write_mp4
from core.errors import BadClip, BadInput, Cancelled, UnknownName, WorkerDied
from core.live import Live, Scores, leader, wanted_fps, wanted_short_side_px
from core.manifest import Item
from core.queries import parse
from core.similarity import cosines
from core.workbench import Workbench
from tests.tiny import toy_bench

FPS = 10
RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def picture(colour: tuple[int, int, int], step: int = 0, side: int = 48) -> np.ndarray:
    return np.full((side, side, 3), colour, np.uint8) // 2 + np.uint8(4 * step)


def jpeg(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=95)
    return content.getvalue()


def shot(colour: tuple[int, int, int], count: int = 10) -> list[np.ndarray]:
    return [picture(colour, step) for step in range(count)]


def pushed(live: Live, pictures: list[np.ndarray], start: float = 0.0) -> Live:
    live.push([start + number / FPS for number in range(len(pictures))], [jpeg(one) for one in pictures])
    return live


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Three people each running (red) and waving (green); one more clip that is neither."""
    folder, items = tmp_path_factory.mktemp("live"), []
    for number, source in enumerate(("ann", "bob", "cat")):
        for label, (red, green, blue) in (("running", RED), ("waving", GREEN)):
            path = folder / f"{label}-{source}.mp4"
            write_mp4(path, shot((red - 12 * number, green, blue + 12 * number)), FPS)
            items.append(Item(path, label, source))
    write_mp4(folder / "blue.mp4", shot(BLUE), FPS)
    with toy_bench(folder / "library") as made:
        made.run_job(made.enqueue([*items, Item(folder / "blue.mp4", "", "dan")]))
        yield made


@pytest.fixture
def live(bench: Workbench) -> Iterator[Live]:
    made = Live(bench, [parse("label:running"), parse("label:waving")])
    yield made
    made.forget()


def leftovers(bench: Workbench) -> list[Path]:
    return list(bench.settings.home.rglob("*.mkv"))


def test_the_last_window_is_scored_as_the_same_seconds_of_a_file(bench: Workbench, live: Live, tmp_path: Path):
    pictures = [*shot(RED, 12), *shot(GREEN, 13)]
    write_mp4(tmp_path / "same.mp4", pictures, FPS)
    vector = bench.embedder.vary(tmp_path / "same.mp4", "toy", [Window(1.5, 2.5)]).result().vectors[:, 0]
    sides, collection, _ = bench.sides([parse("label:running"), parse("label:waving")])
    _, centred = collection.place(vector, ["file"])
    expected = [cosines(centred, living.prototype(side.centred))[0, 0] for side in sides]
    found = pushed(live, pictures).score()
    assert found is not None and found.values == pytest.approx(expected, abs=0.01)
    assert found.seconds == pytest.approx(2.4) and found.took_seconds > 0


def test_what_is_shown_leads_and_history_is_bounded(bench: Workbench, live: Live):
    seen = []
    for number in range(36):
        colour = RED if number % 4 < 2 else GREEN
        pushed(live, shot(colour), number)
        if number % 5 == 0:
            scores = live.score()
            assert scores is not None
            seen.append((colour, scores.leader))
    assert all(led == (0 if colour is RED else 1) for colour, led in seen)
    moments = [one.seconds for one in live.history]
    assert moments[-1] - moments[0] <= living.HISTORY_SECONDS and len(moments) == 7 and moments == sorted(moments)
    assert live.pace_seconds == pytest.approx(5)
    assert len(live._pictures) <= FPS * (live.window_seconds + living.MARGIN_SECONDS) + 1
    assert leftovers(bench) == []


def test_what_is_like_none_of_the_queries_does_not_stand_out(bench: Workbench):
    live = Live(bench, [parse("label:running"), parse("label:waving")])
    scores = pushed(live, shot(BLUE)).score()
    assert scores is not None and scores.leader is None and scores.sentence(live.names) == "nothing stands out"
    assert math.isnan(scores.ahead)
    live.forget()
    assert live.history == () and live.kept_bytes == 0 and live.lacking_seconds == 1


def test_there_is_no_score_before_a_whole_window_or_across_a_gap(live: Live):
    assert live.lacking_seconds == 1 and live.score() is None
    pushed(live, shot(RED, 5))
    assert live.lacking_seconds == pytest.approx(0.45) and live.score() is None
    pushed(live, shot(RED, 5), start=3)
    assert live.score() is None, "a window must not reach across the time without pictures"
    pushed(live, shot(RED, 5), start=3.5)
    assert live.score() is not None


def test_never_two_scores_at_once_and_the_impatient_ask_again(bench: Workbench, live: Live, monkeypatch: pytest.MonkeyPatch):
    pushed(live, shot(RED))
    with live._scoring:
        assert live.score() is None
    waiting, asked = Future(), []
    monkeypatch.setattr(bench.embedder, "vary", lambda path, *_, **__: asked.append(path) or waiting)
    assert live.score(0) is None and live.busy
    pushed(live, shot(GREEN, 20), start=1)
    assert live.score(0) is None and len(asked) == 1 and asked[0].exists(), "the same window is waited for"
    waiting.set_exception(WorkerDied("the worker died"))
    with pytest.raises(WorkerDied):
        live.score()
    assert not live.busy and not asked[0].parent.exists()
    monkeypatch.undo()
    found = live.score()
    assert found is not None and found.leader == 1 and found.seconds == pytest.approx(2.9)


def test_what_is_forgotten_is_not_scored_afterwards(bench: Workbench, live: Live, monkeypatch: pytest.MonkeyPatch):
    waiting, cancelled = Future(), []
    monkeypatch.setattr(bench.embedder, "vary", lambda *_, **__: waiting)
    monkeypatch.setattr(bench.embedder, "cancel", cancelled.append)
    pushed(live, shot(RED))
    assert live.score(0) is None
    live.forget()
    assert cancelled == [waiting] and not live.busy and live.history == ()
    monkeypatch.setattr(living, "WAIT_SECONDS", 0)
    pushed(live, shot(RED))
    with pytest.raises(Cancelled, match="given up"):
        live.score()
    assert cancelled == [waiting, waiting] and not live.busy
    waiting.cancel()


JUNK = {
    "no JPEG": ([0.0], [b"\x89PNG" + bytes(60)], "must be a whole JPEG"),
    "half a JPEG": ([0.0], [jpeg(picture(RED))[:-200]], "must be a whole JPEG"),
    "no size": ([0.0], [b"\xff\xd8\xff" + bytes(60) + b"\xff\xd9"], "must be a whole JPEG"),
    "too many bytes": ([0.0], [jpeg(picture(RED)) + bytes(living.MOST_BYTES)], "bytes"),
    "too many pixels": ([0.0], [jpeg(picture(RED, side=1100))], "1100x1100"),
    "too many": ([0.1 * step for step in range(300)], [b""] * 300, "pictures .300. must be at most"),
    "not as many moments": ([0.0, 0.1], [jpeg(picture(RED))], "as many"),
    "back in time": ([0.1, 0.0], [jpeg(picture(RED))] * 2, "must come after"),
    "twice the same moment": ([0.1, 0.1], [jpeg(picture(RED))] * 2, "must come after"),
    "no time": ([math.nan], [jpeg(picture(RED))], "seconds from 0"),
    "two sizes": ([0.0, 0.1], [jpeg(picture(RED)), jpeg(picture(RED, side=64))], "one size"),
}


@pytest.mark.parametrize("kind", JUNK)
def test_junk_is_refused_by_name_and_none_of_it_kept(kind: str, live: Live):
    moments, jpegs, told = JUNK[kind]
    with pytest.raises(BadInput, match=told):
        live.push(moments, jpegs)
    assert live.kept_bytes == 0


def test_time_must_go_on_from_push_to_push(live: Live):
    pushed(live, shot(RED, 3), start=5)
    before = live.kept_bytes
    with pytest.raises(BadInput, match=r"moment \(5\.2 s\) must come after the last one"):
        pushed(live, shot(RED, 1), start=5.2)
    assert live.kept_bytes == before
    live.forget()
    pushed(live, shot(RED, 1))


def test_a_camera_that_turns_begins_anew(live: Live):
    pushed(live, shot(RED))
    pushed(live, [picture(RED, side=64)], start=1)
    assert live.score() is None and len(live._pictures) == 1


def test_pictures_that_only_look_like_jpegs_are_the_decoders_to_refuse(bench: Workbench, live: Live):
    hollow = bytes.fromhex("ffd8 ffc9 0011 08 0030 0030 03 012200 021101 031101 ffd9")  # FFmpeg reads no arithmetic coding
    live.push([step / FPS for step in range(10)], [hollow] * 10)
    with pytest.raises(BadClip):
        live.score()
    assert leftovers(bench) == []
    pushed(live, shot(GREEN), start=1)
    assert live.score() is not None, "the stream goes on"


def test_a_stream_that_stopped_is_forgotten_by_itself(live: Live, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(living, "FORGET_SECONDS", 0.01)
    pushed(live, shot(RED))
    assert live._forgetting is not None
    live._forgetting.join(30)
    assert live.kept_bytes == 0


def test_queries_are_counted_and_known(bench: Workbench):
    for queries in ([], [parse("label:running")] * 9):
        with pytest.raises(BadInput, match="from 1 to 8"):
            Live(bench, queries)
    with pytest.raises(UnknownName, match="running"):
        Live(bench, [parse("label:runing")])


def test_who_leads():
    assert leader([0.5, 0.3], [99, 96]) == 0 and leader([0.5, 0.6], [99, 94]) == 0 and leader([0.5], [90]) is None
    assert leader([0.5], [math.nan]) is None and leader([-0.1], [100]) is None and leader([0.5, 0.2], [96, 99], mixed=True) == 1
    assert (
        Scores(1, (0.5, 0.29, 0.1), (99, 90, 20), 0, 0.1).sentence(("walking", "waving", "x"))
        == "walking, ahead of waving by 0.21"
    )
    assert Scores(1, (0.5,), (99,), 0, 0.1).sentence(("walking",)) == "walking stands out"
    assert Scores(1, (0.5, 0.6), (99, 90), 0, 0.1).sentence(("walking", "waving")) == "walking stands out"


def test_the_background_leaves_out_the_query_and_the_clips_own_source(bench: Workbench):
    (side,), collection, head = bench.sides([parse("label:running")])
    known = living.background(side, collection, head)
    rows = {clip.name: row for row, clip in enumerate(collection.clips)}
    expected = []
    for name, source in (("waving-ann.mp4", "ann"), ("waving-bob.mp4", "bob"), ("waving-cat.mp4", "cat"), ("blue.mp4", "dan")):
        mine = [row for clip, row in rows.items() if clip.startswith("running") and source not in clip]
        expected.append(cosines(collection.centred[[rows[name]]], living.prototype(collection.centred[mine]))[0, 0])
    assert sorted(known) == pytest.approx(sorted(expected), abs=1e-6)


def test_what_a_camera_should_send(bench: Workbench):
    assert wanted_fps(bench.spec("toy")) == 16 and wanted_fps(bench.spec("i3d-rgb")) == 25
    assert wanted_fps(bench.spec("fused")) == 25 and wanted_fps(bench.spec("timesformer-b")) == pytest.approx(1.9, abs=0.05)
    assert wanted_short_side_px(bench.spec("toy")) == 224 and wanted_short_side_px(bench.spec("fused")) == 340


def test_stills_keep_their_moments(tmp_path: Path):
    from core.decoding import Decoder
    from core.settings import Settings

    content = [jpeg(picture(colour, side=64)) for colour in (RED, GREEN, BLUE)]
    stills.write_stills(tmp_path / "three.mkv", content, [0.0, 0.4, 0.7], 3)
    with Decoder(Settings.from_environment(home=tmp_path).limits) as decoder:
        info = decoder.probe(tmp_path / "three.mkv")
    assert (info.codec, info.container, info.frames, info.width_px) == ("mjpeg", "matroska", 3, 64)
    assert info.duration_seconds == pytest.approx(0.7 + 1 / 3, abs=0.02)
    assert stills.jpeg_size(content[0]) == (64, 64)


class Machine:
    """As much of a workbench as ``quicker`` looks at: encoders with the clips that they have seen, and their speeds here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seen: dict[str, int], **speeds: float) -> None:
        told = {name: SimpleNamespace(seconds_per_window=SimpleNamespace(median=value)) for name, value in speeds.items()}
        monkeypatch.setattr(living, "Adviser", lambda _: SimpleNamespace(speeds=lambda: told))
        self.library, self._seen = SimpleNamespace(count_embedded=lambda name: seen[name]), seen

    def spec(self, name: str) -> encoders.EncoderSpec:
        return encoders.spec(name)

    def fingerprint(self, name: str) -> str:
        return name

    def encoders(self) -> list[encoders.EncoderSpec]:
        return [encoders.spec(name) for name in self._seen]


def test_a_quicker_encoder_is_known_by_its_speed_or_as_a_part(monkeypatch: pytest.MonkeyPatch):
    both = {"fused": 9, "i3d-rgb": 9, "skeleton": 9}

    def told(seen: dict[str, int], encoder: str, **speeds: float) -> str:
        found = living.quicker(Machine(monkeypatch, seen, **speeds), encoder)  # type: ignore[arg-type]
        return "" if found is None else f"{found[0].name}: {found[1]}"

    assert told(both, "fused").startswith("i3d-rgb: ") and told(both, "fused").endswith("is a part of it and takes less time")
    assert told({**both, "i3d-rgb": 3}, "fused").startswith("skeleton: ")
    timed = {"i3d-rgb": 0.35, "fused": 3.0}
    assert told(both, "fused", **timed).endswith("takes 0.3 s for a window on this machine instead of 3.0 s")
    assert told(both, "i3d-rgb", **timed) == "" and told(both, "i3d-rgb") == ""
    assert told({"fused": 9, "toy": 9}, "fused", toy=0.01) == "", "the toy knows nothing about actions"
