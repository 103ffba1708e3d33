from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from core import encoders
from core.clips import Framing
from core.encoders import EncoderSpec, WeightsSource
from core.sampling import Sampling

TOY = encoders.spec("toy")
TOY_FINGERPRINT = "toy-5bdf7d171cf5d1ea"


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "other"},
        {"frames": 9},
        {"sampling": Sampling(1.0, 0.25)},
        {"sampling": Sampling(1.0, 0.5, short="loop")},
        {"framing": Framing(32, 40)},
        {"mean": (0.1, 0.0, 0.0)},
        {"std": (1.0, 2.0, 1.0)},
        {"layer": "another"},
        {"dimension": 15},
        {"code_version": 2},
        {"lighten": True},
    ],
)
def test_whatever_changes_a_vector_changes_the_fingerprint(changed: dict[str, Any]) -> None:
    other = dataclasses.replace(TOY, **changed)
    assert other.fingerprint("") != TOY.fingerprint("")


@pytest.mark.parametrize("changed", [{"title": "t"}, {"licence": "l"}, {"paper": "p"}, {"top1": 3.0}, {"top1_source": "s"}])
def test_words_about_an_encoder_do_not_change_its_fingerprint(changed: dict[str, Any]) -> None:
    assert dataclasses.replace(TOY, **changed).fingerprint("") == TOY.fingerprint("")


def test_weights_change_the_fingerprint_and_random_ones_are_named() -> None:
    spec = encoders.spec("i3d-rgb")
    assert len({spec.fingerprint("aa"), spec.fingerprint("bb"), spec.fingerprint(encoders.RANDOM_SHA256)}) == 3
    assert spec.fingerprint(encoders.RANDOM_SHA256).startswith("i3d-rgb-random-")
    assert "random" not in spec.fingerprint("aa")


def test_the_fingerprint_of_the_toy_is_what_libraries_hold() -> None:
    assert TOY.fingerprint("") == TOY_FINGERPRINT, "vectors in existing libraries would no longer be found: was that meant?"


def test_provenance_is_json_and_tells_the_whole_row() -> None:
    told = encoders.spec("i3d-rgb").provenance
    assert json.loads(json.dumps(told)) == told
    assert told["weights"]["sha256"].startswith("af5c50f0") and told["framing"]["crop_px"] == 224


def test_a_row_checks_itself() -> None:
    with pytest.raises(ValueError, match="stream"):
        dataclasses.replace(TOY, stream="smell")
    with pytest.raises(ValueError, match="std"):
        dataclasses.replace(TOY, std=(0.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="at least 1"):
        dataclasses.replace(TOY, frames=0)
    with pytest.raises(ValueError, match="download_sha256"):
        WeightsSource(kind="package", package="x", version="1")
    with pytest.raises(ValueError, match="kind"):
        WeightsSource(kind="floppy")


@pytest.mark.parametrize("name", encoders.names())
def test_every_row_is_complete(name: str) -> None:
    spec: EncoderSpec = encoders.spec(name)
    assert spec.name == name and spec.title and spec.paper and spec.licence and spec.layer
    assert spec.top1 is None or spec.top1_source, "a number needs its source"
    assert spec.weights is None or spec.weights.licence
    assert spec.frames_shape == (spec.frames, spec.framing.crop_px, spec.framing.crop_px, 3)
