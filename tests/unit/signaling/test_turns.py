"""Who works on the same thing does so one after the other."""

import asyncio

from signaling.turns import Turns


async def test_turns_of_one_name_follow_each_other_and_others_do_not_wait() -> None:
    """Li is at it; Zhou waits for the same visit and is next, Zheng works on another; nothing is kept afterwards."""
    turns, said, done = Turns(), [], asyncio.Event()

    async def work(who: str, name: str, until: asyncio.Event | None = None) -> None:
        async with turns.of(name):
            said.append(f"{who} begins")
            if until is not None:
                await until.wait()
            said.append(f"{who} ends")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work("li", "a", done))
        tasks.create_task(work("zhou", "a"))
        other = tasks.create_task(work("zheng", "b"))
        await other
        assert said == ["li begins", "zheng begins", "zheng ends"]
        done.set()
    assert said[3:] == ["li ends", "zhou begins", "zhou ends"]
    assert len(turns) == 0


async def test_who_gives_up_waiting_leaves_the_turn_to_the_next() -> None:
    """The second is cancelled while waiting: the third comes after the first."""
    turns, done, ended = Turns(), asyncio.Event(), []

    async def work(who: str) -> None:
        async with turns.of("a"):
            await done.wait()
            ended.append(who)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work("li"))
        gone = tasks.create_task(work("zhou"))
        tasks.create_task(work("zheng"))
        await asyncio.sleep(0)
        gone.cancel()
        done.set()
    assert (ended, len(turns)) == (["li", "zheng"], 0)
