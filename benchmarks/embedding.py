"""How fast are clips embedded? Our pipeline against the plain way, in one run, alternating, same clips, same weights.

    python -m benchmarks.embedding [--encoder i3d-rgb] [--rounds 3] [--clips FILE ...]

The plain way: decode every frame at full size to RGB, resize with the same kernel to the same framing, take the same
moments, and run the eager torch network in float32 on all cores (or on CUDA when there is one), one clip at a time.
Ours: the worker process of the product with its decoder processes, decoding ahead of the engine that it chooses.

Each side runs in a process of its own and is warm before the first round. Memory is the sum of the peaks (VmHWM) of a
side's process and its children, so pages that they share count more than once. Prints Markdown tables. Without --clips
it takes a mixture of the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import clips_folder
from core import encoders, weights
from core.clips import Framing
from core.decoding import Decoder
from core.encoders import EncoderSpec
from core.sampling import frame_times, windows
from core.settings import DEFAULT_ENCODER, Settings

# From 180 x 144 to 1920 x 1080, fixed and moving cameras, old codecs and new: what a mixed library looks like
MIXTURE = {"weizmann": 4, "ut_interaction": 2, "surv_fight": 2, "kth": 1, "web_mixed": 2, "arid_dark": 1}
ROUNDING_SECONDS = 1e-6  # as in the product: a moment this close before a frame means that frame
# swscale's bilinear | accurate_rnd | full_chroma_int | full_chroma_inp. Its fast conversion to RGB, the default at full size,
# is off by about one level of 255; ours is exact
EXACT_CONVERSION = 0x2 | 0x40000 | 0x2000 | 0x4000
LONGEST_SECONDS = 8.0  # a round must stay short: a machine's mood changes within minutes
Vectors = list[NDArray[np.float32]]


def mixture() -> list[Path]:
    """Clips of every set, taken at even steps through the manifest's order."""
    folder = clips_folder()
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["status"] == "ok"]
    rows = [row for row in rows if float(row["duration_seconds"] or "inf") <= LONGEST_SECONDS]
    chosen: list[Path] = []
    for dataset, count in MIXTURE.items():
        paths = [folder / row["path"] for row in rows if row["dataset"] == dataset]
        chosen += [paths[index * len(paths) // count] for index in range(count)]
    return chosen


# -- the plain way ---------------------------------------------------------------------------------------------------


def plain_windows(path: Path, spec: EncoderSpec, duration_seconds: float, exact: bool) -> Iterator[NDArray[np.uint8]]:
    """As one writes it at first: everything decoded, everything in memory, then cut to size."""
    import av

    conversion = EXACT_CONVERSION if exact else None

    pictures, moments = [], []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            pictures.append(frame.reformat(format="rgb24", interpolation=conversion).to_ndarray())
            moments.append(float(frame.pts * frame.time_base))
        if container.format.name == "avi":  # it keeps no showing times but a constant rate; guessed ones run to and fro
            moments = [index / float(stream.average_rate) for index in range(len(moments))]
    shown_at = np.array(moments) - moments[0]
    small = np.stack([framed(picture, spec.framing) for picture in pictures])
    for window in windows(duration_seconds, spec.sampling):
        times = frame_times(window, spec.frames, spec.sampling)
        yield small[np.clip(np.searchsorted(shown_at, times + ROUNDING_SECONDS, side="right") - 1, 0, len(small) - 1)]


def framed(picture: NDArray[np.uint8], framing: Framing) -> NDArray[np.uint8]:
    import av
    from av.video.reformatter import Interpolation

    height, width = picture.shape[:2]
    size = (framing.crop_px, framing.crop_px)
    if framing.mode == "crop":
        scale = framing.short_side_px / min(width, height)
        size = (max(framing.short_side_px, round(width * scale)), max(framing.short_side_px, round(height * scale)))
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    resized = frame.reformat(*size, format="rgb24", interpolation=Interpolation.BILINEAR).to_ndarray()
    top, left = (size[1] - framing.crop_px) // 2, (size[0] - framing.crop_px) // 2
    return resized[top : top + framing.crop_px, left : left + framing.crop_px]


class Plain:
    """Knows how long the clips are before it begins, since both sides must be asked for the same moments."""

    def __init__(self, encoder: str, clips: list[Path]) -> None:
        import torch

        from core.encoders import registry, stored
        from core.encoders.prepared import make_prepared

        self.spec = encoders.spec(encoder)
        with Decoder() as decoder:
            self.durations = {clip: decoder.probe(clip).duration_seconds for clip in clips}
        path = weights.locate(self.spec, Settings.from_environment().cache)
        assert path is not None, "the plain way needs an encoder with weights"
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        network = make_prepared(self.spec, registry.row(encoder).network, stored.load(path))
        self.network = network.to(self.device)
        self.described = f"eager torch {torch.__version__} on {self.device}, float32"

    def embed(self, clips: list[Path], *, exact: bool = False) -> Vectors:
        import torch

        found = []
        for clip in clips:
            stacked = np.stack(list(plain_windows(clip, self.spec, self.durations[clip], exact)))
            with torch.inference_mode():
                rows = [self.network(torch.from_numpy(row[None]).to(self.device)).float().cpu().numpy() for row in stacked]
            found.append(np.concatenate(rows))
        return found


# -- ours ------------------------------------------------------------------------------------------------------------


class Ours:
    def __init__(self, encoder: str) -> None:
        from core.embedding import WorkerEmbedder

        self.encoder = encoder
        self.embedder = WorkerEmbedder(Settings.from_environment(encoder=encoder))
        self.described = "the product's worker"

    def embed(self, clips: list[Path], *, exact: bool = False) -> Vectors:  # noqa: ARG002  (it always is)
        waiting = [self.embedder.submit(clip, self.encoder) for clip in clips]
        return [future.result().embeddings.vectors for future in waiting]


# -- a side in a process of its own ----------------------------------------------------------------------------------


def serve(side: str, encoder: str, clips: list[Path]) -> None:
    """Answers each line on standard input, a request for one round, with a line of JSON: its seconds and its memory."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libraries print goes to standard error
    runner: Plain | Ours = Plain(encoder, clips) if side == "plain" else Ours(encoder)
    runner.embed(clips[:1])
    print(json.dumps({"ready": runner.described}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        used, began = cpu_seconds(os.getpid()), time.perf_counter()
        vectors = runner.embed(clips, exact=request["exact"])
        seconds, used = time.perf_counter() - began, cpu_seconds(os.getpid()) - used
        np.savez(request["file"], *vectors)
        answer = {"seconds": seconds, "cpu_seconds": used, "peak_bytes": peak_bytes(os.getpid())}
        print(json.dumps(answer), file=answers, flush=True)
    answers.close()
    os._exit(0)


def family_of(root: int) -> set[int]:
    """A process and all below it, by /proc; only itself where there is none."""
    parents = {int(folder.name): _told(folder).get("PPid", "0") for folder in Path("/proc").glob("[0-9]*")}
    family = {root}
    for _ in parents:
        family |= {child for child, parent in parents.items() if int(parent) in family}
    return family


def peak_bytes(root: int) -> int:
    """Sum of the peak resident sizes of a process and all below it; 0 where there is no /proc."""
    told = (_told(Path("/proc") / str(process)).get("VmHWM", "0 kB") for process in family_of(root))
    return sum(int(text.split()[0]) * 1024 for text in told)


def cpu_seconds(root: int) -> float:
    """Processor time that a process and all below it have used so far; 0 where there is no /proc."""
    ticks = 0
    for process in family_of(root):
        try:
            after_name = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        ticks += sum(map(int, after_name[11:15]))  # user and system time, its own and that of children it has outlived
    return ticks / os.sysconf("SC_CLK_TCK")


def _told(folder: Path) -> dict[str, str]:
    try:
        return dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    except OSError:
        return {}


class Side:
    """The process of one side."""

    def __init__(self, name: str, encoder: str, clips: list[Path]) -> None:
        command = [sys.executable, "-m", "benchmarks.embedding", "--serve", name, "--encoder", encoder, "--clips"]
        self.process = subprocess.Popen(
            [*command, *map(str, clips)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        self.described = self._answer()["ready"]

    def round(self, file: Path, *, exact: bool = False) -> dict[str, Any]:
        assert self.process.stdin is not None
        print(json.dumps({"file": str(file), "exact": exact}), file=self.process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a side ended by itself; its error stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer


# -- the comparison --------------------------------------------------------------------------------------------------


def differences(one: Path, other: Path) -> tuple[float, float, int]:
    """Largest cosine distance, largest absolute difference as a share of the largest value, and windows compared."""
    with np.load(one) as a, np.load(other) as b:
        left, right = (np.concatenate([file[name] for name in file.files]) for file in (a, b))
    if left.shape != right.shape:
        raise SystemExit(f"the sides saw different windows: {left.shape} and {right.shape}")
    cosines = (left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    return float(1 - cosines.min()), float(np.abs(left - right).max() / np.abs(right).max()), len(left)


def compare(encoder: str, rounds: int, clips: list[Path]) -> None:
    seconds: dict[str, list[float]] = {"plain": [], "ours": []}
    peaks, used = {"plain": 0, "ours": 0}, {"plain": 0.0, "ours": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.npz" for name in seconds}
        sides = {name: Side(name, encoder, clips) for name in seconds}
        for number in range(rounds):
            for name in list(seconds) if number % 2 == 0 else reversed(list(seconds)):
                answer = sides[name].round(files[name])
                seconds[name].append(answer["seconds"])
                print(f"round {number + 1}, {name}: {answer['seconds']:.1f} s", file=sys.stderr, flush=True)
                peaks[name] = max(peaks[name], answer["peak_bytes"])
                used[name] += answer["cpu_seconds"] / rounds / len(clips)
        fast, _, count = differences(files["ours"], files["plain"])
        sides["plain"].round(files["plain"], exact=True)
        distance, difference, _ = differences(files["ours"], files["plain"])
        for side in sides.values():
            side.close()
    ratios = [plain / ours for plain, ours in zip(seconds["plain"], seconds["ours"], strict=True)]
    print(f"{len(clips)} clips, {count} windows, {rounds} alternating rounds, {os.cpu_count()} cores, encoder {encoder}.")
    print("\n| way | clips per second: min / median / max | windows per second | CPU seconds per clip | peak memory |")
    print("|---|---|---|---|---|")
    for name in seconds:
        rates = sorted(len(clips) / value for value in seconds[name])
        spread = f"{rates[0]:.2f} / {statistics.median(rates):.2f} / {rates[-1]:.2f}"
        per_second = count / statistics.median(seconds[name])
        cells = [spread, f"{per_second:.2f}", f"{used[name]:.1f}", f"{peaks[name] / 2**20:.0f} MiB"]
        print(f"| {name}: {sides[name].described} | {' | '.join(cells)} |")
    print(f"\nOurs is {statistics.median(ratios):.2f} times as fast (per round {min(ratios):.2f} to {max(ratios):.2f});")
    if used["ours"]:
        print(f"in processor time, which other programs disturb less, {used['plain'] / used['ours']:.2f} times.")
    print(
        f"Embeddings, with exact conversion on both sides: largest cosine distance {distance:.1e}, largest difference "
        f"{difference:.1e} of the largest value. With swscale's fast conversion in the plain way, as timed: {fast:.1e}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default=DEFAULT_ENCODER)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clips", nargs="+", type=Path)
    parser.add_argument("--serve", choices=("plain", "ours"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    clips = chosen.clips or mixture()
    if chosen.serve:
        serve(chosen.serve, chosen.encoder, clips)
    else:
        weights.fetch(encoders.spec(chosen.encoder), Settings.from_environment().cache)
        compare(chosen.encoder, chosen.rounds, clips)


if __name__ == "__main__":
    main()
