"""The fixed scale of the skeleton encoder's numbers: mean and deviation over everyday films, without their labels.

    python -m benchmarks.skeleton_scale [--write]

Needs the labelled test clips (MOTIONBOOK_CLIPS) and the encoder's weights. It takes the sets named in FILMS, none of which is
judged in docs/motion.md by itself, and every person in them whose joints are mostly sure. ``--write`` replaces the file that
the encoder reads; raise the encoder's ``code_version`` then, for every vector changes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.quality import clips_folder, items_of
from core import encoders, weights
from core.decoding import Decoder
from core.encoders.skeleton import watcher
from core.errors import BadClip
from core.motion.skeleton import SCALE_FILE, Scene, scene_of
from core.sampling import frame_times, windows
from core.settings import Settings

FILMS = ("asl_intel", "kth", "web_mixed", "hmdb51", "ucf101", "mmaction2", "video_features")
SURE = 0.5  # mean sureness of a person's joints; daylight gives 0.6 to 0.8
MOST_SECONDS = 30.0  # of one film, so that no single one outweighs the others


def scenes(folder: Path) -> Iterator[Scene]:
    """What the encoder measures in the windows of all films."""
    spec = encoders.spec("skeleton")
    path = weights.fetch(spec, Settings.from_environment().cache)
    assert path is not None
    eyes, dt_seconds = watcher(path), spec.sampling.window_seconds / spec.frames
    with Decoder() as decoder:
        for item in (item for films in FILMS for item in items_of(folder, films)):
            try:
                spans = windows(min(decoder.probe(item.path).duration_seconds, MOST_SECONDS), spec.sampling)
                times = [frame_times(span, spec.frames, spec.sampling) for span in spans]
                for frames in decoder.read_windows(item.path, times, spec.framing):
                    yield scene_of(frames, eyes.people_of(frames), dt_seconds)
            except BadClip as error:
                print(f"left out: {error}")


def measure(found: list[Scene]) -> dict[str, dict[str, list[float]]]:
    """Mean and deviation of each number of a person's blocks, to three digits."""
    people = [(scene, who) for scene in found for who, sure in scene.sureness.items() if sure >= SURE]
    names = [name.split(".")[1] for name in people[0][0].blocks if name.startswith("actor.")]
    print(f"{len(people)} people in {len(found)} windows")
    told = {}
    for name in names:
        values = np.array([scene.blocks[f"{who}.{name}"] for scene, who in people])
        told[name] = {"mean": _rounded(np.nanmean(values, axis=0)), "deviation": _rounded(np.nanstd(values, axis=0))}
    return told


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.3g}") for value in values]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    told = measure(list(scenes(clips_folder())))
    text = "{\n" + ",\n".join(f'"{name}": {json.dumps(entry)}' for name, entry in told.items()) + "\n}\n"
    if chosen.write:
        SCALE_FILE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
