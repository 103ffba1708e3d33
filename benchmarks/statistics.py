"""Do the statistics hold what they promise? Coverage of the 95 % intervals and uniformity of p under the null, by simulation.

    python -m benchmarks.statistics [--repeats 2000] [--others 200] [--parts coverage others null power thresholds]

Clips are drawn from a model of what an encoder gives: a direction that all video shares, one for the action, one for the
source, one for what this source does in this action, and noise of the single clip; then unit length, and the library's
mean taken away. Each design is drawn many times; the truth is known from 400,000 clips. ``--others`` repeats the intervals
that were not taken (plain jackknife, percentile and studentised bootstrap over sources) that many times, and the power.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from core import resampling
from core.calibrating import conformal_p
from core.operating import Material, garwood, levels
from core.resampling import Bundles, Estimate, bundle
from core.similarity import centre, unit

DIMENSION = 32
# Principal axes of clips are of unlike strength; variances falling as 1/k leave about ten that count (see docs/statistics.md).
AXES = 1 / np.sqrt(np.arange(1, DIMENSION + 1))
AXES = AXES / np.linalg.norm(AXES)
TRUTH_CLIPS = 400_000
CELLS = {"between": resampling.cell_of(2, 0, 1), "within": resampling.cell_of(2, 0, 0), "gap": resampling.gap_of(2)}
BOOTSTRAPS = 999
LOW, HIGH = 0.93, 0.97


@dataclass(frozen=True, slots=True)
class Design:
    """How many sources on each side, how many clips a source has, and the strengths (root of the total variance) of each part.

    ``both``: the same sources are on both sides. ``own_mean``: the mean that is taken away is that of the clips drawn, with as
    many clips of other actions again, and not the one of all clips there could be.
    """

    name: str
    sources: tuple[int, int]
    clips: tuple[int, ...] = (3,)
    difference: float = 0.6
    source: float = 0.7
    habit: float = 0.3
    noise: float = 0.7
    both: bool = False
    own_mean: bool = False
    second_source: float | None = None
    """Strength of the source on the second side, where it is another one."""


DESIGNS = (
    Design("4 and 4 sources", (4, 4)),
    Design("5 and 4, one clip each", (5, 4), (1,)),
    Design("6 and 6", (6, 6)),
    Design("6 and 6, far apart", (6, 6), difference=1.2),
    Design("6 and 6, strong sources", (6, 6), source=1.2, noise=0.5),
    Design("6 and 6, weak sources", (6, 6), source=0.3, habit=0.1, noise=1.0),
    Design("8 and 8, 1 to 6 clips", (8, 8), (1, 2, 6)),
    Design("4 and 15, 1 to 6 clips", (4, 15), (1, 2, 6)),
    Design("10 and 10, one clip each", (10, 10), (1,)),
    Design("15 and 15", (15, 15)),
    Design("8 and 8, sources of unlike strength", (8, 8), source=1.1, second_source=0.4),
    Design("8 and 8, the library's own mean", (8, 8), own_mean=True),
    Design("6 who do both", (6, 6), both=True),
    Design("10 who do both, 1 to 6 clips", (10, 10), (1, 2, 6), both=True),
    Design("15 who do both", (15, 15), both=True),
    Design("5 who do both, tight actions", (5, 5), (1,), difference=2.4, source=0.5, noise=0.5, both=True),
    Design("10 and 10, tight actions", (10, 10), (1,), difference=2.4, source=0.5, noise=0.5),
)
NULLS = (
    Design("5 and 4 sources", (5, 4), difference=0.0),
    Design("6 and 6", (6, 6), difference=0.0),
    Design("6 and 6, strong sources", (6, 6), difference=0.0, source=1.2, noise=0.5),
    Design("8 and 5, 1 to 6 clips", (8, 5), (1, 2, 6), difference=0.0),
    Design("15 and 15, 1 to 6 clips", (15, 15), (1, 2, 6), difference=0.0),
    Design("8 who do both", (8, 8), difference=0.0, both=True),
    Design("12 who do both, 1 to 6 clips", (12, 12), (1, 2, 6), difference=0.0, both=True),
)

NO_DIFFERENCE = tuple(
    replace(DESIGNS[place], name=f"{DESIGNS[place].name}, no difference", difference=0.0) for place in (0, 2, 9, 12)
)
UNLIKE = replace(NULLS[1], name="8 and 8, sources of unlike strength", sources=(8, 8), source=1.1, second_source=0.4)


def _directions(design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What all clips share, and what the clips of each of the two actions do."""
    random = np.random.default_rng(5)
    shared, first, second, lift = np.linalg.qr(random.normal(size=(DIMENSION, 4)))[0].T
    apart = design.difference / 2
    return 1.5 * shared, 0.5 * lift + apart * first, 0.5 * lift + apart * second


