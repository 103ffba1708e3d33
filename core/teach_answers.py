"""The JSON forms of concepts, beside those of ``core.answers``."""

from __future__ import annotations

from collections.abc import Sequence

from core.answers import Answer, number
from core.concepts import NONE, Concept
from core.judging import HeadScore


def concept(one: Concept, stale: str = "") -> Answer:
    """``stale`` is null when it can score what its encoder sees today, otherwise why not and what to do."""
    shown = [example.name for example in one.examples]
    return {
        "concept": one.name,
        "encoder": one.encoder,
        "fingerprint": one.fingerprint,
        "classes": [
            {
                "class": name,
                "examples": shown.count(name),
                "threshold": number(threshold.value),
                "target": f"{threshold.target}:{threshold.wanted:g}" if threshold.target else None,
                "sentence": threshold.sentence,
            }
            for name, threshold in zip(one.classes, one.thresholds, strict=True)
        ],
        "negatives": shown.count(NONE),
        "words": one.words or None,
        "head": one.head.kind,
        "why": one.chosen,
        "numbers": {name: number(value) for name, value in one.notes},
        "augment": list(one.augment),
        "made_at": one.made_at,
        "stale": stale or None,
    }


def examples(one: Concept) -> list[Answer]:
    """``class`` is null for an example of none."""
    return [
        {
            "clip": example.clip_id,
            "class": example.name or None,
            "start_seconds": example.span[0] if example.span else None,
            "end_seconds": example.span[1] if example.span else None,
            "origin": example.origin,
        }
        for example in one.examples
    ]


def heads(scores: Sequence[HeadScore]) -> list[Answer]:
    """The best first; ``low`` and ``high`` are the ends of a 95 % interval over sources."""
    return [
        {
            "head": one.kind,
            "average_precision": number(one.average_precision),
            "low": number(one.interval.low),
            "high": number(one.interval.high),
            "auc": number(one.auc),
        }
        for one in scores
    ]
