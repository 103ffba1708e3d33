"""Zero-shot: which action is it, told by words alone? Several routes from words to clips, prompt forms and streams side by side.

    python -m benchmarks.words [--library FOLDER] [--samples FOLDER]

Needs the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv. A library of them, embedded by `fused`, is built
for the run, or taken from --library; so are the drawn samples (--samples). Each set of clips is a library of its own: its mean
clip is taken away. No label is seen by any route; folder names such as "pjump" are put into plain words by the table below. A
setting is judged on sets that did not choose it (leave one set out). Prints Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import clips_folder, items_of
from core import mixing
from core.clips import Floats
from core.collecting import pool_streams
from core.encoders import ActionHead, sentences, stored
from core.settings import Settings
from core.similarity import centre, unit
from core.workbench import Workbench

WORDS: dict[str, dict[str, str]] = {
    "weizmann": {
        "bend": "bending down", "jack": "jumping jacks", "jump": "jumping forward", "pjump": "jumping in place", "run": "running",
        "side": "stepping sideways", "skip": "skipping", "walk": "walking", "wave1": "waving one hand",
        "wave2": "waving both hands",
    },
    "ut_interaction": {
        "hand_shaking": "shaking hands", "hugging": "hugging", "kicking": "kicking a person", "pointing": "pointing a finger",
        "punching": "punching a person", "pushing": "pushing a person",
    },
    "kth+web": {
        "running": "running", "walking": "walking", "jogging": "jogging", "boxing": "boxing", "handclapping": "clapping hands",
        "handwaving": "waving hands",
    },
    "surv_fight": {"fight": "people fighting", "noFight": "people walking"},
    "arid_dark": {"Jump": "jumping", "Run": "running", "Walk": "walking"},
}  # fmt: skip
FOLDERS = {"kth+web": ("kth", "web_mixed")}
PROMPTS = {
    "words alone": ("{}",),
    "a person ...": ("a person {}",),
    "a video of a person ...": ("a video of a person {}",),
    "mean of four": ("{}", "a person {}", "a video of {}", "people {}"),
}
STREAMS = {"i3d-rgb": ("rgb",), "two-stream": ("rgb", "flow"), "fused": ("rgb", "flow", "skeleton")}
SHARES = {"rgb": 1.0, "flow": 0.5, "skeleton": 1.0}
"""Of the streams where drawn figures stand for words."""
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Set:
    """N clips: per stream centred unit rows (N, D), and the classifier's logits (N, A); ``truth`` (N,) counts ``labels``."""

    streams: Mapping[str, Floats]
    logits: Floats
    labels: tuple[str, ...]
    truth: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a route may use: vectors of K texts, of the A names, of the drawn actions, and the classifier."""

    texts: Floats
    names: Floats
    drawn_names: Floats
    drawn: Mapping[str, Floats]
    head: ActionHead


Route = Callable[[Set, Told, Sequence[str]], Scores]


# -- routes -------------------------------------------------------------------------------------------------------------


def mix(names: int, temperature: float) -> Route:
    """Ours: the nearest names' directions, added up by a softmax of their similarities."""

    def score(of: Set, told: Told, _streams: Sequence[str]) -> Scores:
        shares = mixing.shares(told.texts @ told.names.T, names=names, temperature=temperature)
        return np.asarray(of.streams["rgb"] @ unit(shares @ mixing.directions(told.head)).T, np.float64)

    return score


def conse(temperature: float) -> Route:
    """ConSE (Norouzi et al. 2014): names mixed by the classifier's probabilities, the set's mean mixture taken away."""

    def score(of: Set, told: Told, _streams: Sequence[str]) -> Scores:
        mixture = softmax(of.logits / temperature) @ told.names
        return np.asarray(centre(mixture, mixture.mean(axis=0)) @ told.texts.T, np.float64)

    return score


def ridge(strength: float) -> Route:
    """A linear map from sentences to directions, learned on the 400 names, as in ESZSL (Romera-Paredes, Torr 2015)."""

    def score(of: Set, told: Told, _streams: Sequence[str]) -> Scores:
        mean = told.names.mean(axis=0)
        known, wanted = told.names - mean, mixing.directions(told.head)
        solved = np.linalg.solve(known.T @ known + strength * np.eye(known.shape[1]), known.T @ wanted)
        return np.asarray(of.streams["rgb"] @ unit((told.texts - mean) @ solved).T, np.float64)

    return score


def drawn(base: Route, temperature: float, near: float, far: float) -> Route:
    """``base``, and in the motion streams the figures that Motionbook draws, as far as their names are near the words.

    The nearness of words to the nearest drawn action counts from 0 at ``far`` to 1 at ``near``.
    """

    def score(of: Set, told: Told, streams: Sequence[str]) -> Scores:
        similarity = told.texts @ told.drawn_names.T
        shares = softmax(similarity / temperature)
        counts = np.clip((similarity.max(axis=1) - far) / (near - far), 0, 1)
        found = base(of, told, streams)
        for stream in (stream for stream in streams if stream != "rgb"):
            found = found + SHARES[stream] * counts * (of.streams[stream] @ unit(shares @ told.drawn[stream]).T)
        return found

    return score


