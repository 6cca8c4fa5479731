"""What holds for all tests, and what they share.

Starting the product takes seconds, a browser one more, so tests share both. A test that needs the product asks for

- `running`: the product, one for the session, with nobody in it but the demo's people and those of the places;
- `place`: a place of its own in it (`tests.fakes.places`): two districts and their city with kiosks, officers, a host and
  supervisors whom no other test knows. What a test leaves open there disturbs nobody, and counts begin at nought;
- `browser`: Chromium with made-up cameras, one for the session; pages that the test opened are closed behind it.

    async def test_somebody_is_served(browser: Browser, running: Product, place: Place) -> None:
        officer = await Person.sit_down(browser, 1920, 1080)
        await officer.signs_in(running.origin, "officer", place.officer)
        resident = await Person.sit_down(browser, 1080, 1920)
        await resident.takes_a_ticket(await address(running, place.kiosk), "social-card", place.region)

The demo's people belong to `tests/integration/test_product.py`: leave them alone in the shared product. A test that kills a
part which people of other tests would miss for long, or needs other settings, starts a product of its own
(`async with product(tmp_path, …)`).

`rvw test` runs three tests at a time, each process with a product and a Chromium of its own, and then those that measure:
mark a test `alone` if it would fail beside another, because it looks at milliseconds. Tests of one file may run in several
processes: what a test leaves behind is nothing that the next in the file may count on. Runs with browser tests take turns
on a machine. Nothing may change the machine's own addresses while they run: all browsers would lose what they are loading
(`tests/network/hall.py` has its networks laid before).
"""

import fcntl
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from hypothesis import settings

from tests.fakes import places
from tests.fakes.places import Place
from tests.fakes.product import Product
from tests.network.hall import laid

# Machine code is compiled once for all tests, and for the products that they start, until the sources change.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / "var" / "compiled"))

# So is Python's own, wherever it is kept from being written down: tests start a hundred processes of the same modules.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile("untimed", deadline=None)  # machines are shared: how long an example takes says nothing
settings.load_profile("untimed")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Wait until no other run on this machine drives a browser: the patience of people is for one run's load.

    Then lay the networks of halls, once for all processes: later they would break what pages load.
    """
    if "PYTEST_XDIST_WORKER" in os.environ or not any("browser" in word for word in session.config.args):
        return
    turn = (Path(tempfile.gettempdir()) / "rvw-browser.lock").open("w")
    fcntl.flock(turn, fcntl.LOCK_EX)
    session.config.add_cleanup(turn.close)
    if processes := session.config.getoption("numprocesses", None):
        halls = ExitStack()
        halls.enter_context(laid(processes))
        session.config.add_cleanup(halls.close)


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A test that configures the log, as a process does at its start, does so for itself alone."""
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    """The product that tests share; `place` gives each its own corner of it."""
    # Its kiosks have no devices: looking for some would be told in the console of each.
    async with places.settled(tmp_path_factory.mktemp("shared"), "--set", "kiosk.bridge=") as one:
        yield one


@pytest.fixture(scope="session")
def _free_places() -> Iterator[Place]:
    return places.places()


@pytest.fixture
def place(_free_places: Iterator[Place]) -> Place:
    """A place that no other test of this session has."""
    return next(_free_places)
