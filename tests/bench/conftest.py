"""What tests of the benchmark share."""

from collections.abc import Iterator
from os import urandom

import pytest

from media.core.dtls import Identity
from rvw.cli.bench.path import Path


@pytest.fixture
def unused() -> Iterator[Path]:
    """A connection that nobody uses."""
    path = Path(Identity(1_800_000_000.0, urandom))
    yield path
    path.close()
