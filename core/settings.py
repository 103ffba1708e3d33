"""Settings: read once from the environment, checked, then passed along as one frozen value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from core.addresses import host_list
from core.errors import BadSetting

DEFAULT_ENCODER = "i3d-rgb"
DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("exact", "fast")


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """What one file may cost. Past any of these the file is refused by name; see docs/architecture.md for the reasons."""

    file_bytes: int = 8 * 2**30
    duration_seconds: float = 4 * 3600.0
    frames: int = 4 * 3600 * 120
    """Of one clip: the longest duration at 120 frames a second."""
    side_px: int = 8192
    pixels: int = 4096 * 2304
    streams: int = 32
    aspect_ratio: float = 8.0
    wall_seconds: float = 60.0
    """For a probe or thumbnail, and between two windows of a read."""
    memory_bytes: int = 1_400 * 2**20


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the library and the weights are, and what computes.

    Args:
        home: the library's folder (``MOTIONBOOK_HOME``).
        cache: downloaded and converted weights (``MOTIONBOOK_CACHE``); shared by all libraries, safe to delete.
        encoder: name of the default encoder (``MOTIONBOOK_ENCODER``).
        encoder_given: whether the environment names it; otherwise a library may have its own (core.serving).
        device: one of DEVICES (``MOTIONBOOK_DEVICE``); "auto" takes CUDA, then MPS, then the CPU.
        precision: one of PRECISIONS (``MOTIONBOOK_PRECISION``); "fast" computes in bfloat16 on CPUs that have the instructions,
            within the tolerance that engines keep among themselves (cosine distance below 1e-3).
        random_weights: never read from the environment; for tests of the machinery without weights.
        limits: what one file may cost.
        webhook_hosts: where rules may post besides this machine (``MOTIONBOOK_WEBHOOK_HOSTS``: ``host`` or ``host:port``, commas
            between them); redirects are never followed.
        stream_hosts: where cameras may be besides this machine (``MOTIONBOOK_STREAM_HOSTS``, as above); ``webcam:0`` in it lets
            the app open this machine's first camera.
    """

    home: Path
    cache: Path
    encoder: str = DEFAULT_ENCODER
    encoder_given: bool = False
    device: str = "auto"
    precision: str = "exact"
    random_weights: bool = False
    limits: DecodingLimits = field(default_factory=DecodingLimits)
    webhook_hosts: tuple[str, ...] = ()
    stream_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise BadSetting(f"MOTIONBOOK_DEVICE ({self.device!r}) must be one of {', '.join(DEVICES)}; unset it for auto")
        if self.precision not in PRECISIONS:
            raise BadSetting(
                f"MOTIONBOOK_PRECISION ({self.precision!r}) must be one of {', '.join(PRECISIONS)}; unset it for exact"
            )
        if self.home.exists() and not self.home.is_dir():
            raise BadSetting(f"MOTIONBOOK_HOME ({self.home}) must be a folder; name another place")

    @property
    def encoders(self) -> Path:
        """Where people put encoders of their own: a TOML file each, beside the network's file (docs/adding-an-encoder.md)."""
        return self.home / "encoders"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
        """Settings from MOTIONBOOK_* variables; ``overrides`` (not None) win. Raises BadSetting."""
        values: dict[str, object] = {
            "home": Path(environment.get("MOTIONBOOK_HOME") or platformdirs.user_data_dir("motionbook")),
            "cache": Path(environment.get("MOTIONBOOK_CACHE") or platformdirs.user_cache_dir("motionbook")),
            "encoder": environment.get("MOTIONBOOK_ENCODER") or DEFAULT_ENCODER,
            "encoder_given": bool(environment.get("MOTIONBOOK_ENCODER")),
            "device": environment.get("MOTIONBOOK_DEVICE") or "auto",
            "precision": environment.get("MOTIONBOOK_PRECISION") or "exact",
            "webhook_hosts": host_list(environment.get("MOTIONBOOK_WEBHOOK_HOSTS", "")),
            "stream_hosts": host_list(environment.get("MOTIONBOOK_STREAM_HOSTS", "")),
        }
        values.update({name: value for name, value in overrides.items() if value is not None})
        for name in ("home", "cache"):
            values[name] = Path(str(values[name])).expanduser().absolute()
        return cls(**values)  # type: ignore[arg-type]
