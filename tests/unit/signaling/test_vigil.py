"""A recording is believed by what a disk says, each second anew, and by nothing else."""

from rvw.domain import commands as c
from rvw.domain.people import SYSTEM
from rvw.errors import Conflict, Unavailable
from rvw.protocol.media import OnDisk, Recorded, RecordingFailed
from signaling.recordings.vigil import STALL_S, Vigil
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, OFFICER_LI, answer


class Watched:
    """A live visit and a vigil over it."""

    def __init__(self) -> None:
        self.counter = Counter()
        for actor in (KIOSK_ONE, OFFICER_LI):
            self.counter.perform(actor, c.SetPresence("ready"))
        self.visit = self.counter.perform(KIOSK_ONE, c.Open("card", "310113", answers=(answer(),)))
        self.counter.match()
        self.counter.perform(OFFICER_LI, c.Accept(), self.visit)
        self.away: Exception | None = None
        self.vigil = Vigil(self.counter.ledger.board, self._tell, self.counter.clock)

    async def _tell(self, visit: str, command: c.ReportRecording) -> None:
        if self.away:
            raise self.away
        self.counter.perform(SYSTEM, command, visit)

    async def after(self, seconds: float, *, bytes_come: bool) -> str:
        """Return how the recording stands when so much time has passed, half a second each look."""
        for _ in range(round(2 * seconds)):
            self.counter.clock.pass_(0.5)
            if bytes_come:
                self.vigil.take(Recorded((OnDisk(self.visit, self.counter.clock(), 1000, 0),)))
            await self.vigil.look()
        recording = self.counter.visit(self.visit).recording
        return recording.state if recording else "none"


async def test_it_runs_stalls_and_goes_on() -> None:
    """Three seconds of silence are a stall, less is not; the first bytes after it end it."""
    watched = Watched()
    assert await watched.after(STALL_S - 0.5, bytes_come=False) == "none"
    assert await watched.after(1, bytes_come=True) == "running"
    assert await watched.after(STALL_S - 0.5, bytes_come=False) == "running"
    assert await watched.after(0.5, bytes_come=False) == "stalled"
    assert await watched.after(0.5, bytes_come=True) == "running"


async def test_a_reason_that_was_told_is_in_the_event() -> None:
    """Nobody need guess why it has stalled."""
    watched = Watched()
    await watched.after(1, bytes_come=True)
    watched.vigil.take(RecordingFailed(watched.visit, "read_only"))
    assert await watched.after(STALL_S, bytes_come=False) == "stalled"
    recording = watched.counter.visit(watched.visit).recording
    assert recording is not None
    assert recording.trouble == "read_only"


async def test_what_is_not_recorded_is_not_watched() -> None:
    """Bytes of a visit that is on hold, or of one that is not there, change nothing and are not remembered."""
    watched = Watched()
    await watched.after(1, bytes_come=True)
    watched.counter.perform(OFFICER_LI, c.Hold(), watched.visit)
    assert await watched.after(10, bytes_come=True) == "stopped"
    watched.vigil.take(Recorded((OnDisk("another", 1.0, 1, 0),)))
    assert watched.vigil._signs == {}


async def test_a_store_that_is_away_is_asked_again() -> None:
    """And somebody else who was faster is no fault."""
    watched = Watched()
    for away in (Unavailable("Redis is away"), Conflict("others were faster")):
        watched.away = away
        assert await watched.after(1, bytes_come=True) == "none"
    watched.away = None
    assert await watched.after(0.5, bytes_come=True) == "running"
