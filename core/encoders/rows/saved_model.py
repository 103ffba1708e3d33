"""Rows of TensorFlow Hub: SavedModels whose published output is their classifier's, which here is the embedding.

No unit of these networks before the classifier has a name in the published signature. Neither file could be fetched where
this was written: addresses and shapes are from their publishers' pages, the way from archive to vector is tested on models that
a test makes.
"""

from __future__ import annotations

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_MOVINET_A0 = EncoderSpec(
    name="movinet-a0",
    title="MoViNet-A0, RGB, Kinetics-600",
    family="saved-model",
    stream="rgb",
    frames=50,
    sampling=Sampling(window_seconds=10.0, stride_seconds=5.0),  # 50 frames at 5 fps, as published
    framing=Framing(crop_px=172, short_side_px=172),
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
    layer="logits of Kinetics-600",
    dimension=600,
    actions=0,  # a classifier whose output is the embedding has no directions of its own
    weights=WeightsSource(
        kind="url",
        url="https://tfhub.dev/tensorflow/movinet/a0/base/kinetics-600/classification/3?tf-hub-format=compressed",
        file_name="movinet_a0_base_kinetics600_3.tar.gz",
        licence="Apache-2.0 (TensorFlow Model Garden)",
    ),
    licence="Apache-2.0",
    paper="Kondratyuk et al. 2021, MoViNets: Mobile Video Networks for Efficient Video Recognition, arXiv:2103.11511",
    top1=None,
    top1_source="on Kinetics-600 72.28: TensorFlow Model Garden, projects/movinet, README, MoViNet-A0-Base",
    code_version=1,
)

_I3D = EncoderSpec(
    name="i3d-tfhub",
    title="Inception I3D of TensorFlow Hub, RGB, Kinetics-400",
    family="saved-model",
    stream="rgb",
    frames=32,
    sampling=Sampling(window_seconds=2.56, stride_seconds=1.28),  # as our own I3D, so that the two can be compared
    framing=Framing(crop_px=224, short_side_px=224),
    mean=(0.0, 0.0, 0.0),  # the module takes 0 to 1 and rescales by itself
    std=(1.0, 1.0, 1.0),
    layer="logits of Kinetics-400",
    dimension=400,
    actions=0,
    weights=WeightsSource(
        kind="url",
        url="https://tfhub.dev/deepmind/i3d-kinetics-400/1?tf-hub-format=compressed",
        file_name="i3d-kinetics-400_1.tar.gz",
        licence="Apache-2.0 (DeepMind's i3d-kinetics-400/1)",
    ),
    licence="Apache-2.0",
    paper="Carreira & Zisserman 2017, Quo Vadis, Action Recognition? arXiv:1705.07750",
    top1=71.1,
    top1_source="the authors' repository kinetics-i3d, README: RGB-I3D, ImageNet pretraining",
    code_version=1,
)

ROWS = tuple(
    Row(spec, converter="core.encoders.saved_model", engine="core.encoders.saved_model", options=(("output", "0"),))
    for spec in (_MOVINET_A0, _I3D)
)
