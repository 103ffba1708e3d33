"""Ways to describe skeletons tried beside the one that ships; ``python -m benchmarks.motion --candidates`` runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core import encoders, manifest, weights
from core.clips import Floats
from core.decoding import Decoder
from core.encoders.skeleton import watcher
from core.motion import skeleton_watching
from core.motion.joints import Body, body_of, walks_left
from core.motion.skeleton import Scene, measure, scaled, scales
from core.motion.skeleton_watching import Watcher, repeats
from core.motion.tracking import Track, link
from core.sampling import frame_times, windows
from core.settings import Settings
from core.similarity import pool, unit

SPEC = encoders.spec("skeleton")
DT_SECONDS = SPEC.sampling.window_seconds / SPEC.frames
_TRIAL_NUMBERS = 152
Describe = Callable[[list[Track]], Floats]


def embed(wanted: Sequence[manifest.Item]) -> dict[str, Floats]:
    """(N, D) unit rows of the clips by each candidate."""
    path = weights.fetch(SPEC, Settings.from_environment().cache)
    assert path is not None
    tracks = [list(_tracks(item, watcher(path))) for item in wanted]
    found = {name: _pooled(tracks, describe) for name, describe in CANDIDATES.items()}
    found["in the dark as it is"] = _pooled([list(_tracks(item, _unlit(path))) for item in wanted], _shipped)
    return found


def standardised(vectors: Floats) -> Floats:
    """Each number by the library's own mean and deviation: the z-score of the first trial."""
    deviation = vectors.std(axis=0)
    return unit((vectors - vectors.mean(axis=0)) / (deviation + 0.05 * deviation.max()))


def _tracks(item: manifest.Item, eyes: Watcher) -> Iterator[list[Track]]:
    """The people of each window of a clip."""
    with Decoder() as decoder:
        spans = windows(decoder.probe(item.path).duration_seconds, SPEC.sampling)
        times = [frame_times(span, SPEC.frames, SPEC.sampling) for span in spans]
        for frames in decoder.read_windows(item.path, times, SPEC.framing):
            again = repeats(frames)
            yield link([[] if same else who for same, who in zip(again, eyes.people_of(frames), strict=True)], DT_SECONDS)


def _unlit(path: object) -> Watcher:
    """A watcher that leaves dark pictures dark."""

    class Unlit(Watcher):
        def people_of(self, frames: NDArray[np.uint8]) -> list[list[skeleton_watching.Person]]:
            lighten, skeleton_watching.lighten = skeleton_watching.lighten, lambda picture: picture
            try:
                return super().people_of(frames)
            finally:
                skeleton_watching.lighten = lighten

    return Unlit(watcher(path)._networks)  # type: ignore[arg-type]


def _pooled(clips: Sequence[Sequence[list[Track]]], describe: Describe) -> Floats:
    return np.concatenate([pool(np.stack([describe(people) for people in clip]), ["clip"] * len(clip))[1] for clip in clips])


def _scene(people: list[Track]) -> Scene:
    return measure(people, SPEC.frames, DT_SECONDS)


def _shipped(people: list[Track]) -> Floats:
    return scaled(_scene(people))


def _without(leave_out: Callable[[str], bool]) -> Describe:
    """The shipped vector, but for the blocks that ``leave_out`` names."""

    def describe(people: list[Track]) -> Floats:
        vector, start = _shipped(people), 3
        for name, scale in scales().items():
            if leave_out(name):
                vector[start : start + len(scale.mean)] = 0
            start += len(scale.mean)
        return vector

    return describe


def _all_trusted(people: list[Track]) -> Floats:
    scene = _scene(people)
    return scaled(replace(scene, sureness=dict.fromkeys(scene.sureness, 1.0)))


def _first_trial(people: list[Track]) -> Floats:
    """What this began with: one person, amplitudes weighed by hand."""
    if not people:
        return np.full(_TRIAL_NUMBERS, 1e-3, np.float32)
    body = body_of(people[0], DT_SECONDS)
    flip = np.array([-1.0 if walks_left(body) else 1.0, 1.0])
    return _trial_numbers(replace(body, joints=body.joints * flip, hip=body.hip * flip))


def _trial_numbers(body: Body) -> Floats:
    joints, count = body.joints, len(body.joints)
    frame_share = 0.04 / DT_SECONDS  # its speeds were by frame of 25 a second, its spectra of 80 of these
    padded = round(80 * frame_share)
    speed = np.abs(np.diff(joints, axis=0)).mean(axis=0) if count > 1 else np.zeros((17, 2))
    swings = (joints - joints.mean(axis=0)).reshape(count, -1)
    feet = joints[:, 15] - joints[:, 16]
    hip = np.diff(body.hip, axis=0) * frame_share if count > 1 else np.zeros((1, 2))
    numbers = [
        0.3 * np.abs(joints.mean(axis=0)).ravel(),
        joints.std(axis=0).ravel(),
        3 * frame_share * speed.ravel(),
        6 * np.abs(np.fft.rfft(swings, n=padded, axis=0))[1:16].mean(axis=1) / count,
        3 * np.abs(np.fft.rfft(feet - feet.mean(axis=0), n=padded, axis=0))[1:16].ravel() / count,
        10 * np.array([np.abs(hip[:, 0]).mean(), hip[:, 1].std(), hip[:, 0].std()]),
        np.linalg.norm(np.stack([feet, joints[:, 9] - joints[:, 10]]), axis=2).mean(axis=1),
    ]
    return np.concatenate(numbers).astype(np.float32)


CANDIDATES: dict[str, Describe] = {
    "as shipped": _shipped,
    "first trial": _first_trial,
    "actor only": _without(lambda name: not name.startswith("actor")),
    "without how poses come back": _without(lambda name: name.endswith("again")),
    "only how poses come back": _without(lambda name: not name.endswith("again")),
    "without spectra": _without(lambda name: name.split(".")[1] in ("feet", "bounce", "swaying")),
    "without positions": _without(lambda name: name.endswith("place")),
    "unsure joints trusted": _all_trusted,
}
