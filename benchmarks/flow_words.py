"""Learn the usual pieces of motion that the flow encoders count in, and write core/motion/flow_words.npz.

    python -m benchmarks.flow_words [--out FILE]

No label is looked at, and the clips are of sets that nothing is measured on: exercises, signs and sports, whatever
MOTIONBOOK_CLIPS holds of them. A principal component analysis and a mixture of Gaussians, always from the same seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from benchmarks.quality import clips_folder, items_of
from core import encoders
from core.clips import Floats
from core.decoding import Decoder
from core.errors import MotionbookError
from core.motion.flow_descriptor import actor_of
from core.motion.flow_patches import patches
from core.motion.flow_words import FILE
from core.sampling import frame_times, windows

DATASETS = ("kth", "web_mixed", "asl_intel", "hmdb51", "ucf101", "mmaction2", "video_features")
WORDS, DIRECTIONS = 32, 32
SAMPLED = 15_000
SEED = 0


def patches_of(file: Path, decoder: Decoder) -> Iterator[Floats]:
    """(M, L) of every window of a clip and of its mirror image."""
    spec = encoders.spec("flow")
    spans = windows(decoder.probe(file).duration_seconds, spec.sampling)
    moments = [frame_times(span, spec.frames, spec.sampling) for span in spans]
    for frames in decoder.read_windows(file, moments, spec.framing):
        actor = actor_of(frames, spec.sampling.window_seconds)
        if actor is not None:
            yield patches(actor)
            yield patches(actor.mirrored())


def gathered() -> Floats:
    found: list[Floats] = []
    with Decoder() as decoder:
        for item in [item for dataset in DATASETS for item in items_of(clips_folder(), dataset)]:
            try:
                found.extend(patches_of(item.path, decoder))
            except MotionbookError as error:
                print(f"left out {item.path.name}: {error}")
    return np.vstack(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FILE)
    out = parser.parse_args().out
    seen = gathered()
    print(f"{len(seen)} patches")
    sample = seen[np.random.default_rng(SEED).permutation(len(seen))[:SAMPLED]].astype(np.float64)
    axes = PCA(DIRECTIONS, random_state=SEED).fit(sample)
    mixture = GaussianMixture(WORDS, covariance_type="diag", random_state=SEED, max_iter=100, reg_covar=1e-4)
    mixture.fit(axes.transform(sample))
    learned = {
        "mean": axes.mean_,
        "axes": axes.components_,
        "shares": mixture.weights_,
        "centres": mixture.means_,
        "spreads": np.sqrt(mixture.covariances_),
    }
    np.savez_compressed(out, **{name: values.astype(np.float32) for name, values in learned.items()})  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
