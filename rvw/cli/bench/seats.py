"""What both servers under test have in common: a process on a core, and seats for synthetic peers."""

import os
from contextlib import suppress
from pathlib import Path as File
from typing import Protocol

from msgspec import Struct

from media.core.dtls import Identity
from rvw.cli.bench.path import Path
from rvw.cli.bench.stream import ABS_SEND_TIME, MID, TRANSPORT_SEQUENCE

EXTENSION_LINES = [
    f"a=extmap:{MID} urn:ietf:params:rtp-hdrext:sdes:mid",
    f"a=extmap:{TRANSPORT_SEQUENCE} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    f"a=extmap:{ABS_SEND_TIME} http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
]

CODEC_LINES = {
    "audio": ["a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1"],
    "video": [
        "a=rtpmap:96 VP8/90000",
        *(f"a=rtcp-fb:96 {kind}" for kind in ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")),
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
    ],
}


PICTURE = 10

PRIORITY = -15
"""Server and client alike: a machine with other things to do would show their delays instead."""


class Server(Struct, frozen=True):
    """A server under test."""

    name: str
    pid: int
    url: str
    forwards_by: str
    """What passes packets on: `compiled` code, `interpreted`, or the `server's own`."""


class Seat(Struct):
    """One peer in its visit. `inward` is the same connection as `outward` where the server needs only one."""

    outward: Path
    inward: Path
    ssrc: int
    """Of its sound; its picture's is `PICTURE` more, and that of the picture's repeats one more again."""


class Signalling(Protocol):
    """How peers get their seats."""

    @property
    def at_once(self) -> int:
        """How many visits are seated at a time, each by a thread."""

    def bind(self, visit: int, peers: int) -> None:
        """Prepare a visit."""

    def seat(self, visit: int, peer: int, identity: Identity) -> Seat:
        """Connect a peer of it; returns when packets can flow."""

    def subscribe(self, visit: int, seats: list[Seat]) -> None:
        """Let everybody in the visit receive, once all of them are there."""

    def leave(self) -> None:
        """End every visit."""

    def close(self) -> None:
        """Hang up."""


def settle(core: int) -> None:
    """Keep this process on one core, and before its neighbours where that is permitted. For `preexec_fn`, too."""
    os.sched_setaffinity(0, {core})
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    with suppress(OSError):  # where sessions share a core by turns (autogroup, sched(7)), only a session's priority counts
        os.setsid()
        File("/proc/self/autogroup").write_text(str(PRIORITY))


def cpu_s(pid: int) -> float:
    """Return the seconds of processor time, user and system, of all threads of a process."""
    fields = File(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds."""
    return int(File(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def first_ssrc(visit: int, peer: int) -> int:
    """Return the SSRC that a peer's are counted from."""
    return 1000 * (visit * 8 + peer + 1)
