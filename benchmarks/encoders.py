"""How fast is each network? The product's engine against PyTorchVideo's own model in eager mode, and against the machine.

    python -m benchmarks.encoders [x3d_s slow_r50 ...] [--rounds 5] [--precision exact fast] [--windows 60]
    python -m benchmarks.encoders --device cuda [--batches 1 8 32 128]

Each round measures, one after the other and in turning order: the peer, ours, and this machine (a product of two
float32 matrices of 2048 x 2048, and a copy of 256 MB). Ratios are those of a round, so that a machine's moods strike
both sides; the table gives their median and their span. The peer is the hub's model (its tutorial's way: eager, float32,
a normalised tensor); networks that the hub has not are compared with our own network in eager mode, and the table says
so. Ours includes the normalisation of the decoded bytes. Weights are random where the real ones are not here: speed does
not depend on them.

Operations count as those of the direct way (multiply and add each one), also where ours needs fewer. Cosines compare
with the same network and weights in eager float32; the overlap of the ten nearest windows only with real weights, on
windows of the labelled test clips (MOTIONBOOK_CLIPS). On CUDA the table gives windows per second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.quality import clips_folder, items_of
from core import encoders, weights
from core.clips import Floats
from core.decoding import Decoder
from core.encoders import EncoderSpec, registry, stored
from core.encoders.prepared import Prepared, make_prepared
from core.errors import BadClip, WeightsMissing
from core.sampling import frame_times, windows
from core.settings import Settings

NETWORKS = (
    *("i3d-rgb", "x3d_xs", "x3d_s", "x3d_m", "x3d_l", "slow_r50", "c2d_r50", "i3d_r50", "slowfast_r50"),
    *("r2plus1d_r50", "csn_r101", "mvit_base_16x4"),
)
SLOWFAST_ALPHA = 4
Frames = NDArray[np.uint8]
Run = Callable[[], object]


# -- the machine -------------------------------------------------------------------------------------------------------


class Machine:
    """What this machine can do at this moment."""

    def __init__(self) -> None:
        self._left, self._right, self._product = torch.randn(2048, 2048), torch.randn(2048, 2048), torch.empty(2048, 2048)
        self._from, self._to = torch.zeros(2**26), torch.zeros(2**26)

    def operations_per_second(self) -> float:
        return 2 * 2048**3 / seconds_of(lambda: torch.mm(self._left, self._right, out=self._product))

    def copied_bytes_per_second(self) -> float:
        """Read and written bytes both count."""
        return 2 * 4 * 2**26 / seconds_of(lambda: self._to.copy_(self._from))


def seconds_of(run: Run) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


# -- the sides ---------------------------------------------------------------------------------------------------------


def peer_of(name: str, prepared: Prepared, frames: Frames) -> tuple[str, Callable[[], Any]]:
    """Its name and a run of it on the frames, normalised beforehand."""
    from pytorchvideo.models import hub

    x = frames_as_network_sees(prepared, frames)
    factory = getattr(hub, name, None)
    if factory is None:
        return "our network, eager", lambda: prepared.network(x)
    network = factory(pretrained=False).eval().requires_grad_(False).to(x.device)
    if name.startswith("slowfast"):
        return "hub, eager", lambda: network([x[:, :, ::SLOWFAST_ALPHA], x])
    return "hub, eager", lambda: network(x)


def frames_as_network_sees(prepared: Prepared, frames: Frames) -> torch.Tensor:
    scale, shift = prepared.get_buffer("scale"), prepared.get_buffer("shift")
    return (torch.from_numpy(frames).to(scale.device).float() * scale + shift).permute(0, 4, 1, 2, 3).contiguous()


def prepared_with(name: str) -> tuple[Prepared, bool]:
    """The network, and whether its weights are real."""
    row, cache = registry.row(name), Settings.from_environment().cache
    try:
        path = weights.locate(row.spec, cache)
    except WeightsMissing:
        path = None
    tensors = stored.load(path) if path else None
    return make_prepared(row.spec, row.network, tensors), path is not None


def operations(prepared: Prepared, frames: Frames) -> int:
    with FlopCounterMode(display=False) as counter:
        prepared(torch.from_numpy(frames))
    return int(counter.get_total_flops())


# -- closeness ---------------------------------------------------------------------------------------------------------


def windows_of_clips(spec: EncoderSpec, count: int) -> Frames | None:
    """The middle window of ``count`` labelled clips (count, T, H, W, 3); None where there are no clips."""
    try:
        items = items_of(clips_folder(), "weizmann") + items_of(clips_folder(), "ut_interaction")
    except SystemExit:
        return None
    found: list[Frames] = []
    with Decoder() as decoder:
        for item in items[:: max(1, len(items) // count)][:count]:
            try:
                spans = windows(decoder.probe(item.path).duration_seconds, spec.sampling)
                times = frame_times(spans[len(spans) // 2], spec.frames, spec.sampling)
                found += list(decoder.read_windows(item.path, [times], spec.framing))
            except BadClip:
                continue
    return np.stack(found) if found else None


def cosines(one: Floats, other: Floats) -> Floats:
    products: Floats = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return products


def overlap(one: Floats, other: Floats) -> float:
    """Share of the ten nearest windows, by cosine to the mean-free vectors, that both have in common."""
    near = []
    for rows in (one, other):
        rows = rows - rows.mean(axis=0)
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        products = rows @ rows.T
        np.fill_diagonal(products, -2)
        near.append(np.argsort(-products, axis=1)[:, :10])
    return float(np.mean([len(set(left) & set(right)) / 10 for left, right in zip(*near, strict=True)]))


# -- the CPU's table ---------------------------------------------------------------------------------------------------


def measure(name: str, precisions: list[str], rounds: int, count: int) -> None:
    from core.encoders.openvino_engine import OpenVinoEngine

    prepared, real = prepared_with(name)
    spec, machine = registry.spec(name), Machine()
    frames = np.random.default_rng(0).integers(0, 256, (1, *spec.frames_shape), dtype=np.uint8)
    done = operations(prepared, frames)
    peer, run_peer = peer_of(name, prepared, frames)
    with tempfile.TemporaryDirectory() as folder:
        engines = {
            precision: OpenVinoEngine(spec, Path(folder), "benchmark", lambda: prepared, fast=precision == "fast")
            for precision in precisions
        }
    clips = windows_of_clips(spec, count) if real and count else None
    shown = frames if clips is None else clips
    eager = np.concatenate([prepared(torch.from_numpy(window[None])).numpy() for window in shown])
    sides: dict[str, Run] = {"peer": run_peer}
    sides |= {precision: lambda engine=engine: engine.run(frames) for precision, engine in engines.items()}
    seconds, roofs, copies = rounds_of(sides, machine, rounds)
    for precision, engine in engines.items():
        mine = engine.run(shown)
        ratios = [theirs / ours for theirs, ours in zip(seconds["peer"], seconds[precision], strict=True)]
        shares = [done / ours / roof for ours, roof in zip(seconds[precision], roofs, strict=True)]
        cells = [
            name + ("" if real else " (random weights)"),
            precision,
            f"{done / 1e9:.1f}",
            f"{peer} {spread(seconds['peer'])}",
            spread(seconds[precision]),
            spread(ratios),
            f"{done / statistics.median(seconds[precision]) / 1e9:.0f}",
            spread(shares),
            f"{1 - cosines(mine, eager).min():.1e}",
            "" if clips is None else f"{overlap(mine, eager):.3f} of {len(clips)}",
            f"{statistics.median(roofs) / 1e9:.0f}, {statistics.median(copies) / 1e9:.1f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def rounds_of(sides: dict[str, Run], machine: Machine, rounds: int) -> tuple[dict[str, list[float]], list[float], list[float]]:
    """Seconds of each side, and the machine's two rates, round by round. The order turns; the first round is not kept."""
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    roofs, copies = [], []
    for number in range(rounds + 1):
        found = {side: seconds_of(sides[side]) for side in (list(sides) if number % 2 else reversed(list(sides)))}
        roof, copy = machine.operations_per_second(), machine.copied_bytes_per_second()
        if number:
            for side, taken in found.items():
                seconds[side].append(taken)
            roofs.append(roof)
            copies.append(copy)
    return seconds, roofs, copies


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


