"""What a file holds, found by reading all its packets and decoding its first frames; no header is believed."""

from __future__ import annotations

import av

from core.clips import VideoInfo
from core.decoding.clock import PacketSpan
from core.decoding.footage import Footage, Shown, first_shown, is_shown
from core.decoding.pictures import rotation_degrees, upright_size
from core.decoding.source import Source
from core.errors import BadClip

SLOWEST_FPS = 0.2  # one frame in five seconds shows no action; a file that claims hours with a few frames is one too


def probe(source: Source) -> VideoInfo:
    """The facts of the chosen video stream. Raises BadClip with one of the named reasons."""
    span = PacketSpan(source.step_seconds)

    def watch(packet: av.Packet) -> None:
        if is_shown(packet):
            span.add(source.stamp_seconds(packet), source.order_seconds(packet), source.length_seconds(packet))
            _check_length(span, source)

    footage = Footage(source, watch)
    first = first_shown(source, footage)
    _check_second(footage)
    for packet in footage.undecoded():
        watch(packet)
    return _info(source, first, span)


def _check_second(footage: Footage) -> None:
    if footage.next_shown() is not None:
        return
    if footage.failures:
        raise BadClip("damaged", "only one frame of the clip can be decoded; export it again")
    raise BadClip("too-short", "frames (1) must be at least 2 to show an action; choose a video")


def _check_length(span: PacketSpan, source: Source) -> None:
    limits = source.limits
    if span.packets > limits.frames:
        raise BadClip("too-long", f"frames ({span.packets} and more) must be at most {limits.frames}; cut the clip")
    if span.reached_seconds > limits.duration_seconds and span.packets > SLOWEST_FPS * limits.duration_seconds:
        raise BadClip("too-long", f"duration must be at most {limits.duration_seconds:g} seconds; cut the clip")


def _info(source: Source, first: Shown, span: PacketSpan) -> VideoInfo:
    limits, frames = source.limits, max(2, span.packets)  # two have been decoded, whatever the packets look like
    # A frame's place in decoding order is later than its packet's, so there the packets alone tell the length.
    start_seconds = None if source.stamps_by_decoding_order else source.stamp_seconds(first.frame)
    duration_seconds = max(span.duration_seconds(start_seconds), source.step_seconds)
    if duration_seconds * SLOWEST_FPS > frames:
        raise BadClip(
            "too-short", f"frames ({frames} in {duration_seconds:.0f} seconds) must be one in 5 seconds at least; record faster"
        )
    if duration_seconds > limits.duration_seconds:
        raise BadClip(
            "too-long", f"duration ({duration_seconds:.0f} seconds) must be at most {limits.duration_seconds:g}; cut the clip"
        )
    width_px, height_px = upright_size(first.frame)
    return VideoInfo(
        container=source.container_name,
        codec=source.codec_name,
        width_px=width_px,
        height_px=height_px,
        duration_seconds=duration_seconds,
        frames=frames,
        fps=frames / duration_seconds,
        rotation_degrees=rotation_degrees(first.frame),
        pixel_format=first.frame.format.name,
    )
