"""The UDP socket by batches: one system call reads or sends many datagrams (recvmmsg, sendmmsg; UDP_SEGMENT).

The C library is called as it is, by the compiled loop of `media.turning`, which reads, passes on and sends. The few
datagrams that it does not know go to the core one by one; what the core answers is laid out in the same buffers, so that
everything to one address keeps its order.
"""

import errno
import socket
import sys
from struct import Struct
from types import ModuleType
from typing import Any, Final

from cffi import FFI  # type: ignore[import-untyped]

from media.core import rows, srtp
from media.core.io import Address, Datagram
from media.core.rows import (
    CONTROL_BYTES,
    LONGEST_DATAGRAM,
    NAME_BYTES,
    OUTGOING_AT_ONCE,
    OUTGOING_BYTES,
    RECEIVED_AT_ONCE,
    Routes,
    Row,
)
from media.core.twcc import MOST_TIMES_BYTES, MOST_TOLD, Round
from media.core.worker import Worker
from rvw.clock import Instant

MOST_ADDRESSES = 8192
"""Addresses remembered in both of their forms; strangers can make up as many as they like."""

_SOL_UDP, _UDP_SEGMENT = 17, 103
_POLLIN: Final = 1
_DONTWAIT: Final = int(getattr(socket, "MSG_DONTWAIT", 0))
_FULL: Final = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM)
_CANNOT_CUT: Final = (errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.EOPNOTSUPP)
_SEGMENT: Final = Struct("=QiiH")
"""A control message that says at which size the kernel cuts."""

_calls: Final = FFI()
_calls.cdef(
    """
    int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout);
    int sendmmsg(int fd, void *messages, unsigned int count, int flags);
    int poll(void *files, unsigned long count, int milliseconds);
    int clock_gettime(int clock, void *time);
    void *memcpy(void *to, const void *from, size_t size);
    """
)


def library() -> Any:
    """Return the C library. Raises `OSError` or `AttributeError` where it cannot do this, or is laid out otherwise."""
    found = _calls.dlopen(None)
    if not (found.recvmmsg and found.sendmmsg) or _calls.sizeof("void *") != 8 or sys.byteorder != "little":
        raise OSError(errno.ENOSYS, "no batches here")
    return found


class Names:
    """Socket addresses in the kernel's form and in Python's."""

    def __init__(self, family: socket.AddressFamily) -> None:
        self._family = family
        self.length = 28 if family == socket.AF_INET6 else 16
        self._known: dict[bytes, Address] = {}
        self._names: dict[Address, bytes] = {}

    def read(self, name: bytes) -> Address:
        """Return Python's form."""
        return self._known.get(name) or self._learn(name)

    def write(self, address: Address) -> bytes:
        """Return the kernel's form."""
        known = self._names.get(address)
        if known is None:
            known = rows.name(address)
            self._remember(known, address)
        return known

    def _learn(self, name: bytes) -> Address:
        port = int.from_bytes(name[2:4])
        if self._family == socket.AF_INET6:
            host = socket.inet_ntop(socket.AF_INET6, name[8:24])
            scope = int.from_bytes(name[24:28], sys.byteorder)
            address: Address = (host, port, int.from_bytes(name[4:8]), scope)
        else:
            address = (socket.inet_ntoa(name[4:8]), port)
        self._remember(name, address)
        return address

    def _remember(self, name: bytes, address: Address) -> None:
        if len(self._known) >= MOST_ADDRESSES:
            self._known.clear()
            self._names.clear()
        self._known[name] = address
        self._names[address] = name


class Buffers:
    """Messages with their parts, names, control data and datagrams, each in one block."""

    def __init__(self, count: int, data_bytes: int, control_bytes: int) -> None:
        self.messages = rows.new("message", count)
        self.parts = rows.new("part", count)
        self.names = rows.ffi.new("char[]", count * NAME_BYTES)
        self.control = rows.ffi.new("char[]", count * control_bytes)
        self.data = rows.ffi.new("char[]", count * data_bytes)
        self.bytes = memoryview(rows.ffi.buffer(self.data)).cast("B")
        self.name_bytes = memoryview(rows.ffi.buffer(self.names)).cast("B")
        for number in range(count):
            message, part = self.messages[number], self.parts[number]
            message.name = rows.address(self.names + number * NAME_BYTES)
            message.parts, message.part_count = rows.address(self.parts + number), 1
            message.control = rows.address(self.control + number * control_bytes)
            part.base, part.length = rows.address(self.data + number * data_bytes), data_bytes


