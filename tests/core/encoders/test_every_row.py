"""What every encoder of the registry must do, tried with made-up weights in a size for tests.

A network that a library of this environment builds is compared with that library's own, through the file its publisher
would give: the converter, the network and the classifier of a row all take part.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core import encoders
from core.encoders import heads, registry
from core.encoders.row import Row
from core.sampling import frame_times, windows
from tests.core.encoders.originals import Case, noise

ROWS = [registry.row(name) for name in encoders.names()]
NETWORKS = [row for row in ROWS if row.spec.family.split("-")[0] in ("hub", "i3d", "torchvision", "tsm")]
JOINED = [row for row in ROWS if row.spec.parts]
OTHERS = [row for row in ROWS if row not in NETWORKS and row not in JOINED]
WITHOUT_A_FILE_NOTHING = {"saved-model": "a SavedModel is its file: test_saved_model.py makes small ones"}

TOLERANCE = 1e-4  # of the largest number; float32 in another order of summing


def named(row: Row) -> str:
    return row.spec.name


def near(found: NDArray[Any], expected: NDArray[Any], tolerance: float = TOLERANCE) -> bool:
    return found.shape == expected.shape and bool(np.abs(found - expected).max() <= tolerance * np.abs(expected).max())


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """The networks are so small here that threads would wait for each other most of the time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module", params=NETWORKS, ids=named)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with torch.random.fork_rng(devices=[]):
        yield Case(request.param, tmp_path_factory.mktemp("published"))


def test_no_row_is_left_out() -> None:
    assert len(NETWORKS) >= 29 and len(NETWORKS) + len(JOINED) + len(OTHERS) == len(encoders.names())


# -- networks --------------------------------------------------------------------------------------------------------


def test_a_window_becomes_one_vector_and_always_the_same(case: Case) -> None:
    assert case.embeddings.shape == (2, case.spec.dimension) and case.embeddings.dtype == np.float32
    assert case.spec.dimension == case.row.spec.dimension
    assert np.isfinite(case.embeddings).all() and np.linalg.norm(case.embeddings, axis=1).min() > 1e-6
    assert np.abs(case.embeddings[0] - case.embeddings[1]).max() > 10 * TOLERANCE * np.abs(case.embeddings).max()
    assert np.array_equal(case.encoder.embed(case.frames[:1]), case.embeddings[:1])


def test_a_batch_gives_what_single_windows_give(case: Case) -> None:
    assert near(case.engine("cpu").run(case.frames), case.embeddings)


def test_an_embedding_projects_to_the_networks_own_logits(case: Case) -> None:
    if not case.row.head:
        assert case.spec.actions == 0
        return
    own = case.original.logits(case.normalised).numpy()
    assert own.shape == (2, case.spec.actions)
    assert near(heads.make_head(case.row, case.tensors).logits(case.embeddings), own)


def test_a_clip_much_shorter_than_a_window_has_a_vector(case: Case) -> None:
    sampling = case.row.spec.sampling
    (span,) = windows(0.3, sampling)
    times = frame_times(span, case.spec.frames, sampling)
    assert len(times) == case.spec.frames and 0 <= times[0] <= times[-1] < 0.3
    pictures = case.frames[0][np.minimum((times * 30).astype(int), case.spec.frames - 1)]  # a clip of at most nine pictures
    assert np.isfinite(case.encoder.embed(pictures[None])).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_cuda_gives_what_the_cpu_gives(case: Case) -> None:
    found = case.engine("cuda").run(case.frames)
    case.network.to("cpu")
    cosines = (found * case.embeddings).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(case.embeddings, axis=1)
    assert cosines.min() > 1 - 1e-3  # the tolerance of engines; CUDA computes in half precision


# -- encoders of parts, and all others -------------------------------------------------------------------------------


@pytest.mark.parametrize("row", JOINED, ids=named)
def test_parts_fit_together(row: Row) -> None:
    parts = [encoders.spec(name) for name in row.spec.parts]
    assert len(parts) >= 2 and all(not part.parts for part in parts)
    assert row.spec.dimension == sum(part.dimension for part in parts)
    assert row.spec.stream == "fused" and row.spec.weights is None
    cuts = {(p.sampling.window_seconds, p.sampling.stride_seconds, p.sampling.tail) for p in [row.spec, *parts]}
    assert len(cuts) == 1, "parts must see the same windows of a clip"


@pytest.mark.parametrize("row", OTHERS, ids=named)
def test_an_encoder_of_another_kind_keeps_the_rules(row: Row) -> None:
    if row.spec.family in WITHOUT_A_FILE_NOTHING:
        pytest.skip(WITHOUT_A_FILE_NOTHING[row.spec.family])
    missing = [name for name in row.spec.needs if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}, which is not installed here")
    if "transformers" in row.spec.needs:
        pytest.skip("test_transformers_video.py tries it in a size for tests: up to 350 million weights are too many here")
    encoder = encoders.build(row.spec.name, weights=None, device="cpu", random_weights=row.spec.needs_weights)
    frames = noise(row.spec, 2)
    together = encoder.embed(frames)
    assert together.shape == (2, row.spec.dimension) and together.dtype == np.float32 and np.isfinite(together).all()
    assert np.array_equal(encoder.embed(frames), together)
    assert near(np.concatenate([encoder.embed(frames[[index]]) for index in range(2)]), together)
    still = np.ascontiguousarray(np.broadcast_to(frames[0, :1], frames[0].shape))  # a clip of one picture
    assert np.isfinite(encoder.embed(still[None])).all()


# -- nothing new goes unnoticed --------------------------------------------------------------------------------------


def test_every_network_of_the_installed_hub_is_a_row_or_named_here() -> None:
    from pytorchvideo.models import hub

    left_out = {
        "mvit_base_16": "a network for single pictures, trained on ImageNet",
        "slow_r50_detection": "wants the boxes of people as well as pixels",
        "slowfast_r50_detection": "wants the boxes of people as well as pixels",
    }
    there = {name for name, value in vars(hub).items() if callable(value) and not name.startswith("_")}
    rows = {row.spec.name for row in ROWS if row.spec.family.startswith("hub-")} - {"slowfast_16x8_r101"}
    assert there == rows | {"slowfast_16x8_r101_50_50"} | set(left_out)


def test_every_video_network_of_the_installed_torchvision_is_a_row() -> None:
    from torchvision.models import list_models, video

    rows = {row.spec.name for row in ROWS if row.spec.family.startswith("torchvision-")} - {"mc3_18-fights"}
    assert set(list_models(module=video)) == rows
