"""The network's side of a camera: this process connects, to the one place that was checked; FFmpeg gets bytes from here.

Left to itself FFmpeg would look the name up anew, and follow a redirect to wherever the other side says. So HTTP is spoken here,
and of RTSP, which FFmpeg must speak itself, every byte goes through a relay on this machine that ends at a redirect.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from urllib.parse import quote

from core.addresses import Address
from core.errors import BadInput

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0  # without a byte: the camera is gone, as its own pictures would have told
CHUNK_BYTES = 64 * 1024
_REDIRECT = re.compile(rb"RTSP/\S{0,4000}\s+3\d\d")  # FFmpeg reads no longer line than 4096 bytes
_TAIL_BYTES = 4200


def connected(address: Address, ip: str) -> socket.socket:
    """A connection to ``ip``, with TLS where the scheme ends in s; the certificate must be that of the host. Raises OSError."""
    plain = socket.create_connection((ip, address.port), timeout=CONNECT_SECONDS)
    if not address.scheme.endswith("s"):
        plain.settimeout(SILENCE_SECONDS)
        return plain
    try:
        secured = ssl.create_default_context().wrap_socket(plain, server_hostname=address.host)
    except BaseException:
        plain.close()
        raise
    secured.settimeout(SILENCE_SECONDS)
    return secured


@contextlib.contextmanager
def fetching(address: Address, ip: str) -> Iterator[tuple[Callable[[], bytes], Callable[[], None]]]:
    """An HTTP stream as (read, stop): ``read`` gives the next bytes, b"" at the end. Raises OSError, BadInput for a refusal."""
    sock = connected(address, ip)
    connection = http.client.HTTPConnection(address.host, address.port)  # only its words: the socket is ours
    connection.sock = sock
    try:
        headers = {"Host": address.authority, "User-Agent": "motionbook", "Accept": "*/*"}
        if address.user or address.password:
            secret = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
            headers["Authorization"] = f"Basic {secret}"
        try:
            connection.request("GET", address.path, headers=headers)
            answer = connection.getresponse()
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(f"no sound HTTP answer ({type(error).__name__})") from error
        if answer.status != 200:
            raise BadInput(f"camera ({address.shown}) must answer with 200, not {answer.status}; redirects are not followed")

        def read() -> bytes:
            try:
                return answer.read1(CHUNK_BYTES)
            except http.client.HTTPException:
                return b""

        yield read, lambda: shut(sock)
    finally:
        connection.close()
        sock.close()


class Relay:
    """One RTSP connection on its way through this process: FFmpeg connects to ``url``, and is put through to ``ip``.

    ``refused`` says why it was ended, "" while nothing is wrong.
    """

    def __init__(self, address: Address, ip: str) -> None:
        self._there = connected(address, ip)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._door.settimeout(CONNECT_SECONDS)
        self._here: socket.socket | None = None
        self.refused = ""
        user = f"{quote(address.user, safe='')}:{quote(address.password, safe='')}@" if address.user else ""
        self.url = f"rtsp://{user}127.0.0.1:{self._door.getsockname()[1]}{address.path}"
        threading.Thread(target=self._run, name="relay", daemon=True).start()

    def close(self) -> None:
        """Safe to call twice."""
        for sock in (self._door, self._here, self._there):
            if sock is not None:
                shut(sock)
                sock.close()

    def _run(self) -> None:
        try:
            self._here, _ = self._door.accept()
            self._door.close()  # nobody else is let in
            back = threading.Thread(target=self._pump, args=(self._here, self._there, False), daemon=True)
            back.start()
            self._pump(self._there, self._here, True)
        except OSError:
            self.close()  # nobody came

    def _pump(self, source: socket.socket, sink: socket.socket, watched: bool) -> None:
        tail = b""
        try:
            while chunk := source.recv(CHUNK_BYTES):
                if watched and _REDIRECT.search(tail + chunk):
                    self.refused = "it redirects, and redirects are not followed"
                    return
                tail = (tail + chunk)[-_TAIL_BYTES:]
                sink.sendall(chunk)
        except (OSError, ValueError):
            pass  # one side is gone: so the other goes
        finally:
            shut(source)
            shut(sink)


def shut(sock: socket.socket) -> None:
    """End both directions; whoever waits on it wakes up."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
