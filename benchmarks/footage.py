"""Long footage with a known truth: real labelled clips, one after another, as one recording of one camera would be.

    python -m benchmarks.footage CLIPS OUT.mp4 --positive surv_fight/fight --negative surv_fight/noFight --skip 6 [--times 1]

writes OUT.mp4 and, beside it, OUT.json: which seconds show what. Positives stand among negatives (``mixed``). Every piece
gets one rate and one size: scaled until it fills the picture, the middle kept, as encoders frame a clip anyway. Cuts between
pieces are hard: windows that lie across one see two scenes, which a real camera never shows. Where pieces last two seconds
these are most windows, so results on such footage are lower bounds of what a camera of its own would give.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from core.decoding.footage import Footage
from core.decoding.pictures import Picture, Scaler, upright_size
from core.decoding.source import opened
from core.decoding.writing import write_mp4
from core.settings import DecodingLimits

FPS = 25  # of most CCTV clips of the set
WIDTH_PX, HEIGHT_PX = 320, 240
ENDS_TOGETHER_SECONDS = 1e-3


Item = tuple[Path, str] | tuple[Path, str, tuple[float, float]]
"""A clip, what it shows, and, if not all of it is wanted, from which second to which."""
WHOLE = (0.0, math.inf)


@dataclass(frozen=True, slots=True)
class Piece:
    """A clip within the footage."""

    start_seconds: float
    end_seconds: float
    label: str
    file: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What the footage shows when: ``pieces`` in order, without gaps."""

    pieces: tuple[Piece, ...]

    @property
    def seconds(self) -> float:
        return self.pieces[-1].end_seconds if self.pieces else 0.0

    def spans(self, label: str) -> tuple[tuple[float, float], ...]:
        """The seconds that show ``label``; pieces that adjoin are one span, since nothing tells them apart."""
        spans: list[tuple[float, float]] = []
        for piece in self.pieces:
            if piece.label != label:
                continue
            if spans and piece.start_seconds - spans[-1][1] < ENDS_TOGETHER_SECONDS:
                spans[-1] = (spans[-1][0], piece.end_seconds)
            else:
                spans.append((piece.start_seconds, piece.end_seconds))
        return tuple(spans)

    def hours_without(self, label: str) -> float:
        """What false alarms are counted over."""
        return sum(piece.end_seconds - piece.start_seconds for piece in self.pieces if piece.label != label) / 3600

    def repeated(self, times: int) -> Truth:
        """Of the same footage ``times`` times in a row."""
        return Truth(
            tuple(
                Piece(piece.start_seconds + self.seconds * turn, piece.end_seconds + self.seconds * turn, piece.label, piece.file)
                for turn in range(times)
                for piece in self.pieces
            )
        )

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"pieces": [asdict(piece) for piece in self.pieces]}, indent=1), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> Truth:
        return Truth(tuple(Piece(**piece) for piece in json.loads(path.read_text(encoding="utf-8"))["pieces"]))


def join(
    items: Sequence[Item],
    destination: Path,
    *,
    fps: int = FPS,
    width_px: int = WIDTH_PX,
    height_px: int = HEIGHT_PX,
) -> Truth:
    """Write the clips, one after another, as an MP4; what it shows when, kept beside it as ``.json`` too.

    Raises BadClip for one that cannot be read, ValueError for none.
    """
    if not items:
        raise ValueError("items (none) must be at least one clip; give some files with their labels")
    pieces: list[Piece] = []

    def pictures() -> Iterator[Picture]:
        shown = 0
        for file, label, *span in items:
            first = shown
            for picture in paced(file, fps, width_px, height_px, *span):
                yield picture
                shown += 1
            pieces.append(Piece(first / fps, shown / fps, label, file.name))

    write_mp4(destination, pictures(), fps)
    truth = Truth(tuple(pieces))
    truth.save(destination.with_suffix(".json"))
    return truth


