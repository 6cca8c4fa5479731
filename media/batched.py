"""The UDP socket by batches: one system call reads or sends many datagrams (recvmmsg, sendmmsg; UDP_SEGMENT).

The C library is called through cffi as it is, so no compiler is needed; where it has no such calls, `media.datagrams` has
a plain socket. Headers, addresses and buffers are laid out once. A batch then costs one copy of the headers and one
`struct` walk over each column, because in Python the number of steps counts, not the number of bytes.
"""

import errno
import socket
import sys
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Any, Final, TypeAlias

from cffi import FFI  # type: ignore[import-untyped]

from media.core.io import Address, Datagram
from rvw.clock import Instant, Seconds

Arrival: TypeAlias = tuple[bytes, Address, Instant]
"""A datagram, where it came from, and when."""

RECEIVED_AT_ONCE = 128
"""Datagrams read by one call."""

SENT_AT_ONCE = 256
"""Messages sent by one call; one may carry several datagrams of the same size to one address."""

LONGEST_DATAGRAM = 2048
"""Longer ones are cut, fail authentication and are dropped."""

MOST_SEGMENTS = 16
"""Datagrams of one message: more would only make one receiver's burst longer."""

MOST_ADDRESSES = 8192
"""Addresses remembered in both of their forms; strangers can make up as many as they like."""

_SEND_BYTES = 512 * 1024
_NAME_BYTES, _CONTROL_BYTES = 32, 64
_SOL_UDP, _UDP_SEGMENT = 17, 103
_DONTWAIT: Final = int(getattr(socket, "MSG_DONTWAIT", 0))

_CANNOT_CUT: Final = (errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.EOPNOTSUPP)

_ffi: Final = FFI()
_ffi.cdef(
    """
    struct iovec { void *base; size_t length; };
    struct msghdr {
        void *name; unsigned int name_length; struct iovec *parts; size_t part_count;
        void *control; size_t control_length; int flags;
    };
    struct mmsghdr { struct msghdr header; unsigned int length; };
    int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, void *timeout);
    int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
    """
)

_HEADER: Final = _ffi.sizeof("struct mmsghdr")
_CONTROL_LENGTH_AT: Final = _ffi.offsetof("struct msghdr", "control_length")
_LENGTH_AT: Final = _ffi.offsetof("struct mmsghdr", "length")
_LENGTHS: Final = Struct(f"={_LENGTH_AT}xI{_HEADER - _LENGTH_AT - 4}x")
_NAMES: Final = Struct(f"{_NAME_BYTES}s")
_STAMPS: Final = Struct(f"=16xqq{_CONTROL_BYTES - 32}x")
"""A control message of one `timespec`, as SO_TIMESTAMPNS gives it on 64-bit Linux."""

_SEGMENT: Final = Struct("=QiiH")
_SEGMENT_SIZE: Final = Struct("=H")
_SEGMENT_SPACE = 24
"""A control message takes whole words."""

_FULL: Final = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM)
_PART: Final = Struct("@PN")
_SIZE: Final = Struct("@N")


def library() -> Any:
    """Return the C library. Raises `OSError` or `AttributeError` where it cannot do this, or is laid out otherwise."""
    found = _ffi.dlopen(None)
    if not (found.recvmmsg and found.sendmmsg) or _ffi.sizeof("void *") != 8:
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
        return self._make(address) if known is None else known

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

    def _make(self, address: Address) -> bytes:
        head = int(self._family).to_bytes(2, sys.byteorder) + int(address[1]).to_bytes(2)
        if self._family == socket.AF_INET6:
            flow, scope = (*address[2:], 0, 0)[:2]
            tail = flow.to_bytes(4) + socket.inet_pton(socket.AF_INET6, address[0]) + scope.to_bytes(4, sys.byteorder)
        else:
            tail = socket.inet_aton(address[0])
        name: bytes = (head + tail).ljust(_NAME_BYTES, b"\0")
        self._remember(name, address)
        return name

    def _remember(self, name: bytes, address: Address) -> None:
        if len(self._known) >= MOST_ADDRESSES:
            self._known.clear()
            self._names.clear()
        self._known[name] = address
        self._names[address] = name


