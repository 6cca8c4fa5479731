"""A browser on paper: offers, checks, shakes hands and sends like Chromium, in virtual time and without a socket."""

from typing import Any

from aioice import stun
from cryptography.hazmat.primitives import hashes
from OpenSSL import SSL
from pylibsrtp import Error, Policy, Session

from media.core import rtcp
from media.core.dtls import Identity
from media.core.io import Address
from media.core.rtcp import Block
from media.core.worker import Limits, Worker
from rvw.clock import Instant
from rvw.protocol.media import LAYOUT, Bind, Binding, Join

EXTENSIONS = {
    "urn:ietf:params:rtp-hdrext:sdes:mid": 4,
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01": 3,
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time": 2,
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level": 1,
    "urn:3gpp:video-orientation": 13,
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay": 5,
}
OPUS, VP8, RTX = 111, 96, 97
START: Instant = 1_800_000_000.0

_IDENTITY = Identity(START, lambda size: bytes(range(size)))
_CIPHERS = b"ECDHE-ECDSA-AES128-GCM-SHA256"


class Entropy:
    """Bytes that differ from call to call and not from run to run."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, size: int) -> bytes:
        self._calls += 1
        digest = hashes.Hash(hashes.SHA512())
        digest.update(self._calls.to_bytes(8))
        return digest.finalize()[:size]


def make_worker(**limits: Any) -> Worker:
    """Return a worker of the usual size."""
    chosen: dict[str, Any] = {"codecs": ("VP8",), "max_peers": 10, "consent_s": 10.0, "max_video_bps": 2_500_000}
    return Worker(Limits(**chosen | limits), (("192.0.2.1", 40000),), Entropy(), START)


PARAMETERS = {
    "VP8": "",
    "H264": "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "VP9": "a=fmtp:96 profile-id=0",
    "AV1": "a=fmtp:96 level-idx=5;profile=0;tier=0",
}


def offer(fingerprint: str, extensions: dict[str, int] | None = None, first_ssrc: int = 1000, codec: str = "VP8") -> str:
    """Return an offer with the sections of `LAYOUT`, as Chromium writes it where it matters."""
    ids = EXTENSIONS if extensions is None else extensions
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(str(number) for number in range(len(LAYOUT))))
    for number, slot in enumerate(LAYOUT):
        audio = slot.kind == "audio"
        lines += [f"m={slot.kind} 9 UDP/TLS/RTP/SAVPF {'111' if audio else '96 97'}", "c=IN IP4 0.0.0.0"]
        lines += ["a=ice-ufrag:theirs", "a=ice-pwd:theirpasswordtheirpassword", f"a=fingerprint:sha-256 {fingerprint}"]
        lines += ["a=setup:actpass", f"a=mid:{number}", "a=rtcp-mux", "a=rtcp-rsize"]
        lines += ["a=sendonly" if slot.direction == "out" else "a=recvonly"]
        lines += [f"a=extmap:{number} {uri}" for uri, number in ids.items()]
        lines += ["a=rtpmap:111 opus/48000/2"] if audio else [f"a=rtpmap:96 {codec}/90000", "a=rtpmap:97 rtx/90000"]
        lines += [] if audio else ["a=fmtp:97 apt=96"]
        lines += [PARAMETERS[codec]] if PARAMETERS[codec] and not audio else []
        if slot.direction == "out":
            ssrc = first_ssrc + 10 * number
            lines += [] if audio else [f"a=ssrc-group:FID {ssrc} {ssrc + 1}"]
            lines += [f"a=ssrc:{ssrc} cname:them"] + ([] if audio else [f"a=ssrc:{ssrc + 1} cname:them"])
    return "\r\n".join(lines) + "\r\n"


def offer_text(first_ssrc: int = 1000, codec: str = "VP8") -> str:
    """Return an offer with the fingerprint of every `Browser`."""
    return offer(_IDENTITY.fingerprint, None, first_ssrc, codec)


class Browser:
    """One peer. `now` is moved by the test; whatever the worker sends it is kept in `rtp` and `rtcp`."""

    def __init__(
        self, worker: Worker, name: str, port: int, extensions: dict[str, int] | None = None, codec: str = "VP8"
    ) -> None:
        self.worker = worker
        self.name = name
        self.codec = codec
        self.address: Address = ("198.51.100.7", port)
        self.extensions = EXTENSIONS if extensions is None else extensions
        self.rtp: list[bytes] = []
        self.rtcp: list[Block] = []
        self.first_ssrc = port * 100
        self.transport_sequence = 0

    def join(self, now: Instant = START) -> None:
        """Offer, and read the answer."""
        text = offer(_IDENTITY.fingerprint, self.extensions, self.first_ssrc, self.codec)
        self.answer = self.worker.join(Join(self.name, text), now).answer
        self.ufrag = self._line("a=ice-ufrag:")
        self.password = self._line("a=ice-pwd:")
        self._transmit: Session | None = None
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        _lend_certificate(context)
        self._dtls = SSL.Connection(context, None)
        self._dtls.set_connect_state()
        self._dtls.set_ciphertext_mtu(1200)

    def connect(self, now: Instant = START) -> None:
        """Join, check, and shake hands."""
        self.join(now)
        self.check(now)
        self._shake(now)
        assert self._transmit is not None

    def check(self, now: Instant, password: str = "", address: Address | None = None, ufrag: str = "") -> bool:
        """Send a connectivity check. True when it was answered."""
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, b"0123456789ab")
        message.attributes["USERNAME"] = f"{ufrag or self.ufrag}:theirs"
        message.attributes["PRIORITY"] = 1
        message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or self.password).encode())
        self.worker.receive(bytes(message), address or self.address, now)
        answered = [data for data, to in self.worker.output.take_datagrams() if data[0] == 1]
        return bool(answered)

    def send(self, packet: bytes, now: Instant) -> None:
        """Send an RTP packet."""
        assert self._transmit is not None
        self.worker.receive(self._transmit.protect(packet), self.address, now)

    def send_rtcp(self, packet: bytes, now: Instant) -> None:
        """Send an RTCP packet."""
        assert self._transmit is not None
        self.worker.receive(self._transmit.protect_rtcp(packet), self.address, now)

    def take(self, datagrams: list[tuple[bytes, Address]]) -> None:
        """Decrypt those datagrams that are for this browser."""
        for data, address in datagrams:
            if address == self.address and 128 <= data[0] <= 191:
                if 192 <= data[1] <= 223:
                    self.rtcp += rtcp.split(self._receive.unprotect_rtcp(data))
                else:
                    self._take_rtp(data)

    def _take_rtp(self, data: bytes) -> None:
        try:
            self.rtp.append(self._receive.unprotect(data))
        except Error:  # a repeat of what was there: the network may double packets
            self.rtp.append(b"")

    def ssrc(self, section: int, rtx: bool = False) -> int:
        """Return the SSRC that the answer gave to the section of `LAYOUT`."""
        lines = self.answer.split("m=")[section + 1].splitlines()
        sources = [int(line.split()[0].removeprefix("a=ssrc:")) for line in lines if line.startswith("a=ssrc:")]
        return sources[int(rtx)]

    def of(self, section: int, rtx: bool = False) -> list[bytes]:
        """Return the RTP packets received in that section."""
        ssrc = self.ssrc(section, rtx).to_bytes(4)
        return [packet for packet in self.rtp if packet[8:12] == ssrc]

    def blocks(self, kind: int, form: int | None = None) -> list[Block]:
        """Return the RTCP blocks received of that kind."""
        return [block for block in self.rtcp if block.kind == kind and form in (None, block.format)]

    def _line(self, prefix: str) -> str:
        return next(line for line in self.answer.splitlines() if line.startswith(prefix)).removeprefix(prefix)

    def _shake(self, now: Instant) -> None:
        for _ in range(10):
            try:
                self._dtls.do_handshake()
            except SSL.WantReadError:
                self._exchange(now)
                continue
            self._exchange(now)
            break
        material = self._dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", 56)
        ours, theirs = material[0:16] + material[32:44], material[16:32] + material[44:56]
        profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
        assert self._dtls.get_selected_srtp_profile() == b"SRTP_AEAD_AES_128_GCM"
        outbound = Policy(ours, Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        outbound.window_size = 1024
        outbound.allow_repeat_tx = True
        inbound = Policy(theirs, Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        inbound.window_size = 1024
        self._transmit, self._receive = Session(outbound), Session(inbound)

    def _exchange(self, now: Instant) -> None:
        try:
            flight = self._dtls.bio_read(65536)
        except SSL.WantReadError:
            flight = b""
        if flight:
            self.worker.receive(flight, self.address, now)
        for data, address in self.worker.output.take_datagrams():
            if address == self.address and 20 <= data[0] <= 63:
                self._dtls.bio_write(data)


def _lend_certificate(context: SSL.Context) -> None:
    context.set_verify(SSL.VERIFY_NONE)
    context.use_certificate(_IDENTITY.certificate)
    context.use_privatekey(_IDENTITY.key)
    context.set_cipher_list(_CIPHERS)
    context.set_tlsext_use_srtp(b"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80")


def goodbye(browser: Browser, now: Instant) -> None:
    """Close DTLS, as a page that goes away does."""
    browser._dtls.shutdown()
    browser.worker.receive(browser._dtls.bio_read(65536), browser.address, now)


def packet(  # the fields of RFC 3550, section 5.1, and of the extensions
    ssrc: int,
    sequence: int,
    timestamp: int,
    payload: bytes,
    payload_type: int = VP8,
    marker: int = 0,
    extensions: tuple[tuple[int, bytes], ...] = (),
) -> bytes:
    """Return an RTP packet with one-byte header extensions."""
    block = b"".join(bytes((number << 4 | len(value) - 1,)) + value for number, value in extensions)
    block += bytes(-len(block) % 4)
    head = bytes((0x90 if block else 0x80, marker << 7 | payload_type)) + (sequence & 0xFFFF).to_bytes(2)
    head += (timestamp & 0xFFFFFFFF).to_bytes(4) + ssrc.to_bytes(4)
    if block:
        head += b"\xbe\xde" + (len(block) // 4).to_bytes(2) + block
    return head + payload


def picture(number: int, key: bool = False, size: int = 100, codec: str = "VP8") -> bytes:
    """Return a payload that is the start of a frame; with a 15-bit picture id where the codec has one."""
    counter = (0x8000 | number & 0x7FFF).to_bytes(2)
    match codec:
        case "VP9":
            return (b"\xa8" if key else b"\xe8") + counter + bytes((0, number & 0xFF)) + bytes(size)
        case "H264":
            return (b"\x78\x00\x04\x67\x42\xe0\x1f" if key else b"\x61\x9a") + bytes(size)
        case "AV1":
            return (b"\x18" if key else b"\x10") + bytes(size)
    return b"\x90\x80" + (0x8000 | number & 0x7FFF).to_bytes(2) + bytes((0 if key else 1,)) + bytes(size)


def bound(source: str, out: str, target: str, into: str) -> Binding:
    """Return a binding."""
    return Binding(source, out, target, into)


def bind(worker: Worker, version: int, *bindings: Binding, room: str = "r", now: Instant = START) -> int:
    """Bind, and return the version that holds."""
    return worker.bind(Bind(room, version, bindings), now).version


def deliver(worker: Worker, *browsers: Browser) -> None:
    """Hand what the worker wants sent to the browsers."""
    datagrams = worker.output.take_datagrams()
    for browser in browsers:
        browser.take(datagrams)


def run(worker: Worker, until: Instant, *browsers: Browser) -> None:
    """Let the worker's timers go by up to `until`."""
    while (at := worker.wake_at()) <= until:
        worker.tick(at)
        deliver(worker, *browsers)
