"""The data that travels between rooms: frozen, and each checks its own shape."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadEmbedding, BadLabel

Floats = NDArray[np.float32]

LABEL_LIMIT = 120  # characters; longer texts break table layouts and are nearly always a paste mistake


def clean_label(text: str, *, what: str = "label") -> str:
    """``text`` as a label, source or clip name: NFC, single spaces, at most LABEL_LIMIT characters.

    An empty text means "none" and stays empty. Raises BadLabel for control characters and over-long texts.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Cn") for letter in cleaned):
        raise BadLabel(f"{what} ({cleaned[:40]!r}) must be printable text; remove control characters")
    if len(cleaned) > LABEL_LIMIT:
        raise BadLabel(f"{what} ({cleaned[:40]}..., {len(cleaned)} characters) must be at most {LABEL_LIMIT}; shorten it")
    return cleaned


def clip_name(file_name: str) -> str:
    """A file's name made fit to be shown and kept: unprintable characters become "?", a long middle becomes "...".

    File names are whatever somebody's disk allowed, so unlike labels they are mended rather than refused.
    """
    printable = "".join("?" if unicodedata.category(letter) in ("Cc", "Cs", "Cn") else letter for letter in file_name)
    name = " ".join(unicodedata.normalize("NFC", printable).split()) or "clip"
    half = LABEL_LIMIT // 2 - 2
    return name if len(name) <= LABEL_LIMIT else f"{name[:half]}...{name[-half:]}"


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open time span ``[start_seconds, end_seconds)`` of a clip."""

    start_seconds: float
    end_seconds: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start_seconds) and math.isfinite(self.end_seconds)):
            raise ValueError(f"window ({self.start_seconds}, {self.end_seconds}) must be finite")
        if not 0 <= self.start_seconds < self.end_seconds:
            raise ValueError(f"window ({self.start_seconds}, {self.end_seconds}) must start at 0 or later and end after that")


FRAMINGS = ("crop", "whole", "pad")


@dataclass(frozen=True, slots=True)
class Framing:
    """How a picture of any size becomes the encoder's square.

    "crop": the shorter side is scaled to ``short_side_px`` and the middle ``crop_px`` x ``crop_px`` is kept.
    "whole": the whole picture is scaled to ``crop_px`` x ``crop_px``, its aspect ratio given up for its borders.
    "pad": the longer side is scaled to ``crop_px`` and black is added evenly at both ends of the shorter one, so that
    nothing is lost or bent; ``short_side_px`` says nothing then and equals ``crop_px``.
    """

    crop_px: int
    short_side_px: int
    mode: str = "crop"

    def __post_init__(self) -> None:
        if self.mode not in FRAMINGS:
            raise ValueError(f"mode ({self.mode!r}) must be one of {', '.join(FRAMINGS)}")
        if not 1 <= self.crop_px <= self.short_side_px:
            raise ValueError(f"crop_px ({self.crop_px}) must be from 1 to short_side_px ({self.short_side_px})")


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a probe tells about a file. Width and height are as shown, that is after ``rotation_degrees``."""

    container: str
    codec: str
    width_px: int
    height_px: int
    duration_seconds: float
    frames: int
    fps: float
    rotation_degrees: int = 0
    pixel_format: str = ""
    """FFmpeg's name, for instance yuv420p; browsers play few others. Empty when unknown."""

    def __post_init__(self) -> None:
        if min(self.width_px, self.height_px, self.frames) < 1:
            raise ValueError(f"size and frames ({self.width_px}x{self.height_px}, {self.frames}) must be at least 1")
        if not (self.duration_seconds > 0 and math.isfinite(self.duration_seconds)):
            raise ValueError(f"duration_seconds ({self.duration_seconds}) must be positive and finite")


@dataclass(frozen=True, slots=True)
class Clip:
    """One video file of the library. ``clip_id`` is the sha256 of its content, 64 hex digits."""

    clip_id: str
    name: str
    label: str
    source: str
    bytes: int
    info: VideoInfo
    added_at: float
    """Seconds since 1970, UTC."""
    deleted_at: float | None = None
    synthetic: bool = False

    @property
    def split_source(self) -> str:
        """The source that statistics must not cross; a clip of unknown source is its own source."""
        return self.source or f"clip:{self.clip_id}"


@dataclass(frozen=True, slots=True, eq=False)
class ClipEmbeddings:
    """The embeddings of one clip by one encoder: ``vectors`` (N, D) float32, one row for each of N windows.

    Raises BadEmbedding for a non-finite number or a row shorter than 1e-6, which has no direction to compare.
    """

    fingerprint: str
    windows: tuple[Window, ...]
    vectors: Floats

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or self.vectors.dtype != np.float32 or len(self.vectors) != len(self.windows):
            raise ValueError(
                f"vectors ({self.vectors.dtype} {self.vectors.shape}) must be float32 (N, D) for N = {len(self.windows)} windows"
            )
        if not np.isfinite(self.vectors).all():
            raise BadEmbedding("an embedding holds a number that is not finite; check the encoder's weights")
        if len(self.vectors) and np.linalg.norm(self.vectors, axis=1).min() < 1e-6:
            raise BadEmbedding("an embedding is all zeros and has no direction to compare; check the encoder's weights")


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Embeddings of many clips by one encoder: ``vectors`` (N, D) float32, row i is a window of ``clip_ids[i]``.

    ``start_seconds`` and ``end_seconds`` are (N,) float64. Rows of one clip stand together, in time order.
    """

    fingerprint: str
    clip_ids: tuple[str, ...]
    vectors: Floats
    start_seconds: NDArray[np.float64]
    end_seconds: NDArray[np.float64]

    def __post_init__(self) -> None:
        rows = {len(self.clip_ids), len(self.vectors), len(self.start_seconds), len(self.end_seconds)}
        if len(rows) != 1 or self.vectors.ndim != 2:
            raise ValueError(f"gallery columns must have one length and vectors two axes, not {sorted(rows)}")


@dataclass(frozen=True, slots=True)
class Section:
    """The columns ``[start, stop)`` of an embedding that one stream fills, and its ``weight`` in a similarity of the whole.

    ``encoder`` is the part that computes them. An encoder without parts has a single section: all of its columns.
    """

    stream: str
    encoder: str
    start: int
    stop: int
    weight: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop or not (self.weight >= 0 and math.isfinite(self.weight)):
            raise ValueError(f"section ({self.stream}, {self.start}:{self.stop}, {self.weight}) must have columns and a weight")


@dataclass(frozen=True, slots=True)
class Match:
    """One search result: ``similarity`` is a cosine in [-1, 1], up is good; rank starts at 1."""

    clip_id: str
    window: int
    similarity: float
    rank: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of long work: ``done`` of ``total`` (0 when unknown), and what it is busy with."""

    done: int
    total: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a number is of; stamped on every figure and file that leaves the product."""

    encoder: str
    fingerprint: str
    clips: int
    sources: int
    version: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "encoder": self.encoder,
            "fingerprint": self.fingerprint,
            "clips": self.clips,
            "sources": self.sources,
            "version": self.version,
        }
