"""Reads streams of the live store together with all that is kept beside them, as the auditor wants them.

`rvw audit queue` reads everything, the sweeper a few streams at a time. Changes nothing.
"""

from collections.abc import Iterable, Sequence

import msgspec

from rvw.domain import events as e
from rvw.domain.audit import Store, engaged
from rvw.domain.companions import visit_of
from rvw.domain.reckoning import reckon
from rvw.errors import RvwError
from rvw.protocol.codec import RECORDED
from signaling.keys import Keys
from signaling.ledger import Client, reachable

BATCH = 500
"""How many streams are asked for at a time: Redis serves others in between."""

Streams = dict[str, list[tuple[int, e.Recorded | None]]]


class Survey:
    """One cell of the live store. Every method raises `Unavailable` when Redis does not answer."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def whole(self) -> Store:
        """Return everything but what SQL holds."""
        prefix = self._keys.stream("")
        with reachable():
            names = sorted([str(key)[len(prefix) :] async for key in self._redis.scan_iter(f"{prefix}*", count=BATCH)])
        streams = await self._streams(names)
        return await self._beside(streams, None)

    async def some(self, names: Iterable[str]) -> Store:
        """Return these streams, those of whoever belongs to them, and what is kept beside them."""
        streams = await self._streams(sorted(set(names)))
        for _ in range(2):  # visits of shifts, then shifts of visits
            streams |= await self._streams(sorted(_belonging(streams) - set(streams)))
        return await self._beside(streams, sorted({*names, *streams}))

    async def doubtful(self) -> set[str]:
        """Return the visits that are on the board without a deadline, or have a deadline and are not on the board."""
        with reachable():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hkeys(self._keys.of("board"))
            pipeline.zrange(self._keys.of("deadlines"), 0, -1)
            rows, deadlines = await pipeline.execute()
        return {str(row) for row in rows if str(row).startswith("visit:")} ^ set(map(str, deadlines))

    async def next(self, cursor: int, count: int) -> tuple[int, list[str]]:
        """Return some `count` names of streams further round, and the cursor after them; 0 begins and ends a round."""
        prefix = self._keys.stream("")
        with reachable():
            after, keys = await self._redis.scan(cursor, match=f"{prefix}*", count=count)
        return int(after), [str(key)[len(prefix) :] for key in keys]

    async def _streams(self, names: Sequence[str]) -> Streams:
        streams: Streams = {}
        for first in range(0, len(names), BATCH):
            batch = names[first : first + BATCH]
            with reachable():
                pipeline = self._redis.pipeline(transaction=False)
                for name in batch:
                    pipeline.xrange(self._keys.stream(name))
                found = await pipeline.execute()
            for name, entries in zip(batch, found, strict=True):
                if entries:
                    streams[name] = [_entry(id, fields) for id, fields in entries]
        return streams

    async def _beside(self, streams: Streams, only: Sequence[str] | None) -> Store:
        board, deadlines, unrecorded = (self._keys.of(name) for name in ("board", "deadlines", "unrecorded"))
        with reachable():
            pipeline = self._redis.pipeline(transaction=True)
            if only is None:
                pipeline.hgetall(board)
                pipeline.zrange(deadlines, 0, -1, withscores=True)
                pipeline.smembers(unrecorded)
                rows, scores, members = await pipeline.execute()
                scores = dict(scores)
            elif only:
                pipeline.hmget(board, list(only))
                pipeline.zmscore(deadlines, list(only))
                pipeline.smembers(unrecorded)
                kept, found, members = await pipeline.execute()
                rows = {name: row for name, row in zip(only, kept, strict=True) if row is not None}
                scores = {name: score for name, score in zip(only, found, strict=True) if score is not None}
            else:
                rows, scores, members = {}, {}, ()
        return Store(
            streams=streams,
            rows={str(name): _plain(row) for name, row in rows.items()},
            deadlines={str(name): float(score) for name, score in scores.items()},
            unrecorded=frozenset(map(str, members)),
        )


def _belonging(streams: Streams) -> set[str]:
    """Return the visits that shifts are engaged for now, and the shifts of those whom open visits have."""
    names: set[str] = set()
    for name, entries in streams.items():
        events = [recorded for _, recorded in entries if recorded is not None]
        if name.startswith("visit:"):
            own, _ = reckon(events)
            names |= {
                f"shift:{actor}" for actor in (own.kiosk, own.officer, *own.guests) if actor and own.state != "closed"
            }
        elif (visit := visit_of(name)) or (visit := engaged(events)):
            names.add(f"visit:{visit}")
    return names


def _plain(row: str) -> object:
    try:
        return msgspec.json.decode(row)
    except msgspec.DecodeError:
        return row


def _entry(id: str, fields: dict[str, str]) -> tuple[int, e.Recorded | None]:
    version = int(id.partition("-")[0])
    try:
        return version, RECORDED.decode(fields["r"])
    except (RvwError, KeyError):
        return version, None
