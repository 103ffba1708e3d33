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
TAUGHT_FIGHTS = frozenset({"fi001", "fi002", "fi003", "fi004", "fi013", "fi014"})
CALM = 6  # recordings taught with them, three of them in their rooms
STREET_SECONDS = 5.0  # of a piece of the street: ten of them, one or two between each two fights


@dataclass(frozen=True, slots=True)
class Task:
    """``wanted`` are the labels that count as the concept; ``positives`` and ``negatives`` are names of taught clips."""

    name: str
    wanted: frozenset[str]
    positives: tuple[str, ...]
    negatives: tuple[str, ...]
    items: tuple[Item, ...]
    film: str


def fights(clips: Path) -> Task:
    """Six CCTV fights and six calm recordings taught, nine of each in the footage, with a street as it is all day between them.

    Files of one room go together: numbers 5 to 11 of the fights are one room, 15 and 16 another with calm number 16 (looked at).
    No fight of the footage happens in a room that was taught, so rooms cannot be what is recognised.
    """
    fight, calm = (labelled(clips / "surv_fight" / name, name) for name in ("fight", "noFight"))
    taught = [one for one in fight if one[0].stem in TAUGHT_FIGHTS]
    street = cut(clips / "long_video" / "opencv_vtest.avi", "pedestrians", 79.5, STREET_SECONDS)[:10]
    items = mixed([one for one in fight if one not in taught], [*calm[CALM:], *street])
    names = tuple(tuple(path.name for path, *_ in group) for group in (taught, calm[:CALM]))
    return Task("fight", frozenset({"fight"}), *names, tuple(items), "fights")


def interactions(clips: Path, wanted: str, taught: frozenset[str], seen: frozenset[str], seed: int) -> Task:
    """One of six actions of two people (UT-Interaction): the sequences ``taught`` teach, those ``seen`` are the footage."""
    rows = of_set(clips, "ut_interaction")
    here = [row for row in rows if row["group"] in taught]
    items = shuffled([(clips / row["path"], row["label"]) for row in rows if row["group"] in seen], seed)
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
THREE = frozenset({"seq06", "seq07", "seq08"})
PEOPLE = frozenset({"daria", "denis", "eli"})
SIX = ("hand_shaking", "hugging", "kicking", "pointing", "punching", "pushing")


def tuning(clips: Path) -> list[Task]:
    """Sequences 6-10 teach and 1-5 are watched."""
    return [interactions(clips, name, LAST, FIRST, 1) for name in ("kicking", "pushing", "punching", "hugging", "pointing")]


def reported(clips: Path) -> list[Task]:
    """Sequences 1-5 teach, 6-8 are watched; three people teach waving, and other waves and claps stand in that footage too."""
    waves = [(path, "wave2") for path, *_ in labelled(clips / "kth" / "handwaving", "")]
    claps = [(path, "claps") for name in ("handclapping", "boxing") for path, *_ in labelled(clips / "kth" / name, "")]
    return [
        fights(clips),
        *(interactions(clips, name, FIRST, THREE, 2) for name in SIX),
        people(clips, ("wave1", "wave2"), "waving", PEOPLE, 2, waves + claps),
    ]
