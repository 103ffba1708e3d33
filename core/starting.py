"""A first library: the synthetic samples as items of a job, each drawn when the job comes to it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from core import samples
from core.manifest import Item

JOB_KIND = "samples"


def sample_items(folder: Path, people: int, present: Collection[str] = ()) -> list[Item]:
    """Items for samples that are not drawn yet; ``present`` names those that the library has. Raises BadInput.

    Person by person, all actions of each, so that the library is balanced at every moment: its mean clip, which centred
    similarity takes away, is then no mean of a single action.
    """
    return [
        Item(folder / f"{sample.name}.mp4", sample.label, sample.source, f"{sample.name}.mp4", synthetic=True)
        for sample in samples.plan(people)
        if f"{sample.name}.mp4" not in present
    ]


def draw(path: Path) -> None:
    """Draw the sample that ``path`` is named after, unless the file is there. A kill in between leaves no half file."""
    by_name = {sample.name: sample for sample in samples.plan(len(samples.NAMES))}
    path.parent.mkdir(parents=True, exist_ok=True)
    samples.write_one(path.parent, by_name[path.stem])
