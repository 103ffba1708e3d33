"""How well are actions learnt from a handful of examples, and which questions help? On the embeddings of a labelled library.

    python -m benchmarks.teach episodes --library LIBRARY [--encoder i3d-rgb flow skeleton fused] [--episodes 10000]
    python -m benchmarks.teach probe    --library LIBRARY      8 examples of each action, five kinds of heads
    python -m benchmarks.teach sources  --library LIBRARY      every source left out in turn, folder by folder
    python -m benchmarks.teach asking   --library LIBRARY      ten questions at a time against ten clips at random
    python -m benchmarks.teach doubts   --library LIBRARY      examples with a wrong name, suggested as such
    python -m benchmarks.teach curves   --library LIBRARY      what half of the examples say about all of them
    python -m benchmarks.teach augment  --library LIBRARY --encoder i3d-rgb --label wave2 fight   (embeds: minutes to hours)

Nothing is embedded but by ``augment``: vectors are the library's. A clip is one vector, centred by the library's mean, as Compare
has it. In an episode no source is on both sides, and every encoder gets the same episodes. The customary interval of a mean over
episodes (1.96 standard errors) says how exactly the mean over all episodes *of these clips* is known, not what other footage
would give; the interval over sources, which draws whole sources of the queries anew, is the one to believe.

``episodes`` draws five labels, either of one folder (same scenery, same people: what is told apart is the action) or of all
folders (where the scenery often gives the answer). Over all folders labels that begin alike (run, Run, running) never meet. A
folder is what the manifest beside the clips says (``--manifest``).
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.collecting import Collection
from core.errors import MotionbookError, NotEnoughData
from core.heads import RIDGE_ALPHA, fit, flatten
from core.queries import Query
from core.similarity import cosines
from core.statistics import mean_over_sources
from core.workbench import Workbench

ENCODERS = ("i3d-rgb", "flow", "skeleton", "fused")
MANIFEST = "../shared/clips/manifest.csv"
WAYS, BATCH = 5, 500
WORDS = {  # what an analyst would type for a label that is no English phrase
    "jack": "jumping jacks",
    "pjump": "jumping on the spot",
    "side": "galloping sideways",
    "skip": "skipping on one leg",
    "wave1": "waving one hand",
    "wave2": "waving both hands",
    "bend": "bending down",
    "noFight": "people walking past",
    "SoccerJuggling": "juggling a soccer ball",
    "run": "running",
    "Run": "running",
    "walk": "walking",
    "Walk": "walking",
    "jump": "jumping forward",
    "Jump": "jumping",
    "wave": "waving",
    "fight": "fighting",
}


@dataclass(frozen=True)
class Labelled:
    """The labelled clips of a library: places in ``collections``, which are by encoder and all of the same clips."""

    rows: np.ndarray
    labels: np.ndarray
    sources: np.ndarray
    folders: np.ndarray
    collections: dict[str, Collection]

    def gram(self, encoder: str, centred: bool = True) -> np.ndarray:
        of = self.collections[encoder]
        rows = (of.centred if centred else of.raw)[self.rows].astype(np.float64)
        return rows @ rows.T

    def vectors(self, encoder: str) -> np.ndarray:
        return self.collections[encoder].centred[self.rows]


def labelled(bench: Workbench, names: Sequence[str], manifest: str) -> Labelled:
    collections = {name: bench.collection(name) for name in names}
    first = next(iter(collections.values()))
    for name, one in collections.items():
        assert [clip.clip_id for clip in one.clips] == [clip.clip_id for clip in first.clips], f"{name} has embedded other clips"
    rows = np.asarray([row for row, clip in enumerate(first.clips) if clip.label])
    known = {}
    if Path(manifest).exists():
        with Path(manifest).open(newline="", encoding="utf-8") as lines:
            known = {Path(line["path"]).name: line["dataset"] for line in csv.DictReader(lines)}
    folders = np.asarray([known.get(first.clips[row].name, "") for row in rows])
    return Labelled(rows, np.asarray(first.labels)[rows], np.asarray(first.sources)[rows], folders, collections)


# -- episodes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Episodes:
    """E episodes: ``support`` (E, ways, shots) and ``queries`` (E, ways), places among the labelled clips."""

    support: np.ndarray
    queries: np.ndarray


def draw(of: Labelled, shots: int, count: int, within_folder: bool, ways: int = WAYS, seed: int = 0) -> Episodes | None:
    """None where no folder has enough labels that enough sources have."""
    random = np.random.default_rng(seed)
    by = defaultdict[str, dict[str, list[int]]](lambda: defaultdict(list))
    folders = of.folders if within_folder else np.full(len(of.labels), "")
    table: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, (folder, label, source) in enumerate(zip(folders, of.labels, of.sources, strict=True)):
        table[folder, label][source].append(row)
    for (folder, label), sources in table.items():
        if len(sources) > shots:
            by[folder][label] = list(sources)
    usable = [folder for folder, labels in by.items() if len(_apart(labels, within_folder, random)) >= ways]
    if not usable:
        return None
    support, queries = np.empty((count, ways, shots), np.int64), np.empty((count, ways), np.int64)
    for episode in range(count):
        folder = usable[int(random.integers(len(usable)))]
        labels = _apart(by[folder], within_folder, random)[:ways]
        asked = _query_sources({label: by[folder][label] for label in labels}, shots, random)
        away = set(asked.values())
        for way, label in enumerate(labels):
            own = table[folder, label]
            queries[episode, way] = random.choice(own[asked[label]])
            left = [source for source in own if source not in away]
            chosen = random.choice(len(left), shots, replace=False)
            support[episode, way] = [random.choice(own[left[at]]) for at in chosen]
    return Episodes(support, queries)


def _apart(labels: dict, within_folder: bool, random: np.random.Generator) -> list[str]:
    """All labels in a random order; over several folders only the first of those that begin with the same three letters."""
    order = [sorted(labels)[at] for at in random.permutation(len(labels))]
    if within_folder:
        return order
    return list({label[:3].lower(): label for label in reversed(order)}.values())[::-1]


def _query_sources(sources: dict[str, list[str]], shots: int, random: np.random.Generator) -> dict[str, str]:
    """For each label one source, so that ``shots`` sources which nobody asks from are left to each of them."""
    taken, spare = dict[str, str](), {label: len(own) - shots for label, own in sources.items()}
    for label in random.permutation(list(sources)).tolist():
        away = set(taken.values())
        order = [sources[label][at] for at in random.permutation(len(sources[label]))]
        for source in [*order, *(one for one in order if one in away)]:
            after = away | {source}
            if all(len(after & set(sources[other])) <= spare[other] for other in sources):
                taken[label] = source
                break
        else:
            return _query_sources(sources, shots, random)
    return taken


def nearest_mean(gram: np.ndarray, support: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """(E, queries, ways): cosine to the mean of each way's examples."""
    dots = gram[queries[:, :, None, None], support[:, None, :, :]].mean(axis=-1)
    lengths = np.sqrt(gram[support[:, :, :, None], support[:, :, None, :]].mean(axis=(-1, -2)))
    return dots / np.maximum(lengths, 1e-9)[:, None, :]


