"""One synthetic connection: ICE checks, DTLS as the client and SRTP with AES-GCM on a UDP socket of its own.

Knows everything but media: packets are sent and read by `wire`, which hands over what it does not know.
"""

import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from select import select

from aioice import stun
from msgspec import Struct as Record
from OpenSSL import SSL

from media.core import ice, rtcp
from media.core.dtls import MTU, Identity
from media.core.rtcp import SenderInfo
from media.core.srtp import PROFILES, Srtp
from rvw.cli.bench.network import ADDRESS
from rvw.errors import Unavailable

HANDSHAKE_S = 10.0
"""A connection that is not up by then fails the run."""

RETRY_S = 0.25
"""How long an unanswered check or handshake flight waits."""

GCM = PROFILES[0]
UFRAG = "benchbench"
PASSWORD = "benchbenchbenchbenchbench"  # noqa: S105 (the server checks nothing of ours with it)

_SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 35, 33
_BUFFER_BYTES = 1 << 22
_EPOCH_NTP = 2_208_988_800


class Remote(Record, frozen=True):
    """The server's end, from its description."""

    host: str
    port: int
    ufrag: str
    password: str


def remote(description: str) -> Remote:
    """Read the server's end from its offer or answer. Raises `Unavailable` when it has no usable candidate."""
    ufrag = password = host = ""
    port = 0
    for line in description.splitlines():
        if line.startswith("a=ice-ufrag:"):
            ufrag = line.partition(":")[2]
        elif line.startswith("a=ice-pwd:"):
            password = line.partition(":")[2]
        elif line.startswith("a=candidate:") and line.split()[4] in ("127.0.0.1", ADDRESS):
            host, port = line.split()[4], int(line.split()[5])
    if not port:
        raise Unavailable("the server has no candidate on this machine")
    return Remote(host, port, ufrag, password)


class Path:
    """A connection that sends, receives, or both."""

    def __init__(self, identity: Identity) -> None:
        """Offer `identity` in the handshake."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        with suppress(PermissionError):  # beyond what the system gives everybody: nothing may be lost at our end
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.asked_again: list[tuple[int, int]] = []
        """Streams and numbers that the server asked for again (soak only)."""
        self.srtp: Srtp
        self._identity = identity
        self._transaction = 0

    @property
    def fingerprint(self) -> str:
        """What descriptions say of our certificate."""
        return self._identity.fingerprint

    def connect(self, there: Remote) -> None:
        """Check, shake hands, and be ready to send and to count. Raises `Unavailable` after `HANDSHAKE_S`."""
        self._there = there
        self.socket.connect((there.host, there.port))
        deadline = time.monotonic() + HANDSHAKE_S
        while not any(data[0] == 1 for data in self._answers(deadline)):
            self.check()
        dtls = SSL.Connection(_context(self._identity), None)
        dtls.set_connect_state()
        dtls.set_ciphertext_mtu(MTU)
        while not self._step(dtls):
            for data in self._answers(deadline):
                if 20 <= data[0] <= 63:
                    dtls.bio_write(data)
        self.srtp = _keys(dtls)

    def check(self) -> None:
        """Send a connectivity check, as browsers do every few seconds (RFC 7675)."""
        self._transaction += 1
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, self._transaction.to_bytes(12))
        message.attributes["USERNAME"] = f"{self._there.ufrag}:{UFRAG}"
        message.attributes["PRIORITY"] = 1_862_270_975
        message.attributes["ICE-CONTROLLING"] = 1
        message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(self._there.password.encode())
        self._send(bytes(message))

    def report(self, senders: Sequence[tuple[int, int, int, int]], received: Sequence[int]) -> None:
        """Send what a browser reports each second: per stream sent (SSRC, timestamp, packets, octets), and its downlink
        for the streams received."""
        ntp = (time.time_ns() << 32) // 1_000_000_000 + (_EPOCH_NTP << 32)
        for ssrc, timestamp, packets, octets in senders:
            info = SenderInfo(ssrc, ntp & 0xFFFFFFFFFFFFFFFF, timestamp & 0xFFFFFFFF)
            self.send_rtcp(rtcp.write_sender_report(info, packets, octets, b"bench"))
        if received:
            self.send_rtcp(rtcp.write_receiver_report(1, ()) + rtcp.write_remb(1, 8_000_000, list(received)))

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send."""
        datagram = self.srtp.protect_rtcp(packet)
        if datagram is not None:
            self._send(datagram)

    def take(self, data: bytes) -> None:
        """Take a datagram that is no media."""
        if data[0] >> 6 == 2:
            self._control(data)
        else:
            self._answer(data)

    def close(self) -> None:
        """Give the port back."""
        self.socket.close()

    def _control(self, data: bytes) -> None:
        plain = self.srtp.unprotect_rtcp(data)
        for block in rtcp.split(plain or b""):
            if block.kind == rtcp.TRANSPORT_FEEDBACK and block.format == rtcp.NACK:
                media = rtcp.read_media_ssrc(block) or 0
                self.asked_again += [(media, wire) for wire in rtcp.read_nack(block)]

    def _send(self, data: bytes) -> None:
        try:
            self.socket.send(data)
        except (BlockingIOError, ConnectionRefusedError):
            return

    def _step(self, dtls: SSL.Connection) -> bool:
        try:
            dtls.do_handshake()
            finished = True
        except SSL.WantReadError:
            finished = False
        try:
            self._send_records(dtls.bio_read(65_536))
        except SSL.WantReadError:
            if not finished and (dtls.DTLSv1_get_timeout() or 0.0) <= 0.0:
                dtls.DTLSv1_handle_timeout()
        return finished

    def _send_records(self, flight: bytes) -> None:
        position = 0
        while position + 13 <= len(flight):
            end = position + 13 + int.from_bytes(flight[position + 11 : position + 13])
            self._send(flight[position:end])
            position = end

    def _answers(self, deadline: float) -> list[bytes]:
        """Return what has come; wait a little when nothing has, but not before the first check."""
        if time.monotonic() > deadline:
            raise Unavailable("the server does not finish the handshake")
        if self._transaction:
            select([self.socket], [], [], RETRY_S)
        found: list[bytes] = []
        while True:
            try:
                data = self.socket.recv(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return found
            self._answer(data)
            found.append(data)

    def _answer(self, data: bytes) -> None:
        """Answer the server's own checks: Janus makes some although it is ICE-lite."""
        check = ice.read(data) if data[0] == 0 else None
        response = check.answer(PASSWORD, (self._there.host, self._there.port)) if check else None
        if response is not None:
            self._send(response)


def _context(identity: Identity) -> SSL.Context:
    context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    context.use_certificate(identity.certificate)
    context.use_privatekey(identity.key)
    context.set_tlsext_use_srtp(GCM.name)
    return context


def _keys(dtls: SSL.Connection) -> Srtp:
    """Return the keys of the client's end: `Srtp` is written for the server's, so the halves change places."""
    if dtls.get_selected_srtp_profile() != GCM.name:
        raise Unavailable("the server does not take AES-GCM")
    key, salt = GCM.key, GCM.salt
    material = dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
    keys, salts = material[: 2 * key], material[2 * key :]
    return Srtp(GCM, keys[key:] + keys[:key] + salts[salt:] + salts[:salt])
