"""Weights of encoders: fetch, verify, convert, keep.

They are kept under ``<cache>/weights/<encoder>`` as safetensors with a record of where they came from. What is loaded
has been compared with the published sha256, and nothing ever falls back to random numbers. The published file itself may
be put into that folder by hand: ``fetch`` takes it from there before it asks any server.
"""

from core.weights.carrying import Carried, take
from core.weights.fetching import fetch, import_file
from core.weights.keeping import OPTIONAL, folder, lacking, locate, place_of, weights_sha256
from core.weights.published import elsewhere
from core.weights.standing import STATES, WeightsStatus, status, verify

__all__ = [
    "OPTIONAL",
    "STATES",
    "Carried",
    "WeightsStatus",
    "elsewhere",
    "fetch",
    "folder",
    "import_file",
    "lacking",
    "locate",
    "place_of",
    "status",
    "take",
    "verify",
    "weights_sha256",
]
