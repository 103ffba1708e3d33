"""An encoder with parts through the whole machine: real weights, a real worker, every part kept, streams taken apart again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core import encoders, weights
from core.embedding import NOTHING, to_compute
from core.errors import BadInput, UnknownName
from core.manifest import Item
from core.queries import parse
from core.settings import Settings
from core.workbench import Workbench
from tests.tiny import make_clip

QUESTION = [parse("label:running"), parse("label:waving")]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Two labels of two people each, seen by i3d-rgb first and by two-stream after it."""
    folder = tmp_path_factory.mktemp("clips")
    settings = Settings.from_environment(home=tmp_path_factory.mktemp("home") / "library", encoder="two-stream", device="cpu")
    weights.fetch(encoders.spec("i3d-rgb"), settings.cache)
    items = [
        Item(make_clip(folder / f"{label} {person}.mp4", 10 * row + person), label, f"person {person}")
        for row, label in enumerate(("running", "waving"))
        for person in range(2)
    ]
    with Workbench(settings) as opened:
        opened.run_job(opened.enqueue(items[:2], "i3d-rgb"))
        opened.run_job(opened.enqueue(opened.missing("two-stream"), "two-stream"))
        opened.run_job(opened.enqueue(items[2:], "two-stream"))
        yield opened


def test_every_clip_has_the_vectors_of_the_whole_and_of_each_part(bench: Workbench) -> None:
    for name in ("two-stream", "i3d-rgb", "flow"):
        assert bench.embedded_clips(name) == 4, name
        assert bench.missing(name) == []


def test_the_whole_is_what_its_parts_make(bench: Workbench) -> None:
    clip_id = bench.library.clips()[0].clip_id
    parts = {part: bench.library.embeddings(clip_id, bench.fingerprint(part)) for part in bench.spec().parts}
    whole = bench.library.embeddings(clip_id, bench.fingerprint())
    assert whole is not None and all(parts.values())
    joined = encoders.join("two-stream", {name: found for name, found in parts.items() if found is not None})
    assert joined.fingerprint == whole.fingerprint
    assert joined.vectors == pytest.approx(whole.vectors, abs=1e-6)


def test_only_parts_that_are_not_known_are_computed(bench: Workbench) -> None:
    clip_id = bench.library.clips()[0].clip_id
    known = {"i3d-rgb": bench.library.embeddings(clip_id, bench.fingerprint("i3d-rgb"))}
    assert to_compute("two-stream", NOTHING) == ["i3d-rgb", "flow"]
    assert to_compute("two-stream", {name: found for name, found in known.items() if found}) == ["flow"]
    assert to_compute("toy", NOTHING) == ["toy"]


def test_a_similarity_is_the_weighted_mean_of_its_streams(bench: Workbench) -> None:
    whole = bench.compare(QUESTION)
    alone = bench.compare_streams(QUESTION)
    assert [section.stream for section, _ in alone] == ["rgb", "flow"]
    shares = np.asarray([section.weight for section, _ in alone])
    mean = sum(share * reading.centred for share, (_, reading) in zip(shares / shares.sum(), alone, strict=True))
    assert whole.centred == pytest.approx(mean, abs=1e-5)
    turned = bench.compare(QUESTION, weights={"rgb": 0.0, "flow": 2.0})
    assert turned.centred == pytest.approx(alone[1][1].centred, abs=1e-6)


def test_weights_that_say_nothing_are_refused(bench: Workbench) -> None:
    with pytest.raises(UnknownName, match="skeleton"):
        bench.compare(QUESTION, weights={"skeleton": 1.0})
    with pytest.raises(BadInput, match="all be 0"):
        bench.compare(QUESTION, weights={"rgb": 0.0, "flow": 0.0})


def test_action_names_are_asked_of_the_rgb_stream_alone(bench: Workbench) -> None:
    question = [parse("label:running"), parse("action:jogging")]
    assert bench.compare(question).centred == pytest.approx(bench.compare(question, "i3d-rgb").centred, abs=1e-5, nan_ok=True)
    assert bench.compare_streams(question) == []


def test_the_index_finds_what_exact_search_finds(bench: Workbench) -> None:
    collection = bench.collection()
    found = bench.nearest(collection.clips[0].clip_id, 3)
    exact = collection.raw[1:] @ collection.raw[0]
    order = [collection.clips[1 + row].clip_id for row in np.argsort(-exact)]
    assert [match.clip_id for match in found] == order
