"""Pictures of a camera as flags, by the toy encoder: when something turns red and when that is over."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from core import onlooking
from core.decoding.streams import Picture
from core.embedding import WorkerEmbedder
from core.errors import BadInput
from core.onlooking import Onlooker, Seen
from core.watching import Reading, Watch, Watcher
from core.workbench import Workbench
from tests.core.watchable import COLOURS, colours, film, finder, redness
from tests.tiny import toy_bench, toy_settings

FPS = 10
RED = Watch(("red",), Reading(smoothing_seconds=0, minimum_seconds=0, gap_seconds=0))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("onlooking")
    embedder = WorkerEmbedder(toy_settings(folder / "worker"))
    with toy_bench(folder / "library", embedder) as opened:
        yield opened
    embedder.close()


def jpeg(colour: str, side: int = 32) -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), COLOURS[colour], np.uint8)).save(content, "JPEG", quality=95)
    return content.getvalue()


def shot(colour: str, seconds: float, start: float) -> list[Picture]:
    return [Picture(start + number / FPS, jpeg(colour)) for number in range(round(seconds * FPS))]


def watched(onlooker: Onlooker, pictures: list[Picture]) -> list[Seen]:
    """What was told, with a look after every fourth picture."""
    told: list[Seen] = []
    for at in range(0, len(pictures), 4):
        told += onlooker.push(pictures[at : at + 4])
        told += onlooker.look()
    return told


def onlooker(bench: Workbench, watch: Watch = RED) -> Onlooker:
    return Onlooker(bench, watch, Watcher(bench, finder(redness(bench), colours(bench, "both", ("red", "green")))))


def test_a_flag_is_told_when_it_begins_and_when_it_is_over(bench: Workbench) -> None:
    one = onlooker(bench)
    told = watched(one, [*shot("blue", 3, 100.0), *shot("red", 3, 103.0), *shot("blue", 3, 106.0)])
    assert [(seen.over, seen.number, seen.flag.concept) for seen in told] == [(False, 1, "red"), (True, 1, "red")]
    began, ended = told
    assert began.flag.start_seconds == pytest.approx(3.0, abs=0.6) and began.flag.end_seconds < 5.0
    assert (ended.flag.start_seconds, ended.flag.end_seconds) == pytest.approx((3.0, 6.0), abs=0.6)
    assert ended.flag.confidence > 0.9
    assert not list(bench.library.home.glob("incoming/*")), "no picture stays on the disk"


def test_the_same_flags_as_of_a_file(bench: Workbench, tmp_path: object) -> None:
    path = film(tmp_path / "film.mp4", ("blue", 2), ("red", 2), ("blue", 3), ("red", 2), ("blue", 1))  # type: ignore[operator]
    ours = onlooker(bench)
    scenes = [("blue", 2, 0.0), ("red", 2, 2.0), ("blue", 3, 4.0), ("red", 2, 7.0), ("blue", 1, 9.0)]
    told = [*watched(ours, [picture for scene in scenes for picture in shot(*scene)]), *ours.end()]
    theirs = Watcher(bench, finder(redness(bench))).scan_file(path, RED).flags
    mine = [(seen.flag.start_seconds, seen.flag.end_seconds) for seen in told if seen.over]
    assert len(mine) == len(theirs) == 2
    assert mine == [pytest.approx((flag.start_seconds, flag.end_seconds), abs=0.6) for flag in theirs]


def test_classes_of_a_concept_are_told_apart(bench: Workbench) -> None:
    one = onlooker(bench, Watch(("both",), RED.reading))
    told = watched(one, [*shot("blue", 2, 5.0), *shot("red", 2, 7.0), *shot("green", 2, 9.0)])
    assert [seen.flag.concept for seen in told if not seen.over] == ["both/red", "both/green"]


def test_a_gap_ends_what_was_going_on(bench: Workbench) -> None:
    one = onlooker(bench)
    assert [seen.over for seen in watched(one, shot("red", 2, 0.0))] == [False]
    told = one.push(shot("red", 0.2, 9.0))
    assert [(seen.over, round(seen.flag.end_seconds)) for seen in told] == [(True, 2)]
    assert one.look() == (), "a window must not reach across the gap"
    assert [seen.number for seen in watched(one, shot("red", 2, 9.2))] == [2]


def test_an_end_tells_what_was_still_going_on(bench: Workbench) -> None:
    one = onlooker(bench)
    watched(one, shot("red", 2, 0.0))
    assert [seen.over for seen in one.end()] == [True] and one.end() == ()


def test_memory_does_not_grow(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onlooking, "HISTORY_SECONDS", 2.0)
    one = onlooker(bench)
    told = watched(one, shot("red", 8, 0.0))
    assert len(one._pictures) <= FPS * (one.window_seconds + onlooking.MARGIN_SECONDS) + 1
    assert one._tables["toy"].windows < one.windows / 2
    told += one.end()
    assert [(seen.over, round(seen.flag.start_seconds), round(seen.flag.end_seconds)) for seen in told] == [
        (False, 0, 1),
        (True, 0, 8),
    ], "a flag is as long as it was, though the scores of its beginning are gone"
    monkeypatch.setattr(onlooking, "MOST_BYTES_KEPT", 3 * len(jpeg("red")))
    one.push(shot("blue", 2, 8.0))
    assert one.kept_bytes <= 3 * len(jpeg("red"))


def test_what_is_no_picture_is_refused(bench: Workbench) -> None:
    with pytest.raises(BadInput, match="JPEG"):
        onlooker(bench).push([Picture(1.0, b"GIF89a")])
