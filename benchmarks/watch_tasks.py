"""What ``benchmarks.watch`` looks for, and where: lessons of clips of a library, and footage of clips that were not taught.

No source (person, sequence, recording) of a lesson is in its footage. The ``tuning`` tasks served to choose the defaults of
``core.flagging.Reading``; the ``reported`` ones have other footage, other actions and, but for scenery, other people.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from benchmarks.footage import Item, cut, labelled, mixed

Items = list[Item]
CALM_SECONDS = 7.9  # of pieces of the street: ten of them, one between each two fights
FIGHTS = 6  # taught, and as many calm clips: the story of issue 6


@dataclass(frozen=True, slots=True)
class Task:
    """``wanted`` are the labels that count as the concept; ``positives`` and ``negatives`` are names of taught clips."""

    name: str
    wanted: frozenset[str]
    positives: tuple[str, ...]
    negatives: tuple[str, ...]
    items: tuple[Item, ...]
    film: str


def fights(clips: Path, fold: int) -> Task:
    """Six CCTV fights and six calm recordings taught, the other nine of each in the footage, with a street as it is all day."""
    groups = [labelled(clips / "surv_fight" / name, name) for name in ("fight", "noFight")]
    turned = [group[fold * 5 :] + group[: fold * 5] for group in groups]
    calm = [*turned[1][FIGHTS:], *cut(clips / "long_video" / "opencv_vtest.avi", "pedestrians", 79.5, CALM_SECONDS)]
    items = mixed(turned[0][FIGHTS:], calm, seed=fold)
    taught = [tuple(path.name for path, *_ in group[:FIGHTS]) for group in turned]
    return Task("fight", frozenset({"fight"}), taught[0], taught[1], tuple(items), f"fight-{fold + 1}")


def interactions(clips: Path, wanted: str, taught: frozenset[str], seed: int) -> Task:
    """One of six actions of two people (UT-Interaction): the sequences ``taught`` teach, the others are the footage."""
    rows = of_set(clips, "ut_interaction")
    here = [row for row in rows if row["group"] in taught]
    items = shuffled([(clips / row["path"], row["label"]) for row in rows if row["group"] not in taught], seed)
    return Task(wanted, frozenset({wanted}), *names(here, frozenset({wanted})), tuple(items), f"interactions-{seed}")


def people(clips: Path, wanted: tuple[str, ...], name: str, taught: frozenset[str], seed: int, others: Items) -> Task:
    """An action of single people before one wall (Weizmann): the people ``taught`` teach, the others are the footage."""
    rows = of_set(clips, "weizmann")
    here = [row for row in rows if row["group"] in taught]
    pieces = [(clips / row["path"], row["label"]) for row in rows if row["group"] not in taught]
    labels = frozenset(wanted)
    return Task(name, labels, *names(here, labels), tuple(shuffled(pieces + others, seed)), f"people-{seed}")


def names(rows: list[dict[str, str]], wanted: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The file names that show what is wanted, and those that do not."""
    own = [Path(row["path"]).name for row in rows if row["label"] in wanted]
    return tuple(own), tuple(Path(row["path"]).name for row in rows if row["label"] not in wanted)


def of_set(clips: Path, dataset: str) -> list[dict[str, str]]:
    with (clips / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return sorted((row for row in csv.DictReader(stream) if row["dataset"] == dataset), key=lambda row: row["path"])


def shuffled(items: Items, seed: int) -> Items:
    return mixed([], items, seed=seed)


FIRST, LAST = frozenset(f"seq{at:02}" for at in range(1, 6)), frozenset(f"seq{at:02}" for at in range(6, 11))
THREE, TWO = frozenset({"daria", "denis", "eli"}), frozenset({"ido", "ira"})


def tuning(clips: Path) -> list[Task]:
    """Sequences 6-10 teach and 1-5 are watched; two people teach and three are watched."""
    pairs = [interactions(clips, name, LAST, 1) for name in ("kicking", "pushing", "punching", "hugging", "pointing")]
    alone = [people(clips, (name,), name, TWO, 1, []) for name in ("jack", "bend", "side", "walk", "pjump")]
    return pairs + alone


def reported(clips: Path) -> list[Task]:
    """Sequences 1-5 teach shaking hands, three people teach waving; other waves and claps stand in that footage too."""
    waves = [(path, "wave2") for path, *_ in labelled(clips / "kth" / "handwaving", "")]
    claps = [(path, "claps") for name in ("handclapping", "boxing") for path, *_ in labelled(clips / "kth" / name, "")]
    return [
        *(fights(clips, fold) for fold in range(3)),
        interactions(clips, "hand_shaking", FIRST, 2),
        people(clips, ("wave1", "wave2"), "waving", THREE, 2, waves + claps),
    ]
