"""The one workbench of this process, and the answers that are kept: the only caches of the screens."""

from __future__ import annotations

import atexit
import json
import threading
import zlib
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import affinity as affinities
from core import alignment as warping
from core import clustering, evidence, pairing
from core import leakage as leaking
from core import suspects as suspecting
from core.adviser import Adviser, Verdict
from core.affinity import Affinity
from core.augmenting import Augmentation
from core.clips import Section
from core.clustering import Clusters
from core.comparing import Comparison
from core.concepts import Concept
from core.disagreeing import Disagreement
from core.errors import BadInput, NotEnoughData
from core.guarding import guard_of
from core.held_out import HeldOut
from core.leakage import Duplicates, Leakage
from core.learning_curve import LearningCurve
from core.previewing import Previewer
from core.queries import parse
from core.searching import Results, Search, Searcher
from core.settings import Settings
from core.similarity import Similarities
from core.strips import Strip
from core.suspects import Suspects
from core.teaching import Teacher, Trial
from core.timelines import Alignment, Repetition, Timelines
from core.verdicts import Findings
from core.watching import Watcher
from core.workbench import Workbench
from pages.parts.words import count

Weights = tuple[tuple[str, float], ...]


@st.cache_resource(show_spinner="Opening the library …", on_release=Workbench.close)
def workbench() -> Workbench:
    """Open once, shared by all sessions; jobs and scans of earlier processes go on. Raises LibraryLocked and BadSetting."""
    bench = Workbench(Settings.from_environment())
    bench.work_in_background()
    Watcher(bench).work_in_background()
    guard_of(bench).resume()
    atexit.register(bench.close)
    return bench


@st.cache_resource(show_spinner=False, on_release=Previewer.close)
def previewer() -> Previewer:
    """Makes the small films of grids, for all sessions."""
    return Previewer(workbench())


@st.cache_resource(show_spinner=False, max_entries=32)
def _found(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    question: str,  # noqa: ARG001 (part of the key)
    _search: Search,
) -> Results:
    return Searcher(_bench).find(_search)


def found(search: Search) -> Results:
    """The answer of the library as it is now. Raises what ``Searcher.find`` raises."""
    bench = workbench()
    return _found(bench, _now(bench), json.dumps(search.params(), sort_keys=True), search)


class OwnTakes(set[str]):
    """The takes of one browser tab."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench

    def close(self) -> None:
        for take_id in self:
            self.bench.takes.discard(take_id)


@st.cache_resource(show_spinner=False, scope="session", on_release=OwnTakes.close)
def own_takes(_bench: Workbench) -> OwnTakes:
    """Takes that are thrown away when this tab is closed."""
    return OwnTakes(_bench)


@st.cache_resource(show_spinner=False, max_entries=32)
def _answer(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    encoder: str,
    queries: tuple[str, ...],
    weights: Weights,
) -> Comparison:
    return _bench.compare([parse(text) for text in queries], encoder, weights=dict(weights))


@st.cache_resource(show_spinner=False, max_entries=32)
def _streams(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    encoder: str,
    queries: tuple[str, ...],
) -> list[tuple[Section, Comparison]]:
    return _bench.compare_streams([parse(text) for text in queries], encoder)


def answer(encoder: str, queries: tuple[str, ...], weights: Weights = ()) -> Comparison:
    """The comparison of ``queries`` in the library as it is now. Raises what ``Workbench.compare`` raises."""
    bench = workbench()
    return _answer(bench, _now(bench), encoder, queries, weights)


def streams(encoder: str, queries: tuple[str, ...]) -> list[tuple[Section, Comparison]]:
    """The same in each stream alone. Raises what ``Workbench.compare_streams`` raises."""
    bench = workbench()
    return _streams(bench, _now(bench), encoder, queries)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Windows of two clips against each other, the path along which they match (empty where there is none), and words on it."""

    row_seconds: NDArray[np.float64]
    column_seconds: NDArray[np.float64]
    similarity: Similarities
    path: tuple[tuple[float, float], ...]
    told: str


@st.cache_resource(show_spinner=False, max_entries=16)
def _moments(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    encoder: str,
    weights: Weights,
    a: str,
    b: str,
    finer: bool,
) -> Matched:
    if finer:
        return _finer(Timelines(_bench), encoder, a, b)
    space = _bench.collection(encoder)
    if weights:
        space = space.weighed(dict(weights))
    first, second = (_bench.library.embeddings(clip_id, _bench.fingerprint(encoder)) for clip_id in (a, b))
    if first is None or second is None:
        raise NotEnoughData("one of these clips is not embedded by this encoder yet; embed the missing clips first")
    table = pairing.window_table(space, first, second)
    told = f"{count(len(table.row_seconds), 'window')} of the first clip against {len(table.column_seconds):,} of the second"
    try:
        found = warping.align(table.similarity)
    except BadInput:
        knots, said = [], f"{told}: too few, or too unlike in number, to be aligned."
    else:
        knots = warping.seconds(found, table.row_seconds, table.column_seconds).tolist()
        said = f"{told}. The line is the way along which they match best."
    return Matched(table.row_seconds, table.column_seconds, table.similarity, tuple((a, b) for a, b in knots), said)


