"""Sample clips that need no download: rendered figures that walk, run, wave, climb. They are synthetic, and say so.

    takes = plan(people=5)                    # 40 samples: 5 people x 8 actions
    files = write_all(folder)                 # about 3 s of film each

The same plan gives the same pictures on every machine with the same OpenCV. How people move comes from published gait
figures (``core.drawing.gait``) or is chosen by eye, and each person keeps to one place, so that places do not give actions away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.clips import Progress
from core.errors import BadInput, Cancelled

ACTIONS = ("walking", "jogging", "running", "jumping jacks", "waving", "squatting", "boxing", "climbing")
CAMERAS = ("side", "three-quarter", "front", "high")
LIGHTS = ("day", "bright", "dusk")
PLACES = ("park", "street", "hall", "studio", "yard")
NAMES = ("anna", "ben", "chloe", "david", "emi", "farid", "grace", "hugo")
SECONDS = 2.8  # one window of the default encoder (2.56 s), so that a first library is ready soon
PREFIX = "synthetic"


@dataclass(frozen=True, slots=True)
class Sample:
    """One clip to be drawn. ``name`` is its file name without the ending; ``source`` says which invented person moves."""

    name: str
    label: str
    source: str
    person: int
    camera: str
    light: str
    place: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One written clip."""

    path: Path
    label: str
    source: str


def plan(people: int = 5) -> tuple[Sample, ...]:
    """``people`` times every action, person by person; camera and light change from clip to clip.

    Raises BadInput unless ``people`` is from 1 to the number of NAMES.
    """
    if not 1 <= people <= len(NAMES):
        raise BadInput(f"people ({people}) must be from 1 to {len(NAMES)}; choose a number in between")
    return tuple(_sample(person, number) for person in range(people) for number in range(len(ACTIONS)))


def _sample(person: int, number: int) -> Sample:
    label, who = ACTIONS[number], NAMES[person]
    return Sample(
        name=f"{PREFIX}-{who}-{label.replace(' ', '-')}",
        label=label,
        source=f"{PREFIX}-{who}",
        person=person,
        camera=CAMERAS[(person + number) % len(CAMERAS)],
        light=LIGHTS[(person + 2 * number) % len(LIGHTS)],
        place=PLACES[person % len(PLACES)],
        seconds=SECONDS,
    )


def render(sample: Sample) -> Iterator[NDArray[np.uint8]]:
    """The frames of ``sample``: uint8 (240, 320, 3) RGB, 25 a second."""
    from core.drawing.film import Take, shoot
    from core.drawing.people import PEOPLE

    seed = 100 * sample.person + ACTIONS.index(sample.label)
    return shoot(Take(PEOPLE[sample.person], sample.label, sample.camera, sample.light, sample.place, sample.seconds, seed))


def _write(path: Path, frames: Iterator[NDArray[np.uint8]]) -> None:
    from core.decoding.writing import write_mp4
    from core.drawing.film import FPS

    write_mp4(path, frames, FPS)


def write_all(
    folder: Path,
    progress: Callable[[Progress], None] = lambda _step: None,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    people: int = 5,
    write: Callable[[Path, Iterator[NDArray[np.uint8]]], None] = _write,
) -> list[SampleFile]:
    """Draws every sample of ``plan(people)`` into ``folder`` as an MP4; a file that is there already is kept.

    Raises Cancelled as soon as ``should_stop()`` says so; whole files that were written by then stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    samples, written = plan(people), []
    for done, sample in enumerate(samples):
        if should_stop():
            raise Cancelled("drawing the samples was stopped")
        progress(Progress(done, len(samples), sample.name))
        written.append(write_one(folder, sample, write))
    progress(Progress(len(samples), len(samples), "done"))
    return written


def write_one(folder: Path, sample: Sample, write: Callable[[Path, Iterator[NDArray[np.uint8]]], None] = _write) -> SampleFile:
    """Draws ``sample`` into ``folder`` unless it is there; under its name there are only whole files."""
    path = folder / f"{sample.name}.mp4"
    if not path.exists():
        unfinished = path.with_suffix(".part.mp4")
        write(unfinished, render(sample))
        unfinished.replace(path)
    return SampleFile(path, sample.label, sample.source)
