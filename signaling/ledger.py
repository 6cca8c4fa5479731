"""The append-only event streams in Redis, and the log of all of them together.

A stream's version is the id of its last entry (`<version>-0`), so that the expected version is checked by the same
script that appends, changes the board and sets the deadline: nobody can see one without the others. The log is bounded
and serves fan-out and resuming; the streams are the record.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias, cast

import msgspec
from msgspec import Struct
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError, ResponseError

from rvw.domain import notice as notices
from rvw.domain import rating as ratings
from rvw.domain import shift as shifts
from rvw.domain.companion import Companion, State, together
from rvw.domain.companions import COMPANIONS
from rvw.domain.events import Recorded
from rvw.domain.fold import evolve
from rvw.domain.notice import Noticeboard
from rvw.domain.rating import Rating
from rvw.domain.shift import Shift
from rvw.domain.visit import Visit
from rvw.errors import Conflict, InvalidInput, NotFound, Unavailable
from rvw.protocol.codec import RECORDED, encode
from signaling.cancellable import make_cancellable
from signaling.commits import Commits
from signaling.keys import Keys
from signaling.recent import Folded, Recent, Versioned

MAX_CONNECTIONS = 64
"""Connections of one process to Redis; the log's reader keeps one."""

TURN_S = 5
"""How long a command waits for a connection before it is `Unavailable`."""

MAX_LOG_ENTRIES = 200_000
"""How far back a page may resume; an older one gets a snapshot."""

MAX_REPLAY = 5_000
"""How many missed entries are replayed; a page that missed more gets a snapshot."""

MAX_CACHED_VISITS = 20_000
"""How many folded visits a process keeps, to decide on them and to read only what is new of a stream."""

MAX_CACHED_SHIFTS = 50_000
"""The same of shifts: officers and kiosks. One is some 700 bytes."""

MAX_SEQ_LENGTH = 41
"""Two 64-bit numbers and a dash."""

MANY = 200
"""How many streams are read in one go."""

FOLLOW_BLOCK_MS = 1_000
FOLLOW_COUNT = 500

MAX_CACHED_COMPANIONS = 500
"""How many folds of each companion a process keeps: of visits where somebody draws now, for one."""

MAX_CACHED_RATINGS = 500
"""How many ratings a process keeps: of visits that are being filed."""

MAX_CACHED_NOTICEBOARDS = 500
"""How many noticeboards a process keeps: more than a cell has authorities."""

SCRIPT = (Path(__file__).parent / "append.lua").read_text()


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """What the log holds of one event: the event, who is told, and what the board shows from then on."""

    recorded: Recorded
    to: tuple[str, ...]
    """The topics that see the visit after the event."""
    new: tuple[str, ...]
    """Those of `to` that did not see it before."""
    gone: tuple[str, ...]
    """Topics that saw it before and do not any more."""
    settled: bool
    """The last event of its step: `row` is the board's row of the stream now (null: none)."""
    row: msgspec.Raw


class Write(Struct, frozen=True, kw_only=True):
    """Events to append to one stream, and what follows from them; without events, only a condition."""

    stream: str
    expected: int
    entries: tuple[Entry, ...]
    after: Versioned | None
    """The fold of the stream after the entries; `None` for a stream that is not there."""
    row: bytes | None = b""
    """What the board shows; empty: nothing. `None`: the stream is never on the board."""
    due: float | None = None
    record: bool = False
    again: bool = False
    """Without entries: say row, deadline and list again, instead of only asking for the version."""
    ttl_s: int | None = None


ENTRY: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


Client: TypeAlias = Redis
"""A client made by `connect`."""


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Client]:
    """Give a client for `redis://…`, `rediss://…` or `unix://…`. It connects when it is first used.

    More commands at once than `MAX_CONNECTIONS` wait for their turn, `TURN_S` at most.
    """
    pool = BlockingConnectionPool.from_url(url, decode_responses=True, max_connections=MAX_CONNECTIONS, timeout=TURN_S)
    make_cancellable(pool)
    client = Redis(connection_pool=pool)
    try:
        yield client
    finally:
        await client.aclose()
        await pool.aclose()


