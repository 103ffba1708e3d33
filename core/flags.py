"""Flags: the time ranges in which a concept fired, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

VERDICTS = ("", "accepted", "rejected")
"""Of a flag: nobody has looked at it yet, it is one, it is a false alarm."""


@dataclass(frozen=True, slots=True)
class Flag:
    """``concept`` fired from ``start_seconds`` to ``end_seconds`` of a clip, most of all at ``peak_seconds``.

    Args:
        concept: its name; of a concept of several classes ``name of concept/name of class``.
        similarity: cosine to the prototype at the peak, in [-1, 1].
        confidence: calibrated share at the peak, 0 to 1.
        score: of the head at the peak, what thresholds are compared with.
        clip_id: "" for a file that is not in the library; ``path`` says which then.
        flag_id, scan_id: in the ledger; 0 before it is kept.
        verdict: one of VERDICTS.
    """

    concept: str
    start_seconds: float
    end_seconds: float
    peak_seconds: float
    similarity: float
    confidence: float
    score: float = 0.0
    clip_id: str = ""
    path: str = ""
    flag_id: int = 0
    scan_id: int = 0
    verdict: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start_seconds <= self.peak_seconds <= self.end_seconds:
            raise ValueError(f"flag ({self.start_seconds}, {self.peak_seconds}, {self.end_seconds}) must have its peak inside")
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict ({self.verdict}) must be one of {VERDICTS}")

    def as_dict(self) -> dict[str, Any]:
        """The form of ``scan --json``."""
        return {
            "concept": self.concept,
            "start_seconds": self.start_seconds,
            "end_seconds": self.end_seconds,
            "peak_seconds": self.peak_seconds,
            "similarity": self.similarity,
            "confidence": self.confidence,
        }
