"""Which addresses this program may connect to: itself, and what the settings name; and to no other place by any spelling."""

from __future__ import annotations

import socket

import pytest

from core import addresses
from core.addresses import Address, check_listed, host_list, parse, resolve
from core.errors import BadInput

HOSTS = host_list(" Hooks.Example.org, 192.168.1.20:8080,metadata.example, [2001:db8::1]:81 ")
VARIABLE = "MOTIONBOOK_WEBHOOK_HOSTS"


def lead_to(monkeypatch: pytest.MonkeyPatch, *places: str) -> list[str]:
    """All names lead to these places; the names that were looked up."""
    asked: list[str] = []

    def found(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", found)
    return asked


def http(host: str, port: int = 80) -> Address:
    return Address("http", host, port, "/")


def test_an_address_is_taken_apart_and_shown_without_its_password() -> None:
    found = parse("rtsp://ann:geheim@cam.example:8554/live/1?low=1", ["rtsp"])
    assert (found.host, found.port, found.path, found.user, found.password) == (
        "cam.example",
        8554,
        "/live/1?low=1",
        "ann",
        "geheim",
    )
    assert found.shown == "rtsp://ann@cam.example:8554/live/1?low=1"
    assert parse("http://[::1]/x", ["http"]).authority == "[::1]" and parse("https://a.b:8443", ["https"]).authority == "a.b:8443"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:6379/_x",
        "http:///path",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nHost: x",
        "http://127.0.0.1\\@evil.example/",
        "http://127.0.0.1/#part",
        "http://[fe80::1%25eth0]/",
        "http://ⓛocalhost/",
        "127.0.0.1:80",
        "http://[::1",
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="must be http"):
        parse(url, ["http"])


def test_a_refused_address_does_not_tell_its_password() -> None:
    with pytest.raises(BadInput) as caught:
        parse("ftp://ann:geheim@cam.example/", ["rtsp"])
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_permission(host: str) -> None:
    check_listed(http(host), (), VARIABLE)


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "0.0.0.0", "169.254.169.254", "2130706433", "127.1", "0x7f000001", "localhost.evil.example", "hooks.example"],
)
def test_another_host_is_refused_before_it_is_looked_up(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = lead_to(monkeypatch, "127.0.0.1")
    with pytest.raises(BadInput, match=VARIABLE):
        resolve(http(host), HOSTS, VARIABLE)
    assert not asked


def test_a_named_host_is_reached_at_the_place_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(monkeypatch, "93.184.216.34")
    assert resolve(http("hooks.example.org"), HOSTS, VARIABLE) == "93.184.216.34"
    assert resolve(http("hooks.example.org", 9999), HOSTS, VARIABLE) == "93.184.216.34"


def test_a_port_that_is_named_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(monkeypatch, "192.168.1.20")
    assert resolve(http("192.168.1.20", 8080), HOSTS, VARIABLE) == "192.168.1.20"
    with pytest.raises(BadInput, match=VARIABLE):
        resolve(http("192.168.1.20", 22), HOSTS, VARIABLE)


@pytest.mark.parametrize("place", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::ffff:169.254.169.254"])
def test_a_named_host_must_not_lead_to_places_that_only_this_machine_sees(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(monkeypatch, place)
    with pytest.raises(BadInput, match="must not lead to"):
        resolve(http("metadata.example"), HOSTS, VARIABLE)


def test_localhost_must_be_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(monkeypatch, "10.0.0.7")
    with pytest.raises(BadInput, match="must not lead to"):
        resolve(http("localhost"), (), VARIABLE)


def test_a_name_that_nobody_knows_is_told() -> None:
    with pytest.raises(BadInput, match="can be found"):
        resolve(http("nobody.invalid"), ("nobody.invalid",), VARIABLE)
