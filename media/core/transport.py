"""One peer's path: ICE-lite, DTLS and SRTP on one address, and whether anybody is still there.

Believes nothing that is not signed: an address counts once a check signed with this connection's password has come from
it, and only signed checks and packets that decrypt keep the connection alive (RFC 7675, section 5.1).
"""

from collections.abc import Mapping
from typing import Literal

from media.core import ice, rows
from media.core.bandwidth import Rate
from media.core.dtls import Dtls, Identity
from media.core.io import Address, Entropy, Output
from media.core.srtp import Way
from rvw.clock import Instant, Seconds

JOIN_S: Seconds = 30.0
"""How long a browser may take from its offer to a working connection."""

MOST_ADDRESSES = 8
"""Addresses that one connection may have proven: several interfaces, and a change of network."""


def _refuse(_: bytes) -> None:
    """No keys, no packets."""


class Transport:
    """From the answer to the end of one connection."""

    def __init__(
        self,
        identity: Identity,
        fingerprints: Mapping[str, str],
        output: Output,
        entropy: Entropy,
        now: Instant,
    ) -> None:
        self.ufrag, self.password = ice.credentials(entropy)
        self.addresses: dict[Address, None] = {}
        self.address: Address | None = None
        """Where datagrams go."""
        self.row = rows.new("connection")
        """`heard` is when something authenticated last came, `refused` counts what did not decrypt."""
        self.row.heard = now
        self.sent = Rate(now, self.row)
        self._dtls = Dtls(identity, dict(fingerprints))
        self.unprotect: Way = _refuse
        """Decrypts an RTP packet; refuses all while there are no keys. Its user keeps the row's `heard` and `refused`."""
        self._srtp = self._dtls.srtp
        self._protect: Way = _refuse
        self._output = output

    @property
    def connected(self) -> bool:
        """Whether media can flow."""
        return self._srtp is not None

    @property
    def repeat_at(self) -> Instant:
        """When `tick` is due."""
        return self._dtls.repeat_at

    def check(self, check: ice.Check, address: Address, now: Instant) -> bool:
        """Answer a connectivity check from `address`. True when it was a signed one."""
        response = check.answer(self.password, address)
        if response is None or (address not in self.addresses and len(self.addresses) >= MOST_ADDRESSES):
            self.row.refused += 1
            return False
        self.addresses[address] = None
        if self.address is None or check.nominates:
            self._go_to(address)
        self.row.heard = now
        self._output.datagrams.append((response, address))
        return True

    def handshake(self, datagram: bytes, now: Instant) -> bool:
        """Take a DTLS datagram. True when the connection has just come up."""
        before = self._dtls.state
        self._send_all(self._dtls.receive(datagram, now))
        if before != "handshake" or self._dtls.state != "connected":
            return False
        self._srtp = self._dtls.srtp
        if self._srtp is not None:
            self.unprotect, self._protect = self._srtp.unprotect, self._srtp.protect
            self.row.inbound, self.row.outbound = self._srtp.contexts
        self.row.heard = now
        return True

    def tick(self, now: Instant) -> None:
        """Send the last handshake flight again when its time has come."""
        self._send_all(self._dtls.repeat(now))

    def silent_at(self, consent_s: Seconds) -> Instant:
        """Return when the peer counts as lost unless it is heard before."""
        return float(self.row.heard) + (consent_s if self.connected else max(JOIN_S, consent_s))

    def lost(self, consent_s: Seconds, now: Instant) -> Literal["consent", "closed"] | None:
        """Return why the connection is over, or `None` while it is not."""
        if self._dtls.state == "closed":
            return "closed"
        return "consent" if now >= self.silent_at(consent_s) else None

    def unprotect_rtcp(self, datagram: bytes, now: Instant) -> bytes | None:
        """Return the RTCP packet in `datagram`, if it is one of this connection's."""
        plain = self._srtp.unprotect_rtcp(datagram) if self._srtp is not None else None
        if plain is None:
            self.row.refused += 1
        else:
            self.row.heard = now
        return plain

    def send_rtp(self, packet: bytes) -> bytes | None:
        """Encrypt and send an RTP packet; return the datagram, or `None` when it was not sent."""
        datagram = self._protect(packet)
        if datagram is None or self.address is None:
            return None
        self.row.sent_bytes += len(datagram)
        self._output.datagrams.append((datagram, self.address))
        return datagram

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send an RTCP packet; nothing happens before the connection is up."""
        if self._srtp is not None and self.address is not None:
            datagram = self._srtp.protect_rtcp(packet)
            if datagram is not None:
                self.send(datagram)

    def send(self, datagram: bytes) -> None:
        """Send a datagram as it is."""
        if self.address is not None:
            self.row.sent_bytes += len(datagram)
            self._output.datagrams.append((datagram, self.address))

    def close(self) -> None:
        """Say goodbye and forget the keys."""
        self._send_all(self._dtls.close())
        self._srtp = None
        self.row.inbound = self.row.outbound = 0
        self.unprotect = self._protect = _refuse

    def _go_to(self, address: Address) -> None:
        self.address = address
        self.row.name, self.row.reachable = rows.name(address), True

    def _send_all(self, datagrams: list[bytes]) -> None:
        for datagram in datagrams:
            if datagram:
                self.send(datagram)
