"""Why are two clips alike? Asked of an encoder by showing it the clips anew, with something hidden or their motion gone.

``Explainer.why`` hides the best matching window of each clip piece by piece and watches the centred cosine to the other clip;
``Explainer.scenery`` takes motion, actor or scene away from both. What was found is kept with the library, and goes when one of
the clips is erased.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core import encoders
from core.alterations import AS_FILMED, Alteration, shown
from core.clips import Clip, ClipEmbeddings, Floats, Progress, Window
from core.collecting import Collection
from core.embedding import vary_until
from core.errors import BadInput, NotEnoughData
from core.explained import Half, SharedAction, Why, shared_actions
from core.occluding import MOMENTS, TILES, seen_by, slices, spread_out, tiles
from core.similarity import cosines
from core.surviving import KINDS, Altered, Scenery, survive
from core.workbench import EVEN, Workbench

WHY, SCENERY = "Finding out why", "Taking the motion away"
"""Titles of the errands."""
VERSION = 1
"""Raised when a method changes, so that nobody reads an old answer as a new one."""
MOST_WINDOWS = 3  # of a clip, evenly spread, are altered for "motion or scenery?"
REFERENCES = 8  # other clips of the library, one window each: docs/why.md says what fewer and more give
STALE = 0.02
"""A kept answer is not given any more when the similarity moved this far since: a library's mean changes with its clips."""
PACE = "why:seconds a pass:"
STOPPED = "explaining was stopped; ask again to go on"

Report = Callable[[Progress], None]
Stop = Callable[[], bool]
Result = TypeVar("Result")


def _silent(_: Progress) -> None: ...


def _never() -> bool:
    return False


@dataclass(slots=True)
class _Passes:
    """Counts windows embedded over several requests, and passes on what is asked of whoever waits."""

    total: int
    report: Report
    should_stop: Stop
    done: int = 0

    def at(self, label: str) -> Callable[[int, int], None]:
        before = self.done
        return lambda done, _total: self.report(Progress(before + done, self.total, label))


