"""What holds for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

os.environ.setdefault("NUMBA_CACHE_DIR", str(Path("var/compiled").absolute()))
"""Machine code is compiled once for all tests: the product compiles at its first start, in a folder of its own data."""

settings.register_profile("untimed", deadline=None)  # machines are shared: how long an example takes says nothing
settings.load_profile("untimed")


# What was compiled once serves all tests, and the workers that they start, until the sources change.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / "var" / "compiled"))


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A test that configures the log, as a process does at its start, does so for itself alone."""
    yield
    structlog.reset_defaults()