def _finer(timelines: Timelines, encoder: str, a: str, b: str) -> Matched:
    first, second = (timelines.timeline(clip_id, encoder) for clip_id in (a, b))
    told = (
        f"{count(len(first.windows), 'moment')} of the first clip against {len(second.windows):,} of the second, a quarter of a "
        "second apart, each clip's own mean taken away"
    )
    try:
        found = timelines.align(first, second)
    except BadInput:
        table = first.own @ second.own.T
        return Matched(first.seconds, second.seconds, table, (), f"{told}: too unlike in length to be aligned.")
    path = tuple(found.path)
    return Matched(
        first.seconds, second.seconds, found.similarity, path, f"{told}. The line is the way along which they match best."
    )


def moments(encoder: str, weights: Weights, a: str, b: str) -> Matched:
    """Two clips window against window: as finely as somebody had them read (core.timelines), else as the library has them.

    Raises NotEnoughData and what ``Collection.weighed`` raises.
    """
    bench = workbench()
    timelines = Timelines(bench)
    try:
        finer = not weights and not any(timelines.missing(clip_id, encoder) for clip_id in (a, b))
    except NotEnoughData:  # too short for moments
        finer = False
    return _moments(bench, _now(bench), encoder, weights, a, b, finer)


@st.cache_resource(show_spinner=False, max_entries=32)
def _findings(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    encoder: str,
    queries: tuple[str, ...],
    weights: Weights,
) -> Findings:
    return evidence.findings(answer(encoder, queries, weights))


def findings(encoder: str, queries: tuple[str, ...], weights: Weights = ()) -> Findings:
    """How sure that comparison is, every pair of sides. Raises what ``answer`` raises."""
    bench = workbench()
    return _findings(bench, _now(bench), encoder, queries, weights)


def _now(bench: Workbench) -> tuple[str, int]:
    return str(bench.settings.home), bench.library.revision


@st.cache_resource(show_spinner=False, max_entries=4)
def _verdict(_bench: Workbench, library_now: tuple[str, int], known: tuple[object, ...]) -> Verdict:  # noqa: ARG001 (parts of the key)
    return Adviser(_bench).verdict()


def verdict() -> Verdict:
    """What is known of the ready encoders in the library as it is now."""
    bench = workbench()
    timed = tuple((one.encoder, one.measured_at) for one in Adviser(bench).speeds().values())
    ready = tuple(spec.name for spec in bench.encoders())
    return _verdict(bench, (str(bench.settings.home), bench.library.revision), (ready, timed))


@st.cache_resource(show_spinner=False, max_entries=8)
def _disagreement(_bench: Workbench, library_now: tuple[str, int], a: str, b: str) -> Disagreement:  # noqa: ARG001 (part of the key)
    return Adviser(_bench).disagree(a, b)


def disagreement(a: str, b: str) -> Disagreement:
    """Where two encoders disagree about the library as it is now. Raises NotEnoughData and what ``Adviser.disagree`` raises."""
    bench = workbench()
    return _disagreement(bench, (str(bench.settings.home), bench.library.revision), a, b)


Span = tuple[float, float] | None


@st.cache_resource(show_spinner=False, max_entries=16)
def _alignment(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    a: tuple[str, Span],
    b: tuple[str, Span],
    encoder: str,
) -> Alignment:
    times = Timelines(_bench)
    return times.align(times.timeline(a[0], encoder, a[1]), times.timeline(b[0], encoder, b[1]))


def alignment(a: tuple[str, Span], b: tuple[str, Span], encoder: str) -> Alignment:
    """Two ranges laid along each other; at once when their moments are computed. Raises what ``Timelines.align`` raises."""
    bench = workbench()
    return _alignment(bench, _now(bench), a, b, encoder)


@st.cache_resource(show_spinner=False, max_entries=16)
def _repetition(_bench: Workbench, library_now: tuple[str, int], clip_id: str, span: Span) -> Repetition:  # noqa: ARG001 (part of the key)
    return Timelines(_bench).repetition(clip_id, span)


def repetition(clip_id: str, span: Span) -> Repetition:
    """How a clip repeats itself; at once when it was watched. Raises what ``Timelines.repetition`` raises."""
    bench = workbench()
    return _repetition(bench, _now(bench), clip_id, span)


@st.cache_resource(show_spinner=False, max_entries=16)
def _strip(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    query: str,
    clip_id: str,
    encoder: str,
    finer: bool,
) -> Strip:
    return Timelines(_bench).strip(parse(query), clip_id, encoder, finer=finer)


def strip(query: str, clip_id: str, encoder: str, *, finer: bool) -> Strip:
    """A query over the time of a clip; ``finer`` at once when its windows are computed. Raises as ``Timelines.strip`` does."""
    bench = workbench()
    return _strip(bench, _now(bench), query, clip_id, encoder, finer)


