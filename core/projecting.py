"""Rows in many dimensions as places in two: PCA, UMAP and t-SNE with their parameters checked. Pure functions over arrays.

Every method gets unit rows, so that Euclidean distance d and cosine c say the same: d * d = 2 - 2 c. A seed makes each of them
deterministic on one machine. The axes of UMAP and t-SNE mean nothing and come out turned or mirrored as it happens; they are
turned, and mirrored if need be, to lie on the PCA of the same rows as well as possible, whose own signs are fixed, so that two
maps of one library look alike whatever their seed or method.

* PCA: Pearson 1901; the two directions of the largest spread. Nothing to set, done at once, and distances are never torn.
* UMAP: McInnes, Healy, Melville 2018, arXiv:1802.03426; 15 neighbours and 0.1 of least distance are the paper's and the
  package's defaults.
* t-SNE: van der Maaten & Hinton 2008, JMLR 9; perplexity 30 is scikit-learn's default. As in the paper's section 4, rows are
  first brought to fewer dimensions by PCA (50, scikit-learn's own advice, where the paper has 30).
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.errors import BadInput

METHODS = ("umap", "pca", "tsne")
NAMES = {"umap": "UMAP", "pca": "PCA", "tsne": "t-SNE"}
OF = ("clips", "moments")
LEAST = 5
"""Fewer rows than this have no neighbourhoods to keep: PCA places them, whatever was asked."""
TSNE_DIMENSIONS = 50
NEIGHBOURS_LOOKED_AT = 10
LOOKED_AT = 3000  # rows whose neighbours are counted; more would only cost time
_USES: dict[str, tuple[str, ...]] = {"umap": ("seed", "neighbours", "min_dist"), "pca": (), "tsne": ("seed", "perplexity")}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a map is made. Raises BadInput for a method, or a number, that cannot be.

    Args:
        method: one of METHODS.
        of: one place for each clip, or for each moment (window).
        seed: of UMAP and t-SNE.
        neighbours: of UMAP; more shows the large shapes, fewer the small ones.
        min_dist: of UMAP; how near to each other alike places may lie.
        perplexity: of t-SNE; about how many neighbours each place minds.
        weights: of the streams, by name, in place of the encoder's own.
    """

    method: str = "umap"
    of: str = "clips"
    seed: int = 0
    neighbours: int = 15
    min_dist: float = 0.1
    perplexity: float = 30.0
    weights: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for name, value, choices in (("method", self.method, METHODS), ("of", self.of, OF)):
            if value not in choices:
                raise BadInput(f"{name} ({value!r}) must be one of {', '.join(choices)}; choose one of these")
        for name, number, least, most in (
            ("seed", self.seed, 0, 2**32 - 1),
            ("neighbours", self.neighbours, 2, 200),
            ("min_dist", self.min_dist, 0.0, 0.99),
            ("perplexity", self.perplexity, 2.0, 200.0),
        ):
            if not (math.isfinite(number) and least <= number <= most):
                raise BadInput(f"{name} ({number:g}) must be from {least:g} to {most:g}; choose another")
        if any(not (math.isfinite(weight) and weight >= 0) for _, weight in self.weights):
            raise BadInput("weights of streams must be 0 or more; 0 leaves a stream out")

    @property
    def settings(self) -> dict[str, Any]:
        """What the map depends on: the method, what it is of, and only the numbers that this method uses."""
        kept = asdict(self)
        return {name: kept[name] for name in ("method", "of", *_USES[self.method])} | (
            {"weights": dict(sorted(self.weights))} if self.weights else {}
        )

    @property
    def key(self) -> str:
        """The one written form: two layouts that give the same map have the same."""
        return json.dumps(self.settings, sort_keys=True)

    @property
    def title(self) -> str:
        """ "UMAP of 15 neighbours, least distance 0.1, seed 0"."""
        told = {
            "umap": f" of {self.neighbours} neighbours, least distance {self.min_dist:g}, seed {self.seed}",
            "tsne": f" of perplexity {self.perplexity:g}, seed {self.seed}",
            "pca": "",
        }
        return NAMES[self.method] + told[self.method]


def from_key(key: str) -> Layout:
    """The layout that ``key`` was written of."""
    settings = json.loads(key)
    return Layout(**{**settings, "weights": tuple(settings.get("weights", {}).items())})


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """``places`` (N, 2) around (0, 0), and in words what should be known of them."""

    places: Floats
    notes: tuple[str, ...] = ()


def project(rows: Floats, layout: Layout) -> Placed:
    """``rows`` (N, D) as N places, by ``layout``; what is too small for a method, PCA places, and ``notes`` say so."""
    count = len(rows)
    flat, shares = pca(rows)
    if layout.method == "pca":
        one, two = 100 * shares
        told = f"The two axes hold {one + two:.0f} % of the spread ({one:.0f} % and {two:.0f} %)."
        return Placed(flat, (told, *_kept(rows, flat)))
    if count < LEAST:
        told = f"{NAMES[layout.method]} needs at least {LEAST} {layout.of}; PCA placed these {count}."
        return Placed(flat, (told,))
    if not flat.any():
        return Placed(flat, (f"All {count} {layout.of} are the same to the encoder: one place.",))
    places, notes = (_umap if layout.method == "umap" else _tsne)(rows, layout)
    turned = turn(places, flat)
    return Placed(turned, (*notes, *_kept(rows, turned)))


