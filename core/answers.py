"""The JSON forms of what the core answers: the contract that scripts rely on. Tried by tests/core/test_contract.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from core.choosing import Advice, Candidate
from core.clips import Clip, Provenance, Section
from core.comparing import Comparison, Matrix
from core.disagreeing import Disagreement, RankedPair
from core.encoders import EncoderSpec
from core.errors import MotionbookError
from core.evaluating import Evaluation
from core.evidence import Evidence, Findings, Overall, findings
from core.flags import Flag
from core.ingesting import AddReport
from core.mixing import Understood
from core.resampling import Estimate
from core.searches import Found, Results
from core.store import Scan
from core.weights import Carried, WeightsStatus

Answer = dict[str, Any]


def number(value: float) -> float | None:
    """JSON knows no NaN: a number that does not exist is null."""
    return float(value) if math.isfinite(value) else None


def _table(values: np.ndarray) -> list[list[float | None]]:
    return [[number(value) for value in row] for row in values]


def add(report: AddReport) -> Answer:
    return {
        "added": report.added,
        "duplicates": report.duplicates,
        "refused": [{"path": str(row.path), "reason": row.reason, "message": row.message} for row in report.refused],
        "windows": report.windows,
        "seconds": round(report.seconds, 3),
    }


def compare(
    comparison: Comparison,
    provenance: Provenance,
    alone: Sequence[tuple[Section, Comparison]] = (),
    found: Findings | None = None,
) -> Answer:
    """``similarity`` is the centred cosine; the diagonal of every table is "within", the rest "between".

    ``alone`` are the readings of single streams, of an encoder that has several. ``found`` is the evidence where somebody has
    reckoned it already. The numbers of the first two sides stand beside the tables, those of all pairs under "evidence".
    """
    found = found or findings(comparison)
    pairs = [one for one in found.pairs if one.first != one.second]
    weights = {section.stream: section.weight for section in comparison.sections}
    streams = [
        {
            "stream": section.stream,
            "weight": weights.get(section.stream, 0.0),
            "similarity": _table(reading.centred),
            "percentile": _table(reading.percentile),
        }
        for section, reading in alone
    ]
    return {
        "encoder": provenance.encoder,
        "fingerprint": provenance.fingerprint,
        "queries": [
            {"query": str(side.query), "clips": len(side.clips), "sources": len({clip.split_source for clip in side.clips})}
            for side in comparison.sides
        ],
        "similarity": _table(comparison.centred),
        "raw": _table(comparison.raw),
        "percentile": _table(comparison.percentile),
        "pairs": comparison.pairs.tolist(),
        "library": {"clips": comparison.library_clips, "sources": comparison.library_sources},
        **({"understood": said} if (said := [words(one) for side in comparison.sides for one in side.understood]) else {}),
        **({"streams": streams} if streams else {}),
        **(_numbers(pairs[0]) if pairs else {}),
        "evidence": [evidence(one) for one in pairs],
        "overall": overall(found.overall) if found.overall else None,
    }


def search(results: Results) -> Answer:
    """``similarity`` is the centred cosine. ``folded`` are matches of clips that are nearly the same, in the same form."""
    found = {
        "matches": [{**_match(one), "folded": [_match(other) for other in one.folded]} for one in results.matches],
        "seconds": round(results.seconds, 4),
        "queries": [str(query) for query in results.search.queries],
        "search": results.search.params(),
        "sentence": results.sentence,
        "windows": results.windows,
        "clips": results.clips,
        "filtered_windows": results.filtered_windows,
        "hidden": results.hidden,
        "encoder": results.provenance.encoder,
        "fingerprint": results.provenance.fingerprint,
        "library": {"clips": results.provenance.clips, "sources": results.provenance.sources},
    }
    return {**found, "understood": [words(one) for one in results.understood]} if results.understood else found


def _match(one: Found) -> Answer:
    return {
        "clip": one.clip.clip_id,
        "name": one.clip.name,
        "label": one.clip.label,
        "source": one.clip.source,
        "start_seconds": round(one.start_seconds, 3),
        "end_seconds": round(one.end_seconds, 3),
        "similarity": number(one.similarity),
        "percentile": number(one.percentile),
        "rank": one.rank,
        "raw": number(one.raw),
        "window": one.window,
        "own_source": one.own_source,
    }


def words(one: Understood) -> Answer:
    """What words were read as; ``closeness`` is null for a mix that somebody wrote."""
    return {
        "text": one.text,
        "mix": [{"name": name, "share": share} for name, share in one.mix],
        "closeness": one.closeness,
        "corrected": one.corrected,
        "doubtful": one.doubtful,
    }


def evidence(one: Evidence) -> Answer:
    """Of one pair of sides. Numbers that the clips do not allow are null, and ``lacks`` says why."""
    return {"sides": [one.first, one.second], "names": [party.name for party in one.parties], **_numbers(one)}


def _numbers(one: Evidence) -> Answer:
    """``interval`` is of ``centred``, ``effect`` the gap: mean within minus mean between."""
    return {
        "centred": number(one.between.centred),
        "interval": _ends(one.between.interval),
        "z": number(one.between.z),
        "within": [number(reading.centred) for reading in one.within],
        "within_intervals": [_ends(reading.interval) for reading in one.within],
        "effect": number(one.effect),
        "effect_interval": _ends(one.effect_interval),
        "p_value": number(one.p_value),
        "smallest_p": one.smallest_p if one.test else None,
        "p_corrected": number(one.p_corrected),
        "arrangements": one.test.arrangements if one.test else 0,
        "exact": one.test.exact if one.test else None,
        "exchanged": one.exchanged,
        "auc": number(one.auc),
        "energy": number(one.energy),
        "silhouette": number(one.silhouette),
        "sources": [party.sources for party in one.parties],
        "verdict": str(one.verdict),
        "sentence": one.sentence,
        "lacks": list(one.lacks),
    }


def overall(one: Overall) -> Answer:
    """All sides with clips together."""
    return {
        "names": list(one.names),
        "within": number(one.within),
        "between": number(one.between),
        "effect": number(one.effect),
        "effect_interval": _ends(one.effect_interval),
        "p_value": number(one.test.p) if one.test else None,
        "smallest_p": one.smallest_p if one.test else None,
        "auc": number(one.auc),
        "silhouette": number(one.silhouette),
        "verdict": str(one.verdict),
        "sentence": one.sentence,
    }


def _ends(found: Estimate | None) -> list[float] | None:
    return [found.low, found.high] if found else None


def matrix(result: Matrix, provenance: Provenance) -> Answer:
    return {
        "encoder": provenance.encoder,
        "fingerprint": provenance.fingerprint,
        "names": list(result.names),
        "labels": list(result.labels),
        "clips": [clip.clip_id for clip in result.clips],
        "similarity": _table(result.similarity),
        "raw": _table(result.raw),
    }


def evaluation(result: Evaluation) -> Answer:
    """``clusters`` is by the method's name; what the clips do not allow is left out."""
    clusters = {one.method: {name: value for name, value in asdict(one).items() if name != "method"} for one in result.clusters}
    return {**asdict(result), "clusters": clusters}


