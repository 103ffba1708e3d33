"""The same frames as a camera would show them that hangs askew or stands nearer: one affine map for all frames of a window."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]


def turned(frames: Frames, degrees: float = 0.0, scale: float = 1.0) -> Frames:
    """(T, H, W, 3) uint8, turned anticlockwise and enlarged about the middle; corners that show nothing mirror what is beside."""
    height, width = frames.shape[1:3]
    around = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, scale)
    made = [cv2.warpAffine(frame, around, (width, height), borderMode=cv2.BORDER_REFLECT_101) for frame in frames]
    return np.stack(made).astype(np.uint8)
