"""Rows of video transformers that the optional package ``transformers`` computes.

Sizes, frames and normalisation are those of the networks' own repositories; the interval between frames is that of their
training. No file could be fetched where this was written, so none has a sha256: the first fetch's is recorded and kept.
"""

from __future__ import annotations

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LICENCE = "Apache-2.0 (transformers)"
_TORCH, _SAFE = "pytorch_model.bin", "model.safetensors"


def _hub(repository: str, file_name: str, licence: str) -> WeightsSource:
    url = f"https://huggingface.co/{repository}/resolve/main/{file_name}"
    return WeightsSource(kind="url", url=url, file_name=file_name, licence=licence)


_VIDEOMAE = EncoderSpec(
    name="videomae-b",
    title="VideoMAE-B, RGB, Kinetics-400",
    family="videomae",
    stream="rgb",
    frames=16,
    sampling=Sampling(window_seconds=2.13, stride_seconds=1.07),  # every 4th frame at 30 fps
    framing=Framing(crop_px=224, short_side_px=224),
    mean=_IMAGENET_MEAN,
    std=_IMAGENET_STD,
    layer="mean of the patch tokens, normalised: input of the classifier",
    dimension=768,
    actions=400,
    weights=_hub("MCG-NJU/videomae-base-finetuned-kinetics", _SAFE, "CC-BY-NC-4.0 (its authors' repository)"),
    licence=_LICENCE,
    paper="Tong et al. 2022, VideoMAE: Masked Autoencoders are Data-Efficient Learners, arXiv:2203.12602",
    top1=80.9,
    top1_source="its model card, Kinetics-400",
    code_version=1,
    needs=("transformers",),
)

_TIMESFORMER = EncoderSpec(
    name="timesformer-b",
    title="TimeSformer-B, RGB, Kinetics-400",
    family="timesformer",
    stream="rgb",
    frames=8,
    sampling=Sampling(window_seconds=8.53, stride_seconds=4.27),  # every 32nd frame at 30 fps
    framing=Framing(crop_px=224, short_side_px=224),
    mean=(0.45, 0.45, 0.45),
    std=(0.225, 0.225, 0.225),
    layer="class token: input of the classifier",
    dimension=768,
    actions=400,
    weights=_hub("facebook/timesformer-base-finetuned-k400", _TORCH, "CC-BY-NC-4.0 (its authors' repository)"),
    licence=_LICENCE,
    paper="Bertasius et al. 2021, Is Space-Time Attention All You Need for Video Understanding? arXiv:2102.05095",
    top1=77.9,
    top1_source="the authors' repository TimeSformer, README: 8 frames of 224 px, Kinetics-400",
    code_version=1,
    needs=("transformers",),
)

_VIVIT = EncoderSpec(
    name="vivit-b",
    title="ViViT-B/16x2, RGB, Kinetics-400",
    family="vivit",
    stream="rgb",
    frames=32,
    sampling=Sampling(window_seconds=2.56, stride_seconds=1.28),  # every 2nd frame at 25 fps
    framing=Framing(crop_px=224, short_side_px=256),
    mean=(0.5, 0.5, 0.5),  # its training centred colours at zero and did nothing else, whatever the processor's defaults say
    std=(0.5, 0.5, 0.5),
    layer="class token: input of the classifier",
    dimension=768,
    actions=400,
    weights=_hub("google/vivit-b-16x2-kinetics400", _TORCH, "MIT (its model card; Apache-2.0 at Scenic, where it comes from)"),
    licence=_LICENCE,
    paper="Arnab et al. 2021, ViViT: A Video Vision Transformer, arXiv:2103.15691",
    top1=80.0,
    top1_source="the paper's ablation of ViViT-B/16x2: spatio-temporal attention, Kinetics-400",
    code_version=1,
    needs=("transformers",),
)