class Explainer:
    """Asks one workbench. Holds nothing of its own, so make one wherever it is needed."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    # -- why alike ---------------------------------------------------------------------------------------------------

    def why(
        self,
        clip_a: str,
        clip_b: str,
        encoder: str | None = None,
        *,
        weights: Mapping[str, float] = EVEN,
        progress: Report = _silent,
        should_stop: Stop = _never,
    ) -> Why:
        """What carries the similarity of two clips of the library; kept from then on, and given at once when it is kept.

        ``weights`` of streams replace those of an encoder with parts. Raises UnknownName, BadInput for a clip and itself,
        NotEnoughData for a clip that ``encoder`` has not embedded, Cancelled, and what embedding raises.
        """
        if (kept := self.kept_why(clip_a, clip_b, encoder, weights=weights)) is not None:
            return kept
        asked = self._asked(clip_a, clip_b, encoder, weights)
        began, passes = time.monotonic(), _Passes(self.passes_of_why(), progress, should_stop)
        found = [self._embeddings(clip, asked) for clip in asked.clips]
        courses, best = _matching(found, asked)
        halves = [self._half(asked, place, found[place], best[place], courses[place], passes) for place in range(2)]
        seconds = time.monotonic() - began
        why = Why(
            halves[0],
            halves[1],
            asked.encoder,
            asked.fingerprint,
            asked.similarity,
            self._shared(asked),
            passes.done,
            seconds,
        )
        self._note_pace(asked, passes.done, seconds)
        name, ordered = _pair_name("why", asked)
        told = why if asked.clips[0].clip_id == ordered else why.turned()
        self._bench.library.keep_derived(ordered, name, json.dumps(told.as_dict()).encode())
        return why

    def kept_why(
        self, clip_a: str, clip_b: str, encoder: str | None = None, *, weights: Mapping[str, float] = EVEN
    ) -> Why | None:
        """The answer when it was asked before, of these clips, vectors and weights; None otherwise. Raises as ``why`` does."""
        asked = self._asked(clip_a, clip_b, encoder, weights)
        name, ordered = _pair_name("why", asked)
        content = self._bench.library.derived(ordered, name)
        if content is None:
            return None
        try:
            kept = Why.from_dict(json.loads(content), {clip.clip_id: clip for clip in asked.clips})
        except (ValueError, KeyError, TypeError, IndexError):
            return None  # half a file, or somebody else's: it is only a copy of what can be found again
        if abs(kept.similarity - asked.similarity) > STALE:
            return None
        return kept if kept.a.clip.clip_id == asked.clips[0].clip_id else kept.turned()

    @staticmethod
    def passes_of_why() -> int:
        """Windows to embed for one ``why``."""
        return 2 * (1 + TILES**2 + MOMENTS)

    def _half(
        self, asked: _Asked, place: int, found: ClipEmbeddings, best: int, course: NDArray[np.float64], passes: _Passes
    ) -> Half:
        """One clip's window hidden piece by piece, against the other clip."""
        clip, window = asked.clips[place], found.windows[best]
        spec = encoders.spec(asked.encoder)
        framings = [encoders.spec(part).framing for part in spec.parts or (spec.name,)]
        view = seen_by([shown(framing, clip.info.width_px, clip.info.height_px) for framing in framings])
        alterations = [AS_FILMED, *tiles(view), *slices()]
        vectors = self._vary(asked, clip, [window], alterations, passes)[0]
        rows = asked.collection.place(vectors, [str(number) for number in range(len(vectors))])[1]
        scores = cosines(rows, asked.rows[1 - place : 2 - place])[:, 0]
        drops = scores[0] - scores[1:]
        places = spread_out(drops[: TILES**2].reshape(TILES, TILES))
        return Half(clip, window, float(scores[0]), view, places, drops[TILES**2 :], found.windows, course)

    def _shared(self, asked: _Asked) -> tuple[SharedAction, ...]:
        """The action names that both clips score on; empty for an encoder without a classifier."""
        named = next((at for at in encoders.sections(asked.encoder) if encoders.spec(at.encoder).actions), None)
        head = self._bench.head(named.encoder) if named is not None else None
        if named is None or head is None:
            return ()
        fingerprint, likely = self._bench.fingerprint(named.encoder), []
        for clip in asked.clips:
            found = self._bench.library.embeddings(clip.clip_id, fingerprint)
            if found is None:
                return ()
            logits = head.logits(found.vectors).astype(np.float64)
            odds = np.exp(logits - logits.max(axis=1, keepdims=True))
            likely.append((odds / odds.sum(axis=1, keepdims=True)).mean(axis=0))
        return shared_actions(head.names, likely[0], likely[1])

    # -- motion or scenery -------------------------------------------------------------------------------------------

    def scenery(
        self,
        clip_a: str,
        clip_b: str,
        encoder: str | None = None,
        *,
        weights: Mapping[str, float] = EVEN,
        progress: Report = _silent,
        should_stop: Stop = _never,
    ) -> Scenery:
        """How much of the similarity of two clips survives without motion, actor or scene. Raises as ``why`` does.

        The altered vectors of each clip are kept, those of the reference clips too: other pairs need only what is missing.
        """
        asked = self._asked(clip_a, clip_b, encoder, weights)
        wanted = self._wanted(asked)
        lacking = [(clip, spans) for clip, spans in wanted if self._kept_altered(asked, clip, spans) is None]
        passes = _Passes(sum(len(spans) for _, spans in lacking) * (1 + len(KINDS)), progress, should_stop)
        began = time.monotonic()
        for clip, spans in lacking:
            self._alter(asked, clip, spans, passes)
        self._note_pace(asked, passes.done, time.monotonic() - began)
        found = self._survived(asked, wanted)
        assert found is not None  # all was kept just now
        return found

    def kept_scenery(
        self, clip_a: str, clip_b: str, encoder: str | None = None, *, weights: Mapping[str, float] = EVEN
    ) -> Scenery | None:
        """The answer when nothing has to be embedded for it; None otherwise. Raises as ``scenery`` does."""
        asked = self._asked(clip_a, clip_b, encoder, weights)
        return self._survived(asked, self._wanted(asked))

    def passes_of_scenery(self, clip_a: str, clip_b: str, encoder: str | None = None) -> int:
        """Windows that are still to be embedded for ``scenery``. Raises as it does."""
        asked = self._asked(clip_a, clip_b, encoder, EVEN)
        lacking = [spans for clip, spans in self._wanted(asked) if self._kept_altered(asked, clip, spans) is None]
        return sum(map(len, lacking)) * (1 + len(KINDS))

    def _wanted(self, asked: _Asked) -> list[tuple[Clip, list[Window]]]:
        """Both clips with the windows to alter, then the reference clips with one window each."""
        mine = [(clip, _spread(self._embeddings(clip, asked).windows, MOST_WINDOWS)) for clip in asked.clips]
        there = [(clip, _spread(self._embeddings(clip, asked).windows, 1)) for clip in self._references(asked)]
        return mine + there

    def _references(self, asked: _Asked) -> list[Clip]:
        """Other clips, of as many sources as can be: the same for every pair, those whose vectors are kept first."""
        taken = {clip.clip_id for clip in asked.clips}
        order = sorted((clip for clip in asked.collection.clips if clip.clip_id not in taken), key=lambda clip: clip.clip_id)
        seen: dict[str, int] = {}
        rank = []
        for clip in order:  # the first clip of each source, then the second of each
            seen[clip.split_source] = seen.get(clip.split_source, 0) + 1
            rank.append(seen[clip.split_source])
        chosen = sorted(range(len(order)), key=lambda row: (rank[row], order[row].clip_id))
        return [order[row] for row in chosen[:REFERENCES]]

    def _survived(self, asked: _Asked, wanted: Sequence[tuple[Clip, list[Window]]]) -> Scenery | None:
        kept = [self._kept_altered(asked, clip, spans) for clip, spans in wanted]
        whole = [one for one in kept if one is not None]
        if len(whole) < len(kept):
            return None
        parts = {clip.clip_id: one for clip, one in zip(asked.clips, whole[:2], strict=True)}
        return survive(*asked.clips, parts, whole[2:], asked.collection, encoder=asked.encoder, fingerprint=asked.fingerprint)

    def _alter(self, asked: _Asked, clip: Clip, spans: list[Window], passes: _Passes) -> None:
        vectors = self._vary(asked, clip, spans, [AS_FILMED, *map(Alteration, KINDS)], passes)
        target = io.BytesIO()
        np.savez(target, spans=_spans(spans), kinds=np.asarray(KINDS), vectors=vectors)
        self._bench.library.keep_derived(clip.clip_id, _own_name("scenery", asked, len(spans)), target.getvalue())

    def _kept_altered(self, asked: _Asked, clip: Clip, spans: list[Window]) -> Altered | None:
        content = self._bench.library.derived(clip.clip_id, _own_name("scenery", asked, len(spans)))
        if content is None:
            return None
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as found:
                told, kinds, vectors = found["spans"], found["kinds"], found["vectors"]
        except (ValueError, KeyError, OSError, EOFError):
            return None
        if list(kinds) != list(KINDS) or not np.array_equal(told, _spans(spans)):
            return None
        return Altered(vectors[:, 0], np.moveaxis(vectors[:, 1:], 1, 0))

    # -- both --------------------------------------------------------------------------------------------------------

    def start_why(self, clip_a: str, clip_b: str, encoder: str, weights: Mapping[str, float] = EVEN) -> None:
        """``why`` as an errand: ``workbench.errands`` tells how it goes, and stops it. Raises BadInput while one is on."""

        def work(report: Report, should_stop: Stop) -> None:
            self.why(clip_a, clip_b, encoder, weights=weights, progress=report, should_stop=should_stop)

        self._bench.errands.start(WHY, work)

    def start_scenery(self, clip_a: str, clip_b: str, encoder: str, weights: Mapping[str, float] = EVEN) -> None:
        """``scenery`` as an errand."""

        def work(report: Report, should_stop: Stop) -> None:
            self.scenery(clip_a, clip_b, encoder, weights=weights, progress=report, should_stop=should_stop)

        self._bench.errands.start(SCENERY, work)

    def seconds_a_pass(self, encoder: str | None = None) -> float | None:
        """How long a window took the last time; None when it was never asked here."""
        told = self._bench.library.note(f"{PACE}{self._bench.fingerprint(encoder)}")
        return float(told) if isinstance(told, int | float) else None

    def _note_pace(self, asked: _Asked, passes: int, seconds: float) -> None:
        if passes:
            self._bench.library.remember_note(f"{PACE}{asked.fingerprint}", round(seconds / passes, 3))

    def _asked(self, clip_a: str, clip_b: str, encoder: str | None, weights: Mapping[str, float]) -> _Asked:
        clips = tuple(self._bench.library.clip(text) for text in (clip_a, clip_b))
        if clips[0].clip_id == clips[1].clip_id:
            raise BadInput(f"clips ({clips[0].name} twice) must be two to be explained to each other; choose another one")
        collection, spec = self._bench.collection(encoder), self._bench.spec(encoder)
        if weights:
            collection = collection.weighed(weights)
        rows = {clip.clip_id: row for row, clip in enumerate(collection.clips)}
        if lacking := [clip for clip in clips if clip.clip_id not in rows]:
            raise NotEnoughData(f"clip ({lacking[0].name}) must be embedded by {spec.name}; embed it, or choose another encoder")
        chosen = collection.centred[[rows[clip.clip_id] for clip in clips]]
        return _Asked((clips[0], clips[1]), collection, chosen, spec.name, self._bench.fingerprint(encoder), dict(weights))

    def _embeddings(self, clip: Clip, asked: _Asked) -> ClipEmbeddings:
        found = self._bench.library.embeddings(clip.clip_id, asked.fingerprint)
        if found is None:
            raise NotEnoughData(f"clip ({clip.name}) must be embedded by {asked.encoder}; embed it, or choose another encoder")
        return found

    def _vary(self, asked: _Asked, clip: Clip, spans: list[Window], alterations: Sequence[Alteration], passes: _Passes) -> Floats:
        """(W, A, D); raises Cancelled as soon as somebody wants it to stop."""
        vectors = vary_until(
            self._bench.embedder,
            self._bench.library.media_path(clip.clip_id),
            asked.encoder,
            spans,
            alterations,
            on_progress=passes.at(clip.name),
            should_stop=passes.should_stop,
            stopped=STOPPED,
        )
        passes.done += len(spans) * len(alterations)
        return vectors


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A pair of clips in one encoder's space; ``rows`` (2, D) are their centred vectors."""

    clips: tuple[Clip, Clip]
    collection: Collection
    rows: Floats
    encoder: str
    fingerprint: str
    weights: dict[str, float]

    @property
    def similarity(self) -> float:
        return float(cosines(self.rows[:1], self.rows[1:])[0, 0])