def paced(file: Path, fps: int, width_px: int, height_px: int, span: tuple[float, float] = WHOLE) -> Iterator[Picture]:
    """The clip's pictures at ``fps``, each (height_px, width_px, 3): at every tick the one that is on screen then."""
    scaler, tick = Scaler(), 0
    with opened(os.fsencode(file), DecodingLimits()) as source:
        footage, waiting = Footage(source), None
        for shown in iter(footage.next_shown, None):
            while waiting is not None and span[0] + tick / fps < min(shown.time_seconds - 1e-6, span[1] - 1e-6):
                yield filled(scaler, waiting, width_px, height_px)
                tick += 1
            waiting, end = shown.frame, shown.time_seconds + source.step_seconds
            if shown.time_seconds >= span[1]:
                return
        while waiting is not None and span[0] + tick / fps < min(end, span[1]) - 1e-6:
            yield filled(scaler, waiting, width_px, height_px)
            tick += 1


def filled(scaler: Scaler, frame: av.VideoFrame, width_px: int, height_px: int) -> Picture:
    """Upright, scaled until both sides are covered, the middle of it."""
    wide, high = upright_size(frame)
    scale = max(width_px / wide, height_px / high)
    large = max(width_px, round(wide * scale)), max(height_px, round(high * scale))
    left, top = (large[0] - width_px) // 2, (large[1] - height_px) // 2
    return np.ascontiguousarray(scaler.upright(frame, *large)[top : top + height_px, left : left + width_px])


def repeat(source: Path, destination: Path, times: int) -> None:
    """The footage ``times`` times in a row, its packets copied and not encoded anew: hours of it in seconds."""
    with av.open(str(destination), "w", format="mp4") as out, av.open(str(source)) as first:
        template = first.streams.video[0]
        stream = out.add_stream_from_template(template)
        length = round(Fraction(template.frames) / template.average_rate / template.time_base)
        for turn in range(times):
            with av.open(str(source)) as again:
                for packet in again.demux(video=0):
                    if packet.dts is None:
                        continue
                    packet.pts, packet.dts, packet.stream = packet.pts + turn * length, packet.dts + turn * length, stream
                    out.mux(packet)


def mixed(positives: Sequence[Item], negatives: Sequence[Item], seed: int = 0, between: int = 1) -> list[Item]:
    """Positives in an order drawn by ``seed``, at least ``between`` negatives before, between and after them.

    Negatives are used once each where they suffice, and again from the first where they do not.
    """
    random = np.random.default_rng(seed)
    fights = [positives[at] for at in random.permutation(len(positives))]
    calm = [negatives[at] for at in random.permutation(len(negatives))]
    wanted = max(len(calm), between * (len(fights) + 1))
    calm = [calm[at % len(calm)] for at in range(wanted)]
    share = np.array_split(np.arange(wanted), len(fights) + 1)
    made: list[Item] = []
    for at, group in enumerate(share):
        made += [calm[one] for one in group]
        made += fights[at : at + 1]
    return made


def cut(file: Path, label: str, seconds: float, length: float) -> list[Item]:
    """A film of ``seconds`` as pieces of ``length`` seconds each, what is left at its end given up."""
    return [(file, label, (at * length, (at + 1) * length)) for at in range(int(seconds / length))]


def labelled(folder: Path, label: str, skip: int = 0) -> list[Item]:
    """The files of ``folder`` by name, without the first ``skip``: those were taught."""
    return [(path, label) for path in sorted(folder.iterdir())[skip:] if path.is_file()]


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("clips", type=Path)
    arguments.add_argument("destination", type=Path)
    arguments.add_argument("--positive", nargs="+", required=True)
    arguments.add_argument("--negative", nargs="+", required=True)
    arguments.add_argument("--skip", type=int, default=0, help="files of each folder that are not used: the taught ones")
    arguments.add_argument("--times", type=int, default=1, help="the whole footage this often in a row")
    arguments.add_argument("--seed", type=int, default=0)
    asked = arguments.parse_args()
    groups = [
        [one for name in names for one in labelled(asked.clips / name, Path(name).name, asked.skip)]
        for names in (asked.positive, asked.negative)
    ]
    truth = join(mixed(*groups, seed=asked.seed), asked.destination)
    if asked.times > 1:
        part = asked.destination.with_name(f"once {asked.destination.name}")
        asked.destination.replace(part)
        repeat(part, asked.destination, asked.times)
        part.unlink()
        truth = truth.repeated(asked.times)
        truth.save(asked.destination.with_suffix(".json"))
    print(f"{truth.seconds:.1f} s in {len(truth.pieces)} pieces")


if __name__ == "__main__":
    main()
