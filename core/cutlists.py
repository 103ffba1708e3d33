"""Flags as files that other programs take: a table, JSON, WebVTT, a cut list for FFmpeg, and clips of the flags themselves."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core import __version__
from core.clips import Progress, clip_name
from core.cutting import plain, plain_stem
from core.decoding import Decoder
from core.errors import BadInput, Cancelled
from core.exporting import inert
from core.flags import Flag
from core.workbench import Workbench

MOST_CLIPS = 200
"""Clips that are cut at a time: each is encoded anew, a second or two of work."""
FFMPEG = "ffmpeg -copyts -f concat -safe 0 -segment_time_metadata 1 -i flags.ffconcat -vf select=concatdec_select -an flags.mp4"
"""What plays a cut list's flags one after another. A list alone begins each piece at the key frame before it; the filter leaves
out what is too early, and needs the times as they are (-copyts). Tried with FFmpeg 5.1: exact to the frame."""
COLUMNS = (
    *("flag", "concept", "name", "start_seconds", "end_seconds", "peak_seconds", "similarity", "confidence", "score"),
    *("verdict", "clip", "path"),
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A flag and the film it was raised in: the ``name`` people know it by, and where its ``file`` is."""

    flag: Flag
    name: str
    file: Path

    @property
    def film(self) -> str:
        """What tells one film from another: names may repeat."""
        return self.flag.clip_id or self.flag.path


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand out."""

    name: str
    mime: str
    content: bytes


def located(bench: Workbench, flags: Sequence[Flag]) -> tuple[Cut, ...]:
    """Each flag with its film, in their order. Raises UnknownName for a clip that the library no longer has."""
    return tuple(_located(bench, flag) for flag in flags)


def _located(bench: Workbench, flag: Flag) -> Cut:
    if flag.clip_id:
        clip = bench.library.clip(flag.clip_id, deleted=None)
        return Cut(flag, clip.name, bench.library.media_path(clip.clip_id))
    path = Path(flag.path).absolute()
    return Cut(flag, clip_name(path.name), path)


def exported(bench: Workbench, flags: Sequence[Flag], form: str, about: Mapping[str, str] | None = None) -> Export:
    """The flags in one of FORMS; ``about`` names what they rest on (concept, encoder ...), stamped on the file.

    WebVTT and cut lists have a file for each film: of several films they are a ZIP of them. Raises BadInput for a form there
    is not, for no flags, and for a cut list of a file whose name such a list cannot hold; UnknownName as ``located``.
    """
    if form not in FORMS:
        raise BadInput(f"form ({form}) must be one of {', '.join(FORMS)}; choose one of them")
    if not flags:
        raise BadInput("flags (none) must be at least one; widen the filter or scan something first")
    cuts, stamp = located(bench, flags), {"motionbook": __version__, **(about or {})}
    mime, write = FORMS[form]
    if form in FILM_BY_FILM and len({cut.film for cut in cuts}) > 1:
        return Export(f"flags.{form}.zip", "application/zip", _zipped(cuts, stamp, form))
    return Export(f"flags.{form}", mime, write(cuts, stamp))


def as_csv(cuts: Sequence[Cut], about: Mapping[str, str]) -> bytes:
    """A line for each flag; the stamp stands before them in lines that begin with "# " (pandas: ``read_csv(comment="#")``).

    Text that a spreadsheet could run stays text. UTF-8; bytes of a file name that are not are written as ``\\udcXX``.
    """
    stream = io.StringIO()
    stream.writelines(f"# {_line(name)}: {_line(text)}\n" for name, text in about.items())
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cut in cuts:
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in _row(cut)])
    return stream.getvalue().encode("utf-8", "backslashreplace")


def _row(cut: Cut) -> list[str | float]:
    flag = cut.flag
    return [
        flag.flag_id, flag.concept, cut.name, round(flag.start_seconds, 3), round(flag.end_seconds, 3),
        round(flag.peak_seconds, 3), round(flag.similarity, 6), round(flag.confidence, 6), round(flag.score, 6),
        flag.verdict, flag.clip_id, flag.path,
    ]  # fmt: skip


def as_json(cuts: Sequence[Cut], about: Mapping[str, str]) -> bytes:
    """``{"about": {...}, "flags": [...]}``; each flag as ``scan --json`` says it, with its film and verdict. ASCII."""
    return (json.dumps({"about": dict(about), "flags": [_said(cut) for cut in cuts]}, indent=1) + "\n").encode("ascii")


def _said(cut: Cut) -> dict[str, Any]:
    flag = cut.flag
    film = {"clip": flag.clip_id} if flag.clip_id else {"file": flag.path}
    return {**flag.as_dict(), "score": flag.score, "name": cut.name, **film, "flag": flag.flag_id, "verdict": flag.verdict}


def as_vtt(cuts: Sequence[Cut], about: Mapping[str, str]) -> bytes:
    """The flags of one film as cues that players show over it (W3C WebVTT), by their start.

    Raises BadInput for flags of several films: the file has one clock.
    """
    if len({cut.film for cut in cuts}) > 1:
        raise BadInput("flags (of several films) must be of one film to be its WebVTT; export each film by itself")
    blocks = ["WEBVTT", *(f"NOTE {_cue_text(f'{name}: {text}')}" for name, text in about.items())]
    for number, cut in enumerate(sorted(cuts, key=lambda one: (one.flag.start_seconds, one.flag.end_seconds)), start=1):
        flag = cut.flag
        start_ms = round(flag.start_seconds * 1000)
        end_ms = max(round(flag.end_seconds * 1000), start_ms + 1)  # a cue must end after it begins
        verdict = f", {flag.verdict}" if flag.verdict else ""
        told = f"{flag.concept} (confidence {flag.confidence:.2f}, similarity {flag.similarity:.3f}{verdict})"
        blocks.append(f"{number}\n{_clock(start_ms)} --> {_clock(end_ms)}\n{_cue_text(told)}")
    return ("\n\n".join(blocks) + "\n").encode("utf-8", "backslashreplace")


def _clock(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _cue_text(text: str) -> str:
    """No markup, no line ends, no "-->": any of them would end the cue or begin another."""
    return _line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _zipped(cuts: Sequence[Cut], about: Mapping[str, str], form: str) -> bytes:
    content, (_, write) = io.BytesIO(), FORMS[form]
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        if form == "ffconcat":
            archive.writestr("all films.ffconcat", write(cuts, about))
        for number, film in enumerate(dict.fromkeys(cut.film for cut in cuts), start=1):
            own = [cut for cut in cuts if cut.film == film]
            archive.writestr(f"{number:03} {plain_stem(own[0].name)}.{form}", write(own, about))
    return content.getvalue()


def as_ffconcat(cuts: Sequence[Cut], about: Mapping[str, str]) -> bytes:
    """A list for FFmpeg's concat reader (FFMPEG), which plays the flags one after another in the order given.

    The files stay where they are; the list holds their full paths. Films of one list must have one codec, size and rate, as
    recordings of one camera have. Raises BadInput for a path with a line end in it: FFmpeg reads the list line by line, and
    no quoting carries one over.
    """
    lines = ["ffconcat version 1.0", f"# {FFMPEG}"]
    lines += [f"# {_line(name)}: {_line(text)}" for name, text in about.items()]
    for cut in cuts:
        lines += [
            f"# {_line(cut.flag.concept)} in {_line(cut.name)}",
            f"file {_quoted(cut.file)}",
            f"inpoint {cut.flag.start_seconds:.6f}",
            f"outpoint {max(cut.flag.end_seconds, cut.flag.start_seconds + 0.001):.6f}",
        ]
    return os.fsencode("\n".join(lines) + "\n")


def _quoted(file: Path) -> str:
    """FFmpeg's own quoting: all is literal between apostrophes, an apostrophe stands outside them behind a backslash."""
    path = str(file.absolute())
    if any(end in path for end in "\n\r"):
        raise BadInput(f"path ({path!r}) must have no line end to stand in a cut list; rename the file or export CSV or JSON")
    return "'" + path.replace("'", "'\\''") + "'"


