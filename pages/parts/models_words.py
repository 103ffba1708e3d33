"""Encoders in words: groups, facts and states, as the Models page tells them. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from core.weights import WeightsStatus
from core.workbench import EncoderSpec
from pages.parts.words import size

GROUPS = {
    "i3d": "Inception I3D",
    "joined": "Several streams in one",
    "fused": "Several streams in one",
    "hub": "PyTorchVideo hub",
    "torchvision": "torchvision",
    "tsm": "Temporal shift",
    "flow": "Motion",
    "motion": "Motion",
    "skeleton": "Skeletons",
    **dict.fromkeys(("videomae", "timesformer", "vivit", "vjepa2", "xclip"), "Transformers"),
    "saved": "TensorFlow Hub",
    "own": "Your own",
    "toy": "For trying the machinery",
}
"""By the beginning of a spec's family."""
STATES = {
    "ready": "Ready",
    "missing": "Weights missing",
    "damaged": "Weights damaged",
    "package-missing": "Package missing",
    "part-missing": "A part is missing",
}
STREAMS = {"rgb": "pictures", "flow": "optical flow", "skeleton": "skeletons", "fused": "several streams"}
_ADDRESS = re.compile(r"(https?://[^\s<>\"]+[^\s<>\".,;)])|\barXiv:(\d{4}\.\d{4,5})")


@dataclass(frozen=True, slots=True)
class Model:
    """An encoder and what is on disk for it."""

    spec: EncoderSpec
    status: WeightsStatus

    @property
    def group(self) -> str:
        family = self.spec.family
        return GROUPS.get(family.split("-")[0]) or family.replace("-", " ").capitalize()


def sees(spec: EncoderSpec) -> str:
    """ "pictures: 13 frames in 2.6 s"."""
    return f"{STREAMS[spec.stream]}: {spec.frames} frames in {seconds(spec.sampling.window_seconds)}"


def seconds(value: float) -> str:
    """ "2.6 s", "2.67 s"."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "\u00a0s"


def accuracy(spec: EncoderSpec) -> str:
    return "–" if spec.top1 is None else f"{spec.top1:.1f}\u00a0%"


def weights(status: WeightsStatus) -> str:
    """What the weights take or will take."""
    if status.parts:
        return f"those of {', '.join(status.parts)}"
    if status.place is None:
        return "none needed"
    if status.bytes:
        return size(status.bytes)
    if status.download_bytes:
        return f"{size(status.download_bytes)} to fetch"
    return "not here yet"


def short(licence: str) -> str:
    """ "Apache-2.0 (its authors' repository)" -> "Apache-2.0"."""
    return licence.partition(" (")[0].partition(";")[0].strip()


def linked(text: str) -> str:
    """``text`` as HTML with its addresses and arXiv numbers as links; everything else is escaped."""
    made, at = [], 0
    for found in _ADDRESS.finditer(text):
        target = found[1] or f"https://arxiv.org/abs/{found[2]}"
        made.append(escape(text[at : found.start()]))
        made.append(f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">{escape(found[0])}</a>')
        at = found.end()
    return "".join(made) + escape(text[at:])


def facts(rows: list[tuple[str, str]]) -> str:
    """Name and value pairs as an HTML list; values are HTML already, empty ones are left out."""
    told = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in rows if value)
    return f'<dl class="mb-facts">{told}</dl>'


def badge(status: WeightsStatus) -> str:
    """The state as a small HTML mark: a filled dot when ready, an empty one otherwise, and the word."""
    kind = "ready" if status.ready else "lacking"
    return f'<span class="mb-state mb-{kind}">{escape(STATES[status.state])}</span>'
