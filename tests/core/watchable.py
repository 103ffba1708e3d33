"""Films of plain colours and a concept of redness that the toy encoder scores: what there is to flag is known to the second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.clips import Section
from core.concepts import Concept, Example, Head, Scale, Space, Threshold
from core.decoding.writing import write_mp4
from core.errors import UnknownName
from core.workbench import Workbench
from tests.tiny import FPS, SIZE_PX

COLOURS = {"red": (230, 20, 20), "blue": (20, 20, 230), "green": (20, 230, 20)}


def film(path: Path, *stretches: tuple[str, float]) -> Path:
    """One colour after the other, each for so many seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = [
        np.full((SIZE_PX, SIZE_PX, 3), COLOURS[colour], np.uint8)
        for colour, seconds in stretches
        for _ in range(round(seconds * FPS))
    ]
    write_mp4(path, pictures, FPS)
    return path


def redness(bench: Workbench, name: str = "red", examples: tuple[Example, ...] = (), threshold: float = 0.5) -> Concept:
    """A concept whose score is 1 for red film and about 0 for blue film."""
    return colours(bench, name, ("red",), examples, threshold)


def colours(
    bench: Workbench,
    name: str,
    shown: tuple[str, ...],
    examples: tuple[Example, ...] = (),
    threshold: float = 0.5,
) -> Concept:
    """A concept of one colour or of several classes."""
    rows = np.zeros((len(shown), 14), np.float32)
    for row, colour in enumerate(shown):
        rows[row, int(np.argmax(COLOURS[colour])) : 12 : 3] = 0.5
    return Concept(
        name=name,
        encoder="toy",
        fingerprint=bench.fingerprint("toy"),
        classes=(name,) if len(shown) == 1 else shown,
        examples=examples,
        space=Space(np.zeros(14, np.float32), (Section("rgb", "toy", 0, 14, 1.0),)),
        head=Head("prototype", rows, np.zeros(len(shown), np.float32)),
        prototypes=rows,
        scales=tuple(Scale(10.0, -5.0) for _ in shown),
        thresholds=tuple(Threshold(threshold) for _ in shown),
    )


def finder(*concepts: Concept) -> Callable[[str], Concept]:
    """What ``Teacher.get`` is to a library that was taught these."""

    def find(name: str) -> Concept:
        for concept in concepts:
            if concept.name == name:
                return concept
        raise UnknownName(f"concept ({name}) must be one of {', '.join(one.name for one in concepts)}")

    return find