class Batches:
    """Reads, passes on and sends by batches."""

    def __init__(self, sock: socket.socket, turning: ModuleType, origin: Instant) -> None:
        """`turning` is `media.turning`, compiled; `origin` what our clock says more than the system's monotonic one.

        Raises `OSError` or `AttributeError` where that cannot be.
        """
        self._turning = turning
        self._library = library()
        self._names = Names(sock.family)
        self.dropped = 0
        """Datagrams that the kernel did not take."""
        self._in = Buffers(RECEIVED_AT_ONCE, LONGEST_DATAGRAM, CONTROL_BYTES)
        self._out = Buffers(OUTGOING_AT_ONCE, OUTGOING_BYTES, CONTROL_BYTES)
        segment = _SEGMENT.pack(_SEGMENT.size, _SOL_UDP, _UDP_SEGMENT, 0).ljust(CONTROL_BYTES, b"\0")
        rows.ffi.buffer(self._out.control)[:] = segment * OUTGOING_AT_ONCE
        self._lists = {
            name: rows.ffi.new(f"{kind}[]", size)
            for name, kind, size in (
                ("outgoing", "struct outgoing", OUTGOING_AT_ONCE),
                ("addressed", "int64_t", OUTGOING_AT_ONCE),
                ("carried", "int32_t", OUTGOING_AT_ONCE),
                ("symbols", "int64_t", MOST_TOLD),
                ("times", "uint8_t", MOST_TIMES_BYTES),
            )
        }
        self._nobody: tuple[Routes[object], Round] = (Routes(), Round())
        self._turn = self._prepare(sock, origin)
        self._at = rows.address(self._turn)
        for message in self._in.messages[0:RECEIVED_AT_ONCE]:
            message.name_length, message.control_length = self._names.length, CONTROL_BYTES

    def forward(self, worker: Worker, other: int, until: Instant) -> bool:
        """See `Way`."""
        turn, run = self._turn, self._turning.run
        turn.routes, turn.round, turn.other = worker.routes.address, worker.round.address, other
        turn.strain = rows.address(worker.strain.row)
        while True:
            turn.until = min(until, worker.due_at())
            why = run(self._at)
            if why == self._turning.STRANGE:
                self._hand_over(worker, turn.number)
                turn.number += 1
                # News goes out by the event loop.
                turn.leaving = turn.leaving or bool(worker.output.notices)
            elif why == self._turning.REFUSED:
                self._insist()
            else:
                break
        worker.received += turn.received
        turn.received = 0
        return bool(turn.theirs >> 16)

    def send(self, datagrams: list[Datagram]) -> None:
        """Send what was passed on, and `datagrams`; drop what the kernel does not take: media that waits is too late."""
        for data, address in datagrams:
            self._add(data, address)
        if self._turn.outgoing_count:
            self._flush()

    def _hand_over(self, worker: Worker, number: int) -> None:
        """Let the core have the datagram of that number, and take what it answers."""
        turn, start = self._turn, number * LONGEST_DATAGRAM
        data = bytes(self._in.bytes[start : start + self._in.messages[number].length])
        address = self._names.read(bytes(self._in.name_bytes[number * NAME_BYTES : (number + 1) * NAME_BYTES]))
        worker.receive(data, address, turn.arrival)
        for answer, there in worker.output.take_datagrams():
            self._add(answer, there)

    def _add(self, data: bytes, address: Address) -> None:
        """Lay out one more datagram."""
        size = OUTGOING_BYTES
        if len(data) > size:
            self.dropped += 1
            return
        if self._turn.outgoing_count == OUTGOING_AT_ONCE:
            self._flush()
        number = self._turn.outgoing_count
        self._out.bytes[number * size : number * size + len(data)] = data
        self._out.name_bytes[number * NAME_BYTES : (number + 1) * NAME_BYTES] = self._names.write(address)
        self._turning.add(self._at, rows.address(self._out.names + number * NAME_BYTES), len(data))

    def _flush(self) -> None:
        """Send all that is laid out."""
        self._turn.made = self._turning.lay_out(self._at)
        while self._turn.done < self._turn.made:
            self._insist()
        self._turning.begin(self._at)

    def _insist(self) -> None:
        """Send from message `turn.done` on, or drop what the kernel does not take."""
        turn = self._turn
        done, made = turn.done, turn.made
        sent = self._library.sendmmsg(turn.socket, self._out.messages + done, made - done, _DONTWAIT)
        if sent > 0:
            turn.done += sent
        elif _calls.errno in _FULL:
            self.dropped += sum(self._lists["carried"][done:made])
            turn.done = made
        elif _calls.errno != errno.EINTR:
            # This address cannot be reached, or the way to it cannot cut: then nothing is joined any more.
            self.dropped += self._lists["carried"][done]
            if _calls.errno in _CANNOT_CUT and self._lists["carried"][done] > 1:
                turn.segments = False
            turn.done += 1

    def _prepare(self, sock: socket.socket, origin: Instant) -> Row:
        turn = rows.new("turn")
        turn.routes, turn.round = self._nobody[0].address, self._nobody[1].address
        turn.protect, turn.protect_rtcp, turn.unprotect = srtp.PROTECT, srtp.PROTECT_RTCP, srtp.UNPROTECT
        for name in ("recvmmsg", "sendmmsg", "poll", "clock_gettime"):
            setattr(turn, name, int(_calls.cast("intptr_t", getattr(self._library, name))))
        turn.copy = int(_calls.cast("intptr_t", self._library.memcpy))
        turn.incoming, turn.incoming_control = rows.address(self._in.messages), rows.address(self._in.control)
        turn.data, turn.sending = rows.address(self._in.data), rows.address(self._out.data)
        turn.messages, turn.parts = rows.address(self._out.messages), rows.address(self._out.parts)
        turn.control = rows.address(self._out.control)
        for name, its in self._lists.items():
            setattr(turn, name, rows.address(its))
        for name, field in (("length_address", "length"), ("sockets", "socket"), ("time", "seconds")):
            setattr(turn, name, rows.address(rows.ffi.addressof(turn, field)))
        turn.socket, turn.ours, turn.other, turn.theirs = sock.fileno(), _POLLIN, -1, _POLLIN
        turn.batch, turn.name_length, turn.segments = 1, self._names.length, _can_segment(sock)
        turn.origin = origin
        return turn


def _can_segment(sock: socket.socket) -> bool:
    try:
        return sock.getsockopt(_SOL_UDP, _UDP_SEGMENT) == 0
    except OSError:
        return False
