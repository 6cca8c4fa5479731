"""Connections to Redis on which a task that is cancelled ends.

redis-py sends with `asyncio.wait_for`, which in Python 3.11 loses a cancellation that comes when the command is just sent:
the task goes on, and whoever waits for its end waits for ever (measured: every third time a process was stopped while it
filed). So its own patience is taken from it while it sends, and kept here, by `asyncio.timeout`.
"""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import AbstractConnection

if TYPE_CHECKING:
    _Base = AbstractConnection
else:
    _Base = object


class _Cancellable(_Base):
    """Over any kind of connection: one task at a time has it."""

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        """Send a command. Raises `TimeoutError` as well as the errors of redis-py."""
        patience, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(patience):
                await super().send_packed_command(command, check_health)
        finally:
            self.socket_timeout = patience


def make_cancellable(pool: BlockingConnectionPool) -> None:
    """Let the pool make such connections, of the kind that its address asks for."""
    kind = pool.connection_class
    pool.connection_class = type(f"Cancellable{kind.__name__}", (_Cancellable, kind), {})
