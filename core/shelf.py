"""The weights of all encoders as one thing that the screens ask: what is here, and errands that bring, check or import some."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core import encoders, weights
from core.clips import Progress
from core.errands import Errands
from core.weights import Carried, WeightsStatus, carrying

FETCHING, VERIFYING, IMPORTING = "Fetching", "Checking", "Importing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last errand of the shelf ended: ``message`` in words when it ended well, ``files`` when it was an import."""

    message: str = ""
    files: tuple[Carried, ...] = ()


class Shelf:
    """Weights in ``cache``. At most one errand at a time, shared with everything else that uses ``errands``."""

    def __init__(self, cache: Path, errands: Errands) -> None:
        self.cache, self._errands = cache, errands
        self._titles: dict[str, str] = {}
        self.outcome: Outcome | None = None
        """Of the last errand that ended well; None after one that did not."""

    def status(self, name: str) -> WeightsStatus:
        """Raises UnknownName."""
        return weights.status(encoders.spec(name), self.cache)

    def statuses(self) -> list[WeightsStatus]:
        """Of every encoder there is."""
        return [self.status(name) for name in encoders.names()]

    def subject(self) -> str:
        """The encoder that the present or last errand is about, or the folder; "" when it is none of the shelf's."""
        state = self._errands.state
        return self._titles.get(state.title, "") if state else ""

    def fetch(self, name: str) -> None:
        """Begin to bring the weights of an encoder, or of its parts. Raises UnknownName, and BadInput while an errand goes on."""
        spec = encoders.spec(name)

        def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> Outcome:
            weights.fetch(spec, self.cache, report, should_stop)
            return Outcome(f"The weights of {name} are here and sound.")

        self._start(f"{FETCHING} the weights of {name}", name, work)

    def verify(self, name: str) -> None:
        """Begin to read every byte of one encoder's weights. Raises as ``fetch``."""
        spec = encoders.spec(name)

        def work(report: Callable[[Progress], None], _should_stop: Callable[[], bool]) -> Outcome:
            report(Progress(0, 0, name))
            state = weights.verify(spec, self.cache)
            return Outcome(f"Every byte of {name} is as it was stored; made from sha256 {state.sha256 or 'of its parts'}.")

        self._start(f"{VERIFYING} the weights of {name}", name, work)

    def take(self, place: Path, *, temporary: bool = False) -> None:
        """Begin to take in a file, or the files of a folder, for whatever encoders want them. Raises as ``fetch``.

        A ``temporary`` file or folder is removed in the end, whatever became of it.
        """
        specs = [encoders.spec(name) for name in encoders.names()]

        def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> Outcome:
            try:
                return Outcome(files=tuple(weights.take(place, self.cache, specs, progress=report, should_stop=should_stop)))
            finally:
                if temporary:
                    _remove(place)

        self._start(f"{IMPORTING} {'what was dropped' if temporary else f'weights from {place.name}'}", str(place), work)

    def take_for(self, name: str, file: Path, *, temporary: bool = False) -> None:
        """Begin to take in a file for one encoder, whatever the file is called. Raises as ``fetch``."""
        spec = encoders.spec(name)

        def work(report: Callable[[Progress], None], _should_stop: Callable[[], bool]) -> Outcome:
            report(Progress(0, 0, file.name))
            try:
                path = weights.import_file(spec, file, self.cache)
                return Outcome(f"The weights of {name} are here and sound.", (Carried(file, carrying.IMPORTED, name, "", path),))
            finally:
                if temporary:
                    _remove(file)

        self._start(f"{IMPORTING} the weights of {name}", name, work)

    def _start(self, title: str, subject: str, work: Callable[..., Outcome]) -> None:
        def errand(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
            self.outcome = None
            self.outcome = work(report, should_stop)

        self._errands.start(title, errand)
        self._titles[title] = subject


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