def _line(text: str) -> str:
    """``text`` in one line of printable characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


FORMS: dict[str, tuple[str, Callable[[Sequence[Cut], Mapping[str, str]], bytes]]] = {
    "csv": ("text/csv", as_csv),
    "json": ("application/json", as_json),
    "vtt": ("text/vtt", as_vtt),
    "ffconcat": ("text/plain", as_ffconcat),
}
"""Each form's media type and writer; its name is the suffix of the file."""
FILM_BY_FILM = ("vtt", "ffconcat")
"""Forms with one clock, or one kind of film, to a file."""


def clips(
    bench: Workbench,
    flags: Sequence[Flag],
    folder: Path,
    *,
    margin_seconds: float = 0.0,
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Path]:
    """Write each flag as an MP4 into ``folder``, with ``margin_seconds`` of what was before and after; the files, in order.

    Raises BadInput for none or too many, UnknownName, BadClip, and Cancelled when ``should_stop`` says so.
    """
    if not 0 < len(flags) <= MOST_CLIPS:
        raise BadInput(f"flags ({len(flags)}) must be from 1 to {MOST_CLIPS} to be cut at a time; narrow the filter")
    made, seconds = [], dict[str, float]()
    with Decoder(bench.settings.limits) as decoder:
        for number, cut in enumerate(located(bench, flags), start=1):
            if should_stop():
                raise Cancelled(f"cutting {len(flags)} flags was stopped after {number - 1}")
            progress(Progress(number - 1, len(flags), cut.name))
            if cut.film not in seconds:
                seconds[cut.film] = decoder.probe(cut.file).duration_seconds
            span = _widened(cut.flag, margin_seconds, seconds[cut.film])
            path = folder / film_name(number, cut.flag, cut.name, span)
            decoder.transcode(cut.file, path, span=span)
            made.append(path)
    progress(Progress(len(flags), len(flags)))
    return made


def _widened(flag: Flag, margin_seconds: float, duration_seconds: float) -> tuple[float, float]:
    first = min(max(flag.start_seconds - margin_seconds, 0.0), duration_seconds)
    return first, min(flag.end_seconds + margin_seconds, duration_seconds)


def film_name(number: int, flag: Flag, name: str, span: tuple[float, float]) -> str:
    """ "007 fight in yard from 3.20 to 5.90 s.mp4": the number keeps films apart that have one name."""
    return f"{number:03} {plain(flag.concept, 60)} in {plain_stem(name)} from {span[0]:.2f} to {span[1]:.2f} s.mp4"


def zip_clips(
    bench: Workbench,
    flags: Sequence[Flag],
    destination: Path,
    *,
    margin_seconds: float = 0.0,
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """The same as one ZIP file at ``destination``, with their table inside. Raises as ``clips`` does."""
    with TemporaryDirectory(dir=destination.parent) as folder:
        films = clips(bench, flags, Path(folder), margin_seconds=margin_seconds, progress=progress, should_stop=should_stop)
        with zipfile.ZipFile(destination, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("flags.csv", exported(bench, flags, "csv").content)
            for path in films:
                archive.write(path, path.name)