def pca(rows: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """Places (N, 2), and the share of the whole spread that each axis holds. Axes without any spread are zeros.

    The sign of an axis is that in which it points the way of one fixed random direction of the rows' own space. It depends on the
    clips only through the axis, and a clip more turns that a little, so it hardly ever mirrors the map. (The sign of the largest
    coordinate would: an axis from one group to another has two that are equally large.)
    """
    places, shares = np.zeros((len(rows), 2), np.float32), np.zeros(2)
    centred = rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32) if len(rows) else rows
    total = float((centred.astype(np.float64) ** 2).sum())
    many = min(2, len(rows) - 1, rows.shape[1])
    if many < 1 or total <= 1e-12 * len(rows):
        return places, shares
    from sklearn.decomposition import PCA  # importing it takes a second; only maps need it

    fitted = PCA(n_components=many, random_state=0)
    found = fitted.fit_transform(rows)
    fixed = np.random.default_rng(0).standard_normal(rows.shape[1])
    for axis, direction in enumerate(fitted.components_):
        sign = 1.0 if direction @ fixed >= 0 else -1.0
        places[:, axis] = sign * found[:, axis]
    shares[:many] = fitted.explained_variance_ratio_
    return places, np.nan_to_num(shares)


def turn(places: NDArray[np.floating], onto: Floats) -> Floats:
    """``places`` (N, 2) centred, and turned and mirrored to lie on ``onto`` as well as possible (orthogonal Procrustes)."""
    centred = np.asarray(places, np.float64) - np.mean(places, axis=0, dtype=np.float64)
    left, _, right = np.linalg.svd(centred.T @ np.asarray(onto, np.float64))
    turned: Floats = (centred @ left @ right).astype(np.float32)
    return turned


def neighbours_kept(rows: Floats, places: Floats, count: int = NEIGHBOURS_LOOKED_AT) -> float:
    """Of each row's ``count`` nearest neighbours, the share that is among its ``count`` nearest places; NaN for too few rows."""
    if len(rows) > LOOKED_AT:
        chosen = np.sort(np.random.default_rng(0).choice(len(rows), LOOKED_AT, replace=False))
        rows, places = rows[chosen], places[chosen]
    if len(rows) <= count + 1:
        return math.nan
    near = [_nearest(values, count) for values in (rows, places)]
    return float(np.mean([len(set(a) & set(b)) for a, b in zip(near[0].tolist(), near[1].tolist(), strict=True)])) / count


def _nearest(values: Floats, count: int) -> NDArray[np.int64]:
    lengths = (values.astype(np.float64) ** 2).sum(axis=1)
    apart = lengths[:, None] + lengths[None, :] - 2.0 * (values @ values.T)
    np.fill_diagonal(apart, np.inf)
    return np.argpartition(apart, count - 1, axis=1)[:, :count]


def _kept(rows: Floats, places: Floats) -> tuple[str, ...]:
    share = neighbours_kept(rows, places)
    if math.isnan(share):
        return ()
    many = NEIGHBOURS_LOOKED_AT
    return (f"Of the {many} nearest neighbours of a place, {share * many:.1f} are among its {many} nearest on the map.",)


def _umap(rows: Floats, layout: Layout) -> tuple[NDArray[np.floating], tuple[str, ...]]:
    import umap  # importing it takes seconds, and its first run compiles for several more

    neighbours = min(layout.neighbours, len(rows) - 1)
    notes = () if neighbours == layout.neighbours else (f"Only {neighbours} neighbours: there are {len(rows)} {layout.of}.",)
    fitted = umap.UMAP(
        n_neighbors=neighbours,
        min_dist=layout.min_dist,
        n_components=2,
        init="spectral" if len(rows) > 2 * LEAST else "random",  # of very few rows the spectrum is not enough to start from
        random_state=layout.seed,
        n_jobs=1,  # several threads would make it random whatever the seed
    )
    return fitted.fit_transform(rows), notes


def _tsne(rows: Floats, layout: Layout) -> tuple[NDArray[np.floating], tuple[str, ...]]:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    perplexity = min(layout.perplexity, (len(rows) - 1) / 3)  # as many neighbours as its tables look at, three times perplexity
    notes = () if perplexity == layout.perplexity else (f"Perplexity {perplexity:.1f}: there are {len(rows)} {layout.of}.",)
    many = min(TSNE_DIMENSIONS, len(rows) - 1, rows.shape[1])
    fewer = PCA(n_components=many, random_state=layout.seed).fit_transform(rows)
    fitted = TSNE(perplexity=perplexity, init="pca", random_state=layout.seed, n_jobs=1)
    with threadpool_limits(1, user_api="openmp"):  # threads add up in whichever order they end; and wait by running in circles
        return fitted.fit_transform(fewer.astype(np.float32)), notes
