"""The parts around the visits: where they are kept, who decides, who sees them, who hears whom, what happens by itself."""

import secrets
import time

from rvw.domain.board import Board
from rvw.domain.commands import ReportRecording
from rvw.domain.people import SYSTEM
from rvw.domain.terms import Terms
from rvw.ids import RANDOM_BYTES, make_id
from rvw.settings import Settings
from signaling import tenancy
from signaling.attendance import Attendance
from signaling.board import SharedBoard
from signaling.catalogue_watch import Current
from signaling.effects import Bindings
from signaling.figures import Today
from signaling.gestures import Gestures
from signaling.glances import Glances
from signaling.hub import Hub
from signaling.keys import Keys
from signaling.ledger import Client, Ledger
from signaling.matcher import Matcher
from signaling.media_client import MediaWorkers
from signaling.notices import Notices
from signaling.office import Office
from signaling.qualities import Qualities
from signaling.recordings.keys import SpoolKeys
from signaling.recordings.vigil import Vigil
from signaling.rejoin import Rejoins
from signaling.survey import Survey
from signaling.tickets import Tickets
from signaling.timers import Timers

GRACE_S = 4.0
"""After a start, everybody has so long to come back before leases and deadlines count: pages take at most three seconds."""


class Live:
    """Reads top to bottom as the list of its parts; `running` are those with a task of their own."""

    def __init__(self, settings: Settings, current: Current, redis: Client) -> None:
        self.keys = keys = Keys(settings.queue.cell)
        queue = settings.queue
        self.ledger = Ledger(redis, keys)
        self.shared = SharedBoard(redis, keys)
        self.survey = Survey(redis, keys)
        self.board = Board()
        self.spool_keys = SpoolKeys(tenancy.signing_secret(settings))
        self.bindings = Bindings(self.shared, self.ledger, self.spool_keys.text)
        self.media = MediaWorkers(
            settings.media_workers, settings.security.control_secret, self.bindings.rooms_of, self._registered_workers
        )
        self.hub = Hub(self.ledger, self.shared, self.board)
        self.rejoins = Rejoins(self.hub, self.board, self.shared, self.ledger, self.bindings)
        self.bindings.media = self.media
        self.media.lost, self.media.restarted = self.rejoins.lost, self.rejoins.restarted
        self.media.gone, self.media.draining = self.rejoins.gone, self.rejoins.draining
        self.qualities = Qualities(self.hub, self.board)
        self.media.quality = self.qualities.take
        self.tickets = Tickets(self.shared, time.time, tenancy.signing_secret(settings))
        self.office = Office(
            self.ledger, current.held, terms(settings), time.time, new_id, self.tickets.next, self.bindings.follow
        )
        vigil = Vigil(self.board, self._report, time.time)
        self.media.recorded = vigil.take
        self.attendance = Attendance(self.hub, self.ledger, self.shared, self.board, current.held, time.time, queue.lease_s)
        matcher = Matcher(self.office, self.board, current.held, time.time)
        timers = Timers(self.office, self.shared, self.board, time.time, GRACE_S)
        notices = Notices(self.hub, self.shared)
        self.gestures = Gestures(self.hub, self.shared, self.ledger)
        self.glances = Glances(self.gestures, self.ledger, self.qualities)
        current.watchers.append(matcher.look_again)
        self.today = Today(self.ledger, self.hub, current.held, settings.operations.prompt_share, time.time)
        self.hub.watchers += [matcher.watch, self.rejoins.watch, self.today.watch, self.qualities.watch]
        self.hub.missed.append(self.today.read_again)
        own = (matcher, timers, notices, vigil)
        self.running = (self.hub, self.media, *own, self.attendance, self.rejoins, self.today, self.gestures)

    async def _report(self, visit: str, command: ReportRecording) -> None:
        await self.office.perform(SYSTEM, command, visit)

    async def _registered_workers(self) -> list[str]:
        return await self.shared.registered_workers(time.time())


def terms(settings: Settings) -> Terms:
    """Return how long each state of a visit may last."""
    queue = settings.queue
    return Terms(
        offer_s=queue.offer_s,
        waiting_s=queue.waiting_s,
        interruption_s=queue.interruption_s,
        absence_s=queue.absence_s,
        hold_s=queue.hold_s,
        wrapping_s=queue.wrapping_s,
        invitation_s=queue.invitation_s,
        guest_link_s=queue.guest_link_s,
        live_s=queue.live_s,
        missed_offers=queue.missed_offers,
        head_starts={
            "none": 0,
            "elder": queue.ahead_elder_s,
            "disability": queue.ahead_disability_s,
            "pregnancy": queue.ahead_pregnancy_s,
            "appointment": queue.ahead_appointment_s,
            "returned": queue.ahead_returned_s,
            "other": queue.ahead_other_s,
        },
    )


def new_id() -> str:
    """Return an id never used before."""
    return make_id(time.time(), secrets.token_bytes(RANDOM_BYTES))
