"""The UDP socket by batches: one system call reads or sends many datagrams (recvmmsg, sendmmsg; UDP_SEGMENT).

The C library is called through cffi as it is. What `recvmmsg` left in its buffers is walked by the compiled
`media.core.settled`, which lays out what goes on; the few datagrams that it does not know go to the core one by one, and
what the core answers is laid out in the same buffers, so that everything to one address keeps its order.
"""

import errno
import socket
import sys
import time
from struct import Struct
from types import ModuleType
from typing import Any, Final

from cffi import FFI  # type: ignore[import-untyped]

from media.core import rows, srtp
from media.core.io import Address, Datagram
from media.core.rows import CONTROL_BYTES, LONGEST_DATAGRAM, NAME_BYTES, OUTGOING_AT_ONCE, OUTGOING_BYTES, Routes, Row
from media.core.worker import Worker
from rvw.clock import Instant

RECEIVED_AT_ONCE = 128
"""Datagrams read by one call."""

MOST_ADDRESSES = 8192
"""Addresses remembered in both of their forms; strangers can make up as many as they like."""

_SOL_UDP, _UDP_SEGMENT = 17, 103
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

    def __init__(self, sock: socket.socket, settled: ModuleType) -> None:
        """`settled` is `media.core.settled`, compiled. Raises `OSError` or `AttributeError` where that cannot be."""
        self._fd, self._settled = sock.fileno(), settled
        self._library = library()
        self._names = Names(sock.family)
        self.dropped = 0
        """Datagrams that the kernel did not take."""
        at_once = OUTGOING_AT_ONCE
        self._in = Buffers(RECEIVED_AT_ONCE, LONGEST_DATAGRAM, CONTROL_BYTES)
        self._out = Buffers(at_once, OUTGOING_BYTES, CONTROL_BYTES)
        segment = _SEGMENT.pack(_SEGMENT.size, _SOL_UDP, _UDP_SEGMENT, 0).ljust(CONTROL_BYTES, b"\0")
        rows.ffi.buffer(self._out.control)[:] = segment * at_once
        self._lists = {kind: rows.ffi.new(kind, at_once) for kind in ("struct outgoing[]", "int32_t[]")}
        self._addressed, self._woken = (rows.ffi.new("int64_t[]", size) for size in (at_once, RECEIVED_AT_ONCE))
        self._carried = self._lists["int32_t[]"]
        self._nobody: Routes[object] = Routes()
        self._turn = self._prepare(sock)
        self._at = rows.address(self._turn)
        for message in self._in.messages[0:RECEIVED_AT_ONCE]:
            message.name_length, message.control_length = self._names.length, CONTROL_BYTES

    def pass_on(self, worker: Worker, now: Instant) -> int:
        """Take what has come, at most `RECEIVED_AT_ONCE` datagrams; return how many. What goes on waits for `send`."""
        count: int = self._library.recvmmsg(self._fd, self._in.messages, RECEIVED_AT_ONCE, _DONTWAIT, _calls.NULL)
        if count <= 0:  # nothing there, or an ICMP error of an earlier datagram: nothing is to be read for it
            return 0
        turn, walk, shift = self._turn, self._settled.walk, now - time.time()
        turn.routes = worker.routes.address
        handed_over = 0
        number = walk(self._at, 0, count, now, shift)
        while number < count:
            if turn.full:
                self._flush()
            else:
                self._hand_over(worker, number)
                handed_over += 1
                number += 1
            number = walk(self._at, number, count, now, shift)
        worker.received += count - handed_over
        for place in range(turn.woken_count):
            worker.gather(self._woken[place], now)
        turn.woken_count = 0
        return count

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
        self._settled.add(self._at, rows.address(self._out.names + number * NAME_BYTES), len(data))

    def _flush(self) -> None:
        """Send all that is laid out."""
        turn, done, made = self._turn, 0, self._settled.lay_out(self._at)
        while done < made:
            sent = self._library.sendmmsg(self._fd, self._out.messages + done, made - done, _DONTWAIT)
            if sent > 0:
                done += sent
                continue
            if _calls.errno in _FULL:
                self.dropped += sum(self._carried[done:made])
                break
            if _calls.errno != errno.EINTR:
                # This address cannot be reached, or the way to it cannot cut: then nothing is joined any more.
                self.dropped += self._carried[done]
                if _calls.errno in _CANNOT_CUT and self._carried[done] > 1:
                    turn.segments = False
                done += 1
        self._settled.begin(self._at)

    def _prepare(self, sock: socket.socket) -> Row:
        turn = rows.new("turn")
        turn.routes = self._nobody.address
        turn.protect, turn.unprotect = srtp.PROTECT, srtp.UNPROTECT
        turn.copy = int(_calls.cast("intptr_t", self._library.memcpy))
        turn.incoming, turn.incoming_control = rows.address(self._in.messages), rows.address(self._in.control)
        turn.data, turn.sending = rows.address(self._in.data), rows.address(self._out.data)
        turn.outgoing = rows.address(self._lists["struct outgoing[]"])
        turn.addressed, turn.woken = rows.address(self._addressed), rows.address(self._woken)
        turn.messages, turn.parts = rows.address(self._out.messages), rows.address(self._out.parts)
        turn.control, turn.carried = rows.address(self._out.control), rows.address(self._carried)
        turn.length_address = rows.address(rows.ffi.addressof(turn, "length"))
        turn.batch, turn.name_length, turn.segments = 1, self._names.length, _can_segment(sock)
        return turn


def _can_segment(sock: socket.socket) -> bool:
    try:
        return sock.getsockopt(_SOL_UDP, _UDP_SEGMENT) == 0
    except OSError:
        return False
