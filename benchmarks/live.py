"""Does live mode name what the camera sees, how late, and how often? Real clips in the camera's place, no browser.

    python -m benchmarks.live truth [--encoder i3d-rgb]
    python -m benchmarks.live pace [--encoder i3d-rgb] [--seconds 20]

A clip is played again and again, as a browser's fake camera plays it, and its pictures are sent as the Live page sends them:
JPEGs of the size and at the rate that the encoder wants. ``truth`` scores every half second of the stream, however long that
takes here: in which share of the scores does the right label lead? While a clip plays, all clips of its source are out of the
library, so that nobody is recognised by another clip of theirs. ``pace`` lets the stream run in real time and scores as the
page does, one score after another: how often, how late, and how much of a processor that takes.

Needs a library that has embedded the labelled test clips: MOTIONBOOK_HOME, a copy, since clips are taken out of it for a while.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image

from core import machine
from core.clips import Clip
from core.live import SCORE_SECONDS, Live, Scores, leader, wanted_short_side_px
from core.queries import Query
from core.settings import Settings
from core.workbench import Workbench

LABELS = ("walk", "wave1", "wave2", "bend", "jack", "run")
QUESTIONS = (LABELS[:3], LABELS)  # a score does not depend on what else is looked for: both are told from the same ones
ALSO = {"walking": "walk"}  # KTH's name for it; its clips are of another camera, another country and in grey
SIGNS = "intel"  # their "walk" is a word of sign language
NEITHER = ("hugging", "kicking")
SCORES = 4  # of each clip: two seconds of stream after the first window
CLIPS = 4  # of a label
PACES = (
    "| encoder | window | a score every | after the camera, median (most) | of which scoring | processor time a score | idle |\n"
    "|---|---|---|---|---|---|---|"
)
PATIENCE_SECONDS = 1.0  # the page's, for a score in one of its runs
QUALITY = 85  # of the page's JPEGs


@dataclass(slots=True)
class Camera:
    """A clip that begins again when it ends: JPEGs of a short side, and the moment of each within one round."""

    jpegs: list[bytes]
    moments: list[float]
    round_seconds: float

    @classmethod
    def of(cls, path: Path, short_side_px: int, fps: float) -> Camera:
        jpegs, moments = list[bytes](), list[float]()
        with av.open(str(path)) as source:
            rate = float(source.streams.video[0].average_rate or 25)
            for number, frame in enumerate(source.decode(video=0)):
                moment = number / rate
                if moments and moment < moments[-1] + 0.9 / fps:
                    continue
                scale = min(short_side_px / min(frame.width, frame.height), 1.0)
                picture = frame.reformat(round(frame.width * scale), round(frame.height * scale), "rgb24").to_ndarray()
                content = io.BytesIO()
                Image.fromarray(np.ascontiguousarray(picture)).save(content, "JPEG", quality=QUALITY)
                jpegs.append(content.getvalue())
                moments.append(moment)
        return cls(jpegs, moments, moments[-1] + 1 / rate)

    def pictures(self) -> Iterator[tuple[float, bytes]]:
        """For ever, with rising moments."""
        for again in itertools.count():
            for moment, jpeg in zip(self.moments, self.jpegs, strict=True):
                yield again * self.round_seconds + moment, jpeg


def send(live: Live, stream: Iterator[tuple[float, bytes]], until: float) -> float:
    """Push what the camera sees before ``until``; the moment of the last picture."""
    moments, jpegs = list[float](), list[bytes]()
    for moment, jpeg in stream:
        moments.append(moment)
        jpegs.append(jpeg)
        if moment >= until:
            break
    live.push(moments, jpegs)
    return moments[-1]


def without_source(bench: Workbench, clip: Clip) -> tuple[str, ...]:
    return bench.library.delete([one.clip_id for one in bench.library.clips() if one.split_source == clip.split_source])


def scored(bench: Workbench, clip: Clip, encoder: str) -> list[Scores]:
    """SCORES of a clip against all LABELS."""
    path, taken = bench.library.media_path(clip.clip_id), without_source(bench, clip)
    try:
        live = Live(bench, [Query("label", label) for label in LABELS], encoder)
        stream, found = Camera.of(path, wanted_short_side_px(live.spec), live.fps).pictures(), list[Scores]()
        moment = send(live, stream, live.window_seconds)
        while len(found) < SCORES:
            scores = live.score()
            if scores is not None:
                found.append(scores)
            moment = send(live, stream, moment + SCORE_SECONDS)
        live.forget()
        return found
    finally:
        bench.library.restore(taken)


def truth(bench: Workbench, encoder: str) -> None:
    clips = sorted(bench.library.clips(), key=lambda clip: clip.name)
    found = dict[str, list[Scores]]()
    for label in (*LABELS, *ALSO, *NEITHER):
        of_label = [clip for clip in clips if clip.label == label and clip.source != SIGNS][:CLIPS]
        found[label] = [scores for clip in of_label for scores in scored(bench, clip, encoder)]
        print(f"{label}: {len(of_label)} clips, {len(found[label])} scores", flush=True)
    for labels in QUESTIONS:
        print(f"\n{encoder}, half a second apart; looked for: {', '.join(labels)}\n")
        print("| what plays | scores | right leads | another leads | nothing stands out |\n|---|---|---|---|---|")
        for label, scores in found.items():
            if label in LABELS and label not in labels:
                continue
            led = [leader(one.values[: len(labels)], one.percentiles[: len(labels)]) for one in scores]
            names = ["" if number is None else labels[number] for number in led]
            others = Counter(name for name in names if name not in ("", ALSO.get(label, label)))
            told = ", ".join(f"{name} {count}" for name, count in others.most_common())
            right, nothing = names.count(ALSO.get(label, label)), names.count("")
            shares = [f"{100 * count / len(names):.0f} %" for count in (right, len(names) - right - nothing, nothing)]
            print(f"| {label} | {len(names)} | {shares[0]} | {shares[1]}{f' ({told})' if told else ''} | {shares[2]} |")


def pace(bench: Workbench, encoder: str, seconds: float) -> None:
    clip = next(clip for clip in sorted(bench.library.clips(), key=lambda clip: clip.name) if clip.label == "walk")
    live = Live(bench, [Query("label", label) for label in LABELS], encoder)
    stream = Camera.of(bench.library.media_path(clip.clip_id), wanted_short_side_px(live.spec), live.fps).pictures()
    send(live, stream, live.window_seconds)
    live.score()  # loads the network
    live.forget()
    free = machine.free_share()
    spent, delays, took = _cpu_seconds(), list[float](), list[float]()
    stream = Camera.of(bench.library.media_path(clip.clip_id), wanted_short_side_px(live.spec), live.fps).pictures()
    last, begun = 0.0, time.monotonic()
    while (now := time.monotonic() - begun) < live.window_seconds + seconds:
        if now < last + SCORE_SECONDS:
            time.sleep(last + SCORE_SECONDS - now)
            continue
        last = now
        send(live, stream, now)
        scores = live.score(PATIENCE_SECONDS)
        if scores is not None:
            delays.append(time.monotonic() - begun - scores.seconds)
            took.append(scores.took_seconds)
    spent = _cpu_seconds() - spent
    pictures = f"{live.window_seconds:.2f} s, {statistics.mean(len(one.jpeg) for one in live._pictures) / 1000:.0f} kB a picture"
    times = (
        f"{live.pace_seconds:.2f} s | {statistics.median(delays):.2f} s ({max(delays):.2f} s) | {statistics.median(took):.2f} s"
    )
    print(f"| {encoder} | {pictures} | {times} | {spent / len(took):.2f} s | {100 * free:.0f} % |", flush=True)
    live.forget()


def _cpu_seconds() -> float:
    """Processor time of this process and of its children, the worker and the decoders under it."""
    mine, ticks = sum(os.times()[:2]), os.sysconf("SC_CLK_TCK")
    parents = {os.getpid()}
    total = 0
    for _ in range(4):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            number = int(stat.parent.name)
            if int(fields[1]) in parents and number not in parents:
                parents.add(number)
                total += int(fields[11]) + int(fields[12])
    return mine + total / ticks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("truth", "pace"))
    parser.add_argument("--encoder", action="append", default=None)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    with Workbench(Settings.from_environment()) as bench:
        if asked.what == "pace":
            print(f"\n{machine.processor()}\n")
            print(PACES)
        for encoder in asked.encoder or ["i3d-rgb"]:
            if asked.what == "truth":
                truth(bench, encoder)
            else:
                pace(bench, encoder, asked.seconds)


if __name__ == "__main__":
    main()