def candidate(one: Candidate) -> Answer:
    """Numbers that nobody has measured yet are null; ``low`` and ``high`` are the ends of a 95 % interval, or of the runs."""
    exam, speed = one.exam, one.speed
    return {
        "encoder": one.encoder,
        "found_first": asdict(exam.found_first) if exam else None,
        "mean_average_precision": asdict(exam.mean_average_precision) if exam else None,
        "exam_clips": len(exam.clip_ids) if exam else 0,
        "exam_sources": len(set(exam.sources)) if exam else 0,
        "seconds_per_window": asdict(speed.seconds_per_window) if speed else None,
        "seconds_per_minute": asdict(speed.seconds_per_minute) if speed else None,
        "engine": speed.engine if speed else None,
        "processor_free": speed.free if speed else None,
        "lacking_clips": one.lacking,
        "missing_clips": one.missing,
    }


def advice(told: Advice, candidates: Sequence[Candidate], failures: Sequence[str]) -> Answer:
    return {
        "take": told.take,
        "sentence": told.sentence,
        "notes": list(told.notes),
        "frontier": list(told.frontier),
        "failures": list(failures),
        "encoders": [candidate(one) for one in candidates],
    }


def disagreement(found: Disagreement) -> Answer:
    """Percentiles are places among all pairs of clips from different sources, 0 to 100."""
    shared = found.overlap
    return {
        "encoders": [found.a, found.b],
        "sentence": found.sentence,
        "clips": found.clips,
        "sources": found.sources,
        "clips_in_both": found.clips_in_both,
        "neighbours": shared.k,
        "overlap": number(shared.share),
        "overlap_by_chance": number(shared.chance),
        "jaccard": number(shared.jaccard),
        "spearman": number(found.spearman),
        "cka": number(found.cka),
        "pairs": found.pairs,
        "pairs_in_all": found.pairs_in_all,
        "alike_in_first": [_ranked_pair(pair) for pair in found.alike_in_a],
        "alike_in_second": [_ranked_pair(pair) for pair in found.alike_in_b],
    }


