"""A concept as bytes: numbers as safetensors, all else as JSON. No pickle, so reading one runs nothing of somebody else's.

The ledger keeps both apart; a ``.concept`` file is one safetensors file with the JSON in its header. What is read is checked to
the last number, for a file may come from anywhere: sizes, shapes, names, finiteness.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from core.clips import Section, clean_label
from core.concepts import HEADS, NONE, Concept, Example, Head, Scale, Space, Threshold
from core.errors import BadInput

SUFFIX = ".concept"
MOST_BYTES = 64 << 20  # a k-NN head of a thousand windows of the largest encoder here has 18 MB
FORMAT, VERSION = "motionbook-concept", 1
MOST_CLASSES = 200
MOST_EXAMPLES = 20_000
_KEY = "concept"
_ARRAYS = ("mean", "weights", "biases", "rows", "owners", "prototypes")

Arrays = dict[str, NDArray[Any]]


def payload(concept: Concept) -> str:
    """All of a concept but its arrays and examples, as JSON."""
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "name": concept.name,
            "encoder": concept.encoder,
            "fingerprint": concept.fingerprint,
            "classes": concept.classes,
            "sections": [asdict(section) for section in concept.space.sections],
            "head": {"kind": concept.head.kind, "neighbours": concept.head.neighbours},
            "scales": [asdict(scale) for scale in concept.scales],
            "thresholds": [_threshold(one) for one in concept.thresholds],
            "chosen": concept.chosen,
            "notes": [[name, _number(value)] for name, value in concept.notes],
            "words": concept.words,
            "asked": concept.asked,
            "augment": concept.augment,
            "made_at": concept.made_at,
        },
        ensure_ascii=False,
        allow_nan=False,
    )


def arrays(concept: Concept) -> bytes:
    head = concept.head
    made: bytes = save(
        {
            "mean": _floats(concept.space.mean),
            "weights": _floats(head.weights),
            "biases": _floats(head.biases),
            "rows": _floats(head.rows),
            "owners": np.ascontiguousarray(head.owners, np.int64),
            "prototypes": _floats(concept.prototypes),
        }
    )
    return made


def concept(payload: str, arrays: bytes, examples: Sequence[Example], concept_id: int = 0) -> Concept:
    """What ``payload`` and ``arrays`` say, with its examples. Raises ValueError for anything that does not fit together."""
    said = json.loads(payload)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ValueError("it is no concept")
    if said.get("version") != VERSION:
        raise ValueError(f"version {str(said.get('version'))[:20]} is not {VERSION}")
    try:
        return _concept(said, _checked(load(arrays)), tuple(examples), concept_id)
    except (LookupError, TypeError, AttributeError, OverflowError, SafetensorError) as error:
        raise ValueError(f"a part of it is missing or misshapen ({type(error).__name__}: {str(error)[:60]})") from error


@dataclass(frozen=True, slots=True)
class Said:
    """What of a payload is needed to teach the concept again."""

    classes: tuple[str, ...]
    words: str
    asked: str
    augment: tuple[str, ...]
    target: str


def said(payload: str) -> Said:
    """Raises ValueError."""
    try:
        found = json.loads(payload)
        first = _read_threshold(found["thresholds"][0])
        return Said(
            tuple(map(str, found["classes"])),
            str(found["words"]),
            str(found["asked"]),
            tuple(map(str, found["augment"])),
            f"{first.target}:{first.wanted:g}" if first.target else "",
        )
    except (LookupError, TypeError) as error:
        raise ValueError(f"a part of it is missing ({error!r})") from error


def dump(concept: Concept) -> bytes:
    """The content of a ``.concept`` file."""
    examples = [[one.clip_id, one.name, list(one.span) if one.span else None, one.origin] for one in concept.examples]
    header = json.dumps({_KEY: payload(concept), "examples": examples}, ensure_ascii=False)
    made: bytes = save(load(arrays(concept)), metadata={FORMAT: header})  # one text: several have no order
    return made


def read(path: Path) -> bytes:
    """The content of a file that is not too large. Raises BadInput."""
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"concept file ({path.name[:60]}) must be readable ({error.strerror}); choose another") from error


def parse(content: bytes, name: str) -> Concept:
    """The concept of a ``.concept`` file, not yet of any ledger. ``name`` is the file's, for the message. Raises BadInput."""
    if len(content) > MOST_BYTES:
        raise BadInput(f"concept file ({name[:60]}) must have at most {MOST_BYTES:,} bytes; choose another file")
    try:
        header = _header(content)
        examples = [_example(row) for row in header["examples"]]
        if len(examples) > MOST_EXAMPLES:
            raise ValueError(f"{len(examples)} examples are more than {MOST_EXAMPLES}")
        return concept(header[_KEY], content, examples)
    except (ValueError, LookupError, TypeError, RecursionError, SafetensorError) as error:
        raise BadInput(
            f"concept file ({name[:60]}) must be one that Motionbook exported, whole and of version {VERSION}: "
            f"{str(error)[:160] or type(error).__name__}; export it again"
        ) from error


def _header(content: bytes) -> Mapping[str, Any]:
    """What ``dump`` wrote into the head of a safetensors file: 8 bytes of its length, then JSON."""
    length = int.from_bytes(content[:8], "little")
    if not 2 <= length <= len(content) - 8:
        raise ValueError("it ends too early")
    found = json.loads(json.loads(content[8 : 8 + length].decode("utf-8"))["__metadata__"][FORMAT])
    if not isinstance(found, dict):
        raise TypeError("its header is no concept's")
    return found


