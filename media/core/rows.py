"""The state of a packet's way, laid out in memory: one truth for the Python that knows every case and for the compiled
walk that knows the usual one (`media.core.settled`).

A row belongs to one object of the core, which reads and writes its fields; rows name each other by address. An address
stands in a row only as long as the object that owns the row named is alive and wired: `Track` and `Routes` see to it.
"""

import ipaddress
import mmap
import sys
from typing import Any, Final, Generic, TypeAlias, TypeVar

from cffi import FFI  # type: ignore[import-untyped]

from media.core.io import Address

Row: TypeAlias = Any
"""A cffi struct: its fields are read and written like attributes."""

Owner = TypeVar("Owner")

LARGEST_PAYLOAD = 1600
"""Bytes of one packet kept for repeats, as many as `rtp.MAX_PACKET` allows."""

LARGEST_SOUND = 512
"""Bytes of one encrypted sound packet kept for repeats: 20 ms take 100 to 200; a larger one is not repeated."""

MOST_PENDING = 512
"""Arrivals kept between two messages of transport feedback: 60 ms at 75 Mbit/s; what comes beyond is not reported."""

VP8, VP9, H264, AV1 = 1, 2, 3, 4
"""Codecs as a track's row names them."""

NAME_BYTES = 32
"""A socket address in the kernel's form, zeros after it."""

LONGEST_DATAGRAM: Final = 2048
"""Room for one datagram received; longer ones are cut, fail authentication and are dropped."""

RECEIVED_AT_ONCE: Final = 128
"""Datagrams read by one call."""

OUTGOING_AT_ONCE: Final = 1024
"""Datagrams laid out before they must be sent."""

OUTGOING_BYTES: Final = 1728
"""Room for one datagram sent: the largest packet, a longer extension block, and what encryption adds."""

CONTROL_BYTES: Final = 64
"""Room for what the kernel says beside a datagram, and is told."""

STAMP_BYTES: Final = 32
"""What it says first: when the datagram came (SO_TIMESTAMPNS)."""

RXQ_OVFL: Final = 40
"""What it says then, once it had to drop one: how many (SO_RXQ_OVFL, socket(7)); Python has no name for it."""

STRUCTS: Final = f"""
struct connection {{
    uint8_t name[{NAME_BYTES}];  // where datagrams go
    int64_t inbound, outbound;   // contexts of libsrtp; 0 while there are no keys
    int64_t known, arrivals;     // meanings of extension ids; arrivals not yet reported
    int64_t tracks;              // the first of this connection's tracks
    double heard;
    int64_t refused, sent_bytes, highest_arrival;
    int64_t batch, last;            // this turn's outgoing datagrams
    int64_t following;              // the next connection that is owed transport feedback
    double feedback_at;
    int32_t pending;
    uint32_t ssrc, gathering_ssrc;  // what we are called in feedback; whose packet came first
    uint8_t feedback_count, paused, reachable;
}};
struct arrival {{ int64_t sequence, tick; }};
struct round {{ int64_t first, last; }};
struct strain {{ int64_t dropped; double until; }};
struct track {{
    int64_t next, sinks, kept, payloads;
    int64_t first, highest, received, bytes;
    int64_t last_timestamp, last_send_time;
    int64_t reel;                // where packets are copied for the recording; 0 while they are not
    double last_arrival, transit, jitter;
    double ask_at;               // when the publisher is to be asked for what is missing
    double keyframe_asked;       // when it was last asked for a keyframe
    int32_t kept_mask, clock_rate, lap;
    uint32_t ssrc;
    uint16_t recorded_as;
    uint8_t payload_type, video, codec, wanted, has_transit;
}};
struct reel {{ int64_t data, size, used, lost; }};
struct entry {{  // of the spool: see rvw.protocol.spool
    double arrival;
    int64_t sequence;
    uint32_t timestamp;
    int32_t lap;
    uint16_t track, length, unused;
    uint8_t kind, marker;
}};
struct kept {{
    int64_t sequence;
    uint32_t timestamp;
    uint16_t length, picture_id;
    int16_t audio_level;
    uint8_t marker, picture_at, picture_wide, tl0_at, tl0_index;
}};
struct sink {{
    int64_t next, connection, sent;
    int64_t track, start, sequence, timestamp, picture, tl0;  // the segment that is open
    int64_t highest, last_timestamp, last_picture, last_tl0;
    int64_t packets, octets;
    double last_time;
    int32_t lap, sent_mask;
    uint32_t ssrc;
    uint8_t payload_type, video, ready, open, send_time_head, level_head;
}};
struct sent {{ uint8_t datagram[{LARGEST_SOUND}]; int64_t sequence, length; }};
struct route {{ int64_t a, b, c, d, connection; }};
struct routes {{ int64_t table, size; }};

// Linux' mmsghdr and iovec on 64 bits
struct message {{
    int64_t name;
    uint32_t name_length, gap;
    int64_t parts, part_count, control, control_length;
    int32_t flags, gap2;
    uint32_t length, gap3;
}};
struct part {{ int64_t base, length; }};

struct outgoing {{ int64_t connection, name, data, length, next; }};
struct turn {{
    int64_t protect, protect_rtcp, unprotect;                  // functions of libsrtp
    int64_t copy, recvmmsg, sendmmsg, poll, clock_gettime;     // and of the C library
    int64_t routes, round, strain;
    int64_t incoming, incoming_control, data;                  // what recvmmsg fills
    int64_t outgoing, sending, addressed;
    int64_t messages, parts, control, carried;                 // for sendmmsg
    int64_t outgoing_count, addressed_count, batch;
    int64_t count, number;      // datagrams read, and the next of them
    int64_t made, done;         // messages laid out, and how many of them are sent
    int64_t received;           // datagrams taken without Python
    int64_t symbols, times;     // room for transport feedback
    double origin, until;       // what the clock says more than the machine's own; when to come back
    double now, shift;          // of what was read: when, and how far the kernel's stamps are from the clock
    double arrival;             // of the datagram that was not ordinary
    int64_t length_address, sockets, time;
    int64_t seconds, nanoseconds;
    int32_t socket, ours;       // as poll(2) wants them: file, and what is wanted and found
    int32_t other, theirs;
    int32_t length, name_length, segments, full, leaving;
}};
"""

