"""Cameras as sources: an address is checked here, and read by a confined child process."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core import addresses
from core.addresses import Address
from core.errors import BadInput

VARIABLE = "MOTIONBOOK_STREAM_HOSTS"
SCHEMES = ("rtsp", "rtsps", "http", "https")
WHAT = "camera"
_WEBCAM = re.compile(r"webcam:(\d{1,2})", re.ASCII)


def webcam_number(address: str) -> int | None:
    """Of ``webcam:0``; None for another kind of address."""
    found = _WEBCAM.fullmatch(address)
    return int(found.group(1)) if found else None


def check(address: str, hosts: Sequence[str]) -> Address | None:
    """Whether the app may open this camera; None for a webcam. Nothing is looked up or opened. Raises BadInput."""
    if webcam_number(address) is not None:
        if address not in hosts:
            raise BadInput(
                f"camera ({address}) must be named by {VARIABLE}; whoever runs this app can start it with {VARIABLE}={address}"
            )
        return None
    parsed = addresses.parse(address, SCHEMES, what=WHAT)
    addresses.check_listed(parsed, hosts, VARIABLE, what=WHAT)
    return parsed


def shown(address: str) -> str:
    """For people and logs: without the password."""
    return address if webcam_number(address) is not None else addresses.parse(address, SCHEMES, what=WHAT).shown