CPU_HEAD = (
    "| network | precision | GFLOP | peer, seconds | ours, seconds | ratio | GFLOP/s | share of sgemm | cosine distance "
    "| top-10 overlap | sgemm GFLOP/s, copy GB/s |"
)


# -- CUDA's table ------------------------------------------------------------------------------------------------------


def measure_cuda(name: str, batches: list[int], rounds: int) -> None:
    """Windows per second, transfers included on all sides."""
    from core.encoders.torch_engine import TorchEngine

    prepared, real = prepared_with(name)
    spec = registry.spec(name)
    few = np.random.default_rng(0).integers(0, 256, (1, *spec.frames_shape), dtype=np.uint8)
    expected = prepared(torch.from_numpy(few)).numpy()
    prepared = prepared.to("cuda")

    def eager(frames: Frames, half: bool) -> Floats:
        with torch.autocast("cuda", dtype=torch.float16, enabled=half):
            found: Floats = prepared(torch.from_numpy(frames).to("cuda")).float().cpu().numpy()
        return found

    for batch in batches:
        frames = np.repeat(few, batch, axis=0)
        ways: dict[str, Callable[[Frames], Floats]] = {
            "eager float32": lambda frames: eager(frames, False),
            "eager float16 autocast": lambda frames: eager(frames, True),
        }
        rates = {way: rate_of(run, frames, rounds) for way, run in ways.items()}
        engine = TorchEngine(make_copy(name, prepared), "cuda", batch=batch)
        rates["ours"] = rate_of(engine.run, frames, rounds)
        far = 1 - cosines(engine.run(few), expected).min() if rates["ours"] else float("nan")
        shown = [f"{rate:.1f}" if rate else "out of memory" for rate in rates.values()]
        print(f"| {name}{'' if real else ' (random weights)'} | {batch} | {' | '.join(shown)} | {far:.1e} |", flush=True)


