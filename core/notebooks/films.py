"""Small films of the clips of a notebook, for files that travel: kept with the library, and erased with the clip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from core.clips import Clip, Progress
from core.decoding import Decoder
from core.errors import BadClip, StorageFailed
from core.store import Notebook
from core.workbench import Workbench

SIDE_PX = 320
SECONDS = 4.0
BYTES_PER_FILM = 65_000
"""For an estimate before they are made: the mean of eight films of web clips, KTH and UT-Interaction (25 to 92 kB)."""

Spot = tuple[str, float, float]
"""A clip's id, and from where to where it is shown."""


@dataclass(frozen=True, slots=True)
class SmallFilm:
    """``mp4`` is empty where the clip could not be read; ``poster`` is a JPEG; ``span`` is from and to which second it is."""

    clip: Clip
    mp4: bytes
    poster: bytes
    span: tuple[float, float] = (0.0, SECONDS)

    @property
    def file_name(self) -> str:
        """A name that any file system takes, different for different clips and for different moments of one."""
        stem = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in self.clip.name)
        moment = "" if self.span == (0.0, SECONDS) else "-{:.0f}-{:.0f}".format(*(1000 * second for second in self.span))
        return f"{PurePath(stem).name[:40].strip('-') or 'clip'}-{self.clip.clip_id[:8]}{moment}.mp4"


def spots(bench: Workbench, notebook: Notebook) -> list[Spot]:
    """What the last answers show of clips that are still here, each once."""
    found: dict[Spot, None] = {}
    for cell in notebook.cells:
        answer = cell.before if (cell.answer or {}).get("error") else cell.answer
        for film in (answer or {}).get("films") or ():
            clip = bench.library.find(str(film["clip"]))
            if clip is not None and clip.deleted_at is None:
                found[spot(film)] = None
    return list(found)


def spot(film: Mapping[str, Any]) -> Spot:
    """Of one entry of an answer's ``films``."""
    start = float(film.get("start") or 0.0)
    end = film.get("end")
    return str(film["clip"]), start, start + min(float(end) - start, SECONDS) if end is not None else start + SECONDS


def make(
    bench: Workbench,
    wanted: Iterable[Spot],
    *,
    report: Callable[[Progress], None] = lambda _: None,
) -> dict[Spot, SmallFilm]:
    """The films of ``wanted``; each is made once and kept. A clip that cannot be read gets its thumbnail alone."""
    made: dict[Spot, SmallFilm] = {}
    places = list(wanted)
    with Decoder(bench.settings.limits) as decoder:
        for done, place in enumerate(places):
            clip = bench.library.clip(place[0])
            report(Progress(done, len(places), clip.name))
            made[place] = SmallFilm(clip, _film(bench, decoder, place), _poster(bench, clip), place[1:])
    return made


def _film(bench: Workbench, decoder: Decoder, place: Spot) -> bytes:
    clip_id, start, end = place
    name = f"small.{round(start * 1000)}-{round(end * 1000)}.mp4"
    kept = bench.library.derived(clip_id, name)
    if kept is not None:
        return kept
    temporary = bench.library.incoming_folder()
    try:
        media = bench.library.media_path(clip_id)
        decoder.transcode(media, temporary / "small.mp4", span=(start, end), long_side_px=SIDE_PX)
        made = (temporary / "small.mp4").read_bytes()
    except BadClip:
        return b""
    except OSError as error:
        raise StorageFailed(f"a small film of a clip cannot be written ({error.strerror}); free space on the disk") from error
    finally:
        (temporary / "small.mp4").unlink(missing_ok=True)
        temporary.rmdir()
    bench.library.keep_derived(clip_id, name, made)
    return made


def _poster(bench: Workbench, clip: Clip) -> bytes:
    try:
        return bench.thumbnail(clip.clip_id).read_bytes()
    except (BadClip, OSError):
        return b""