def softmax(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    strength = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(strength / strength.sum(axis=1, keepdims=True), np.float64)


ROUTES: dict[str, Route] = {
    "the nearest name": mix(1, 0.05),
    **{
        f"mix of {names}, {temperature}": mix(names, temperature) for names in (3, 5, 20, 400) for temperature in (0.05, 0.1, 0.2)
    },
    "ConSE, T 1": conse(1),
    "ConSE, T 2": conse(2),
    **{f"ridge {strength}": ridge(strength) for strength in (0.3, 1.0, 3.0)},
}
DRAWN: dict[str, Route] = {
    f"{name} + drawn {temperature}, from {far}": drawn(base, temperature, 0.8, far)
    for name, base in (("nearest name", mix(1, 0.05)), ("mix of 3, 0.05", mix(3, 0.05)), ("mix of 20, 0.1", mix(20, 0.1)))
    for temperature in (0.05, 0.2)
    for far in (0.0, 0.4, 0.6)
}


# -- what is judged -----------------------------------------------------------------------------------------------------


@contextmanager
def library(folder: Path | None, fill: Callable[[Workbench], int]) -> Iterator[Workbench]:
    """The library in ``folder``, or one that is built for the time being."""
    with (
        tempfile.TemporaryDirectory() as home,
        Workbench(Settings.from_environment(home=folder or Path(home), encoder="fused")) as bench,
    ):
        if folder is None:
            bench.run_job(fill(bench))
        yield bench


def read_sets(bench: Workbench, folder: Path, head: ActionHead) -> dict[str, Set]:
    """Clips are found in the library by their content, whatever they are called there."""
    found = {}
    for name, words in WORDS.items():
        items = [item for part in FOLDERS.get(name, (name,)) for item in items_of(folder, part) if item.label in words]
        gallery = bench.library.gallery(bench.fingerprint("fused"), [stored.sha256_of(item.path) for item in items])
        label_of = {stored.sha256_of(item.path): item.label for item in items}
        sections = bench.sections("fused")
        owners, rows = pool_streams(gallery.vectors, gallery.clip_ids, sections)
        streams = {at.stream: rows[:, at.start : at.stop] for at in sections}
        labels = tuple(words)
        found[name] = Set(
            {stream: centre(each, each.mean(axis=0)) for stream, each in streams.items()},
            _logits(bench, owners, head),
            labels,
            np.asarray([labels.index(label_of[owner]) for owner in owners]),
        )
    return found


def _logits(bench: Workbench, clip_ids: Sequence[str], head: ActionHead) -> Floats:
    """Of the network's own vectors, not made unit: probabilities depend on their length. The mean over a clip's windows."""
    fingerprint, rows = bench.fingerprint("i3d-rgb"), []
    for clip_id in clip_ids:
        embedded = bench.library.embeddings(clip_id, fingerprint)
        assert embedded is not None, "the parts of fused are kept with it"
        rows.append((embedded.vectors @ head.weight.T + head.bias).mean(axis=0))
    return np.stack(rows)


def read_drawn(bench: Workbench) -> tuple[tuple[str, ...], dict[str, Floats]]:
    """The drawn actions, and per stream a unit prototype of each: the drawn library's mean is taken away."""
    collection = bench.collection("fused")
    names = tuple(sorted(set(collection.labels)))
    prototypes = {}
    for at in collection.sections:
        rows = centre(collection.streams[:, at.start : at.stop], collection.mean[at.start : at.stop])
        of = [[row for row, label in enumerate(collection.labels) if label == name] for name in names]
        prototypes[at.stream] = unit(np.stack([rows[each].mean(axis=0) for each in of]))
    return names, prototypes


def accuracy(scores: Scores, of: Set) -> float:
    return float(np.mean(scores.argmax(axis=1) == of.truth))


def prompted(encode: Callable[[Sequence[str]], Floats], texts: Sequence[str], forms: Sequence[str]) -> Floats:
    return unit(np.mean([encode([form.format(text) for text in texts]) for form in forms], axis=0))


def judge(
    sets: Mapping[str, Set],
    routes: Mapping[str, Route],
    streams: Sequence[str],
    tell: Callable[[str, str, str], Told],
    words: str,
) -> dict[tuple[str, str], dict[str, float]]:
    """(route, prompt) -> set -> accuracy."""
    return {
        (route, prompt): {name: accuracy(score(of, tell(name, prompt, words), streams), of) for name, of in sets.items()}
        for prompt in PROMPTS
        for route, score in routes.items()
    }


def choose(found: Mapping[tuple[str, str], Mapping[str, float]], sets: Sequence[str]) -> tuple[str, str]:
    """The route and prompt with the best mean over ``sets``; of equals the first."""
    return max(found, key=lambda setting: float(np.mean([found[setting][name] for name in sets])))


def show(found: Mapping[tuple[str, str], Mapping[str, float]], sets: Sequence[str], most: int = 0) -> None:
    print(f"\n| route | prompt | {' | '.join(sets)} | mean |\n|---|---|{'---|' * (len(sets) + 1)}")
    ranked = sorted(found, key=lambda setting: -float(np.mean(list(found[setting].values()))))
    for setting in ranked[:most] if most else ranked:
        row = found[setting]
        cells = " | ".join(f"{row[name]:.2f}" for name in sets)
        print(f"| {setting[0]} | {setting[1]} | {cells} | {np.mean(list(row.values())):.3f} |", flush=True)


def show_left_out(found: Mapping[tuple[str, str], Mapping[str, float]], sets: Sequence[str]) -> None:
    print("\n| set left out | what the others choose | accuracy on it |\n|---|---|---|")
    got = []
    for name in sets:
        setting = choose(found, [other for other in sets if other != name])
        got.append(found[setting][name])
        print(f"| {name} | {', '.join(setting)} | {got[-1]:.2f} |")
    print(f"| mean | | {np.mean(got):.3f} |", flush=True)


def combinations(sets: Mapping[str, Set], tell: Callable[[str, str, str], Told]) -> None:
    """What joins or corrects the routes, a line a family: the setting of a set was chosen by the other sets."""
    from benchmarks import word_combinations as more  # it is made of the routes above

    print("\n## Combinations, RGB stream; each set by the setting that the others choose")
    print(f"\n| family | settings | {' | '.join(sets)} | mean | best, seen afterwards |\n|---|---|{'---|' * (len(sets) + 2)}")
    pooled: dict[tuple[str, str], dict[str, float]] = {}
    for family, routes in more.FAMILIES.items():
        found = judge(sets, routes, ("rgb",), tell, "words")
        pooled |= found
        _line(family, found, list(sets))
    _line("all of them", pooled, list(sets))
    for encoder in ("two-stream", "fused"):
        _line(f"mix of 400 + drawn, {encoder}", judge(sets, more.DRAWN_MORE, STREAMS[encoder], tell, "words"), list(sets))


def _line(family: str, found: Mapping[tuple[str, str], Mapping[str, float]], sets: Sequence[str]) -> None:
    got = [found[choose(found, [other for other in sets if other != name])][name] for name in sets]
    best = choose(found, sets)
    seen = f"{', '.join(best)}: {' '.join(f'{found[best][name]:.2f}' for name in sets)}"
    print(f"| {family} | {len(found)} | {' | '.join(f'{each:.2f}' for each in got)} | {np.mean(got):.3f} | {seen} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, help="a library that holds the clips, embedded by fused")
    parser.add_argument("--samples", type=Path, help="a library of the drawn samples, embedded by fused")
    parser.add_argument("--all", action="store_true", help="every setting, not the best ten")
    asked = parser.parse_args()
    folder = clips_folder()
    wanted = [item for name in WORDS for part in FOLDERS.get(name, (name,)) for item in items_of(folder, part)]
    with library(asked.library, lambda bench: bench.enqueue(wanted, "fused")) as bench:
        head = bench.head("i3d-rgb")
        assert head is not None
        sentences.fetch(bench.settings.cache)
        reader = sentences.Sentences(bench.settings.cache)
        sets = read_sets(bench, folder, head)
    with library(asked.samples, lambda bench: bench.enqueue_samples(2, "fused")) as bench:
        drawn_names, prototypes = read_drawn(bench)
    known: dict[tuple[str, str, str], Told] = {}

    def tell(name: str, prompt: str, words: str) -> Told:
        if (name, prompt, words) not in known:
            forms = PROMPTS[prompt]
            plain = [label.replace("_", " ") if words == "folders" else WORDS[name][label] for label in sets[name].labels]
            names = next((told.names for (_, other, _), told in known.items() if other == prompt), None)
            known[name, prompt, words] = Told(
                prompted(reader.encode, plain, forms),
                prompted(reader.encode, head.names, forms) if names is None else names,
                prompted(reader.encode, drawn_names, forms),
                prototypes,
                head,
            )
        return known[name, prompt, words]

    names, most = list(sets), 0 if asked.all else 10
    print(
        " · ".join(
            f"{name}: {len(of.truth)} clips, {len(of.labels)} words, chance {1 / len(of.labels):.2f}" for name, of in sets.items()
        )
    )
    print("\n## RGB stream, words as names (i3d-rgb; the same in two-stream and fused)")
    plain = judge(sets, ROUTES, ("rgb",), tell, "words")
    show(plain, names, most)
    show_left_out(plain, names)
    for encoder in ("two-stream", "fused"):
        print(f"\n## {encoder}: words as names in the RGB stream, as drawn figures in the others")
        found = judge(sets, DRAWN, STREAMS[encoder], tell, "words")
        show(found, names, most)
        show_left_out(found, names)
        best = choose(found, names)
        print(f"\nThe same ({', '.join(best)}) by the bare folder names:")
        show({best: judge(sets, {best[0]: DRAWN[best[0]]}, STREAMS[encoder], tell, "folders")[best]}, names)
    combinations(sets, tell)
    best = choose(plain, names)
    print(f"\n{best[0]}, {best[1]}, RGB alone, by the bare folder names:")
    show({best: judge(sets, {best[0]: ROUTES[best[0]]}, ("rgb",), tell, "folders")[best]}, names)


if __name__ == "__main__":
    main()
