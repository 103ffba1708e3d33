"""Which of the usual pieces of motion a window is made of: Fisher vectors (Perronnin et al. 2010) over patches of flow.

The usual pieces are a mixture of Gaussians, learned once without any label on clips that nothing is measured on, and kept
beside this module; ``python -m benchmarks.flow_words`` makes the file anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats

FILE = Path(__file__).with_name("flow_words.npz")


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """K usual patches in P principal directions.

    ``mean`` (L,) and ``axes`` (P, L) take patches to their principal directions; ``shares`` (K,), ``centres`` and
    ``spreads`` (K, P), standard deviations, are the mixture there. All float64.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    shares: NDArray[np.float64]
    centres: NDArray[np.float64]
    spreads: NDArray[np.float64]

    @property
    def dimension(self) -> int:
        return 2 * self.centres.size


@cache
def words() -> Words:
    """Those kept beside this module."""
    with np.load(FILE, allow_pickle=False) as kept:
        return Words(**{name: kept[name].astype(np.float64) for name in ("mean", "axes", "shares", "centres", "spreads")})


def fisher(patches: Floats, usual: Words) -> Floats:
    """(M, L) -> (2 K P,): how the patches differ from the usual ones, in the mean and in spread, rooted, of length 1.

    All zeros without a patch.
    """
    if len(patches) == 0:
        return np.zeros(usual.dimension, np.float32)
    away = ((patches - usual.mean) @ usual.axes.T)[:, None] / usual.spreads - usual.centres / usual.spreads  # (M, K, P)
    squares = away**2
    surprise = np.log(usual.shares) - np.log(usual.spreads).sum(axis=1) - squares.sum(axis=2) / 2
    belongs = np.exp(surprise - surprise.max(axis=1, keepdims=True))
    belongs /= belongs.sum(axis=1, keepdims=True)
    roots = np.sqrt(usual.shares)[:, None] * len(patches)
    middle = np.einsum("mk,mkp->kp", belongs, away) / roots
    spread = np.einsum("mk,mkp->kp", belongs, squares - 1) / (np.sqrt(2) * roots)
    told = np.concatenate([middle.ravel(), spread.ravel()])
    told = np.sign(told) * np.sqrt(np.abs(told))
    return np.asarray(told / max(float(np.linalg.norm(told)), 1e-9), np.float32)