async def settings_of(client: Client, names: Sequence[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the server's own settings of these names, as far as it tells, and its state. Raises `Unavailable`."""
    with reachable():
        state = dict(await client.info("everything"))
        try:
            told = await client.config_get(*names)
        except ResponseError:  # stores that are run by others do not let CONFIG be called
            told = {}
        return {str(name): str(one) for name, one in told.items()}, state


@contextmanager
def reachable() -> Iterator[None]:
    """Turn every failure to reach Redis into `Unavailable`."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable(f"the live store does not answer: {type(error).__name__}") from error


class Ledger:
    """Streams of visits and shifts. Safe to use from many tasks."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys
        self._commits = Commits(redis, SCRIPT)
        self._visits: Recent[Visit] = Recent(MAX_CACHED_VISITS)
        self._recent: dict[str, Recent[Any]] = {
            "visit": self._visits,
            "shift": Recent(MAX_CACHED_SHIFTS),
            "notice": Recent(MAX_CACHED_NOTICEBOARDS),
            "rating": Recent(MAX_CACHED_RATINGS),
            **{one.kind: Recent(MAX_CACHED_COMPANIONS) for one in COMPANIONS},
        }

    async def append(self, writes: Sequence[Write]) -> str:
        """Append all writes or none, and return the log's last sequence number.

        Raises `Conflict` when a stream is not at the version expected, `Unavailable` when Redis does not answer: then
        it is unknown whether the events were appended, and the caller's `ref` tells when the command is repeated.
        """
        keys = [self._keys.of(name) for name in ("log", "board", "deadlines", "unrecorded")]
        keys += [self._keys.stream(write.stream) for write in writes]
        arguments: list[bytes | str | int | float] = [MAX_LOG_ENTRIES]
        for write in writes:
            arguments += [write.stream, write.expected, "" if write.due is None else write.due]
            arguments.append(b"-" if write.row is None else write.row)
            arguments += [int(write.record), "" if write.ttl_s is None else write.ttl_s]
            arguments.append(-1 if write.again else len(write.entries))
            for entry in write.entries:
                arguments += [encode(entry.recorded), encode(entry)]
        with reachable():
            done, first, *rest = await self._commits.run(keys, arguments)
        if not done:
            self._forget(str(first), int(rest[0]))
            raise Conflict(f"somebody else has changed {first}")
        for write in writes:
            if write.after is not None:
                self._remember(write.stream, write.after)
        return str(first)

    async def visit(self, visit_id: str, *, remembered: bool = False) -> Visit:
        """Return the visit as it is now. Raises `NotFound` for one that is not there.

        `remembered`: as this process knows it, read only if it does not. Another process may have changed it since, so
        nothing but an append may follow from it.
        """
        known = self._visits.get(visit_id)
        if remembered and known is not None:
            return known
        visit: Visit | None = known
        for recorded in await self._read(f"visit:{visit_id}", known.version if known else 0):
            visit = evolve(visit, recorded)
        if visit is None:
            raise NotFound("there is no such visit")
        self._visits.put(visit_id, visit)
        return visit

    async def shift(self, actor: str, *, remembered: bool = False) -> Shift:
        """Return the shift as it is now, or as `remembered`; one that never began is signed out."""
        return await self._folded(f"shift:{actor}", Shift(actor=actor), shifts.evolve, remembered)

    async def beside(self, companion: Companion[State], visit_id: str, *, remembered: bool = False) -> State:
        """Return a companion of the visit as it is now, or as `remembered`."""
        return await self._folded(f"{companion.kind}:{visit_id}", companion.empty(visit_id), companion.evolve, remembered)

    async def noticeboard(self, authority: str, *, remembered: bool = False) -> Noticeboard:
        """Return the authority's notices as they are now, or as `remembered`."""
        return await self._folded(f"notice:{authority}", Noticeboard(authority=authority), notices.evolve, remembered)

    async def rating(self, visit_id: str, *, remembered: bool = False) -> Rating:
        """Return the rating of a visit, as it is now or as `remembered`."""
        return await self._folded(f"rating:{visit_id}", Rating(visit=visit_id), ratings.evolve, remembered)

    async def _folded(
        self, stream: str, empty: Folded, evolve: Callable[[Folded, Recorded], Folded], remembered: bool
    ) -> Folded:
        kind, _, name = stream.partition(":")
        known: Folded | None = self._recent[kind].get(name)
        if remembered and known is not None:
            return known
        state = known or empty
        for recorded in await self._read(stream, state.version):
            state = evolve(state, recorded)
        self._recent[kind].put(name, state)
        return state

    async def events(self, visit_id: str) -> list[Recorded]:
        """Return all events of a visit and of its companions, in one order."""
        own = await self._read(f"visit:{visit_id}", 0)
        return together(own, *[await self._read(f"{one.kind}:{visit_id}", 0) for one in COMPANIONS])

    async def names(self, kind: str) -> list[str]:
        """Return the names of all streams of a kind, `visit` or `shift`, without the kind."""
        prefix = self._keys.stream(f"{kind}:")
        with reachable():
            return sorted([str(key)[len(prefix) :] async for key in self._redis.scan_iter(f"{prefix}*", count=MANY)])

    async def many(self, streams: Sequence[str]) -> AsyncIterator[list[Recorded]]:
        """Yield all readable events of each stream, reading `MANY` at a time so that others are served in between.

        What cannot be read is left to `rvw audit queue` to name: nobody waits for it here.
        """
        for first in range(0, len(streams), MANY):
            with reachable():
                pipeline = self._redis.pipeline(transaction=False)
                for name in streams[first : first + MANY]:
                    pipeline.xrange(self._keys.stream(name))
                found = await pipeline.execute()
            for entries in found:
                yield list(_readable(entries))

    async def _read(self, stream: str, after: int) -> list[Recorded]:
        with reachable():
            entries = await self._redis.xrange(self._keys.stream(stream), min=f"({after}-0" if after else "-")
        return [RECORDED.decode(fields["r"]) for _, fields in entries_of(entries)]

    def _remember(self, stream: str, state: Versioned) -> None:
        kind, _, name = stream.partition(":")
        self._recent[kind].put(name, state)

    def _forget(self, stream: str, actual: int) -> None:
        """Forget what cannot be brought up to date by reading on: the stream is gone, or shorter than is remembered."""
        kind, _, name = stream.partition(":")
        known = self._recent[kind].get(name)
        if known is not None and known.version > actual:
            self._recent[kind].drop(name)

    def forget(self, visit_id: str) -> None:
        """Remember nothing of a visit: its streams may have been deleted, and a fold alone would bring it back."""
        for remembered in self._recent.values():
            remembered.drop(visit_id)

    async def last_seq(self) -> str:
        """Return the sequence number of the log's last entry; `0-0` for an empty log."""
        with reachable():
            last = await self._redis.xrevrange(self._keys.of("log"), count=1)
        return str(last[0][0]) if last else "0-0"

    async def latest(self, count: int, until: str = "+") -> list[tuple[str, Entry]]:
        """Return the last entries of the log up to `until`, at most so many, in their order."""
        with reachable():
            found = entries_of(await self._redis.xrevrange(self._keys.of("log"), max=until, count=count))
        return _decoded(found)[::-1]

    async def follow(self, seq: str) -> AsyncIterator[list[tuple[str, Entry]]]:
        """Yield batches of log entries after `seq` as they come, an empty one each second without any.

        Raises `Unavailable` when Redis does not answer; follow again from the last entry seen.
        """
        log = self._keys.of("log")
        while True:
            with reachable():
                found = await self._redis.xread({log: seq}, count=FOLLOW_COUNT, block=FOLLOW_BLOCK_MS)
            batch = _decoded(_first_stream(found))
            if batch:
                seq = batch[-1][0]
            yield batch

    async def missed(self, after: str, until: str) -> list[tuple[str, Entry]] | None:
        """Return the entries after `after` up to `until`; `None` when the log does not reach back, or they are too many."""
        log = self._keys.of("log")
        with reachable():
            start = await self._redis.xrange(log, min=after, max=after) if is_seq(after) else None
            if not start:
                return None
            found = entries_of(await self._redis.xrange(log, min=f"({after}", max=until, count=MAX_REPLAY + 1))
        return None if len(found) > MAX_REPLAY else _decoded(found)

    async def unrecorded(self) -> list[str]:
        """Return the ids of closed visits that SQL does not hold yet."""
        with reachable():
            members = await self._redis.smembers(self._keys.of("unrecorded"))
        return sorted(str(member).removeprefix("visit:") for member in members)

    async def take_to_file(self, visit_id: str, lease_s: float) -> bool:
        """Tell whether the visit is to be filed and nobody is at it: nobody else is for so long, or until `give_back`."""
        with reachable():
            if not await self._redis.set(self._keys.of(f"filing:{visit_id}"), "", nx=True, px=round(1000 * lease_s)):
                return False
            if await self._redis.sismember(self._keys.of("unrecorded"), f"visit:{visit_id}"):
                return True
        await self.give_back(visit_id)  # another process has filed it since the list was read
        return False

    async def give_back(self, visit_id: str) -> None:
        """Say that the visit is not being filed any more."""
        with reachable():
            await self._redis.delete(self._keys.of(f"filing:{visit_id}"))

    async def recorded(self, visit_id: str) -> None:
        """Say that SQL holds the visit."""
        with reachable():
            await self._redis.srem(self._keys.of("unrecorded"), f"visit:{visit_id}")


Fields = list[tuple[str, dict[str, str]]]


def entries_of(found: object) -> Fields:
    """Return the entries of an XRANGE reply."""
    return cast("Fields", found or [])


def _first_stream(found: object) -> Fields:
    """Return the entries of an XREAD reply of one stream, in the shape of either version of the Redis protocol."""
    match found:
        case dict(streams) if streams:
            batches = list(streams.values())[0]  # noqa: RUF015 - typed, unlike next(iter(…))
            return entries_of(batches[0] if batches and isinstance(batches[0], list) else batches)
        case [(_, entries)]:
            return entries_of(entries)
        case _:
            return []


def _decoded(entries: Fields) -> list[tuple[str, Entry]]:
    return [(seq, ENTRY.decode(fields["e"])) for seq, fields in entries]


def is_seq(text: str) -> bool:
    """Tell whether this looks like a sequence number of the log."""
    first, _, second = text.partition("-")
    return first.isdecimal() and second.isdecimal() and len(text) <= MAX_SEQ_LENGTH


def _readable(entries: object) -> Iterator[Recorded]:
    for _, fields in entries_of(entries):
        with suppress(InvalidInput):
            yield RECORDED.decode(fields["r"])
