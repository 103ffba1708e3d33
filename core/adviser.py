"""Measuring and comparing the encoders of one workbench: what the Models page and ``python -m core choose`` ask.

Speeds are kept as notes in the library, one for each machine, device and fingerprint. Vectors that an exam needs are embedded
by an ordinary job and stay in the library, so that nothing is computed twice and a comparison that was stopped goes on later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import core
from core import choosing, disagreeing, encoders, machine, speed
from core.choosing import EXAM_CLIPS, SAMPLE_CLIPS, Advice, Candidate
from core.clips import Clip, Progress
from core.collecting import collect
from core.disagreeing import Disagreement
from core.errors import Cancelled, EncoderError, LibraryError, MotionbookError, NotEnoughData
from core.evaluating import Exam, examine
from core.manifest import Item
from core.speed import Speed
from core.workbench import Workbench

SPEED_NOTES = "speed:"
LOOK_SECONDS = 0.2
EMPTY = "Encoders are compared on clips of your own, and there are none yet; add clips, or make the samples."
STOPPED = "comparing encoders was stopped; what was measured is kept"
MOST_REFUSED = 0.1  # of an exam's clips: some files defeat an encoder, and must not keep it from being judged by the rest

Report = Callable[[Progress], None]
Stop = Callable[[], bool]


def _silent(_: Progress) -> None: ...


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Verdict:
    """All candidates, the advice they lead to, and how many clips the exam has of how many labelled ones.

    ``failures`` name encoders that could not be measured just now, each with the reason.
    """

    candidates: tuple[Candidate, ...]
    advice: Advice
    exam_clips: int
    labelled_clips: int
    failures: tuple[str, ...] = ()

    @property
    def stamp(self) -> str:
        """What the numbers are of, for a figure."""
        exams = [one.exam for one in self.candidates if one.exam is not None]
        sources = f" from {len(set(exams[0].sources))} sources" if exams else ""
        return f"{self.exam_clips} clips{sources} · {machine.processor()} · Motionbook {core.__version__}"


class Adviser:
    """Asks one workbench. Holds nothing of its own, so make one wherever it is needed."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    # -- speed -------------------------------------------------------------------------------------------------------

    def speeds(self) -> dict[str, Speed]:
        """The last speed of each encoder that was timed here, as it is now (weights, sampling, device), by name."""
        kept = self._bench.library.notes(f"{SPEED_NOTES}{self._here()}:")
        found = (Speed.from_dict(value) for value in kept.values())
        return {one.encoder: one for one in found if one.fingerprint == self._fingerprint(one.encoder)}

    def measure_speed(self, encoder: str, *, report: Report = _silent, should_stop: Stop = _never) -> Speed:
        """Time one encoder on a few clips of the library and keep it. Raises NotEnoughData, WeightsMissing, Cancelled."""
        self._bench.fingerprint(encoder)
        chosen = speed.clips_to_time(self._bench.library.clips())
        paths = [self._bench.library.media_path(clip.clip_id) for clip in chosen]
        found = speed.measure(self._bench.embedder, encoder, paths, report=report, should_stop=should_stop)
        self._bench.library.remember_note(f"{SPEED_NOTES}{self._here()}:{found.fingerprint}", found.as_dict())
        return found

    def _here(self) -> str:
        settings = self._bench.settings
        return f"{machine.processor()}:{settings.device}:{settings.precision}"

    def _fingerprint(self, encoder: str) -> str | None:
        """None for an encoder that is not ready, or not known any more."""
        try:
            return self._bench.fingerprint(encoder)
        except MotionbookError:
            return None

    # -- quality -----------------------------------------------------------------------------------------------------

    def exam_clips(self, most: int = SAMPLE_CLIPS) -> list[Clip]:
        """The labelled clips on which encoders are compared; ``most`` 0 takes all that have something to find."""
        clips = self._bench.library.clips()
        return choosing.sample(clips, most or len(clips))

    def lacking(self, encoder: str, clips: Sequence[Clip]) -> list[Clip]:
        """Those of ``clips`` that ``encoder`` has not embedded."""
        embedded = self._bench.library.embedded(self._bench.fingerprint(encoder))
        return [clip for clip in clips if clip.clip_id not in embedded]

    def exam(self, encoder: str, clips: Sequence[Clip]) -> Exam | None:
        """How ``encoder`` does on those of ``clips`` it has embedded, their own mean taken away; None when it cannot be told."""
        fingerprint = self._bench.fingerprint(encoder)
        vectors = self._bench.library.gallery(fingerprint, [clip.clip_id for clip in clips])
        try:
            return examine(collect(clips, vectors, encoders.sections(encoder)), encoder)
        except NotEnoughData:
            return None

    # -- both --------------------------------------------------------------------------------------------------------

    def verdict(self, names: Sequence[str] = (), *, most: int = SAMPLE_CLIPS) -> Verdict:
        """What is known now of ``names``, or of every encoder that is ready; nothing is measured or embedded.

        Encoders that have embedded the sample sit the exam, all on the same clips: every labelled one that all of them have
        embedded, which is at least the sample, less what one of them could not read.
        """
        every = self._bench.library.clips()
        sampled, speeds = choosing.sample(every, most or len(every)), self.speeds()
        specs = [encoders.spec(name) for name in names] or self._bench.encoders()
        embedded = {spec.name: self._bench.library.embedded(self._bench.fingerprint(spec.name)) for spec in specs}
        lacking = {name: sum(clip.clip_id not in have for clip in sampled) for name, have in embedded.items()}
        sits = [name for name, count in lacking.items() if sampled and count <= MOST_REFUSED * len(sampled)]
        everybody = frozenset.intersection(*(embedded[name] for name in sits)) if sits else frozenset()
        shared = choosing.sample((clip for clip in every if clip.clip_id in everybody), EXAM_CLIPS)
        candidates = tuple(
            Candidate(
                encoder=spec.name,
                title=spec.title,
                speed=speeds.get(spec.name),
                exam=self.exam(spec.name, shared) if spec.name in sits else None,
                lacking=lacking[spec.name],
                missing=sum(clip.clip_id not in embedded[spec.name] for clip in every),
            )
            for spec in specs
        )
        labelled = sum(bool(clip.label) for clip in every)
        advice = choosing.advise(candidates) if every else Advice(None, EMPTY)
        return Verdict(candidates, advice, len(shared or sampled), labelled)

    def measure(
        self,
        names: Sequence[str] = (),
        *,
        most: int = SAMPLE_CLIPS,
        report: Report = _silent,
        should_stop: Stop = _never,
        in_background: bool = False,
    ) -> Verdict:
        """Time each encoder and embed what its exam lacks; then the verdict. An encoder that fails is left without its number.

        ``in_background``: the workbench's own thread does the embedding, which is then a job like any other. Raises NotEnoughData
        for a library without clips and Cancelled; what was measured until then is kept.
        """
        chosen = list(names) or [spec.name for spec in self._bench.encoders()]
        clips, failures = self.exam_clips(most), list[str]()
        for name in chosen:
            self._bench.fingerprint(name)  # somebody who names an encoder that is not ready hears of it before anything runs
        for place, name in enumerate(chosen, 1):
            told = _numbered(report, place, len(chosen))
            try:
                self._wait_for_jobs(told, should_stop, in_background=in_background)
                self.measure_speed(name, report=told, should_stop=should_stop)
                if wanted := self.lacking(name, clips):
                    self._embed(wanted, name, told, should_stop, in_background=in_background)
            except (Cancelled, LibraryError, NotEnoughData):
                raise
            except MotionbookError as error:
                failures.append(f"{name}: {error}")
        return replace(self.verdict(names, most=most), failures=tuple(failures))

    def start(self, names: Sequence[str] = (), *, most: int = SAMPLE_CLIPS) -> None:
        """``measure`` as an errand: ``workbench.errands`` tells how it goes, and stops it. Raises BadInput while one is on."""

        def work(report: Report, should_stop: Stop) -> None:
            found = self.measure(names, most=most, report=report, should_stop=should_stop, in_background=True)
            if found.failures:
                raise EncoderError("; ".join(found.failures))

        self._bench.work_in_background()
        self._bench.errands.start("Comparing encoders", work)

    def _wait_for_jobs(self, report: Report, should_stop: Stop, *, in_background: bool) -> None:
        """A machine that is busy adding clips would make every encoder look slow."""
        while in_background and (active := self._bench.unfinished()):
            job = self._bench.library.job(active[0])
            report(Progress(job.done, job.total, "waiting until clips are added"))
            _pause(should_stop)

    def _embed(self, clips: Sequence[Clip], encoder: str, report: Report, should_stop: Stop, *, in_background: bool) -> None:
        job_id = self._bench.enqueue(self._items(clips), encoder)
        said = f"{encoder}: embedding clips of the exam"
        if not in_background:
            self._bench.run_job(
                job_id, on_progress=lambda step: report(Progress(step.done, step.total, said)), should_stop=should_stop
            )
        while in_background and (job := self._bench.library.job(job_id)).active:
            report(Progress(job.done, job.total, said))
            try:
                _pause(should_stop)
            except Cancelled:
                self._bench.library.cancel_job(job_id)
                raise
        if should_stop():
            raise Cancelled(STOPPED)
        if (job := self._bench.library.job(job_id)).state == "failed":
            raise EncoderError(job.message)

    def _items(self, clips: Sequence[Clip]) -> list[Item]:
        media = self._bench.library.media_path
        return [Item(media(clip.clip_id), clip.label, clip.source, clip.name, clip.synthetic) for clip in clips]

    def disagree(self, a: str, b: str) -> Disagreement:
        """Where two encoders disagree about the clips both have embedded. Raises NotEnoughData, BadInput, WeightsMissing."""
        return disagreeing.disagree(self._bench.collection(a), self._bench.collection(b), a, b)


def _numbered(report: Report, place: int, count: int) -> Report:
    return lambda step: report(Progress(step.done, step.total, f"{place} of {count}, {step.label}"))


def _pause(should_stop: Stop) -> None:
    if should_stop():
        raise Cancelled(STOPPED)
    time.sleep(LOOK_SECONDS)
