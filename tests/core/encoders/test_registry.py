from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core import encoders
from core.encoders.actions import kinetics400
from core.errors import UnknownName, WeightsMissing
from core.settings import DEFAULT_ENCODER

PROJECT = Path(__file__).resolve().parents[3]


def test_the_default_comes_first() -> None:
    assert encoders.names()[0] == DEFAULT_ENCODER
    assert {"toy", "x3d_s"} <= set(encoders.names())


def test_an_unknown_name_is_answered_with_the_right_ones() -> None:
    with pytest.raises(UnknownName, match=r"'i3d' must be one of i3d-rgb, x3d_s, toy|\('i3d'\) must be one of i3d-rgb"):
        encoders.spec("i3d")


def test_no_weights_never_mean_random_weights() -> None:
    with pytest.raises(WeightsMissing, match="python -m core weights fetch i3d-rgb"):
        encoders.build("i3d-rgb", weights=None)
    with pytest.raises(WeightsMissing, match="fetch x3d_s"):
        encoders.load_head("x3d_s", None)


def test_the_action_names_are_those_of_the_published_classifiers() -> None:
    from torchvision.models.video import R3D_18_Weights

    assert kinetics400() == tuple(R3D_18_Weights.KINETICS400_V1.meta["categories"])


def test_neither_names_nor_the_toy_import_a_network_library() -> None:
    script = (
        "import sys, numpy as np; from core import encoders, weights; encoders.names()\n"
        "encoders.build('toy', weights=None).embed(np.zeros((1, 8, 32, 32, 3), np.uint8))\n"
        "print([name for name in ('torch', 'openvino', 'torchvision', 'safetensors') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
