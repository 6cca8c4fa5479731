"""What holds for all tests."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # machines are shared: how long an example takes says nothing
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A test that configures the log, as a process does at its start, does so for itself alone."""
    yield
    structlog.reset_defaults()
