"""Would eight-bit integers or bfloat16 serve i3d-rgb? Cosine, nearest windows and speed of each way against float32.

    pip install nncf==3.4.0     # in an environment of its own that also sees the product's packages
    python -m benchmarks.quantised [--ways bfloat16 plain padded first] [--windows 60] [--rounds 5]

Quantisation is NNCF's, after training, calibrated on middle windows of clips that the judging does not use. The ways:
"plain" takes the converted network as it is; "padded" lets convolutions take up their padding first; "first" also leaves the
first convolution in float32; "wide" leaves every convolution with more than 3 x 3 x 3 taps or fewer than 32 channels so.
Below the table stands where the time of each way goes, by kind of layer and the kernel that OpenVINO chose. Ratios are
those of alternating rounds against the product's own engine. Needs the labelled test clips (MOTIONBOOK_CLIPS).
"""

from __future__ import annotations

import argparse
import collections
import logging
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino.passes import ConstantFolding, Manager

from benchmarks.encoders import cosines, overlap, prepared_with, seconds_of, spread, windows_of_clips
from benchmarks.quality import clips_folder, items_of
from core import encoders
from core.clips import Floats
from core.decoding import Decoder
from core.encoders.openvino_engine import OpenVinoEngine, _convert, _threads
from core.encoders.winograd import absorb_padding
from core.sampling import frame_times, windows

ENCODER = "i3d-rgb"
CALIBRATION = ("kth", "web_mixed", "surv_fight", "asl_intel")
Frames = NDArray[np.uint8]


def calibration(count: int) -> list[Frames]:
    """Middle windows (1, T, H, W, 3) of clips of other sets than those judged, the sets in turn."""
    spec = encoders.spec(ENCODER)
    found: list[Frames] = []
    with Decoder() as decoder:
        for dataset in CALIBRATION:
            for item in items_of(clips_folder(), dataset)[: -(-count // len(CALIBRATION))]:
                spans = windows(decoder.probe(item.path).duration_seconds, spec.sampling)
                times = frame_times(spans[len(spans) // 2], spec.frames, spec.sampling)
                found += [frames[None] for frames in decoder.read_windows(item.path, [times], spec.framing)]
    return found[:count]


def model_of(file: Path, way: str) -> openvino.Model:
    model = openvino.Core().read_model(file)
    if way != "plain":
        manager = Manager()
        manager.register_pass(ConstantFolding())
        manager.run_passes(model)
        absorb_padding(model)
        model.validate_nodes_and_infer_types()
    return model


def quantised(model: openvino.Model, way: str, frames: list[Frames]) -> openvino.Model:
    import nncf

    nncf.set_log_level(logging.ERROR)
    convolutions = [node for node in model.get_ordered_ops() if node.get_type_name() == "Convolution"]
    left = {"first": convolutions[:1], "wide": [node for node in convolutions if _unfit(node)]}.get(way, [])
    scope = nncf.IgnoredScope(names=[node.get_friendly_name() for node in left])
    preset = nncf.QuantizationPreset.MIXED if way in ("first", "wide") else nncf.QuantizationPreset.PERFORMANCE
    return nncf.quantize(model, nncf.Dataset(frames), subset_size=len(frames), preset=preset, ignored_scope=scope)


def _unfit(node: Any) -> bool:
    shape = node.input(1).get_shape()
    return bool(np.prod(shape[2:]) > 27 or shape[1] < 32)


def compiled(model: openvino.Model, way: str, *, counting: bool = False) -> openvino.InferRequest:
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if way == "bfloat16" else "f32",
        "INFERENCE_NUM_THREADS": _threads(),
        "NUM_STREAMS": 1,
        "PERF_COUNT": counting,
    }
    return openvino.Core().compile_model(model, "CPU", settings).create_infer_request()


def embedded(request: openvino.InferRequest, frames: Frames) -> Floats:
    request.infer({0: frames[None]})
    return np.array(request.get_output_tensor(0).data[0])


def where_time_goes(model: openvino.Model, way: str, frames: Frames) -> str:
    request = compiled(model, way, counting=True)
    for _ in range(2):
        embedded(request, frames)
    spent: collections.Counter[str] = collections.Counter()
    for layer in request.profiling_info:
        spent[f"{layer.node_type} {layer.exec_type}"] += layer.real_time.total_seconds()
    whole = spent.total()
    return ", ".join(f"{kind} {100 * seconds / whole:.0f} %" for kind, seconds in spent.most_common(8))


def quotients(over: list[float], under: list[float]) -> list[float]:
    return [upper / lower for upper, lower in zip(over, under, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = ("bfloat16", "plain", "padded", "first", "wide")
    parser.add_argument("--ways", nargs="+", choices=ways, default=list(ways))
    parser.add_argument("--windows", type=int, default=60)
    parser.add_argument("--calibration", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    prepared, real = prepared_with(ENCODER)
    if not real:
        raise SystemExit(f"weights of {ENCODER} must be here: python -m core weights fetch {ENCODER}")
    judged = windows_of_clips(encoders.spec(ENCODER), chosen.windows)
    if judged is None:
        raise SystemExit("the labelled test clips must be here: set MOTIONBOOK_CLIPS")
    frames = calibration(chosen.calibration) if set(chosen.ways) - {"bfloat16"} else []
    remarks = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.xml"
        openvino.save_model(_convert(prepared, prepared.example()), file, compress_to_fp16=False)
        ours = OpenVinoEngine(encoders.spec(ENCODER), Path(folder), "benchmark", lambda: prepared)
        plain = compiled(model_of(file, "padded"), "float32")
        expected = np.stack([embedded(plain, window) for window in judged])
        print(
            "| way | cosine: lowest / median | top-10 overlap | seconds a window | against float32 as converted | against ours |"
        )
        print("|---|---|---|---|---|---|", flush=True)
        for way in chosen.ways:
            model = model_of(file, way)
            model = model if way == "bfloat16" else quantised(model, way, frames)
            request = compiled(model, way)
            vectors = np.stack([embedded(request, window) for window in judged])
            sides = {"way": request, "plain": plain}
            taken: dict[str, list[float]] = {"way": [], "plain": [], "ours": []}
            for _ in range(chosen.rounds):
                for side, run in sides.items():
                    taken[side].append(seconds_of(lambda run=run: embedded(run, judged[0])))
                taken["ours"].append(seconds_of(lambda: ours.run(judged[:1])))
            near = cosines(vectors, expected)
            ratios = [spread(quotients(taken[side], taken["way"])) for side in ("plain", "ours")]
            close = [f"{near.min():.4f} / {np.median(near):.4f}", f"{overlap(vectors, expected):.3f} of {len(judged)}"]
            cells = [way, *close, f"{statistics.median(taken['way']):.2f}", *ratios]
            print(f"| {' | '.join(cells)} |", flush=True)
            remarks.append(f"* {way}: {where_time_goes(model, way, judged[0])}")
    print("\nWhere the time goes:\n" + "\n".join(remarks))


if __name__ == "__main__":
    main()
