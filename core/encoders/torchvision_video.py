"""torchvision's video networks. The embedding is what their last linear layer takes.

All but S3D classify one pooled vector; S3D classifies each moment of its last feature map and averages, where we average
and then classify: the same logits, since the classifier is linear.
"""

from __future__ import annotations

from torch import nn

from core.encoders.classifier import keep
from core.encoders.spec import EncoderSpec
from core.errors import UnknownName

_CLASSIFIERS = {"resnet": "fc", "s3d": "classifier.1", "mvit": "head.1", "swin": "head"}
"""Where the networks of a family have their last linear layer."""
FIGHTS = "mc3_18-fights"


def make_network(spec: EncoderSpec) -> nn.Module:
    """The network of torchvision.models.video that ``spec.name`` stands for, with random weights. Raises UnknownName."""
    from torchvision.models import video

    name = "mc3_18" if spec.name == FIGHTS else spec.name
    if name not in video.__dict__:
        raise UnknownName(f"network ({name!r}) must be one of torchvision.models.video; correct the encoder's row")
    network: nn.Module = video.__dict__[name]()
    place = _CLASSIFIERS[spec.family.removeprefix("torchvision-")]
    if spec.actions:
        return keep(network, place)
    network.set_submodule(place, nn.Identity())
    return network
