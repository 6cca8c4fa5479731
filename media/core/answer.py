"""The answer to an offer: ICE-lite, DTLS-passive, bundled, with every candidate and every SSRC in it.

Written here and not by aiortc, whose writer knows neither reduced-size RTCP nor sources without tracks. Out-slots become
`recvonly`, in-slots `sendonly` with the SSRCs that this connection keeps for its whole life.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media.core.rtp import URIS, Extension
from media.core.sdp import Offer, Section

START_BPS = 900_000
"""What a camera begins with: the estimate climbs from here, and falls within a second on a line that cannot carry it."""

FROM_PUBLISHER = frozenset(Extension)
"""What publishers may send us: everything understood."""

TO_RECEIVER = frozenset({Extension.ABS_SEND_TIME, Extension.AUDIO_LEVEL})
"""What receivers get. The rest names transports and sections that are not theirs."""

_URIS = {extension: uri for uri, extension in URIS.items()}

_FEEDBACK = {
    ("audio", "out"): ("transport-cc", "nack"),
    # Chromium does not offer it, but asks for lost sound when it is answered: 0.2 % concealment instead of 4 % at 5 % loss.
    ("audio", "in"): ("nack",),
    ("video", "out"): ("transport-cc", "goog-remb", "ccm fir", "nack", "nack pli"),
    # No transport-cc: the browser then estimates its downlink itself and says so by REMB.
    ("video", "in"): ("goog-remb", "ccm fir", "nack", "nack pli"),
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """The SSRCs of one in-slot; `rtx_ssrc` is 0 for sound."""

    ssrc: int
    rtx_ssrc: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The server's end of the connection."""

    session: int
    ufrag: str
    password: str
    fingerprint: str
    candidates: Sequence[tuple[str, int]]


def write_answer(offer: Offer, endpoint: Endpoint, assignments: Mapping[str, Assignment], max_video_bps: int) -> str:
    """Return the SDP text; `assignments` go by the name of the in-slot."""
    lines = [
        "v=0",
        f"o=- {endpoint.session} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(section.mid for section in offer.sections),
        "a=msid-semantic: WMS *",
    ]
    for section in offer.sections:
        lines += _transport(section, endpoint)
        if section.slot.direction == "out":
            lines += _out(section, offer, max_video_bps)
        else:
            lines += _in(section, offer, assignments[section.slot.name])
    return "\r\n".join(lines) + "\r\n"


def cname(slot: str) -> str:
    """Return the name of the stream that an in-slot belongs to: `voice3` and `face3` play in step, as `seat3`."""
    return slot.replace("voice", "seat").replace("face", "seat")


def _transport(section: Section, endpoint: Endpoint) -> list[str]:
    types = f"{section.payload_type} {section.rtx_type}" if section.rtx_type else f"{section.payload_type}"
    lines = [
        f"m={section.slot.kind} 9 UDP/TLS/RTP/SAVPF {types}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        f"a=ice-ufrag:{endpoint.ufrag}",
        f"a=ice-pwd:{endpoint.password}",
        f"a=fingerprint:sha-256 {endpoint.fingerprint}",
        "a=setup:passive",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    for number, (host, port) in enumerate(endpoint.candidates):
        priority = 126 << 24 | 65535 - number << 8 | 255  # RFC 8445, section 5.1.2.1
        lines.append(f"a=candidate:{number + 1} 1 udp {priority} {host} {port} typ host")
    return [*lines, "a=end-of-candidates"]


def _codec(section: Section, *more: str) -> list[str]:
    number = section.payload_type
    lines = [f"a=rtpmap:{number} {section.codec.name}"]
    lines += [f"a=rtcp-fb:{number} {kind}" for kind in _FEEDBACK[section.slot.kind, section.slot.direction]]
    parameters = ";".join(it for it in (section.codec.parameters, *more) if it)
    lines += [f"a=fmtp:{number} {parameters}"] if parameters else []
    if section.rtx_type:
        lines += [f"a=rtpmap:{section.rtx_type} rtx/90000", f"a=fmtp:{section.rtx_type} apt={number}"]
    return lines


def _extensions(section: Section, offer: Offer, allowed: frozenset[Extension]) -> list[str]:
    chosen = sorted(section.extensions & allowed)
    return [f"a=extmap:{offer.extension_ids[extension]} {_URIS[extension]}" for extension in chosen]


def _out(section: Section, offer: Offer, max_video_bps: int) -> list[str]:
    lines = ["a=recvonly", *_extensions(section, offer, FROM_PUBLISHER)]
    if section.slot.kind == "audio":
        return lines + _codec(section)
    lines.insert(0, f"b=TIAS:{max_video_bps}")
    start = min(START_BPS, max_video_bps) // 1000
    return lines + _codec(section, f"x-google-start-bitrate={start};x-google-max-bitrate={max_video_bps // 1000}")


def _in(section: Section, offer: Offer, assignment: Assignment) -> list[str]:
    stream = cname(section.slot.name)
    lines = ["a=sendonly", f"a=msid:{stream} {section.slot.name}", *_extensions(section, offer, TO_RECEIVER)]
    lines += _codec(section)
    if not assignment.rtx_ssrc:
        return [*lines, f"a=ssrc:{assignment.ssrc} cname:{stream}"]
    # The order matters: Chromium takes the first source named for the picture's own.
    return [
        *lines,
        f"a=ssrc-group:FID {assignment.ssrc} {assignment.rtx_ssrc}",
        f"a=ssrc:{assignment.ssrc} cname:{stream}",
        f"a=ssrc:{assignment.rtx_ssrc} cname:{stream}",
    ]
