"""The JSON forms of the map and of what is asked of a library as a whole, beside those of ``core.answers``."""

from __future__ import annotations

from core.answers import Answer, number
from core.clips import Provenance
from core.clustering import Clusters
from core.leakage import Duplicates, Leakage, Twins
from core.mapping import Projection
from core.suspects import Suspects


def projection(made: Projection, provenance: Provenance) -> Answer:
    """``settings`` are those that the method uses; ``window`` is null for a whole clip."""
    rows = zip(made.clip_ids, made.windows.tolist(), made.spans.tolist(), made.places.tolist(), strict=True)
    return {
        **_of(provenance),
        "settings": made.settings.settings,
        "made_at": made.made_at,
        "revision": made.revision,
        "current": made.current,
        "new": made.new,
        "gone": made.gone,
        "notes": list(made.notes),
        "places": [
            {
                "clip": clip_id,
                "window": window if window >= 0 else None,
                "start_seconds": round(start, 3),
                "end_seconds": round(end, 3),
                "x": x,
                "y": y,
            }
            for clip_id, window, (start, end), (x, y) in rows
        ],
    }


def clusters(found: Clusters, provenance: Provenance) -> Answer:
    """``members`` has the number of each row's cluster, null for none; ``actions`` lead by standard deviations."""
    rows = zip(found.points.clip_ids, found.points.windows.tolist(), found.labels.tolist(), strict=True)
    return {
        **_of(provenance),
        "method": found.method,
        "seed": found.seed,
        "silhouette": number(found.silhouette),
        "outside": found.outside,
        "why_unnamed": found.why_unnamed,
        "clusters": [
            {
                "cluster": one.number,
                "name": name,
                "size": one.size,
                "sources": one.sources,
                "called": one.called,
                "labels": dict(one.labels),
                "unlabelled": one.unlabelled,
                "actions": [{"name": action, "lead": lead} for action, lead in one.actions],
                "fit": number(one.fit),
            }
            for name, one in zip(found.names, found.found, strict=True)
        ],
        "odd": [
            {
                "clip": found.points.clip_ids[one.row],
                "window": int(found.points.windows[one.row]) if found.points.windows[one.row] >= 0 else None,
                "cluster": one.cluster,
                "fit": one.fit,
                "oddness": one.oddness,
            }
            for one in found.odd
        ],
        "members": [
            {"clip": clip_id, "window": window if window >= 0 else None, "cluster": member if member >= 0 else None}
            for clip_id, window, member in rows
        ],
    }


def suspects(found: Suspects, provenance: Provenance) -> Answer:
    """``margin`` is in similarity: how much more like the suggested label than like its own."""
    return {
        **_of(provenance),
        "sentence": found.sentence,
        "judged": found.judged,
        "unjudged": found.unjudged,
        "suspects": [
            {
                "clip": one.clip.clip_id,
                "name": one.clip.name,
                "label": one.clip.label,
                "suggested": one.suggested,
                "margin": one.margin,
                "own": one.own,
                "other": one.other,
                "strong": one.strong,
                "votes": dict(one.votes),
                "neighbours": [clip.clip_id for clip in one.neighbours],
                "sentence": one.sentence,
            }
            for one in found.found
        ],
    }


def duplicates(found: Duplicates, provenance: Provenance) -> Answer:
    return {
        **_of(provenance),
        "sentence": found.sentence,
        "least": found.least,
        "pairs": [_twins(pair) for pair in found.pairs],
        "families": [[clip.clip_id for clip in family] for family in found.families],
    }


def leakage(found: Leakage, provenance: Provenance) -> Answer:
    return {
        **_of(provenance),
        "sides": [found.a, found.b],
        "clean": found.clean,
        "sentence": found.sentence,
        "clips": list(found.clips),
        "sources": list(found.sources),
        "shared_clips": [clip.clip_id for clip in found.shared_clips],
        "shared_sources": [{"source": name, "clips": [first, second]} for name, first, second in found.shared_sources],
        "pairs": [_twins(pair) for pair in found.twins],
        "unknown": found.unknown,
        "least": found.least,
    }


def _twins(pair: Twins) -> Answer:
    clips = (pair.first, pair.second)
    return {
        "clips": [one.clip_id for one in clips],
        "names": [one.name for one in clips],
        "sources": [one.source for one in clips],
        "raw": pair.similarity,
    }


def _of(provenance: Provenance) -> Answer:
    return {"encoder": provenance.encoder, "fingerprint": provenance.fingerprint}
