"""Stretches of a clip as clips of their own: files to take along, or new clips of the library."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from core.clips import Clip, Progress
from core.decoding import Decoder
from core.errors import BadInput, Cancelled
from core.manifest import Item
from core.workbench import Workbench

Span = tuple[float, float]
MOST_CUTS = 50


def cut(
    bench: Workbench,
    clip_id: str,
    spans: Sequence[Span],
    folder: Path,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Path]:
    """Write each of ``spans`` (seconds) of a clip as an MP4 into ``folder``; the files, in order.

    Raises BadInput for a span that is none, UnknownName, BadClip, and Cancelled when ``should_stop`` says so.
    """
    clip, media = bench.library.clip(clip_id), bench.library.media_path(bench.library.clip(clip_id).clip_id)
    if len(spans) > MOST_CUTS:
        raise BadInput(f"cuts ({len(spans)}) must be at most {MOST_CUTS} at a time; choose fewer")
    for first, last in spans:
        if not 0 <= first < last <= clip.info.duration_seconds + 1e-3:
            raise BadInput(f"cut ({first:g} to {last:g} s) must lie within {clip.name} ({clip.info.duration_seconds:g} s)")
    made = []
    with Decoder(bench.settings.limits) as decoder:
        for number, span in enumerate(spans):
            if should_stop():
                raise Cancelled(f"cutting {clip.name} was stopped")
            progress(Progress(number, len(spans), clip.name))
            path = folder / name_of(clip, span)
            decoder.transcode(media, path, span=span)
            made.append(path)
    return made


def name_of(clip: Clip, span: Span) -> str:
    """A file name that says where it was cut from: "walk from 3.2 to 5.9 s.mp4"."""
    return f"{plain_stem(clip.name)} from {span[0]:.2f} to {span[1]:.2f} s.mp4"


def plain_stem(name: str) -> str:
    """A clip's name without its suffix, fit for a file name."""
    return plain(name.rpartition(".")[0] or name)


def plain(text: str, most_bytes: int = 90) -> str:
    """``text`` as part of a file name anywhere: letters, digits and " -_." alone. Names of files end at 255 bytes."""
    letters = "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in text)
    return letters.encode()[:most_bytes].decode(errors="ignore").strip()


def zipped(bench: Workbench, clip_id: str, spans: Sequence[Span]) -> bytes:
    """The same as a ZIP file. Raises as ``cut`` does."""
    content = io.BytesIO()
    with TemporaryDirectory() as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for path in cut(bench, clip_id, spans, Path(folder)):
            archive.write(path, path.name)
    return content.getvalue()


def add(bench: Workbench, clip_id: str, spans: Sequence[Span], label: str, encoder: str | None = None) -> int:
    """Begin a job that adds each span as a clip labelled ``label``, of the source of the clip it is cut from; the job's id.

    A clip of unknown source is its own: its cuts name it, so that no statistic takes them for somebody else's.
    """
    clip = bench.library.clip(clip_id)
    files = cut(bench, clip_id, spans, bench.library.incoming_folder())
    return bench.enqueue(
        [Item(path, label, clip.split_source, path.name, clip.synthetic) for path in files],
        encoder,
        temporary=True,
    )
