"""What a rule does in the world: a webhook, sent to an allowed address and to nothing else; what became of it, in words.

A redirect is not followed, no proxy is asked, the answer's body is not read, and the whole of a try has a limit in seconds, so
that a receiver that answers a letter a minute costs no more than one that does not answer.
"""

from __future__ import annotations

import http.client
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core import addresses
from core.addresses import Address
from core.errors import BadInput

VARIABLE = "MOTIONBOOK_WEBHOOK_HOSTS"
SCHEMES = ("http", "https")
WHAT = "webhook"
TRY_SECONDS = 5.0  # a receiver beside a camera answers in milliseconds; a flag is old news after this
TRIES = 2  # once more, since a receiver may just be starting anew
WAIT_SECONDS = 2.0  # between the tries
MOST_WAITING = 64  # deliveries; of more, none is sent: a receiver that hangs must not fill the memory
MOST_BYTES = 64 * 1024  # of a body


def check(url: str, hosts: Sequence[str]) -> Address:
    """Whether a webhook to ``url`` is allowed; nothing is looked up or sent. Raises BadInput."""
    address = addresses.parse(url, SCHEMES, what=WHAT)
    addresses.check_listed(address, hosts, VARIABLE, what=WHAT)
    if address.user or address.password:
        raise BadInput(f"webhook ({address.shown}) must be without name and password; give the receiver a secret path instead")
    return address


def post(url: str, content: Mapping[str, Any], hosts: Sequence[str], *, wait_seconds: float = WAIT_SECONDS) -> str:
    """Send ``content`` as JSON, twice at most; what became of it, for the log. Never raises for what a receiver does."""
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    if len(body) > MOST_BYTES:
        return f"webhook not sent: {len(body)} bytes are more than {MOST_BYTES}"
    said = ""
    for number in range(TRIES):
        if number:
            time.sleep(wait_seconds)
        try:
            address = check(url, hosts)
            status = _once(address, addresses.resolve(address, hosts, VARIABLE, what=WHAT), body)
        except BadInput as error:
            return f"webhook not sent: {error}"
        except (OSError, http.client.HTTPException) as error:
            said = f"webhook failed: {_words(error)}"
            continue
        said = _told(status)
        if status < 500:  # what the receiver refuses once, it refuses again
            break
    return said if number == 0 else f"{said} (try {number + 1})"


def _told(status: int) -> str:
    if 200 <= status < 300:
        return f"webhook delivered ({status})"
    if 300 <= status < 400:
        return f"webhook not delivered: a redirect ({status}) is not followed; name the address it leads to"
    return f"webhook refused ({status})"


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TRY_SECONDS:g} s"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _once(address: Address, ip: str, body: bytes) -> int:
    """The status of one POST to ``ip``. Raises OSError (TimeoutError at the end of TRY_SECONDS) and HTTPException."""
    over = threading.Event()
    connected = _secured(socket.create_connection((ip, address.port), timeout=TRY_SECONDS), address)
    connection = http.client.HTTPConnection(address.host, address.port)  # only its words: the socket is ours
    connection.sock = connected

    def end() -> None:
        over.set()
        _shut(connected)

    ending = threading.Timer(TRY_SECONDS, end)
    ending.daemon = True
    ending.start()
    try:
        if isinstance(connected, ssl.SSLSocket):
            connected.do_handshake()
        headers = {"Host": address.authority, "Content-Type": "application/json", "User-Agent": "motionbook"}
        connection.request("POST", address.path, body, headers)
        status = connection.getresponse().status
        if over.is_set():  # its last line was cut off by us, which reads like an end
            raise TimeoutError
        return status
    except (OSError, ValueError, http.client.HTTPException) as error:
        if over.is_set():
            raise TimeoutError from error
        raise
    finally:
        ending.cancel()
        connection.close()
        connected.close()


def _secured(connected: socket.socket, address: Address) -> socket.socket:
    if address.scheme == "http":
        return connected
    context = ssl.create_default_context()
    return context.wrap_socket(connected, server_hostname=address.host, do_handshake_on_connect=False)


def _shut(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it was over already


class Messenger:
    """Deliveries one after the other in a thread of their own: whoever scores a camera does not wait for a receiver."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Callable[[], object] | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name="messenger", daemon=True)
        self._thread.start()

    def send(self, delivery: Callable[[], object]) -> bool:
        """False when too many wait already: then it is never sent."""
        try:
            self._waiting.put_nowait(delivery)
        except queue.Full:
            return False
        return True

    def close(self, timeout_seconds: float = 2 * TRIES * TRY_SECONDS) -> None:
        """Send what waits, within ``timeout_seconds``. Nothing may be sent afterwards."""
        try:
            self._waiting.put(None, timeout=timeout_seconds)
        except queue.Full:
            return
        self._thread.join(timeout_seconds)

    def _work(self) -> None:
        while (delivery := self._waiting.get()) is not None:
            try:
                delivery()
            except Exception:  # one delivery's trouble (a closed library) must not end the others'
                continue
