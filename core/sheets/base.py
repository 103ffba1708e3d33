"""What every sheet has: a title, a stamp, words and a table."""

from __future__ import annotations

import abc
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import core
from core.clips import Provenance
from core.colours import provenance_line, shortened

Numbers = NDArray[np.floating]
Table = tuple[list[str], list[list[object]]]
"""Names of columns, and rows of texts, numbers and None."""
_LINE_LETTERS = 110


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a figure's numbers are of.

    Args:
        provenance: encoder, fingerprint, clips, sources and version; None for figures about several encoders.
        queries: the question, each side in its written form.
        note: what else must be known, in a few words.
    """

    provenance: Provenance | None = None
    queries: tuple[str, ...] = ()
    note: str = ""

    @property
    def line(self) -> str:
        """All of it in one line for a picture; long questions are cut there, never in ``fields``."""
        asked = shortened(" against ".join(self.queries), _LINE_LETTERS)
        return " · ".join(part for part in (asked, self.note, provenance_line(self.provenance)) if part)

    def fields(self) -> dict[str, str]:
        """The same as names and texts, for the metadata of files; each text is one line."""
        found = {"software": f"Motionbook {core.__version__}"}
        if self.provenance is not None:
            of = self.provenance.as_dict()
            found = {"software": f"Motionbook {of.pop('version')}", **{name: str(value) for name, value in of.items()}}
        found |= {f"query {number}": text for number, text in enumerate(self.queries, 1)}
        if self.note:
            found["note"] = self.note
        return {name: one_line(text) for name, text in found.items()}


UNSTAMPED = Stamp()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sheet(abc.ABC):
    """A figure's content; the kinds of figures are its subclasses. Each checks its shapes and raises ValueError."""

    title: str = ""
    stamp: Stamp = UNSTAMPED

    @property
    @abc.abstractmethod
    def alt(self) -> str:
        """The figure in words."""

    @abc.abstractmethod
    def table(self) -> Table:
        """The figure in numbers."""


def one_line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f]+", " ", text).strip()


def fits(condition: bool, what: str) -> None:
    """Raises ValueError that says what must hold."""
    if not condition:
        raise ValueError(what)


def known(value: float) -> float | None:
    """None for a number that does not exist, six decimals of any other."""
    return round(float(value), 6) if np.isfinite(value) else None


def some(names: Sequence[str], most: int = 8) -> str:
    """ "a, b and 3 more"."""
    told = ", ".join(names[:most])
    return f"{told} and {len(names) - most} more" if len(names) > most else told
