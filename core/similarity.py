"""Cosines, centring, pooling and percentiles: the arithmetic behind every number that compares two actions.

All vectors are rows. "Unit" means Euclidean length 1, so that a dot product is a cosine in [-1, 1], up is good.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats, Section
from core.errors import BadEmbedding, BadInput

Similarities = NDArray[np.float64]
MIN_NORM = 1e-6  # shorter than this a vector has no direction that survives float32 rounding


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Rows of ``vectors`` (N, D) scaled to length 1. Raises BadEmbedding for a row with no direction."""
    rows = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    if rows.size and not (np.isfinite(lengths).all() and lengths.min() >= MIN_NORM):
        raise BadEmbedding("a vector has no direction (all zeros or not finite); it cannot be compared")
    directions: Floats = (rows / np.maximum(lengths, MIN_NORM)).astype(np.float32)
    return directions


def pool(vectors: Floats, owners: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """One unit vector per owner: the mean of its windows' unit vectors, made unit again.

    Averaging directions rather than raw vectors keeps one window of strong activations from outvoting the others.

    Args:
        vectors: (N, D) window embeddings; rows of one owner stand together.
        owners: N names, one per row.

    Returns:
        The M different owners in order of appearance, and their vectors (M, D).
    """
    if len(vectors) == 0:
        return (), np.zeros((0, vectors.shape[1]), dtype=np.float32)
    starts = [0, *(row for row in range(1, len(owners)) if owners[row] != owners[row - 1])]
    sums = np.add.reduceat(unit(vectors).astype(np.float64), starts, axis=0)
    return tuple(owners[row] for row in starts), unit(sums)


def centre(vectors: Floats, mean: Floats) -> Floats:
    """Unit rows of ``vectors`` (N, D) minus ``mean`` (D,).

    A row that *is* the mean has no direction left and stays a row of zeros: its similarity to everything is 0.
    """
    rows = vectors.astype(np.float64) - mean
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(lengths >= MIN_NORM, rows / np.maximum(lengths, MIN_NORM), 0.0).astype(np.float32)


def weigh(rows: Floats, sections: Sequence[Section]) -> Floats:
    """``rows`` (N, D), whose sections are unit rows each, scaled so that they are unit rows as a whole.

    A section's columns are multiplied by the root of its share of the weights. The cosine of two rows is then the weighted
    mean of the sections' own cosines: a number that can be taken apart again. Raises BadInput when all weights are 0.
    """
    total = sum(section.weight for section in sections)
    if total <= 0:
        raise BadInput("stream weights must not all be 0; raise one of them")
    scales = np.zeros(rows.shape[1], np.float32)
    for section in sections:
        scales[section.start : section.stop] = np.sqrt(section.weight / total)
    weighed: Floats = (rows * scales).astype(np.float32)
    return weighed


def cosines(rows: Floats, columns: Floats) -> Similarities:
    """Dot products (R, C) of unit rows (R, D) and (C, D), clipped to [-1, 1] against rounding."""
    return np.clip(rows.astype(np.float64) @ columns.astype(np.float64).T, -1.0, 1.0)


def different(rows: Sequence[str], columns: Sequence[str]) -> NDArray[np.bool_]:
    """(R, C) mask: True where the two names differ. With sources as names: the pairs that statistics may use."""
    mask: NDArray[np.bool_] = np.asarray(rows, dtype=object)[:, None] != np.asarray(columns, dtype=object)[None, :]
    return mask


def percentile(values: NDArray[np.floating], background: Similarities) -> Similarities:
    """The share of ``background`` (any shape) below each value, in percent; ties count half. NaN without background."""
    ordered = np.sort(background, axis=None)
    if ordered.size == 0:
        return np.full(np.shape(values), np.nan)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return np.asarray(50.0 * (below + up_to) / ordered.size, dtype=np.float64)