def _ranked_pair(pair: RankedPair) -> Answer:
    return {
        "clips": [pair.first.clip_id, pair.second.clip_id],
        "names": [pair.first.name, pair.second.name],
        "labels": [pair.first.label, pair.second.label],
        "similarity": [pair.similarity_a, pair.similarity_b],
        "percentile": [pair.percentile_a, pair.percentile_b],
    }


def clip(row: Clip) -> Answer:
    return {
        "clip": row.clip_id,
        "name": row.name,
        "label": row.label,
        "source": row.source,
        "duration_seconds": round(row.info.duration_seconds, 3),
        "width_px": row.info.width_px,
        "height_px": row.info.height_px,
        "codec": row.info.codec,
        "bytes": row.bytes,
        "synthetic": row.synthetic,
        "deleted": row.deleted_at is not None,
    }


def encoder(spec: EncoderSpec, status: WeightsStatus, *, embedded_clips: int) -> Answer:
    return {
        "encoder": spec.name,
        "title": spec.title,
        "family": spec.family,
        "stream": spec.stream,
        "dimension": spec.dimension,
        "frames": spec.frames,
        "actions": spec.actions,
        "window_seconds": spec.sampling.window_seconds,
        "stride_seconds": spec.sampling.stride_seconds,
        "top1": spec.top1,
        "top1_source": spec.top1_source,
        "licence": spec.licence,
        "paper": spec.paper,
        "parts": list(spec.parts),
        "ready": status.ready,
        "problem": status.problem,
        "clips": embedded_clips,
    }


def weights(status: WeightsStatus) -> Answer:
    """``place`` is where the file ``file_name`` may be put by hand; null for an encoder without weights of its own."""
    return {
        "encoder": status.name,
        "ready": status.ready,
        "state": status.state,
        "problem": status.problem,
        "path": str(status.path) if status.path else None,
        "bytes": status.bytes,
        "sha256": status.sha256,
        "source": status.source,
        "licence": status.licence,
        "file_name": status.file_name,
        "place": str(status.place) if status.place else None,
        "download_bytes": status.download_bytes,
        "partial_bytes": status.partial_bytes,
        "parts": list(status.parts),
        "packages": list(status.packages),
    }


def carried(row: Carried) -> Answer:
    """What became of a file that was imported; ``encoder`` is "" for one that nobody knows."""
    return {
        "file": str(row.file),
        "outcome": row.outcome,
        "encoder": row.encoder,
        "message": row.message,
        "path": str(row.path) if row.path else None,
    }


def scan(found: Sequence[Flag], seconds: float, windows: int, *, with_file: bool) -> Answer:
    """``seconds`` is how long it took, ``windows`` how many were scored; of several files each flag says of which it is."""
    return {
        "flags": [
            {**_flag(one), **({"file": one.path or None, "clip": one.clip_id or None} if with_file else {})} for one in found
        ],
        "seconds": round(seconds, 3),
        "windows": windows,
    }


def _flag(one: Flag) -> Answer:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in one.as_dict().items()}


def flag(one: Flag) -> Answer:
    """A flag as it is kept."""
    kept = {"flag": one.flag_id, "scan": one.scan_id, "file": one.path or None, "clip": one.clip_id or None}
    return {**_flag(one), "score": round(one.score, 4), "verdict": one.verdict, **kept}


def scan_row(one: Scan) -> Answer:
    return {
        "scan": one.scan_id,
        "title": one.title,
        "state": one.state,
        "message": one.message,
        "concepts": list(one.settings["concepts"]),
        "total": one.total,
        "counts": dict(one.counts),
        "windows": one.windows,
        "flags": one.flags,
        "created_at": one.created_at,
        "finished_at": one.finished_at,
    }


def error(failure: MotionbookError) -> Answer:
    return {"error": {"reason": failure.reason, "message": str(failure), "pid": getattr(failure, "pid", None)}}
