"""``concept:`` queries: the positives of a concept stand where a label's clips would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import queries
from core.concepts import NONE, Example
from core.errors import NotEnoughData, UnknownName
from core.live import Live
from core.searches import Search
from core.searching import Searcher
from core.teaching import Lesson, Teacher, examples
from core.workbench import Workbench
from tests.core.planted import plant_groups
from tests.tiny import toy_bench


def taught(bench: Workbench, folder: Path) -> dict[str, list[str]]:
    ids = plant_groups(bench, folder, ["run", "jog", "wave"], 4, windows=3, noise=0.1)
    fight = (Example(ids["run"][0], "street fight", (0.0, 1.0)), *examples(ids["run"][1:3], "street fight"))
    Teacher(bench).teach(Lesson("street fight", fight + examples(ids["jog"][:3], NONE)))
    several = examples(ids["jog"][:2], "falls / jog") + examples(ids["wave"][:2], "waving")
    Teacher(bench).teach(Lesson("safety", several))
    return ids


def test_it_is_written_and_read_as_every_query() -> None:
    for text in ("concept:street fight", "concept:safety/waving - label:run", "(concept:a - concept:b) AND label:c"):
        assert str(queries.parse(text)) == text


def test_a_concept_is_compared_as_its_positives_are(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = taught(bench, tmp_path)
        whole = queries.parse(f"clips:{','.join(ids['run'][1:3])}")
        found = bench.compare([queries.parse("concept:street fight"), queries.parse("label:jog"), whole])
        side = found.sides[0]
        assert [clip.clip_id for clip in side.clips] == ids["run"][:3] and side.title == "street fight"
        assert np.array_equal(side.centred[1:], found.sides[2].centred) and side.sources[0] == "person 0"
        part = bench.sides([queries.parse(f"clip:{ids['run'][0]}@0-1")])[0][0]
        assert np.array_equal(side.centred[0], part.centred[0])
        assert found.centred[0, 1] < 0 < found.centred[0, 0]
        one, both = bench.sides([queries.parse("concept:safety/falls / jog"), queries.parse("concept:safety")])[0]
        assert [clip.label for clip in one.clips] == ["jog"] * 2 and len(both.clips) == 4


def test_a_search_finds_what_is_like_it_and_not_its_examples(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = taught(bench, tmp_path)
        found = Searcher(bench).find(Search((queries.parse("concept:street fight"),)))
        assert found.matches[0].clip.clip_id == ids["run"][3]
        assert not {one.clip.clip_id for one in found.matches} & set(ids["run"][:3])
        among = Searcher(bench).find(Search((queries.parse("concept:street fight AND label:jog"),)))
        assert {one.clip.label for one in among.matches} == {"jog"}
        assert Live(bench, [queries.parse("concept:street fight")]).names == ("street fight",)


def test_names_that_are_not_here_have_neighbours(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        taught(bench, tmp_path)
        for text, near in (("concept:stret fight", "try street fight"), ("concept:safety/wavng", "try waving")):
            with pytest.raises(UnknownName, match=near):
                bench.sides([queries.parse(text)])


def test_one_that_came_as_a_file_is_its_prototype(home: Path, tmp_path: Path) -> None:
    with toy_bench(tmp_path / "other") as bench:
        taught(bench, tmp_path)
        content = Teacher(bench).export("street fight")
    with toy_bench(home) as bench:
        plant_groups(bench, tmp_path, ["run", "jog"], 3, noise=0.1, seed=1)
        Teacher(bench).adopt(content, "fight.concept")
        found = bench.compare([queries.parse(text) for text in ("concept:street fight", "label:run", "label:jog")])
        assert found.centred[0, 1] > found.centred[0, 2] and np.isnan(found.centred[0, 0])
        assert Searcher(bench).find(Search((queries.parse("concept:street fight"),))).matches[0].clip.label == "run"
        bench.library.concepts.keep(replace(Teacher(bench).get("street fight"), fingerprint="toy-of-yesterday"))
        with pytest.raises(NotEnoughData, match="none of its positives"):
            bench.sides([queries.parse("concept:street fight")])