class Columns:
    """Headers, parts, names and control data of many messages, each in one block."""

    def __init__(self, count: int, data_bytes: int, name_length: int) -> None:
        self.headers = _ffi.new("struct mmsghdr[]", count)
        self._parts = _ffi.new("struct iovec[]", count)
        self._names = _ffi.new("char[]", count * _NAME_BYTES)
        self._control = _ffi.new("char[]", count * _CONTROL_BYTES)
        self._data = _ffi.new("char[]", data_bytes)
        for number in range(count):
            header = self.headers[number].header
            header.name, header.name_length = self._names + number * _NAME_BYTES, name_length
            header.parts, header.part_count = self._parts + number, 1
            header.control, header.control_length = self._control + number * _CONTROL_BYTES, _CONTROL_BYTES
            self._parts[number].base = self._data + number * (data_bytes // count)
            self._parts[number].length = data_bytes // count
        self.data = memoryview(_ffi.buffer(self._data))
        self.data_at = int(_ffi.cast("uintptr_t", self._data))
        self.parts = memoryview(_ffi.buffer(self._parts)).cast("B")
        self.names = memoryview(_ffi.buffer(self._names)).cast("B")
        self.control = memoryview(_ffi.buffer(self._control)).cast("B")
        self.wire = memoryview(_ffi.buffer(self.headers)).cast("B")
        self.fresh = bytes(self.wire)
        """The headers before the kernel wrote lengths into them."""


class Receiver:
    """Reads batches."""

    def __init__(self, fd: int, names: Names) -> None:
        self._fd, self._names = fd, names
        self._call = library().recvmmsg
        self._columns = Columns(RECEIVED_AT_ONCE, RECEIVED_AT_ONCE * LONGEST_DATAGRAM, names.length)

    def receive(self, shift: Seconds) -> list[Arrival]:
        """Return what has come; `shift` is what to add to the wall clock's time of an arrival."""
        columns = self._columns
        columns.wire[:] = columns.fresh
        count = self._call(self._fd, columns.headers, RECEIVED_AT_ONCE, _DONTWAIT, _ffi.NULL)
        if count <= 0:  # nothing there, or an ICMP error of an earlier datagram: nothing is to be read for it
            return []
        data, read = columns.data, self._names.read
        lengths = _LENGTHS.iter_unpack(columns.wire[: count * _HEADER])
        names = _NAMES.iter_unpack(columns.names[: count * _NAME_BYTES])
        stamps = _STAMPS.iter_unpack(columns.control[: count * _CONTROL_BYTES])
        starts = range(0, count * LONGEST_DATAGRAM, LONGEST_DATAGRAM)
        return [
            (bytes(data[start : start + length]), read(name), seconds + nanoseconds * 1e-9 + shift)
            for start, (length,), (name,), (seconds, nanoseconds) in zip(starts, lengths, names, stamps, strict=True)
        ]


class Sender:
    """Sends batches, in order for each address; datagrams of one size to one address share a message."""

    def __init__(self, fd: int, names: Names, segments: bool) -> None:
        """`segments`: the kernel cuts a message into datagrams (UDP_SEGMENT)."""
        self._fd, self._names, self._segments = fd, names, segments
        self._call = library().sendmmsg
        self._columns = Columns(SENT_AT_ONCE, _SEND_BYTES, names.length)
        control = _SEGMENT.pack(_SEGMENT.size, _SOL_UDP, _UDP_SEGMENT, 0)
        self._columns.control[:] = control.ljust(_CONTROL_BYTES, b"\0") * SENT_AT_ONCE
        self._carried: list[int] = []
        self._used = 0
        self.dropped = 0
        """Datagrams that the kernel did not take."""

    def send(self, datagrams: list[Datagram]) -> None:
        """Send; what the kernel does not take is dropped: media that waits is media too late."""
        to: dict[Address, list[bytes]] = {}
        for data, address in datagrams:
            known = to.get(address)
            if known is None:
                to[address] = [data]
            else:
                known.append(data)
        write = self._names.write
        for address, several in to.items():
            name = write(address)
            for run in runs(several) if self._segments and len(several) > 1 else zip(several):
                self._put(name, run)
        self._flush()

    def _put(self, name: bytes, run: Sequence[bytes]) -> None:
        """Lay out one message; the kernel cuts it at the size of its first datagram."""
        data = run[0] if len(run) == 1 else b"".join(run)
        number, used, size = len(self._carried), self._used, len(data)
        if number == SENT_AT_ONCE or used + size > _SEND_BYTES:
            self._flush()
            number = used = 0
        columns = self._columns
        columns.data[used : used + size] = data
        _PART.pack_into(columns.parts, number * _PART.size, columns.data_at + used, size)
        columns.names[number * _NAME_BYTES : (number + 1) * _NAME_BYTES] = name
        length = 0
        if len(run) > 1:
            _SEGMENT_SIZE.pack_into(columns.control, number * _CONTROL_BYTES + _SEGMENT.size - 2, len(run[0]))
            length = _SEGMENT_SPACE
        _SIZE.pack_into(columns.wire, number * _HEADER + _CONTROL_LENGTH_AT, length)
        self._carried.append(len(run))
        self._used = used + size

    def _flush(self) -> None:
        done, carried = 0, self._carried
        while done < len(carried):
            sent = self._call(self._fd, self._columns.headers + done, len(carried) - done, _DONTWAIT)
            if sent > 0:
                done += sent
                continue
            if _ffi.errno in _FULL:
                self.dropped += sum(carried[done:])
                break
            if _ffi.errno != errno.EINTR:
                # This address cannot be reached, or the way to it cannot cut: then nothing is joined any more.
                self.dropped += carried[done]
                if _ffi.errno in _CANNOT_CUT and carried[done] > 1:
                    self._segments = False
                done += 1
        self._carried = []
        self._used = 0


def runs(several: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Split into runs that one message can carry: all of one size, but for the last, which may be shorter."""
    start, size = 0, len(several[0])
    for at in range(1, len(several)):
        length = len(several[at])
        if length > size or at - start == MOST_SEGMENTS or len(several[at - 1]) < size:
            yield several[start:at]
            start, size = at, length
    yield several[start:]