def nearest_one(gram: np.ndarray, support: np.ndarray, queries: np.ndarray) -> np.ndarray:
    return gram[queries[:, :, None, None], support[:, None, :, :]].max(axis=-1)


def ridge(gram: np.ndarray, support: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """What ``core.heads``'s ridge gives, each way against the rest with balanced weights, from dot products alone."""
    count, ways, shots = support.shape
    flat, size = support.reshape(count, -1), ways * shots
    owners = np.repeat(np.arange(ways), shots)
    system = np.zeros((count, ways, size + 1, size + 1))
    system[..., :size, :size] = gram[flat[:, :, None], flat[:, None, :]][:, None]
    weights = np.where(owners[None, :] == np.arange(ways)[:, None], size / (2 * shots), size / (2 * shots * (ways - 1)))
    system[..., np.arange(size), np.arange(size)] += RIDGE_ALPHA / weights[None]
    system[..., :size, size] = system[..., size, :size] = 1
    targets = np.zeros((count, ways, size + 1, 1))
    targets[:, :, :size, 0] = np.where(owners[None, :] == np.arange(ways)[:, None], 1.0, -1.0)
    found = np.linalg.solve(system, targets)[..., 0]
    dots = gram[queries[:, :, None], flat[:, None, :]]
    return np.einsum("eqn,ewn->eqw", dots, found[..., :size]) + found[:, None, :, size]


def hits(ask: Callable, gram: np.ndarray, of: Episodes) -> np.ndarray:
    """(E, ways): whether each query was given its own way."""
    right = np.empty(of.queries.shape, bool)
    for start in range(0, len(right), BATCH):
        part = slice(start, start + BATCH)
        right[part] = ask(gram, of.support[part], of.queries[part]).argmax(axis=-1) == np.arange(right.shape[1])
    return right


def told(right: np.ndarray, sources: np.ndarray) -> str:
    """Accuracy, its customary half width, and the interval over sources of the queries."""
    means = right.mean(axis=1)
    over = mean_over_sources(right.ravel().astype(float), sources.ravel().tolist())
    half = 1.96 * means.std(ddof=1) / np.sqrt(len(means))
    return f"{100 * over.value:.1f} ± {100 * half:.1f} | {100 * over.low:.0f} to {100 * over.high:.0f}"


def word_rows(bench: Workbench, of: Labelled, encoder: str) -> np.ndarray | None:
    """(labels of the clips, clips): centred similarity of each clip to the words for each clip's label; NaN where unknown."""
    if not bench.actions(encoder):
        return None
    names = sorted(set(of.labels))
    likeness = np.full((len(names), len(of.labels)), np.nan)
    for at, name in enumerate(names):
        try:
            (side,), collection, _ = bench.sides([Query("text", WORDS.get(name, name.replace("_", " ")))], encoder)
        except MotionbookError:
            continue
        places = {clip.clip_id: row for row, clip in enumerate(collection.clips)}
        rows = [places[of.collections[encoder].clips[row].clip_id] for row in of.rows]
        likeness[at] = cosines(collection.centred[rows], side.centred[:1])[:, 0]
    return likeness[[names.index(label) for label in of.labels]]


def by_words(likeness: np.ndarray, support: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """No example is looked at but for the name of its label."""
    return np.nan_to_num(likeness[support[:, None, :, 0], queries[:, :, None]], nan=-1.0)


def episodes(bench: Workbench, asked: argparse.Namespace) -> None:
    of = labelled(bench, asked.encoder, asked.manifest)
    print(f"{len(of.labels)} labelled clips, {len(set(of.sources))} sources; {asked.episodes:,} episodes, {WAYS} ways")
    print("| folders | shots | encoder | head | accuracy in % ± 95 % over episodes | 95 % over sources |")
    print("|---|---:|---|---|---:|---:|")
    for within in (False, True):
        for shots in (1, 5):
            drawn = draw(of, shots, asked.episodes, within)
            if drawn is None:
                continue
            where, sources = ("one" if within else "all"), of.sources[drawn.queries]
            for encoder in asked.encoder:
                grams = {"raw": of.gram(encoder, False), "centred": of.gram(encoder)}
                ways = [
                    ("nearest class mean, raw", nearest_mean, grams["raw"]),
                    ("nearest class mean, centred", nearest_mean, grams["centred"]),
                    ("nearest example, centred (nothing learnt)", nearest_one, grams["centred"]),
                    ("ridge, centred", ridge, grams["centred"]),
                ]
                words = word_rows(bench, of, encoder) if shots == 1 else None
                if words is not None:
                    ways.append(("words alone (no example)", by_words, words))
                for name, ask, gram in ways:
                    print(f"| {where} | {shots} | {encoder} | {name} | {told(hits(ask, gram, drawn), sources)} |", flush=True)


# -- heads ---------------------------------------------------------------------------------------------------------------


def predicted(kind: str, rows: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Labels of ``test``: the best of one head against the rest for each label."""
    names = np.unique(labels[train])
    if kind == "nearest mean":
        means = np.stack([rows[train][labels[train] == name].mean(axis=0) for name in names])
        return names[(rows[test] @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T).argmax(axis=1)]
    flat = flatten(rows[np.concatenate([train, test])])
    head = fit(kind, flat.rows[: len(train)], labels[train][:, None] == names[None])
    return names[head.scores(flat.rows[len(train) :]).argmax(axis=1)]


KINDS = ("nearest mean", "knn", "ridge", "logistic", "svm")


def probe(bench: Workbench, asked: argparse.Namespace) -> None:
    """Eight examples of each of five actions; the episodes of all heads and encoders are the same."""
    of, shots, count = labelled(bench, asked.encoder, asked.manifest), 8, min(asked.episodes, 500)
    drawn = draw(of, shots, count, False)
    assert drawn is not None
    print(f"{count} episodes, {WAYS} ways, {shots} shots, centred")
    print("| encoder | head | accuracy in % ± 95 % over episodes | 95 % over sources |\n|---|---|---:|---:|")
    for encoder in asked.encoder:
        rows = flatten(of.vectors(encoder)).rows
        for kind in KINDS:
            right = np.empty(drawn.queries.shape, bool)
            for episode in range(count):
                train, test = drawn.support[episode].ravel(), drawn.queries[episode]
                right[episode] = predicted(kind, rows, of.labels, train, test) == of.labels[test]
            print(f"| {encoder} | {kind} | {told(right, of.sources[drawn.queries])} |", flush=True)


def sources(bench: Workbench, asked: argparse.Namespace) -> None:
    """Every source of a folder left out in turn; labels that two of its sources have."""
    of = labelled(bench, asked.encoder, asked.manifest)
    print("| folder | labels, clips, sources | chance % | encoder | " + " | ".join(KINDS) + " |")
    print("|---|---|---:|---|" + "---:|" * len(KINDS))
    for folder in sorted(set(of.folders)):
        here = np.flatnonzero(of.folders == folder)
        here = here[[len(set(of.sources[here][of.labels[here] == label])) > 1 for label in of.labels[here]]]
        names, counts = np.unique(of.labels[here], return_counts=True)
        if len(names) < 2:
            continue
        size = f"{len(names)}, {len(here)}, {len(set(of.sources[here]))}"
        for encoder in asked.encoder:
            rows, cells = flatten(of.vectors(encoder)).rows, []
            for kind in KINDS:
                right = np.zeros(len(here), bool)
                for source in sorted(set(of.sources[here])):
                    test, train = here[of.sources[here] == source], here[of.sources[here] != source]
                    right[of.sources[here] == source] = predicted(kind, rows, of.labels, train, test) == of.labels[test]
                over = mean_over_sources(right.astype(float), of.sources[here].tolist())
                cells.append(f"{100 * over.value:.0f} ({100 * over.low:.0f} to {100 * over.high:.0f})")
            chance = 100 * counts.max() / counts.sum()
            print(f"| {folder} | {size} | {chance:.0f} | {encoder} | " + " | ".join(cells) + " |", flush=True)


# -- questions -----------------------------------------------------------------------------------------------------------


def average_precision(scores: np.ndarray, own: np.ndarray) -> float:
    ranks = np.flatnonzero(own[np.argsort(-scores, kind="stable")]) + 1
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks))


def binary_ridge(gram: np.ndarray, known: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Scores of all clips by a balanced ridge on ``known`` ones: ``core.heads``'s, from dot products."""
    size, shows = len(known), own[known]
    weights = np.where(shows, size / (2 * max(shows.sum(), 1)), size / (2 * max((~shows).sum(), 1)))
    system = np.ones((size + 1, size + 1))
    system[:size, :size] = gram[np.ix_(known, known)] + np.diag(RIDGE_ALPHA / weights)
    system[size, size] = 0
    found = np.linalg.solve(system, np.append(np.where(shows, 1.0, -1.0), 0.0))
    return gram[:, known] @ found[:size] + found[size]


def asking(bench: Workbench, asked: argparse.Namespace) -> None:
    """A quarter hour of somebody's time: two examples and two others to begin with, then 30 answers, ten at a time.

    Half of the sources are asked about, the other half judges (average precision over its clips). A score of 0 is even odds.
    """
    from core import asking as core_asking

    def picked(share: float, shortlist: int) -> Callable:
        def choose(rows, scores, names, random) -> list[int]:
            del random
            before, core_asking.SHORTLIST = core_asking.SHORTLIST, shortlist
            try:
                return [row for row, _ in core_asking.pick(rows, scores, np.abs(scores), names, 10, share)]
            finally:
                core_asking.SHORTLIST = before

        return choose

    def at_random(rows, _scores, _names, random) -> list[int]:
        return random.choice(len(rows), min(10, len(rows)), replace=False).tolist()

    ways: dict[str, Callable] = {
        "ten at random": at_random,
        "**as asked**: half likely, half unsure, spread": picked(core_asking.LIKELY_SHARE, core_asking.SHORTLIST),
        "half likely, half unsure, not spread": picked(0.5, 1),
        "half likely, half unsure, spread wider": picked(0.5, 4),
        "unsure alone": picked(0.0, 1),
        "likely alone": picked(1.0, 1),
    }
    print("| encoder | way | average precision at 0, 10, 20, 30 answers | gain over random at 10, 20, 30 (95 % over labels) | "
          "runs better, worse at 20 | positives known at 20 |\n|---|---|---|---|---|---:|")  # fmt: skip
    for encoder in asked.encoder:
        of = labelled(bench, [encoder], asked.manifest)
        gram, rows = of.gram(encoder), of.vectors(encoder)
        labels = [name for name in np.unique(of.labels) if len(set(of.sources[of.labels == name])) >= 5]
        curves, found = defaultdict(list), defaultdict(list)
        owners = [label for label in labels for _ in range(asked.seeds)]
        for label in labels:
            for seed in range(asked.seeds):
                own, pool, test, start = _split(of, label, seed)
                for name, choose in ways.items():
                    random = np.random.default_rng(1000 + seed)
                    known, curve = list(start), []
                    for answers in range(4):
                        scores = binary_ridge(gram, np.asarray(known), own)
                        curve.append(average_precision(scores[test], own[test]))
                        if answers == 2:
                            found[name].append(int(own[known].sum()))
                        free = np.setdiff1d(pool, known)
                        new = choose(rows[free], scores[free], of.sources[free].tolist(), random)
                        known += [int(free[row]) for row in new]
                    curves[name].append(curve)
        base = np.asarray(curves["ten at random"])
        for name, each in curves.items():
            table, gains = np.asarray(each), np.asarray(each) - base
            over = [mean_over_sources(gains[:, at], owners) for at in (1, 2, 3)]
            spread = ", ".join(f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})" for one in over)
            better, worse = (gains[:, 2] > 1e-9).mean(), (gains[:, 2] < -1e-9).mean()
            values = ", ".join(f"{value:.3f}" for value in table.mean(axis=0))
            spread, sides = ("–", "–") if name == "ten at random" else (spread, f"{better:.0%}, {worse:.0%}")
            print(f"| {encoder} | {name} | {values} | {spread} | {sides} | {np.mean(found[name]):.1f} |", flush=True)


def _split(of: Labelled, label: str, seed: int) -> tuple[np.ndarray, ...]:
    """Whether each clip shows it, the clips to ask about, those to judge by, and the four that are known."""
    random, own = np.random.default_rng(seed), of.labels == label
    having = random.permutation(sorted(set(of.sources[own])))
    others = random.permutation(sorted(set(of.sources) - set(having)))
    mine = {*having[: (len(having) + 1) // 2], *others[: len(others) // 2]}
    pool = np.flatnonzero([source in mine for source in of.sources])
    start = [random.choice(pool[own[pool] == shows], 2, replace=False) for shows in (True, False)]
    return own, pool, np.setdiff1d(np.arange(len(own)), pool), np.concatenate(start)


# -- the rest goes through the app's own classes ----------------------------------------------------------------------------


def doubts(bench: Workbench, asked: argparse.Namespace) -> None:
    """One in ten examples of a concept gets the wrong name; which are suggested? Labels as they came are taken for right."""
    from dataclasses import replace

    from core import judging
    from core.asking import doubts as doubted
    from core.concepts import NONE
    from core.lessons import Lesson, material

    print("| encoder | concepts x draws | exchanged | suggested | precision | recall |\n|---|---:|---:|---:|---:|---:|")
    for encoder in asked.encoder:
        of = labelled(bench, [encoder], asked.manifest)
        labels = [str(name) for name in np.unique(of.labels) if len(set(of.sources[of.labels == name])) >= 5]
        wrong_all, told_all, both_all, runs = 0, 0, 0, 0
        for label in labels:
            lesson = Lesson.from_label(bench, label, encoder=encoder)
            windows = material(bench, lesson).windows
            for seed in range(asked.seeds):
                random = np.random.default_rng(seed)
                wrong = random.choice(len(lesson.examples), max(1, len(lesson.examples) // 10), replace=False)
                targets = windows.targets.copy()
                targets[wrong] = ~targets[wrong]
                if not targets.any():
                    continue
                changed = replace(windows, targets=targets)
                named = [
                    replace(one, name=lesson.classes[0] if targets[at, 0] else NONE) for at, one in enumerate(lesson.examples)
                ]
                found = doubted(named, judging.hold_out("ridge", changed, judging.splits(changed)))
                guilty = {(lesson.examples[at].clip_id, lesson.examples[at].span) for at in wrong}
                suggested = {(one.example.clip_id, one.example.span) for one in found}
                wrong_all, told_all, runs = wrong_all + len(guilty), told_all + len(suggested), runs + 1
                both_all += len(guilty & suggested)
        print(
            f"| {encoder} | {runs} | {wrong_all} | {told_all} | {both_all / max(told_all, 1):.2f} | {both_all / wrong_all:.2f} |"
        )


def curves(bench: Workbench, asked: argparse.Namespace) -> None:
    """Half of a label's examples, drawn at random, are continued to all of them, and what all gave is looked up."""
    from core.learning_curve import learning_curve
    from core.lessons import Lesson

    print("| encoder | label | examples | all gave | half gave | half promised for all | curve of all |")
    print("|---|---|---:|---:|---:|---:|---|")
    for encoder in asked.encoder:
        of = labelled(bench, [encoder], asked.manifest)
        errors, plain = [], []
        for label in [str(one) for one in np.unique(of.labels) if len(set(of.sources[of.labels == one])) >= 9]:
            lesson = Lesson.from_label(bench, label, encoder=encoder)
            whole = learning_curve(bench, lesson)
            random = np.random.default_rng(0)
            kept = sorted(
                row
                for name in {one.name for one in lesson.examples}
                for row in random.permutation([at for at, one in enumerate(lesson.examples) if one.name == name])[
                    : (lesson.count(name) + 1) // 2
                ]
            )
            half = learning_curve(bench, Lesson(lesson.name, tuple(lesson.examples[row] for row in kept), encoder))
            promised = half.predicted[1] if half.predicted else float("nan")
            if half.predicted:
                errors.append(abs(promised - whole.scores[-1]))
                plain.append(abs(half.scores[-1] - whole.scores[-1]))
            cells = f"{len(lesson.examples)} | {whole.scores[-1]:.2f} | {half.scores[-1]:.2f} | {promised:.2f}"
            print(f"| {encoder} | {label} | {cells} | {whole.sentence} |", flush=True)
        if errors:
            print(f"{encoder}: off by {np.mean(errors):.3f} on average; taking half's own score instead: {np.mean(plain):.3f}")


def augment(bench: Workbench, asked: argparse.Namespace) -> None:
    """What ``Augmenter.choose`` takes; then a handful of the examples with and without each, judged by all others."""
    from core.augmenting import CHOICES, Augmenter
    from core.lessons import Lesson, material

    print("| encoder | label | examples | what comes of it |\n|---|---|---:|---|")
    few = []
    for encoder in asked.encoder:
        for label in asked.label:
            lesson = Lesson.from_label(bench, label, encoder=encoder, negatives=15)
            names, augmenter = asked.choice or tuple(CHOICES), Augmenter(bench)
            told = augmenter.choose(lesson, names).sentence
            print(f"| {encoder} | {label} | {len(lesson.examples)} | {told} |", flush=True)
            for name in names:
                windows = material(bench, lesson, augmenter.altered(lesson, (name,))).windows
                few.append(f"| {encoder} | {label} | {name} | {_handful(windows, asked.seeds * 10)} |")
    print("| encoder | label | altered | average precision of 2 and 2 examples without, with | gain (95 %) | better, worse |")
    print("|---|---|---|---|---:|---|\n" + "\n".join(few))


def _handful(windows, draws: int) -> str:
    """Ridge on two positives and two negatives of different sources, with and without altered copies, on all other examples."""
    own, values = windows.targets[:, 0], np.empty((draws, 2))
    flat = flatten(windows.rows).rows
    for seed in range(draws):
        random = np.random.default_rng(seed)
        kept = np.concatenate([random.choice(np.flatnonzero(own == shows), 2, replace=False) for shows in (True, False)])
        away = {windows.sources[row] for row in kept}
        test = np.asarray([row for row in range(len(own)) if windows.sources[row] not in away])
        for at, extra in enumerate((False, True)):
            train = np.isin(windows.examples, kept) & (extra | ~windows.aside)
            head = fit("ridge", flat[train], windows.shown[train], windows.weights[train])
            scores = head.scores(flat)[:, 0]
            best = np.asarray([scores[(windows.examples == row) & ~windows.aside].max() for row in test])
            values[seed, at] = average_precision(best, own[test]) if own[test].any() else np.nan
    values = values[np.isfinite(values[:, 0])]
    gains = values[:, 1] - values[:, 0]
    half = 1.96 * gains.std(ddof=1) / np.sqrt(len(gains))
    means = values.mean(axis=0)
    better, worse = (gains > 1e-9).mean(), (gains < -1e-9).mean()
    return f"{means[0]:.3f}, {means[1]:.3f} | {gains.mean():+.3f} \u00b1 {half:.3f} | {better:.0%}, {worse:.0%}"


PARTS = {part.__name__: part for part in (episodes, probe, sources, asking, doubts, curves, augment)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("part", choices=PARTS)
    arguments.add_argument("--library", default=os.environ.get("MOTIONBOOK_HOME", ""), help="home of a labelled library")
    arguments.add_argument("--encoder", nargs="+", default=list(ENCODERS))
    arguments.add_argument("--episodes", type=int, default=10_000)
    arguments.add_argument("--seeds", type=int, default=10)
    arguments.add_argument("--label", nargs="+", default=["wave2", "fight"])
    arguments.add_argument("--choice", nargs="+", help="augmentations to try; all of them without it")
    arguments.add_argument("--manifest", default=MANIFEST)
    asked = arguments.parse_args()
    if not asked.library:
        raise NotEnoughData("library () must be the home of one with labelled, embedded clips; give --library")
    from core.settings import Settings

    with Workbench(Settings.from_environment(home=Path(asked.library))) as bench:
        PARTS[asked.part](bench, asked)


if __name__ == "__main__":
    main()
