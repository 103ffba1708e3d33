"""A webhook against real servers on this machine: delivered, refused, redirected, silent, dripping, gone, not allowed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core import acting
from core.acting import MOST_WAITING, Messenger, check, post
from core.errors import BadInput

Heard = list[tuple[str, dict[str, str], bytes]]


@contextmanager
def receiver(*statuses: int, location: str = "") -> Iterator[tuple[str, Heard]]:
    """Answers with ``statuses`` in turn, the last one for ever; its address, and what it heard."""
    heard: Heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, dict(self.headers), body))
            self.send_response(statuses[min(len(heard), len(statuses)) - 1])
            if location:
                self.send_header("Location", location)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/flag?key=1", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def talker(words: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server whose every connection is ``words``' to answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    words(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_flag_arrives_as_json_at_the_path_it_was_sent_to() -> None:
    with receiver(204) as (url, heard):
        assert post(url, {"concept": "läuft"}, ()) == "webhook delivered (204)"
    ((path, headers, body),) = heard
    assert path == "/flag?key=1" and json.loads(body) == {"concept": "läuft"}
    assert headers["Content-Type"] == "application/json" and headers["Host"] == url.split("/")[2]


def test_a_receiver_that_is_starting_is_asked_once_more() -> None:
    with receiver(503, 200) as (url, heard):
        assert post(url, {}, (), wait_seconds=0) == "webhook delivered (200) (try 2)"
    assert len(heard) == 2


def test_a_receiver_that_refuses_is_not_asked_again() -> None:
    with receiver(403) as (url, heard):
        assert post(url, {}, (), wait_seconds=0) == "webhook refused (403)"
    assert len(heard) == 1


def test_a_redirect_is_not_followed() -> None:
    with receiver(200) as (elsewhere, unheard), receiver(307, location=elsewhere) as (url, heard):
        assert "redirect (307) is not followed" in post(url, {}, (), wait_seconds=0)
        assert len(heard) == 1 and not unheard


def test_nobody_there_is_told_after_two_tries() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/", {}, (), wait_seconds=0) == "webhook failed: Connection refused (try 2)"


def test_a_receiver_that_never_ends_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter now and then keeps every read within its own limit: only a limit on the whole ends it."""
    monkeypatch.setattr(acting, "TRY_SECONDS", 0.2)
    monkeypatch.setattr(acting, "TRIES", 1)

    def drip(connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                connection.sendall(b"x")
                threading.Event().wait(0.02)
        except OSError:
            return

    with talker(drip) as url:
        assert post(url, {}, ()) == "webhook failed: no answer within 0.2 s"


def test_nonsense_is_no_delivery() -> None:
    with talker(lambda connection: connection.sendall(b"SSH-2.0-nothing\r\n")) as url:
        assert post(url, {}, (), wait_seconds=0).startswith("webhook failed: ")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://169.254.169.254/latest", "MOTIONBOOK_WEBHOOK_HOSTS"),
        ("http://hooks.example/x", "MOTIONBOOK_WEBHOOK_HOSTS"),
        ("file:///etc/passwd", "must be http"),
        ("http://ann:geheim@127.0.0.1/", "without name and password"),
    ],
)
def test_what_is_not_allowed_is_not_sent(url: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check(url, ())
    assert post(url, {}, ()).startswith("webhook not sent: ")


def test_a_messenger_delivers_in_turn_and_refuses_more_than_it_can_hold() -> None:
    messenger, began, may_go, sent = Messenger(), threading.Event(), threading.Event(), []

    def first() -> None:
        began.set()
        may_go.wait()
        raise OSError("nobody there")

    assert messenger.send(first) and began.wait(10)
    taken = [messenger.send(lambda number=number: sent.append(number)) for number in range(MOST_WAITING + 1)]
    assert taken == [True] * MOST_WAITING + [False]
    may_go.set()
    messenger.close()
    assert sent == list(range(MOST_WAITING))
