"""How busy a worker says it is."""

from media.load import Load
from rvw.protocol.media import Alive


class Meters:
    """A clock, a processor and a socket that a test turns by hand."""

    def __init__(self) -> None:
        self.at = self.used = 0.0
        self.received = 0

    def load(self) -> Load:
        return Load(lambda: (3, 1, self.received), lambda: self.at, lambda: self.used)


def test_it_tells_what_has_grown_since_it_was_last_asked() -> None:
    """Half a core and 400 packets a second, then nothing."""
    meters = Meters()
    load = meters.load()
    meters.at, meters.used, meters.received = 2.0, 1.0, 800
    assert load.now() == Alive(3, 1, 0.5, 400)
    meters.at = 3.0
    assert load.now() == Alive(3, 1, 0.0, 0)


def test_two_readers_at_once_are_told_the_same() -> None:
    """A share of a millisecond would say nothing."""
    meters = Meters()
    load = meters.load()
    meters.at, meters.used = 1.0, 0.25
    first = load.now()
    meters.at, meters.used = 1.001, 0.251
    assert load.now() == first == Alive(3, 1, 0.25, 0)


def test_who_drains_says_so() -> None:
    """Until it does not any more."""
    load = Meters().load()
    load.draining = True
    assert load.now().draining
