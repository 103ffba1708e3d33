"""The composition root: real parts wired from Settings, or any part passed in as an argument. Every face uses only this."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType

import core
from core import comparing, concept_sides, encoders, evaluating, exporting, kth, pairing, starting, weights
from core.clips import Clip, ClipEmbeddings, Match, Progress, Provenance, Section, clip_name
from core.collecting import Collection, collect
from core.comparing import Comparison, Matrix, Side
from core.decoding import Decoder, playable_in_browser
from core.embedding import Embedder, WorkerEmbedder
from core.encoders import RANDOM_SHA256, ActionHead, EncoderSpec
from core.errands import Errands
from core.errors import BadSetting, EncoderError, MotionbookError, NotEnoughData
from core.evaluating import Evaluation
from core.ingesting import AddReport, Ingestor, check_file
from core.manifest import Item
from core.overlays import Overlays
from core.queries import Query
from core.serving import Choice, Serving
from core.settings import Settings
from core.shelf import Shelf
from core.store import Job, JobItem, Library
from core.takes import Takes
from core.words import Words

MOST_JOBS = 1_000_000
EVEN: Mapping[str, float] = MappingProxyType({})
"""No weights of one's own: those of the encoder."""

__all__ = ["Comparison", "EncoderSpec", "Job", "Matrix", "Side", "Workbench"]


