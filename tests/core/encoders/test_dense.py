from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from core import encoders
from core.encoders.dense import CUTS, DenseEncoder, OfWindow, Shared
from core.encoders.i3d import InceptionI3d
from core.encoders.prepared import Prepared, make_prepared
from core.errors import BadInput

SPEC = encoders.spec("i3d-rgb")
TINY = dataclasses.replace(SPEC, framing=dataclasses.replace(SPEC.framing, crop_px=32, short_side_px=32))
ROW = "core.encoders.i3d"
EAGER = "cpu:0"  # torch's name: the same arithmetic without a conversion, which takes seconds each


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return make_prepared(SPEC, ROW, None)


def small(frames: int) -> np.ndarray:
    """A film of colours that move: smooth, and different everywhere."""
    times = np.arange(frames)[:, None, None, None] / 9
    places = np.indices((224, 224)).transpose(1, 2, 0)[None] / 40
    waves = np.sin(times + places[..., :1] * [1, 2, 3]) * np.cos(times * [1, 0.5, 2] + places[..., 1:])
    return (127 + 120 * waves).astype(np.uint8)


def prepared_input(prepared: Prepared, film: np.ndarray) -> torch.Tensor:
    """What the blocks take: the film normalised, through the stem."""
    network = prepared.network
    assert isinstance(network, InceptionI3d)
    x = torch.from_numpy(film[None]).float() * prepared.get_buffer("scale") + prepared.get_buffer("shift")
    return network.stem(x.permute(0, 4, 1, 2, 3))


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


def test_windows_are_those_of_a_regular_grid_and_close_to_the_naive_way(i3d_weights: Path) -> None:
    film = small(45)
    dense = DenseEncoder.of("i3d-rgb", i3d_weights, stride_frames=4, stretch=48)
    plain = encoders.build("i3d-rgb", weights=i3d_weights, device="cpu")
    starts = range(0, len(film) - SPEC.frames + 1, 4)
    expected = plain.embed(np.stack([film[at : at + SPEC.frames] for at in starts]))
    got = dense.embed(film)
    assert got.shape == (4, 1024) and got.dtype == np.float32
    assert cosines(got, expected).min() > 0.95  # real films: docs/performance.md; these waves never rest


@pytest.mark.parametrize("cut", ["Mixed_3c", "Mixed_4f"])
def test_where_a_stretch_is_cut_changes_nothing(cut: str) -> None:
    """The same film in one stretch and in several; the picture is small to be quick, and small enough to show each border."""
    prepared, film = make_prepared(TINY, ROW, None), small(150)[:, :32, :32]
    parts = [DenseEncoder(prepared, TINY, stride_frames=8, cut=cut, device=EAGER, stretch=s) for s in (88, 152)]
    one, other = (part.embed(film) for part in parts)
    assert len(one) == (150 - 32) // 8 + 1
    assert np.abs(one - other).max() / np.abs(other).max() < 1e-5


def test_strides_and_stretches_that_do_not_fit_are_refused(prepared: Prepared) -> None:
    with pytest.raises(ValueError, match=r"stride_frames \(3\) must be a multiple of 2"):
        DenseEncoder(prepared, SPEC, stride_frames=3)
    with pytest.raises(ValueError, match=r"stride_frames \(2\) must be a multiple of 4"):
        DenseEncoder(prepared, SPEC, stride_frames=2, cut="Mixed_4f")
    with pytest.raises(ValueError, match=r"stretch \(16\) must be a multiple of 8 and above 18"):
        DenseEncoder(prepared, SPEC, stride_frames=4, stretch=16)
    with pytest.raises(BadInput, match="window by window"):
        DenseEncoder(Prepared(SPEC, torch.nn.Identity()), SPEC, stride_frames=4)


def test_every_stride_gives_the_windows_that_begin_there() -> None:
    """A stride longer than a window leaves gaps; a film's windows at one stride are some of those at a finer one."""
    film, tiny = small(75)[:, :32, :32], make_prepared(TINY, ROW, None)
    fine = DenseEncoder(tiny, TINY, stride_frames=2, stretch=56, device=EAGER).embed(film)
    assert len(fine) == 22
    for stride, count in ((22, 2), (40, 2), (64, 1)):
        got = DenseEncoder(tiny, TINY, stride_frames=stride, stretch=56, device=EAGER).embed(film)
        assert len(got) == count, stride
        assert np.abs(got - fine[:: stride // 2]).max() <= 1e-5 * np.abs(fine).max()


@pytest.mark.parametrize("cut", list(CUTS))
def test_a_single_window_is_the_networks_own(cut: str) -> None:
    """Nothing stands beside it, so nothing may differ: the network is divided, not changed."""
    prepared, film = make_prepared(TINY, ROW, None), small(32)[:, :32, :32]
    shared, of_window = Shared(prepared, CUTS[cut]), OfWindow(prepared, CUTS[cut])
    network = prepared.network
    assert isinstance(network, InceptionI3d)
    with torch.inference_mode():
        got = of_window(shared(torch.from_numpy(film[None])))
        x = prepared_input(prepared, film)
        for name, block in network.blocks.items():
            pools = {"Mixed_4b": network.pool_4a, "Mixed_5b": network.pool_5a}
            x = block(pools[name](x) if name in pools else x)
        expected = torch.nn.functional.avg_pool3d(x, (2, 1, 1), stride=1).mean(dim=(2, 3, 4))
    assert got.shape == (1, 1024)
    assert (got - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_films_that_do_not_fit_are_refused() -> None:
    dense = DenseEncoder(make_prepared(TINY, ROW, None), TINY, stride_frames=8, stretch=32, device=EAGER)
    with pytest.raises(ValueError, match=r"frames \(31\) must be at least the 32"):
        dense.embed(np.zeros((31, 32, 32, 3), np.uint8))
    with pytest.raises(ValueError, match=r"must be uint8 \(32, 32, 3\)"):
        dense.embed(np.zeros((40, 32, 33, 3), np.uint8))
    assert list(dense.stream(iter(()))) == []