@st.cache_resource(show_spinner="Finding clusters …", max_entries=8)
def _clusters(
    _bench: Workbench,
    library_now: tuple[str, int],  # noqa: ARG001 (part of the key)
    encoder: str,
    method: str,
    k: int,
    of: str,
) -> Clusters:
    return clustering.clusters(_bench, encoder, method, k=k or None, of=of)


def clusters(encoder: str, method: str, k: int, of: str) -> Clusters:
    """The clusters of the library as it is now; ``k`` 0 for as many as suit. Raises what ``core.clustering.clusters`` raises."""
    bench = workbench()
    return _clusters(bench, _now(bench), encoder, method, k, of)


@st.cache_resource(show_spinner=False, max_entries=8)
def _affinity(_bench: Workbench, library_now: tuple[str, int], query: str, encoder: str, of: str) -> Affinity:  # noqa: ARG001 (part of the key)
    return affinities.affinity(_bench, parse(query), encoder, of=of)


def affinity(query: str, encoder: str, of: str) -> Affinity:
    """How alike every clip or moment is to a query. Raises what ``core.affinity.affinity`` raises."""
    bench = workbench()
    return _affinity(bench, _now(bench), query, encoder, of)


@st.cache_resource(show_spinner=False, max_entries=4)
def _suspects(_bench: Workbench, library_now: tuple[str, int], encoder: str) -> Suspects:  # noqa: ARG001 (part of the key)
    return suspecting.suspects(_bench, encoder)


def suspects(encoder: str) -> Suspects:
    """The labels that may be wrong. Raises NotEnoughData."""
    bench = workbench()
    return _suspects(bench, _now(bench), encoder)


@st.cache_resource(show_spinner=False, max_entries=4)
def _duplicates(_bench: Workbench, library_now: tuple[str, int], encoder: str) -> Duplicates:  # noqa: ARG001 (part of the key)
    return leaking.near_duplicates(_bench, encoder)


def duplicates(encoder: str) -> Duplicates:
    """Films that are there twice. Raises NotEnoughData."""
    bench = workbench()
    return _duplicates(bench, _now(bench), encoder)


@st.cache_resource(show_spinner=False, max_entries=8)
def _leakage(_bench: Workbench, library_now: tuple[str, int], encoder: str, a: str, b: str) -> Leakage:  # noqa: ARG001 (part of the key)
    return leaking.leakage(_bench, parse(a), parse(b), encoder)


def leakage(encoder: str, a: str, b: str) -> Leakage:
    """What two sides of a split have in common. Raises what ``core.leakage.leakage`` raises."""
    bench = workbench()
    return _leakage(bench, _now(bench), encoder, a, b)


Mark = tuple[str, int]
MOST_TRIALS = 16


def mark(concept: Concept) -> Mark:
    """Tells one teaching of a concept from the next; another threshold or name of it is the same teaching."""
    head = concept.head
    told = b"".join(part.tobytes() for part in (head.weights, head.biases, head.rows, concept.prototypes))
    return concept.fingerprint, zlib.crc32(told)


class Trials:
    """What was found out beside concepts themselves, by ``mark``, for as long as the app runs; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Mark, Trial] = {}
        self._curves: dict[Mark, LearningCurve] = {}
        self._altered: dict[Mark, Augmentation] = {}

    def put(self, trial: Trial) -> None:
        with self._lock:
            self._known.pop(mark(trial.concept), None)
            self._known[mark(trial.concept)] = trial
            while len(self._known) > MOST_TRIALS:
                self._known.pop(next(iter(self._known)))

    def get(self, concept: Concept) -> Trial | None:
        with self._lock:
            return self._known.get(mark(concept))

    def put_curve(self, concept: Concept, curve: LearningCurve) -> None:
        with self._lock:
            self._curves[mark(concept)] = curve

    def curve(self, concept: Concept) -> LearningCurve | None:
        with self._lock:
            return self._curves.get(mark(concept))

    def put_altered(self, concept: Concept, found: Augmentation) -> None:
        with self._lock:
            self._altered[mark(concept)] = found

    def altered(self, concept: Concept) -> Augmentation | None:
        with self._lock:
            return self._altered.get(mark(concept))


@st.cache_resource(show_spinner=False)
def _trials(home: str) -> Trials:  # noqa: ARG001 (part of the key)
    return Trials()


def trials() -> Trials:
    return _trials(str(workbench().settings.home))


@st.cache_resource(show_spinner="Trying it on sources left out …", max_entries=16)
def _held_out(_bench: Workbench, library_now: tuple[str, int], name: str, taught: Mark) -> HeldOut:  # noqa: ARG001 (parts of the key)
    return Teacher(_bench).held_out(name)


def held_out(concept: Concept) -> HeldOut:
    """What a kept concept's examples score while their source is left out. Raises what ``Teacher.held_out`` raises."""
    found = trials().get(concept)
    if found is not None:
        return found.held_out
    bench = workbench()
    return _held_out(bench, _now(bench), concept.name, mark(concept))