ffi: Final = FFI()
ffi.cdef(STRUCTS)


def new(kind: str, count: int = 0) -> Row:
    """Return a row of that struct, or `count` of them, all zero. The memory lives as long as what is returned."""
    return ffi.new(f"struct {kind}[]", count) if count else ffi.new(f"struct {kind} *")


def connection(address: int) -> Row:
    """Return the connection's row at an address."""
    return ffi.cast("struct connection *", address)


def address(row: Row) -> int:
    """Return where a row lies: what stands for it in other rows."""
    return int(ffi.cast("intptr_t", row))


class Ground:
    """Rows that take memory only once they are used, for tables that most connections never fill."""

    def __init__(self, kind: str, count: int) -> None:
        size = ffi.sizeof(kind) * count
        self._map = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.rows: Row = ffi.from_buffer(f"{kind}[]", self._map)


def name(at: Address) -> bytes:
    """Return a socket address in Linux' form: `sockaddr_in` or `sockaddr_in6`, zeros after it."""
    host = ipaddress.ip_address(at[0])
    port = int(at[1]).to_bytes(2)
    if host.version == 4 and len(at) == 2:
        return ((2).to_bytes(2, sys.byteorder) + port + host.packed).ljust(NAME_BYTES, b"\0")
    flow, scope = (*at[2:], 0, 0)[:2]
    head = (10).to_bytes(2, sys.byteorder) + port + int(flow).to_bytes(4)
    return (head + host.packed + int(scope).to_bytes(4, sys.byteorder)).ljust(NAME_BYTES, b"\0")


class Routes(Generic[Owner]):
    """Who owns a remote address: a dictionary, and the same as a table of rows for who looks up names without Python.

    The table has open addressing with steps of one and is at most half full.
    """

    def __init__(self) -> None:
        self._owners: dict[Address, tuple[Owner, bytes, int]] = {}
        self._head = new("routes")
        self.address = address(self._head)
        """Where the row lies that says where the table is: the table moves when it grows, its row never."""
        self._lay_out(64)

    def __len__(self) -> int:
        return len(self._owners)

    def get(self, at: Address) -> Owner | None:
        """Return the owner of that address."""
        found = self._owners.get(at)
        return found[0] if found else None

    def set(self, at: Address, owner: Owner, connection: Row) -> None:
        """What comes from there belongs to `owner`, whose row is `connection`."""
        known = self._owners.get(at)
        if known and known[0] is owner:
            return
        self._owners[at] = (owner, name(at), address(connection))
        if known or 2 * len(self._owners) > self._head.size:
            self._lay_out(self._head.size if known else 2 * self._head.size)
        else:
            self._enter(*self._owners[at][1:])

    def drop(self, at: Address, owner: Owner) -> None:
        """Know that address no more, if it is still this owner's."""
        if self.get(at) is owner:
            del self._owners[at]
            self._lay_out(self._head.size)

    def _lay_out(self, size: int) -> None:
        """Write the whole table: when somebody leaves or it grows, not for packets."""
        self._table = new("route", size)
        self._head.table, self._head.size = address(self._table), size
        for _, key, connection in self._owners.values():
            self._enter(key, connection)

    def _enter(self, key: bytes, connection: int) -> None:
        words = [int.from_bytes(key[at : at + 8], sys.byteorder, signed=True) for at in range(0, NAME_BYTES, 8)]
        last = self._head.size - 1
        at = spread(*words) & last
        while self._table[at].connection:
            at = at + 1 & last
        self._table[at] = (*words, connection)


def spread(a: int, b: int, c: int, d: int) -> int:
    """Mix the four words of a name; ports and hosts differ in few bits (of the first word for IPv4)."""
    mixed = a ^ b ^ c ^ d
    mixed ^= mixed >> 32
    mixed ^= mixed >> 15
    return mixed & 0x7FFFFFFF
