"""What the processes share beside the ledger: the board's rows, deadlines, leases of sockets, media nodes of peers.

Every process keeps a `rvw.domain.board.Board` of its own, made from the rows here and the log after them.
"""

from collections.abc import AsyncIterator, Iterable, Sequence

import msgspec

from rvw.clock import Instant
from rvw.domain.board import Board, Row
from rvw.domain.people import Actor
from rvw.protocol.codec import LINE, NOTICEBOARD, SHIFT
from signaling.keys import Keys
from signaling.ledger import Client, reachable

LEASE_SCRIPT = """
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if score and tonumber(score) <= tonumber(ARGV[2]) then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
"""
"""Forget a lease only while it is still expired: its owner may have come back in between."""

ROOM_SCRIPT = """
local held = redis.call('GET', KEYS[1]) or ''
if held ~= ARGV[2] then return held end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
return ARGV[1]
"""
"""Say where a room is, unless somebody else has said so since one has looked."""

ROOM_S = 172_800
"""How long a room's place is kept: longer than any talk. A room that ends is forgotten at once."""

LINE_TESTS = 50
"""How many tests of a kiosk's line are kept: some weeks of mornings."""

MAX_DUE = 500
"""How many deadlines or leases are taken up at a time."""


class SharedBoard:
    """The shared rows. Every method raises `Unavailable` when Redis does not answer."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys
        self._forget_expired = redis.register_script(LEASE_SCRIPT)
        self._claim_room = redis.register_script(ROOM_SCRIPT)

    async def rows(self) -> Board:
        """Return the board as it is now."""
        board = Board()
        with reachable():
            rows = await self._redis.hgetall(self._keys.of("board"))
        for stream, row in rows.items():
            board.put(str(stream), row_of(str(stream), str(row).encode()))
        return board

    async def due(self, now: Instant) -> list[str]:
        """Return the ids of visits with a deadline that has passed."""
        with reachable():
            names = await self._redis.zrangebyscore(self._keys.of("deadlines"), "-inf", now, start=0, num=MAX_DUE)
        return [str(name).removeprefix("visit:") for name in names]

    async def renew(self, actors: Iterable[str], until: Instant) -> None:
        """Say that the actors are connected, until then at least."""
        leases: dict[str, float] = dict.fromkeys(actors, until)
        if leases:
            with reachable():
                await self._redis.zadd(self._keys.of("leases"), leases)

    async def expired(self, now: Instant) -> list[str]:
        """Return the actors whose lease has run out."""
        with reachable():
            names = await self._redis.zrangebyscore(self._keys.of("leases"), "-inf", now, start=0, num=MAX_DUE)
        return [str(name) for name in names]

    async def extend_all(self, until: Instant) -> None:
        """Give everybody a lease until then: after an outage nobody could renew, and nobody is to blame."""
        with reachable():
            names = await self._redis.zrange(self._keys.of("leases"), 0, -1)
            if names:
                await self._redis.zadd(self._keys.of("leases"), dict.fromkeys(map(str, names), until), gt=True)

    async def unleased(self, actors: Sequence[str]) -> frozenset[str]:
        """Return those who have no lease, not even one that has run out."""
        if not actors:
            return frozenset()
        with reachable():
            scores = await self._redis.zmscore(self._keys.of("leases"), list(actors))
        return frozenset(actor for actor, score in zip(actors, scores, strict=True) if score is None)

    async def overdue_lease(self, actor: str, now: Instant) -> None:
        """Give somebody without a lease one that has run out, so that what follows from that happens."""
        with reachable():
            await self._redis.zadd(self._keys.of("leases"), {actor: now}, nx=True)

    async def forget(self, actor: str, now: Instant) -> None:
        """Drop the lease if it is still expired."""
        with reachable():
            await self._forget_expired(keys=[self._keys.of("leases")], args=[actor, now])

    async def come(self, actor: str, socket: str, until: Instant) -> None:
        """Say that the actor is here until then at least, and by which socket: the newest one."""
        with reachable():
            both = self._redis.pipeline(transaction=False)
            both.zadd(self._keys.of("leases"), {actor: until})
            both.hset(self._keys.of("sockets"), actor, socket)
            await both.execute()

    async def sockets(self, actors: list[str]) -> dict[str, str]:
        """Return which socket is each actor's."""
        if not actors:
            return {}
        with reachable():
            owners = await self._redis.hmget(self._keys.of("sockets"), actors)
        return {actor: str(owner) for actor, owner in zip(actors, owners, strict=True) if owner}

    async def place(self, peer: str, node: str) -> None:
        """Say on which media node the peer is, or is to be."""
        with reachable():
            await self._redis.hset(self._keys.of("nodes"), peer, node)

    async def nodes(self, peers: list[str]) -> dict[str, str]:
        """Return the media node of each peer that has one."""
        if not peers:
            return {}
        with reachable():
            found = await self._redis.hmget(self._keys.of("nodes"), peers)
        return {peer: str(node) for peer, node in zip(peers, found, strict=True) if node}

    async def room(self, visit: str) -> str:
        """Return at which media node the visit's room is; empty when none has been chosen."""
        with reachable():
            return str(await self._redis.get(self._keys.of(f"room:{visit}")) or "")

    async def claim_room(self, visit: str, node: str, instead_of: str) -> str:
        """Put the room at `node` if it still is at `instead_of`, and return where it is now."""
        with reachable():
            held = await self._claim_room(keys=[self._keys.of(f"room:{visit}")], args=[node, instead_of, ROOM_S])
        return str(held)

    async def forget_room(self, visit: str) -> None:
        """The room has ended."""
        with reachable():
            await self._redis.delete(self._keys.of(f"room:{visit}"))

    async def register_worker(self, url: str, until: Instant) -> None:
        """Say that a media worker can be spoken to at `url`."""
        with reachable():
            await self._redis.zadd(self._keys.of("workers"), {url: until})

    async def registered_workers(self, now: Instant) -> list[str]:
        """Return the media workers whose registration holds, and drop the others."""
        key = self._keys.of("workers")
        with reachable():
            await self._redis.zremrangebyscore(key, "-inf", now)
            return [str(url) for url in await self._redis.zrange(key, 0, -1)]

    async def next_ticket(self, day: str) -> int:
        """Return the next serial number of the day (`2026-11-22`), from 1."""
        key = self._keys.of(f"tickets:{day}")
        with reachable():
            serial = await self._redis.incr(key)
            await self._redis.expire(key, _SERIAL_S)
        return int(serial)

    async def keep_ticket(self, day: str, code: str, visit: str, keep_s: int) -> None:
        """Remember whose the code of the day is."""
        key = self._keys.of(f"ticket-visits:{day}")
        with reachable():
            await self._redis.hset(key, code, visit)
            await self._redis.expire(key, keep_s)

    async def visits_of_ticket(self, code: str, days: Sequence[str]) -> list[str]:
        """Return the visits that had the code on these days."""
        with reachable():
            found = [await self._redis.hget(self._keys.of(f"ticket-visits:{day}"), code) for day in days]
        return [str(visit) for visit in found if visit]

    async def point(self, gesture: bytes) -> None:
        """Hand a gesture to every process."""
        with reachable():
            await self._redis.publish(self._keys.of("gestures"), gesture)

    async def pointed(self) -> AsyncIterator[str]:
        """Yield each gesture from now on, in whatever process. Raises `Unavailable` when Redis is gone."""
        async for data in self._heard("gestures"):
            yield data

    async def tell(self, topics: Sequence[str]) -> None:
        """Tell every process that pages with these topics should read their list of tasks again."""
        with reachable():
            await self._redis.publish(self._keys.of("tasks"), msgspec.json.encode(topics))

    async def told(self) -> AsyncIterator[tuple[str, ...]]:
        """Yield the topics of each `tell` from now on, in whatever process. Raises `Unavailable` when Redis is gone."""
        async for data in self._heard("tasks"):
            yield msgspec.json.decode(data, type=tuple[str, ...])

    async def _heard(self, channel: str) -> AsyncIterator[str]:
        with reachable():
            async with self._redis.pubsub(ignore_subscribe_messages=True) as heard:
                await heard.subscribe(self._keys.of(channel))
                async for message in heard.listen():
                    yield message["data"]

    async def keep_line_test(self, kiosk: Actor, test: bytes) -> None:
        """Keep what a kiosk's test has found: the last `LINE_TESTS` of each."""
        own = self._keys.of(f"line_tests:{kiosk.id}")
        with reachable():
            await self._redis.lpush(own, test)
            await self._redis.ltrim(own, 0, LINE_TESTS - 1)
            await self._redis.hset(self._keys.of(f"line_tested:{kiosk.authority}"), kiosk.id, kiosk.name)

    async def line_tested(self, authority: str) -> dict[str, str]:
        """Return the names of the authority's kiosks that have been tested, by id."""
        with reachable():
            names = await self._redis.hgetall(self._keys.of(f"line_tested:{authority}"))
        return {str(kiosk): str(name) for kiosk, name in names.items()}

    async def line_tests(self, kiosk: str, most: int = LINE_TESTS) -> list[bytes]:
        """Return the last tests of a kiosk, the newest first."""
        with reachable():
            kept = await self._redis.lrange(self._keys.of(f"line_tests:{kiosk}"), 0, most - 1)
        return [str(one).encode() for one in kept]

    async def ping(self) -> None:
        """Return when Redis has answered."""
        with reachable():
            await self._redis.ping()


_SERIAL_S = 172_800


def row_of(stream: str, row: bytes | msgspec.Raw) -> Row | None:
    """Return the row of a stream from its JSON."""
    data = bytes(row)
    if data in (b"", b"null"):
        return None
    match stream.partition(":")[0]:
        case "visit":
            return LINE.decode(data)
        case "notice":
            return NOTICEBOARD.decode(data)
        case _:
            return SHIFT.decode(data)