_VJEPA2 = EncoderSpec(
    name="vjepa2-l",
    title="V-JEPA 2 ViT-L, RGB, learned without labels",
    family="vjepa2",
    stream="rgb",
    frames=16,  # of the 64 that it was finished with: it rotates positions instead of learning them, and 64 cost 4 times as much
    sampling=Sampling(window_seconds=4.0, stride_seconds=2.0),  # 4 frames a second, as most of its training
    framing=Framing(crop_px=256, short_side_px=292),
    mean=_IMAGENET_MEAN,
    std=_IMAGENET_STD,
    layer="mean of the patch tokens of the encoder",
    dimension=1024,
    actions=0,
    weights=_hub("facebook/vjepa2-vitl-fpc64-256", _SAFE, "MIT (its model card)"),
    licence=_LICENCE,
    paper="Assran et al. 2025, V-JEPA 2: Self-Supervised Video Models, arXiv:2506.09985",
    top1=85.1,
    top1_source="the paper: an attentive probe trained on the frozen encoder, Kinetics-400; our mean of tokens is not that probe",
    code_version=1,
    needs=("transformers",),
)

_VJEPA2_SSV2 = EncoderSpec(
    name="vjepa2-l-ssv2",
    title="V-JEPA 2 ViT-L, RGB, Something-Something v2",
    family="vjepa2-pooler",
    stream="rgb",
    frames=16,
    sampling=Sampling(window_seconds=4.0, stride_seconds=2.0),
    framing=Framing(crop_px=256, short_side_px=292),
    mean=_IMAGENET_MEAN,
    std=_IMAGENET_STD,
    layer="attentive pooler: input of the classifier",
    dimension=1024,
    actions=0,  # the names of its 174 actions are not among ours
    weights=_hub("facebook/vjepa2-vitl-fpc16-256-ssv2", _SAFE, "MIT (its model card)"),
    licence=_LICENCE,
    paper="Assran et al. 2025, V-JEPA 2: Self-Supervised Video Models, arXiv:2506.09985",
    top1=None,
    top1_source="on Something-Something v2 73.7: the paper, ViT-L",
    code_version=1,
    needs=("transformers",),
)

_XCLIP = EncoderSpec(
    name="xclip-b16",
    title="X-CLIP-B/16, RGB and words, Kinetics-400",
    family="xclip",
    stream="rgb",
    frames=8,
    sampling=Sampling(window_seconds=10.0, stride_seconds=5.0),  # spread over a whole clip of Kinetics
    framing=Framing(crop_px=224, short_side_px=224),
    mean=_IMAGENET_MEAN,
    std=_IMAGENET_STD,
    layer="video embedding, in the space of its words",
    dimension=512,
    actions=0,  # its classifier is words
    weights=_hub("microsoft/xclip-base-patch16", _TORCH, "MIT (its model card)"),
    licence=_LICENCE,
    paper="Ni et al. 2022, Expanding Language-Image Pretrained Models for General Video Recognition, arXiv:2208.02816",
    top1=83.8,
    top1_source="its model card, Kinetics-400, against the words of all 400 actions",
    code_version=1,
    needs=("transformers",),
)

_XCLIP_ZERO_SHOT = EncoderSpec(
    name="xclip-b16-zero-shot",
    title="X-CLIP-B/16, RGB and words, for words it has not seen",
    family="xclip",
    stream="rgb",
    frames=32,
    sampling=Sampling(window_seconds=10.0, stride_seconds=5.0),
    framing=Framing(crop_px=224, short_side_px=224),
    mean=_IMAGENET_MEAN,
    std=_IMAGENET_STD,
    layer="video embedding, in the space of its words",
    dimension=512,
    actions=0,
    weights=_hub("microsoft/xclip-base-patch16-zero-shot", _TORCH, "MIT (its model card)"),
    licence=_LICENCE,
    paper="Ni et al. 2022, Expanding Language-Image Pretrained Models for General Video Recognition, arXiv:2208.02816",
    top1=None,
    top1_source="without training on them: UCF101 72.0, HMDB51 44.6, Kinetics-600 65.2: its model card",
    code_version=1,
    needs=("transformers",),
)

_CLASSIFIER = ("model.classifier.weight", "model.classifier.bias")


def _row(spec: EncoderSpec) -> Row:
    head = _CLASSIFIER if spec.actions else ()
    return Row(spec, "core.encoders.transformers_video", "core.encoders.transformers_video_weights", head)


ROWS = tuple(_row(spec) for spec in (_VIDEOMAE, _TIMESFORMER, _VIVIT, _VJEPA2, _VJEPA2_SSV2, _XCLIP, _XCLIP_ZERO_SHOT))
