"""Group commit: scripts that are asked for while others are on their way go together, in the order of coming.

With `appendfsync always` each turn of Redis ends with a flush of the disk, however many scripts it ran; and a round trip
costs a process more than the script does. Nobody waits for company: what comes while nothing is on its way goes at once.
"""

from asyncio import CancelledError, Future, get_running_loop
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from rvw.errors import Unavailable

MOST = 64
"""How many go together: Redis serves nobody else meanwhile, and a script takes some tenths of a millisecond."""

LEAD: Final = object()
"""What somebody who waits is told when it is theirs to send for all who wait."""

Argument: TypeAlias = bytes | str | int | float


class Asked(Struct, eq=False):
    """A script to run, and what is to be told of it."""

    keys: int
    words: Sequence[Argument]
    answer: "Future[Any]"


class Commits:
    """One script, run for many at a time."""

    def __init__(self, redis: Redis, script: str) -> None:
        self._redis = redis
        self._script = redis.register_script(script)
        self._waiting: list[Asked] = []
        self._sending = False

    async def run(self, keys: Sequence[str], arguments: Sequence[Argument]) -> list[Any]:
        """Return the script's answer. Raises `RedisError`, `OSError` or `Unavailable`: it is unknown whether it has run.

        When the caller is cancelled before it was sent, it has not.
        """
        asked = Asked(len(keys), (*keys, *arguments), get_running_loop().create_future())
        self._waiting.append(asked)
        found: Any = LEAD
        if self._sending:
            found = await self._told(asked)
        if found is LEAD:
            asked.answer = get_running_loop().create_future()
            await self._lead()
            found = asked.answer.result()
        answer: list[Any] = found
        return answer

    async def _told(self, asked: Asked) -> object:
        try:
            return await asked.answer
        except CancelledError:
            if asked in self._waiting:
                self._waiting.remove(asked)
                if asked.answer.done() and not asked.answer.cancelled():  # it was theirs to send
                    self._hand_on()
            raise

    async def _lead(self) -> None:
        """Send for all who wait, and let the first who came meanwhile do the same."""
        self._sending = True
        batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            for one, found in zip(batch, await self._answers(batch), strict=True):
                if isinstance(found, Exception):
                    _tell(one, found)
                elif not one.answer.done():
                    one.answer.set_result(found)
        finally:  # also when whoever sends is cancelled
            for one in batch:
                _tell(one, Unavailable("the live store was asked, and its answer not waited for"))
            self._hand_on()

    def _hand_on(self) -> None:
        self._sending = bool(self._waiting)
        if self._waiting:
            self._waiting[0].answer.set_result(LEAD)

    async def _answers(self, batch: Sequence[Asked]) -> Sequence[object]:
        """Return what Redis answered to each, an exception for a failure."""
        try:
            found = await self._executed(batch)
            if any(isinstance(one, NoScriptError) for one in found):  # it is new, or was started again: none has run
                await self._redis.script_load(self._script.script)
                found = await self._executed(batch)
        except (RedisError, OSError) as error:
            return [error] * len(batch)
        return found

    async def _executed(self, batch: Sequence[Asked]) -> list[object]:
        pipeline = self._redis.pipeline(transaction=False)
        for one in batch:
            pipeline.evalsha(self._script.sha, one.keys, *one.words)
        return list(await pipeline.execute(raise_on_error=False))


def _tell(asked: Asked, error: Exception) -> None:
    if not asked.answer.done():
        asked.answer.set_exception(error)
        asked.answer.exception()  # whoever asked may be gone
