"""Browser tests take turns: one run at a time has the processors of a machine, so that the patience of people is enough."""

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def _turn() -> Iterator[None]:
    """Wait until no other run on this machine drives a browser; the lock ends with its process."""
    with (Path(tempfile.gettempdir()) / "rvw-browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
