"""Mutated clips: whatever is done to a file, the decoder names a reason or gives pictures, and the parent lives.

The suite tries 200 mutants; ``MOTIONBOOK_FUZZ=2000`` makes it a campaign, and ``-s`` shows its table. Mutant number i is
the same in every run.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest

from core.clips import Framing
from core.decoding import Decoder
from core.errors import BAD_CLIP_REASONS, BadClip
from core.settings import DecodingLimits

MUTANTS = int(os.environ.get("MOTIONBOOK_FUZZ", "200"))
FRAMING = Framing(64, 72)
REAL = (
    "odd/decord/corrupted.mp4",
    "odd/decord/unordered.mov",
    "odd/decord/video_90.mov",
    "odd/openl3/bento.mp4",
    "odd/spotlight/sea-360p.ogg",
    "odd/torchcodec/av1_video.mkv",
    "odd/torchcodec/h264_10bits.mp4",
    "odd/torchcodec/h265_10bits.mp4",
    "odd/torchcodec/h265_video.mp4",
    "weizmann/run/denis_run.avi",
    "ut_interaction/pointing/set1_57_10_3.avi",
    "surv_fight/noFight/nofi005.mp4",
    "asl_intel/milk/intel-iot-devkit__milk.mkv",
)
MADE = (
    ("h264.mp4", "libx264", "yuv420p", {}),
    ("fragments.mp4", "libx264", "yuv420p", {"movflags": "frag_keyframe+empty_moov"}),
    ("h264.ts", "libx264", "yuv420p", {}),
    ("vp8.webm", "libvpx", "yuv420p", {}),
    ("webcam.webm", "libvpx-vp9", "yuv420p", {"live": "1"}),
    ("mpeg4.avi", "mpeg4", "yuv420p", {}),
    ("jpeg.avi", "mjpeg", "yuvj420p", {}),
    ("raw.avi", "rawvideo", "yuv420p", {}),
    ("divx.avi", "msmpeg4", "yuv420p", {}),
    ("mpeg2.mpg", "mpeg2video", "yuv420p", {}),
    ("wmv2.wmv", "wmv2", "yuv420p", {}),
    ("flash.flv", "flv", "yuv420p", {}),
    ("prores.mov", "prores_ks", "yuv422p10le", {}),
    ("moves.gif", "gif", "rgb8", {}),
)


def make(path: Path, codec: str, pixel_format: str, options: dict[str, str]) -> Path:
    """Twenty small frames of moving noise: enough of everything a container holds."""
    noise = np.random.default_rng(3).integers(0, 256, (12, 160, 3), np.uint8).repeat(8, axis=0)
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, pixel_format
        for index in range(20):
            picture = np.ascontiguousarray(noise[:, index : index + 128])
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixel_format)
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def flip_bits(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 8, 64, 512))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def edit_header(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 2, 8, 24))):
        data[dice.randrange(min(len(data), 1024))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))


def edit_index(data: bytearray, dice: random.Random) -> None:
    """The tail: where MP4 and AVI keep their tables."""
    for _ in range(dice.choice((1, 4, 16))):
        data[-1 - dice.randrange(min(len(data), 2048))] = dice.randrange(256)


def truncate(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def cut_out(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.choice((1, 16, 188, 4096))]


def double(data: bytearray, dice: random.Random) -> None:
    at, length = dice.randrange(len(data)), dice.choice((16, 512, 8192))
    data[at:at] = data[at : at + length]


def zero(data: bytearray, dice: random.Random) -> None:
    at, length = dice.randrange(len(data)), min(len(data), dice.choice((4, 64, 4096)))
    data[at : at + length] = bytes(len(data[at : at + length]))


BOX_NAMES = (
    b"moov",
    b"mdat",
    b"stsz",
    b"stts",
    b"stsc",
    b"stco",
    b"stsd",
    b"elst",
    b"tkhd",
    b"mdhd",
    b"avcC",
    b"strf",
    b"avih",
    b"idx1",
)


def edit_box(data: bytearray, dice: random.Random) -> None:
    """Sizes, counts and fields of a named MP4 box or AVI chunk; of any place where there is none."""
    places = [at for name in BOX_NAMES if (at := data.find(name)) >= 4]
    at = dice.choice(places) if places else dice.randrange(max(1, len(data) - 8))
    value = dice.choice((0, 1, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, dice.randrange(2**32)))
    at += dice.choice((-4, 4, 8, 12, 16, 20, 24))
    data[max(0, at) : max(0, at) + 4] = value.to_bytes(4, "big")


Mutation = Callable[[bytearray, random.Random], None]
MUTATIONS: tuple[Mutation, ...] = (flip_bits, edit_header, edit_index, truncate, cut_out, double, zero, edit_box, edit_box)


def mutant(seeds: list[bytes], number: int) -> bytes:
    dice = random.Random(number)
    data = bytearray(dice.choice(seeds))
    if dice.random() < 0.1:  # the head of one file and the tail of another
        other = dice.choice(seeds)
        data[dice.randrange(len(data)) :] = other[dice.randrange(len(other)) :]
    for _ in range(dice.choice((1, 1, 2, 3))):
        if data:
            dice.choice(MUTATIONS)(data, dice)
    return bytes(data)


@dataclass
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)

    def table(self) -> str:
        median, p99 = np.percentile(self.seconds, [50, 99])
        rows = [f"  {count:5d}  {name}" for name, count in self.outcomes.most_common()]
        deaths = sum(count for name, count in self.outcomes.items() if "decoder-died" in name)
        figures = f"seconds a mutant: p50 {median:.3f}, p99 {p99:.3f}, most {max(self.seconds):.3f}; child deaths: {deaths}"
        return "\n".join([f"{len(self.seconds)} mutants", *rows, figures])


def try_one(decoder: Decoder, path: Path) -> str:
    """Everything that ingesting asks for, and its outcome."""
    try:
        info = decoder.probe(path)
    except BadClip as error:
        return _named(error)
    assert info.duration_seconds > 0 and info.frames >= 2
    try:
        until_seconds = min(info.duration_seconds, 4.0)
        windows = [np.linspace(0, until_seconds, 8), np.linspace(until_seconds / 2, until_seconds, 8)]
        frames = list(decoder.read_windows(path, windows, FRAMING))
        assert [window.shape for window in frames] == [(8, 64, 64, 3)] * 2
        assert decoder.thumbnail(path)[:2] == b"\xff\xd8"
    except BadClip as error:
        return f"probed, then {_named(error)}"
    return "read"


def _named(error: BadClip) -> str:
    assert error.reason in BAD_CLIP_REASONS
    return f"{error.reason} (unforeseen: {error})" if "the decoder failed" in str(error) else error.reason


@pytest.mark.timeout(3600 if MUTANTS > 200 else 300)
def test_mutants_end_in_pictures_or_a_named_reason(real_clips: Path, tmp_path: Path) -> None:
    seeds = [make(tmp_path / name, *rest).read_bytes() for name, *rest in MADE]
    seeds += [(real_clips / name).read_bytes() for name in REAL]
    path, tally = tmp_path / "mutant.mp4", Tally()
    with Decoder(DecodingLimits(wall_seconds=10.0)) as decoder:
        for number in range(MUTANTS):
            path.write_bytes(mutant(seeds, number))
            start = time.perf_counter()
            outcome = try_one(decoder, path)
            tally.seconds.append(time.perf_counter() - start)
            tally.outcomes[outcome.split(" (unforeseen")[0]] += 1
            if "unforeseen" in outcome or "decoder-died" in outcome or "timed-out" in outcome:
                tally.unforeseen.append(f"mutant {number}: {outcome}, {tally.seconds[-1]:.2f} s")
        for seed in seeds[: len(MADE)]:  # and afterwards the sound files are still read
            path.write_bytes(seed)
            assert try_one(decoder, path) == "read"
    print("\n".join([tally.table(), *tally.unforeseen]))  # noqa: T201
    assert sum(tally.outcomes.values()) == MUTANTS
    assert not [line for line in tally.unforeseen if "unforeseen" in line]
    assert tally.outcomes["read"] > MUTANTS / 10, "mutants that nothing can read test only the first bytes"
