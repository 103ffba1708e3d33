"""Routes from words to clips that join or correct those of ``benchmarks.words``, in families; most lose, and are kept to say so.

A family is judged as a whole: its setting is chosen by the other sets. Which family is best was seen afterwards, therefore the
row "all of them", where the family is chosen by the other sets too, is the honest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.words import Route, Scores, Set, Told, conse, drawn, mix, softmax
from core import mixing
from core.similarity import unit

Rows = NDArray[np.float64]
Direction = Callable[[Set, Told], Rows]
MIXES = ((20, 0.1), (20, 0.2), (400, 0.1))


def along(direction: Direction) -> Route:
    """Clips' cosines with a direction of the words."""

    def score(of: Set, told: Told, _streams: Sequence[str]) -> Scores:
        return np.asarray(of.streams["rgb"] @ unit(direction(of, told)).T, np.float64)

    return score


def mixed(names: int, temperature: float, similarity: Callable[[Told], Rows]) -> Direction:
    """The mix, by another similarity of words and names."""

    def made(_of: Set, told: Told) -> Rows:
        shares = mixing.shares(similarity(told), names=names, temperature=temperature)
        return np.asarray(unit(shares @ mixing.directions(told.head)), np.float64)

    return made


def plain(told: Told) -> Rows:
    return np.asarray(told.texts @ told.names.T, np.float64)


def without_mean(told: Told, components: int) -> Rows:
    """Cosines after the names' mean sentence, and their first main directions, were taken away from both."""
    mean = told.names.mean(axis=0, dtype=np.float64)
    names, texts = told.names - mean, told.texts - mean
    main = np.linalg.svd(names, full_matrices=False)[2][:components]
    return np.asarray(unit(texts - texts @ main.T @ main) @ unit(names - names @ main.T @ main).T, np.float64)


def csls(told: Told) -> Rows:
    """Twice the cosine, less a name's mean cosine to its ten nearest names (Conneau et al. 2018): hubs are held back."""
    among = np.asarray(told.names @ told.names.T, np.float64)
    np.fill_diagonal(among, -1)
    return 2 * plain(told) - np.sort(among, axis=1)[:, -10:].mean(axis=1)


def whitened(direction: Direction, strength: float, power: float) -> Direction:
    """Times a power of the covariance of the classifier's own rows, made round by ``strength`` times its mean variance."""

    def made(of: Set, told: Told) -> Rows:
        rows = told.head.weight - told.head.weight.mean(axis=0, dtype=np.float64)
        _, sizes, axes = np.linalg.svd(rows, full_matrices=False)  # directions lie in the span of the rows
        variances = sizes**2 / len(rows)
        scales = (variances + strength * variances.sum() / (len(rows) - 1)) ** -power
        return np.asarray((direction(of, told) @ axes.T * scales) @ axes, np.float64)

    return made


def slope(temperature: float) -> Direction:
    """The direction in which ConSE's score of the words grows, the mean over the set's clips (no labels): a linear ConSE."""

    def made(of: Set, told: Told) -> Rows:
        chances = softmax(of.logits / temperature)
        bend = np.diag(chances.mean(axis=0)) - chances.T @ chances / len(chances)
        return np.asarray(unit(plain(told) @ bend @ told.head.weight), np.float64)

    return made


def added(a: Direction, b: Direction, share: float) -> Direction:
    return lambda of, told: np.asarray(unit(a(of, told) + share * b(of, told)), np.float64)


def summed(a: Route, b: Route, share: float) -> Route:
    return lambda of, told, streams: a(of, told, streams) + share * b(of, told, streams)


def standardised(route: Route) -> Route:
    """Every words' scores made alike in mean and spread over the set's clips: it uses the unlabelled set (transductive)."""

    def score(of: Set, told: Told, streams: Sequence[str]) -> Scores:
        found = route(of, told, streams)
        return np.asarray((found - found.mean(axis=0)) / found.std(axis=0), np.float64)

    return score


def lift(names: int, temperature: float, heat: float) -> Route:
    """The mix's share of a clip's probabilities, over its share in the whole set (transductive)."""

    def score(of: Set, told: Told, _streams: Sequence[str]) -> Scores:
        chances, shares = softmax(of.logits / heat), mixing.shares(plain(told), names=names, temperature=temperature)
        return np.log(chances @ shares.T) - np.log(chances.mean(axis=0) @ shares.T)

    return score


def _hubs() -> Iterator[tuple[str, Route]]:
    for components in (0, 1, 3):
        for names, temperature in MIXES:
            found = mixed(names, temperature, partial(without_mean, components=components))
            yield f"mix of {names}, {temperature}; less the mean and {components}", along(found)


def _sloped(shares: Sequence[float]) -> Iterator[tuple[str, Direction]]:
    for names, temperature in MIXES:
        for heat in (1, 2, 4, 8):
            for share in shares:
                told = f"mix of {names}, {temperature} + {share} slope, T {heat}"
                yield told, added(mixed(names, temperature, plain), slope(heat), share)


SHARES = (0.25, 0.5, 1.0)
DEFAULT = {"mix of 400, 0.1": mix(400, 0.1)}
FAMILIES: dict[str, dict[str, Route]] = {
    "mix (as on top)": {f"mix of {names}, {temperature}": mix(names, temperature) for names, temperature in MIXES},
    "names less their mean and main directions": dict(_hubs()),
    "CSLS": {f"mix of {names}, {temperature}; CSLS": along(mixed(names, temperature, csls)) for names, temperature in MIXES},
    "whitened by the classifier": {
        f"mix of {names}, {temperature}; whitened {strength}, {power}": along(
            whitened(mixed(names, temperature, plain), strength, power)
        )
        for names, temperature in MIXES
        for strength in (0.3, 1.0, 3.0, 10.0)
        for power in (0.5, 1.0)
    },
    "ConSE": {f"ConSE, T {heat}": conse(heat) for heat in (1, 2, 4, 8)},
    "slope of ConSE": {f"slope, T {heat}": along(slope(heat)) for heat in (1, 2, 4, 8)},
    "mix + slope of ConSE": {name: along(direction) for name, direction in _sloped(SHARES)},
    "mix + ConSE's score": {
        f"mix of {names}, {temperature} + {share} ConSE, T {heat}": summed(mix(names, temperature), conse(heat), share)
        for names, temperature in MIXES
        for heat in (1, 2, 4, 8)
        for share in SHARES
    },
    "mix, standardised (transductive)": {
        f"mix of {names}, {temperature}; standardised": standardised(mix(names, temperature)) for names, temperature in MIXES
    },
    "lift of probabilities (transductive)": {
        f"lift of {names}, {temperature}, T {heat}": lift(names, temperature, heat)
        for names, temperature in MIXES
        for heat in (1, 2, 4)
    },
}
DRAWN_MORE: dict[str, Route] = {
    f"{name} + drawn {temperature}, from {far}": drawn(base, temperature, 0.8, far)
    for name, base in (*DEFAULT.items(), ("with 0.25 slope, T 2", along(added(mixed(400, 0.1, plain), slope(2), 0.25))))
    for temperature in (0.05, 0.2)
    for far in (0.0, 0.4, 0.6)
}
