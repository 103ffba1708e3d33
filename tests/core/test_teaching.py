"""Teaching on planted clips: what is kept, taught again, renamed, forgotten, carried and erased."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.clips import Progress
from core.concepts import NONE, Example
from core.errors import BadInput, Cancelled, FingerprintMismatch, NotEnoughData, UnknownName
from core.teaching import Lesson, Teacher, examples, lesson_of
from core.workbench import Workbench
from tests.core.planted import plant, plant_groups
from tests.tiny import toy_bench


def lesson(ids: dict[str, list[str]], name: str = "fight", **more: object) -> Lesson:
    return Lesson(name, examples(ids["run"], name) + examples(ids["jog"], NONE), **more)  # type: ignore[arg-type]


def planted(bench: Workbench, folder: Path, each: int = 4) -> dict[str, list[str]]:
    return plant_groups(bench, folder, ["run", "jog", "wave"], each, windows=3, noise=0.1)


def test_what_was_taught_finds_other_clips_of_it_and_says_why(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids, teacher, heard = planted(bench, tmp_path), Teacher(bench), list[Progress]()
        given = Lesson("fight", examples(ids["run"][:3], "fight") + examples(ids["jog"][:3], NONE))
        trial = teacher.try_out(given, heard.append)
        assert [one.label for one in heard][:2] == ["prototype", "knn"] and heard[-1].done == 5
        assert trial.concept.head.kind == "ridge" and trial.why.startswith("ridge: average precision 1.00")
        assert len(trial.held_out) == 18 and trial.held_out.by_source and trial.held_out.seconds.sum() == 18.0
        assert teacher.all() == []
        concept = teacher.teach(given)
        assert concept.concept_id and dict(concept.notes)["examples of fight"] == 3
        seen, other = (bench.library.embeddings(ids[label][3], bench.fingerprint()) for label in ("run", "jog"))
        assert seen is not None and other is not None
        yes, no = concept.score(seen.vectors, seen.fingerprint), concept.score(other.vectors, other.fingerprint)
        assert yes.scores.min() > concept.thresholds[0].value > no.scores.max()
        assert yes.confidence.min() > 0.5 > no.confidence.max() and yes.similarity.min() > no.similarity.max()
        assert "fires on 3 of 3 of fight and on 0 of 3 others" in concept.thresholds[0].sentence


def test_it_comes_back_from_the_ledger_as_it_was(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = planted(bench, tmp_path)
        part = Example(ids["wave"][0], NONE, (0.0, 1.2), "rejected")
        given = Lesson("fight", (*lesson(ids).examples, part), head="knn", target="precision:0.5")
        made = Teacher(bench).teach(given)
    with toy_bench(home) as bench:
        found = Teacher(bench).get("fight")
        assert found.examples == given.examples and found.notes == made.notes and found.thresholds == made.thresholds
        assert found.head.kind == "knn" and np.array_equal(found.head.rows, made.head.rows)
        assert np.array_equal(found.prototypes, made.prototypes) and found.made_at == made.made_at
        assert lesson_of(found) == Lesson("fight", given.examples, "toy", ("fight",), head="knn", target="precision:0.5")
        again = Teacher(bench).reteach("fight")
        assert again.concept_id == made.concept_id and np.allclose(again.head.rows, made.head.rows, atol=1e-6)
        assert Teacher(bench).held_out("fight").classes == ("fight",)
        with pytest.raises(FingerprintMismatch, match="teach it again"):
            found.score(np.ones((1, found.space.mean.shape[0]), np.float32), "toy-of-yesterday")


def test_scores_do_not_move_when_the_library_grows(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = planted(bench, tmp_path)
        concept = Teacher(bench).teach(lesson(ids))
        seen = bench.library.embeddings(ids["wave"][0], bench.fingerprint())
        assert seen is not None
        before = concept.score(seen.vectors, seen.fingerprint).scores
        plant(bench, tmp_path, np.eye(8)[5:6], "new", "somebody")
        after = Teacher(bench).get("fight").score(seen.vectors, seen.fingerprint).scores
        assert np.array_equal(before, after)


def test_names_are_taken_given_back_and_guessed(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids, teacher = planted(bench, tmp_path), Teacher(bench)
        with pytest.raises(UnknownName, match="there is none yet"):
            teacher.get("fight")
        first = teacher.teach(lesson(ids))
        assert teacher.teach(lesson(ids)).concept_id == first.concept_id
        other = teacher.teach(lesson(ids, "brawl"))
        with pytest.raises(UnknownName, match="try fight"):
            teacher.get("figth")
        with pytest.raises(BadInput, match="no other concept has"):
            teacher.rename("brawl", "fight")
        renamed = teacher.rename("brawl", "  street   fight ")
        assert renamed.concept_id == other.concept_id and renamed.classes == ("street fight",)
        assert {one.name for one in renamed.examples} == {"street fight", NONE}
        assert teacher.names() == ["fight", "street fight"] and [one.name for one in teacher.all()] == teacher.names()
        teacher.forget("fight")
        assert teacher.names() == ["street fight"]
        with pytest.raises(UnknownName):
            teacher.forget("fight")
        assert teacher.restore("fight").concept_id == first.concept_id
        with pytest.raises(BadInput, match="must be free"):
            teacher.restore("fight")


def test_an_erased_example_takes_what_was_learnt_from_it_along(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids, teacher = planted(bench, tmp_path), Teacher(bench)
        concept = teacher.teach(lesson(ids))
        bench.library.delete([ids["run"][0]])
        bench.library.erase([ids["run"][0]])
        kept = bench.library.concepts.find("fight")
        assert kept is not None and not kept.whole and len(kept.examples) == 7
        again = teacher.get("fight")
        assert again.concept_id == concept.concept_id and len(again.examples) == 7
        assert not np.allclose(again.prototypes, concept.prototypes)
        bench.library.delete(ids["run"][1:])
        bench.library.erase(ids["run"][1:])
        with pytest.raises(BadInput, match=r"examples of fight \(0\)"):
            teacher.get("fight")
        assert teacher.all() == [] and teacher.names() == ["fight"]
        assert ids["run"][0].encode() not in (bench.library.home / "ledger.sqlite").read_bytes()


def test_clips_that_are_not_here_are_left_out_and_told(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids, teacher = planted(bench, tmp_path), Teacher(bench)
        bench.library.delete(ids["run"][:1])
        assert teacher.try_out(lesson(ids)).why.startswith("1 of 8 examples are not in the library, or not embedded by toy.")
        bench.library.delete(ids["run"][1:])
        with pytest.raises(BadInput, match=r"examples of fight \(0\) must be at least 1"):
            teacher.try_out(lesson(ids))
        bench.library.delete(ids["jog"])
        with pytest.raises(NotEnoughData, match="8 of 8 examples"):
            teacher.try_out(lesson(ids))


def test_several_classes_fire_each_for_itself(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = planted(bench, tmp_path)
        given = Lesson("safety", sum((examples(ids[label], label) for label in ("run", "jog", "wave")), ()))
        concept = Teacher(bench).teach(given)
        assert concept.classes == ("run", "jog", "wave") and concept.number("wave") == 2
        seen = bench.library.embeddings(ids["jog"][0], bench.fingerprint())
        assert seen is not None
        assert (concept.score(seen.vectors, seen.fingerprint).scores.argmax(axis=1) == 1).all()
        assert Teacher(bench).rename("safety", "plant").classes == concept.classes


def test_one_example_or_no_negatives_make_a_prototype_that_promises_little(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = planted(bench, tmp_path)
        alone = Teacher(bench).try_out(Lesson("fight", examples(ids["run"], "fight")))
        assert alone.heads == () and len(alone.held_out) == 0 and "it has no negatives" in alone.why
        assert "of 8 other clips here" in alone.concept.thresholds[0].sentence
        one = Teacher(bench).try_out(Lesson("fight", examples(ids["run"][:1], "fight") + examples(ids["jog"], NONE)))
        assert one.concept.head.kind == "prototype" and "fight has 1 example," in one.why


def test_a_lesson_says_what_it_lacks() -> None:
    with pytest.raises(BadInput, match=r"examples of fight \(0\).*or words"):
        Lesson("fight", examples(["a" * 64], NONE))
    with pytest.raises(BadInput, match="either fight or none"):
        Lesson("fight", examples(["a" * 64], "fight") + examples(["a" * 64], NONE))
    for name in ("", "a/b"):
        with pytest.raises(BadInput, match="without a slash"):
            Lesson(name, examples(["a" * 64], "fight"))
    with pytest.raises(BadInput, match="head"):
        Lesson("fight", examples(["a" * 64], "fight"), head="forest")
    with pytest.raises(BadInput, match="target"):
        Lesson("fight", examples(["a" * 64], "fight"), target="sometimes")
    assert Lesson("fight", examples(["a" * 64], "fight") * 2).count("fight") == 1


def test_a_label_makes_a_lesson_with_negatives_of_many_sources(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = planted(bench, tmp_path)
        given = Lesson.from_label(bench, "run", negatives=4)
        assert given.count("run") == 4 and given.count(NONE) == 4
        sources = {clip.clip_id: clip.source for clip in bench.library.clips()}
        assert len({sources[one.clip_id] for one in given.examples if one.name == NONE}) == 4
        assert not {one.clip_id for one in given.examples if one.name == NONE} & set(ids["run"])
        with pytest.raises(UnknownName, match="try run"):
            Lesson.from_label(bench, "runn")


def test_stopping_keeps_nothing_and_an_encoder_that_is_not_here_is_told(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids, teacher = planted(bench, tmp_path), Teacher(bench)
        with pytest.raises(Cancelled):
            teacher.teach(lesson(ids), should_stop=lambda: True)
        concept = teacher.teach(lesson(ids))
        assert teacher.stale(concept) == ""
        assert "toy has changed since" in teacher.stale(replace(concept, fingerprint="toy-of-yesterday"))
        assert "which is not here" in teacher.stale(replace(concept, encoder="gone"))


def test_altered_copies_are_learnt_from(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = planted(bench, tmp_path)
        plain = Teacher(bench).try_out(lesson(ids))
        more = np.zeros((2, plain.concept.space.mean.shape[0]), np.float32)
        more[:, 6] = 1.0
        altered = Teacher(bench).try_out(lesson(ids), altered={0: more})
        assert len(altered.held_out) == len(plain.held_out)
        assert not np.allclose(altered.concept.prototypes, plain.concept.prototypes)
