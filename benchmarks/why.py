"""Do the maps of "why alike?" tell the truth, and how much of a similarity is motion? Real clips, the product's own networks.

    python -m benchmarks.why faith [--pairs 8]
    python -m benchmarks.why scenery [--encoder i3d-rgb]

``faith`` explains the centred cosine between two clips of one action and of different sources in several ways, then hides the
places that each way names, strongest first (deletion, Petsiuk et al. 2018, arXiv:1806.07421): the lower the similarity falls,
the truer the map. It takes i3d-rgb through torch, because gradients need it. ``scenery`` asks the product.

Needs the labelled test clips (MOTIONBOOK_CLIPS) and a library that has embedded them: MOTIONBOOK_HOME.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.quality import clips_folder, items_of
from core import encoders, occluding, weights
from core.alterations import alter
from core.clips import Clip, Floats, Window
from core.collecting import Collection
from core.decoding import Decoder
from core.encoders import registry, stored
from core.encoders.prepared import Prepared, make_prepared
from core.explaining import Explainer
from core.sampling import frame_times, windows
from core.settings import Settings
from core.surviving import KINDS, percent
from core.workbench import Workbench

ENCODER = "i3d-rgb"
GRID = 14  # cells each way at which places are hidden: 16 pixels of 224
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
RANDOM_TRIES = 3
Frames = NDArray[np.uint8]
Map = NDArray[np.float64]
Embed = Callable[[Frames], Floats]
"""Frames of one window -> (D,), by the quickest engine."""


class Subject:
    """One window of a clip, and its centred cosine to another clip as a function of frames."""

    def __init__(self, embed: Embed, network: Prepared, frames: Frames, collection: Collection, other: Floats) -> None:
        self.network, self.frames, self.other = network, frames, other
        self.mean, self._embed = torch.from_numpy(collection.mean), embed
        self.forwards = 0

    def score(self, embedding: Tensor) -> Tensor:
        """(D,) raw -> the cosine: as ``Collection.place`` for an encoder of one stream."""
        away = embedding / embedding.norm() - self.mean
        return (away / away.norm()) @ torch.from_numpy(self.other)

    def of(self, frames: Frames) -> float:
        self.forwards += 1
        return float(self.score(torch.from_numpy(self._embed(frames))))

    def pixels(self) -> tuple[Tensor, Tensor]:
        """(T, H, W, 3) float frames that gradients flow to, and the score."""
        self.forwards += 3  # a pass back costs about two forward
        x = torch.from_numpy(self.frames.astype(np.float32))[None].requires_grad_()
        score = self.score(self.network(x)[0])
        score.backward()  # type: ignore[no-untyped-call]
        assert x.grad is not None
        return x, score


def resized(values: Map) -> Map:
    """Any map -> (GRID, GRID), smoothly."""
    table = torch.from_numpy(np.asarray(values, np.float64))[None, None]
    return np.asarray(torch.nn.functional.interpolate(table, (GRID, GRID), mode="bilinear", align_corners=False)[0, 0].numpy())


def by_occlusion(count: int) -> Callable[[Subject], Map]:
    def explain(subject: Subject) -> Map:
        base = subject.of(subject.frames)
        drops = [base - subject.of(alter(subject.frames, one)) for one in occluding.tiles((0, 0, 1, 1), count)]
        return resized(occluding.spread_out(np.reshape(drops, (count, count))))

    return explain


def by_gradient(subject: Subject) -> Map:
    """How fast the score changes with each pixel (Simonyan et al. 2014, arXiv:1312.6034): size without sign."""
    x, _ = subject.pixels()
    return _cells(x.grad[0].abs().sum(-1))  # type: ignore[index]


def by_gradient_times_input(subject: Subject) -> Map:
    """The same times the pixel's distance from the window's mean colour: to first order, what filling it with that changes."""
    x, _ = subject.pixels()
    away = x.detach()[0] - x.detach()[0].mean(dim=(0, 1, 2))
    return _cells((x.grad[0] * away).sum(-1))  # type: ignore[index]


def by_features(subject: Subject) -> Map:
    """The last feature map, place by place, along the direction of the other clip: an exact sum for a network that averages
    places (as Stylianou et al. 2019, arXiv:1901.00536, for pictures). One pass forward."""
    kept: list[Tensor] = []
    hook = subject.network.network.blocks["Mixed_5c"].register_forward_hook(lambda _m, _i, out: kept.append(out))  # type: ignore[index,union-attr]
    try:
        embedding = subject.network(torch.from_numpy(subject.frames)[None])[0]
    finally:
        hook.remove()
    subject.forwards += 1
    places = kept[0][0].mean(dim=1).permute(1, 2, 0)  # (7, 7, 1024)
    away = places / embedding.norm() - subject.mean
    return resized((away @ torch.from_numpy(subject.other)).numpy().astype(np.float64))


def by_chance(seed: int) -> Callable[[Subject], Map]:
    """Smooth places that mean nothing."""
    return lambda _: resized(np.random.default_rng(seed).normal(size=(7, 7)))


def _cells(values: Tensor) -> Map:
    summed = values.sum(dim=0) if values.dim() == 3 else values
    side = summed.shape[-1] // GRID
    return np.asarray(summed.reshape(GRID, side, GRID, side).sum(dim=(1, 3)).numpy(), np.float64)


WAYS: dict[str, Callable[[Subject], Map]] = {
    "occlusion, 3 x 3": by_occlusion(3),
    "occlusion, 4 x 4": by_occlusion(4),
    "occlusion, 6 x 6": by_occlusion(6),
    "gradient": by_gradient,
    "gradient x input": by_gradient_times_input,
    "last feature map": by_features,
}


def hide(frames: Frames, cells: NDArray[np.bool_]) -> Frames:
    mask = cells.repeat(frames.shape[1] // GRID, axis=0).repeat(frames.shape[2] // GRID, axis=1)
    changed = frames.copy()
    changed[:, mask] = frames.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
    return changed


def deletion(subject: Subject, places: Map) -> list[float]:
    """The score after hiding each of SHARES of the picture, strongest places first."""
    order = np.argsort(-places, axis=None, kind="stable")
    scores = []
    for share in SHARES:
        cells = np.zeros(places.size, bool)
        cells[order[: round(share * places.size)]] = True
        scores.append(subject.of(hide(subject.frames, cells.reshape(places.shape))))
    return scores


def network_of(settings: Settings, *, random: bool = False) -> Prepared:
    row, spec = registry.row(ENCODER), encoders.spec(ENCODER)
    path = weights.locate(spec, settings.cache)
    assert path is not None
    return make_prepared(spec, row.network, None if random else stored.load(path))


def engine_of(settings: Settings) -> Embed:
    path = weights.locate(encoders.spec(ENCODER), settings.cache)
    encoder = encoders.build(ENCODER, weights=path, cache=settings.cache, device=settings.device)
    return lambda frames: encoder.embed(frames[None])[0]


def embedding_with(network: Prepared) -> Embed:
    def embed(frames: Frames) -> Floats:
        with torch.inference_mode():
            return np.asarray(network(torch.from_numpy(np.ascontiguousarray(frames))[None])[0].numpy())

    return embed


def pairs_of(collection: Collection, most: int) -> list[tuple[int, int]]:
    """Pairs of clips of one label and unlike sources, as many labels as can be, drawn with a fixed seed."""
    random, found = np.random.default_rng(0), list[tuple[int, int]]()
    by_label: dict[str, list[int]] = {}
    for row, clip in enumerate(collection.clips):
        if clip.label:
            by_label.setdefault(clip.label, []).append(row)
    labels = [label for label, rows in by_label.items() if len({collection.sources[row] for row in rows}) > 1]
    for label in random.permutation(labels):
        rows = random.permutation(by_label[str(label)])
        found += [(int(a), int(b)) for a in rows for b in rows if collection.sources[a] != collection.sources[b]][:1]
    return found[:most]


def frames_of(decoder: Decoder, bench: Workbench, clip: Clip) -> Frames:
    spec = encoders.spec(ENCODER)
    spans = windows(clip.info.duration_seconds, spec.sampling)
    window: Window = spans[len(spans) // 2]
    times = [frame_times(window, spec.frames, spec.sampling)]
    return next(iter(decoder.read_windows(bench.library.media_path(clip.clip_id), times, spec.framing)))


def faith(most: int) -> None:
    """The table of docs/why.md: how far the similarity falls, and how alike the maps of different ways are."""
    settings = Settings.from_environment()
    falls: dict[str, list[list[float]]] = {name: [] for name in (*WAYS, "chance")}
    maps: dict[str, list[Map]] = {name: [] for name in (*WAYS, "occlusion, random weights")}
    cost: dict[str, list[int]] = {name: [] for name in WAYS}
    bases: list[float] = []
    with Workbench(settings) as bench, Decoder(settings.limits) as decoder:
        collection, network, blind = bench.collection(ENCODER), network_of(settings), network_of(settings, random=True)
        engine = engine_of(settings)
        for number, (a, b) in enumerate(pairs_of(collection, most)):
            frames = frames_of(decoder, bench, collection.clips[a])
            subject = Subject(engine, network, frames, collection, collection.centred[b])
            bases.append(subject.of(frames))
            for name, explain in WAYS.items():
                before = subject.forwards
                maps[name].append(explain(subject))
                cost[name].append(subject.forwards - before)
                falls[name].append(deletion(subject, maps[name][-1]))
            tries = [deletion(subject, by_chance(RANDOM_TRIES * number + one)(subject)) for one in range(RANDOM_TRIES)]
            falls["chance"].append(list(np.mean(tries, axis=0)))
            made_up = Subject(embedding_with(blind), blind, frames, collection, collection.centred[b])
            maps["occlusion, random weights"].append(by_occlusion(3)(made_up))
            label, when = collection.clips[a].label, time.strftime("%H:%M:%S")
            print(f"<!-- {when} pair {number + 1}: {label}, similarity {bases[-1]:.2f} -->", flush=True)
    print(f"{len(bases)} pairs, similarity as filmed {np.mean(bases):.2f}.\n")
    print("| places named by | passes | " + " | ".join(f"{share:.0%} hidden" for share in SHARES) + " | mean |")
    print("|---|---|" + "---|" * (len(SHARES) + 1))
    for name, rows in falls.items():
        means = np.mean(rows, axis=0)
        passes = f"{np.mean(cost[name]):.0f}" if name in cost else "–"
        print(f"| {name} | {passes} | " + " | ".join(f"{mean:.2f}" for mean in means) + f" | {means.mean():.2f} |")
    print("\nRank correlation with occlusion 6 x 6, mean over pairs:\n")
    for name, found in maps.items():
        alike = [_rank_correlation(one, other) for one, other in zip(found, maps["occlusion, 6 x 6"], strict=True)]
        print(f"* {name}: {np.mean(alike):.2f}")


QUESTIONS = (
    ("same action, one wall", "weizmann", "walk", "walk"),
    ("same action, one wall", "weizmann", "wave2", "wave2"),
    ("unlike actions, one wall", "weizmann", "walk", "bend"),
    ("unlike actions, one wall", "weizmann", "wave2", "run"),
    ("same action", "ut_interaction", "punching", "punching"),
    ("same action", "ut_interaction", "hugging", "hugging"),
    ("unlike actions, one ground", "ut_interaction", "kicking", "hand_shaking"),
    ("same action", "kth", "walking", "walking"),
    ("same action", "web_mixed", "running", "running"),
    ("unlike actions", "kth", "running", "jogging"),
)


def scenery(encoder: str) -> None:
    """The other table of docs/why.md: for each question the first two clips, by name, of unlike sources."""
    with Workbench(Settings.from_environment()) as bench:
        explainer, collection = Explainer(bench), bench.collection(encoder)
        datasets = {
            item.path.name: name for name in {question[1] for question in QUESTIONS} for item in items_of(clips_folder(), name)
        }
        print(f"{encoder}, library of {len(collection.clips)} clips. Similarity, and what of it survives.\n")
        print("| clips | as filmed | " + " | ".join(KINDS) + " | other clips, frozen |\n|---|---|" + "---|" * (len(KINDS) + 1))
        for what, dataset, *labels in QUESTIONS:
            here = sorted((clip for clip in collection.clips if datasets.get(clip.name) == dataset), key=lambda clip: clip.name)
            a = next(clip for clip in here if clip.label == labels[0])
            b = next((clip for clip in here if clip.label == labels[1] and clip.split_source != a.split_source), None)
            if b is None:
                continue
            found = explainer.scenery(a.clip_id, b.clip_id, encoder)
            cells = [f"{one.similarity:.2f} ({percent(one.survives)})" for one in found.survivals]
            chance = found.survivals[0].chance
            others = "–" if chance is None else f"{chance:.2f}"
            print(
                f"| {dataset}: {' and '.join(labels)}, {what} | {found.similarity:.2f} | {' | '.join(cells)} | {others} |",
                flush=True,
            )


def _rank_correlation(one: Map, other: Map) -> float:
    ranks = [values.ravel().argsort(kind="stable").argsort(kind="stable") for values in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=("faith", "scenery"))
    arguments.add_argument("--pairs", type=int, default=8)
    arguments.add_argument("--encoder", default=ENCODER)
    chosen = arguments.parse_args()
    if chosen.what == "faith":
        faith(chosen.pairs)
    else:
        scenery(chosen.encoder)


if __name__ == "__main__":
    main()
