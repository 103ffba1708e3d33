"""Concept files: they come back whole, and everything that is not one is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from core import concept_files
from core.concepts import NONE
from core.errors import BadInput
from core.teaching import Lesson, Teacher, examples
from tests.core.planted import plant_groups
from tests.tiny import toy_bench


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("taught")
    with toy_bench(folder / "home") as bench:
        ids = plant_groups(bench, folder, ["run", "jog"], 3)
        Teacher(bench).teach(Lesson("fight", examples(ids["run"], "fight") + examples(ids["jog"], NONE), head="knn"))
        return Teacher(bench).export("fight")


def test_a_file_is_taken_in_by_another_library_under_a_name_that_is_free(content: bytes, home: Path) -> None:
    with toy_bench(home) as bench:
        teacher = Teacher(bench)
        found = teacher.adopt(content, "fight.concept")
        assert found.name == "fight" and len(found.examples) == 6 and teacher.export("fight") == content
        with pytest.raises(BadInput, match="not taken; give the import another name"):
            teacher.adopt(content, "fight.concept")
        other = teacher.adopt(content, "fight.concept", "brawl")
        assert other.classes == ("brawl",) and other.concept_id != found.concept_id
        assert np.array_equal(other.head.rows, found.head.rows)


def changed(content: bytes, **said: object) -> bytes:
    """The same file with something else in its JSON."""
    outer = json.loads(header(content)[concept_files.FORMAT])
    outer["concept"] = json.dumps(json.loads(outer["concept"]) | said)
    return save(load(content), metadata={concept_files.FORMAT: json.dumps(outer)})


def header(content: bytes) -> dict[str, str]:
    length = int.from_bytes(content[:8], "little")
    return dict(json.loads(content[8 : 8 + length])["__metadata__"])


def with_arrays(content: bytes, **arrays: np.ndarray) -> bytes:
    return save({**load(content), **arrays}, metadata=header(content))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda _: b"", "ends too early"),
        (lambda _: b"\x80\x04}q." * 20, "concept file"),
        (lambda content: content[:200], "concept file"),
        (lambda content: content[:-1], "concept file"),
        (lambda content: save(load(content)), "concept file"),
        (lambda content: (1 << 60).to_bytes(8, "little") + content[8:], "ends too early"),
        (lambda _: b"\x00" * (concept_files.MOST_BYTES + 1), "must have at most"),
        (lambda content: changed(content, version=99), "version 99 is not 1"),
        (lambda content: changed(content, format="model"), "no concept"),
        (lambda content: changed(content, name="a/b"), "without a slash"),
        (lambda content: changed(content, classes=[]), "classes"),
        (lambda content: changed(content, classes=["other"]), "does not have"),
        (lambda content: changed(content, classes="fight"), "concept file"),
        (lambda content: changed(content, head={"kind": "forest", "neighbours": 3}), "head must be"),
        (lambda content: changed(content, sections=[]), "not of one width"),
        (lambda content: changed(content, thresholds=[{}]), "missing or misshapen"),
        (lambda content: changed(content, scales=[]), "must have a prototype"),
        (lambda content: changed(content, made_at="soon"), "concept file"),
        (lambda content: changed(content, made_at=1e999), "not finite"),
        (lambda content: with_arrays(content, mean=np.full(8, np.nan, np.float32)), "finite"),
        (lambda content: with_arrays(content, mean=np.zeros(3, np.float32)), "not of one width"),
        (lambda content: with_arrays(content, owners=np.full(6, 7, np.int64)), "belong to no class"),
        (lambda content: with_arrays(content, extra=np.zeros(3, np.float32)), "its arrays must be"),
        (lambda content: with_arrays(content, prototypes=np.zeros(8, np.float32)), "concept file"),
    ],
)
def test_what_is_no_whole_concept_is_refused_by_name(content: bytes, spoil, told: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match=told) as failure:
        concept_files.parse(spoil(content), "odd.concept")
    assert "odd.concept" in str(failure.value)


def test_no_byte_that_is_changed_raises_anything_else(content: bytes) -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        spoilt = bytearray(content)
        for at in random.integers(0, min(len(content), 3000), 3):
            spoilt[at] = random.integers(256)
        try:
            concept_files.parse(bytes(spoilt), "odd.concept")
        except BadInput:
            continue
