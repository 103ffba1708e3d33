"""Which encoder answers when a question names none: the library's own choice, which takes over once its vectors are there.

A changed choice is three things in one note: the encoder wanted, the one that answers until then, and the job that embeds what is
missing. While the job runs, the old one answers and what is added goes to the new one, behind the job; when it is done, the new
one answers. A job that was cancelled or failed leaves everything with the old one. MOTIONBOOK_ENCODER, where it is set, wins.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from core import encoders
from core.errors import UnknownName
from core.settings import Settings
from core.store import Library

NOTE = "encoder"
DONE, ACTIVE, ENDED = "done", "active", "ended"


@dataclass(frozen=True, slots=True)
class Choice:
    """``until`` answers while job ``job_id`` has not embedded everything; both are None for a choice that counts at once."""

    encoder: str
    until: str | None = None
    job_id: int | None = None


class Serving:
    """Reads and keeps the choice of one library."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library, self._settings = library, settings

    @property
    def choice(self) -> Choice | None:
        """What the library says; None before the first choice, or when its encoder is not known here."""
        kept = self._library.note(NOTE)
        found = Choice(**kept) if kept else None
        return found if found is not None and found.encoder in encoders.names() else None

    @property
    def overruled(self) -> bool:
        """Whether MOTIONBOOK_ENCODER decides, whatever the library says."""
        return self._settings.encoder_given

    @property
    def answering(self) -> str:
        """The encoder of questions that name none."""
        return self._one_of(answers_while_active=True)

    @property
    def adding(self) -> str:
        """The encoder for what is added now."""
        return self._one_of(answers_while_active=False)

    def _one_of(self, *, answers_while_active: bool) -> str:
        choice = self.choice
        if self.overruled or choice is None:
            return self._settings.encoder
        state = self._state(choice)
        old = state == ENDED or (state == ACTIVE and answers_while_active)
        return choice.until if old and choice.until in encoders.names() else choice.encoder

    def _state(self, choice: Choice) -> str:
        """Of the job that stands between the two encoders; one that was erased with its clips has nothing left to do."""
        if choice.job_id is None:
            return DONE
        try:
            job = self._library.job(choice.job_id)
        except UnknownName:
            return DONE
        return ACTIVE if job.active else DONE if job.state == "done" else ENDED

    def choose(self, choice: Choice) -> None:
        """Keep it, in place of the choice before it."""
        self._library.remember_note(NOTE, asdict(choice))
