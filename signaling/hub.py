"""Fan-out: one reader of the log a process; it keeps this process's board and hands each entry to the sockets that see it.

Who sees what is written in the entry (`to`, `new`, `gone`), so that the fan-out asks nobody. A socket that begins to see
a visit is sent the visit whole before its next events.
"""

from asyncio import sleep
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec
import structlog

from rvw.clock import Seconds
from rvw.domain import events as e
from rvw.domain.board import Board
from rvw.domain.people import Actor, Role
from rvw.domain.policy import listens_to
from rvw.domain.visit import Visit
from rvw.errors import Unavailable
from rvw.protocol.server import Happened, Hidden, ServerMessage
from signaling.board import SharedBoard, row_of
from signaling.ledger import MAX_REPLAY, Entry, Ledger
from signaling.tail import Tail

log = structlog.get_logger()

RETRY_S: Seconds = 0.2


class Listener(Protocol):
    """What the hub knows of a socket."""

    actor: Actor

    def send(self, message: ServerMessage) -> None:
        """Queue a message; never waits."""

    def show(self, visit: str) -> None:
        """Queue the whole visit, as it is when its turn to be sent comes."""


class Hub:
    """The sockets of this process, by topic, and its board."""

    def __init__(self, ledger: Ledger, shared: SharedBoard, board: Board) -> None:
        self._ledger = ledger
        self._shared = shared
        self._board = board
        self._by_topic: dict[str, set[Listener]] = {}
        self._by_actor: dict[str, Listener] = {}
        self.seq = "0-0"
        self.tail = Tail()
        """What pages that come back have missed."""
        self.watchers: list[Callable[[Entry], None]] = []
        """Called with each entry after the board has it: the matcher, the filing, the rejoins."""
        self.missed: list[Callable[[], None]] = []
        """Called when entries were missed that the log does not hold any more."""

    def __len__(self) -> int:
        return len(self._by_actor)

    def add(self, listener: Listener) -> Listener | None:
        """Let the listener hear its topics from now on, and return the one it supersedes."""
        earlier = self._by_actor.get(listener.actor.id)
        if earlier is not None:
            self.remove(earlier)
        self._by_actor[listener.actor.id] = listener
        for topic in listens_to(listener.actor):
            self._by_topic.setdefault(topic, set()).add(listener)
        return earlier

    def remove(self, listener: Listener) -> None:
        """Let the listener hear nothing more."""
        if self._by_actor.get(listener.actor.id) is listener:
            del self._by_actor[listener.actor.id]
        for topic in listens_to(listener.actor):
            listeners = self._by_topic.get(topic, set())
            listeners.discard(listener)
            if not listeners:
                self._by_topic.pop(topic, None)

    def of(self, actor: str) -> Listener | None:
        """Return the actor's socket in this process."""
        return self._by_actor.get(actor)

    def listeners(self) -> list[Listener]:
        """Return all sockets of this process."""
        return list(self._by_actor.values())

    def tell(self, topics: Iterable[str], message: ServerMessage) -> None:
        """Send a message that is no event to everybody here who listens to one of the topics."""
        for listener in self._hearers(topics):
            listener.send(message)

    async def run(self) -> None:
        """Follow the log until cancelled, whatever happens to Redis in between."""
        while True:
            try:
                async for batch in self._ledger.follow(self.seq):
                    for seq, entry in batch:
                        self._take(seq, entry)
            except Unavailable as error:
                log.warning("fan-out waits", reason=str(error))
                await self._begin_again()

    async def _begin_again(self) -> None:
        while True:
            await sleep(RETRY_S)
            try:
                return await self.begin()
            except Unavailable:
                continue

    async def begin(self) -> None:
        """Make the board anew and go on from there: entries missed in between are replayed to the sockets."""
        seq = await self._ledger.last_seq()
        rows = await self._shared.rows()
        first = self.seq == "0-0"
        missed = [] if first else await self._ledger.missed(self.seq, seq)
        if first or missed is None:
            self.tail.become(await self._ledger.latest(MAX_REPLAY, seq))
        for one, entry in missed or []:
            self._take(one, entry)
        self._board.become(rows)
        self.seq = seq
        if missed is None:
            for told in self.missed:
                told()

    def _take(self, seq: str, entry: Entry) -> None:
        self.seq = seq
        self.tail.add(seq, entry)
        stream = entry.recorded.stream
        if entry.settled:
            self._board.put(stream, row_of(stream, entry.row))
        told = Happened(seq, entry.recorded)
        see = self._hearers(entry.to)
        saw = self._hearers(_saw(entry)) if entry.new or entry.gone else see
        for listener in see | saw:
            _tell(listener, told, sees=listener in see, saw=listener in saw)
        for watcher in self.watchers:
            watcher(entry)

    def _hearers(self, topics: Iterable[str]) -> set[Listener]:
        found: set[Listener] = set()
        for topic in topics:
            found |= self._by_topic.get(topic, set())
        return found


def deliver(listener: Listener, entry: Entry, told: Happened) -> None:
    """Tell the listener of an entry, as far as its topics let it see: `told`, unless something is kept from it."""
    topics = listens_to(listener.actor)
    _tell(listener, told, sees=not topics.isdisjoint(entry.to), saw=not topics.isdisjoint(_saw(entry)))


def _saw(entry: Entry) -> set[str]:
    """Return the topics that saw it before."""
    return {*entry.gone, *entry.to} - set(entry.new)


def _tell(listener: Listener, told: Happened, *, sees: bool, saw: bool) -> None:
    visit = told.recorded.stream.removeprefix("visit:")
    if sees and not saw:
        listener.show(visit)
    if sees or saw:
        seen = seen_by(listener.actor, told.recorded)
        listener.send(told if seen is told.recorded else Happened(told.seq, seen))
    if saw and not sees:
        listener.send(Hidden(told.seq, visit))


def seen_by(actor: Actor, recorded: e.Recorded) -> e.Recorded:
    """Return the event as the actor may see it: the officer's note and open question are not shown at the kiosk."""
    if actor.role in (Role.KIOSK, Role.GUEST) and isinstance(recorded.event, e.Closed):
        return msgspec.structs.replace(recorded, event=msgspec.structs.replace(recorded.event, note="", question=""))
    return recorded


def shown_to(actor: Actor, visit: Visit) -> Visit:
    """Return the visit as the actor may see it: the officer's note and open question are not shown at the kiosk."""
    return msgspec.structs.replace(visit, note="", question="") if actor.role in (Role.KIOSK, Role.GUEST) else visit