def make_copy(name: str, prepared: Prepared) -> Prepared:
    """The network anew: the engine changes the order of its weights in memory, which the eager side must not profit from."""
    row = registry.row(name)
    tensors = {key: value.cpu().numpy() for key, value in prepared.network.state_dict().items()}
    return make_prepared(row.spec, row.network, tensors)


def rate_of(run: Callable[[Frames], Floats], frames: Frames, rounds: int) -> float:
    """Median windows per second; 0 when the memory of the device does not hold them."""
    try:
        run(frames)  # the first run also chooses algorithms
        return len(frames) / statistics.median(seconds_of(lambda: run(frames)) for _ in range(rounds))
    except (torch.OutOfMemoryError, MemoryError):
        torch.cuda.empty_cache()
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=f"of {', '.join(encoders.names())}")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--precision", nargs="+", choices=("exact", "fast"), default=["exact"])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32, 128])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--windows", type=int, default=60, help="of real clips, for the overlap; 0 for none")
    chosen = parser.parse_args()
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    names = chosen.networks or [name for name in NETWORKS if name in encoders.names()]
    if chosen.device == "cuda":
        device, cudnn = torch.cuda.get_device_name(), torch.backends.cudnn.version()
        print(f"{device}, torch {torch.__version__}, cuDNN {cudnn}; windows per second.\n")
        print("| network | batch | eager float32 | eager float16 autocast | ours | cosine distance |\n|---|---|---|---|---|---|")
        for name in names:
            measure_cuda(name, chosen.batches, chosen.rounds)
        return
    print(f"{os.cpu_count()} cores, torch {torch.__version__} with {torch.get_num_threads()} threads, {chosen.rounds} rounds.\n")
    print(f"{CPU_HEAD}\n|{'---|' * 11}", flush=True)
    for name in names:
        measure(name, chosen.precision, chosen.rounds, chosen.windows)


if __name__ == "__main__":
    main()
