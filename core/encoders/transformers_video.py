"""Video transformers of the ``transformers`` package, built from configurations that stand here: no hub is ever asked.

The package computes; what it would fetch (configurations, weights, tokenisers) comes from our rows and
``core.weights``. Each network's embedding is what its own classifier takes; X-CLIP's is the vector that it compares with words.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from core.encoders.spec import EncoderSpec
from core.errors import PackageMissing, UnknownName

_PATCH_PX = 16
_LAYERS_AND_HEADS = {768: (12, 12), 1024: (24, 16)}
"""Of the sizes B and L by width, the same in every family (Dosovitskiy et al. 2021, table 1)."""
_SMALL = (2, 2)
"""Layers and heads at any other width: small enough to be tried out within a test."""
_WORDS = 49408
"""Of CLIP's vocabulary, special ones included."""


class VideoTransformer(nn.Module):
    """(B, 3, T, H, W) -> embeddings (B, D). ``model`` is the package's own, with its names and its classifier."""

    def __init__(self, model: nn.Module, embed: Callable[[Any, Tensor], Tensor]) -> None:
        super().__init__()
        self.model = model
        self._embed = embed

    def forward(self, x: Tensor) -> Tensor:
        return self._embed(self.model, x.transpose(1, 2))  # the package takes time before colour


def make_network(spec: EncoderSpec) -> nn.Module:
    """The network of ``spec``, with random weights. Raises PackageMissing, UnknownName."""
    model = make_model(spec)
    if spec.family.startswith("vjepa2"):  # it guesses hidden patches, which no embedding needs
        del (model.vjepa2 if spec.family == "vjepa2-pooler" else model).predictor
    return VideoTransformer(model, _FAMILIES[spec.family][1])


def make_model(spec: EncoderSpec) -> Any:
    """The package's own model, whole. Raises PackageMissing, UnknownName."""
    if spec.family not in _FAMILIES:
        raise UnknownName(f"family ({spec.family!r}) must be one of {', '.join(_FAMILIES)}; correct the encoder's row")
    return _FAMILIES[spec.family][0](package(), spec).eval()


def package() -> Any:
    """The package, kept offline and quiet. Raises PackageMissing."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing leaves this machine
    try:
        import transformers
    except ImportError as error:
        raise PackageMissing(
            f"package (transformers) must be installed for that; install it with: pip install -r requirements.txt ({error})"
        ) from error
    transformers.logging.set_verbosity_error()  # it warns of loss functions, which only training needs
    return transformers


# -- sizes -----------------------------------------------------------------------------------------------------------


def _vit(spec: EncoderSpec) -> dict[str, Any]:
    """What the configurations of VideoMAE, TimeSformer and ViViT have in common."""
    layers, heads = _LAYERS_AND_HEADS.get(spec.dimension, _SMALL)
    return {
        "image_size": spec.framing.crop_px,
        "num_frames": spec.frames,
        "hidden_size": spec.dimension,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 4 * spec.dimension,
        "num_labels": spec.actions,
    }


def _videomae(package: Any, spec: EncoderSpec) -> Any:
    return package.VideoMAEForVideoClassification(package.VideoMAEConfig(patch_size=_PATCH_PX, tubelet_size=2, **_vit(spec)))


def _timesformer(package: Any, spec: EncoderSpec) -> Any:
    return package.TimesformerForVideoClassification(package.TimesformerConfig(patch_size=_PATCH_PX, **_vit(spec)))


def _vivit(package: Any, spec: EncoderSpec) -> Any:
    return package.VivitForVideoClassification(package.VivitConfig(tubelet_size=[2, _PATCH_PX, _PATCH_PX], **_vit(spec)))


def _vjepa2_config(package: Any, spec: EncoderSpec, **more: Any) -> Any:
    layers, heads = _LAYERS_AND_HEADS.get(spec.dimension, _SMALL)
    return package.VJEPA2Config(
        patch_size=_PATCH_PX,
        crop_size=spec.framing.crop_px,
        frames_per_clip=spec.frames,
        hidden_size=spec.dimension,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        pred_num_hidden_layers=1,  # the predictor is thrown away
        **more,
    )


def _vjepa2(package: Any, spec: EncoderSpec) -> Any:
    return package.VJEPA2Model(_vjepa2_config(package, spec))


def _vjepa2_pooler(package: Any, spec: EncoderSpec) -> Any:
    return package.VJEPA2ForVideoClassification(_vjepa2_config(package, spec, num_labels=SSV2_ACTIONS, num_pooler_layers=3))


SSV2_ACTIONS = 174
"""Of Something-Something v2, whose names are not among ours: the classifier is kept and not used."""


def _xclip(package: Any, spec: EncoderSpec) -> Any:
    whole = spec.dimension == 512
    (layers, heads), width = (_LAYERS_AND_HEADS[768], 768) if whole else (_SMALL, spec.dimension)
    joined_heads = 8 if whole else 2
    vision = {
        "hidden_size": width,
        "intermediate_size": 4 * width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "image_size": spec.framing.crop_px,
        "patch_size": _PATCH_PX,
        "num_frames": spec.frames,
        "mit_hidden_size": spec.dimension,
        "mit_intermediate_size": 4 * spec.dimension,
        "mit_num_attention_heads": joined_heads,
    }
    text = {
        "vocab_size": _WORDS,
        "hidden_size": spec.dimension,
        "intermediate_size": 4 * spec.dimension,
        "num_hidden_layers": layers,
        "num_attention_heads": joined_heads,
    }
    config = package.XCLIPConfig(
        text_config=text, vision_config=vision, projection_dim=spec.dimension, prompt_num_attention_heads=joined_heads
    )
    return package.XCLIPModel(config)


# -- embeddings: the input of each network's own classifier ----------------------------------------------------------


def _normalised_mean(model: Any, x: Tensor) -> Tensor:
    return torch.as_tensor(model.fc_norm(model.videomae(x).last_hidden_state.mean(1)))


def _timesformer_class_token(model: Any, x: Tensor) -> Tensor:
    return torch.as_tensor(model.timesformer(x).last_hidden_state[:, 0])


def _vivit_class_token(model: Any, x: Tensor) -> Tensor:
    return torch.as_tensor(model.vivit(x).last_hidden_state[:, 0])


def _mean_of_patches(model: Any, x: Tensor) -> Tensor:
    return torch.as_tensor(model.encoder(pixel_values_videos=x).last_hidden_state.mean(1))


def _pooled(model: Any, x: Tensor) -> Tensor:
    return torch.as_tensor(model.pooler(model.vjepa2.encoder(pixel_values_videos=x).last_hidden_state))


def _video_features(model: Any, x: Tensor) -> Tensor:
    return torch.as_tensor(model.get_video_features(x).pooler_output)


_FAMILIES: Mapping[str, tuple[Callable[[Any, EncoderSpec], Any], Callable[[Any, Tensor], Tensor]]] = {
    "videomae": (_videomae, _normalised_mean),
    "timesformer": (_timesformer, _timesformer_class_token),
    "vivit": (_vivit, _vivit_class_token),
    "vjepa2": (_vjepa2, _mean_of_patches),
    "vjepa2-pooler": (_vjepa2_pooler, _pooled),
    "xclip": (_xclip, _video_features),
}
"""Family of a row -> how its model is made, and how it embeds."""
