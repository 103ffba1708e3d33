"""Encoders: frames of a window -> one embedding. One row of data each (``registry``), a builder, and engines that run them.

Importing this package imports no network library; ``build`` imports what the chosen encoder and device need.
"""

from core.encoders.actions import kinetics400
from core.encoders.joining import joint_mark
from core.encoders.protocol import ActionHead, Encoder
from core.encoders.registry import build, join, learn, load_head, names, sections, spec
from core.encoders.spec import RANDOM_SHA256, EncoderSpec, WeightsSource

__all__ = [
    "RANDOM_SHA256",
    "ActionHead",
    "Encoder",
    "EncoderSpec",
    "WeightsSource",
    "build",
    "join",
    "joint_mark",
    "kinetics400",
    "learn",
    "load_head",
    "names",
    "sections",
    "spec",
]
