"""Dense extraction: windows of a long film that overlap share their convolutions.

A convolution that pads with zeros sees the same numbers in every window that holds a moment, but for moments close to a
window's ends. So the lower blocks of a network, which hold most of its arithmetic and look only a few frames to each
side, run once over a long stretch of film, and the upper blocks run once for each window on its part of what came out.

What differs from windows taken one by one: there the lower blocks see zeros beyond a window's ends, here they see the film
itself. The embeddings are close, not equal (docs/performance.md has the cosines), so they have no place among
exact ones. Among themselves they are consistent: a window's embedding does not depend on where a stretch was cut, because
a stretch begins and ends with frames that only serve as its surroundings. Dark windows are not made light here: each would
need a curve of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.clips import Floats
from core.encoders import registry, stored
from core.encoders.batching import check_embeddings
from core.encoders.i3d import BLOCKS, InceptionI3d
from core.encoders.prepared import Prepared, make_prepared
from core.encoders.spec import EncoderSpec
from core.errors import BadInput

STRETCH = 128  # frames; longer ones waste less on surroundings and take more memory (about 10 MB a frame)

Frames = NDArray[np.uint8]
Part = Callable[[NDArray[Any]], Floats]


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """Where a network is divided.

    Args:
        block: the last one that is shared.
        step: frames of film between two of its outputs.
        before, after: frames to each side that its outputs look at beyond their own, rounded up to whole steps.
    """

    block: str
    step: int
    before: int
    after: int


# Looked at by an output: 2 frames before and 4 after in the first convolution, then 2 to each side (one step of 2 frames) in
# the convolution of the stem and in each block up to 3c; the pool before 4b looks 2 steps of 2 ahead; 4 to each side in 4b-4f.
CUTS = {
    "Mixed_3b": Cut("Mixed_3b", 2, 2 + 2 * 2, 4 + 2 * 2),
    "Mixed_3c": Cut("Mixed_3c", 2, 2 + 3 * 2, 4 + 3 * 2),
    "Mixed_4f": Cut("Mixed_4f", 4, 2 + 3 * 2 + 5 * 4, 4 + 3 * 2 + 2 + 5 * 4),
}
DEFAULT_CUT = "Mixed_3c"


class Shared(nn.Module):
    """(1, L, H, W, 3) uint8 -> features (L / step, h, w, C) of the shared block."""

    def __init__(self, prepared: Prepared, cut: Cut) -> None:
        super().__init__()
        network = prepared.network
        assert isinstance(network, InceptionI3d)
        self.prepared, self.network = prepared, network
        self.names = BLOCKS[: BLOCKS.index(cut.block) + 1]

    def forward(self, frames: Tensor) -> Tensor:
        x = frames.float() * self.prepared.get_buffer("scale") + self.prepared.get_buffer("shift")
        x = self.network.stem(x.permute(0, 4, 1, 2, 3))
        return _blocks(self.network, x, self.names)[0].permute(1, 2, 3, 0)


class OfWindow(nn.Module):
    """Features (T / step, h, w, C) of one window -> its embedding (1, D)."""

    def __init__(self, prepared: Prepared, cut: Cut) -> None:
        super().__init__()
        assert isinstance(prepared.network, InceptionI3d)
        self.network = prepared.network
        self.names = BLOCKS[BLOCKS.index(cut.block) + 1 :]

    def forward(self, features: Tensor) -> Tensor:
        x = _blocks(self.network, features.permute(3, 0, 1, 2)[None], self.names)
        x = x.mean(dim=(3, 4))
        return (x[:, :, 1:] + x[:, :, :-1]).mean(dim=2) / 2  # the network's own pool: over all of the picture and two steps


def _blocks(network: InceptionI3d, x: Tensor, names: Iterable[str]) -> Tensor:
    pools = {"Mixed_4b": network.pool_4a, "Mixed_5b": network.pool_5a}
    for name in names:
        x = pools[name](x) if name in pools else x
        x = network.blocks[name](x)
    return x


class DenseEncoder:
    """Embeddings of the windows of a film whose frames come at a fixed interval.

    Args:
        prepared: an Inception I3D with its preprocessing.
        spec: of that encoder; its ``frames`` is T, the length of a window.
        stride_frames: S, frames between window starts; a multiple of the cut's step.
        cut: one of CUTS.
        device: "cpu" (OpenVINO), or a device of torch.
        stretch: frames that the shared blocks take at once.

    Raises BadInput for an encoder that cannot be divided, ValueError for numbers that do not fit its steps.
    """

    def __init__(
        self,
        prepared: Prepared,
        spec: EncoderSpec,
        *,
        stride_frames: int,
        cut: str = DEFAULT_CUT,
        device: str = "cpu",
        stretch: int = STRETCH,
    ) -> None:
        if not isinstance(prepared.network, InceptionI3d):
            raise BadInput(f"encoder ({spec.name}) must be an Inception I3D to share its convolutions; embed window by window")
        self.spec, self._cut, self._stride, self._stretch = spec, CUTS[cut], stride_frames, stretch
        step = self._cut.step
        if stride_frames < 1 or stride_frames % step:
            raise ValueError(f"stride_frames ({stride_frames}) must be a multiple of {step}; or divide after an earlier block")
        self._before, self._after = (-(-frames // step) * step for frames in (self._cut.before, self._cut.after))
        if stretch % 8 or stretch <= self._before + self._after:
            raise ValueError(f"stretch ({stretch}) must be a multiple of 8 and above {self._before + self._after}")
        film = torch.zeros((1, stretch, *spec.frames_shape[1:]), dtype=torch.uint8)
        self._shared, shape = _runner(Shared(prepared, self._cut), film, device)
        window = torch.zeros((spec.frames // step, *shape[1:]))
        self._of_window, _ = _runner(OfWindow(prepared, self._cut), window, device)

    @classmethod
    def of(
        cls,
        name: str,
        weights: Path,
        *,
        stride_frames: int,
        cut: str = DEFAULT_CUT,
        device: str = "cpu",
        stretch: int = STRETCH,
    ) -> DenseEncoder:
        """The registry's encoder ``name`` with its stored weights. Raises as ``encoders.build`` does, and as above."""
        row = registry.row(name)
        stored.verified_record(weights)
        prepared = make_prepared(row.spec, row.network, stored.load(weights))
        return cls(prepared, row.spec, stride_frames=stride_frames, cut=cut, device=device, stretch=stretch)

    def embed(self, frames: Frames) -> Floats:
        """(N, H, W, 3) uint8 RGB, one every window_seconds / T -> (windows, D), one every S frames from the first.

        What is left at the end and does not fill a window is not embedded.
        Raises ValueError for another shape or type and for fewer than T frames.
        """
        vectors = list(self.stream(iter(frames)))
        if not vectors:
            raise ValueError(f"frames ({len(frames)}) must be at least the {self.spec.frames} of a window")
        return np.stack(vectors)

    def stream(self, frames: Iterable[Frames]) -> Iterator[Floats]:
        """The same for a film of any length in bounded memory: single frames (H, W, 3) in, embeddings (D,) out, in order."""
        length, step = self.spec.frames // self._cut.step, self._stride // self._cut.step
        waiting: list[Floats] = []  # features from the start of the next window on
        skip = 0  # of those that come, to be dropped: a stride longer than a window leaves gaps
        for piece in self._features(frames):
            waiting += list(piece[skip:])
            skip = max(0, skip - len(piece))
            while len(waiting) >= length:
                yield check_embeddings(self._of_window(np.stack(waiting[:length])), self.spec.name)[0]
                skip += max(0, step - len(waiting))
                waiting = waiting[step:]

    def _features(self, frames: Iterable[Frames]) -> Iterator[Floats]:
        """Features of the film, each once and in order, stretch by stretch."""
        held: list[Frames] = []  # the last frames, at most a stretch
        first = done = 0  # frame number of held[0]; frames whose features were given
        for frame in self._with_surroundings(frames):
            held.append(frame)
            if len(held) == self._stretch:
                end = first + self._stretch - self._after
                yield self._between(held, first, done, end)
                done = end
                kept = done - self._before  # the next stretch begins with the surroundings of what comes
                held, first = held[kept - first :], kept
        end = first + (len(held) - self._after) // self._cut.step * self._cut.step  # whole steps of the film itself
        if end > done:
            yield self._between(held + [held[-1]] * (self._stretch - len(held)), first, done, end)

    def _between(self, stretch: list[Frames], first: int, done: int, end: int) -> Floats:
        """Features of the frames ``done`` to ``end`` of a stretch that begins at ``first``."""
        step = self._cut.step
        return self._shared(np.stack(stretch)[None])[(done - first) // step : (end - first) // step]

    def _with_surroundings(self, frames: Iterable[Frames]) -> Iterator[Frames]:
        """The film's frames, and then its last one for as long as its last features look ahead."""
        frame: Frames | None = None
        for frame in frames:
            self._check(frame)
            yield frame
        if frame is not None:
            yield from [frame] * self._after

    def _check(self, frame: Frames) -> None:
        if frame.dtype != np.uint8 or frame.shape != self.spec.frames_shape[1:]:
            raise ValueError(f"frame ({frame.dtype} {frame.shape}) must be uint8 {self.spec.frames_shape[1:]}; decode it so")


def _runner(network: nn.Module, example: Tensor, device: str) -> tuple[Part, tuple[int, ...]]:
    """The network ready to run, and the shape of what it gives for ``example``."""
    network.eval().requires_grad_(False)
    with torch.inference_mode():
        shape = tuple(network(example).shape) if device != "cpu" else ()
    if device != "cpu":
        return _with_torch(network.to(device), device), shape
    from core.encoders.openvino_engine import compile_network

    compiled = compile_network(network, example)
    request = compiled.create_infer_request()

    def run(values: NDArray[Any]) -> Floats:
        request.infer({0: values}, share_inputs=True)
        return np.array(request.get_output_tensor(0).data)

    return run, tuple(compiled.output(0).shape)


def _with_torch(network: nn.Module, device: str) -> Part:
    def run(values: NDArray[Any]) -> Floats:
        with torch.inference_mode():
            found: Floats = network(torch.from_numpy(values).to(device)).float().cpu().numpy()
        return found

    return run
