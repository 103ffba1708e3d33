"""One decoded frame as a small upright picture. swscale does the work; full-size RGB never exists."""

from __future__ import annotations

import av
import av.error
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from core.clips import Framing
from core.errors import BadClip

Picture = NDArray[np.uint8]


def rotation_degrees(frame: av.VideoFrame) -> int:
    """How far clockwise the frame has to be turned to stand upright: 0, 90, 180 or 270.

    PyAV counts counter-clockwise; a camera's odd angle goes to the nearest quarter turn.
    """
    return int(round(-frame.rotation / 90) % 4 * 90)


def upright_size(frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as shown."""
    return (frame.height, frame.width) if rotation_degrees(frame) % 180 else (frame.width, frame.height)


def framed_size(width_px: int, height_px: int, framing: Framing) -> tuple[int, int]:
    """The width and height to which a picture is scaled before it is cropped or padded."""
    if framing.mode == "whole":
        return framing.crop_px, framing.crop_px
    if framing.mode == "pad":
        scale = framing.crop_px / max(width_px, height_px)
        return max(1, round(width_px * scale)), max(1, round(height_px * scale))
    short = min(width_px, height_px)
    scale = framing.short_side_px / short
    return max(framing.short_side_px, round(width_px * scale)), max(framing.short_side_px, round(height_px * scale))


class Scaler:
    """Frames to upright RGB at a wanted size; keeps swscale's tables from one frame to the next."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scaled(self, frame: av.VideoFrame, width_px: int, height_px: int, pixels: str) -> av.VideoFrame:
        """``frame`` at this size, bilinear, as it lies in the file. Raises BadClip for unknown pixel formats."""
        try:
            return self._reformatter.reformat(frame, width_px, height_px, pixels, threads=1)
        except (av.error.MemoryError, av.error.BlockingIOError) as error:
            raise MemoryError("scaling found no memory") from error
        except (av.error.FFmpegError, ValueError) as error:
            raise BadClip(
                "unsupported-codec", f"pixel format ({frame.format.name}) cannot be converted; export the clip as H.264"
            ) from error

    def upright(self, frame: av.VideoFrame, width_px: int, height_px: int) -> Picture:
        """(height_px, width_px, 3) uint8 RGB, turned as the file says."""
        return self._cut(frame, (width_px, height_px), (width_px, height_px))

    def framed(self, frame: av.VideoFrame, framing: Framing) -> Picture:
        """(crop_px, crop_px, 3) uint8 RGB, upright."""
        side_px, size = framing.crop_px, framed_size(*upright_size(frame), framing)
        if framing.mode == "pad":
            return _padded(self._cut(frame, size, size), side_px)
        return self._cut(frame, size, (side_px, side_px))

    def _cut(self, frame: av.VideoFrame, size: tuple[int, int], crop: tuple[int, int]) -> Picture:
        """The middle ``crop`` of the upright picture of ``size``, both (width, height).

        swscale writes planes: straight to packed rgb24 it takes two to four times as long, or rounds worse.
        """
        turns = rotation_degrees(frame) // 90
        planes = self.scaled(frame, *(size[::-1] if turns % 2 else size), "gbrp")
        left, top = (size[0] - crop[0]) // 2, (size[1] - crop[1]) // 2
        picture = np.empty((crop[1], crop[0], 3), np.uint8)
        for channel, plane in enumerate((2, 0, 1)):  # gbrp holds G, B, R
            upright = np.rot90(_plane(planes, plane), -turns)  # rot90 goes counter-clockwise
            picture[:, :, channel] = upright[top : top + crop[1], left : left + crop[0]]
        return picture


def _plane(frame: av.VideoFrame, index: int) -> Picture:
    """A view (H, W) of one plane; its lines may be padded."""
    plane = frame.planes[index]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def _padded(picture: Picture, side_px: int) -> Picture:
    """``picture`` in the middle of a black square."""
    square = np.zeros((side_px, side_px, 3), np.uint8)
    height, width = picture.shape[:2]
    top, left = (side_px - height) // 2, (side_px - width) // 2
    square[top : top + height, left : left + width] = picture
    return square
