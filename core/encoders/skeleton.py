"""The skeleton encoder: OpenVINO runs the detector and the pose network, core.motion does the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders import stored
from core.encoders.row import Making
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged
from core.machine import usable_cores
from core.motion.people import DETECTOR_PX, JOINTS, POSE_PX, Networks, Person
from core.motion.skeleton import describe
from core.motion.skeleton_watching import Watcher

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as in openvino_engine: nothing leaves this machine
import openvino  # noqa: E402

_RANDOM_SEED = 0
_CELLS = (16, 12)  # rows, columns of the picture that the made-up pose network looks at


class SkeletonEngine:
    """Fulfils ``network.Engine``."""

    batch = 4  # windows share no work but their pictures: more at once would only hold more memory

    def __init__(self, spec: EncoderSpec, networks: Networks, described: str) -> None:
        self.described = described
        self._watcher = Watcher(networks)
        self._dt_seconds = spec.sampling.window_seconds / spec.frames

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        return np.stack([describe(window, self._watcher.people_of(window), self._dt_seconds) for window in frames])

    def people_of(self, frames: NDArray[np.uint8]) -> list[list[Person]]:
        """The people in each frame of one window (T, H, W, 3), for drawing them over the clip."""
        return self._watcher.people_of(frames)


def make_engine(making: Making) -> SkeletonEngine:
    """Raises WeightsDamaged when OpenVINO cannot read the networks."""
    if making.load is None:
        return SkeletonEngine(making.spec, random_networks(), "numpy, made-up networks")
    tensors = making.load()
    networks = load_networks(tensors["detector"].tobytes(), tensors["pose"].tobytes())
    return SkeletonEngine(making.spec, networks, f"OpenVINO {openvino.__version__.split('-')[0]} on CPU, float32")


def watcher(weights: Path) -> Watcher:
    """Who finds the people of windows, with the stored weights of the skeleton encoder; for overlays.

    Raises WeightsMissing, WeightsDamaged.
    """
    stored.verified_record(weights)
    tensors = stored.load(weights)
    return Watcher(load_networks(tensors["detector"].tobytes(), tensors["pose"].tobytes()))


def load_networks(detector: bytes, pose: bytes) -> Networks:
    """Both networks from the bytes of their ONNX files. Raises WeightsDamaged."""
    find = _compiled(detector, (1, 3, DETECTOR_PX, DETECTOR_PX))
    locate = _compiled(pose, (1, 3, POSE_PX[1], POSE_PX[0]))

    def find_joints(crops: Floats) -> tuple[Floats, Floats]:
        answers = [locate(crop[None]) for crop in crops]  # one by one: nobody's joints depend on who else is there
        return np.concatenate([answer[0] for answer in answers]), np.concatenate([answer[1] for answer in answers])

    return Networks(lambda picture: find(picture)[0][0], find_joints)


def _compiled(onnx: bytes, shape: tuple[int, ...]) -> Callable[[Floats], list[Floats]]:
    """A network for inputs of ``shape`` as a function to copies of its outputs."""
    core = openvino.Core()
    threads = usable_cores()
    try:
        model = core.read_model(onnx)
        model.reshape(list(shape))
        compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads})
    except RuntimeError as error:
        raise WeightsDamaged(f"weights of skeleton must be networks that OpenVINO reads; fetch them again ({error})") from error
    request = compiled.create_infer_request()

    def run(values: Floats) -> list[Floats]:
        request.infer({0: np.ascontiguousarray(values)}, share_inputs=True)
        return [np.array(request.get_output_tensor(row).data) for row in range(len(compiled.outputs))]

    return run


def random_networks() -> Networks:
    """Made-up networks for tests of the machinery: one person in every picture, joints by its brightness."""
    rows, columns = _CELLS
    mixing = np.random.default_rng(_RANDOM_SEED).normal(size=(rows * columns, 2 * len(JOINTS))) / np.sqrt(rows * columns)

    def detector(picture: Floats) -> Floats:
        middle = 0.05 * float(picture.mean()) * np.array([1, 0, 1, 0])  # the lighter the picture, the farther to the right
        return np.array([[*(np.array([100, 60, 260, 380]) + middle), 0.9]], np.float32)

    def pose(crops: Floats) -> tuple[Floats, Floats]:
        cells = crops.mean(axis=1).reshape(len(crops), rows, POSE_PX[1] // rows, columns, POSE_PX[0] // columns)
        places = 0.5 + 0.4 * np.tanh(cells.mean(axis=(2, 4)).reshape(len(crops), -1) @ mixing)
        return tuple(_peaks(places[:, axis::2], 2 * POSE_PX[axis]) for axis in (0, 1))  # type: ignore[return-value]

    return Networks(detector, pose)


def _peaks(places: NDArray[np.float64], bins: int) -> Floats:
    """(B, J) from 0 to 1 -> (B, J, bins) with a peak of 0.8 there."""
    return np.asarray(0.8 * (np.arange(bins) == (places * (bins - 1)).round()[..., None]), np.float32)
