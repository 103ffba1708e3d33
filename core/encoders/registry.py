"""Encoders by name: which there are, what each is, and how to get one that runs."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from pathlib import Path

from core.clips import ClipEmbeddings, Floats, Section
from core.encoders import heads, joining, own
from core.encoders.protocol import ActionHead, Encoder
from core.encoders.row import Row
from core.encoders.rows import ROWS
from core.encoders.spec import RANDOM_SHA256, EncoderSpec
from core.errors import BadEncoder, BadInput, UnknownName, WeightsMissing

_learning = threading.Lock()
_known: dict[str, Row] = ROWS  # replaced as a whole, never changed: readers need no lock


def learn(folder: Path) -> list[BadEncoder]:
    """Make the encoders of a library's folder of TOML files known beside the built-in ones; docs/adding-an-encoder.md.

    May be called again at any time, from any thread: what the folder says now replaces what it, or another library's
    folder, said before. One bad file does not hide the others. Gives the problems, each of which names the file, the key and
    the rule.
    """
    global _known
    with _learning:
        found, problems = own.read_folder(folder, taken=ROWS)
        _known = {**ROWS, **found}
    return problems


def names() -> tuple[str, ...]:
    """The default first."""
    return tuple(_known)


def row(name: str) -> Row:
    """Raises UnknownName."""
    try:
        return _known[name]
    except KeyError:
        raise UnknownName(f"encoder ({name!r}) must be one of {', '.join(_known)}; choose one of these") from None


def spec(name: str) -> EncoderSpec:
    """Raises UnknownName."""
    return row(name).spec


def sections(name: str) -> tuple[Section, ...]:
    """The streams of an encoder's embedding and where each stands; a single one without parts. Raises UnknownName."""
    chosen = spec(name)
    return joining.sections(chosen, {part: spec(part) for part in chosen.parts})


def join(name: str, parts: Mapping[str, ClipEmbeddings]) -> ClipEmbeddings:
    """One clip's embeddings by an encoder with parts, out of its parts' by name. Raises UnknownName, BadInput."""
    return joining.join(spec(name), sections(name), parts)


def build(
    name: str,
    *,
    weights: Path | None,
    cache: Path | None = None,
    device: str = "auto",
    precision: str = "exact",
    random_weights: bool = False,
) -> Encoder:
    """The encoder, ready to run.

    Args:
        name: one of ``names()``.
        weights: the file that ``core.weights.locate`` or ``fetch`` gave; None for an encoder without weights.
        cache: where forms converted for this machine may be kept; beside the weights (or somebody's own file) when None.
        device: one of core.settings.DEVICES.
        precision: one of core.settings.PRECISIONS; only the CPU engine heeds it.
        random_weights: the same random numbers each time instead of ``weights``; for tests of the machinery only. The
            fingerprint then says "random".

    Raises UnknownName, WeightsMissing, WeightsDamaged, and for somebody's own encoder BadEncoder.
    """
    chosen = row(name)
    if chosen.spec.parts:
        raise BadInput(
            f"encoder ({name}) must be one that computes; build its parts {', '.join(chosen.spec.parts)} and join them"
        )
    if name == "toy":
        from core.encoders.toy import ToyEncoder

        return ToyEncoder(chosen.spec)
    from core.encoders import building

    kept = cache / "engines" if cache is not None else (weights or Path()).parent
    if own.is_own(chosen.spec):
        from core.encoders import own_engine

        beside = own.located(chosen.spec).parent / ".engines"
        return own_engine.build(chosen, kept if cache is not None else beside, device, precision)
    if not chosen.spec.needs_weights:
        return building.without_weights(chosen, kept, device, precision)
    if random_weights and chosen.engine:
        return building.without_weights(chosen, kept, device, precision, sha256=RANDOM_SHA256)
    if random_weights:
        return building.with_random_weights(chosen, device)
    if weights is None:
        raise _not_fetched(name)
    return building.with_weights(chosen, weights, kept, device, precision)


def load_head(name: str, weights: Path | None) -> ActionHead:
    """The classifier of an encoder from its stored weights, without any network library.

    Raises UnknownName, NoActionHead, WeightsMissing, WeightsDamaged, BadEncoder.
    """
    chosen = row(name)
    if chosen.head and own.is_own(chosen.spec):
        return own.load_head(chosen)
    if chosen.head and weights is None:
        raise _not_fetched(name)
    return heads.load(chosen, weights or Path())


def _not_fetched(name: str) -> WeightsMissing:
    return WeightsMissing(f"weights of {name} must be fetched first; run: python -m core weights fetch {name}")


def convert(name: str, file: Path) -> dict[str, Floats]:
    """Published weights as the tensors of our network. Raises UnknownName, WeightsDamaged."""
    chosen = row(name)
    tensors: dict[str, Floats] = importlib.import_module(chosen.converter).convert(file, chosen.spec)
    return tensors