def _draw(random: np.random.Generator, count: int, strength: float) -> np.ndarray:
    return strength * AXES * random.normal(size=(count, DIMENSION))


def _side(random: np.random.Generator, design: Design, number: int, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows of one side and the number of each row's source."""
    shared, *actions = _directions(design)
    clips = random.choice(design.clips, size=len(people))
    middle = people + _draw(random, len(people), design.habit)
    owner = np.repeat(np.arange(len(people)), clips)
    return unit(shared + actions[number] + middle[owner] + _draw(random, len(owner), design.noise)), owner


def _strengths(design: Design) -> tuple[float, float]:
    return design.source, design.source if design.second_source is None else design.second_source


def _library_mean(random: np.random.Generator, design: Design) -> np.ndarray:
    """Half of a library are other actions, which lie evenly around the shared direction."""
    shared, *actions = _directions(design)
    rows = [
        unit(shared + action + _draw(random, TRUTH_CLIPS // 4, float(np.hypot(np.hypot(strength, design.habit), design.noise))))
        for strength, action in zip(_strengths(design) * 2, [*actions, -actions[0], -actions[1]], strict=True)
    ]
    return np.vstack(rows).astype(np.float64).mean(axis=0)


def truth(design: Design) -> tuple[np.ndarray, dict[str, float]]:
    """The library's mean, and the numbers that are estimated: products of the mean clips of endlessly many sources."""
    random = np.random.default_rng(1)
    mean, middles = _library_mean(random, design), []
    for number, strength in enumerate(_strengths(design)):
        one_clip = replace(design, clips=(1,))
        rows, _ = _side(random, one_clip, number, _draw(random, TRUTH_CLIPS, strength))
        middles.append(centre(rows, mean).astype(np.float64).mean(axis=0))
    a, b = middles
    return mean, {"between": float(a @ b), "within": float(a @ a), "gap": float((a @ a + b @ b) / 2 - a @ b)}


def sample(random: np.random.Generator, design: Design, mean: np.ndarray) -> Bundles:
    strengths = _strengths(design)
    people = [_draw(random, count, strength) for count, strength in zip(design.sources, strengths, strict=True)]
    if design.both:
        people[1] = people[0]
    sides = [_side(random, design, number, own) for number, own in enumerate(people)]
    if design.own_mean:
        others = np.random.default_rng(random.integers(1 << 32))
        _, *actions = _directions(design)
        away = [
            unit(rows.astype(np.float64) @ _mirror(actions[number]))
            for number, (rows, _) in enumerate(
                _side(others, design, number, _draw(others, count, strengths[number]))
                for number, count in enumerate(design.sources)
            )
        ]
        mean = np.vstack([*(rows for rows, _ in sides), *away]).astype(np.float64).mean(axis=0)
    names = [[f"{0 if design.both else number} {source}" for source in owner] for number, (_, owner) in enumerate(sides)]
    return bundle([centre(rows, mean) for rows, _ in sides], names)


def _mirror(action: np.ndarray) -> np.ndarray:
    """Turns an action into its opposite, and leaves what is square to it."""
    along = action / max(float(np.linalg.norm(action)), 1e-12)
    return np.eye(DIMENSION) - 2 * np.outer(along, along)


# -- coverage -----------------------------------------------------------------------------------------------------------

Interval = Callable[[Bundles, np.ndarray, np.random.Generator], "Estimate | None"]


def taken(bundles: Bundles, contrast: np.ndarray, _: np.random.Generator) -> Estimate | None:
    """The product's own."""
    return resampling.interval(bundles, contrast)


def coverage(design: Design, repeats: int, seed: int = 0, method: Interval = taken) -> dict[str, tuple[float, float, float]]:
    """For between, within and gap: the truth, the share of intervals that hold it, and their median width."""
    mean, true = truth(design)
    random = np.random.default_rng(seed)
    held: dict[str, list[bool]] = {name: [] for name in CELLS}
    widths: dict[str, list[float]] = {name: [] for name in CELLS}
    for _ in range(repeats):
        bundles = sample(random, design, mean)
        for name, contrast in CELLS.items():
            found = method(bundles, contrast, random)
            assert found is not None, design
            held[name].append(found.low <= true[name] <= found.high)
            widths[name].append(found.high - found.low)
    return {name: (true[name], float(np.mean(held[name])), float(np.median(widths[name]))) for name in CELLS}


def plain_jackknife(bundles: Bundles, contrast: np.ndarray, _: np.random.Generator) -> Estimate | None:
    """Nothing taken off for the second order."""
    return resampling.interval(bundles, contrast, corrected=False)


def _drawn(bundles: Bundles, random: np.random.Generator) -> np.ndarray:
    """(BOOTSTRAPS, K) how often each source was drawn, within each kind of source."""
    times = np.zeros((BOOTSTRAPS, int(bundles.sources.max()) + 1))
    for stratum in resampling._strata(bundles):
        times[:, stratum] = random.multinomial(len(stratum), np.full(len(stratum), 1 / len(stratum)), BOOTSTRAPS)
    return times


def _values(bundles: Bundles, times: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    sides = np.broadcast_to(bundles.sides, (len(times), len(bundles.sides)))
    return resampling._contrasted(resampling.means(bundles, sides, times[:, bundles.sources]), contrast)


def percentile_bootstrap(bundles: Bundles, contrast: np.ndarray, random: np.random.Generator) -> Estimate | None:
    """Ends are quantiles of the value when whole sources are drawn anew."""
    low, high = np.nanquantile(_values(bundles, _drawn(bundles, random), contrast), [0.025, 0.975])
    return Estimate(0.0, float(low), float(high), 0.0, 0.0)


def studentised_bootstrap(bundles: Bundles, contrast: np.ndarray, random: np.random.Generator) -> Estimate | None:
    """Draws are held against the jackknife's error of each draw (Davison & Hinkley 1997, section 5.2.1)."""
    plain = plain_jackknife(bundles, contrast, random)
    assert plain is not None
    times = _drawn(bundles, random)
    value, variance = _values(bundles, times, contrast), np.zeros(BOOTSTRAPS)
    for stratum in resampling._strata(bundles):
        left = np.stack(
            [_values(bundles, np.maximum(times - (np.arange(times.shape[1]) == source), 0), contrast) for source in stratum], 1
        )
        weights = times[:, stratum]
        left = np.where(weights > 0, left, 0.0)
        middle = (weights * left).sum(1, keepdims=True) / len(stratum)
        variance += (len(stratum) - 1) / len(stratum) * (weights * (left - middle) ** 2).sum(1)
    with np.errstate(all="ignore"):
        students = (value - plain.value) / np.sqrt(variance)
    low, high = np.nanquantile(students[np.isfinite(students)], [0.025, 0.975])
    return Estimate(plain.value, plain.value - high * plain.error, plain.value - low * plain.error, plain.error, 0.0)


OTHERS: dict[str, Interval] = {
    "plain jackknife": plain_jackknife,
    "percentile bootstrap": percentile_bootstrap,
    "studentised bootstrap": studentised_bootstrap,
}


# -- the test under the null --------------------------------------------------------------------------------------------


def null_ps(design: Design, repeats: int, seed: int = 0) -> np.ndarray:
    """p-values of sides that are drawn from one action, each made continuous: spread evenly over its last step."""
    random = np.random.default_rng(seed)
    mean = _library_mean(np.random.default_rng(1), design)
    found = np.empty(repeats)
    for place in range(repeats):
        test = resampling.permutation(sample(random, design, mean), seed=place)
        assert test is not None, design
        step = test.smallest if test.exact else 1 / (test.arrangements + 1)
        found[place] = test.p - random.uniform() * step
    return found


def power(design: Design, repeats: int, seed: int = 0) -> float:
    """The share of p-values of 0.05 or less."""
    random = np.random.default_rng(seed)
    mean = _library_mean(np.random.default_rng(1), design)
    tests = [resampling.permutation(sample(random, design, mean), seed=place) for place in range(repeats)]
    return float(np.mean([test is not None and test.p <= 0.05 for test in tests]))


# -- the report ---------------------------------------------------------------------------------------------------------


def say(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    sys.stdout.flush()


def _share(value: float) -> str:
    return f"{100 * value:.1f}{'' if LOW <= value <= HIGH else ' *'}"


def tell_coverage(repeats: int) -> None:
    sys.stdout.write(f"Coverage of 95 % intervals, {repeats} draws of each design; * outside of 93 to 97 %\n\n")
    say("design", "between (true)", "within (true)", "gap (true)", "width of the gap's")
    say(*["---"] * 5)
    for design in (*DESIGNS, *NO_DIFFERENCE):
        found = coverage(design, repeats)
        say(design.name, *(f"{_share(held)} ({true:.2f})" for true, held, _ in found.values()), f"{found['gap'][2]:.2f}")


def tell_others(repeats: int) -> None:
    sys.stdout.write(f"\nIntervals that were not taken, {repeats} draws: between, within, gap\n\n")
    say("design", *OTHERS)
    say(*["---"] * (1 + len(OTHERS)))
    for design in (*(DESIGNS[place] for place in (0, 2, 3, 7, 9, 13)), NO_DIFFERENCE[1]):
        shares = [[_share(held) for _, held, _ in coverage(design, repeats, 1, other).values()] for other in OTHERS.values()]
        say(design.name, *(", ".join(share) for share in shares))


def tell_null(repeats: int) -> None:
    sys.stdout.write(f"\np under the null, {repeats} draws\n\n")
    say("design", "p of KS against uniform", "p ≤ 0.05", "p ≤ 0.01")
    say(*["---"] * 4)
    for design in (*NULLS, UNLIKE):
        ps = null_ps(design, repeats)
        kept = stats.kstest(ps, "uniform").pvalue
        say(
            design.name,
            f"{kept:.2f}" if kept >= 0.005 else f"{kept:.0e}",
            f"{np.mean(ps <= 0.05):.3f}",
            f"{np.mean(ps <= 0.01):.3f}",
        )


def tell_power(repeats: int) -> None:
    sys.stdout.write(f"\nPower: share of p ≤ 0.05 by the strength of the difference, {repeats} draws\n\n")
    say("design", *POWER)
    say(*["---"] * (1 + len(POWER)))
    for design in (DESIGNS[place] for place in (1, 2, 9, 12, 14)):
        shares = [power(replace(design, difference=difference), repeats) for difference in POWER]
        say(design.name, *(f"{share:.2f}" for share in shares))


# -- thresholds ---------------------------------------------------------------------------------------------------------

HOUR_SOURCES, HOUR_CLIPS, CLIP_SECONDS = 10, 12, 30.0  # an hour of other footage
FRESH = 200_000  # clips of fresh sources on which a threshold's true rate is measured
SPREADS = (0.0, 0.5, 1.0)
"""Standard deviation of the sources' own level; that of a clip within its source is 1."""


def _negatives(random: np.random.Generator, spread: float, sources: int, clips: int) -> np.ndarray:
    return np.asarray(spread * random.normal(size=(sources, 1)) + random.normal(size=(sources, clips)))


def _hour(scores: np.ndarray) -> Material:
    names = np.repeat([f"source {number}" for number in range(len(scores))], scores.shape[1])
    flat, ones = scores.ravel(), np.ones(scores.size, np.int64)
    return Material(np.zeros(0), np.asarray([], np.str_), flat, names, flat, ones, CLIP_SECONDS * ones, names)


def kept_rates(spread: float, wanted: float, repeats: int) -> list[np.ndarray]:
    """(repeats,) true rates of thresholds for ``wanted`` an hour: by what was seen, one more, the worst source more."""
    random = np.random.default_rng(3)
    fresh = np.sort(_negatives(random, spread, FRESH // HOUR_CLIPS, HOUR_CLIPS).ravel())
    found: list[list[float]] = [[], [], []]
    for _ in range(repeats):
        at = levels(of := _hour(_negatives(random, spread, HOUR_SOURCES, HOUR_CLIPS)))
        for place, more in enumerate((0, 1, np.maximum(at.worst_alarms, 1))):
            last = int(np.flatnonzero(at.alarms + more <= wanted * of.hours + 1e-9)[-1])
            value = at.scores[last : last + 2].mean()  # halfway to the first that does not fire, as ``core.calibrating``
            above = 1 - np.searchsorted(fresh, value) / len(fresh)
            found[place].append(above * HOUR_SOURCES * HOUR_CLIPS / of.hours)
    return [np.asarray(rates) for rates in found]


def tell_thresholds(repeats: int) -> None:
    sys.stdout.write(
        f"\nFalse alarms an hour that thresholds from an hour of {HOUR_SOURCES} sources give, {repeats} draws: mean\n\n"
    )
    say("sources' spread", "asked for", "as many as were seen", "one more", "the worst source more (taken)")
    say(*["---"] * 5)
    for spread in SPREADS:
        for wanted in (2.0, 5.0, 10.0):
            say(spread, f"{wanted:g}", *(f"{rates.mean():.1f}" for rates in kept_rates(spread, wanted, repeats)))
    sys.stdout.write(f"\nConformal p of clips that are as the n negatives (Student's t, 2 degrees), {50 * repeats} draws\n\n")
    say("n", *(f"p ≤ {share:g}" for share in P_SHARES))
    say(*["---"] * (1 + len(P_SHARES)))
    random = np.random.default_rng(4)
    for count in (4, 19, 99):
        draws = random.standard_t(2, size=(50 * repeats, count + 1))
        ps = (1 + (draws[:, 1:] >= draws[:, :1]).sum(axis=1)) / (count + 1)
        assert ps[0] == conformal_p(draws[0, :1], draws[0, 1:])[0]
        say(count, *(f"{np.mean(ps <= share):.4f}" for share in P_SHARES))
    sys.stdout.write(f"\nGarwood's interval: coverage, {50 * repeats} draws of each rate\n\n")
    say("expected alarms", "covered, %")
    say("---", "---")
    for expected in (0.25, 0.5, 1.0, 3.0, 10.0):
        counts = random.poisson(expected, 50 * repeats)
        known = {count: garwood(count, 1.0) for count in np.unique(counts).tolist()}
        say(f"{expected:g}", f"{100 * np.mean([known[one].low <= expected <= known[one].high for one in counts.tolist()]):.1f}")


P_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
POWER = (0.0, 0.3, 0.6, 1.2)
PARTS: dict[str, Callable[[int], None]] = {
    "coverage": tell_coverage,
    "others": tell_others,
    "null": tell_null,
    "power": tell_power,
    "thresholds": tell_thresholds,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2000)
    parser.add_argument("--others", type=int, default=200)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    told = parser.parse_args(arguments)
    for part in told.parts:
        PARTS[part](told.repeats if part in ("coverage", "null", "thresholds") else told.others)


if __name__ == "__main__":
    main()