class Workbench:
    """One open library and what computes for it. Safe to share between threads; close it, or use it as a context.

    Raises LibraryLocked when another process has the library, and the other errors of ``Library.open``.
    """

    def __init__(self, settings: Settings, *, library: Library | None = None, embedder: Embedder | None = None) -> None:
        self.settings = settings
        self.library = library or Library.open(settings.home)
        self.encoder_problems = encoders.learn(settings.encoders)
        """What is wrong with the encoders that somebody put into the library's folder, for people to read."""
        self.embedder = embedder or WorkerEmbedder(settings)
        self._decoder = Decoder(settings.limits)
        self._collections: dict[str, tuple[int, Collection]] = {}
        self._heads: dict[str, ActionHead] = {}
        self._lock = threading.RLock()
        self._closing, self._work = threading.Event(), threading.Event()
        self._background: threading.Thread | None = None
        self.errands = Errands()
        self.endings: list[Callable[[], None]] = []
        """What else works in the background ends by these, before the library closes."""
        self.words = Words(settings.cache, self.embedder, self.errands)
        self.overlays = Overlays(self.library, settings, self.errands)
        self.serving = Serving(self.library, settings)
        self.shelf = Shelf(settings.cache, self.errands)
        self.takes = Takes(self.library, settings.limits, self._decoder, self.embedder, self._add_one)
        self.current: Progress | None = None
        """What the background job is busy with; None when there is none."""

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop background work (its job resumes at the next start) and the children, and let the library go."""
        self._closing.set()
        self._work.set()
        for end in self.endings:
            end()
        self.errands.stop()
        self.errands.join(timeout_seconds=10)
        if self._background is not None:
            self._background.join(timeout=60)
        self.embedder.close()
        self.takes.close()
        self._decoder.close()
        self.library.close()

    # -- encoders ----------------------------------------------------------------------------------------------------

    def spec(self, encoder: str | None = None) -> EncoderSpec:
        """The data row of ``encoder``, or of the default one. Raises UnknownName."""
        return encoders.spec(encoder or self.default)

    @property
    def default(self) -> str:
        """The encoder of questions that name none: the library's own choice once it is embedded, or that of the settings."""
        return self.serving.answering

    def use(self, encoder: str) -> int | None:
        """From now on this library uses ``encoder``; the job that embeds what it has not seen, None when that is nothing.

        The encoder before it goes on answering until that job is done. Saying it again goes on with a job that was cancelled.
        Raises UnknownName, WeightsMissing, and BadSetting while MOTIONBOOK_ENCODER decides.
        """
        if self.serving.overruled:
            raise BadSetting(
                f"MOTIONBOOK_ENCODER ({self.settings.encoder}) must not be set for a library to use its own choice; "
                "unset it and start again"
            )
        missing, before = self.missing(encoder), self.default
        if not missing:
            self.serving.choose(Choice(encoder))
            return None
        choice = self.serving.choice
        if choice is not None and choice.encoder == encoder and choice.job_id in self.unfinished():
            return choice.job_id
        job_id = self.enqueue(missing, encoder)
        served = before != encoder and self._has_seen_clips(before)
        self.serving.choose(Choice(encoder, before, job_id) if served else Choice(encoder))
        return job_id

    def _has_seen_clips(self, encoder: str) -> bool:
        try:
            return self.library.count_embedded(self.fingerprint(encoder)) > 0
        except EncoderError:  # its weights are gone: it could answer nothing
            return False

    def sections(self, encoder: str | None = None) -> tuple[Section, ...]:
        """The streams of an encoder's vectors; a single one without parts. Raises UnknownName."""
        return encoders.sections(encoder or self.default)

    def encoders(self) -> list[EncoderSpec]:
        """The encoders whose weights are on this machine, the default one first."""
        specs = [encoders.spec(name) for name in encoders.names()]
        ready = [spec for spec in specs if weights.status(spec, self.settings.cache).ready or self.settings.random_weights]
        return sorted(ready, key=lambda spec: spec.name != self.default)

    def actions(self, encoder: str | None = None) -> tuple[str, ...]:
        """The action names that ``action:`` queries may use; empty for an encoder without a classifier."""
        if self.spec(encoder).speaks and not self.settings.random_weights:
            return encoders.kinetics400()  # known without asking its text tower, which takes seconds
        head = self.head(encoder)
        return head.names if head else ()

    def fingerprint(self, encoder: str | None = None) -> str:
        """Raises WeightsMissing, which says where the weights belong and how to fetch them."""
        spec = self.spec(encoder)
        if spec.parts:
            return spec.fingerprint(encoders.joint_mark([self.fingerprint(part) for part in spec.parts]))
        if self.settings.random_weights and spec.needs_weights:
            return spec.fingerprint(RANDOM_SHA256)
        return spec.fingerprint(weights.weights_sha256(spec, self.settings.cache))

    def head(self, encoder: str | None = None) -> ActionHead | None:
        """The classifier of an encoder, None when it has none or its weights are random."""
        spec = self.spec(encoder)
        if spec.speaks and not self.settings.random_weights:
            return self.words.spoken_head(spec, self.fingerprint(encoder))
        named = next((section for section in encoders.sections(spec.name) if encoders.spec(section.encoder).actions), None)
        if named is None or self.settings.random_weights:
            return None
        with self._lock:
            if spec.name not in self._heads:
                located = weights.locate(encoders.spec(named.encoder), self.settings.cache)
                self._heads[spec.name] = encoders.load_head(named.encoder, located).within(named, spec.dimension)
            return self._heads[spec.name]

    # -- adding ------------------------------------------------------------------------------------------------------

    def enqueue(self, items: Iterable[Item], encoder: str | None = None, *, temporary: bool = False, kind: str = "add") -> int:
        """Write a job down; ``work_in_background`` or ``run_job`` does it. ``temporary`` files are removed when taken in.

        Raises WeightsMissing before anything is written down.
        """
        spec = self.spec(encoder or self.serving.adding)
        for needed in (spec, *map(encoders.spec, spec.parts)):
            self.library.remember_encoder(self.fingerprint(needed.name), needed.name, needed.dimension, _about(needed))
        rows = [
            JobItem(
                path=_storable(item.path),
                label=item.label,
                source=item.source,
                name=clip_name(item.name or item.path.name),
                temporary=temporary,
                synthetic=item.synthetic,
            )
            for item in items
        ]
        job_id = self.library.add_job(kind, spec.name, rows)
        self._work.set()
        return job_id

    def _add_one(self, item: Item, encoder: str | None) -> int:
        return self.enqueue([item], encoder, temporary=True)

    def enqueue_samples(self, people: int = 5, encoder: str | None = None) -> int:
        """A job that draws the synthetic samples which the library does not have yet, and adds each as soon as it is drawn."""
        present = {clip.name for clip in self.library.clips() if clip.synthetic}
        items = starting.sample_items(self.library.incoming_folder(), people, present)
        return self.enqueue(items, encoder, temporary=True, kind=starting.JOB_KIND)

    def fetch_kth(self, encoder: str | None = None) -> None:
        """Begin the errand that downloads the KTH clips into the cache and then adds them; ``errands`` tells how it goes.

        Raises WeightsMissing before anything is downloaded, and BadInput while another errand is under way.
        """
        self.fingerprint(encoder)

        def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
            files = kth.fetch(self.settings.cache / "kth", progress=report, should_stop=should_stop)
            self.enqueue([Item(file.path, file.label, file.source) for file in files], encoder)

        self.errands.start(kth.ERRAND, work)

    def run_job(
        self,
        job_id: int,
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> AddReport:
        """Do one job here and now."""
        job = self.library.job(job_id)
        fingerprint = self.fingerprint(job.encoder)
        return Ingestor(
            self.library,
            self.embedder,
            self.settings.limits,
            job_id,
            fingerprint,
            parts={part: self.fingerprint(part) for part in self.spec(job.encoder).parts},
            on_progress=on_progress,
            should_stop=should_stop,
            prepare=starting.draw if job.kind == starting.JOB_KIND else lambda _: None,
        ).run()

    def missing(self, encoder: str | None = None) -> list[Item]:
        """The clips that ``encoder`` has not embedded yet, as items that ``enqueue`` takes."""
        embedded = self.library.embedded(self.fingerprint(encoder))
        return [
            Item(self.library.media_path(clip.clip_id), clip.label, clip.source, clip.name, clip.synthetic)
            for clip in self.library.clips()
            if clip.clip_id not in embedded
        ]

    def work_in_background(self) -> None:
        """From now on jobs are done by a thread of this process, unfinished ones of earlier processes included."""
        with self._lock:
            if self._background is None:
                self._background = threading.Thread(target=self._work_forever, name="jobs", daemon=True)
                self._background.start()
        self._work.set()

    def _work_forever(self) -> None:
        while not self._closing.is_set():
            self._work.wait()
            self._work.clear()
            for job_id in self.unfinished():
                if self._closing.is_set():
                    return
                self._work_on(job_id)

    def _work_on(self, job_id: int) -> None:
        """A job that cannot go on is marked as failed; nothing ends the thread that all later jobs need."""
        try:
            self.run_job(job_id, on_progress=self._note, should_stop=self._closing.is_set)
        except Exception as error:
            message = str(error) if isinstance(error, MotionbookError) else f"something unexpected happened: {error!r}"
            with contextlib.suppress(MotionbookError):  # a full disk takes not even that: the next start tries the job again
                self.library.finish_job(job_id, state="failed", message=message)
        finally:
            self.current = None

    def unfinished(self) -> list[int]:
        """The ids of all jobs that have not ended, the oldest first."""
        return [job.job_id for job in reversed(self.library.jobs(active_only=True, limit=MOST_JOBS))]

    def _note(self, progress: Progress) -> None:
        self.current = progress

    # -- asking ------------------------------------------------------------------------------------------------------

    def collection(self, encoder: str | None = None) -> Collection:
        """All live clips in one encoder's space; kept until the library changes. Raises NotEnoughData."""
        spec, fingerprint = self.spec(encoder), self.fingerprint(encoder)
        with self._lock:
            revision = self.library.revision
            kept = self._collections.get(fingerprint)
            if kept is None or kept[0] != revision:
                clips = self.library.clips()
                if not clips:
                    raise NotEnoughData("the library is empty; add clips, or make the samples")
                try:
                    made = collect(clips, self.library.gallery(fingerprint), encoders.sections(spec.name))
                except NotEnoughData as error:
                    raise NotEnoughData(
                        f"no clip is embedded by {spec.name} yet; embed them with it, or choose another encoder"
                    ) from error
                kept = self._collections[fingerprint] = (revision, made)
            return kept[1]

    def compare(self, queries: Sequence[Query], encoder: str | None = None, *, weights: Mapping[str, float] = EVEN) -> Comparison:
        """All queries against all queries; ``weights`` of streams replace those of an encoder with parts.

        Raises as ``sides`` does.
        """
        return comparing.compare(*self.sides(queries, encoder, weights=weights))

    def sides(
        self, queries: Sequence[Query], encoder: str | None = None, *, weights: Mapping[str, float] = EVEN
    ) -> tuple[list[Side], Collection, ActionHead | None]:
        """What each query stands for, and the library and the classifier with which they stand in one space.

        Action names and words are known to the RGB stream alone, so a question with any is asked in that stream.
        Raises BadInput for a name that is not here, BadClip for a file: query.
        """
        queries = [concept_sides.spelt_out(self.library, query) for query in queries]
        acts = comparing.asks_for_actions(queries)
        head = self.head(encoder) if acts else None
        collection = self.collection(encoder)
        if acts and len(collection.sections) > 1:
            weights = {section.stream: float(section.stream == "rgb") for section in collection.sections}
        if weights:
            collection = collection.weighed(weights)
        sides = [
            comparing.side(query, collection, head, lambda leaf: self._special_side(leaf, collection, head, encoder))
            for query in queries
        ]
        return sides, collection, head

    def compare_streams(self, queries: Sequence[Query], encoder: str | None = None) -> list[tuple[Section, Comparison]]:
        """The same comparison in each stream alone: alike in scenery, unlike in motion? Raises as ``compare`` does.

        Empty where there is one stream only: an encoder without parts, or a question with action names or words.
        """
        sections = self.collection(encoder).sections
        queries = [concept_sides.spelt_out(self.library, query) for query in queries]
        if len(sections) < 2 or comparing.asks_for_actions(queries):
            return []
        alone = [{other.stream: float(other == section) for other in sections} for section in sections]
        return [
            (section, self.compare(queries, encoder, weights=weights)) for section, weights in zip(sections, alone, strict=True)
        ]

    def embedded_clips(self, encoder: str | None = None) -> int:
        """How many live clips ``encoder`` has embedded."""
        try:
            return len(self.collection(encoder).clips)
        except NotEnoughData:
            return 0

    def clip_table(self, comparison: Comparison, only: Sequence[int] | None = None) -> pairing.ClipTable:
        """The clips behind a comparison against each other; of ``only`` these sides, by their numbers."""
        return pairing.clip_table(comparison, only=only)

    def typical_pair(self, a: Side, b: Side) -> tuple[int, int] | None:
        """The two clips that show best what a cell says; see ``core.pairing``."""
        return pairing.typical_pair(a, b)

    def pair(self, a: Side, row: int, b: Side, column: int) -> tuple[float, bool]:
        """Similarity of one clip of each side, and whether it counts in their number."""
        return pairing.pair(a, row, b, column)

    def table_csv(self, comparison: Comparison) -> str:
        """The numbers of a comparison for a spreadsheet."""
        return exporting.comparison_csv(comparison)

    def spread(self, a: Side, b: Side) -> pairing.Spread | None:
        """How the pairs behind a cell lie."""
        return pairing.spread(a, b)

    def _special_side(self, query: Query, collection: Collection, head: ActionHead | None, encoder: str | None) -> Side:
        """Sides that need more than the collection: words, a concept, part of a clip, a file."""
        if query.kind == "concept":
            return concept_sides.side(query, self.library, collection, self.fingerprint(encoder))
        if query.kind == "text":
            known = comparing.needed_head(query, head)
            if (spec := self.spec(encoder)).speaks and not query.mix:
                return comparing.spoken_side(query, self.words.spoken(query, spec), known)
            return comparing.text_side(query, self.words.understand(query, known.names), known)
        if query.kind == "file":
            return self._file_side(query, collection, encoder)
        if query.kind == "take":
            found = self._checked(self.takes.embeddings(query.value, self.spec(encoder).name), encoder)
            return comparing.part_side(query, self.takes.clip(query.value), found, collection)
        clip = collection.clips[comparing.clip_row(query, collection)]
        embedded = self.library.embeddings(clip.clip_id, self.fingerprint(encoder))
        assert embedded is not None  # the collection has it
        return comparing.part_side(query, clip, embedded, collection)

    def _file_side(self, query: Query, collection: Collection, encoder: str | None) -> Side:
        path = Path(query.value).expanduser()
        check_file(path, self.settings.limits)
        embedded = self.embedder.submit(path, self.spec(encoder).name, urgent=True).result()
        clip = Clip("0" * 64, path.name, "", f"file:{path.absolute()}", path.stat().st_size, embedded.info, time.time())
        return comparing.file_side(query, clip, self._checked(embedded.embeddings, encoder).vectors, collection)

    def _checked(self, embeddings: ClipEmbeddings, encoder: str | None) -> ClipEmbeddings:
        comparing.same_fingerprint(embeddings.fingerprint, self.fingerprint(encoder))
        return embeddings

    def matrix(self, by: str, encoder: str | None = None) -> Matrix:
        """``by`` is "label" or "clip"."""
        collection = self.collection(encoder)
        return comparing.by_clip(collection) if by == "clip" else comparing.by_label(collection)

    def evaluate(self, encoder: str | None = None) -> Evaluation:
        return evaluating.evaluate(self.collection(encoder), self.spec(encoder).name)

    def nearest(self, clip_id: str, count: int, encoder: str | None = None) -> list[Match]:
        """The clips most like one clip: its windows' mean direction looked up in the index, one match per other clip."""
        collection = self.collection(encoder)
        row = next((row for row, clip in enumerate(collection.clips) if clip.clip_id == clip_id), None)
        if row is None:
            return []
        best: dict[str, Match] = {}
        windows, more = count + 64, True
        while len(best) < count and more:  # several windows of one clip crowd the list: then look deeper
            found = self.library.nearest(self.fingerprint(encoder), collection.raw[row], windows, without=[clip_id])
            windows, more = 4 * windows, len(found) == windows
            for match in found:
                best.setdefault(match.clip_id, match)
        return [Match(match.clip_id, match.window, match.similarity, rank) for rank, match in enumerate(best.values(), 1)][:count]

    def provenance(self, encoder: str | None = None) -> Provenance:
        """What a number of this library is of."""
        collection = self.collection(encoder)
        sources = len(set(collection.sources))
        return Provenance(self.spec(encoder).name, self.fingerprint(encoder), len(collection.clips), sources, core.__version__)

    # -- looking -----------------------------------------------------------------------------------------------------

    def thumbnail(self, clip_id: str) -> Path:
        """The clip's thumbnail, made again when it is gone. Raises BadClip."""
        path = self.library.thumbnail_path(clip_id)
        if not path.exists():
            self.library.make_thumbnail(clip_id, self._decoder.thumbnail(self.library.media_path(clip_id)))
        return path

    def playable(self, clip_id: str) -> Path:
        """A file that any browser plays: the media itself, or a copy transcoded once. Raises BadClip."""
        clip, media = self.library.clip(clip_id), self.library.media_path(clip_id)
        if playable_in_browser(clip.info):
            return media
        copy = self.library.playback_path(clip_id)
        with self._lock:  # two sessions that open the same clip make one copy
            if not copy.exists():
                self.library.make_playback(clip_id, lambda destination: self._decoder.transcode(media, destination))
        return copy


def _storable(path: Path) -> str:
    """The path as text for the ledger. Bytes that are no text become U+FFFD, and ``check_file`` says so."""
    return os.fsencode(path.absolute()).decode("utf-8", "replace")


def _about(spec: EncoderSpec) -> dict[str, str]:
    """What a library should still be able to say of its vectors when the encoder is no longer installed."""
    return {"title": spec.title, "layer": spec.layer, "licence": spec.licence, "paper": spec.paper}