def _checked(read: Mapping[str, NDArray[Any]]) -> Arrays:
    if set(read) != set(_ARRAYS):
        raise ValueError(f"its arrays must be {', '.join(_ARRAYS)}")
    for name, values in read.items():
        kind = np.int64 if name == "owners" else np.float32
        if values.dtype != kind or not np.isfinite(values).all():
            raise ValueError(f"the array {name} is not of finite {kind.__name__} numbers")
    return dict(read)


def _concept(said: dict[str, Any], read: Arrays, examples: tuple[Example, ...], concept_id: int) -> Concept:
    classes = tuple(class_name(one) for one in said["classes"])
    if not 0 < len(classes) <= MOST_CLASSES or len(set(classes)) != len(classes):
        raise ValueError(f"its classes must be from 1 to {MOST_CLASSES} different names")
    if strange := {one.name for one in examples} - {*classes, NONE}:
        raise ValueError(f"an example is of a class that it does not have ({min(strange)[:40]})")
    size, sections = len(read["mean"]), tuple(_section(one) for one in said["sections"])
    widths = {read[one].shape[1] for one in ("weights", "prototypes")} | ({read["rows"].shape[1]} if len(read["rows"]) else set())
    if read["mean"].ndim != 1 or widths != {size} or [*_edges(sections)] != [*_edges(sections, whole=size)]:
        raise ValueError("its arrays and streams are not of one width")
    kind, neighbours = str(said["head"]["kind"]), int(said["head"]["neighbours"])
    if kind not in HEADS or (kind == "knn" and not 0 < neighbours <= MOST_EXAMPLES):
        raise ValueError(f"its head must be one of {', '.join(HEADS)}")
    if kind == "knn" and (not len(read["rows"]) or not -1 <= read["owners"].min() <= read["owners"].max() < len(classes)):
        raise ValueError("its examples' rows belong to no class of it")
    return Concept(
        name=concept_name(said["name"]),
        encoder=clean_label(str(said["encoder"]), what="encoder"),
        fingerprint=clean_label(str(said["fingerprint"]), what="fingerprint"),
        classes=classes,
        examples=examples,
        space=Space(read["mean"], sections),
        head=Head(kind, read["weights"], read["biases"], read["rows"], read["owners"], neighbours),
        prototypes=read["prototypes"],
        scales=tuple(Scale(_finite(one["slope"]), _finite(one["offset"])) for one in said["scales"]),
        thresholds=tuple(_read_threshold(one) for one in said["thresholds"]),
        chosen=str(said["chosen"]),
        notes=tuple((str(name), math.nan if value is None else _finite(value)) for name, value in said["notes"]),
        words=str(said["words"]),
        asked=str(said["asked"]),
        augment=tuple(str(one) for one in said["augment"]),
        concept_id=concept_id,
        made_at=_finite(said["made_at"]),
    )


def concept_name(text: str) -> str:
    """``text`` as the name of a concept, in which "/" stands before a class. Raises BadInput."""
    name = clean_label(str(text), what="concept name")
    if not name or "/" in name:
        raise BadInput(f"concept name ({name[:40]}) must be a text without a slash; call it for example fight")
    return name


def class_name(text: str) -> str:
    """Raises BadInput for an empty one, BadLabel for others that are no label."""
    name = clean_label(str(text), what="class")
    if not name:
        raise BadInput("class () must have a name; call it for example climbing")
    return name


def _edges(sections: tuple[Section, ...], whole: int | None = None) -> list[int]:
    """Where the streams begin, and where the last ends; of ``whole`` columns as they must be: one after another, no gap."""
    if whole is None:
        return [*(one.start for one in sections), sections[-1].stop if sections else 0]
    return [0, *(one.stop for one in sections[:-1]), whole]


def _section(said: Mapping[str, Any]) -> Section:
    return Section(str(said["stream"]), str(said["encoder"]), int(said["start"]), int(said["stop"]), _finite(said["weight"]))


def _threshold(one: Threshold) -> dict[str, Any]:
    return {**asdict(one), "value": _number(one.value), "wanted": _number(one.wanted)}


def _read_threshold(said: Mapping[str, Any]) -> Threshold:
    value, wanted = (math.nan if said[name] is None else _finite(said[name]) for name in ("value", "wanted"))
    if math.isnan(value):
        raise ValueError("a threshold has no value")
    return Threshold(value, str(said["target"]), wanted, str(said["sentence"]))


def _example(row: Any) -> Example:
    clip_id, name, span, origin = row
    if not (isinstance(clip_id, str) and len(clip_id) == 64 and set(clip_id) <= set("0123456789abcdef")):
        raise ValueError("an example has no clip's id")
    ends = None if span is None else (_finite(span[0]), _finite(span[1]))
    if ends is not None and not 0 <= ends[0] < ends[1]:
        raise ValueError("an example ends before it starts")
    return Example(clip_id, clean_label(str(name), what="class"), ends, clean_label(str(origin), what="origin"))


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a number is not finite")
    return number


def _number(value: float) -> float | None:
    """JSON knows no NaN and no infinity."""
    return float(value) if math.isfinite(value) else None


def _floats(values: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)
