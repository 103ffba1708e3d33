"""Dark pictures made light, before a network looks for people in them. Pictures of ordinary exposure stay as they are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

DARK = 64  # mean luminance, of 255, below which a picture counts as dark; by daylight it lies between 80 and 160
_WANTED = 0.3  # mean luminance afterwards, of 1; lighter, the noise of the night becomes too strong for the detector
_ENDS = (1.0, 99.5)  # percentiles of the luminance that become black and white; single lamps may burn out
_LEAST_RANGE = 8  # luminances between the two: less is noise, and is not spread over the whole scale
_LEAST_EXPONENT = 0.35  # of the gamma curve, for the same reason


def lighten(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``picture`` (H, W, 3) RGB with its luminances spread out and raised by a gamma curve when it is dark."""
    luminance = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    if float(luminance.mean()) >= DARK:
        return picture
    low, high = np.percentile(luminance, _ENDS)
    curve = np.clip((np.arange(256) - low) / max(high - low, _LEAST_RANGE), 0, 1)
    mean = float(np.clip(curve[luminance].mean(), 1e-3, 0.999))
    exponent = np.clip(np.log(_WANTED) / np.log(mean), _LEAST_EXPONENT, 1)
    lit: NDArray[np.uint8] = (255 * curve**exponent).astype(np.uint8)[picture]
    return lit
