"""The server's end of DTLS (RFC 6347) with key export for SRTP (RFC 5764), by OpenSSL on memory buffers.

A flight that is not answered is sent again as it was: to the receiver that is a datagram the network has doubled. OpenSSL's
own timer waits a second first, twice as long each time, and reads its own clock; it is not asked.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from media.core.io import Entropy
from media.core.srtp import PROFILES, Profile, Srtp
from rvw.clock import Instant, Seconds

MTU = 1200
"""Bytes of a datagram that pass everywhere, tunnels and TURN included."""

FIRST_REPEAT_S: Seconds = 0.1
LONGEST_REPEAT_S: Seconds = 0.4
"""A flight is sent again after the first, then twice as late each time, up to the second. RFC 6347, section 4.2.4.1 says a
second for want of a better guess; a person waits here, and a flight is a kilobyte to an address that has proven itself."""

LAST_REPEATS = 3
"""How often the last flight is sent again: nothing says that it has come, and a browser that lacks it asks more slowly."""

NEVER: Instant = float("inf")

CERTIFICATE_LIFE = timedelta(days=30)
"""A worker's certificate is made at its start; browsers check the fingerprint, not the dates."""

_RECORD_HEADER = 13
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}
_CIPHERS = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384"


class Identity:
    """A worker's key, certificate and fingerprint."""

    def __init__(self, now: Instant, entropy: Entropy) -> None:
        """Make a fresh key and a self-signed certificate for it (RFC 8122, section 5)."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _certificate(self.key, datetime.fromtimestamp(now, UTC), entropy)
        self.fingerprint = fingerprint(self.certificate, "sha-256")
        self.context = SSL.Context(SSL.DTLS_SERVER_METHOD)
        self.context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_QUERY_MTU)
        # Certificates are self-signed: what counts is the fingerprint in the offer, checked after the handshake.
        self.context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        self.context.use_certificate(self.certificate)
        self.context.use_privatekey(self.key)
        self.context.set_cipher_list(_CIPHERS)
        self.context.set_tlsext_use_srtp(b":".join(profile.name for profile in PROFILES))


def _certificate(key: ec.EllipticCurvePrivateKey, today: datetime, entropy: Entropy) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rvw-media")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(entropy(16)) >> 1 | 1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + CERTIFICATE_LIFE)
        .sign(key, hashes.SHA256())
    )


def fingerprint(certificate: x509.Certificate, algorithm: str) -> str:
    """Return the certificate's hash as SDP writes it: upper-case bytes with colons. `KeyError` for unknown algorithms."""
    return certificate.fingerprint(_HASHES[algorithm]).hex(":").upper()


class Dtls:
    """One connection, from the first ClientHello to its end."""

    def __init__(self, identity: Identity, fingerprints: dict[str, str]) -> None:
        """Expect a certificate with one of `fingerprints` (algorithm to value), which came in the offer."""
        self.state: Literal["handshake", "connected", "closed"] = "handshake"
        self.srtp: Srtp | None = None
        """The keys, once `state` is `connected`."""
        self.repeat_at: Instant = NEVER
        """When `repeat` is due."""
        self._flight: list[bytes] = []
        self._repeats = 0
        self._fingerprints = fingerprints
        self._connection = SSL.Connection(identity.context, None)
        self._connection.set_accept_state()
        self._connection.set_ciphertext_mtu(MTU)

    def receive(self, datagram: bytes, now: Instant) -> list[bytes]:
        """Take one datagram; return those to send. Garbage changes nothing (RFC 6347, section 4.1.2.7)."""
        if self.state == "closed":
            return []
        shaking = self.state == "handshake"
        try:
            self._connection.bio_write(datagram)
            if self.state == "handshake":
                self._connection.do_handshake()
                self._finish()
            else:
                self._connection.recv(MTU * 2)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.state = "closed"
        except SSL.Error:
            # A fatal alert, or a handshake that cannot succeed. A connected peer loses nothing: SRTP goes on.
            self.state = "closed" if self.state == "handshake" else self.state
        outgoing = self._outgoing()
        if shaking and outgoing:
            self._flight, self._repeats, self.repeat_at = outgoing, 0, now + FIRST_REPEAT_S
        if self.state == "closed":
            self.repeat_at = NEVER
        return outgoing

    def repeat(self, now: Instant) -> list[bytes]:
        """Return the last flight again if its time has come, else nothing."""
        if now < self.repeat_at:
            return []
        self._repeats += 1
        over = self.state == "connected" and self._repeats >= LAST_REPEATS
        self.repeat_at = NEVER if over else now + min(LONGEST_REPEAT_S, FIRST_REPEAT_S * 2**self._repeats)
        return self._flight

    def close(self) -> list[bytes]:
        """End the connection; return the alert to send."""
        if self.state == "connected":
            with suppress(SSL.Error):
                self._connection.shutdown()
        self.state = "closed"
        self.repeat_at = NEVER
        return self._outgoing()

    def _finish(self) -> None:
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        profile = self._profile()
        if certificate is None or profile is None or not self._expected(certificate):
            self.state = "closed"
            return
        size = 2 * (profile.key + profile.salt)
        self.srtp = Srtp(profile, self._connection.export_keying_material(b"EXTRACTOR-dtls_srtp", size))
        self.state = "connected"

    def _profile(self) -> Profile | None:
        chosen = self._connection.get_selected_srtp_profile()
        return next((profile for profile in PROFILES if profile.name == chosen), None)

    def _expected(self, certificate: x509.Certificate) -> bool:
        return any(
            algorithm in _HASHES and fingerprint(certificate, algorithm) == value
            for algorithm, value in self._fingerprints.items()
        )

    def _outgoing(self) -> list[bytes]:
        """Return what OpenSSL wrote. Its buffer has lost the datagrams' bounds, so records are packed anew."""
        try:
            written = self._connection.bio_read(65_536)
        except SSL.Error:
            return []
        datagrams, start, position = [], 0, 0
        while position + _RECORD_HEADER <= len(written):
            end = position + _RECORD_HEADER + int.from_bytes(written[position + 11 : position + 13])
            if end - start > MTU and position > start:
                datagrams.append(written[start:position])
                start = position
            position = end
        return [*datagrams, written[start:]]
