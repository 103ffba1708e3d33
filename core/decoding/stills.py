"""Still pictures with their moments as one small film: how a camera's pictures come to be read like any other clip.

Nothing is decoded here. A browser's JPEGs are whatever somebody sent: only their size is read from the header, by hand, and
they are put into Matroska as they are; the confined process decodes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from core.errors import BadInput

_MILLISECOND = Fraction(1, 1000)  # Matroska's own clock
_START_OF_IMAGE, _END_OF_IMAGE = b"\xff\xd8\xff", b"\xff\xd9"
# ITU T.81, table B.1: FFC0 to FFCF begin a frame and hold its size, but for DHT (C4), JPG (C8) and DAC (CC).
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels as the header has them. Raises BadInput for what is no whole JPEG."""
    if content.startswith(_START_OF_IMAGE) and content.endswith(_END_OF_IMAGE):
        at = 2
        while at + 9 < len(content) and content[at] == 0xFF:
            marker = content[at + 1]
            if marker in _SIZES:
                height, width = (int.from_bytes(content[at + place : at + place + 2], "big") for place in (5, 7))
                if width and height:
                    return width, height
                break
            at += 2 if marker in _ALONE else 1 if marker == 0xFF else 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    raise BadInput(f"picture ({len(content)} bytes) must be a whole JPEG; send what the camera's canvas gives")


def write_stills(path: Path, jpegs: Sequence[bytes], moments_seconds: Sequence[float], fps: float) -> None:
    """Write JPEGs of one size, each shown from its moment on, to a Matroska file. ``fps`` is only the rate that its header tells.

    Moments must rise and begin at 0 or later. Raises BadInput for no pictures or a broken one, OSError when the disk refuses.
    """
    if not jpegs:
        raise BadInput("pictures (none) must be at least one; wait for the camera")
    width, height = jpeg_size(jpegs[0])
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("mjpeg", rate=Fraction(fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt, stream.time_base = width, height, "yuvj420p", _MILLISECOND
        for jpeg, moment, until in zip(jpegs, moments_seconds, [*moments_seconds[1:], None], strict=True):
            packet = av.Packet(jpeg)
            packet.stream, packet.time_base, packet.is_keyframe = stream, _MILLISECOND, True
            packet.pts = packet.dts = round(1000 * moment)
            packet.duration = round(1000 / fps) if until is None else round(1000 * until) - round(1000 * moment)
            container.mux(packet)
