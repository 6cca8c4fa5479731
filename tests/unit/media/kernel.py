"""A kernel on paper: what `recvmmsg` would read and what `sendmmsg` was given, in virtual time."""

import socket
from collections.abc import Callable
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

turning = load(folder(Path("var")))


class Kernel:
    """The socket and the clocks of a worker: datagrams wait until `pass_on`, which gives the worker what has come."""

    def __init__(self, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worker = worker
        self.waiting: list[tuple[bytes, Address, Instant]] = []
        self.output = self
        self.now: Instant = 0.0
        self.dropped = 0
        """Datagrams that it had no room for, as it tells with each that comes after."""
        self.handed_over = 0
        """Datagrams that the compiled loop left to the core."""
        self.faults: list[BaseException] = []
        """What went wrong in here while compiled code called."""
        self._sent: list[Datagram] = []
        self._names = Names(socket.AF_INET)
        sock: Any = SimpleNamespace(fileno=lambda: 0, family=socket.AF_INET, getsockopt=lambda *_: 0)
        self._library = SimpleNamespace(
            memcpy=batched.library().memcpy,
            recvmmsg=self._callback("int(int, intptr_t, unsigned, int, void *)", self._recvmmsg),
            sendmmsg=self._callback("int(int, void *, unsigned, int)", self._sendmmsg),
            poll=self._callback("int(int32_t *, unsigned long, int)", self._poll),
            clock_gettime=self._callback("int(int, int64_t *)", self._clock_gettime),
        )
        with monkeypatch.context() as patch:
            patch.setattr(batched, "library", lambda: self._library)
            self.batches = Batches(sock, turning, 0.0)

    def receive(self, datagram: bytes, address: Address, now: Instant) -> None:
        """Let a datagram wait."""
        self.waiting.append((datagram, address, now))

    def pass_on(self, now: Instant, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the worker have what waits, and do what is due."""
        hand_over = self.worker.receive
        self.now = now

        def count(*arguments: Any) -> None:
            self.handed_over += 1
            hand_over(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(self.worker, "receive", count)
            while self.waiting:
                self.batches.forward(self.worker, -1, now)
        self.batches.forward(self.worker, -1, now)
        self.worker.tick(now)
        self.batches.send(self.worker.output.take_datagrams())
        self.worker.output.held.clear()
        assert not self.faults

    def take_datagrams(self) -> list[Datagram]:
        """Return what was sent."""
        taken, self._sent = self._sent, []
        return taken

    def _callback(self, kind: str, function: Callable[..., int]) -> Any:
        return rows.ffi.callback(kind, function, onerror=lambda _, fault, __: self.faults.append(fault))

    def _clock_gettime(self, _: int, time: Any) -> int:
        time[0], time[1] = int(self.now), round(self.now % 1 * 1e9)
        return 0

    def _poll(self, files: Any, _: int, __: int) -> int:
        files[1] = files[1] & 0xFFFF | bool(self.waiting) << 16
        return len(self.waiting)

    def _recvmmsg(self, _: int, messages: int, most: int, *__: Any) -> int:
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        for number, (data, address, now) in enumerate(taken):
            message = rows.ffi.cast("struct message *", messages)[number]
            part = rows.ffi.cast("struct part *", message.parts)
            message.length = len(data)
            rows.ffi.memmove(rows.ffi.cast("char *", part.base), data, len(data))
            rows.ffi.memmove(rows.ffi.cast("char *", message.name), self._names.write(address), 32)
            stamp = rows.ffi.cast("int64_t *", message.control)
            stamp[2], stamp[3] = int(now), round(now % 1 * 1e9)
            if self.dropped:
                said = rows.ffi.cast("int32_t *", message.control + rows.STAMP_BYTES)
                said[3], said[4] = rows.RXQ_OVFL, self.dropped
        return len(taken)

    def _sendmmsg(self, _: int, messages: Any, count: int, __: int) -> int:
        for message in rows.ffi.cast("struct message *", messages)[0:count]:
            name = bytes(rows.ffi.buffer(rows.ffi.cast("char *", message.name), 32))
            parts = rows.ffi.cast("struct part *", message.parts)[0 : message.part_count]
            whole = b"".join(bytes(rows.ffi.buffer(rows.ffi.cast("char *", it.base), it.length)) for it in parts)
            size = len(whole)
            if message.control_length:
                assert message.control_length == _SEGMENT_CONTROL
                size = rows.ffi.cast("uint16_t *", message.control + 16)[0]
            self._sent += [(whole[at : at + size], self._names.read(name)) for at in range(0, len(whole), size)]
        return count
