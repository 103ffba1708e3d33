from __future__ import annotations

import os

import pytest

from tests.browser.driving import CHROMIUM


@pytest.fixture(autouse=True, scope="session")  # before any fixture that opens a browser
def chromium() -> None:
    """Where there is no browser the story cannot be told; on the build machine that is a failure, not a gap."""
    if CHROMIUM is None:
        message = "no chromium on this machine: install it (Debian: apt-get install chromium) to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
