from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core import encoders
from core.clips import ClipEmbeddings, Floats, Section, Window
from core.encoders import ActionHead, EncoderSpec, joint_mark
from core.encoders.joining import join, sections
from core.errors import BadInput

TOY = encoders.spec("toy")
LEFT = dataclasses.replace(TOY, name="left", dimension=2)
RIGHT = dataclasses.replace(TOY, name="right", stream="skeleton", dimension=3)
BOTH = dataclasses.replace(TOY, name="both", stream="fused", dimension=5, parts=("left", "right"), part_weights=(1.0, 3.0))
PARTS = {"left": LEFT, "right": RIGHT}
SPANS = (Window(0.0, 1.0), Window(1.0, 2.0))


def embedded(spec: EncoderSpec, rows: list[list[float]], spans: tuple[Window, ...] = SPANS) -> ClipEmbeddings:
    return ClipEmbeddings(spec.fingerprint(""), spans, np.asarray(rows, np.float32))


def joined(left: list[list[float]], right: list[list[float]]) -> Floats:
    parts = {"left": embedded(LEFT, left), "right": embedded(RIGHT, right)}
    return join(BOTH, sections(BOTH, PARTS), parts).vectors


def test_an_encoder_without_parts_is_one_section() -> None:
    assert encoders.sections("toy") == (Section("rgb", "toy", 0, 14, 1.0),)


def test_sections_stand_side_by_side() -> None:
    assert sections(BOTH, PARTS) == (Section("rgb", "left", 0, 2, 1.0), Section("skeleton", "right", 2, 5, 3.0))


def test_a_similarity_of_the_whole_is_the_weighted_mean_of_the_streams_similarities() -> None:
    vectors = joined([[2, 0], [3, 4]], [[0, 5, 0], [0, 0, 7]])  # cosines 0.6 and 0
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])
    assert float(vectors[0] @ vectors[1]) == pytest.approx((1 * 0.6 + 3 * 0.0) / 4)


def test_parts_of_unlike_windows_are_refused() -> None:
    parts = {"left": embedded(LEFT, [[1, 0], [0, 1]]), "right": embedded(RIGHT, [[1, 0, 0]], SPANS[:1])}
    with pytest.raises(BadInput, match="same windows"):
        join(BOTH, sections(BOTH, PARTS), parts)


def test_the_fingerprint_tells_every_part() -> None:
    parts = {"left": embedded(LEFT, [[1, 0], [0, 1]]), "right": embedded(RIGHT, [[1, 0, 0], [0, 1, 0]])}
    places = sections(BOTH, PARTS)
    found = join(BOTH, places, parts).fingerprint
    assert found == BOTH.fingerprint(joint_mark([parts["left"].fingerprint, parts["right"].fingerprint]))
    other = dataclasses.replace(LEFT, code_version=2)
    assert join(BOTH, places, {**parts, "left": embedded(other, [[1, 0], [0, 1]])}).fingerprint != found
    assert join(dataclasses.replace(BOTH, part_weights=(1.0, 2.0)), places, parts).fingerprint != found


def test_weights_and_parts_must_match() -> None:
    with pytest.raises(ValueError, match="part_weights"):
        dataclasses.replace(BOTH, part_weights=(1.0,))


def test_every_encoder_with_parts_has_parts_that_exist_and_share_their_windows() -> None:
    made = [encoders.spec(name) for name in encoders.names() if encoders.spec(name).parts]
    assert made
    for spec in made:
        parts = [encoders.spec(part) for part in spec.parts]
        assert spec.dimension == sum(part.dimension for part in parts), spec.name
        cuts = {(each.sampling.window_seconds, each.sampling.stride_seconds, each.sampling.tail) for each in (spec, *parts)}
        assert len(cuts) == 1, spec.name
        assert spec.weights is None and not any(part.parts for part in parts)


def test_a_head_within_a_larger_space_gives_its_own_logits() -> None:
    head = ActionHead(("a", "b"), np.asarray([[1, 2], [3, 4]], np.float32), np.asarray([0.5, -0.5], np.float32))
    within = head.within(Section("rgb", "left", 1, 3, 1.0), 4)
    rows = np.asarray([[9, 1, 2, 9]], np.float32)
    assert within.logits(rows) == pytest.approx(head.logits(rows[:, 1:3]))
