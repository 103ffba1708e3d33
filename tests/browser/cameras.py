"""A camera that is a film: Chromium's fake capture device plays a real clip, again and again, at its own pace."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av

LONG_SIDE_PX = 640
FLAGS = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


def camera_of(clip: Path, film: Path, seconds: float = 6.0) -> tuple[str, ...]:
    """Flags of a browser whose camera plays the first ``seconds`` of ``clip``; its pictures go to ``film``, a Y4M.

    An MJPEG would be shorter, but a Y4M tells Chromium how many pictures a second there are. They take 14 MB a second
    at 640 x 480.
    """
    with av.open(str(clip)) as source, av.open(str(film), "w", format="yuv4mpegpipe") as target:
        (shown,) = source.streams.video
        rate = Fraction(shown.average_rate or 25).limit_denominator(1001)
        scale = min(1.0, LONG_SIDE_PX / max(shown.width, shown.height))
        stream = target.add_stream("rawvideo", rate=rate)
        stream.width, stream.height = (round(side * scale / 2) * 2 for side in (shown.width, shown.height))
        stream.pix_fmt = "yuv420p"
        for frame in itertools.islice(source.decode(shown), round(seconds * rate)):
            plain = frame.reformat(stream.width, stream.height, "rgb24").to_ndarray()  # without a colour range of its own
            picture = av.VideoFrame.from_ndarray(plain, format="rgb24")
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))
    return (*FLAGS, f"--use-file-for-fake-video-capture={film}")