def _matching(found: Sequence[ClipEmbeddings], asked: _Asked) -> tuple[list[NDArray[np.float64]], tuple[int, int]]:
    """Each window's similarity to the whole other clip, and the two windows, one of each clip, that are most alike."""
    rows = [asked.collection.place(one.vectors, [str(row) for row in range(len(one.vectors))])[1] for one in found]
    courses = [cosines(rows[place], asked.rows[1 - place : 2 - place])[:, 0] for place in range(2)]
    table = cosines(rows[0], rows[1])
    best = np.unravel_index(int(table.argmax()), table.shape)
    return courses, (int(best[0]), int(best[1]))


def _spread(spans: Sequence[Window], most: int) -> list[Window]:
    """At most ``most`` of them, from the middles of as many equal parts."""
    if len(spans) <= most:
        return list(spans)
    return [spans[int((place + 0.5) * len(spans) / most)] for place in range(most)]


def _spans(spans: Sequence[Window]) -> NDArray[np.float64]:
    return np.asarray([(window.start_seconds, window.end_seconds) for window in spans], np.float64)


def _mark(asked: _Asked) -> str:
    """The digits of a fingerprint: names of encoders may be long."""
    return asked.fingerprint.rpartition("-")[2]


def _own_name(what: str, asked: _Asked, windows: int) -> str:
    return f"{what}-{VERSION}.{_mark(asked)}.{windows}.npz"


def _pair_name(what: str, asked: _Asked) -> tuple[str, str]:
    """The name of what a pair gave, and the id of the clip that it is kept under; the same in either order."""
    one, other = sorted(clip.clip_id for clip in asked.clips)
    weights = json.dumps(sorted(asked.weights.items()))
    own = f"-{hashlib.sha256(weights.encode()).hexdigest()[:8]}" if asked.weights else ""
    return f"{what}-{VERSION}.{_mark(asked)}{own}.{other}.json", one
