"""A kernel on paper: what `recvmmsg` would read and what `sendmmsg` was given, in virtual time."""

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media import batched
from media.batched import Batches, Names
from media.compiling import folder, load
from media.core import rows
from media.core.io import Address, Datagram
from media.core.worker import Worker
from rvw.clock import Instant

_SEGMENT_CONTROL = 24

settled = load(folder(Path("var")))


class Kernel:
    """The socket of a worker: datagrams wait until `pass_on`, which gives the worker a batch."""

    def __init__(self, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worker = worker
        self.waiting: list[tuple[bytes, Address, Instant]] = []
        self.output = self
        self.handed_over = 0
        """Datagrams that the compiled walk left to the core."""
        self._sent: list[Datagram] = []
        self._names = Names(socket.AF_INET)
        sock: Any = SimpleNamespace(fileno=lambda: 0, family=socket.AF_INET, getsockopt=lambda *_: 0)
        real = batched.library()
        calls = SimpleNamespace(recvmmsg=self._recvmmsg, sendmmsg=self._sendmmsg, memcpy=real.memcpy)
        monkeypatch.setattr(batched, "library", lambda: calls)
        self.batches = Batches(sock, settled)
        monkeypatch.setattr(batched, "library", lambda: real)

    def receive(self, datagram: bytes, address: Address, now: Instant) -> None:
        """Let a datagram wait; its stamp has the kernel's nanoseconds."""
        self.waiting.append((datagram, address, now))

    def pass_on(self, now: Instant, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the worker have what waits, and do what is due."""
        hand_over = self.worker.receive

        def count(*arguments: Any) -> None:
            self.handed_over += 1
            hand_over(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(batched, "time", SimpleNamespace(time=lambda: now))
            patch.setattr(self.worker, "receive", count)
            while self.batches.pass_on(self.worker, now):
                pass
        self.worker.tick(now)
        self.batches.send(self.worker.output.take_datagrams())
        self.worker.output.held.clear()

    def take_datagrams(self) -> list[Datagram]:
        """Return what was sent."""
        taken, self._sent = self._sent, []
        return taken

    def _recvmmsg(self, _: int, messages: Any, most: int, *__: Any) -> int:
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        for number, (data, address, now) in enumerate(taken):
            message = messages[number]
            part = rows.ffi.cast("struct part *", message.parts)
            message.length = len(data)
            rows.ffi.memmove(rows.ffi.cast("char *", part.base), data, len(data))
            rows.ffi.memmove(rows.ffi.cast("char *", message.name), self._names.write(address), 32)
            stamp = rows.ffi.cast("int64_t *", message.control)
            stamp[2], stamp[3] = int(now), round(now % 1 * 1e9)
        return len(taken)

    def _sendmmsg(self, _: int, messages: Any, count: int, __: int) -> int:
        for message in messages[0:count]:
            name = bytes(rows.ffi.buffer(rows.ffi.cast("char *", message.name), 32))
            parts = rows.ffi.cast("struct part *", message.parts)[0 : message.part_count]
            whole = b"".join(bytes(rows.ffi.buffer(rows.ffi.cast("char *", it.base), it.length)) for it in parts)
            size = len(whole)
            if message.control_length:
                assert message.control_length == _SEGMENT_CONTROL
                size = rows.ffi.cast("uint16_t *", message.control + 16)[0]
            self._sent += [(whole[at : at + size], self._names.read(name)) for at in range(0, len(whole), size)]
        return count
