"""Cameras that are made here: servers on this machine that send a film as it happens, over HTTP and over RTSP."""

from __future__ import annotations

import io
import itertools
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np

TS_PACKET_BYTES = 188
STEP = 8
"""Grey levels from one picture to the next."""


def pieces(count: int = 20, fps: int = 20, side_px: int = 64, form: str = "mpegts", codec: str = "mpeg4") -> list[bytes]:
    """A film of ``count`` pictures, each an even grey of STEP times its number, as one piece of bytes for each picture."""
    pictures = [np.full((side_px, side_px, 3), (STEP * number) % 256, np.uint8) for number in range(count)]
    return film(pictures, fps, form, codec)


def film(pictures: Sequence[np.ndarray], fps: int, form: str = "mpegts", codec: str = "mpeg4") -> list[bytes]:
    """Pictures (H, W, 3) as a stream, in one piece of bytes for each of them."""
    sink, made, at = io.BytesIO(), [], 0
    with av.open(sink, "w", format=form, options={"flush_packets": "1"}) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.gop_size, stream.bit_rate = 1, 2_000_000
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
            made.append(sink.getvalue()[at:])
            at = len(sink.getvalue())
        container.mux(stream.encode(None))
        made[-1] += sink.getvalue()[at:]
    return made


Say = Callable[[socket.socket], object]


@contextmanager
def server(answer: Say) -> Iterator[int]:
    """Its port. ``answer`` has each connection in a thread; what it raises ends that connection."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve(connection: socket.socket) -> None:
            with connection:
                try:
                    answer(connection)
                except OSError:
                    return

        def listen() -> None:
            while True:
                try:
                    connection, _ = door.accept()
                except OSError:
                    return
                taken.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield door.getsockname()[1]
        finally:
            for connection in taken:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


def paced(send: Callable[[bytes], object], parts: Sequence[bytes], fps: float, sent: Callable[[int], object]) -> None:
    """Each part at its moment; ``sent`` hears of its number as it goes."""
    began = time.monotonic()
    for number, part in enumerate(parts):
        time.sleep(max(began + number / fps - time.monotonic(), 0))
        sent(number)
        send(part)


def http(parts: Sequence[bytes], fps: float, *, sent: Callable[[int], object] = lambda _: None, kind: str = "video/MP2T") -> Say:
    """Answers every request with the film from its beginning, as it happens, and then ends."""

    def answer(connection: socket.socket) -> None:
        asked = connection.recv(4096)
        assert asked.startswith(b"GET ")
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        paced(connection.sendall, parts, fps, sent)

    return answer


def rtsp(parts: Sequence[bytes], fps: float, heard: list[str], *, sent: Callable[[int], object] = lambda _: None) -> Say:
    """A camera that speaks just enough RTSP: the film as MPEG-TS in RTP (RFC 2250) on the same connection (RFC 2326, 10.12)."""
    sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track1\r\n"

    def answer(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        while True:
            asked = list(itertools.takewhile(lambda line: line not in ("\r\n", ""), (line.decode() for line in lines)))
            if not asked:
                return
            heard.append(asked[0].strip())
            number = re.search(r"CSeq: *(\d+)", "".join(asked), re.IGNORECASE)
            assert number is not None
            head = f"RTSP/1.0 200 OK\r\nCSeq: {number.group(1)}\r\nSession: 1;timeout=60\r\n"
            method = asked[0].split()[0]
            if method == "DESCRIBE":
                head += f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
            elif method == "SETUP":
                head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
            else:
                head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"
            connection.sendall(head.encode())
            if method == "PLAY":
                packed = packets(parts, fps)
                paced(connection.sendall, packed, fps, sent)
                return

    return answer


def packets(parts: Sequence[bytes], fps: float) -> list[bytes]:
    """Pieces of MPEG-TS as RTP, each packet with its number and length before it."""
    made: list[bytes] = []
    count = 0
    for picture, part in enumerate(parts):
        chunks = list(_rtp(part, count, picture, fps))
        made.append(b"".join(chunks))
        count += len(chunks)
    return made


def _rtp(part: bytes, first: int, picture: int, fps: float) -> Iterator[bytes]:
    for number, at in enumerate(range(0, len(part), 7 * TS_PACKET_BYTES)):  # seven fit into an ordinary network's packet
        order = first + number
        packet = (
            struct.pack(">BBHII", 0x80, 33, order & 0xFFFF, int(90_000 * picture / fps), 1) + part[at : at + 7 * TS_PACKET_BYTES]
        )
        yield struct.pack(">cBH", b"$", 0, len(packet)) + packet
