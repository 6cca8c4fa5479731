"""What the live store has of visits that are over, deleted: streams, the rows beside them, and their entries in the log.

A stream of Redis only marks an entry as deleted, and both a snapshot and the beginning of an append-only file copy what was
marked. So the file is written anew as commands (`aof-use-rdb-preamble no`), of what is still there.
"""

from asyncio import sleep
from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct
from redis.exceptions import ResponseError

from rvw.clock import Seconds
from rvw.domain.companions import COMPANIONS
from rvw.errors import Unavailable
from signaling.keys import Keys
from signaling.ledger import Client, entries_of, reachable

PAGE: Final = 1_000
"""How many entries of the log are looked at at a time: others are served in between."""

LOOK_S: Final[Seconds] = 0.2
"""How often it is asked whether the file is written."""

LOOKS: Final = 3_000
"""How often at most: ten minutes, for some gigabytes."""

KINDS: Final = ("visit", "rating", *(one.kind for one in COMPANIONS))
"""The streams that a visit has."""


class _Named(Struct, frozen=True):
    stream: str


class _Event(Struct, frozen=True):
    recorded: _Named


EVENT: msgspec.json.Decoder[_Event] = msgspec.json.Decoder(_Event)


class Traces:
    """Deletes them. Every method raises `Unavailable` when Redis does not answer, and may be called again."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def forget(self, streams: Collection[str]) -> None:
        """Delete these streams, what is kept beside those of visits, and their entries in the log."""
        for stream in streams:
            await self._forget(stream)
        if streams:
            await self._clear_log(frozenset(streams))

    async def rewrite(self) -> None:
        """Return when the append-only file is written anew; a store that is run by others is left to them."""
        with reachable():
            if not await self._own():
                return
            before = await self._rewrites()
            try:
                await self._redis.bgrewriteaof()
            except ResponseError:
                raise Unavailable("the live store is writing its file already: it is tried again") from None
            for _ in range(LOOKS):
                state = await self._redis.info("persistence")
                if not state["aof_rewrite_in_progress"] and not state.get("aof_rewrite_scheduled", 0):
                    return _written(state, before)
                await sleep(LOOK_S)
        raise Unavailable("the live store does not come to an end of writing its file")

    async def _own(self) -> bool:
        """Let the file be written as commands; tell whether there is a file, and it may be asked for."""
        try:
            await self._redis.config_set("aof-use-rdb-preamble", "no")
            told = dict(await self._redis.config_get("appendonly"))
        except ResponseError:  # stores that are run by others do not let CONFIG be called
            return False
        return told.get("appendonly") == "yes"

    async def _rewrites(self) -> int:
        return int((await self._redis.info("persistence")).get("aof_rewrites", 0))

    async def _forget(self, stream: str) -> None:
        kind, _, visit = stream.partition(":")
        with reachable():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.delete(self._keys.stream(stream))
            if kind == "visit":
                pipeline.hdel(self._keys.of("board"), stream)
                pipeline.zrem(self._keys.of("deadlines"), stream)
                pipeline.srem(self._keys.of("unrecorded"), stream)
                uploads = self._keys.of(f"uploads:{visit}")
                names = map(str, await self._redis.smembers(uploads))
                under_way = [self._keys.of(f"upload:{visit}:{name}") for name in names]
                pipeline.delete(uploads, self._keys.of(f"room:{visit}"), *under_way)
            await pipeline.execute()

    async def _clear_log(self, streams: frozenset[str]) -> None:
        log, after = self._keys.of("log"), "-"
        while True:
            with reachable():
                found = entries_of(await self._redis.xrange(log, min=after, count=PAGE))
                if gone := [id for id, fields in found if _stream(fields) in streams]:
                    await self._redis.xdel(log, *gone)
            if len(found) < PAGE:
                return
            after = f"({found[-1][0]}"


def streams_of(visits: Iterable[str], kinds: Iterable[str] = KINDS) -> list[str]:
    """Return the names of the streams of these visits."""
    return [f"{kind}:{visit}" for visit in visits for kind in kinds]


def _stream(fields: dict[str, str]) -> str:
    try:
        return EVENT.decode(fields["e"]).recorded.stream
    except (msgspec.DecodeError, KeyError):
        return ""


def _written(state: dict[str, Any], before: int) -> None:
    if state.get("aof_last_bgrewrite_status") != "ok" or int(state.get("aof_rewrites", before + 1)) <= before:
        raise Unavailable("the live store could not write its file anew")
