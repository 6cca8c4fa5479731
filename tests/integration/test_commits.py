"""Scripts that go to a real Valkey together: each has its own answer, whoever sends for all may go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from redis.exceptions import RedisError

from rvw.errors import Unavailable
from signaling.commits import MOST, Commits
from signaling.ledger import Client, connect
from tests.fakes.valkey import Valkey, running_valkey

COUNT = """
if ARGV[1] == 'bad' then return redis.error_reply('ERR as asked') end
return {redis.call('INCR', KEYS[1]), ARGV[1]}
"""


@pytest_asyncio.fixture
async def valkey() -> AsyncIterator[Valkey]:
    """A server of its own."""
    async with running_valkey() as server:
        yield server


@pytest_asyncio.fixture
async def redis(valkey: Valkey) -> AsyncIterator[Client]:
    """A client of it."""
    async with connect(valkey.url) as client:
        yield client


async def test_many_at_once_have_each_their_answer_in_the_order_of_coming(redis: Client) -> None:
    """Three times as many as go together; one of them is refused by its script, and that alone fails."""
    commits = Commits(redis, COUNT)
    words = ["bad" if n == 70 else str(n) for n in range(3 * MOST)]
    found = await asyncio.gather(*(commits.run(["k"], [word]) for word in words), return_exceptions=True)
    assert [n for n, one in enumerate(found) if isinstance(one, RedisError)] == [70]
    answers = [one for one in found if isinstance(one, list)]
    assert [int(number) for number, _ in answers] == list(range(1, 3 * MOST))
    assert [word for _, word in answers] == [word for word in words if word != "bad"]


async def test_whoever_sends_for_all_may_go(redis: Client) -> None:
    """The first two are cancelled at different moments: the others are not kept waiting."""
    commits = Commits(redis, COUNT)

    async def ask(number: int) -> None:
        with suppress(Unavailable):
            await commits.run(["k"], [str(number)])

    async with asyncio.timeout(10):
        for _ in range(20):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(n)) for n in range(6)]
                await asyncio.sleep(0)
                tasks[1].cancel()
                tasks[0].cancel()
            assert (await commits.run(["k"], ["after"]))[1] == "after"


async def test_a_server_that_was_started_again_learns_the_script_anew(valkey: Valkey, redis: Client) -> None:
    """It is killed: whoever asks meanwhile is told so; then it answers, though it does not know the script."""
    commits = Commits(redis, COUNT)
    assert (await commits.run(["k"], ["a"]))[0] == 1
    await valkey.kill()
    with pytest.raises((RedisError, OSError)):
        await commits.run(["k"], ["b"])
    await valkey.start()
    assert await commits.run(["k"], ["c"]) == [2, "c"]
