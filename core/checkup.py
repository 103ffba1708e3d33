"""What this machine has and what is missing, for ``python -m core doctor``."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from pathlib import Path
from typing import Any

import core
from core import encoders, weights
from core.encoders.building import choose_device
from core.settings import Settings

PARTS = ("torch", "torchvision", "pytorchvideo", "openvino", "av", "chromadb", "streamlit", "plotly", "numpy")
LOW_DISK_BYTES = 2 * 2**30


def examine(settings: Settings) -> dict[str, Any]:
    """Names and findings; ``problems`` lists in words what to do. Opens no library, so it works beside the app."""
    problems = [str(problem) for problem in encoders.learn(settings.encoders)]
    free_bytes = shutil.disk_usage(_existing(settings.home)).free
    spec = encoders.spec(settings.encoder)
    state = weights.status(spec, settings.cache)
    if not state.ready:
        problems.append(f"the weights of {spec.name} are not here; run `python -m core weights fetch {spec.name}`")
    if free_bytes < LOW_DISK_BYTES:
        problems.append(f"only {free_bytes >> 20} MiB are free for the library at {settings.home}; free some space")
    if not os.access(_existing(settings.home), os.W_OK):
        problems.append(f"the library at {settings.home} cannot be written; change its rights or MOTIONBOOK_HOME")
    return {
        "motionbook": core.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "library": str(settings.home),
        "cache": str(settings.cache),
        "free_bytes": free_bytes,
        "encoder": spec.name,
        "encoder_ready": state.ready,
        "device": choose_device(settings.device),
        "versions": {part: importlib.metadata.version(part) for part in PARTS},
        "problems": problems,
    }


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())
